"""What is done about a withdrawal once its undo window has closed, step by step; each step is safe to run twice."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.annotations.models import Annotation, Revision
from annotator.database import chunks
from annotator.ledger import actions as ledger
from annotator.permissions import OPERATOR
from annotator.releases import feed, holding
from annotator.rights import queries, rules
from annotator.rights.actions import note
from annotator.rights.mending import queries as mending
from annotator.rights.models import RightsEvent, Withdrawal

# Nothing is left to the last day: a worker that is away for some hours breaks no promise.
MARGIN = timedelta(days=1)


def definite(session: Session, at: datetime) -> list[Withdrawal]:
    """Return the withdrawals that nobody can undo any more and with something left to do, the first due first."""
    return [one for one in queries.unfinished(session) if rules.is_definite(one, at)]


def say(session: Session, at: datetime) -> None:
    """Write into the feed which rows must go from every copy; few wait for others while their day permits."""
    waiting = [one for one in definite(session, at) if not _has_step(session, one, "said")]
    if not waiting:
        return
    owned = annotations_of(session, waiting)
    due = {id_: latest_start(one, at) for one in waiting for id_ in owned[one.id]}
    said = feed.say_removed(session, due, due=due)
    for one in waiting:
        if not said.waiting & owned[one.id]:
            note(session, one, OPERATOR, "said")


def latest_start(withdrawal: Withdrawal, at: datetime) -> datetime:
    """Return when its rows must be said and leave the releases at the latest; now, where it may not wait for others."""
    return at if withdrawal.cause in rules.AT_ONCE else withdrawal.due_at - MARGIN


def annotations_of(session: Session, withdrawals: Iterable[Withdrawal]) -> dict[int, set[int]]:
    """Return the annotations that each withdrawal took out, by withdrawal."""
    result: dict[int, set[int]] = defaultdict(set)
    for few in chunks([one.id for one in withdrawals]):
        chosen = select(Annotation.withdrawal_id, Annotation.id).where(Annotation.withdrawal_id.in_(few))
        for withdrawal_id, annotation_id in session.execute(chosen):
            result[withdrawal_id or 0].add(annotation_id)
    return result


def stale_in(session: Session, withdrawal: Withdrawal) -> dict[str, set[int]]:
    """Return the frozen texts of served releases that hold words of this withdrawal, by project's slug.

    Its own texts, those with an edit of it, and what others made of either.
    """
    taken = mending.taken_by(session, withdrawal.id)
    reached = mending.made_from(session, taken)
    for few in chunks(sorted(taken)):
        reached.update(session.scalars(select(Revision.annotation_id).where(Revision.id.in_(few))))
    return holding.stale(session, reached)


def releases_due(session: Session, at: datetime) -> Mapping[str, set[int]]:
    """Return the projects whose served releases must lose texts now, with those: ten people together, or the day has come."""
    found: dict[str, set[int]] = defaultdict(set)
    people: dict[str, set[int | None]] = defaultdict(set)
    urgent: set[str] = set()
    for one in definite(session, at):
        if one.released_at is None:
            for slug, revisions in stale_in(session, one).items():
                found[slug] |= revisions
                people[slug].add(one.person_id)
                if latest_start(one, at) <= at:
                    urgent.add(slug)
    return {slug: texts for slug, texts in found.items() if slug in urgent or len(people[slug]) >= feed.BATCH}


def hurried(session: Session, at: datetime) -> Mapping[str, set[int]]:
    """Return the texts of served releases that may not stay there even until a new version is built."""
    found: dict[str, set[int]] = defaultdict(set)
    for one in definite(session, at):
        if one.released_at is None and one.cause in rules.AT_ONCE:
            for slug, revisions in stale_in(session, one).items():
                found[slug] |= revisions
    return found


def settle(session: Session, at: datetime) -> None:
    """Note for each withdrawal that no release that is served holds its rows, and close what is done."""
    ledger.queue_up(session)
    for one in definite(session, at):
        if one.released_at is None and _has_step(session, one, "said") and not stale_in(session, one):
            one.released_at = at
            note(session, one, OPERATOR, "released")
        _follow(session, one, at)
    session.flush()


def _follow(session: Session, withdrawal: Withdrawal, at: datetime) -> None:
    """Give a withdrawal the state that follows from what was done, and close it where nothing is left."""
    state = rules.state_after(withdrawal)
    if state == "closed" and withdrawal.closed_at is None:
        withdrawal.closed_at = at
        ledger.append(session, type="withdrawal.closed", payload={"withdrawal": withdrawal.public_id})
        note(session, withdrawal, OPERATOR, "closed")
    withdrawal.state = state


def erasable(session: Session, at: datetime) -> list[int]:
    """Return the withdrawals whose words are to be erased now: definite, and without a hold."""
    chosen = (
        select(Withdrawal.id)
        .where(
            Withdrawal.state.in_(("suspended", "released")),
            Withdrawal.erased_at.is_(None),
            Withdrawal.undo_until <= at,
            ~queries.held(at),
        )
        .order_by(Withdrawal.due_at, Withdrawal.id)
    )
    return list(session.scalars(chosen))


def erased(session: Session, withdrawal: Withdrawal) -> None:
    """Note that the words are gone; called in the transaction that erased them."""
    withdrawal.erased_at = clock.now()
    ledger.append(session, type="text.erased", payload={"withdrawal": withdrawal.public_id})
    note(session, withdrawal, OPERATOR, "erased")
    _follow(session, withdrawal, withdrawal.erased_at)


def _has_step(session: Session, withdrawal: Withdrawal, step: str) -> bool:
    chosen = select(RightsEvent.id).where(RightsEvent.withdrawal_id == withdrawal.id, RightsEvent.step == step)
    return session.scalar(chosen.limit(1)) is not None
