"""Receipts: complete, provable, valid by their schema, and for nobody else's eyes."""

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from importlib import resources
from typing import Any

import jsonschema
import pytest
import rfc8785
import time_machine
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.consent import actions as consent
from annotator.consent.about import actions as about
from annotator.consent.models import ConsentEvent, PersonalChoice
from annotator.consent.receipts import queries, rules
from annotator.consent.receipts.rules import DPV, Party
from annotator.consent.wordings import actions as wordings
from annotator.errors import NotFound
from annotator.ledger import actions as ledger
from annotator.ledger.models import LedgerEntry, LedgerPayload
from annotator.permissions import OPERATOR
from annotator.rights import actions as rights
from tests.makers import a_person
from tests.pages import Visitor
from tests.script import Script
from tests.stories import World, a_contributor, a_world, actor_of

SCHEMA = json.loads((resources.files("annotator.consent") / "schema" / "receipt.schema.json").read_bytes())
PARTY = Party(
    "The Test Collective", "rights@example.org", "Testland", "http://localhost", timedelta(hours=72), timedelta(days=7)
)


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


@pytest.fixture
def person(session: Session, world: World) -> Person:
    return a_contributor(session, world.language, attribution="handle")


@pytest.fixture
def later(person: Person) -> Iterator[time_machine.Traveller]:
    """Give a clock that stands still until it is moved, an hour after the person decided."""
    assert person
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False) as clocks:
        yield clocks


def valid(found: dict[str, Any]) -> dict[str, Any]:
    """Return the receipt after holding it against the schema and checking its proof as anybody can."""
    found = json.loads(json.dumps(found))
    jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(found)
    proof, entry = found["proof"], found["ledger_entry"]
    committed = hashlib.sha256(bytes.fromhex(proof["salt"]) + rfc8785.dumps(proof["payload"])).hexdigest()
    assert committed == proof["commitment"] == entry["commitment"]
    assert hashlib.sha256(rfc8785.dumps(entry)).hexdigest() == found["ledger_hash"]
    return found


