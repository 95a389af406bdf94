"""What people say about themselves: off until switched on, deleted when switched off, shown before it is saved."""

import threading
from typing import Any

import pytest
from babel import Locale
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.audit.models import AuditEvent
from annotator.consent import actions as consent
from annotator.consent.about import actions, queries, rules
from annotator.consent.about.queries import About
from annotator.consent.models import Demographic, PersonalChoice
from annotator.database import open_session
from annotator.errors import Forbidden, Invalid
from annotator.ledger.models import LedgerEntry, LedgerPayload
from annotator.permissions import OPERATOR, VISITOR
from annotator.releases import demographics
from tests.databases import Database
from tests.makers import a_person
from tests.pages import Visitor
from tests.script import Script
from tests.stories import a_contributor, a_world, actor_of, an_ambassador

PAGE = "/me/about"


@pytest.fixture
def person(session: Session) -> Person:
    consent.load_seed_documents(session, OPERATOR)
    return a_person(session)


def choose(session: Session, person: Person, values: dict[str, str | None] | None = None, **levels: str) -> About:
    """Choose as the person."""
    return actions.choose(session, actor=actor_of(session, person), levels=levels, values=values)


def test_everything_is_off_at_first(session: Session, person: Person) -> None:
    stands = queries.about(session, person.id)
    assert set(stands.levels) == {
        "age_range", "gender", "country", "mail.news", "mail.reminders", "leaderboard", "findable",
    }  # fmt: skip
    assert set(stands.levels.values()) == {"none"}
    assert stands.values == {}


@pytest.mark.parametrize("preset", ["open", "noncommercial", "gated", "practice"])
def test_no_preset_switches_anything_on(session: Session, preset: str) -> None:
    world = a_world(session)
    person = a_contributor(session, world.language, preset=preset)
    assert set(queries.about(session, person.id).levels.values()) == {"none"}
    assert session.scalars(select(PersonalChoice)).all() == []


def test_a_choice_is_recorded_with_its_notice_and_without_its_value(session: Session, person: Person) -> None:
    stands = choose(session, person, {"country": "NG"}, country="row", findable="yes")
    assert (stands.levels["country"], stands.values) == ("row", {"country": "NG"})
    first, second = session.scalars(select(PersonalChoice).order_by(PersonalChoice.id))
    assert {(one.topic, one.level) for one in (first, second)} == {("country", "row"), ("findable", "yes")}
    entry = session.get_one(LedgerEntry, first.ledger_seq)
    assert (entry.type, entry.subject_ref is not None) == ("personal.chosen", True)
    told = [payload.payload for payload in session.scalars(select(LedgerPayload))]
    told += [event.facts for event in session.scalars(select(AuditEvent))]
    assert "NG" not in str(told)


def test_what_is_switched_off_is_deleted_at_once(session: Session, person: Person) -> None:
    choose(session, person, {"country": "NG", "gender": "agender"}, country="row", gender="aggregate")
    stands = choose(session, person, country="none")
    assert stands.values == {"gender": "agender"}
    assert session.scalars(select(Demographic.field)).all() == ["gender"]
    levels = [
        one.level
        for one in session.scalars(
            select(PersonalChoice).where(PersonalChoice.topic == "country").order_by(PersonalChoice.id)
        )
    ]
    assert levels == ["row", "none"], "both decisions stay"


def test_what_is_left_out_stays_and_the_same_again_is_no_event(session: Session, person: Person) -> None:
    choose(session, person, {"age_range": "25-34"}, age_range="row", leaderboard="yes")
    stands = choose(session, person, {"age_range": "35-44"}, age_range="row")
    assert (stands.levels["leaderboard"], stands.values) == ("yes", {"age_range": "35-44"})
    assert len(session.scalars(select(PersonalChoice)).all()) == 2


@pytest.mark.parametrize(
    ("levels", "values", "code"),
    [
        ({"shoe_size": "row"}, {}, "about_topic"),
        ({"country": "yes"}, {"country": "NG"}, "about_level"),
        ({"findable": "row"}, {}, "about_level"),
        ({"country": "row"}, {}, "about_value_missing"),
        ({"country": "row"}, {"country": "XX"}, "about_value"),
        ({"country": "row"}, {"country": "Nigeria"}, "about_value"),
        ({"age_range": "row"}, {"age_range": "17"}, "about_value"),
        ({"gender": "row"}, {"gender": "x" * 61}, "about_value"),
        ({"gender": "row"}, {"gender": " \n"}, "about_value_missing"),
        ({"gender": "row"}, {"gender": "a\u0007b"}, "about_value"),
    ],
)
def test_what_cannot_be_chosen(
    session: Session, person: Person, levels: dict[str, str], values: dict[str, str | None], code: str
) -> None:
    with pytest.raises(Invalid) as caught:
        choose(session, person, values, **levels)
    assert caught.value.code == code
    assert session.scalars(select(PersonalChoice)).all() == []


def test_a_visitor_has_nothing_to_say(session: Session, person: Person) -> None:
    assert person
    for actor in (VISITOR, OPERATOR):
        with pytest.raises(Forbidden):
            actions.choose(session, actor=actor, levels={"findable": "yes"})


