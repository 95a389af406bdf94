"""Language varieties, the people who use them, and ambassadors' terms."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, exists
from sqlalchemy.orm import Mapped, aliased, column_property, mapped_column, relationship

from annotator.accounts.models import Person
from annotator.database import Base
from annotator.languages import rules, scripts


class Language(Base):
    """A variety: ISO 639-3 + ISO 15924 script + optional free variety. ``code`` is ``yor_Latn`` or ``yor_Latn_ekiti``.

    A language without an ISO code has ``mis`` (uncoded) and a variety that names it. The BCP 47 tag and the
    direction are derived; the tag is not unique (``arb_Arab`` and ``ara_Arab`` may share one).

    ``told_apart`` says that the same language stands here in another script too: every name then says the script.
    The database answers it, so that a language added later changes the names of the one that was alone.
    ``protected_at`` is since when its community is shielded: no names, lookup, countries or small counts (rights-model §2.8).
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
    protected_at: Mapped[datetime | None]

    if TYPE_CHECKING:
        told_apart: Mapped[bool]

    @property
    def protected(self) -> bool:
        """Whether its community is shielded. It wins over what its people chose to show."""
        return self.protected_at is not None

    @property
    def bcp47(self) -> str:
        """The BCP 47 tag, for ``lang`` attributes and releases."""
        return rules.bcp47_tag(self.iso639_3, self.script, self.variety)

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``, from our own table of scripts."""
        return rules.direction_of(self.script)

    @property
    def name(self) -> str:
        """What its own speakers call it, else its English name; with the script where there are two."""
        if not self.autonym:
            return self.english
        return rules.own_name(self.autonym, self.bcp47, self.script, told_apart=bool(self.told_apart))

    @property
    def english(self) -> str:
        """Its English name, with the script where there are two: ``Serbian, Cyrillic script``."""
        return rules.name_in_english(self.english_name, self.script, told_apart=bool(self.told_apart))

    @property
    def name_bcp47(self) -> str:
        """The tag of the language that ``name`` is in: its own, or English without an autonym."""
        return self.bcp47 if self.autonym else "en"

    @property
    def name_direction(self) -> str:
        """The direction of ``name``."""
        return self.direction if self.autonym else "ltr"

    @property
    def script_name(self) -> str:
        """The English name of its script: ``Cyrillic script``."""
        return scripts.english_name(self.script)


_other = aliased(Language)
Language.told_apart = column_property(
    exists().where(_other.iso639_3 == Language.iso639_3, _other.script != Language.script)
)


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
