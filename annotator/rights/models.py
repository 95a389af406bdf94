"""Withdrawals."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from annotator.database import Base, new_public_id


class Withdrawal(Base):
    """A person took back a text, a language or everything (both scope columns null)."""

    __tablename__ = "withdrawals"
    __table_args__ = (
        CheckConstraint("scope IN ('text', 'language', 'everything')", name="scope"),
        CheckConstraint("state IN ('received', 'suspended')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(36), unique=True, default=new_public_id)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    scope: Mapped[str] = mapped_column(String(12))
    language_id: Mapped[int | None] = mapped_column(ForeignKey("languages.id"))
    annotation_id: Mapped[int | None] = mapped_column(ForeignKey("annotations.id"))
    state: Mapped[str] = mapped_column(String(12))
    n_texts: Mapped[int]
    requested_at: Mapped[datetime]
    requested_by: Mapped[str] = mapped_column(String(40))
    ledger_seq: Mapped[int] = mapped_column(ForeignKey("ledger.seq"))
