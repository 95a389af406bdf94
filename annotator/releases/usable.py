"""What the feed has said about a dataset, and which of its versions can therefore be used."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from annotator.annotations.models import Annotation
from annotator.database import chunks
from annotator.projects.models import Project
from annotator.releases.chain import Standing
from annotator.releases.models import FeedEntry, Release, ReleaseRow
from annotator.releases.queries import FOLDERS, folder_of


@dataclass
class Told:
    """What the feed has said about one folder of a dataset; ``lately`` since its last version: credits, corrections."""

    standings: dict[str, Standing] = field(default_factory=dict)
    lately: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    def of(cls, session: Session, dataset: str, folder: str) -> "Told":
        """Read it."""
        result = cls()
        chosen = (
            select(FeedEntry.op, FeedEntry.annotation_ids, FeedEntry.lane, FeedEntry.purposes_removed)
            .where(FeedEntry.dataset == dataset, FeedEntry.folder == folder)
            .order_by(FeedEntry.seq)
        )
        for op, public_ids, lane, purposes in session.execute(chosen):
            if op == "version":
                result.lately.clear()
            result.note(public_ids, op, lane, purposes)
        return result

    def note(self, public_ids: Iterable[str], op: str, lane: str | None = None, purposes: Iterable[str] = ()) -> None:
        """Remember an entry."""
        for public_id in public_ids:
            if op in ("remove", "restrict"):
                self.standings[public_id] = Standing(op, lane, frozenset(purposes))
            else:
                self.lately.add((op, public_id))

    def is_new(self, public_id: str, op: str, lane: str | None = None, purposes: Iterable[str] = ()) -> bool:
        """Say whether an entry about an id would say anything that was not said; nothing brings a removed row back."""
        before = self.standings.get(public_id)
        if before is not None and before.op == "remove":
            return False
        if op in ("remove", "restrict"):
            return before != Standing(op, lane, frozenset(purposes))
        return (op, public_id) not in self.lately


def usable(session: Session, project: Project, folder: str, standings: Mapping[str, Standing]) -> str | None:
    """Return the newest version that is served and holds no row otherwise than it may stand; None when there is none."""
    chosen = (
        select(Release)
        .where(Release.project_id == project.id, Release.state == "published", Release.retired_at.is_(None))
        .order_by(Release.published_at.desc(), Release.id.desc())
    )
    for release in session.scalars(chosen):
        if folder in release.manifest_sha256 and not _holds_what_left(session, release, folder, standings):
            return release.version
    return None


def _holds_what_left(session: Session, release: Release, folder: str, standings: Mapping[str, Standing]) -> bool:
    for few in chunks(standings):
        chosen = (
            select(Annotation.public_id, ReleaseRow.lane, ReleaseRow.facts["purposes"])
            .join(Annotation, Annotation.id == ReleaseRow.annotation_id)
            .where(ReleaseRow.release_id == release.id, Annotation.public_id.in_(few))
        )
        for public_id, lane, purposes in session.execute(chosen):
            if folder_of(lane) == folder and not standings[public_id].allows(lane, purposes or ()):
                return True
    return False


def latest_usable(session: Session) -> dict[str, dict[str, str | None]]:
    """Return the newest usable version of each folder of each dataset that was ever released.

    What the feed said last, while that is served; before it said anything, the newest version that is served.
    """
    found: dict[str, dict[str, str | None]] = {}
    releases = (
        select(Release)
        .where(Release.state == "published")
        .options(joinedload(Release.project))
        .order_by(Release.published_at, Release.id)
    )
    served: dict[tuple[str, str], list[str]] = {}
    for release in session.scalars(releases):
        for folder in release.manifest_sha256:
            found.setdefault(release.project.slug, {}).setdefault(folder, None)
            if release.retired_at is None:
                served.setdefault((release.project.slug, folder), []).append(release.version)
    for slug, folders in found.items():
        for folder in folders:
            last = session.execute(
                select(FeedEntry.latest_usable_version)
                .where(FeedEntry.dataset == slug, FeedEntry.folder == folder)
                .order_by(FeedEntry.seq.desc())
                .limit(1)
            ).one_or_none()
            versions = served.get((slug, folder), [None])
            folders[folder] = versions[-1] if last is None else last[0] if last[0] in versions else None
    return {
        slug: dict(sorted(of.items(), key=lambda item: FOLDERS.index(item[0]))) for slug, of in sorted(found.items())
    }
