"""The feed of what downstream must do: said once, in a chain, by month, in random order, and about nobody.

Only ids that a published release of that folder held are said. Those of few people would show what belongs to one and
who left, so ids wait for those of others while their deadlines permit. Entries queue behind the ledger's lock: whoever writes both takes that one first.
"""

import random
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select, text
from sqlalchemy.orm import Session

from annotator import clock
from annotator.annotations.models import Annotation
from annotator.database import chunks
from annotator.ledger import actions as ledger
from annotator.projects.models import Project
from annotator.releases import chain
from annotator.releases.chain import Head, Verdict
from annotator.releases.models import FeedEntry, Release, ReleaseRow, RowChange
from annotator.releases.queries import folder_of
from annotator.releases.usable import Told, usable

# Ids of fewer people than this wait for others' while they can; more ids than that many make several entries.
BATCH, MOST = 10, 1_000
# Any constant: it names our lock among PostgreSQL's advisory locks.
_LOCK = 0xFEED

_shuffle = random.SystemRandom().shuffle


@dataclass(frozen=True)
class Said:
    """What a call has done: ids said now, and annotations that wait for a batch and must be brought again."""

    said: int = 0
    waiting: frozenset[int] = field(default_factory=frozenset)


# ------------------------------------------------------------------------------------------- what the rights room says


def say_removed(session: Session, annotation_ids: Iterable[int], *, due: Mapping[int, datetime] | None = None) -> Said:
    """Say that these annotations must be deleted from every copy.

    ``due`` is the moment by which each must be said (none: now). Those that wait come back in ``waiting``: call again
    with them. What was said before is not said twice, so a call may be repeated.
    """
    return _say(session, annotation_ids, "remove", due=due)


def say_redacted(session: Session, annotation_ids: Iterable[int], *, due: Mapping[int, datetime] | None = None) -> Said:
    """Say that the credit of these must be deleted from every copy; else as above."""
    return _say(session, annotation_ids, "redact_attribution", due=due)


def _say(session: Session, annotation_ids: Iterable[int], op: str, *, due: Mapping[int, datetime] | None) -> Said:
    queue_up(session)
    count, waiting = 0, set[int]()
    for (project, folder), held in _held(session, annotation_ids).items():
        told = Told.of(session, project.slug, folder)
        new = [one for one in held if told.is_new(one.public_id, op)]
        if not new:
            continue
        few = len({one.author_id for one in new}) < BATCH
        if few and due is not None and all(one.id in due and due[one.id] > clock.now() for one in new):
            waiting.update(one.id for one in new)
            continue
        public_ids = [one.public_id for one in new]
        told.note(public_ids, op)
        latest = usable(session, project, folder, told.standings)
        _append_all(session, project, folder, op=op, public_ids=public_ids, latest=latest)
        count += len(new)
    return Said(count, frozenset(waiting))


class _Held(NamedTuple):
    """An annotation that a published release held."""

    id: int
    public_id: str
    author_id: int


def _held(session: Session, annotation_ids: Iterable[int]) -> dict[tuple[Project, str], set[_Held]]:
    """Return what published releases held of these annotations, by project and folder."""
    found: dict[tuple[Project, str], set[_Held]] = {}
    projects: dict[int, Project] = {}
    for few in chunks(sorted(set(annotation_ids))):
        chosen = (
            select(Release.project_id, ReleaseRow.lane, Annotation.id, Annotation.public_id, Annotation.author_id)
            .join(Release, Release.id == ReleaseRow.release_id)
            .join(Annotation, Annotation.id == ReleaseRow.annotation_id)
            .where(ReleaseRow.annotation_id.in_(few), Release.state == "published")
            .distinct()
        )
        for project_id, lane, annotation_id, public_id, author_id in session.execute(chosen):
            project = projects.setdefault(project_id, session.get_one(Project, project_id))
            found.setdefault((project, folder_of(lane)), set()).add(_Held(annotation_id, public_id, author_id))
    return dict(sorted(found.items(), key=lambda item: (item[0][0].slug, item[0][1])))