def test_the_countries_are_those_of_iso_3166_1() -> None:
    found = rules.countries()
    assert len(found) == 250, "249 of ISO 3166-1, and Kosovo"
    assert {"NG", "BJ", "TW", "PS", "XK"} <= set(found)
    assert not {"EU", "UN", "ZZ", "XA", "IC"} & set(found)
    assert set(rules.countries(Locale.parse("ar"))) == set(found)


def test_who_allows_something_is_asked_of_the_latest_choice(session: Session, person: Person) -> None:
    other = a_person(session)
    choose(session, person, findable="yes")
    choose(session, other, findable="yes")
    choose(session, other, findable="none")
    assert queries.allow(session, "findable") == {person.id}
    assert queries.allow(session, "findable", [other.id]) == set()
    assert queries.allow(session, "mail.news") == set()


def test_the_page_shows_the_public_view_before_anything_is_saved(session: Session, client: Visitor) -> None:
    world = a_world(session)
    people = [a_contributor(session, world.language, attribution="handle") for _ in range(6)]
    ambassador = an_ambassador(session, world.language)
    for one in people:
        world.decides(ambassador, world.writes(one))
    for one in people[:5]:
        choose(session, one, {"country": "NG"}, country="row")
    me = people[5]
    client.sign_in(me)
    form = client.visit(PAGE).form(button="Save my choices")
    page = client.send(form, country_value="NG", country="row", age_range_value="65+", age_range="row")
    told = page.root.one("div", id="public").text
    assert "Nothing is saved yet" in told
    assert "My country: Nigeria" in told
    assert "My age: left out" in told
    assert set(queries.about(session, me.id).levels.values()) == {"none"}
    assert demographics.granted(session).keys() == {one.id for one in people[:5]}
    page = client.send(page.form(button="Save this"))
    assert "Your choices are saved" in page.text
    assert queries.about(session, me.id).values == {"country": "NG", "age_range": "65+"}
    page = client.send(page.form(button="Save my choices"), country_value="BJ")
    assert "Nothing is saved yet" in page.text, "another value is shown anew"


def test_what_leaves_nothing_public_is_saved_at_once(session: Session, person: Person, client: Visitor) -> None:
    client.sign_in(person)
    page = client.visit(PAGE)
    form = page.form(button="Save my choices")
    page = client.send(
        form, gender_value="another", gender_word="agender", gender="aggregate", mail_reminders="y", findable="y"
    )
    assert "Your choices are saved" in page.text
    assert page.root.one("input", name="gender_word").get("value") == "agender"
    stands = queries.about(session, person.id)
    assert stands.values == {"gender": "agender"}
    assert (stands.levels["findable"], stands.levels["mail.news"]) == ("yes", "none")
    client.send(page.form(button="Save my choices"), gender="none", findable=None)
    assert queries.about(session, person.id).values == {}
    assert session.execute(text("select count(*) from demographics")).scalar() == 0


def test_a_level_without_a_value_is_named_and_nothing_is_lost(
    session: Session, person: Person, client: Visitor
) -> None:
    client.sign_in(person)
    form = client.visit(PAGE).form(button="Save my choices")
    page = client.send(form, status=422, country="row", findable="y")
    assert "Say what your country is" in page.text
    assert page.root.one("input", name="findable").get("checked") is not None
    assert session.scalars(select(PersonalChoice)).all() == []


def test_the_same_over_http(session: Session, person: Person, client: Visitor) -> None:
    script = Script.of(client, session, person)
    said: dict[str, Any] = script.get(PAGE, status=200).json
    assert said["country"] == {"level": "none", "value": None}
    body = {"country": {"level": "row", "value": "NG"}, "mail_news": True}
    said = script.send("PUT", PAGE, body, status=200).json
    assert (said["country"], said["mail_news"]) == ({"level": "row", "value": "NG"}, True)
    said = script.send("PUT", PAGE, {"country": {"level": "none"}}, status=200).json
    assert (said["country"], said["mail_news"]) == ({"level": "none", "value": None}, True)
    assert script.send("PUT", PAGE, {"country": {"level": "row"}}, status=422).json["code"] == "about_value_missing"
    assert (
        Script.of(client, session, person, ("read",)).send("PUT", PAGE, body, status=403).json["code"]
        == "scope_missing"
    )


def test_a_form_that_is_sent_twice_at_once_is_one_choice(session: Session, person: Person, database: Database) -> None:
    person_id = person.id
    session.commit()
    failed: list[Exception] = []

    def sends() -> None:
        with open_session(database.engine, writes=True) as mine:
            try:
                choose(mine, mine.get_one(Person, person_id), {"country": "NG"}, country="row")
                mine.commit()
            except Exception as error:  # noqa: BLE001  # whatever it is, the test tells it
                failed.append(error)

    with open_session(database.engine, writes=True) as first:
        choose(first, first.get_one(Person, person_id), {"country": "NG"}, country="row")
        second = threading.Thread(target=sends)
        second.start()
        second.join(0.5)
        assert second.is_alive(), "it waits for the first"
        first.commit()
    second.join(60)
    assert failed == []
    session.expire_all()
    assert len(session.scalars(select(PersonalChoice)).all()) == 1
