"""What a withdrawal would reach, where requests stand, and the public figures of the queue."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.annotations.models import Annotation, Revision
from annotator.database import chunks
from annotator.errors import NotFound
from annotator.languages.models import Language
from annotator.releases.models import Release, ReleaseRow
from annotator.rights import rules
from annotator.rights.models import Hold, Request, RightsEvent, Withdrawal


@dataclass(frozen=True)
class Reach:
    """A person's own annotations in the scope, and their edits in other people's annotations."""

    annotations: list[Annotation]
    edits: list[Revision]


def reach(session: Session, person: Person, *, annotation: Annotation | None, language: Language | None) -> Reach:
    """Return what is not withdrawn yet in the scope: one text, a language, or (both None) everything."""
    if annotation is not None:
        return Reach([annotation] if annotation.withdrawn_at is None else [], [])
    own, edits = own_of(person.id), edits_of(person.id)
    if language is not None:
        own = own.where(Annotation.language_id == language.id)
        edits = edits.where(Annotation.language_id == language.id)
    return Reach(list(session.scalars(own.order_by(Annotation.id))), list(session.scalars(edits.order_by(Revision.id))))


def own_of(person_id: int) -> Select[Annotation]:
    """Select a person's annotations that are not withdrawn."""
    return select(Annotation).where(Annotation.author_id == person_id, Annotation.withdrawn_at.is_(None))


def edits_of(person_id: int) -> Select[Revision]:
    """Select a person's edits in other people's annotations that are not withdrawn."""
    return (
        select(Revision)
        .join(Annotation)
        .where(
            Revision.author_id == person_id,
            Revision.role == "reviewer",
            Revision.withdrawn_at.is_(None),
            Annotation.author_id != person_id,
        )
    )


def withdrawals_of(session: Session, person_id: int) -> list[Withdrawal]:
    """Return a person's withdrawals, newest first."""
    return list(
        session.scalars(select(Withdrawal).where(Withdrawal.person_id == person_id).order_by(Withdrawal.id.desc()))
    )


def by_public_id(session: Session, public_id: str) -> Withdrawal:
    """Return a withdrawal; raise NotFound ``withdrawal_unknown``."""
    found = session.scalar(select(Withdrawal).where(Withdrawal.public_id == public_id))
    if found is None:
        raise NotFound("withdrawal_unknown")
    return found


def events_of(session: Session, withdrawal_ids: Sequence[int]) -> dict[int, list[RightsEvent]]:
    """Return the steps of withdrawals, oldest first, by withdrawal."""
    result: dict[int, list[RightsEvent]] = {one: [] for one in withdrawal_ids}
    chosen = select(RightsEvent).where(RightsEvent.withdrawal_id.in_(withdrawal_ids)).order_by(RightsEvent.id)
    for event in session.scalars(chosen):
        result[event.withdrawal_id or 0].append(event)
    return result


def published_lanes(session: Session, annotation_ids: Sequence[int]) -> dict[str, int]:
    """Return how many of these texts stand in each lane of a release that is served, each text once for each lane."""
    found: Counter[str] = Counter()
    for few in chunks(annotation_ids):
        chosen = (
            select(ReleaseRow.lane, func.count(ReleaseRow.annotation_id.distinct()))
            .join(Release, Release.id == ReleaseRow.release_id)
            .where(Release.state == "published", Release.retired_at.is_(None), ReleaseRow.annotation_id.in_(few))
            .group_by(ReleaseRow.lane)
        )
        for lane, n in session.execute(chosen):
            found[lane] += n
    return dict(sorted(found.items()))


def held(at: datetime) -> ColumnElement[bool]:
    """Return the condition of a withdrawal that a confirmed hold keeps from being erased."""
    return exists().where(
        Hold.withdrawal_id == Withdrawal.id,
        Hold.confirmed_at.is_not(None),
        Hold.lifted_at.is_(None),
        Hold.until > at,
    )


