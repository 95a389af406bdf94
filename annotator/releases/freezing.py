"""What a freeze writes beside its rows, and the freeze of a release in which rows are only left out."""

import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.audit import actions as audit
from annotator.database import AT_ONCE, chunks
from annotator.ledger import queries as ledger
from annotator.permissions import Actor, Permission, permit
from annotator.projects.models import Project
from annotator.releases import demographics, diff, feed, journal, queries, remains, rows, rules
from annotator.releases.models import Release, ReleaseRow, RowChange
from annotator.settings import Settings

REMOVALS_NOTE = (
    "Rows that were taken back, or may not stand any more where they stood, are left out. A text with words that were"
    " taken back is as it was before them. Nothing was added."
)


def freeze_removals(session: Session, *, actor: Actor, project: Project, settings: Settings) -> Release | None:
    """Freeze the next MAJOR version: the rows of the newest one as they were frozen, minus those that no longer stand.

    Returns the one that is frozen already and still stands, or None when nothing has left (or nothing was released).
    What somebody else had frozen and not published is forgotten: who takes something back does not wait.
    """
    permit(actor, Permission.RELEASE_PUBLISH)
    session.refresh(project, with_for_update={"key_share": True})
    journal.catch_up(session, project, settings)
    at = clock.now()
    left = remains.remains(session, project, at=at)
    if left is None or left.empty:
        return None
    version = diff.fitting(left.previous.version, "major")
    found = queries.by_version(session, project, version)
    if found is not None and found.state == "frozen" and remains_so(session, found, left):
        return found
    abandon(session, project)
    release = found or Release(project_id=project.id, version=version, facts={}, manifest_sha256={})
    head, noted = ledger.head(session), feed.head(session)
    release.project, release.state, release.notes = project, "frozen", REMOVALS_NOTE
    release.previous, release.frozen_at, release.frozen_by, release.published_at = left.previous, at, actor.name, None
    release.ledger_seq, release.ledger_head = head.seq, head.hash
    session.add(release)
    session.flush()
    shown = demographics.Gathering()
    for few in chunks(left.frozen(session), rows.AT_ONCE):
        session.execute(insert(ReleaseRow), [{"release_id": release.id, **row} for row in few])
        for row in few:
            shown.add(row["lane"], row["facts"])
    write_changes(session, release, left.changes)
    before = left.previous.facts
    selection = {
        **before["selection"],
        "small_count": max(rules.K, settings.small_count),
        "protected_languages": left.protected(),
    }
    release.facts = {
        **{name: before[name] for name in ("title", "description", "public_url", "gated_terms")},
        "profiles": {**before["profiles"], **left.profiles},
        "removals_only": True,
        "excluded": before["excluded"],
        "credits": left.printed(),
        "selection": selection,
        "diff": told(left.tally),
        "feed": {"seq": noted.seq, "head": noted.hash},
        "demographics": shown.frozen(session, selection["small_count"], before=before.get("demographics", {})),
    }
    session.flush()
    audit.record(
        session,
        actor=actor,
        action="release.frozen",
        object_kind="release",
        object_id=release.id,
        version=version,
        rows=len(left.kept.rows),
        removed=len(left.leaving),
    )
    return release


def remains_so(session: Session, release: Release, left: remains.Remains | None) -> bool:
    """Say whether a frozen removal-only release is what freezing it now would give."""
    if left is None or not release.facts.get("removals_only") or release.previous_id != left.previous.id:
        return False
    chosen = select(ReleaseRow.annotation_id, ReleaseRow.facts).where(ReleaseRow.release_id == release.id)
    frozen = {row.annotation_id: row.facts for row in session.execute(chosen.execution_options(yield_per=AT_ONCE))}
    if frozen.keys() != left.kept.rows.keys():
        return False
    if not all(frozen[row["annotation_id"]] == row["facts"] for row in left.frozen(session)):
        return False
    protected = release.facts["selection"]["protected_languages"] == left.protected()
    return bool(protected and release.facts["credits"] == left.printed())


def told(tally: diff.Tally) -> dict[str, Any]:
    """Return what a release's facts say of a tally."""
    return {
        folder: {
            "counts": tally.as_counts(folder),
            "removed": tally.removed[folder],
            "changed": tally.changed[folder],
        }
        for folder in queries.FOLDERS
    }


def write_changes(session: Session, release: Release, changes: Iterable[diff.Change]) -> None:
    """Write what downstream must do, in the order of random ids, so that no order shows who withdrew what."""
    batches = {folder: str(uuid.uuid4()) for folder in queries.FOLDERS}
    for change in sorted(changes, key=lambda one: (one.folder, one.public_id, one.op)):
        session.add(
            RowChange(
                project_id=release.project_id,
                folder=change.folder,
                annotation_public_id=change.public_id,
                op=change.op,
                lane=change.lane,
                effective_month=clock.month(release.frozen_at),
                release_id=release.id,
                batch_id=batches[change.folder],
            )
        )
    session.flush()


def abandon(session: Session, project: Project) -> None:
    """Forget what was frozen and not published: it must not speak in any ``withdrawn``."""
    for other in session.scalars(select(Release).where(Release.project_id == project.id, Release.state == "frozen")):
        forget(session, other)
        other.state = "abandoned"
        other.facts = {**other.facts, "demographics": {}}  # nothing about people outlives their choice
    session.flush()


def forget(session: Session, release: Release) -> None:
    """Forget the rows of a release that was not published, and what it would have said."""
    session.execute(delete(RowChange).where(RowChange.release_id == release.id))
    session.execute(delete(ReleaseRow).where(ReleaseRow.release_id == release.id))
