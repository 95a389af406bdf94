"""Set aside what a withdrawal leaves without a prompt or with a few withdrawn words, for its author to mend (§2.7)."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from annotator import clock
from annotator.annotations import queries as annotations
from annotator.annotations.models import Annotation, Revision
from annotator.database import chunks
from annotator.releases import pool
from annotator.releases.pool import Pool
from annotator.rights.mending import narrowing, queries
from annotator.rights.mending.narrowing import Judge
from annotator.rights.mending.verdicts import KIND, by_withdrawal, verdict_of
from annotator.rights.models import Withdrawal
from annotator.settings import RightsPolicy

# Where a transaction notes who is to be told, for the edge that commits it (``mending.mails.tell``).
TO_TELL = "set aside"
_FOR_GOOD = ("out", "replaced")


def set_aside(session: Session, withdrawal: Withdrawal, policy: RightsPolicy) -> None:
    """Mark the items that wait for mending now, and those that are out for good.

    Called once the words of the withdrawal are suspended. Who waits already for another withdrawal keeps the day; who
    was offered to mend for a narrowing has all the time from now on.
    """
    taken = queries.taken_by(session, withdrawal.id)
    made = queries.made_from(session, taken)
    annotations.take(session, made)
    now = clock.now()
    found = pool.around(session, made, known=now)
    marks = _marks(found, made, policy.mend_share)
    before = queries.marked(session, made)
    offered = _offered(found, before, taken)
    until = withdrawal.requested_at + policy.mend
    new: list[int] = []
    for kind, ids in marks.items():
        changed = [id_ for id_ in ids if id_ in offered or before.get(id_) not in {kind, *_FOR_GOOD}]
        waits = kind in queries.KINDS
        for few in chunks(changed):
            values = {"set_aside_kind": kind, "set_aside_until": until if waits else None}
            session.execute(update(Annotation).where(Annotation.id.in_(few)).values(values))
        if waits:
            new += [id_ for id_ in changed if id_ in offered or id_ not in before]
    if new:
        session.info.setdefault(TO_TELL, []).extend(sorted(new))
    untouched = offered - {id_ for ids in marks.values() for id_ in ids}
    if untouched:  # what was left may be enough by now, or too little
        found = pool.around(session, untouched, known=now, rights=True)
        narrowing.judge_again(session, found, untouched, Judge(found, policy.mend_share))
    session.flush()


def _offered(found: Pool, before: Mapping[int, str], taken: Collection[int]) -> set[int]:
    """Return the items that waited for nothing but a narrowing, before these revisions were taken back."""
    gone = [found.revisions[id_] for id_ in taken if id_ in found.revisions]
    for rev in gone:
        rev.withdrawn = False
    waited = {
        id_ for id_, kind in before.items() if kind in queries.KINDS and not by_withdrawal(found, found.items[id_])
    }
    for rev in gone:
        rev.withdrawn = True
    return waited


def lift(session: Session, withdrawal: Withdrawal) -> None:
    """Take the marks of a withdrawal away again, as it is undone; its own words may still be marked as withdrawn.

    What was mended meanwhile stays as it was mended: its old row does not come back. What waits for a narrowing, too,
    goes on waiting.
    """
    mended = select(Annotation.id).where(
        Annotation.withdrawal_id == withdrawal.id, Annotation.set_aside_kind == "mended"
    )
    for few in chunks(session.scalars(mended).all()):
        session.execute(update(Revision).where(Revision.annotation_id.in_(few)).values(withdrawal_id=None))
        session.execute(update(Annotation).where(Annotation.id.in_(few)).values(withdrawal_id=None))
    back = queries.taken_by(session, withdrawal.id)
    made = queries.made_from(session, back)
    own = set(session.scalars(select(Annotation.id).where(Annotation.withdrawal_id == withdrawal.id)))
    annotations.take(session, made | own)
    marked = queries.marked(session, made | own, also_of=withdrawal.id)
    before = {id_: kind for id_, kind in marked.items() if kind in {*queries.KINDS, "out"}}
    found = pool.around(session, before, known=clock.now(), rights=True)
    for id_ in back & found.revisions.keys():
        found.revisions[id_].withdrawn = False
    for id_ in own & found.items.keys():
        found.items[id_].withdrawn = False
    # What another withdrawal had put out for good stays out; the share that can be mended is judged as it was then.
    marks = _marks(found, before, mend_share=1.0)
    still = {id_ for ids in marks.values() for id_ in ids}
    judge = Judge(found, mend_share=1.0)
    narrowing.put(
        session,
        {
            id_: judge.kind(found.items[id_])[0] if before[id_] in queries.KINDS else None
            for id_ in before.keys() - still
        },
    )


def forget_due(session: Session) -> int:
    """Put out for good what nobody mended in time, and return how many; safe to run twice.

    Where only a narrowing was behind it, the offer to mend ends: its rights keep the text out, as long as they do.
    """
    due = (
        Annotation.set_aside_until <= clock.now(),
        Annotation.set_aside_kind.in_(queries.KINDS),
        Annotation.withdrawn_at.is_(None),
    )
    ids = list(session.scalars(select(Annotation.id).where(*due).order_by(Annotation.id)))
    if not ids:
        return 0
    annotations.take(session, ids)
    found = pool.around(session, ids, known=clock.now())
    out = {id_ for id_ in ids if by_withdrawal(found, found.items[id_])}
    for kind, some in (("out", out), (None, set(ids) - out)):
        for few in chunks(sorted(some)):
            values = {"set_aside_kind": kind, "set_aside_until": None}
            session.execute(update(Annotation).where(Annotation.id.in_(few), *due).values(values))
    session.flush()
    return len(ids)


def _marks(found: Pool, ids: Collection[int], mend_share: float) -> dict[str, list[int]]:
    """Return the items that are marked, by the mark."""
    marks: dict[str, list[int]] = defaultdict(list)
    for id_ in sorted(ids):
        kind = KIND.get(verdict_of(found, found.items[id_], mend_share))
        if kind is not None:
            marks[kind].append(id_)
    return marks
