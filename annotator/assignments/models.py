"""Reservations of prompts, and drafts."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from annotator.database import Base
from annotator.languages.models import Language
from annotator.projects.models import Project
from annotator.prompts.models import Prompt


class Assignment(Base):
    """A prompt and a person: reserved, skipped, given back, expired or submitted; at most one per pair, for ever.

    ``place`` is one of the prompt's numbered places (0 to overlap - 1), held while the reservation is live or
    its annotation stands, else null: the unique pair (prompt, place) is what keeps an overlap. Project and language
    are the prompt's, which never change: what is reserved in a language is found without reading prompts.
    ``ended_at`` is when it was submitted, skipped or given back.
    """

    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint("person_id", "prompt_id"),
        UniqueConstraint("prompt_id", "place"),
        Index(
            "ix__assignments__live",
            "lease_until",
            sqlite_where=text("state IN ('assigned', 'draft')"),
            postgresql_where=text("state IN ('assigned', 'draft')"),
        ),
        Index(
            "ix__assignments__held",
            "person_id",
            "project_id",
            "language_id",
            sqlite_where=text("state IN ('assigned', 'draft')"),
            postgresql_where=text("state IN ('assigned', 'draft')"),
        ),
        Index(
            "ix__assignments__reserved",
            "project_id",
            "language_id",
            "lease_until",
            sqlite_where=text("state IN ('assigned', 'draft')"),
            postgresql_where=text("state IN ('assigned', 'draft')"),
        ),
        Index(
            "ix__assignments__skipped",
            "prompt_id",
            "skip_reason",
            sqlite_where=text("state = 'skipped'"),
            postgresql_where=text("state = 'skipped'"),
        ),
        CheckConstraint("state IN ('assigned', 'draft', 'submitted', 'skipped', 'released', 'expired')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    prompt_id: Mapped[int] = mapped_column(ForeignKey("prompts.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    language_id: Mapped[int] = mapped_column(ForeignKey("languages.id"))
    place: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(10))
    assigned_at: Mapped[datetime]
    lease_until: Mapped[datetime]
    skip_reason: Mapped[str | None] = mapped_column(String(30))
    ended_at: Mapped[datetime | None]

    prompt: Mapped[Prompt] = relationship()


class Cursor(Base):
    """How far a person has come on a shelf of the pool (``assignments.walk``).

    ``priority`` is null when the round is over; ``wrapped`` when it has come around to the shelf's beginning.
    ``seen``, ``seen_id``: prompts reopened up to then (microseconds since 1970, then by id) were looked at. ``landed_seq``: the newest import
    that belongs to this round. ``fingerprint``: what the person reads and allows; another one means another round.
    """

    __tablename__ = "cursors"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    language_id: Mapped[int] = mapped_column(ForeignKey("languages.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    source_class: Mapped[str] = mapped_column(String(14), primary_key=True)
    priority: Mapped[int | None]
    wrapped: Mapped[bool]
    shuffle: Mapped[int]
    prompt_id: Mapped[int]
    seen: Mapped[int] = mapped_column(BigInteger)
    seen_id: Mapped[int]
    landed_seq: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(Text)


class Draft(Base):
    """What somebody has written so far: for an assignment, or (without one) for an original in a language."""

    __tablename__ = "drafts"
    __table_args__ = (
        Index(
            "uq__drafts__original",
            "person_id",
            "project_id",
            "language_id",
            unique=True,
            sqlite_where=text("assignment_id IS NULL"),
            postgresql_where=text("assignment_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    language_id: Mapped[int] = mapped_column(ForeignKey("languages.id"))
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id"), unique=True)
    instruction: Mapped[str] = mapped_column(Text, default="")
    input: Mapped[str] = mapped_column(Text, default="")
    completion: Mapped[str] = mapped_column(Text, default="")
    rating_prompt: Mapped[int | None]
    rating_completion: Mapped[int | None]
    ai_assisted: Mapped[str | None] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[datetime]

    project: Mapped[Project] = relationship()
    language: Mapped[Language] = relationship()
    assignment: Mapped[Assignment | None] = relationship()
