"""Decide about prompts that people skip."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.assignments import actions as assignments
from annotator.assignments import skips
from annotator.assignments.models import Draft
from annotator.audit.models import AuditEvent
from annotator.database import open_session
from annotator.errors import Conflict, DomainError, Forbidden, Invalid
from annotator.permissions import OPERATOR, Actor
from annotator.prompts.models import Prompt
from annotator.review import judging
from annotator.rights import actions as rights
from tests.databases import Database
from tests.stories import World, a_contributor, a_prompt, a_world, actor_of, an_ambassador


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session, reannotate_contributions=True)


@pytest.fixture
def judge(world: World) -> Actor:
    return actor_of(world.session, an_ambassador(world.session, world.language))


def skip(world: World, *reasons: str) -> Prompt:
    """Let so many people skip what comes next, which is one prompt."""
    for reason in reasons:
        person = a_contributor(world.session, world.language)
        held = world.claims(person)
        assignments.skip(world.session, actor=actor_of(world.session, person), assignment=held, reason=reason)
    return held.prompt


def decide(world: World, actor: Actor, prompt: Prompt, verdict: str) -> None:
    judging.judge(world.session, actor=actor, prompt=prompt, verdict=verdict)


def refusal(world: World, actor: Actor, prompt: Prompt, verdict: str) -> str:
    with pytest.raises(DomainError) as refused:
        decide(world, actor, prompt, verdict)
    return refused.value.code


def waiting(world: World) -> list[Prompt]:
    return [one.prompt for one in skips.prompts_skipped(world.session, [world.language.id])]


def a_shared_text(world: World) -> tuple[Person, Annotation, Prompt]:
    """An accepted text of somebody's, and the prompt that offers it to others."""
    author = a_contributor(world.session, world.language)
    annotation = world.writes(author)
    world.decides(an_ambassador(world.session, world.language), annotation)
    return author, annotation, world.session.scalars(select(Prompt).where(Prompt.revision_id.is_not(None))).one()


def test_a_closed_prompt_is_offered_to_nobody_and_unfinished_work_on_it_ends(world: World, judge: Actor) -> None:
    world.project.overlap = 2
    a_prompt(world.session, world.project, world.language, free_places=2)
    prompt = skip(world, "offensive", "personal_data")
    person = a_contributor(world.session, world.language)
    held = world.claims(person)
    assignments.save_draft(
        world.session,
        actor=actor_of(world.session, person),
        project=world.project,
        language=world.language,
        assignment=held,
        texts={"completion": "Half"},
        version=0,
    )
    assert waiting(world) == [prompt]
    decide(world, judge, prompt, "close")
    assert waiting(world) == []
    assert (held.state, prompt.state, prompt.free_places) == ("released", "closed", 2)
    assert world.session.scalar(select(Draft)) is None
    assert world.asks(person).assignment is None
    noted = world.session.scalars(select(AuditEvent).where(AuditEvent.action == "prompt.closed")).one()
    assert (noted.actor, noted.object_kind, noted.object_id) == (judge.name, "prompt", prompt.id)
    assert noted.facts == {"reasons": {"offensive": 1, "personal_data": 1}}


def test_what_was_handed_in_before_stays(world: World, judge: Actor) -> None:
    world.project.overlap = 2
    prompt = a_prompt(world.session, world.project, world.language, free_places=2)
    person = a_contributor(world.session, world.language)
    annotation = world.submits(person, world.claims(person), completion="An answer.")
    skip(world, "unclear", "other")
    decide(world, judge, prompt, "close")
    assert (annotation.state, prompt.free_places) == ("in_review", 1)


def test_a_kept_prompt_goes_on_and_counts_anew(world: World, judge: Actor) -> None:
    prompt = a_prompt(world.session, world.project, world.language)
    skip(world, "unclear", "other")
    decide(world, judge, prompt, "keep")
    assert waiting(world) == []
    assert prompt.state == "open"
    skip(world, "unclear")
    assert waiting(world) == []
    skip(world, "offensive")
    assert waiting(world) == [prompt]


def test_a_closed_prompt_is_opened_again_for_those_whose_cursor_has_passed_it(world: World, judge: Actor) -> None:
    prompt = a_prompt(world.session, world.project, world.language)
    early = a_contributor(world.session, world.language)
    assignments.release(world.session, actor=actor_of(world.session, early), assignment=world.claims(early))
    skip(world, "unclear", "other")
    decide(world, judge, prompt, "close")
    prompt.reopened = 1  # long ago: what came free just now is looked at again anyway
    assert world.asks(early).assignment is None, "the round is over, and the prompt behind the cursor"
    decide(world, judge, prompt, "reopen")
    assert waiting(world) == [], "what was decided is not asked again"
    assert world.claims(early).prompt_id == prompt.id
    actions = world.session.scalars(select(AuditEvent.action).where(AuditEvent.object_kind == "prompt")).all()
    assert actions == ["prompt.closed", "prompt.reopened"]


