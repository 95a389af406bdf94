"""Freeze -> build -> publish. A release is written once; a crash between the steps is mended by publishing again."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from annotator import clock, storage
from annotator.audit import actions as audit
from annotator.consent.models import Document
from annotator.consent.rules import EXPIRY_MARGIN
from annotator.database import AT_ONCE, chunks
from annotator.errors import Conflict, Invalid
from annotator.ledger import actions as ledger
from annotator.ledger import queries as ledger_queries
from annotator.permissions import Actor, Permission, permit
from annotator.projects.models import Project
from annotator.releases import (
    builder,
    demographics,
    diff,
    drafts,
    feed,
    freezing,
    ids,
    journal,
    loading,
    placing,
    queries,
    remains,
    rows,
    rules,
    verify,
)
from annotator.releases.drafts import Draft
from annotator.releases.models import Release, ReleaseRow, RowChange
from annotator.settings import Settings

JOURNAL = journal.JOURNAL  # where others look for it
place_of = queries.place_of
TRIES = 3


@dataclass(frozen=True)
class Preview:
    """What the next release would hold, what is out and why, and the number that fits."""

    version: str
    previous_version: str | None
    kind: str
    lanes: dict[str, dict[str, int]]
    out: dict[str, int]
    added: dict[str, int]
    removed: dict[str, int]
    changed: dict[str, int]
    codes: dict[str, int]
    rows: int


@dataclass
class Built:
    """Folders that were built beside their places: kind -> (where, its place, SHA-256 of its manifest)."""

    folders: dict[str, tuple[Path, Path, str]] = field(default_factory=dict)


def preview(session: Session, *, actor: Actor, project: Project) -> Preview:
    """Return what publishing now would do; writes nothing."""
    permit(actor, Permission.RELEASE_PREVIEW)
    draft = drafts.draft(session, project, at=clock.now())
    for _ in draft.frozen(session, "0.0.0"):
        pass  # reading to the end completes the tally
    reasons: dict[str, int] = {}
    for reason in draft.selection.out.values():
        reasons[reason] = reasons.get(reason, 0) + 1
    return Preview(
        version=draft.fitting,
        previous_version=draft.previous_version,
        kind=draft.tally.kind if draft.previous_version else "first",
        lanes={lane: dict(sorted(by.items())) for lane, by in sorted(draft.by_lane_and_language().items())},
        out=dict(sorted(reasons.items())),
        added=dict(draft.tally.added),
        removed={folder: len(by_id) for folder, by_id in draft.tally.removed.items()},
        changed={folder: len(by_id) for folder, by_id in draft.tally.changed.items()},
        codes=dict(sorted(draft.tally.codes().items())),
        rows=len(draft.selection.rows),
    )


def publish(
    session: Session, *, actor: Actor, project: Project, version: str, notes: str = "", settings: Settings
) -> Release:
    """Freeze, build and publish in the caller's transaction, and return the release.

    Edges that must not hold a transaction while files are written call the three steps themselves. Raises
    Invalid ``release_version_malformed``; Conflict ``release_version_unfit`` (naming the one that fits),
    ``release_published_already``, ``release_folder_exists``, ``release_gated_terms_missing``,
    ``release_does_not_verify``.
    """
    permit(actor, Permission.RELEASE_PUBLISH)
    ledger.queue_up(session)  # before the project, as ``finish`` does alone
    for attempt in range(TRIES):
        release = freeze(session, actor=actor, project=project, version=version, notes=notes, settings=settings)
        with build(session, release, settings=settings) as built:
            try:
                return finish(session, actor=actor, release=release, built=built, settings=settings)
            except Conflict as error:
                if error.code != "release_outdated" or attempt == TRIES - 1:
                    raise
    raise AssertionError  # the loop returns or raises


def freeze(
    session: Session, *, actor: Actor, project: Project, version: str, notes: str = "", settings: Settings
) -> Release:
    """Freeze which revision of which annotation goes out, or return the release that is frozen and still stands.

    Raises what :func:`publish` raises before anything is built.
    """
    permit(actor, Permission.RELEASE_PUBLISH)
    if not diff.VERSION.fullmatch(version):
        raise Invalid("release_version_malformed", version=version)
    # FOR NO KEY UPDATE: claims and submissions, whose rows point at the project, go on meanwhile.
    session.refresh(project, with_for_update={"key_share": True})
    journal.catch_up(session, project, settings)
    found = queries.by_version(session, project, version)
    if found is not None and found.state == "published":
        raise Conflict("release_published_already", version=version, project=project.slug)
    at = clock.now()
    draft = drafts.draft(session, project, at=at)
    ordinary = found is not None and not found.facts.get("removals_only")
    if found is not None and found.state == "frozen" and ordinary and _is_so_now(session, found, draft):
        found.notes = notes or found.notes
        session.flush()
        return found
    freezing.abandon(session, project)
    release = found or Release(project_id=project.id, version=version, facts={}, manifest_sha256={})
    head = ledger_queries.head(session)
    release.project, release.state, release.notes = project, "frozen", notes
    release.previous = draft.history.previous
    release.frozen_at, release.frozen_by, release.published_at = at, actor.name, None
    release.ledger_seq, release.ledger_head = head.seq, head.hash
    gated_terms = _gated_terms(session, project, at)
    session.add(release)
    session.flush()
    shown = demographics.Gathering()
    for few in chunks(draft.frozen(session, version), rows.AT_ONCE):
        session.execute(insert(ReleaseRow), [{"release_id": release.id, **row} for row in few])
        for row in few:
            shown.add(row["lane"], row["facts"])
    if not diff.fits(version, draft.previous_version, draft.tally.kind):
        freezing.forget(session, release)
        session.delete(release)
        session.flush()
        raise Conflict(
            "release_version_unfit",
            version=version,
            fits=draft.fitting,
            previous=draft.previous_version,
            kind=draft.tally.kind,
        )
    freezing.write_changes(session, release, draft.changes)
    noted = feed.head(session)
    told = _facts(draft, project, settings, gated_terms)
    told["feed"] = {"seq": noted.seq, "head": noted.hash}
    told["demographics"] = shown.frozen(session, told["selection"]["small_count"])
    release.facts = told
    session.flush()
    audit.record(
        session,
        actor=actor,
        action="release.frozen",
        object_kind="release",
        object_id=release.id,
        version=version,
        rows=len(draft.selection.rows),
    )
    return release


@contextmanager
def build(session: Session, release: Release, *, settings: Settings) -> Iterator[Built]:
    """Build, verify and load the folders of a frozen release beside their places; those not put in place go again.

    Only reads the database. Raises Conflict ``release_outdated`` or ``release_does_not_verify``.
    """
    built = Built()
    try:
        for kind in _kinds(release):
            target = place_of(settings, kind, release.project.slug, release.version)
            made = storage.new_folder_beside(target)
            built.folders[kind] = (made, target, "")
            digest = builder.build(session, release, kind, made)
            built.folders[kind] = (made, target, digest)
            before = _previous_folder(release, kind, settings)
            result = verify.verify(made, before, digest)
            wrong = next((check for check in result["checks"] if not check["ok"]), None)
            if wrong is not None:
                raise Conflict("release_does_not_verify", check=wrong["name"], detail=wrong["detail"])
            fault = loading.fault(made)
            if fault is not None:
                raise Conflict("release_does_not_verify", check="loads", detail=fault)
        yield built
    finally:
        for made, _target, _digest in built.folders.values():
            shutil.rmtree(made, ignore_errors=True)


def finish(session: Session, *, actor: Actor, release: Release, built: Built, settings: Settings) -> Release:
    """Put the built folders in place and publish: ledger, audit, and after the commit the journal.

    Asks again whether every frozen row still stands; raises Conflict ``release_outdated`` when one does not, and
    the caller freezes anew. Returns the release as it is when somebody else has published it meanwhile.
    """
    permit(actor, Permission.RELEASE_PUBLISH)
    ledger.queue_up(session)  # whoever takes something back has committed and is seen below, or waits until we have
    session.refresh(release.project, with_for_update={"key_share": True})
    session.refresh(release)
    if release.state == "published":
        return release
    if release.state != "frozen" or not _is_so_now(session, release):
        raise Conflict("release_outdated", version=release.version)
    for made, target, digest in built.folders.values():
        placing.put_in_place(session, made, target, digest, settings)
    release.manifest_sha256 = {kind: digest for kind, (_made, _target, digest) in built.folders.items()}
    entry = ledger.append(
        session,
        type="release.published",
        payload={
            "project": release.project.slug,
            "version": release.version,
            "manifest_sha256": dict(sorted(release.manifest_sha256.items())),
        },
    )
    release.state, release.published_at = "published", clock.now()
    release.facts = {
        **release.facts,
        "published": {"seq": entry.seq, "hash": entry.hash},
        "demographics": demographics.without_values(release.facts.get("demographics", {})),
    }
    session.flush()
    feed.say_release(session, release)
    audit.record(
        session,
        actor=actor,
        action="release.published",
        object_kind="release",
        object_id=release.id,
        version=release.version,
        seq=entry.seq,
    )
    journal.after_commit(session, release, settings)
    return release


def _is_so_now(session: Session, release: Release, draft: Draft | None = None) -> bool:
    """Say whether a frozen release is what freezing it at this moment (with that draft) would give."""
    now = clock.now()
    if not demographics.still_let(session, release):
        return False
    if release.facts.get("removals_only"):
        return freezing.remains_so(session, release, remains.remains(session, release.project, at=now))
    return _still_stands(session, release, draft or drafts.draft(session, release.project, at=now))


def _kinds(release: Release) -> list[str]:
    return ["public", "gated"] if "gated" in release.facts["selection"]["lanes"] else ["public"]


def _previous_folder(release: Release, kind: str, settings: Settings) -> Path | None:
    """Return the folder of the release before, where it is still on this machine and as it was published."""
    before = release.previous
    if before is None or kind not in before.manifest_sha256 or before.retired_at is not None:
        return None  # a retired one has no rows left to compare with
    place = place_of(settings, kind, release.project.slug, before.version)
    manifest = place / "manifest.json"
    return place if manifest.is_file() and storage.sha256_of(manifest) == before.manifest_sha256[kind] else None


def _facts(draft: Draft, project: Project, settings: Settings, gated_terms: int | None) -> dict[str, Any]:
    """Return what a freeze counted and what its files must always say, whatever is renamed later."""
    tally = draft.tally
    return {
        "title": project.title,
        "description": project.description,
        "public_url": settings.public_url.rstrip("/"),
        "excluded": draft.selection.excluded(),
        "profiles": draft.profiles,
        "credits": {told: list(credit) for told, credit in sorted(draft.credits.items())},
        "gated_terms": gated_terms,
        "selection": {
            "release_unreviewed": project.release_unreviewed,
            "reviews": project.reviews,
            "lanes": sorted(project.lanes),
            "splits_in_1000": {"test": ids.TEST, "validation": ids.VALIDATION},
            "expiry_margin_days": EXPIRY_MARGIN.days,
            "small_count": max(rules.K, settings.small_count),
            "protected_languages": draft.protected(),
        },
        "diff": freezing.told(tally),
    }


def _gated_terms(session: Session, project: Project, at: datetime) -> int | None:
    """Return the terms of the gated lane, where the project has that lane."""
    if "gated" not in project.lanes:
        return None
    found = session.scalar(
        select(Document.id)
        .where(Document.kind == "gated-terms", Document.authoritative, Document.effective_from <= at)
        .order_by(Document.version.desc())
        .limit(1)
    )
    if found is None:
        raise Conflict("release_gated_terms_missing", project=project.slug)
    return found


def _still_stands(session: Session, release: Release, draft: Draft) -> bool:
    """Say whether the release follows the newest one and each frozen row is what it would be now, and nobody's name."""
    if release.previous_id != (draft.history.previous.id if draft.history.previous else None):
        return False
    if release.facts["selection"].get("protected_languages") != draft.protected():
        return False
    said = select(RowChange.folder, RowChange.annotation_public_id, RowChange.op, RowChange.lane).where(
        RowChange.release_id == release.id, RowChange.op == "remove"
    )
    frozen_removals = {(folder, public_id) for folder, public_id, _op, _lane in session.execute(said)}
    if any(
        change.op == "remove" and (change.folder, change.public_id) not in frozen_removals for change in draft.changes
    ):
        return False
    chosen = select(ReleaseRow).where(ReleaseRow.release_id == release.id)
    with closing(session.scalars(chosen.execution_options(yield_per=AT_ONCE))) as frozen:
        if not all(drafts.stands(row, draft.selection, draft.maker) for row in frozen):
            return False
    printed, now = release.facts["credits"], draft.maker.credits
    return all(told in now and tuple(credit) == now[told] for told, credit in printed.items())
