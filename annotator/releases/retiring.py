"""Retire versions that hold a removed row: their files are gone, their page stays and says which version to use."""

import shutil
from collections.abc import Collection, Iterable
from pathlib import Path

import yaml
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from annotator import clock, storage
from annotator.annotations.models import Annotation
from annotator.audit import actions as audit
from annotator.database import chunks, open_session
from annotator.ledger import actions as ledger
from annotator.permissions import OPERATOR
from annotator.projects import queries as projects
from annotator.projects.models import Project
from annotator.releases import queries
from annotator.releases.models import Release, ReleaseRow
from annotator.settings import Settings

# What stays of a retired folder.
KEPT = ("manifest.json", "SHA256SUMS", "CITATION.cff")


def retire(
    engine: Engine,
    settings: Settings,
    project_slug: str,
    annotation_ids: Iterable[int] = (),
    *,
    revision_ids: Iterable[int] = (),
    at_once: bool = False,
) -> list[str]:
    """Retire the versions of a project that hold a removed row, delete their files, and return their numbers.

    Removed is what the feed has said, and ``annotation_ids``; ``revision_ids`` are texts that hold words taken back
    (``holding.stale``), of rows that may stand in a newer version without them. A version is retired once a newer one without
    such rows is served; ``at_once`` (personal data, harm, a minor) it does not wait for that. Safe to run twice: what a kill left
    half done is completed by the next run, or by the sweep.
    """
    with open_session(engine, writes=True) as session:
        ledger.queue_up(session)
        project = projects.by_slug(session, project_slug)
        gone = removed(session, project) | set(annotation_ids)
        found = due(session, project, gone, frozenset(revision_ids), at_once=at_once)
        retired = [_mark(session, release) for release in found]
        session.commit()
    clear(engine, settings)
    return retired


def removed(session: Session, project: Project) -> set[int]:
    """Return the annotations that the feed has said to be removed from a project's releases."""
    found: set[int] = set()
    for few in chunks(queries.told_to_remove(session, project)):
        found.update(session.scalars(select(Annotation.id).where(Annotation.public_id.in_(few))))
    return found


def due(
    session: Session, project: Project, gone: Collection[int], stale: Collection[int], *, at_once: bool
) -> list[Release]:
    """Return the versions to retire, newest first."""
    result: list[Release] = []
    newer_is_clean = at_once
    for release in queries.published(session, project):
        if release.retired_at is not None:
            continue
        held = _holds(session, release, ReleaseRow.annotation_id, gone)
        if not held and not _holds(session, release, ReleaseRow.revision_id, stale):
            newer_is_clean = True
        elif newer_is_clean:
            result.append(release)
    return result


def _holds(session: Session, release: Release, column: InstrumentedAttribute[int], ids: Collection[int]) -> bool:
    return any(
        session.scalar(
            select(ReleaseRow.annotation_id).where(ReleaseRow.release_id == release.id, column.in_(few)).limit(1)
        )
        is not None
        for few in chunks(sorted(ids))
    )


def _mark(session: Session, release: Release) -> str:
    """From here on its files answer 410, whether they are still there or not."""
    release.retired_at = clock.now()
    payload = {"project": release.project.slug, "version": release.version}
    ledger.append(session, type="release.retired", payload=payload)
    audit.record(
        session, actor=OPERATOR, action="release.retired", object_kind="release", object_id=release.id,
        version=release.version,
    )  # fmt: skip
    return release.version


def withdrawn_rows(session: Session, release: Release) -> int:
    """Return how many rows of a version were removed since it was published."""
    held = select(func.count()).select_from(ReleaseRow).where(ReleaseRow.release_id == release.id)
    return sum(
        session.scalar(held.where(ReleaseRow.annotation_id.in_(few))) or 0
        for few in chunks(sorted(removed(session, release.project)))
    )


def clear(engine: Engine, settings: Settings) -> None:
    """Delete the files of retired versions, in both folders; what is deleted already costs a look."""
    with open_session(engine, writes=False) as session:
        retired = list(session.scalars(select(Release).where(Release.retired_at.is_not(None)).order_by(Release.id)))
        places = [
            (queries.place_of(settings, kind, release.project.slug, release.version), release, release.project.slug)
            for release in retired
            for kind in release.manifest_sha256
        ]
    for place, release, slug in places:
        if place.is_dir():
            _empty(place, release, slug)


def _empty(place: Path, release: Release, slug: str) -> None:
    """Leave the manifest, the sums and a citation without names."""
    others = [path for path in place.iterdir() if path.name not in KEPT]
    citation = _citation(release, slug)
    path = place / "CITATION.cff"
    if not others and path.is_file() and path.read_bytes() == citation.encode():
        return
    made = place / ".CITATION.cff"
    storage.write(made, citation)
    made.replace(path)
    for other in others:
        if other.is_dir() and not other.is_symlink():
            shutil.rmtree(other)
        else:
            other.unlink(missing_ok=True)


def _citation(release: Release, slug: str) -> str:
    title = release.facts["title"]
    facts = {
        "cff-version": "1.2.0",
        "message": "This version was retired: rows of it were taken back. Please use and cite a later one.",
        "title": title,
        "type": "dataset",
        "version": release.version,
        "date-released": release.frozen_at.date(),
        "authors": [{"name": f"The contributors of {title}"}],
        "url": f"{release.facts['public_url']}/projects/{slug}/releases/{release.version}",
    }
    return yaml.safe_dump(facts, sort_keys=False, allow_unicode=True, width=1000)
