"""Documents, and consent given under them as events in time."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from annotator.database import Base


class Document(Base):
    """One version of a wording in one language; its body never changes (trigger). ``sha256`` is over the UTF-8 body."""

    __tablename__ = "documents"
    __table_args__ = (UniqueConstraint("kind", "version", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    version: Mapped[int]
    language: Mapped[str] = mapped_column(String(35))
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    authoritative: Mapped[bool]
    effective_from: Mapped[datetime]


class ConsentEvent(Base):
    """A person decided something, at a moment, for a scope (rights-model §2.2, §2.3).

    The scope is everything when both ``language_id`` and ``annotation_id`` are null. A right that is null was
    not decided in this event. ``also_before`` widens earlier texts too. Nothing here is ever changed: what
    stands is computed from all events.
    """

    __tablename__ = "consent_events"
    __table_args__ = (
        Index(None, "person_id", "at"),
        CheckConstraint("language_id IS NULL OR annotation_id IS NULL", name="one_scope"),
        CheckConstraint("publish IN ('no', 'gated', 'open')", name="publish"),
        CheckConstraint("attribution IN ('none', 'handle', 'named')", name="attribution"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    language_id: Mapped[int | None] = mapped_column(ForeignKey("languages.id"))
    annotation_id: Mapped[int | None] = mapped_column(ForeignKey("annotations.id"), index=True)
    preset: Mapped[str] = mapped_column(String(20))
    publish: Mapped[str | None] = mapped_column(String(10))
    derive: Mapped[bool | None]
    train: Mapped[bool | None]
    evaluate: Mapped[bool | None]
    research: Mapped[bool | None]
    commercial: Mapped[bool | None]
    attribution: Mapped[str | None] = mapped_column(String(10))
    expires_at: Mapped[datetime | None]
    also_before: Mapped[bool] = mapped_column(default=False)
    ledger_seq: Mapped[int] = mapped_column(ForeignKey("ledger.seq"))

    document: Mapped[Document] = relationship()
