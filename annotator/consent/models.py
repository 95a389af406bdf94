"""Documents, and consent given under them as events in time."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, exists
from sqlalchemy.orm import Mapped, aliased, column_property, mapped_column, relationship

from annotator.database import Base


class Document(Base):
    """One version of a wording in one language; its body never changes (trigger). ``sha256`` is over the UTF-8 body.

    A translation always has the authoritative text beside it, and says whether a native reader has confirmed it
    (``confirmed_by``, an actor's name; nobody of ``writers``). ``wrong_at``: it turned out to say something else.
    ``widens``: the version lets others do more than the one before, so everybody is asked again; null: it is not known,
    which counts as yes.
    """

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
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(String(40))
    wrong_at: Mapped[datetime | None]
    widens: Mapped[bool | None]
    writers: Mapped[list[str] | None]


class DocumentDraft(Base):
    """A wording that is being written, one for each kind and language, until it is adopted; ``writers`` are all who saved it."""

    __tablename__ = "document_drafts"
    __table_args__ = (UniqueConstraint("kind", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    language: Mapped[str] = mapped_column(String(35))
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime]
    saved_by: Mapped[str] = mapped_column(String(40))
    writers: Mapped[list[str]]


class ConsentEvent(Base):
    """A person decided something, at a moment, for a scope (rights-model §2.2, §2.3).

    The scope is everything when both ``language_id`` and ``annotation_id`` are null. A right that is null was
    not decided in this event. ``also_before`` widens earlier texts too. Nothing here is ever changed: what
    stands is computed from all events. ``document_id`` is the authoritative text that counts, ``shown_id`` the
    translation that stood beside it (null: none).
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
    shown_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"))

    document: Mapped[Document] = relationship(foreign_keys=[document_id])
    shown: Mapped[Document | None] = relationship(foreign_keys=[shown_id])

    if TYPE_CHECKING:
        wrong: Mapped[bool | None]


# Whether the translation that stood beside the text turned out wrong; the database answers it with the event.
_shown = aliased(Document)
ConsentEvent.wrong = column_property(
    exists().where(_shown.id == ConsentEvent.shown_id, _shown.wrong_at.is_not(None)).correlate_except(_shown)
)


class PersonalChoice(Base):
    """A person said how far something about them may be used, at a moment; the latest of a topic stands.

    Topics are demographic fields (levels none, aggregate, row) and switches (levels none, yes): mail, leaderboard,
    findable by handle. Everything is off until it is switched on (rights-model §2.2).
    """

    __tablename__ = "personal_choices"
    __table_args__ = (
        Index(None, "person_id", "topic"),
        CheckConstraint("level IN ('none', 'aggregate', 'row', 'yes')", name="level"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    topic: Mapped[str] = mapped_column(String(30))
    level: Mapped[str] = mapped_column(String(10))
    ledger_seq: Mapped[int] = mapped_column(ForeignKey("ledger.seq"))


class Demographic(Base):
    """What a person said about themselves in one field; gone as soon as the field is switched off."""

    __tablename__ = "demographics"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    field: Mapped[str] = mapped_column(String(30), primary_key=True)
    value: Mapped[str] = mapped_column(String(60))
