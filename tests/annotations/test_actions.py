"""Handing in, and mending until it is reviewed."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.annotations import actions
from annotator.annotations.models import Annotation
from annotator.annotations.rules import Written, texts_of
from annotator.assignments import actions as assignments
from annotator.assignments import queries as assignment_queries
from annotator.errors import Conflict, Forbidden, Invalid
from tests.stories import World, a_contributor, a_prompt, a_world, actor_of, an_ambassador


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session, overlap=1, reannotate_contributions=True)


def test_an_original_holds_its_words_and_its_terms(world: World) -> None:
    author = a_contributor(world.session, world.language)
    annotation = world.writes(author, "  Kí ni orúkọ rẹ?\r\n", "Orúkọ mi ni Adé.")
    texts = texts_of(annotation.revisions[0])
    assert texts.instruction == "Kí ni orúkọ rẹ?"
    assert texts.completion == "Orúkọ mi ni Adé."
    assert annotation.document.kind == "terms"
    assert annotation.state == "in_review"
    assert annotation.revisions[0].link is None


def test_texts_are_stored_in_nfc(world: World) -> None:
    annotation = world.writes(a_contributor(world.session, world.language), "o\u0323\u0300", "e\u0301")
    assert annotation.revisions[0].completion == "\u00e9"


def test_no_annotation_without_a_standing_consent(world: World) -> None:
    person = a_contributor(world.session, world.language, preset=None)
    with pytest.raises(Forbidden) as refused:
        world.writes(person)
    assert refused.value.code == "consent_needed"
    assert world.session.scalar(select(Annotation)) is None


@pytest.mark.parametrize(
    ("name", "code"), [("instruction", "instruction_missing"), ("completion", "completion_missing")]
)
def test_an_empty_text_is_refused(world: World, name: str, code: str) -> None:
    person = a_contributor(world.session, world.language)
    with pytest.raises(Invalid) as refused:
        world.writes(person, **{name: " \n "})
    assert refused.value.code == code


def test_an_answer_copies_nothing_of_its_prompt(world: World) -> None:
    prompt = a_prompt(world.session, world.project, world.language, instruction="Why?")
    person = a_contributor(world.session, world.language)
    annotation = world.submits(person, world.claims(person), completion="Because.", instruction="Changed?")
    revision = annotation.revisions[0]
    assert (revision.instruction, revision.completion, revision.link) == (None, "Because.", "completion")
    assert texts_of(revision).instruction == prompt.instruction


def test_a_reannotation_keeps_only_what_changed(world: World) -> None:
    a_prompt(world.session, world.project, world.language, instruction="Why?", completion="Becuase.")
    person = a_contributor(world.session, world.language)
    annotation = world.submits(
        person, world.claims(person), instruction="Why?", completion="Because.", rating_prompt=4, rating_completion=2
    )
    revision = annotation.revisions[0]
    assert (revision.instruction, revision.completion, revision.link) == (None, "Because.", "edit")
    assert revision.edit_distance == 2
    assert (annotation.rating_prompt, annotation.rating_completion) == (4, 2)


def test_edit_distance_counts_what_people_see(world: World) -> None:
    a_prompt(world.session, world.project, world.language, completion="e\u0323\u0301 rere")
    person = a_contributor(world.session, world.language)
    annotation = world.submits(person, world.claims(person), completion="e rere", rating_prompt=3, rating_completion=3)
    assert annotation.revisions[0].edit_distance == 1, "a letter with two marks is one"


@pytest.mark.parametrize("rating", [None, 0, 6])
def test_a_reannotation_needs_both_ratings(world: World, rating: int | None) -> None:
    a_prompt(world.session, world.project, world.language, completion="Good.")
    person = a_contributor(world.session, world.language)
    assignment = world.claims(person)
    with pytest.raises(Invalid) as refused:
        world.submits(person, assignment, completion="Better.", rating_prompt=3, rating_completion=rating)
    assert refused.value.facts["field"] == "rating_completion"
    assert assignment.state == "assigned"


def test_nothing_changed_leads_to_already_good(world: World) -> None:
    a_prompt(world.session, world.project, world.language, completion="Good.")
    person = a_contributor(world.session, world.language)
    assignment = world.claims(person)
    with pytest.raises(Invalid) as refused:
        world.submits(person, assignment, completion="Good.", rating_prompt=3, rating_completion=3)
    assert refused.value.code == "nothing_changed"
    annotation = world.submits(person, assignment, completion="ignored", already_good=True)
    assert annotation.already_good
    assert annotation.revisions[0].completion is None
    assert annotation.revisions[0].edit_distance == 0


def test_already_good_of_a_contributors_text_needs_no_review(world: World) -> None:
    author, other = (a_contributor(world.session, world.language) for _ in range(2))
    world.decides(an_ambassador(world.session, world.language), world.writes(author))
    annotation = world.submits(other, world.claims(other), already_good=True, rating_completion=5)
    assert annotation.state == "accepted"


def test_a_reannotation_of_a_contributors_text_points_at_it(world: World) -> None:
    author, other = (a_contributor(world.session, world.language) for _ in range(2))
    original = world.writes(author, "Why?", "Becuase.")
    world.decides(an_ambassador(world.session, world.language), original)
    edited = world.submits(other, world.claims(other), completion="Because.", rating_prompt=5, rating_completion=2)
    assert edited.revisions[0].parent_id == original.revisions[0].id
    assert edited.prompt is not None
    assert edited.prompt.instruction is None, "the pool copies no text"
    assert texts_of(edited.revisions[0]).instruction == "Why?"


def test_a_second_submission_is_refused(world: World) -> None:
    a_prompt(world.session, world.project, world.language)
    person = a_contributor(world.session, world.language)
    assignment = world.claims(person)
    world.submits(person, assignment, completion="Once.")
    with pytest.raises(Conflict) as refused:
        world.submits(person, assignment, completion="Twice.")
    assert refused.value.code == "already_submitted"


def test_a_late_submission_is_kept_while_there_is_a_place(world: World) -> None:
    a_prompt(world.session, world.project, world.language)
    person = a_contributor(world.session, world.language)
    assignment = world.claims(person)
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        assignments.expire_due(world.session)
        annotation = world.submits(person, assignment, completion="Late.")
    assert annotation.id
    assert assignment.place == 0


def test_a_late_submission_never_breaks_the_overlap_and_loses_nothing(world: World) -> None:
    a_prompt(world.session, world.project, world.language)
    slow, quick = (a_contributor(world.session, world.language) for _ in range(2))
    assignment = world.claims(slow)
    assignments.save_draft(
        world.session,
        actor=actor_of(world.session, slow),
        project=world.project,
        language=world.language,
        assignment=assignment,
        texts={"completion": "Nearly there"},
        version=0,
    )
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        assignments.expire_due(world.session)
        world.submits(quick, world.claims(quick), completion="Quick.")
        with pytest.raises(Conflict) as refused:
            world.submits(slow, assignment, completion="Late.")
    assert refused.value.code == "place_taken"
    draft = assignment_queries.draft_of(world.session, assignment)
    assert draft is not None
    assert draft.completion == "Nearly there"


def test_revising_makes_a_revision_and_keeps_the_first(world: World) -> None:
    author = a_contributor(world.session, world.language)
    annotation = world.writes(author, "Why?", "Becuase.")
    revision = actions.revise(
        world.session,
        actor=actor_of(world.session, author),
        annotation=annotation,
        written=Written(instruction="Why?", completion="Because."),
    )
    assert [r.number for r in annotation.revisions] == [1, 2]
    assert annotation.revisions[0].completion == "Becuase."
    assert (revision.instruction, revision.parent_id) == (None, annotation.revisions[0].id)


def test_nobody_revises_what_is_decided_or_anothers(world: World) -> None:
    author, other = (a_contributor(world.session, world.language) for _ in range(2))
    annotation = world.writes(author)
    for person in (other, an_ambassador(world.session, world.language)):
        with pytest.raises(Forbidden):
            actions.revise(
                world.session,
                actor=actor_of(world.session, person),
                annotation=annotation,
                written=Written(completion="Mine now."),
            )
    world.decides(an_ambassador(world.session, world.language), annotation)
    with pytest.raises(Forbidden):
        actions.revise(
            world.session,
            actor=actor_of(world.session, author),
            annotation=annotation,
            written=Written(completion="Too late."),
        )


def test_submitting_drops_the_draft(world: World) -> None:
    a_prompt(world.session, world.project, world.language)
    person = a_contributor(world.session, world.language)
    assignment = world.claims(person)
    assignments.save_draft(
        world.session,
        actor=actor_of(world.session, person),
        project=world.project,
        language=world.language,
        assignment=assignment,
        texts={"completion": "So far"},
        version=0,
    )
    world.submits(person, assignment, completion="Done.")
    assert assignment_queries.draft_of(world.session, assignment) is None
