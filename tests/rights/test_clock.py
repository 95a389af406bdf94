"""The clock of a withdrawal: undo puts all of it back, an extension and a hold say why, and late is counted."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.annotations.rules import Written
from annotator.assignments.models import Assignment
from annotator.errors import Conflict, Forbidden, Invalid, NotFound
from annotator.ledger import queries as ledger
from annotator.permissions import OPERATOR
from annotator.prompts.models import Prompt
from annotator.rights import actions, holds, jobs, queries, rules
from annotator.rights.erasing import words
from annotator.rights.models import RightsEvent, Withdrawal
from annotator.settings import RightsPolicy, Settings
from tests.databases import Database
from tests.makers import a_maintainer
from tests.stories import World, a_contributor, a_prompt, a_world, actor_of, an_ambassador

POLICY = RightsPolicy()


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session, reannotate_contributions=True)


def _back(world: World, author: object, annotation: object = None) -> Withdrawal:
    return actions.withdraw(
        world.session,
        actor=actor_of(world.session, author),  # type: ignore[arg-type]  # a test's own words
        person=author,  # type: ignore[arg-type]
        annotation=annotation,  # type: ignore[arg-type]
    )


def _undo(world: World, author: object, withdrawal: Withdrawal) -> None:
    actions.undo(world.session, actor=actor_of(world.session, author), withdrawal=withdrawal)  # type: ignore[arg-type]


def test_it_can_be_undone_for_72_hours_and_not_a_second_longer(world: World) -> None:
    author = a_contributor(world.session, world.language)
    annotation = world.writes(author)
    with time_machine.travel(clock.now(), tick=False) as moment:
        made = _back(world, author, annotation)
        assert made.undo_until - made.requested_at == timedelta(hours=72)
        assert made.due_at - made.undo_until == timedelta(days=7)
        moment.shift(timedelta(hours=72))
        with pytest.raises(Conflict, match="undo_over"):
            _undo(world, author, made)
        moment.shift(timedelta(seconds=-1))
        _undo(world, author, made)
    assert (annotation.state, annotation.withdrawn_at, annotation.withdrawal_id) == ("in_review", None, None)
    assert annotation.revisions[0].withdrawn_at is None
    assert made.state == "undone"
    assert ledger.verify(world.session).broken_at is None


def test_undo_gives_back_state_place_and_pool(world: World) -> None:
    author, reviewer = a_contributor(world.session, world.language), an_ambassador(world.session, world.language)
    prompt = a_prompt(world.session, world.project, world.language, priority=9)
    annotation = world.submits(author, world.claims(author), completion="Mine.")
    assert annotation.prompt_id == prompt.id
    world.decides(reviewer, annotation)
    made = _back(world, author, annotation)
    assert prompt.free_places == 1
    _undo(world, author, made)
    assert annotation.state == "accepted"
    assert prompt.free_places == 0
    assert world.session.get_one(Assignment, annotation.assignment_id or 0).place == 0
    offered = select(Prompt.state).where(Prompt.revision_id == annotation.revisions[0].id)
    assert world.session.scalars(offered).all() == ["open"]


def test_a_place_that_somebody_took_meanwhile_costs_no_text(world: World) -> None:
    author, other = (a_contributor(world.session, world.language) for _ in range(2))
    a_prompt(world.session, world.project, world.language)
    annotation = world.submits(author, world.claims(author), completion="Mine.")
    made = _back(world, author, annotation)
    theirs = world.submits(other, world.claims(other), completion="Theirs.")
    _undo(world, author, made)
    assert (annotation.state, theirs.state) == ("in_review", "in_review")
    places = select(Assignment.place).where(Assignment.prompt_id == annotation.prompt_id, Assignment.place.is_not(None))
    assert world.session.scalars(places).all() == [0], "never more places than the overlap"


def test_a_prompt_with_words_of_two_opens_when_both_have_undone(world: World) -> None:
    author, second = (a_contributor(world.session, world.language) for _ in range(2))
    reviewer = an_ambassador(world.session, world.language)
    first = world.writes(author, "Why?", "Becuase.")
    world.decides(reviewer, first)
    edited = world.submits(second, world.claims(second), completion="Because.", rating_prompt=3, rating_completion=2)
    world.decides(reviewer, edited)
    one, two = _back(world, author, first), _back(world, second, edited)
    offered = select(Prompt).where(Prompt.revision_id == edited.revisions[-1].id)
    prompt = world.session.scalars(offered).one()
    _undo(world, author, one)
    assert prompt.state == "closed", "the other's words are still withdrawn"
    _undo(world, second, two)
    assert prompt.state == "open"


def test_undoing_a_needed_edit_accepts_the_text_again_unless_somebody_decided(world: World) -> None:
    reviewer, other = (an_ambassador(world.session, world.language) for _ in range(2))
    theirs = [world.writes(a_contributor(world.session, world.language), f"Who? {n}", "Call 0123.") for n in range(2)]
    for one in theirs:
        world.decides(reviewer, one, "accepted_with_edits", written=Written(completion="Call us."), edit_needed=True)
    made = _back(world, reviewer)
    assert [one.state for one in theirs] == ["in_review", "in_review"]
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        world.decides(other, theirs[1], "declined", reasons=["off_topic"])
        _undo(world, reviewer, made)
    assert [one.state for one in theirs] == ["accepted_with_edits", "declined"]


def test_nobody_else_undoes_it(world: World) -> None:
    author, other = (a_contributor(world.session, world.language) for _ in range(2))
    made = _back(world, author, world.writes(author))
    with pytest.raises(NotFound):
        _undo(world, other, made)
    actions.undo(world.session, actor=OPERATOR, withdrawal=made)


def test_copied_text_is_taken_down_by_people_and_called_revoked(world: World) -> None:
    author, maintainer = a_contributor(world.session, world.language), a_maintainer(world.session)
    annotation = world.writes(author)
    with pytest.raises(Forbidden):
        actions.take_down(world.session, actor=actor_of(world.session, author), cause="revoked", annotation=annotation)
    with pytest.raises(Forbidden):
        actions.take_down(
            world.session,
            actor=actor_of(world.session, an_ambassador(world.session, world.language)),
            cause="revoked",
            annotation=annotation,
        )
    made = actions.take_down(
        world.session, actor=actor_of(world.session, maintainer), cause="revoked", annotation=annotation
    )
    assert (annotation.state, made.cause, made.state) == ("withdrawn", "revoked", "suspended")
    with pytest.raises(Conflict, match="undo_over"):
        _undo(world, author, made)


@pytest.mark.parametrize("cause", rules.AT_ONCE)
def test_personal_data_and_minors_wait_for_no_window(world: World, cause: str) -> None:
    annotation = world.writes(a_contributor(world.session, world.language))
    made = actions.take_down(world.session, actor=OPERATOR, cause=cause, annotation=annotation)
    assert made.undo_until == made.requested_at
    assert rules.is_definite(made, clock.now())


def test_one_extension_with_a_reason(world: World) -> None:
    author, maintainer = a_contributor(world.session, world.language), a_maintainer(world.session)
    made, actor = _back(world, author, world.writes(author)), actor_of(world.session, maintainer)
    with pytest.raises(Invalid, match="reason_missing"):
        actions.extend(world.session, actor=actor, withdrawal=made, reason="  ")
    actions.extend(world.session, actor=actor, withdrawal=made, reason="The disk is full.")
    assert made.extended_until == made.due_at + POLICY.extend
    with pytest.raises(Conflict, match="extended_already"):
        actions.extend(world.session, actor=actor, withdrawal=made, reason="Again.")
    reasons = select(RightsEvent.reason).where(RightsEvent.step == "extended")
    assert world.session.scalars(reasons).all() == ["The disk is full."]


def test_a_legal_hold_stops_erasure_never_suspension(world: World) -> None:
    """A named authority, two people, at most 180 days, counted in public."""
    author, first, second = a_contributor(world.session, world.language), *(a_maintainer(world.session) for _ in "12")
    annotation = world.writes(author)
    made, asking = _back(world, author, annotation), actor_of(world.session, first)
    until = clock.now() + timedelta(days=100)
    with pytest.raises(Invalid, match="hold_until"):
        holds.ask(world.session, actor=asking, withdrawal=made, authority="A court", reason="Order 7",
                  until=clock.now() + timedelta(days=181))  # fmt: skip
    with pytest.raises(Invalid, match="authority_missing"):
        holds.ask(world.session, actor=asking, withdrawal=made, authority=" ", reason="Order 7", until=until)
    hold = holds.ask(world.session, actor=asking, withdrawal=made, authority="A court", reason="Order 7", until=until)
    is_held = select(func.count()).select_from(Withdrawal).where(queries.held(clock.now()))
    assert world.session.scalar(is_held) == 0, "one person is not enough"
    with pytest.raises(Forbidden, match="hold_two_people"):
        holds.confirm(world.session, actor=asking, hold=hold)
    holds.confirm(world.session, actor=actor_of(world.session, second), hold=hold)
    assert world.session.scalar(is_held) == 1
    assert annotation.state == "withdrawn"
    assert queries.figures(world.session, clock.now(), small=5).holds == 1
    with time_machine.travel(until):
        assert world.session.scalar(select(func.count()).select_from(Withdrawal).where(queries.held(clock.now()))) == 0
    holds.lift(world.session, actor=asking, hold=hold)
    assert world.session.scalar(is_held) == 0


def test_what_is_late_is_counted_in_public(world: World) -> None:
    author = a_contributor(world.session, world.language)
    with time_machine.travel(clock.now(), tick=False) as moment:
        made = _back(world, author, world.writes(author))
        assert queries.figures(world.session, clock.now(), small=5).overdue == 0
        moment.move_to(made.due_at + timedelta(seconds=1))
        found = queries.figures(world.session, clock.now(), small=5)
        assert found.overdue == 1, "also below the small count"
        assert found.withdrawals == {"suspended": None}, "one is too few to show"
        actions.extend(world.session, actor=OPERATOR, withdrawal=made, reason="A storm.")
        assert queries.figures(world.session, clock.now(), small=5).overdue == 0


def test_an_erasure_that_fails_keeps_no_other_waiting(
    world: World, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    author = a_contributor(world.session, world.language)
    first, second = (_back(world, author, world.writes(author, f"Why? {n}")).id for n in range(2))
    world.session.commit()
    erase = words.erase

    def fails(session: Session, withdrawal: Withdrawal, *, settings: Settings) -> int:
        return 1 // 0 if withdrawal.id == first else erase(session, withdrawal, settings=settings)

    with time_machine.travel(clock.now() + timedelta(hours=73), tick=False):
        with monkeypatch.context() as broken:
            broken.setattr(words, "erase", fails)
            assert jobs.erase_due(database.engine, settings) == 1
        world.session.expire_all()
        erased = [world.session.get_one(Withdrawal, id_).erased_at is not None for id_ in (first, second)]
        assert erased == [False, True]
        world.session.commit()
        assert jobs.erase_due(database.engine, settings) == 1


def test_percentiles_are_of_the_nearest_rank() -> None:
    assert rules.percentile([], 0.5) is None
    assert rules.percentile([3, 1, 2], 0.5) == 2
    assert rules.percentile(range(1, 101), 0.95) == 95
    assert rules.percentile([7], 0.95) == 7
