"""A project is a dataset being collected."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from annotator.database import Base
from annotator.languages.models import Language


class Project(Base):
    """What is collected, and by which rules.

    ``mix`` maps a kind of work (original, answer, reannotate) to its weight; 0 or absent: not offered.
    ``overlap``: how many people may work on one prompt. ``reviews``: how many acceptances decide.
    ``reannotate_contributions``: accepted texts enter the pool where their author allows ``derive``.
    ``daily_cap``, ``total_cap``: how many texts one person may hand in per language, in any 24 hours and in all.
    ``lanes``: the lanes that its releases may hold. ``key`` makes contributor ids and splits; it never leaves.
    """

    __tablename__ = "projects"
    __table_args__ = (
        CheckConstraint("overlap >= 1", name="overlap"),
        CheckConstraint("reviews >= 1", name="reviews"),
        CheckConstraint("state IN ('open', 'paused', 'closed')", name="state"),
        CheckConstraint("daily_cap >= 1", name="daily_cap"),
        CheckConstraint("total_cap >= 1", name="total_cap"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(10), default="open")
    mix: Mapped[dict[str, Any]]
    overlap: Mapped[int] = mapped_column(default=1)
    reviews: Mapped[int] = mapped_column(default=1)
    release_unreviewed: Mapped[bool] = mapped_column(default=False)
    reannotate_contributions: Mapped[bool] = mapped_column(default=False)
    lanes: Mapped[list[str]]
    key: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime]
    daily_cap: Mapped[int | None]
    total_cap: Mapped[int | None]

    languages: Mapped[list[Language]] = relationship(secondary="project_languages", order_by=Language.code)


class ProjectLanguage(Base):
    """A project collects in this language."""

    __tablename__ = "project_languages"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    language_id: Mapped[int] = mapped_column(ForeignKey("languages.id"), primary_key=True, index=True)
