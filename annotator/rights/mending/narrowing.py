"""Set aside what a narrowed grant leaves without a lane, for its author to mend (rights-model §2.3, decision 0105).

The mark of a narrowing only offers to mend. Rights alone keep the text out, so that it comes back when they do.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from annotator import clock
from annotator.annotations import queries as annotations
from annotator.annotations.models import Annotation
from annotator.consent.models import ConsentEvent
from annotator.consent.rules import EXPIRY_MARGIN, meet, outbound, source_class
from annotator.database import chunks
from annotator.ledger import actions as ledger
from annotator.releases import lineage, pool, rules, selection
from annotator.releases.lineage import Item
from annotator.releases.pool import Pool
from annotator.releases.rules import Policy
from annotator.releases.standing import Standing
from annotator.rights.mending import queries
from annotator.rights.mending.verdicts import KIND, by_withdrawal, own_revisions, verdict_of
from annotator.settings import RightsPolicy

# Where a transaction notes whose authors are to be told, for the edge that commits it (``mending.mails.tell``).
TO_TELL = "set aside by a narrowing"
# A text in review is judged as if it were accepted: once it is, nobody would ask again.
_AS_IF_ACCEPTED = Policy(release_unreviewed=True, lanes=frozenset())


class Judge:
    """What grants leave of the items of a pool (with grants), as they will still stand after the ``margin``.

    ``without``: consent events that do not count.
    """

    def __init__(
        self, found: Pool, mend_share: float, *, margin: timedelta = EXPIRY_MARGIN, without: Collection[int] = ()
    ) -> None:
        """Read the grants."""
        grants = [(person_id, grant) for person_id, grant in found.grants if grant.id not in without]
        self._found, self._mend_share = found, mend_share
        self._standing = Standing(grants, known=found.known, until=found.known + margin)

    def restricted(self, item: Item) -> bool:
        """Say whether an item has no lane for a reason of rights."""
        return rules.CODES.get(self._why_out(item) or "") == "restricted"

    def kind(self, item: Item) -> tuple[str | None, frozenset[int]]:
        """Return as what an item could be mended, and the revisions whose words it would lose; None and nothing if not.

        Judged with what is withdrawn behind it, too.
        """
        out = self.restricted(item) or self._why_out(item) in {"fallen", "set_aside"}
        lost = self._to_blame(item) if out else frozenset()
        kind = KIND.get(verdict_of(self._found, item, self._mend_share, lost)) if lost else None
        return (kind, lost) if kind in queries.KINDS else (None, frozenset())

    def _why_out(self, item: Item) -> str | None:
        """Return why no release would hold an item, None where one would."""
        if item.practice or not item.revisions or rules.is_rating(item):
            return None
        return selection.choose(self._found, item, self._standing, _AS_IF_ACCEPTED).reason

    def _to_blame(self, item: Item) -> frozenset[int]:
        """Return the revisions of others that alone leave no lane; none where there would be none without them either."""
        pool_, sources = self._found, source_class(selection.licenses_of(self._found, item))
        own = self._standing.of_author(item).rights
        lost, left = set(), [own]
        for rev in own_revisions(item):
            for part in lineage.parts(rev, pool_.revisions):
                if part.rev.author_id == item.author_id or part.rev.withdrawn:
                    continue
                rights = self._standing.rights_of(part.rev, pool_.items[part.rev.annotation_id])
                if outbound(sources, meet([own, rights])).lane is None:
                    lost.add(part.rev.id)
                else:
                    left.append(rights)
        return frozenset(lost) if outbound(sources, meet(left)).lane is not None else frozenset()


def follow(session: Session, events: Sequence[ConsentEvent], policy: RightsPolicy) -> None:
    """Mark what choices of one person, recorded in this transaction, took a lane from; lift marks that they give one back.

    Whose text is marked is noted in ``session.info``.
    """
    if not events:
        return
    found = pool.around_person(session, events[0].person_id, known=clock.now())
    then = Judge(found, policy.mend_share)
    before = Judge(found, policy.mend_share, without={event.id for event in events})
    _mark(session, found, then, _left(found, then, before, not_of=events[0].person_id), policy)
    judge_again(session, found, found.items, then)


def run_out(session: Session, person_id: int, policy: RightsPolicy) -> None:
    """Mark what a person's grants leave without a lane because they end within the margin; safe to run twice."""
    ledger.queue_up(session)
    found = pool.around_person(session, person_id, known=clock.now())
    then, today = Judge(found, policy.mend_share), Judge(found, policy.mend_share, margin=timedelta(0))
    _mark(session, found, then, _left(found, then, today, not_of=person_id), policy)


