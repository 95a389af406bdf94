"""Releases, their frozen rows, and what was said about rows that left."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from annotator.database import Base
from annotator.projects.models import Project


class Release(Base):
    """A version of a project's dataset: frozen, then published (or abandoned). Written once.

    ``facts`` holds what the freeze counted (excluded by reason, suppressed, selection); ``manifest_sha256`` maps
    the folder's kind (public, gated) to the SHA-256 of its manifest. From ``retired_at`` on its rows are not served:
    some were withdrawn, and a newer version holds the rest. ``keyed_at`` is since when its texts can be looked up.
    """

    __tablename__ = "releases"
    __table_args__ = (
        UniqueConstraint("project_id", "version"),
        CheckConstraint("state IN ('frozen', 'published', 'abandoned')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    version: Mapped[str] = mapped_column(String(30))
    state: Mapped[str] = mapped_column(String(10))
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("releases.id"))
    notes: Mapped[str] = mapped_column(Text, default="")
    frozen_at: Mapped[datetime]
    frozen_by: Mapped[str] = mapped_column(String(40))
    published_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    keyed_at: Mapped[datetime | None]
    ledger_seq: Mapped[int]
    ledger_head: Mapped[str] = mapped_column(String(64))
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    manifest_sha256: Mapped[dict[str, Any]] = mapped_column(default=dict)

    project: Mapped[Project] = relationship()
    previous: Mapped["Release | None"] = relationship(remote_side="Release.id")


class ReleaseRow(Base):
    """One frozen row: which revision goes out, in which lane, with which rights and authors; no text."""

    __tablename__ = "release_rows"
    __table_args__ = (Index(None, "annotation_id"), Index(None, "release_id", "lane"))

    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"), primary_key=True)
    annotation_id: Mapped[int] = mapped_column(ForeignKey("annotations.id"), primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    lane: Mapped[str] = mapped_column(String(15))
    license: Mapped[str] = mapped_column(String(60))
    split: Mapped[str] = mapped_column(String(10))
    root_id: Mapped[str] = mapped_column(String(36), index=True)
    row_sha256: Mapped[str] = mapped_column(String(64))
    release_added: Mapped[str] = mapped_column(String(30))
    facts: Mapped[dict[str, Any]]


class RowChange(Base):
    """Something that downstream must do about a row of an earlier release; a folder's ``withdrawn`` table.

    ``op``: remove, restrict (``lane`` is where it may still stand, null for nowhere), redact_attribution, correct.
    Keyed by the public id only, so that it outlives the row it speaks of.
    """

    __tablename__ = "row_changes"
    __table_args__ = (
        CheckConstraint("op IN ('remove', 'restrict', 'redact_attribution', 'correct')", name="op"),
        CheckConstraint("folder IN ('public', 'gated')", name="folder"),
        Index(None, "project_id", "folder"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    folder: Mapped[str] = mapped_column(String(10))
    annotation_public_id: Mapped[str] = mapped_column(String(36), index=True)
    op: Mapped[str] = mapped_column(String(20))
    lane: Mapped[str | None] = mapped_column(String(15))
    effective_month: Mapped[str] = mapped_column(String(7))
    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"))
    batch_id: Mapped[str] = mapped_column(String(36))


class FeedEntry(Base):
    """What downstream must do, in a chain that anybody can follow; only appended (trigger). Shown by ``/api/v1/withdrawals``.

    ``op`` is one of RowChange's, or ``version``: from then on ``latest_usable_version`` holds no withdrawn row.
    ``month`` and no day, ids in random order: no entry shows who took what back. ``hash`` is over the RFC 8785 form of
    all the others.
    """

    __tablename__ = "feed"
    __table_args__ = (Index(None, "dataset", "folder"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    prev: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    dataset: Mapped[str] = mapped_column(String(80))
    folder: Mapped[str] = mapped_column(String(10))
    op: Mapped[str] = mapped_column(String(20))
    annotation_ids: Mapped[list[str]]
    purposes_removed: Mapped[list[str]]
    lane: Mapped[str | None] = mapped_column(String(15))
    since_version: Mapped[str | None] = mapped_column(String(30))
    latest_usable_version: Mapped[str | None] = mapped_column(String(30))
    month: Mapped[str] = mapped_column(String(7))
    due_by: Mapped[str | None] = mapped_column(String(10))