# -------------------------------------------------------------------------------------------- what a publication says


def say_release(session: Session, release: Release) -> None:
    """Say what a release that was just published removes, restricts, redacts and corrects, and that it can be used.

    What was said already, because it could not wait for the release, is not said again. Where a row stands with a
    purpose that it had lost, that is said too: the last entry about a row counts.
    """
    queue_up(session)
    project, version = release.project, release.version
    for folder in sorted(release.manifest_sha256):
        told = Told.of(session, project.slug, folder)
        groups = list(_grouped(session, release, folder, told))
        latest = usable(session, project, folder, told.standings)
        for op, lane, purposes, public_ids in groups:
            _append_all(
                session, project, folder, op=op, public_ids=public_ids, lane=lane, purposes=purposes, latest=latest,
                since=version,
            )  # fmt: skip
        if latest == version:
            _append(session, project, folder, op="version", latest=latest, since=version)


def _grouped(
    session: Session, release: Release, folder: str, told: Told
) -> Iterator[tuple[str, str | None, tuple[str, ...], list[str]]]:
    """Note and yield what the release says of rows and the feed does not yet: op, lane, purposes, ids."""
    chosen = (
        select(RowChange.annotation_public_id, RowChange.op, RowChange.lane)
        .where(RowChange.release_id == release.id, RowChange.folder == folder)
        .order_by(RowChange.id)
    )
    changes = [(row.annotation_public_id, row.op, row.lane) for row in session.execute(chosen)]
    restricted = {public_id for public_id, op, _lane in changes if op == "restrict"}
    standing = {
        public_id: (lane, granted)
        for public_id, lane, granted in _rows(session, Release.id == release.id, told.standings.keys() | restricted)
        if folder_of(lane) == folder
    }
    widened = [
        (public_id, "restrict", lane)
        for public_id, (lane, granted) in sorted(standing.items())
        if public_id not in restricted
        and public_id in told.standings
        and not told.standings[public_id].allows(lane, granted)
    ]
    had: dict[str, dict[str, None]] = {}
    asked = standing.keys() & (restricted | {public_id for public_id, _op, _lane in widened})
    before = (Release.project_id == release.project_id) & (Release.state == "published")
    for public_id, lane, granted in _rows(session, before, asked):
        if folder_of(lane) == folder:
            had.setdefault(public_id, {}).update(dict.fromkeys(granted))
    groups: dict[tuple[str, str | None, tuple[str, ...]], list[str]] = {}
    for public_id, op, narrowest in [*changes, *widened]:
        # All that it ever lost, for a copy may be as old as the first release and follow the last entry alone.
        granted = standing[public_id][1] if public_id in standing else ()
        lost = had.get(public_id, {}) if op == "restrict" else {}
        purposes = tuple(name for name in lost if name not in granted)
        if told.is_new(public_id, op, narrowest, purposes):
            groups.setdefault((op, narrowest, purposes), []).append(public_id)
    for (op, narrowest, purposes), public_ids in sorted(groups.items(), key=lambda item: (item[0][0], str(item[0]))):
        told.note(public_ids, op, narrowest, purposes)
        yield op, narrowest, purposes, public_ids


def _rows(
    session: Session, of_releases: ColumnElement[bool], public_ids: Collection[str]
) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Yield how these rows stand or stood in releases: public id, lane, purposes; the oldest release first."""
    for few in chunks(public_ids):
        chosen = (
            select(Annotation.public_id, ReleaseRow.lane, ReleaseRow.facts["purposes"])
            .join(Annotation, Annotation.id == ReleaseRow.annotation_id)
            .join(Release, Release.id == ReleaseRow.release_id)
            .where(of_releases, Annotation.public_id.in_(few))
            .order_by(Release.id)
        )
        for public_id, lane, granted in session.execute(chosen):
            yield public_id, lane, granted or ()


# ----------------------------------------------------------------------------------------------- the chain and its head


def queue_up(session: Session) -> None:
    """Wait for the ledger and then for the feed, and keep both until the transaction ends."""
    ledger.queue_up(session)
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def head(session: Session) -> Head:
    """Return the feed's head."""
    last = session.execute(select(FeedEntry.seq, FeedEntry.hash).order_by(FeedEntry.seq.desc()).limit(1)).one_or_none()
    return Head(last.seq, last.hash) if last else Head()


