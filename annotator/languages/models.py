"""Language varieties, the people who use them, and ambassadors' terms."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from annotator.accounts.models import Person
from annotator.database import Base
from annotator.languages.rules import bcp47_tag, direction_of


class Language(Base):
    """A variety: ISO 639-3 + ISO 15924 script + optional free variety. ``code`` is ``yor_Latn`` or ``yor_Latn_ekiti``.

    A language without an ISO code has ``mis`` (uncoded) and a variety that names it. The BCP 47 tag and the
    direction are derived; the tag is not unique (``arb_Arab`` and ``ara_Arab`` may share one).
    """

    __tablename__ = "languages"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    iso639_3: Mapped[str] = mapped_column(String(3), index=True)
    script: Mapped[str] = mapped_column(String(4))
    variety: Mapped[str | None] = mapped_column(String(50))
    english_name: Mapped[str] = mapped_column(String(120))
    autonym: Mapped[str | None] = mapped_column(String(120))
    added_at: Mapped[datetime]

    @property
    def bcp47(self) -> str:
        """The BCP 47 tag, for ``lang`` attributes and releases."""
        return bcp47_tag(self.iso639_3, self.script, self.variety)

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``, from our own table of scripts."""
        return direction_of(self.script)

    @property
    def name(self) -> str:
        """What its own speakers call it, else its English name."""
        return self.autonym or self.english_name


class Speaker(Base):
    """A person reads, writes or reviews a language, at a level, in a variety of their own naming."""

    __tablename__ = "speakers"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    language_id: Mapped[int] = mapped_column(ForeignKey("languages.id"), primary_key=True, index=True)
    reads: Mapped[bool]
    writes: Mapped[bool]
    reviews: Mapped[bool]
    level: Mapped[str] = mapped_column(String(20))
    variety: Mapped[str | None] = mapped_column(String(80))

    language: Mapped[Language] = relationship()
    person: Mapped[Person] = relationship()


class AmbassadorTerm(Base):
    """A person is ambassador of a language from ``starts_at`` until ``ends_at``, unless retired before."""

    __tablename__ = "ambassador_terms"
    __table_args__ = (Index(None, "language_id", "ends_at"), UniqueConstraint("person_id", "language_id", "starts_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    language_id: Mapped[int] = mapped_column(ForeignKey("languages.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    appointed_by: Mapped[str] = mapped_column(String(40))

    person: Mapped[Person] = relationship()
    language: Mapped[Language] = relationship()