def unfinished(session: Session) -> list[Withdrawal]:
    """Return every withdrawal with something left to do, the first promised first."""
    chosen = select(Withdrawal).where(Withdrawal.state.in_(("received", "suspended", "erased", "released")))
    return list(session.scalars(chosen.order_by(Withdrawal.due_at, Withdrawal.id)))


def holds(session: Session, at: datetime) -> list[Hold]:
    """Return the holds that stand or wait for a second person, newest first."""
    chosen = select(Hold).where(Hold.lifted_at.is_(None), Hold.until > at).order_by(Hold.id.desc())
    return list(session.scalars(chosen))


def hold_by_public_id(session: Session, public_id: str) -> Hold:
    """Return a hold; raise NotFound ``hold_unknown``."""
    found = session.scalar(select(Hold).where(Hold.public_id == public_id))
    if found is None:
        raise NotFound("hold_unknown")
    return found


@dataclass(frozen=True)
class Waits:
    """How long something took, in days: of so many (None: few), the median and the 95th percentile (None: of none yet)."""

    n: int | None
    median: float | None
    p95: float | None


@dataclass(frozen=True)
class Figures:
    """What the public sees of the queue. Counts of people below the small count are None, but what is overdue is not."""

    withdrawals: dict[str, int | None]
    requests: dict[str, int | None]
    to_erase: Waits
    to_release: Waits
    to_answer: Waits
    overdue: int
    extended: int | None
    refused: int | None
    appeals: int | None
    holds: int
    minors: int | None


_OF_WITHDRAWALS = (
    Withdrawal.state, Withdrawal.cause, Withdrawal.requested_at, Withdrawal.due_at, Withdrawal.extended_until,
    Withdrawal.erased_at, Withdrawal.released_at,
)  # fmt: skip
_OF_REQUESTS = (
    Request.state, Request.received_at, Request.due_at, Request.extended_until, Request.decided_at, Request.appealed_at,
)  # fmt: skip


def figures(session: Session, at: datetime, *, small: int) -> Figures:
    """Return the figures of withdrawals and requests, counted from the rows; counts below ``small`` are left out."""

    def shown(n: int) -> int | None:
        return n if n == 0 or n >= small else None

    taken = session.execute(select(*_OF_WITHDRAWALS)).all()
    asked = session.execute(select(*_OF_REQUESTS)).all()
    late = sum(rules.is_overdue(one, at) for one in taken)
    late += sum(one.state == "received" and at > max(one.due_at, one.extended_until or one.due_at) for one in asked)
    by_state, by_step = Counter(one.state for one in taken), Counter(one.state for one in asked)
    return Figures(
        withdrawals={state: shown(n) for state, n in sorted(by_state.items())},
        requests={state: shown(n) for state, n in sorted(by_step.items())},
        to_erase=_waits([(w.requested_at, w.erased_at) for w in taken], shown),
        to_release=_waits([(w.requested_at, w.released_at) for w in taken], shown),
        to_answer=_waits([(r.received_at, r.decided_at) for r in asked], shown),
        overdue=late,
        extended=shown(len([w for w in taken if w.extended_until]) + len([r for r in asked if r.extended_until])),
        refused=shown(_refused(session) + by_state["refused"]),
        appeals=shown(sum(one.appealed_at is not None for one in asked)),
        holds=sum(hold.confirmed_at is not None for hold in holds(session, at)),
        minors=shown(sum(one.cause == "minor" for one in taken)),
    )


def _refused(session: Session) -> int:
    """Return how many requests were ever refused: what is closed since counts too, and so does what was then accepted."""
    steps = select(func.count(RightsEvent.request_id.distinct())).where(
        RightsEvent.request_id.is_not(None), RightsEvent.step == "refused"
    )
    return session.scalar(steps) or 0


def _waits(spans: Sequence[tuple[datetime, datetime | None]], shown: Callable[[int], int | None]) -> Waits:
    days = [rules.days_between(start, end) for start, end in spans if end is not None]
    median, late = rules.percentile(days, 0.5), rules.percentile(days, 0.95)
    return Waits(
        shown(len(days)), None if median is None else round(median, 1), None if late is None else round(late, 1)
    )
