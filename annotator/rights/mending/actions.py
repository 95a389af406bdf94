"""Set aside what a withdrawal leaves without a prompt or with a few withdrawn words, for its author to mend (§2.7)."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from annotator import clock
from annotator.annotations import chain
from annotator.annotations import queries as annotations
from annotator.annotations.chain import Verdict
from annotator.annotations.models import Annotation, Revision
from annotator.database import chunks
from annotator.releases import pool, rules
from annotator.releases.lineage import Item, Part, Rev
from annotator.releases.pool import Pool
from annotator.rights.mending import queries
from annotator.rights.models import Withdrawal
from annotator.settings import RightsPolicy

KIND = {Verdict.PROMPT: "prompt", Verdict.SPANS: "spans", Verdict.OUT: "out"}
# Where a transaction notes who is to be told, for the edge that commits it (``mending.mails.tell``).
TO_TELL = "set aside"


def set_aside(session: Session, withdrawal: Withdrawal, policy: RightsPolicy) -> None:
    """Mark the items that wait for mending now, and those that are out for good.

    Called once the words of the withdrawal are suspended. Who waits already keeps the day.
    """
    made = queries.made_from(session, queries.taken_by(session, withdrawal.id))
    annotations.take(session, made)
    now = clock.now()
    found = pool.around(session, made, known=now)
    marks = _marks(found, made, policy.mend_share)
    before = _marked(session, made)
    until = withdrawal.requested_at + policy.mend
    new: list[int] = []
    for kind, ids in marks.items():
        changed = [id_ for id_ in ids if before.get(id_) not in {kind, "out"}]
        waits = kind in queries.KINDS
        for few in chunks(changed):
            values = {"set_aside_kind": kind, "set_aside_until": until if waits else None}
            session.execute(update(Annotation).where(Annotation.id.in_(few)).values(values))
        if waits:
            new += [id_ for id_ in changed if id_ not in before]
    if new:
        session.info.setdefault(TO_TELL, []).extend(sorted(new))
    session.flush()


def lift(session: Session, withdrawal: Withdrawal) -> None:
    """Take the marks of a withdrawal away again, as it is undone; its own words may still be marked as withdrawn.

    What was mended meanwhile stays as it was mended: its old row does not come back.
    """
    mended = select(Annotation.id).where(
        Annotation.withdrawal_id == withdrawal.id, Annotation.set_aside_kind == "mended"
    )
    for few in chunks(session.scalars(mended).all()):
        session.execute(update(Revision).where(Revision.annotation_id.in_(few)).values(withdrawal_id=None))
        session.execute(update(Annotation).where(Annotation.id.in_(few)).values(withdrawal_id=None))
    back = queries.taken_by(session, withdrawal.id)
    made = queries.made_from(session, back)
    annotations.take(session, made)
    before = _marked(session, made)
    found = pool.around(session, before, known=clock.now())
    for id_ in back & found.revisions.keys():
        found.revisions[id_].withdrawn = False
    # What another withdrawal had put out for good stays out; the share that can be mended is judged as it was then.
    marks = _marks(found, before, mend_share=1.0)
    still = {id_ for ids in marks.values() for id_ in ids}
    for few in chunks(before.keys() - still):
        values = {"set_aside_kind": None, "set_aside_until": None}
        session.execute(update(Annotation).where(Annotation.id.in_(few)).values(values))
    session.flush()


def forget_due(session: Session) -> int:
    """Put out for good what nobody mended in time, and return how many; safe to run twice."""
    over = (
        select(Annotation.id)
        .where(Annotation.set_aside_until <= clock.now(), Annotation.set_aside_kind.in_(queries.KINDS))
        .order_by(Annotation.id)
    )
    ids = list(session.scalars(over))
    for few in chunks(ids):
        values = {"set_aside_kind": "out", "set_aside_until": None}
        session.execute(update(Annotation).where(Annotation.id.in_(few)).values(values))
    session.flush()
    return len(ids)


def _marked(session: Session, ids: Collection[int]) -> dict[int, str | None]:
    """Return those of the items that are marked, with the mark."""
    found: dict[int, str | None] = {}
    for few in chunks(sorted(ids)):
        marked = select(Annotation.id, Annotation.set_aside_kind).where(
            Annotation.id.in_(few), Annotation.set_aside_kind.is_not(None), Annotation.withdrawn_at.is_(None)
        )
        found.update((row[0], row[1]) for row in session.execute(marked))
    return found


def _marks(found: Pool, ids: Collection[int], mend_share: float) -> dict[str, list[int]]:
    """Return the items that are marked, by the mark."""
    marks: dict[str, list[int]] = defaultdict(list)
    for id_ in sorted(ids):
        kind = KIND.get(verdict_of(found, found.items[id_], mend_share))
        if kind is not None:
            marks[kind].append(id_)
    return marks


def verdict_of(found: Pool, item: Item, mend_share: float) -> Verdict:
    """Return what becomes of an item by what is withdrawn behind it; ratings and practice work stay as they are."""
    if item.withdrawn or item.practice or (item.already_good and not any(rev.sets for rev in item.revisions)):
        return Verdict.STAYS
    own = [r for r in reversed(item.revisions) if r.role == "author" and r.author_id == item.author_id]

    def parent(rev: Rev) -> Rev | None:
        return found.revisions.get(rev.parent_id) if rev.parent_id is not None else None

    def licensed(part: Part) -> bool:
        if part.reworded is None:
            return False
        stood = found.public_at(part.rev.annotation_id, part.reworded.created_at)
        return stood is not None and rules.is_public(stood.lane)

    return chain.verdict(own, parent, mend_share=mend_share, licensed=licensed)