def ending(session: Session) -> list[int]:
    """Return the people one of whose grants ends within the margin."""
    now = clock.now()
    chosen = select(ConsentEvent.person_id).where(
        ConsentEvent.expires_at > now, ConsentEvent.expires_at <= now + EXPIRY_MARGIN
    )
    return list(session.scalars(chosen.distinct().order_by(ConsentEvent.person_id)))


def _left(found: Pool, then: Judge, before: Judge, *, not_of: int) -> list[Item]:
    """Return the items of others that have lost their lane."""
    others = (item for item in found.items.values() if item.author_id != not_of)
    return [item for item in others if then.restricted(item) and not before.restricted(item)]


def _mark(session: Session, found: Pool, then: Judge, left: Collection[Item], policy: RightsPolicy) -> None:
    """Mark those of the items that can be mended and are not marked yet."""
    kinds = {item.id: then.kind(item)[0] for item in left}
    annotations.take(session, kinds.keys())
    marked = queries.marked(session, kinds)
    # What stands until its grant ends keeps the offer until then, else it would be made again and again.
    today, now = Judge(found, policy.mend_share, margin=timedelta(0)), found.known
    changes: dict[tuple[str | None, datetime | None], list[int]] = defaultdict(list)
    for item in left:
        if kinds[item.id] is not None and item.id not in marked:
            waits = policy.mend if today.restricted(item) else max(policy.mend, EXPIRY_MARGIN)
            changes[kinds[item.id], now + waits].append(item.id)
    for (kind, until), ids in changes.items():
        for few in chunks(ids):
            values = {"set_aside_kind": kind, "set_aside_until": until}
            session.execute(update(Annotation).where(Annotation.id.in_(few)).values(values))
        session.info.setdefault(TO_TELL, []).extend(ids)
    session.flush()


def judge_again(session: Session, found: Pool, ids: Iterable[int], judge: Judge) -> None:
    """Lift the marks of narrowings that do not hold any more, and change those that are of another kind now.

    Those of withdrawals stay. Who waits keeps the day.
    """
    marked = {
        id_: kind
        for id_, kind in queries.marked(session, ids).items()
        if kind in queries.KINDS and not by_withdrawal(found, found.items[id_])
    }
    annotations.take(session, marked.keys())
    put(session, {id_: judge.kind(found.items[id_])[0] for id_ in marked})


def causes(session: Session, waiting: Collection[Annotation]) -> dict[int, tuple[bool, frozenset[int]]]:
    """Return of each text that waits whether a narrowing alone is behind it, and the revisions that are lost by one.

    Where a withdrawal and a narrowing together leave less than what is offered, only what is withdrawn is lost.
    """
    found = pool.around(session, [one.id for one in waiting], known=clock.now(), rights=True)
    judge, result = Judge(found, mend_share=1.0), {}
    for one in waiting:
        item = found.items[one.id]
        kind, lost = judge.kind(item)
        result[one.id] = not by_withdrawal(found, item), lost if kind == one.set_aside_kind else frozenset()
    return result


def put(session: Session, kinds: Mapping[int, str | None]) -> None:
    """Give items that are marked these marks: None takes a mark away, any other keeps the day."""
    changes: dict[str | None, list[int]] = defaultdict(list)
    for id_, kind in sorted(kinds.items()):
        changes[kind].append(id_)
    for kind, ids in changes.items():
        values = {"set_aside_kind": kind} | ({"set_aside_until": None} if kind is None else {})
        for few in chunks(ids):
            session.execute(update(Annotation).where(Annotation.id.in_(few)).values(values))
    session.flush()