def test_who_may_not_judge(world: World) -> None:
    prompt = a_prompt(world.session, world.project, world.language)
    elsewhere = Actor(person_id=1, ambassador_of=frozenset({world.language.id + 1}))
    for actor in (actor_of(world.session, a_contributor(world.session, world.language)), elsewhere):
        with pytest.raises(Forbidden):
            decide(world, actor, prompt, "close")
    assert prompt.state == "open"
    decide(world, OPERATOR, prompt, "close")


def test_what_cannot_be_decided(world: World, judge: Actor) -> None:
    prompt = a_prompt(world.session, world.project, world.language)
    with pytest.raises(Invalid):
        decide(world, judge, prompt, "burn")
    assert refusal(world, judge, prompt, "reopen") == "prompt_not_closed"
    decide(world, judge, prompt, "close")
    assert refusal(world, judge, prompt, "close") == "prompt_closed_already"
    assert refusal(world, judge, prompt, "keep") == "prompt_closed_already"
    other = a_prompt(world.session, world.project, world.language, state="closed")
    assert refusal(world, judge, other, "reopen") == "prompt_not_closed", "skips were not why it was closed"


def test_words_that_were_taken_back_are_not_offered_again(world: World, judge: Actor) -> None:
    author, annotation, prompt = a_shared_text(world)
    decide(world, judge, prompt, "close")
    rights.withdraw(world.session, actor=actor_of(world.session, author), person=author, annotation=annotation)
    assert refusal(world, judge, prompt, "reopen") == "prompt_text_withdrawn"
    assert prompt.state == "closed"


def test_of_a_chain_only_the_newest_is_offered_again(world: World, judge: Actor) -> None:
    _author, _annotation, prompt = a_shared_text(world)
    person = a_contributor(world.session, world.language)
    better = world.submits(
        person, world.claims(person), instruction="A?", completion="A better one.", rating_prompt=3, rating_completion=2
    )
    decide(world, judge, prompt, "close")
    world.decides(an_ambassador(world.session, world.language), better)
    assert refusal(world, judge, prompt, "reopen") == "prompt_superseded"
    newer = world.session.scalars(select(Prompt).where(Prompt.state == "open")).one()
    decide(world, judge, newer, "close")
    decide(world, judge, prompt, "reopen")
    assert prompt.state == "open", "the newer version is offered no more"
    assert refusal(world, judge, newer, "reopen") == "prompt_superseded"


def test_another_text_of_its_author_does_not_keep_a_prompt_closed(world: World, judge: Actor) -> None:
    author, _annotation, prompt = a_shared_text(world)
    world.decides(an_ambassador(world.session, world.language), world.writes(author))
    decide(world, judge, prompt, "close")
    decide(world, judge, prompt, "reopen")
    assert prompt.state == "open"


@pytest.mark.parametrize("first", ["withdrawal", "reopening"])
def test_a_withdrawal_and_a_reopening_at_once_end_closed(
    world: World, judge: Actor, database: Database, first: str
) -> None:
    author, annotation, prompt = a_shared_text(world)
    decide(world, judge, prompt, "close")
    world.session.commit()

    def take_back(session: Session) -> None:
        person, text = session.get_one(Person, author.id), session.get_one(Annotation, annotation.id)
        rights.withdraw(session, actor=actor_of(session, person), person=person, annotation=text)

    def open_again(session: Session) -> None:
        judging.judge(session, actor=judge, prompt=session.get_one(Prompt, prompt.id), verdict="reopen")

    one, two = (take_back, open_again) if first == "withdrawal" else (open_again, take_back)
    begun = threading.Event()
    refused: list[str] = []

    def late(act: Callable[[Session], None]) -> None:
        with open_session(database.engine, writes=True) as session:
            begun.set()
            try:
                act(session)
                session.commit()
            except Conflict as error:
                refused.append(error.code)

    thread = threading.Thread(target=late, args=(two,))
    with open_session(database.engine, writes=True) as session:
        one(session)
        thread.start()
        begun.wait()
        thread.join(0.3)  # it waits for this transaction
        assert thread.is_alive()
        session.commit()
    thread.join()
    world.session.expire_all()
    assert prompt.state == "closed"
    assert refused == (["prompt_text_withdrawn"] if first == "withdrawal" else [])
