"""Releases over HTTP: which there are, the manifest of one, and the feed of what must be done about rows that left."""

import hashlib
from datetime import datetime
from pathlib import Path

from flask import request
from pydantic import BaseModel

from annotator.errors import Invalid, NotFound
from annotator.projects import queries as projects
from annotator.releases import actions, feed, models, queries, usable
from annotator.web.api.description import AnyObject
from annotator.web.api.endpoints import Answer, Endpoint, Header, room
from annotator.web.extensions import db_session, settings
from annotator.web.pages import public_address

blueprint = room("releases")

# Entries on one page of the feed; an entry holds at most feed.MOST ids.
PAGE = 100
_NONE_MATCH = Header("If-None-Match", "The ETag of what you have; if it is still so, the answer is 304 without content")


class Release(BaseModel):
    """A published version of a project's dataset.

    manifest_sha256: of the file manifest.json in each folder (public, gated). page: where people read about it and
    download its files. retired: rows of it were withdrawn, and its files are not served any more; a later version
    holds the rest.
    """

    project: str
    version: str
    frozen_at: datetime
    published_at: datetime | None
    previous: str | None
    notes: str
    manifest_sha256: dict[str, str]
    page: str
    retired: bool


class Releases(BaseModel):
    """Every published release, by project, newest first."""

    releases: list[Release]


class Entry(BaseModel):
    """One entry of the feed: what must be done about some rows of a dataset, or a version that can be used.

    op: remove (delete the rows), restrict (they may stand no wider than in `lane`, null meaning nowhere, and not for
    `purposes_removed`), redact_attribution (delete the credit), correct (take the words of a newer version), version
    (a version is out). annotation_ids: in random order. since_version: the first version that follows the entry,
    null while there is none. latest_usable_version: which version to use from then on, null while there is none.
    due_by: when copies should have followed. hash: SHA-256 of the RFC 8785 form of all other members, of which
    prev_hash is the entry before.
    """

    seq: int
    prev_hash: str
    hash: str
    dataset: str
    folder: str
    op: str
    annotation_ids: list[str]
    purposes_removed: list[str]
    lane: str | None
    since_version: str | None
    latest_usable_version: str | None
    month: str
    due_by: str | None


class FeedHead(BaseModel):
    """The last entry of the whole feed."""

    seq: int
    hash: str


class UsableVersions(BaseModel):
    """The version to use of each dataset, for each folder (public, gated); null: none can be used just now."""

    latest_usable_version: dict[str, dict[str, str | None]]


class WithdrawalPage(UsableVersions):
    """A page of the feed, oldest first, and the version to use of each dataset.

    next: ask for what comes after this number; null on the last page.
    """

    head: FeedHead
    entries: list[Entry]
    next: int | None


@Endpoint(
    blueprint, "GET", "/withdrawals", public=True, answers={200: WithdrawalPage}, headers=(_NONE_MATCH,),
    query={"after": "The number of the last entry that you have; 0, or left out: from the beginning"},
    refuses={422: ("feed_after_invalid",)},
)  # fmt: skip
def withdrawals() -> Answer:
    """Return the feed of withdrawals, page by page: what must be done about rows of earlier releases.

    Entries are only ever appended. Whoever keeps a copy of a dataset asks now and then for what is new, and does it;
    `apply_withdrawals.py` in each release does it for Parquet and JSON Lines.
    """
    written = request.args.get("after", "0")
    if not written.isdecimal() or len(written) > 9:  # noqa: PLR2004  # what an INTEGER holds
        raise Invalid("feed_after_invalid", after=written[:40])
    session = db_session()
    last = feed.head(session)
    entries = [Entry(**feed.members(entry)) for entry in feed.page(session, int(written), PAGE)]
    more = bool(entries) and entries[-1].seq < last.seq
    page = WithdrawalPage(
        latest_usable_version=usable.latest_usable(session),
        head=FeedHead(seq=last.seq, hash=last.hash),
        entries=entries,
        next=entries[-1].seq if more else None,
    )
    return _unless_known(page)


@Endpoint(
    blueprint, "GET", "/latest-usable-version", public=True, answers={200: UsableVersions}, headers=(_NONE_MATCH,)
)
def latest_usable_version() -> Answer:
    """Say which version of each dataset to use: the newest that holds no withdrawn row."""
    return _unless_known(UsableVersions(latest_usable_version=usable.latest_usable(db_session())))


def _unless_known(content: BaseModel) -> Answer:
    """Return the content with its tag; nothing but the tag to whoever has it."""
    said = content.model_dump_json().encode()
    tag = hashlib.sha256(said).hexdigest()[:32]
    headers = {"ETag": f'"{tag}"', "Cache-Control": "no-cache"}
    if request.if_none_match.contains_weak(tag):
        return Answer(b"", status=304, headers=headers)
    return Answer(said, headers=headers)


@Endpoint(blueprint, "GET", "/releases", public=True, answers={200: Releases})
def list_releases() -> Releases:
    """List the published releases of all projects."""
    return Releases(releases=[_described(release) for release in queries.listing(db_session())])


@Endpoint(
    blueprint, "GET", "/releases/<slug>/<version>/manifest", public=True, answers={200: AnyObject},
    refuses={404: ("project_unknown", "release_unknown", "release_without_manifest")},
)  # fmt: skip
def manifest(slug: str, version: str) -> Answer:
    """Return the manifest of a release's public folder, byte for byte: its files with their sums, its rows by lane.

    The SHA-256 of what comes is the one that the list of releases gives.
    """
    session = db_session()
    release = queries.published_version(session, projects.by_slug(session, slug), version)
    folder = actions.place_of(settings(), "public", release.project.slug, release.version)
    try:
        found = (Path(folder) / "manifest.json").read_bytes()
    except OSError as error:
        raise NotFound("release_without_manifest", version=version, project=slug) from error
    tag = release.manifest_sha256.get("public")
    return Answer(found, headers={"Cache-Control": "no-cache", **({"ETag": f'"{tag}"'} if tag else {})})


def _described(release: models.Release) -> Release:
    return Release(
        project=release.project.slug,
        version=release.version,
        frozen_at=release.frozen_at,
        published_at=release.published_at,
        previous=release.previous.version if release.previous else None,
        notes=release.notes,
        manifest_sha256=dict(release.manifest_sha256),
        page=public_address("releases.show", slug=release.project.slug, version=release.version),
        retired=release.retired_at is not None,
    )
