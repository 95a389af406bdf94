"""What would become of others' texts if these were withdrawn now: the same verdicts, before anything happens."""

from collections import Counter
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.annotations.chain import Verdict
from annotator.annotations.models import Annotation, Revision
from annotator.database import chunks
from annotator.releases import pool
from annotator.rights.mending import queries
from annotator.rights.mending.verdicts import verdict_of


def foresee(
    session: Session, annotation_ids: Collection[int], edit_ids: Collection[int], *, mend_share: float
) -> Counter[Verdict]:
    """Return how many standing texts of others meet which verdict; changes nothing."""
    taken = set(edit_ids)
    for few in chunks(sorted(annotation_ids)):
        taken.update(session.scalars(select(Revision.id).where(Revision.annotation_id.in_(few))))
    made = queries.made_from(session, taken) - set(annotation_ids)
    standing: set[int] = set()
    for few in chunks(sorted(made)):
        chosen = select(Annotation.id).where(Annotation.id.in_(few), Annotation.withdrawn_at.is_(None))
        standing.update(session.scalars(chosen))
    if not standing:
        return Counter()
    found = pool.around(session, standing, known=clock.now())
    for id_ in annotation_ids:
        if id_ in found.items:
            found.items[id_].withdrawn = True
    for id_ in taken:
        if id_ in found.revisions:
            found.revisions[id_].withdrawn = True
    return Counter(verdict_of(found, found.items[id_], mend_share) for id_ in standing)
