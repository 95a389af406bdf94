"""Decisions of ambassadors."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from annotator.accounts.models import Person
from annotator.annotations.models import Annotation, Revision
from annotator.database import Base, new_public_id


class Review(Base):
    """One reviewer's decision about one revision; ``edited_revision_id`` is the reviewer's own version, if any.

    Without ``reviewer_id`` its reviewer has left: the decision still counts, and nobody stands behind it.
    """

    __tablename__ = "reviews"
    __table_args__ = (
        UniqueConstraint("revision_id", "reviewer_id"),
        Index(None, "annotation_id", "at"),
        CheckConstraint(
            "outcome IN ('accepted', 'accepted_with_edits', 'changes_requested', 'declined')", name="outcome"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(36), unique=True, default=new_public_id)
    annotation_id: Mapped[int] = mapped_column(ForeignKey("annotations.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    outcome: Mapped[str] = mapped_column(String(20))
    reasons: Mapped[list[str]]
    note: Mapped[str | None] = mapped_column(Text)
    edited_revision_id: Mapped[int | None] = mapped_column(ForeignKey("revisions.id"))
    at: Mapped[datetime]

    annotation: Mapped[Annotation] = relationship()
    revision: Mapped[Revision] = relationship(foreign_keys=[revision_id])
    edited_revision: Mapped[Revision | None] = relationship(foreign_keys=[edited_revision_id])
    reviewer: Mapped[Person | None] = relationship()
