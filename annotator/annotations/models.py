"""Annotations and their immutable revisions."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from annotator.accounts.models import Person
from annotator.annotations.chain import FIELDS
from annotator.consent.models import Document
from annotator.database import Base, new_public_id
from annotator.languages.models import Language
from annotator.projects.models import Project
from annotator.prompts.models import Prompt


class Annotation(Base):
    """One person's answer: original, answer or reannotate. ``public_id`` is the ``annotation_id`` of releases.

    ``practice`` work is its author's alone. ``already_good`` says that a starting text was confirmed unchanged.
    ``document_id`` is the terms under which the text was given. ``withdrawn_at`` is set in the transaction that
    takes it back, by ``withdrawal_id``, and ``state_before`` what an undo restores; ``erased_at`` when its words were
    erased and only a tombstone was left. ``set_aside_until`` is how long its author has to mend it after a text that
    it builds on was withdrawn, or may not be used so any more: the ``prompt``, or ``spans`` of words. Without an end and
    for good are ``out`` (not mended), ``mended`` (and withdrawn) and ``replaced`` (mended, and its words still stand).
    ``submission_key`` is the sender's own name for the submission: sent twice, it is one annotation.
    """

    __tablename__ = "annotations"
    __table_args__ = (
        Index(None, "language_id", "state", "submitted_at"),
        Index(None, "author_id", "project_id", "language_id", "created_at"),
        Index(
            "uq__annotations__submission_key",
            "author_id",
            "submission_key",
            unique=True,
            sqlite_where=text("submission_key IS NOT NULL"),
            postgresql_where=text("submission_key IS NOT NULL"),
        ),
        Index(None, "project_id", "state"),
        Index(None, "withdrawal_id"),
        Index(None, "set_aside_until"),
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
    submission_key: Mapped[str | None] = mapped_column(String(80))
    erased_at: Mapped[datetime | None]
    withdrawal_id: Mapped[int | None]
    state_before: Mapped[str | None] = mapped_column(String(20))
    set_aside_until: Mapped[datetime | None]
    set_aside_kind: Mapped[str | None] = mapped_column(String(10))

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
    ``shares`` says for each field that it sets which revisions its surviving tokens come from (``annotations.shares``).
    Its words can be erased and never changed, its author become somebody who left and never anybody else (triggers).
    """

    __tablename__ = "revisions"
    __table_args__ = (
        UniqueConstraint("annotation_id", "number"),
        Index(None, "withdrawal_id"),
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
    shares: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    edit_needed: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    withdrawal_id: Mapped[int | None]

    @property
    def sets(self) -> frozenset[str]:
        """The fields that it holds itself; of an erased one those that it had held, all of them where nobody noted it."""
        if self.erased_at is not None:
            return frozenset(FIELDS if self.shares is None else self.shares)
        return frozenset(name for name in FIELDS if getattr(self, name) is not None)

    @property
    def withdrawn(self) -> bool:
        """Whether it was taken back, alone or with its annotation."""
        return self.withdrawn_at is not None or self.annotation.withdrawn_at is not None

    annotation: Mapped[Annotation] = relationship(back_populates="revisions")
    author: Mapped[Person] = relationship()
    parent: Mapped["Revision | None"] = relationship(remote_side="Revision.id")
