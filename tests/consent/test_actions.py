"""Adopting documents and deciding: what is recorded, and what is refused with which code."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.audit.models import AuditEvent
from annotator.consent import actions, queries
from annotator.consent.models import ConsentEvent, Document
from annotator.consent.rules import EVERYTHING, NOTHING, PRESETS
from annotator.errors import Conflict, DomainError, Forbidden, Invalid
from annotator.ledger import queries as ledger
from annotator.ledger.models import LedgerEntry, LedgerPayload
from annotator.permissions import OPERATOR, VISITOR, Actor
from tests.makers import a_language, a_person

ANSWERS: dict[str, Any] = {"preset": "open", "attribution": "handle", "adult": True}
ALL_SIX = {
    "publish": "gated", "derive": False, "train": True, "evaluate": True, "research": False, "commercial": False,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _documents(session: Session) -> None:
    actions.load_seed_documents(session, OPERATOR)


@pytest.fixture
def person(session: Session) -> Person:
    """Return somebody who has decided nothing yet."""
    return a_person(session, adult_confirmed_at=None)


def decide(session: Session, person: Person, **answers: Any) -> ConsentEvent:  # noqa: ANN401  # any answer
    """Decide as the person."""
    return actions.decide(session, actor=Actor(person_id=person.id), **{**ANSWERS, **answers})


def new_version(session: Session, **changes: Any) -> Document:  # noqa: ANN401  # facts of a document
    """Adopt terms 2."""
    facts = {"kind": "terms", "version": 2, "language": "en", "title": "Terms", "body": "New.", "authoritative": True}
    return actions.adopt(session, actor=OPERATOR, **{**facts, **changes})


def refusal(call: Any, *arguments: Any, **named: Any) -> DomainError:  # noqa: ANN401  # any action
    """Return how the action refuses."""
    with pytest.raises(DomainError) as caught:
        call(*arguments, **named)
    return caught.value


# Documents


def test_a_document_is_stored_with_the_sha256_of_its_body_and_noted_in_the_ledger(session: Session) -> None:
    body = "Ẹ kú àbọ̀.\n"
    document = new_version(session, body=body)
    expected = hashlib.sha256(body.encode("utf-8")).hexdigest()
    assert (document.body, document.sha256) == (body, expected)
    entry = session.scalars(select(LedgerEntry).order_by(LedgerEntry.seq.desc()).limit(1)).one()
    assert (entry.type, entry.document_sha256, entry.subject_ref) == ("document.adopted", expected, None)
    assert ledger.verify(session).broken_at is None


def test_adopting_the_same_again_changes_nothing(session: Session) -> None:
    first = new_version(session)
    head = ledger.head(session)
    assert new_version(session) is first
    assert ledger.head(session) == head


@pytest.mark.parametrize(
    ("changes", "kind_of_error", "code"),
    [
        ({"version": 1}, Conflict, "document_immutable"),
        ({"version": 1, "language": "fr"}, Conflict, "document_two_originals"),
        ({"version": 0}, Invalid, "document_version_old"),
        ({"version": 3, "language": "fr", "authoritative": False}, Invalid, "document_no_original"),
        ({"body": " \n"}, Invalid, "document_empty"),
        ({"title": " "}, Invalid, "document_empty"),
        ({"language": ""}, Invalid, "document_empty"),
        ({"kind": "other"}, Invalid, "document_kind"),
    ],
)
def test_a_document_that_does_not_fit_is_refused(
    session: Session, changes: dict[str, Any], kind_of_error: type[DomainError], code: str
) -> None:
    error = refusal(new_version, session, **changes)
    assert (type(error), error.code) == (kind_of_error, code)


@pytest.mark.parametrize("actor", [VISITOR, Actor(person_id=1), Actor(person_id=1, ambassador_of=frozenset({1}))])
def test_only_stewards_adopt_documents(session: Session, actor: Actor) -> None:
    facts = {"kind": "terms", "version": 2, "language": "en", "title": "T", "body": "B", "authoritative": True}
    assert isinstance(refusal(actions.adopt, session, actor=actor, **facts), Forbidden)
    assert isinstance(refusal(actions.load_seed_documents, session, actor), Forbidden)


def test_the_seed_documents_are_loaded_once(session: Session) -> None:
    found = session.scalars(select(Document).order_by(Document.kind)).all()
    assert [(d.kind, d.version, d.language, d.authoritative) for d in found] == [
        ("gated-terms", 1, "en", True),
        ("privacy", 1, "en", True),
        ("terms", 1, "en", True),
    ]
    assert actions.load_seed_documents(session, OPERATOR) == []


# Deciding


@pytest.mark.parametrize("preset", PRESETS)
def test_a_decision_is_recorded_with_its_rights_its_document_and_its_place_in_the_ledger(
    session: Session, person: Person, preset: str
) -> None:
    event = decide(session, person, preset=preset)
    terms = queries.current_document(session, "terms")
    stored = session.get_one(ConsentEvent, event.id)
    assert {name: getattr(stored, name) for name in EVERYTHING.as_dict()} == PRESETS[preset].as_dict()
    assert (stored.person_id, stored.preset, stored.attribution) == (person.id, preset, "handle")
    assert (stored.document_id, stored.language_id, stored.annotation_id) == (terms.id, None, None)
    entry = session.get_one(LedgerEntry, stored.ledger_seq)
    assert (entry.type, entry.document_sha256) == ("consent.given", terms.sha256)
    kept = session.get_one(LedgerPayload, stored.ledger_seq)
    assert kept.person_id == person.id
    assert kept.payload["choices"] == {**PRESETS[preset].as_dict(), "attribution": "handle"}
    assert set(kept.payload["documents"]) == {"terms", "privacy", "gated-terms"}
    assert ledger.verify(session).broken_at is None


def test_the_ledger_holds_no_name(session: Session, person: Person) -> None:
    event = decide(session, person, attribution="named", credit_name="Ifẹ́olúwa Adé")
    assert "Ade" not in str(session.get_one(LedgerPayload, event.ledger_seq).payload)
    assert person.credit_name == "Ifẹ́olúwa Adé"


def test_a_decision_is_in_the_audit_log(session: Session, person: Person) -> None:
    event = decide(session, person)
    line = session.scalars(select(AuditEvent).where(AuditEvent.action == "consent.decided")).one()
    assert (line.actor, line.object_kind, line.object_id) == (f"person:{person.id}", "consent_event", event.id)


def test_the_second_decision_changes_the_first(session: Session, person: Person) -> None:
    decide(session, person)
    event = decide(session, person, preset="gated", adult=False)
    assert session.get_one(LedgerEntry, event.ledger_seq).type == "consent.changed"


def test_being_an_adult_is_noted_once(session: Session, person: Person) -> None:
    with time_machine.travel(datetime(2041, 3, 1, tzinfo=UTC), tick=False):
        decide(session, person)
    decide(session, person)
    assert person.adult_confirmed_at == datetime(2041, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"preset": ""}, "consent_preset_missing"),
        ({"preset": "everything"}, "consent_preset_missing"),
        ({"attribution": None}, "consent_attribution_missing"),
        ({"attribution": "loudly"}, "consent_attribution_missing"),
        ({"attribution": "named"}, "credit_name_missing"),
        ({"attribution": "named", "credit_name": " \u0007 "}, "credit_name_missing"),
        ({"attribution": "named", "credit_name": "\u200d \u202e"}, "credit_name_missing"),
        ({"attribution": "named", "credit_name": "x" * 121}, "credit_name_too_long"),
        ({"adult": False}, "consent_adult_missing"),
        ({"expires_at": datetime(2026, 1, 1, tzinfo=UTC)}, "consent_expiry_past"),
        ({"preset": "custom"}, "consent_rights_missing"),
        ({"preset": "custom", "rights": {"train": True}}, "consent_rights_missing"),
        ({"preset": "custom", "rights": {**ALL_SIX, "publish": None}}, "consent_rights_missing"),
        ({"preset": "custom", "rights": {**ALL_SIX, "publish": "everywhere"}}, "consent_right_unknown"),
        ({"preset": "custom", "rights": {**ALL_SIX, "sell": True}}, "consent_right_unknown"),
        ({"annotation_id": 1}, "consent_scope_too_early"),
    ],
)
def test_a_first_decision_that_is_not_complete_is_refused(
    session: Session, person: Person, answers: dict[str, Any], code: str
) -> None:
    head = ledger.head(session)
    assert refusal(decide, session, person, **answers).code == code
    assert session.scalars(select(ConsentEvent)).all() == []
    assert ledger.head(session) == head
    assert (person.adult_confirmed_at, person.credit_name) == (None, None)


def test_a_language_before_a_general_decision_is_refused(session: Session, person: Person) -> None:
    error = refusal(decide, session, person, language=a_language(session))
    assert (type(error), error.code) == (Conflict, "consent_scope_too_early")


@pytest.mark.parametrize("actor", [VISITOR, OPERATOR])
def test_nobody_decides_for_another(session: Session, actor: Actor) -> None:
    assert isinstance(refusal(actions.decide, session, actor=actor, **ANSWERS), Forbidden)
    assert isinstance(refusal(actions.propose, session, actor=actor, preset="open", attribution="none"), Forbidden)


def test_each_grant_can_be_chosen(session: Session, person: Person) -> None:
    decide(session, person, preset="custom", rights=ALL_SIX)
    found = queries.decisions_for(session, person.id, language_id=1, at=clock.now())
    assert (found.rights.as_dict(), found.attribution) == (ALL_SIX, "handle")


def test_a_later_decision_may_leave_a_right_as_it_was(session: Session, person: Person) -> None:
    decide(session, person)
    decide(session, person, preset="custom", rights={"commercial": False})
    found = queries.decisions_for(session, person.id, language_id=1, at=clock.now())
    assert found.rights == PRESETS["noncommercial"]


def test_a_decision_for_a_language_stands_there_only(session: Session, person: Person) -> None:
    yoruba, arabic = a_language(session), a_language(session, "arb_Arab")
    decide(session, person)
    decide(session, person, preset="practice", attribution=None, language=yoruba)
    now = clock.now()
    assert queries.decisions_for(session, person.id, language_id=yoruba.id, at=now).rights == NOTHING
    assert queries.decisions_for(session, person.id, language_id=yoruba.id, at=now).attribution == "handle"
    assert queries.decisions_for(session, person.id, language_id=arabic.id, at=now).rights == EVERYTHING


def test_a_language_and_a_text_at_once_are_refused(session: Session, person: Person) -> None:
    decide(session, person)
    assert refusal(decide, session, person, language=a_language(session), annotation_id=1).code == "consent_one_scope"


def test_a_grant_ends_on_its_day(session: Session, person: Person) -> None:
    end = clock.now() + timedelta(days=30)
    decide(session, person, expires_at=end)
    assert queries.decisions_for(session, person.id, language_id=1, at=end - timedelta(1)).rights == EVERYTHING
    assert queries.decisions_for(session, person.id, language_id=1, at=end).rights == NOTHING


def test_a_name_is_printed_on_one_line_in_nfc(session: Session, person: Person) -> None:
    decide(session, person, attribution="named", credit_name="  Ife\u0301 \n Ade\u0000 ")
    assert person.credit_name == "If\u00e9 Ade"
    decide(session, person, attribution="named")
    assert person.credit_name == "If\u00e9 Ade", "a name that is known need not be given again"


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("\u202eedA\u202c \u2067efI", "edA efI"),
        ("\u200eAde\u200f\u061c", "Ade"),
        ("Ade\u200b\ufeff \u2060\u00ad Ife", "Ade Ife"),
        ("نیک\u200cبین", "نیک\u200cبین"),
        ("क्\u200dष", "क्\u200dष"),
    ],
)
def test_a_name_turns_no_line_around_and_keeps_its_joiners(
    session: Session, person: Person, typed: str, printed: str
) -> None:
    decide(session, person, attribution="named", credit_name=typed)
    assert person.credit_name == printed


def test_a_new_version_of_the_terms_asks_again_for_new_work(session: Session, person: Person) -> None:
    assert not queries.standing(session, person.id)
    decide(session, person)
    assert queries.standing(session, person.id)
    new_version(session)
    assert not queries.standing(session, person.id)
    event = decide(session, person)
    assert queries.standing(session, person.id)
    assert session.get_one(LedgerEntry, event.ledger_seq).type == "consent.given"


def test_a_translation_does_not_ask_again_and_a_smaller_scope_does_not_answer(session: Session, person: Person) -> None:
    decide(session, person)
    new_version(session, version=1, language="fr", authoritative=False)
    assert queries.standing(session, person.id)
    new_version(session)
    decide(session, person, language=a_language(session))
    assert not queries.standing(session, person.id)


def test_practice_work_is_a_standing_decision(session: Session, person: Person) -> None:
    decide(session, person, preset="practice", attribution="none")
    assert queries.standing(session, person.id)
