"""Ask about releases: what is published, and what earlier releases fixed for the next one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from annotator.annotations.models import Annotation, Revision
from annotator.database import AT_ONCE, chunks
from annotator.errors import NotFound
from annotator.projects.models import Project
from annotator.releases.models import FeedEntry, Release, ReleaseRow, RowChange
from annotator.releases.selection import Earlier
from annotator.settings import Settings

FOLDERS = ("public", "gated")


@dataclass(frozen=True, slots=True)
class Before:
    """A row of the previous release, without what its texts say."""

    public_id: str
    lane: str
    row_sha256: str
    release_added: str
    reviews_sha256: str


@dataclass(frozen=True, slots=True)
class Said:
    """The last thing that a folder's ``withdrawn`` says about where a row may stand."""

    op: str
    lane: str | None


@dataclass(frozen=True)
class History:
    """What earlier published releases of a project fixed."""

    previous: Release | None = None
    rows: Mapping[int, Before] = field(default_factory=dict)
    said: Mapping[str, Mapping[str, Said]] = field(default_factory=lambda: {name: {} for name in FOLDERS})
    first: Mapping[int, str] = field(default_factory=dict)
    splits: Mapping[str, str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()

    @property
    def earlier(self) -> Earlier:
        """The part that decides which rows may stand, and in which split; ``gone`` is what the feed has said to remove."""
        removed = {public_id for said in self.said.values() for public_id, last in said.items() if last.op == "remove"}
        return Earlier(self.splits, self.gone | removed)


def folder_of(lane: str) -> str:
    """Return the kind of folder that a lane lies in."""
    return "gated" if lane == "gated" else "public"


def place_of(settings: Settings, kind: str, slug: str, version: str) -> Path:
    """Return where a folder of a release lies."""
    return (settings.exports if kind == "public" else settings.exports_gated) / slug / version


def published(session: Session, project: Project) -> Sequence[Release]:
    """Return the published releases, newest first."""
    return session.scalars(
        select(Release)
        .where(Release.project_id == project.id, Release.state == "published")
        .order_by(Release.published_at.desc(), Release.id.desc())
    ).all()


def listing(session: Session) -> Sequence[Release]:
    """Return every project's published releases, by project, newest first."""
    return session.scalars(
        select(Release)
        .join(Project)
        .where(Release.state == "published")
        .options(joinedload(Release.project))
        .order_by(Project.slug, Release.published_at.desc(), Release.id.desc())
    ).all()


def by_version(session: Session, project: Project, version: str) -> Release | None:
    """Return the release of that version in whatever state, or None."""
    return session.scalar(select(Release).where(Release.project_id == project.id, Release.version == version))


def published_version(session: Session, project: Project, version: str) -> Release:
    """Return a published release; raise NotFound ``release_unknown`` when there is none."""
    found = by_version(session, project, version)
    if found is None or found.state != "published":
        raise NotFound("release_unknown", version=version, project=project.slug)
    return found


def history(session: Session, project: Project) -> History:
    """Return what the published releases of the project fixed for the next one."""
    releases = published(session, project)
    if not releases:
        return History()
    of_project = (Release.project_id == project.id, Release.state == "published")
    rows: dict[int, Before] = {}
    chosen = (
        select(
            ReleaseRow.annotation_id, Annotation.public_id, ReleaseRow.lane, ReleaseRow.row_sha256,
            ReleaseRow.release_added, ReleaseRow.facts["reviews_sha256"].as_string(),
        )
        .join(Annotation, Annotation.id == ReleaseRow.annotation_id)
        .where(ReleaseRow.release_id == releases[0].id)
    )  # fmt: skip
    for annotation_id, *before in session.execute(chosen.execution_options(yield_per=AT_ONCE)):
        rows[annotation_id] = Before(*before)
    first: dict[int, str] = {id_: row.release_added for id_, row in rows.items()}
    everything = select(ReleaseRow.annotation_id, ReleaseRow.release_added).join(Release).where(*of_project).distinct()
    for annotation_id, version in session.execute(everything):
        first.setdefault(annotation_id, version)
    splits = select(ReleaseRow.root_id, ReleaseRow.split).join(Release).where(*of_project).distinct()
    by_root = {row.root_id: row.split for row in session.execute(splits)}
    gone = frozenset(told_to_remove(session, project))
    return History(releases[0], rows, said(session, project), first, by_root, gone)


def told_to_remove(session: Session, project: Project | None = None) -> set[str]:
    """Return the ids that the feed has said to be removed from the releases of a project, or (None) of any."""
    told = select(FeedEntry.annotation_ids).where(FeedEntry.op == "remove")
    if project is not None:
        told = told.where(FeedEntry.dataset == project.slug)
    return {one for listed in session.scalars(told) for one in listed}


def said(session: Session, project: Project) -> dict[str, dict[str, Said]]:
    """Return for each kind of folder where its rows may still stand, by what published releases said last."""
    result: dict[str, dict[str, Said]] = {name: {} for name in FOLDERS}
    changes = (
        select(RowChange.folder, RowChange.annotation_public_id, RowChange.op, RowChange.lane)
        .join(Release, Release.id == RowChange.release_id)
        .where(
            RowChange.project_id == project.id,
            Release.state == "published",
            RowChange.op.in_(("remove", "restrict")),
        )
        .order_by(RowChange.id)
    )
    for folder, public_id, op, lane in session.execute(changes):
        result[folder][public_id] = Said(op, lane)
    return result


def taken_back(session: Session) -> tuple[set[int], set[int]]:
    """Return annotations that were taken back, and reviewers' edits, that may still be undone.

    Neither their words are erased, nor has the feed said that they must go.
    """
    gone = told_to_remove(session)
    texts = select(Annotation.id, Annotation.public_id).where(
        Annotation.withdrawn_at.is_not(None), Annotation.erased_at.is_(None)
    )
    edits = select(Revision.id).where(
        Revision.withdrawn_at.is_not(None), Revision.erased_at.is_(None), Revision.role == "reviewer"
    )
    found = {annotation_id for annotation_id, public_id in session.execute(texts) if public_id not in gone}
    return found, set(session.scalars(edits))


def annotation_ids(session: Session, public_ids: Sequence[str]) -> dict[str, int]:
    """Return the annotations that still exist, by their public ids."""
    found: dict[str, int] = {}
    for few in chunks(public_ids):
        chosen = select(Annotation.public_id, Annotation.id).where(Annotation.public_id.in_(few))
        found.update({row.public_id: row.id for row in session.execute(chosen)})
    return found
