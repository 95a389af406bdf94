"""Withdrawals and their steps, holds, leaving, requests by others, and copies of one's own data."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from annotator.database import Base, new_public_id


class Withdrawal(Base):
    """Texts are taken back: one text, a language, or everything (both scope columns null).

    ``cause``: withdrawn by the person; by others: revoked (copied text), described (somebody in the text asked), minor.
    Until ``undo_until`` it can be undone; then its words are erased, and by ``due_at`` no release that is served holds
    them. Without ``person_id`` the person is gone, and only ids are left.
    """

    __tablename__ = "withdrawals"
    __table_args__ = (
        Index(None, "state", "undo_until"),
        CheckConstraint("scope IN ('text', 'language', 'everything')", name="scope"),
        CheckConstraint(
            "state IN ('received', 'suspended', 'erased', 'released', 'closed', 'undone', 'refused')", name="state"
        ),
        CheckConstraint("cause IN ('withdrawn', 'revoked', 'described', 'minor')", name="cause"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(36), unique=True, default=new_public_id)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    scope: Mapped[str] = mapped_column(String(12))
    language_id: Mapped[int | None] = mapped_column(ForeignKey("languages.id"))
    annotation_id: Mapped[int | None] = mapped_column(ForeignKey("annotations.id"))
    state: Mapped[str] = mapped_column(String(12))
    n_texts: Mapped[int]
    requested_at: Mapped[datetime]
    requested_by: Mapped[str] = mapped_column(String(40))
    ledger_seq: Mapped[int] = mapped_column(ForeignKey("ledger.seq"))
    cause: Mapped[str] = mapped_column(String(12), default="withdrawn")
    request_id: Mapped[int | None]
    undo_until: Mapped[datetime]
    due_at: Mapped[datetime]
    extended_until: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class Request(Base):
    """Somebody, with or without an account, asks about a text: they are described in it, wrote it, or are named wrongly.

    ``statement`` and ``place`` are what they wrote, ``contact`` how to answer; all three are erased when it is closed.
    ``key_sha256`` is of the key in the link under which a person without account follows it.
    """

    __tablename__ = "rights_requests"
    __table_args__ = (
        Index(None, "state", "due_at"),
        CheckConstraint("kind IN ('described', 'copied', 'wrong_name', 'minor', 'other')", name="kind"),
        CheckConstraint("state IN ('received', 'accepted', 'refused', 'closed')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(36), unique=True, default=new_public_id)
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(10), default="received")
    statement: Mapped[str | None] = mapped_column(Text)
    place: Mapped[str | None] = mapped_column(Text)
    contact: Mapped[str | None] = mapped_column(String(320))
    key_sha256: Mapped[str | None] = mapped_column(String(64))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    language_id: Mapped[int | None] = mapped_column(ForeignKey("languages.id"))
    received_at: Mapped[datetime]
    due_at: Mapped[datetime]
    extended_until: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(40))
    answer: Mapped[str | None] = mapped_column(Text)
    appealed_at: Mapped[datetime | None]
    appeal: Mapped[str | None] = mapped_column(Text)


class RightsEvent(Base):
    """One step of a withdrawal or a request: who took it when, and (extended, refused, on hold) why."""

    __tablename__ = "rights_events"
    __table_args__ = (CheckConstraint("(withdrawal_id IS NULL) <> (request_id IS NULL)", name="one_object"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    withdrawal_id: Mapped[int | None] = mapped_column(ForeignKey("withdrawals.id"), index=True)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("rights_requests.id"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(40))
    step: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(Text)


class Hold(Base):
    """An authority's order that stops erasing, never suspending: two people, at most 180 days, counted in public."""

    __tablename__ = "holds"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(36), unique=True, default=new_public_id)
    withdrawal_id: Mapped[int] = mapped_column(ForeignKey("withdrawals.id"), index=True)
    authority: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    asked_by: Mapped[str] = mapped_column(String(40))
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(String(40))
    until: Mapped[datetime]
    lifted_at: Mapped[datetime | None]


class Departure(Base):
    """Somebody leaves: ``take`` their texts along, leave them ``unnamed``, or leave them with the credit they have (``named``).

    Until ``undo_until`` it can be undone by signing in. ``code_sha256`` is of the claim code for texts that stay, and
    ``stand_in`` the public id of who will stand behind them.
    """

    __tablename__ = "departures"
    __table_args__ = (CheckConstraint("manner IN ('take', 'unnamed', 'named')", name="manner"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(36), unique=True, default=new_public_id)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    manner: Mapped[str] = mapped_column(String(10))
    asked_at: Mapped[datetime]
    undo_until: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    withdrawal_id: Mapped[int | None] = mapped_column(ForeignKey("withdrawals.id"))
    code_sha256: Mapped[str | None] = mapped_column(String(64))
    stand_in: Mapped[str | None] = mapped_column(String(36))


class ClaimCode(Base):
    """A code that proves control of the texts of somebody who left; only its SHA-256 is kept."""

    __tablename__ = "claim_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]


class PersonalExport(Base):
    """A person's ``my-data.zip``: asked for, made by a job, private, and gone after ``expires_at``."""

    __tablename__ = "personal_exports"
    __table_args__ = (CheckConstraint("state IN ('asked', 'ready', 'expired', 'failed')", name="state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(36), unique=True, default=new_public_id)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="asked")
    asked_at: Mapped[datetime]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    bytes: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(String(64))


class LookupKey(Base):
    """Under which numbers the words of a published revision are found (``rights.lookup.rules``); no words, no person.

    Kept for revisions that stand in a public lane of a release that is served. It only leads to candidates: whether a
    text may be confirmed is asked of the rows themselves.
    """

    __tablename__ = "lookup_keys"
    __table_args__ = (Index(None, "revision_id"), {"sqlite_with_rowid": False})

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    revision_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
