"""Decisions: who may, what they need, what they lead to."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator.annotations import actions as annotations
from annotator.annotations.rules import Written, texts_of
from annotator.errors import Conflict, Forbidden, Invalid
from annotator.prompts.models import Prompt
from annotator.review import queries
from tests.stories import (
    World,
    a_contributor,
    a_language,
    a_prompt,
    a_world,
    actor_of,
    allow,
    an_ambassador,
)


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session, reannotate_contributions=True)


def test_accepting_marks_the_revision(world: World) -> None:
    annotation = world.writes(a_contributor(world.session, world.language))
    world.decides(an_ambassador(world.session, world.language), annotation)
    assert annotation.state == "accepted"
    assert annotation.revisions[0].accepted_at is not None


def test_accepting_with_edits_keeps_the_authors_revision_and_credit(world: World) -> None:
    author = a_contributor(world.session, world.language)
    reviewer = an_ambassador(world.session, world.language)
    annotation = world.writes(author, "Why?", "Becuase.")
    world.decides(reviewer, annotation, "accepted_with_edits", written=Written(completion="Because."))
    first, edit = annotation.revisions
    assert annotation.state == "accepted_with_edits"
    assert annotation.author_id == author.id
    assert (edit.author_id, edit.role, edit.parent_id, edit.link) == (reviewer.id, "reviewer", first.id, "edit")
    assert edit.accepted_at is not None
    assert first.accepted_at is not None, "the text before the edit is accepted too"
    assert texts_of(edit).completion == "Because."
    assert first.completion == "Becuase."


def test_an_edit_that_is_needed_does_not_accept_the_text_before(world: World) -> None:
    annotation = world.writes(a_contributor(world.session, world.language), "Who?", "Call 0123.")
    world.decides(
        an_ambassador(world.session, world.language),
        annotation,
        "accepted_with_edits",
        written=Written(completion="Call us."),
        edit_needed=True,
    )
    assert annotation.revisions[0].accepted_at is None
    assert annotation.revisions[1].accepted_at is not None


def test_nobody_reviews_own_work(world: World) -> None:
    reviewer = an_ambassador(world.session, world.language)
    annotation = world.writes(reviewer)
    with pytest.raises(Forbidden):
        world.decides(reviewer, annotation)
    assert queries.queue(world.session, language=world.language, reviewer_id=reviewer.id) == []


def test_only_ambassadors_of_the_language_review(world: World) -> None:
    annotation = world.writes(a_contributor(world.session, world.language))
    other = a_language(world.session, "hau_Latn", "Hausa")
    for person in (a_contributor(world.session, world.language), an_ambassador(world.session, other)):
        with pytest.raises(Forbidden):
            world.decides(person, annotation)


def test_a_role_that_ended_decides_nothing(world: World) -> None:
    from annotator import clock  # noqa: PLC0415  # only here
    from annotator.languages.models import AmbassadorTerm  # noqa: PLC0415  # only here

    reviewer = an_ambassador(world.session, world.language)
    annotation = world.writes(a_contributor(world.session, world.language))
    term = world.session.scalars(select(AmbassadorTerm).where(AmbassadorTerm.person_id == reviewer.id)).one()
    term.retired_at = clock.now()
    world.session.flush()
    with pytest.raises(Forbidden):
        world.decides(reviewer, annotation)


@pytest.mark.parametrize(
    ("outcome", "more", "code"),
    [
        ("declined", {}, "decline_needs_reason"),
        ("declined", {"note": "No."}, "decline_needs_reason"),
        ("changes_requested", {}, "changes_need_reason"),
        ("accepted_with_edits", {}, "edit_missing"),
        ("accepted", {"written": Written(completion="Mine.")}, "edit_not_wanted"),
        ("accepted", {"reasons": ["ugly"]}, "review_reason_unknown"),
        ("fine", {}, "outcome_unknown"),
        ("accepted_with_edits", {"written": Written(completion="")}, "edit_empties_text"),
    ],
)
def test_an_outcome_says_what_it_still_needs(world: World, outcome: str, more: dict[str, object], code: str) -> None:
    annotation = world.writes(a_contributor(world.session, world.language))
    with pytest.raises(Invalid) as refused:
        world.decides(an_ambassador(world.session, world.language), annotation, outcome, **more)
    assert refused.value.code == code
    assert annotation.state == "in_review"
    assert queries.reviews_of(world.session, annotation) == []


def test_changes_requested_come_back_to_the_same_reviewer_first(world: World) -> None:
    author = a_contributor(world.session, world.language)
    reviewer, other = (an_ambassador(world.session, world.language) for _ in range(2))
    annotation = world.writes(author, "Why?", "Becuase.")
    earlier = world.writes(a_contributor(world.session, world.language), "Who?", "Me.")
    world.decides(reviewer, annotation, "changes_requested", note="Spelling.")
    assert annotation.state == "changes_requested"
    assert annotation not in queries.queue(world.session, language=world.language, reviewer_id=reviewer.id)
    annotations.revise(
        world.session,
        actor=actor_of(world.session, author),
        annotation=annotation,
        written=Written(completion="Because."),
    )
    mine = queries.queue(world.session, language=world.language, reviewer_id=reviewer.id)
    theirs = queries.queue(world.session, language=world.language, reviewer_id=other.id)
    assert [a.id for a in mine] == [annotation.id, earlier.id]
    assert [a.id for a in theirs] == [earlier.id, annotation.id]
    world.decides(reviewer, annotation)
    assert annotation.state == "accepted"


def test_as_many_acceptances_as_the_project_wants(session: Session) -> None:
    world = a_world(session, reviews=2)
    annotation = world.writes(a_contributor(session, world.language))
    one, two = (an_ambassador(session, world.language) for _ in range(2))
    world.decides(one, annotation)
    assert annotation.state == "in_review"
    assert queries.queue(session, language=world.language, reviewer_id=one.id) == []
    with pytest.raises(Conflict) as refused:
        world.decides(one, annotation)
    assert refused.value.code == "reviewed_already"
    world.decides(two, annotation)
    assert annotation.state == "accepted"


def test_a_reviewer_sees_when_the_text_changed_meanwhile(world: World) -> None:
    author = a_contributor(world.session, world.language)
    annotation = world.writes(author, "Why?", "Becuase.")
    seen = annotation.revisions[0].id
    annotations.revise(
        world.session,
        actor=actor_of(world.session, author),
        annotation=annotation,
        written=Written(completion="Because."),
    )
    with pytest.raises(Conflict) as refused:
        world.decides(an_ambassador(world.session, world.language), annotation, revision_id=seen)
    assert refused.value.code == "revision_newer"


def test_declining_frees_the_place(world: World) -> None:
    prompt = a_prompt(world.session, world.project, world.language)
    person, other = (a_contributor(world.session, world.language) for _ in range(2))
    annotation = world.submits(person, world.claims(person), completion="Nonsense.")
    world.decides(an_ambassador(world.session, world.language), annotation, "declined", reasons=["off_topic"])
    assert annotation.state == "declined"
    assert prompt.free_places == 1
    assert world.claims(other).prompt_id == prompt.id


def test_practice_takes_no_reviewers_time(world: World) -> None:
    annotation = world.writes(a_contributor(world.session, world.language, preset="practice"))
    reviewer = an_ambassador(world.session, world.language)
    assert queries.queue(world.session, language=world.language, reviewer_id=reviewer.id) == []
    with pytest.raises(Forbidden):
        world.decides(reviewer, annotation)


def pooled(world: World) -> list[int | None]:
    found = world.session.scalars(
        select(Prompt).where(Prompt.revision_id.is_not(None), Prompt.state == "open").order_by(Prompt.id)
    )
    return [prompt.revision_id for prompt in found]


def test_an_accepted_text_enters_the_pool(world: World) -> None:
    annotation = world.writes(a_contributor(world.session, world.language))
    assert pooled(world) == []
    world.decides(an_ambassador(world.session, world.language), annotation)
    assert pooled(world) == [annotation.revisions[0].id]


def test_without_derive_a_text_stays_out_of_the_pool(world: World) -> None:
    author = a_contributor(world.session, world.language)
    allow(world.session, author, preset="custom", rights={"derive": False}, attribution="none")
    world.decides(an_ambassador(world.session, world.language), world.writes(author))
    assert pooled(world) == []


def test_where_the_project_does_not_say_so_nothing_enters_the_pool(session: Session) -> None:
    world = a_world(session, reannotate_contributions=False)
    world.decides(an_ambassador(session, world.language), world.writes(a_contributor(session, world.language)))
    assert pooled(world) == []


def test_of_a_chain_only_the_newest_accepted_is_offered(world: World) -> None:
    author, other = (a_contributor(world.session, world.language) for _ in range(2))
    reviewer = an_ambassador(world.session, world.language)
    world.decides(reviewer, world.writes(author, "Why?", "Becuase."))
    edited = world.submits(other, world.claims(other), completion="Because.", rating_prompt=4, rating_completion=2)
    world.decides(reviewer, edited)
    assert pooled(world) == [edited.revisions[0].id]


def test_a_decision_from_an_old_tab_is_told_so(world: World) -> None:
    annotation = world.writes(a_contributor(world.session, world.language))
    first, second = (an_ambassador(world.session, world.language) for _ in range(2))
    world.decides(first, annotation)
    with pytest.raises(Conflict) as refused:
        world.decides(second, annotation, "declined", reasons=["off_topic"])
    assert refused.value.code == "decided_already"
    assert annotation.state == "accepted"