def states(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what happened, and through whom."""
    return [(event["event_state"].removeprefix(f"{DPV}Consent"), event["entity"]) for event in found["events"]]


def newest(session: Session, person: Person) -> dict[str, Any]:
    """Return the newest receipt of a person."""
    return valid(queries.receipt(session, person.id, queries.listed(session, person.id)[0].seq, PARTY))


def test_the_schema_is_one_and_allows_nothing_unknown() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["additionalProperties"] is False


def test_a_receipt_of_consent_says_everything(session: Session, person: Person) -> None:
    found = newest(session, person)
    terms = next(notice for notice in found["privacy_notices"] if notice["kind"] == "terms")
    event = session.scalars(select(ConsentEvent)).one()
    assert (terms["sha256"], terms["language"], terms["counts"]) == (event.document.sha256, "en", True)
    assert {notice["kind"] for notice in found["privacy_notices"]} == {"terms", "privacy", "gated-terms"}
    assert {one["purpose"]: one["granted"] for one in found["purposes"]} == {
        "publish": "open", "derive": True, "train": True, "evaluate": True, "research": True, "commercial": True,
        "attribution": "handle",
    }  # fmt: skip
    assert found["pii_controllers"][0]["party_name"] == "The Test Collective"
    assert found["jurisdictions"] == ["Testland"]
    assert found["recipients"] == ["everybody"]
    assert found["retention"]["undo"] == "PT72H"
    assert "handle" in found["pii_categories"]
    assert states(found) == [("Given", "data subject")]
    entry = session.get_one(LedgerEntry, event.ledger_seq)
    assert (found["ledger_seq"], found["ledger_hash"]) == (entry.seq, entry.hash)


def test_a_receipt_that_was_changed_fails_its_proof(session: Session, person: Person) -> None:
    found = newest(session, person)
    found["proof"]["payload"]["preset"] = "practice"
    with pytest.raises(AssertionError):
        valid(found)


def test_nothing_allowed_is_refused_first_and_withdrawn_later(
    session: Session, world: World, person: Person, later: time_machine.Traveller
) -> None:
    refusing = a_contributor(session, world.language, preset="practice")
    assert states(newest(session, refusing)) == [("Refused", "data subject")]
    later.shift(60)
    consent.decide(session, actor=actor_of(session, person), preset="practice", attribution="none")
    assert states(newest(session, person)) == [("Withdrawn", "data subject")]
    first = queries.listed(session, person.id)[-1]
    found = valid(queries.receipt(session, person.id, first.seq, PARTY))
    assert states(found) == [("Given", "data subject"), ("Withdrawn", "data subject")]


def test_what_a_choice_leaves_open_is_not_taken_back_by_it(
    session: Session, person: Person, later: time_machine.Traveller
) -> None:
    def chooses(**chosen: object) -> list[tuple[str, str]]:
        later.shift(60)
        consent.decide(session, actor=actor_of(session, person), preset="custom", attribution="none", rights=chosen)
        return states(newest(session, person))

    assert chooses(publish="open") == [("Given", "data subject")], "it allows more than before, and denies nothing"
    assert chooses(commercial=False) == [("Given", "data subject")]
    assert chooses(train=False, evaluate=False, research=False) == [("Withdrawn", "data subject")], "for no use at all"
    first = queries.listed(session, person.id)[-1]
    found = valid(queries.receipt(session, person.id, first.seq, PARTY))
    assert states(found) == [("Given", "data subject"), ("Withdrawn", "data subject")]


def test_a_choice_for_a_text_ends_with_its_language(
    session: Session, world: World, person: Person, later: time_machine.Traveller
) -> None:
    actor, text = actor_of(session, person), world.writes(person)
    later.shift(60)
    consent.decide(session, actor=actor, preset="open", attribution="none", annotation_id=text.id)
    given = queries.listed(session, person.id)[0].seq
    later.shift(60)
    consent.decide(session, actor=actor, preset="practice", attribution="none", language=world.language)
    found = valid(queries.receipt(session, person.id, given, PARTY))
    assert states(found) == [("Given", "data subject"), ("Withdrawn", "data subject")]
    everything = queries.listed(session, person.id)[-1].seq
    found = valid(queries.receipt(session, person.id, everything, PARTY))
    assert states(found) == [("Given", "data subject")], "a language is not everything"


def test_a_receipt_names_the_version_that_was_read_also_when_the_next_has_the_same_text(
    session: Session, world: World, person: Person, later: time_machine.Traveller
) -> None:
    terms = session.scalars(select(ConsentEvent)).one().document
    later.shift(60)
    again = consent.adopt(
        session, actor=OPERATOR, kind="terms", version=terms.version + 1, language=terms.language, title="T",
        body=terms.body, authoritative=True,
    )  # fmt: skip
    assert again.sha256 == terms.sha256
    (notice,) = [one for one in newest(session, person)["privacy_notices"] if one["kind"] == "terms"]
    assert notice["version"] == terms.version
    later.shift(60)
    other = a_contributor(session, world.language)
    (notice,) = [one for one in newest(session, other)["privacy_notices"] if one["kind"] == "terms"]
    assert notice["version"] == again.version


def test_an_end_that_has_come_is_told(session: Session, person: Person, later: time_machine.Traveller) -> None:
    end = clock.now() + timedelta(days=1)
    consent.decide(session, actor=actor_of(session, person), preset="open", attribution="none", expires_at=end)
    assert states(newest(session, person)) == [("Given", "data subject")]
    later.shift(timedelta(days=2))
    assert states(newest(session, person)) == [("Given", "data subject"), ("Expired", "time")]


def test_a_wrong_translation_is_told(session: Session, world: World, later: time_machine.Traveller) -> None:
    facts: dict[str, Any] = {"kind": "terms", "version": 1, "language": "ar", "title": "ش", "body": "نص"}
    document = consent.adopt(session, actor=OPERATOR, **facts, authoritative=False)
    reader = a_contributor(session, world.language, preset=None)
    consent.decide(
        session, actor=actor_of(session, reader), preset="open", attribution="none", adult=True, wording="ar"
    )
    later.shift(60)
    wordings.mark_wrong(session, actor=OPERATOR, document=document, reason="R")
    found = newest(session, reader)
    assert states(found) == [("Given", "data subject"), ("Revoked", "controller")]
    assert [n["counts"] for n in found["privacy_notices"] if n["kind"] == "terms"] == [True, False]


def test_personal_choices_have_receipts_without_their_values(
    session: Session, person: Person, later: time_machine.Traveller
) -> None:
    actor = actor_of(session, person)
    about.choose(session, actor=actor, levels={"country": "row"}, values={"country": "NG"})
    found = newest(session, person)
    assert found["purposes"] == [{"purpose": "country", "granted": "row", "lawful_basis": f"{DPV}Consent"}]
    assert [notice["kind"] for notice in found["privacy_notices"]] == ["privacy"]
    assert "NG" not in json.dumps(found)
    given = found["ledger_seq"]
    later.shift(60)
    about.choose(session, actor=actor, levels={"country": "none"})
    assert states(newest(session, person)) == [("Withdrawn", "data subject")]
    assert states(valid(queries.receipt(session, person.id, given, PARTY)))[1] == ("Withdrawn", "data subject")
    assert len(session.scalars(select(PersonalChoice)).all()) == 2


def test_taking_texts_back_has_a_receipt(session: Session, world: World, person: Person) -> None:
    text = world.writes(person)
    rights.withdraw(session, actor=actor_of(session, person), person=person, annotation=text)
    assert states(newest(session, person)) == [("Withdrawn", "data subject")]


@pytest.mark.parametrize("type_", rules.TYPES)
def test_every_kind_of_entry_has_words(type_: str, client: Visitor) -> None:
    assert client
    from annotator.consent.receipts.views import STATE_WORDS, TYPE_WORDS  # noqa: PLC0415  # Flask is slow to import

    assert TYPE_WORDS[type_]
    assert set(STATE_WORDS) == set(SCHEMA["properties"]["events"]["items"]["properties"]["event_state"]["enum"])


def test_only_its_person_reads_a_receipt(session: Session, person: Person, client: Visitor) -> None:
    seq = queries.listed(session, person.id)[0].seq
    other = a_person(session)
    with pytest.raises(NotFound):
        queries.receipt(session, other.id, seq, PARTY)
    client.sign_in(other)
    client.visit(f"/receipts/{seq}", status=404)
    assert client.get(f"/receipts/{seq}.json").status_code == 404
    Script.of(client, session, other).get(f"/receipts/{seq}", status=404)
    with client.session_transaction() as cookie:
        cookie.clear()
    assert client.get(f"/receipts/{seq}").status_code in {302, 303, 401}


def test_other_entries_and_erased_ones_have_none(session: Session, person: Person) -> None:
    entry = ledger.append(session, type="role.granted", payload={"role": "maintainer"}, person_id=person.id)
    with pytest.raises(NotFound):
        queries.receipt(session, person.id, entry.seq, PARTY)
    seq = queries.listed(session, person.id)[0].seq
    session.execute(delete(LedgerPayload).where(LedgerPayload.seq == seq))
    session.expire_all()
    with pytest.raises(NotFound):
        queries.receipt(session, person.id, seq, PARTY)
    assert queries.listed(session, person.id) == []


def test_the_page_of_each_kind_says_what_was_decided(
    session: Session, world: World, person: Person, client: Visitor
) -> None:
    about.choose(session, actor=actor_of(session, person), levels={"country": "row"}, values={"country": "NG"})
    rights.withdraw(session, actor=actor_of(session, person), person=person, annotation=world.writes(person))
    client.sign_in(person)
    told = {one.type: client.visit(f"/receipts/{one.seq}").text for one in queries.listed(session, person.id)}
    assert "My countryBeside my texts" in told["personal.chosen"]
    assert "taken back by me" in told["text.withdrawn"]
    assert "Nigeria" not in told["personal.chosen"]


def test_the_page_the_file_and_the_api_say_the_same(session: Session, person: Person, client: Visitor) -> None:
    client.sign_in(person)
    page = client.visit("/consent")
    seq = queries.listed(session, person.id)[0].seq
    assert page.root.one("a", href=f"/receipts/{seq}")
    page = client.visit(f"/receipts/{seq}")
    decided = page.root.one("section", aria_labelledby="decided").text
    assert "Others may train models with ityes" in decided
    assert "CreditBy my handle" in decided
    shown = json.loads(page.root.one("pre").raw_text)
    valid(shown)
    assert shown["pii_controllers"][0]["party_contact"] == "rights@example.org"
    assert client.get(f"/receipts/{seq}.json").json == shown
    assert client.get("/receipts/schema.json").json == SCHEMA
    script = Script.of(client, session, person)
    assert script.get(f"/receipts/{seq}", status=200).json == shown
    (line,) = script.get("/receipts", status=200).json["receipts"]
    assert (line["ledger_seq"], line["type"]) == (seq, "consent.given")
