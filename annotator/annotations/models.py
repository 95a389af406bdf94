"""Annotations and their immutable revisions."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from annotator.accounts.models import Person
from annotator.consent.models import Document
from annotator.database import Base, new_public_id
from annotator.languages.models import Language
from annotator.projects.models import Project
from annotator.prompts.models import Prompt


class Annotation(Base):
    """One person's answer: original, answer or reannotate. ``public_id`` is the ``annotation_id`` of releases.

    ``practice`` work is its author's alone. ``already_good`` says that a starting text was confirmed unchanged.
    ``document_id`` is the terms under which the text was given. ``withdrawn_at`` is set in the transaction that
    takes it back.
    """

    __tablename__ = "annotations"
    __table_args__ = (
        Index(None, "language_id", "state", "submitted_at"),
        Index(None, "author_id", "created_at"),
        Index(None, "project_id", "state"),
        CheckConstraint("kind IN ('original', 'answer', 'reannotate')", name="kind"),
        CheckConstraint(
            "state IN ('in_review', 'changes_requested', 'accepted', 'accepted_with_edits', 'declined', 'withdrawn')",
            name="state",
        ),
        CheckConstraint("rating_prompt BETWEEN 1 AND 5", name="rating_prompt"),
        CheckConstraint("rating_completion BETWEEN 1 AND 5", name="rating_completion"),
        CheckConstraint("(kind = 'original') = (prompt_id IS NULL)", name="prompt"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(36), unique=True, default=new_public_id)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    language_id: Mapped[int] = mapped_column(ForeignKey("languages.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[str] = mapped_column(String(12))
    prompt_id: Mapped[int | None] = mapped_column(ForeignKey("prompts.id"), index=True)
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id"), unique=True)
    state: Mapped[str] = mapped_column(String(20), default="in_review")
    practice: Mapped[bool] = mapped_column(default=False)
    already_good: Mapped[bool] = mapped_column(default=False)
    rating_prompt: Mapped[int | None]
    rating_completion: Mapped[int | None]
    ai_assisted: Mapped[str] = mapped_column(String(200), default="not asked")
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    @property
    def standing(self) -> str:
        """What permissions ask: the state, or ``practice`` for work that is its author's alone."""
        return "practice" if self.practice and self.state != "withdrawn" else self.state

    project: Mapped[Project] = relationship()
    language: Mapped[Language] = relationship()
    author: Mapped[Person] = relationship()
    prompt: Mapped[Prompt | None] = relationship(foreign_keys=[prompt_id])
    document: Mapped[Document] = relationship()
    revisions: Mapped[list["Revision"]] = relationship(back_populates="annotation", order_by="Revision.number")


class Revision(Base):
    """What somebody wrote, never changed afterwards; it holds its author's own words only.

    A text that is null is the parent's (or, without a parent, the prompt's): nothing is copied, so erasing a
    revision erases its words everywhere. ``parent_id`` is the revision that this one was made from, ``link`` how:
    edit, translation, paraphrase, completion, or null for a free-standing text. ``accepted_at`` is when enough
    reviewers had accepted it; ``edit_needed`` marks a reviewer's edit without which the text must not go out.
    """

    __tablename__ = "revisions"
    __table_args__ = (
        UniqueConstraint("annotation_id", "number"),
        CheckConstraint("link IN ('edit', 'translation', 'paraphrase', 'completion')", name="link"),
        CheckConstraint("role IN ('author', 'reviewer')", name="role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    annotation_id: Mapped[int] = mapped_column(ForeignKey("annotations.id"))
    number: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[str] = mapped_column(String(10))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("revisions.id"), index=True)
    link: Mapped[str | None] = mapped_column(String(12))
    instruction: Mapped[str | None] = mapped_column(Text)
    input: Mapped[str | None] = mapped_column(Text)
    completion: Mapped[str | None] = mapped_column(Text)
    edit_distance: Mapped[int | None]
    language_check: Mapped[dict[str, Any]] = mapped_column(default=dict)
    edit_needed: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    annotation: Mapped[Annotation] = relationship(back_populates="revisions")
    author: Mapped[Person] = relationship()
    parent: Mapped["Revision | None"] = relationship(remote_side="Revision.id")
