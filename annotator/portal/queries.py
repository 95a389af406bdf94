"""Questions that span several rooms."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator.releases.models import Release, ReleaseRow


def releases_holding(session: Session, annotation_ids: Sequence[int]) -> dict[int, list[tuple[Release, ReleaseRow]]]:
    """Return, for each annotation, the published releases that hold it, newest first, with its row there."""
    found: dict[int, list[tuple[Release, ReleaseRow]]] = {}
    rows = session.execute(
        select(Release, ReleaseRow)
        .join(ReleaseRow, ReleaseRow.release_id == Release.id)
        .where(ReleaseRow.annotation_id.in_(annotation_ids), Release.state == "published")
        .order_by(Release.id.desc())
    )
    for release, row in rows:
        found.setdefault(row.annotation_id, []).append((release, row))
    return found
