"""The chain, and beside it the parts that can be erased without breaking it (rights-model §2.4)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from annotator.database import Base


class LedgerEntry(Base):
    """One link of the chain; holds no personal data. UPDATE and DELETE are refused by triggers."""

    __tablename__ = "ledger"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    prev: Mapped[str] = mapped_column(String(64))
    time: Mapped[str] = mapped_column(String(32))
    type: Mapped[str] = mapped_column(String(64))
    subject_ref: Mapped[str | None] = mapped_column(String(64))
    document_sha256: Mapped[str | None] = mapped_column(String(64))
    commitment: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class LedgerPayload(Base):
    """What was committed to, with its salt; erasable."""

    __tablename__ = "ledger_payloads"

    seq: Mapped[int] = mapped_column(ForeignKey("ledger.seq"), primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    payload: Mapped[dict[str, Any]]


class LedgerKey(Base):
    """The key that makes a person's ``subject_ref``; destroying it cuts the person off the chain."""

    __tablename__ = "ledger_keys"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary(32))
    made_at: Mapped[datetime]
