"""Taking back: who may, what it reaches, what follows in the same transaction."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.annotations.rules import Written
from annotator.assignments import queries as assignments
from annotator.errors import Conflict, Forbidden, Invalid, NotFound
from annotator.ledger import queries as ledger
from annotator.ledger.models import LedgerEntry, LedgerPayload
from annotator.permissions import OPERATOR
from annotator.prompts.models import Prompt
from annotator.review import queries as review
from annotator.rights import actions
from annotator.rights.previewing import Preview, preview
from tests.stories import World, a_contributor, a_language, a_prompt, a_world, actor_of, an_ambassador


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session, reannotate_contributions=True)


def test_a_text_is_suspended_at_once_and_written_in_the_ledger(world: World) -> None:
    author = a_contributor(world.session, world.language)
    annotation = world.writes(author)
    made = actions.withdraw(world.session, actor=actor_of(world.session, author), person=author, annotation=annotation)
    assert annotation.state == "withdrawn"
    assert annotation.withdrawn_at is not None
    assert annotation.revisions[0].withdrawn_at is not None
    entry = world.session.get_one(LedgerEntry, made.ledger_seq)
    assert entry.type == "text.withdrawn"
    payload = world.session.get_one(LedgerPayload, made.ledger_seq)
    assert payload.payload["annotations"] == [annotation.public_id]
    assert ledger.verify(world.session).broken_at is None


def test_it_leaves_queue_and_pool(world: World) -> None:
    author, reviewer = a_contributor(world.session, world.language), an_ambassador(world.session, world.language)
    waiting, accepted = world.writes(author, "Why?", "Because."), world.writes(author, "Who?", "Me.")
    world.decides(reviewer, accepted)
    for annotation in (waiting, accepted):
        actions.withdraw(world.session, actor=actor_of(world.session, author), person=author, annotation=annotation)
    assert review.queue(world.session, language=world.language, reviewer_id=reviewer.id) == []
    assert world.session.scalars(select(Prompt.state).where(Prompt.revision_id.is_not(None))).all() == ["closed"]


def test_its_place_is_free_again(world: World) -> None:
    prompt = a_prompt(world.session, world.project, world.language)
    author, other = (a_contributor(world.session, world.language) for _ in range(2))
    annotation = world.submits(author, world.claims(author), completion="Mine.")
    actions.withdraw(world.session, actor=actor_of(world.session, author), person=author, annotation=annotation)
    assert prompt.free_places == 1
    assert world.claims(other).prompt_id == prompt.id


def test_a_language_takes_only_that_language(world: World) -> None:
    author = a_contributor(world.session, world.language)
    here = world.writes(author)
    elsewhere = World(world.session, a_language(world.session, "hau_Latn", "Hausa"), world.project)
    world.project.languages.append(elsewhere.language)
    there = elsewhere.writes(author)
    actions.withdraw(world.session, actor=actor_of(world.session, author), person=author, language=world.language)
    assert (here.state, there.state) == ("withdrawn", "in_review")


def test_everything_takes_texts_edits_drafts_and_reservations(world: World) -> None:
    reviewer = an_ambassador(world.session, world.language)
    author = a_contributor(world.session, world.language)
    theirs = world.writes(author, "Why?", "Becuase.")
    world.decides(reviewer, theirs, "accepted_with_edits", written=Written(completion="Because."))
    own = world.writes(reviewer)
    prompt = a_prompt(world.session, world.project, world.language, priority=9)
    reservation = world.claims(reviewer)
    assert reservation.prompt_id == prompt.id
    made = actions.withdraw(world.session, actor=actor_of(world.session, reviewer), person=reviewer)
    assert made.scope == "everything"
    assert made.n_texts == 2
    assert own.state == "withdrawn"
    assert theirs.state == "accepted_with_edits", "an author's text is not taken out by a reviewer"
    assert [r.withdrawn_at is None for r in theirs.revisions] == [True, False]
    assert reservation.state == "released"
    assert prompt.free_places == 1
    assert assignments.live(world.session, person_id=reviewer.id) == []


def test_a_needed_edit_taken_back_returns_the_text_to_review(world: World) -> None:
    reviewer = an_ambassador(world.session, world.language)
    theirs = world.writes(a_contributor(world.session, world.language), "Who?", "Call 0123.")
    world.decides(reviewer, theirs, "accepted_with_edits", written=Written(completion="Call us."), edit_needed=True)
    actions.withdraw(world.session, actor=actor_of(world.session, reviewer), person=reviewer)
    assert theirs.state == "in_review"


def test_nobody_takes_back_what_another_wrote(world: World) -> None:
    author, other = (a_contributor(world.session, world.language) for _ in range(2))
    annotation = world.writes(author)
    with pytest.raises(NotFound):
        actions.withdraw(world.session, actor=actor_of(world.session, other), person=other, annotation=annotation)
    with pytest.raises(Forbidden):
        actions.withdraw(world.session, actor=actor_of(world.session, other), person=author, annotation=annotation)
    with pytest.raises(Forbidden):
        actions.withdraw(world.session, actor=actor_of(world.session, other), person=author)
    assert annotation.state == "in_review"


def test_the_operator_may_on_a_persons_request(world: World) -> None:
    author = a_contributor(world.session, world.language)
    annotation = world.writes(author)
    made = actions.withdraw(world.session, actor=OPERATOR, person=author)
    assert annotation.state == "withdrawn"
    assert made.requested_by == "operator"


def test_nothing_left_is_said(world: World) -> None:
    author = a_contributor(world.session, world.language)
    with pytest.raises(Invalid) as refused:
        actions.withdraw(world.session, actor=actor_of(world.session, author), person=author)
    assert refused.value.code == "nothing_to_withdraw"


def test_work_in_progress_on_it_cannot_be_handed_in(world: World) -> None:
    author, other = (a_contributor(world.session, world.language) for _ in range(2))
    annotation = world.writes(author)
    world.decides(an_ambassador(world.session, world.language), annotation)
    assignment = world.claims(other)
    actions.withdraw(world.session, actor=actor_of(world.session, author), person=author, annotation=annotation)
    with pytest.raises(Conflict) as refused:
        world.submits(other, assignment, completion="Better.", rating_prompt=3, rating_completion=3)
    assert refused.value.code == "text_withdrawn"


def test_the_preview_counts_what_others_built_on_it(world: World) -> None:
    author, second, third = (a_contributor(world.session, world.language) for _ in range(3))
    reviewer = an_ambassador(world.session, world.language)
    original = world.writes(author, "Why?", "Becuase.")
    world.decides(reviewer, original)
    edited = world.submits(second, world.claims(second), completion="Because.", rating_prompt=3, rating_completion=2)
    world.decides(reviewer, edited)
    world.submits(third, world.claims(third), completion="Because!", rating_prompt=3, rating_completion=4)

    def of(author: Person, annotation: Annotation) -> Preview:
        return preview(world.session, author, annotation=annotation)

    # The second wrote an answer of their own to a prompt that goes; the third changed a sign, and no word.
    assert of(author, original) == Preview(texts=1, edits=0, lanes={}, stay=0, fall_back=0, wait=1, out=1)
    assert of(second, edited) == Preview(texts=1, edits=0, lanes={}, stay=0, fall_back=0, wait=0, out=1)
    assert original.state == "accepted", "looking changes nothing"
