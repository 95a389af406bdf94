"""What a choice does is counted from real rows, and seen before it is saved."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.consent import actions as consent
from annotator.consent import switches
from annotator.consent.models import ConsentEvent
from annotator.consent.outlook import Effects, Move
from annotator.languages.models import Language
from annotator.releases.models import Release, ReleaseRow
from annotator.rights import actions, effects
from tests.pages import Visitor
from tests.stories import World, a_contributor, a_world, actor_of, allow, an_ambassador


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


@pytest.fixture
def person(session: Session, world: World) -> Person:
    return a_contributor(session, world.language)


def accepted(world: World, *people: Person) -> list[Annotation]:
    """Return an accepted text of each of these people."""
    ambassador = an_ambassador(world.session, world.language)
    texts = [world.writes(person) for person in people]
    for text in texts:
        world.decides(ambassador, text)
    return texts


def count(session: Session, person: Person, preset: str = "practice", **more: Any) -> Effects:  # noqa: ANN401  # a choice
    """Return what a choice would do."""
    proposed = consent.propose(session, actor=actor_of(session, person), preset=preset, attribution="none", **more)
    (found,) = effects.of_choices(session, person.id, [proposed])
    return found


def test_without_texts_nothing_happens(session: Session, person: Person) -> None:
    assert count(session, person) == Effects()


def test_texts_leave_move_or_stay(session: Session, world: World, person: Person) -> None:
    accepted(world, person, person, a_contributor(session, world.language))
    world.writes(person)  # waits for its review: it stands in no release anyway
    assert count(session, person).moves == (Move("open", None, 2),)
    assert count(session, person).leaving == 2
    assert count(session, person, "noncommercial").moves == (Move("open", "noncommercial", 2),)
    assert count(session, person, "open") == Effects()
    assert session.scalars(select(ConsentEvent).where(ConsentEvent.preset != "open")).all() == []


def test_fewer_uses_in_the_same_lane_are_counted(session: Session, world: World) -> None:
    person = a_contributor(session, world.language, preset="gated")
    accepted(world, person)
    found = count(session, person, "custom", rights={"research": False})
    assert (found.staying, found.leaving, found.moving) == (1, 0, 0)


def test_a_wider_choice_brings_texts_in_only_with_also_before(session: Session, world: World) -> None:
    person = a_contributor(session, world.language, preset="noncommercial")
    accepted(world, person)
    assert not count(session, person, "open").any
    assert count(session, person, "open", also_before=True).moves == (Move("noncommercial", "open", 1),)


def test_a_choice_for_one_language_or_text_counts_only_there(session: Session, world: World, person: Person) -> None:
    first, _second = accepted(world, person, person)
    other = session.scalars(select(Language).where(Language.code != world.language.code)).first()
    other = other or Language(
        code="fra_Latn", iso639_3="fra", script="Latn", english_name="French", added_at=first.created_at
    )
    session.add(other)
    session.flush()
    assert count(session, person, language=other) == Effects()
    assert count(session, person, language=world.language).leaving == 2
    assert count(session, person, annotation_id=first.id).leaving == 1


def test_texts_of_others_that_hold_my_words_are_counted(session: Session, person: Person) -> None:
    world = a_world(session, reannotate_contributions=True)
    accepted(world, person)
    other = a_contributor(session, world.language)
    assignment = world.claims(other)
    made = world.submits(other, assignment, completion="An answer, better.", rating_prompt=4, rating_completion=4)
    world.decides(an_ambassador(session, world.language), made)
    found = count(session, person)
    assert (found.leaving, found.others) == (1, 1)
    found = count(session, person, "custom", rights={"derive": False})
    assert found.others == 1, "who builds on it needs the right to"


def test_what_was_taken_back_is_not_counted(session: Session, world: World, person: Person) -> None:
    (text,) = accepted(world, person)
    actions.withdraw(session, actor=actor_of(session, person), person=person, annotation=text)
    assert count(session, person) == Effects()


def test_published_texts_are_named_with_their_release(session: Session, world: World, person: Person) -> None:
    texts = accepted(world, person, person)
    release = Release(
        project_id=world.project.id, version="1.0.0", state="published", frozen_at=texts[0].created_at,
        frozen_by="operator", ledger_seq=1, ledger_head="0" * 64,
    )  # fmt: skip
    session.add(release)
    session.flush()
    facts: dict[str, Any] = {
        "lane": "open",
        "license": "CC-BY-4.0",
        "split": "train",
        "root_id": "r",
        "row_sha256": "0" * 64,
    }
    session.add(
        ReleaseRow(
            release_id=release.id, annotation_id=texts[0].id, revision_id=texts[0].revisions[0].id,
            release_added="1.0.0", facts={}, **facts,
        )
    )  # fmt: skip
    session.flush()
    found = count(session, person)
    assert (found.leaving, found.published, found.releases) == (2, 1, (f"{world.project.title} 1.0.0",))


def test_each_switch_is_counted_by_itself(session: Session, world: World, person: Person) -> None:
    accepted(world, person)
    proposed = switches.proposals(session, actor=actor_of(session, person), attribution="none")
    counted = dict(zip(proposed, effects.of_choices(session, person.id, list(proposed.values())), strict=True))
    then = {name: [move.then for move in found.moves] for name, found in counted.items()}
    assert then == {
        "publish": [None],
        "publish_gated": ["gated"],
        "derive": ["gated"],
        "train": ["gated"],
        "evaluate": ["gated"],
        "research": ["gated"],
        "commercial": ["noncommercial"],
    }
    assert len(session.scalars(select(ConsentEvent).where(ConsentEvent.person_id == person.id)).all()) == 1


def test_the_page_says_it_beside_each_switch_and_before_saving(
    session: Session, world: World, person: Person, client: Visitor
) -> None:
    accepted(world, person, person)
    client.sign_in(person)
    page = client.visit("/consent")
    assert "If you switch this off: 2 go from the open lane to the non-commercial lane." in page.text
    assert "If you switch this off: 2 of your texts leave all new releases." in page.text
    page = client.send(page.form(button="Save my choice"), preset="practice", attribution="none")
    told = page.root.one("div", id="effects").text
    assert "Nothing is saved yet" in told
    assert "2 of your texts leave all new releases" in told
    assert len(session.scalars(select(ConsentEvent).where(ConsentEvent.person_id == person.id)).all()) == 1
    page = client.send(page.form(button="Save anyway"))
    assert "Your choice is saved" in page.text
    page = client.visit("/consent")
    assert "If you switch this off" not in page.text, "nothing is left to leave"


def test_what_came_meanwhile_is_shown_anew(world: World, person: Person, client: Visitor) -> None:
    accepted(world, person)
    client.sign_in(person)
    page = client.send(client.visit("/consent").form(button="Save my choice"), preset="practice", attribution="none")
    accepted(world, person)
    page = client.send(page.form(button="Save anyway"))
    assert "2 of your texts leave" in page.root.one("div", id="effects").text


def test_nothing_of_others_choices_is_told(session: Session, world: World, person: Person, client: Visitor) -> None:
    other = a_contributor(session, world.language)
    accepted(world, other)
    allow(session, other, preset="practice", attribution="none")
    client.sign_in(person)
    assert "If you switch this off" not in client.visit("/consent").text