def page(session: Session, after: int, limit: int) -> list[FeedEntry]:
    """Return the next entries after a number, oldest first."""
    return list(session.scalars(select(FeedEntry).where(FeedEntry.seq > after).order_by(FeedEntry.seq).limit(limit)))


@dataclass(frozen=True)
class Month:
    """How many ids the feed said in a month about one dataset, by what must be done; its two folders count as one."""

    month: str
    dataset: str
    removed: int
    restricted: int
    redacted: int


def by_month(session: Session) -> list[Month]:
    """Return the numbers of the feed, newest month first."""
    found: dict[tuple[str, str], dict[str, set[str]]] = {}
    chosen = select(FeedEntry.month, FeedEntry.dataset, FeedEntry.op, FeedEntry.annotation_ids).where(
        FeedEntry.op.in_(("remove", "restrict", "redact_attribution"))
    )
    for month, dataset, op, public_ids in session.execute(chosen):
        found.setdefault((month, dataset), {}).setdefault(op, set()).update(public_ids)
    return [
        Month(*key, *(len(ids.get(op, ())) for op in ("remove", "restrict", "redact_attribution")))
        for key, ids in sorted(found.items(), key=lambda item: (-int(item[0][0].replace("-", "")), item[0][1]))
    ]


def members(entry: FeedEntry) -> dict[str, Any]:
    """Return an entry as the world sees it, with its hash."""
    named = {"prev_hash": entry.prev, "hash": entry.hash}
    return {name: named.get(name, getattr(entry, name, None)) for name in (*chain.MEMBERS, "hash")}


def verify(session: Session) -> Verdict:
    """Read the whole feed, and check it against the heads that published releases noted."""
    noted = session.scalars(select(Release).where(Release.state == "published"))
    known = [Head(one.facts["feed"]["seq"], one.facts["feed"]["head"]) for one in noted if "feed" in one.facts]
    session.expire_all()  # what the session holds already must not stand in for what the database holds
    entries = session.scalars(select(FeedEntry).order_by(FeedEntry.seq).execution_options(yield_per=500))
    return chain.check((members(entry) for entry in entries), known)


def _append_all(
    session: Session,
    project: Project,
    folder: str,
    *,
    op: str,
    public_ids: Collection[str],
    latest: str | None,
    lane: str | None = None,
    purposes: Sequence[str] = (),
    since: str | None = None,
) -> None:
    """Append the ids in random order, in as many entries as are needed."""
    mixed = list(public_ids)
    _shuffle(mixed)
    for few in chunks(mixed, MOST):
        _append(
            session, project, folder, op=op, public_ids=few, lane=lane, purposes=purposes, latest=latest, since=since
        )


def _append(
    session: Session,
    project: Project,
    folder: str,
    *,
    op: str,
    latest: str | None,
    since: str | None,
    public_ids: Sequence[str] = (),
    lane: str | None = None,
    purposes: Sequence[str] = (),
) -> None:
    last, month = head(session), clock.month(clock.now())
    said: dict[str, Any] = {
        "seq": last.seq + 1,
        "prev_hash": last.hash,
        "dataset": project.slug,
        "folder": folder,
        "op": op,
        "annotation_ids": list(public_ids),
        "purposes_removed": list(purposes),
        "lane": lane,
        "since_version": since,
        "latest_usable_version": latest,
        "month": month,
        "due_by": None if op == "version" else chain.due_by(month),
    }
    stored = {name: value for name, value in said.items() if name != "prev_hash"}
    session.add(FeedEntry(**stored, prev=last.hash, hash=chain.entry_hash(said)))
    session.flush()
