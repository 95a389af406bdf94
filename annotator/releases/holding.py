"""Which rows of releases that are served hold words that were taken back: by the revision that was frozen."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.annotations import chain
from annotator.database import chunks
from annotator.projects.models import Project
from annotator.releases import lineage, pool, rules
from annotator.releases.lineage import Part
from annotator.releases.models import Release, ReleaseRow
from annotator.releases.pool import Pool


def stale(session: Session, annotation_ids: Iterable[int]) -> dict[str, set[int]]:
    """Return the frozen revisions of these annotations whose text holds words that were taken back, by project's slug.

    That is the text of a row whose own annotation is withdrawn, and any text with withdrawn words in it: a reviewer's
    edit, or what somebody else made of them.
    """
    served: set[tuple[str, int, int]] = set()
    for few in chunks(sorted(set(annotation_ids))):
        chosen = (
            select(Project.slug, ReleaseRow.annotation_id, ReleaseRow.revision_id)
            .join(Release, Release.id == ReleaseRow.release_id)
            .join(Project, Project.id == Release.project_id)
            .where(Release.state == "published", Release.retired_at.is_(None), ReleaseRow.annotation_id.in_(few))
            .distinct()
        )
        served.update((slug, annotation_id, rev_id) for slug, annotation_id, rev_id in session.execute(chosen))
    found: dict[str, set[int]] = defaultdict(set)
    if served:
        around = pool.around(session, {one[1] for one in served}, known=clock.now())
        for slug, annotation_id, revision_id in served:
            if _holds(around, annotation_id, revision_id):
                found[slug].add(revision_id)
    return dict(found)


def _holds(around: Pool, annotation_id: int, revision_id: int) -> bool:
    if around.items[annotation_id].withdrawn or around.revisions[revision_id].withdrawn:
        return True

    def licensed(part: Part) -> bool:
        stood = around.public_at(part.rev.annotation_id, part.reworded.created_at) if part.reworded else None
        return stood is not None and rules.is_public(stood.lane)

    return bool(chain.gone(lineage.parts(around.revisions[revision_id], around.revisions), licensed))
