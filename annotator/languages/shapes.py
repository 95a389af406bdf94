"""How a language and a text stand in JSON: a text with its language, for a program cannot see which it is."""

from typing import Protocol

from pydantic import BaseModel


class VarietyLike(Protocol):
    """What a text needs to know of its language."""

    @property
    def code(self) -> str:
        """Our code."""

    @property
    def bcp47(self) -> str:
        """The tag."""

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""


class Variety(BaseModel):
    """A language: our code (ISO 639-3 and script), its BCP 47 tag, and the direction of its script."""

    code: str
    lang: str
    dir: str


class Text(BaseModel):
    """A text and its language: our code, the BCP 47 tag for ``lang``, and the direction for ``dir``."""

    text: str
    language: str
    lang: str
    dir: str


def variety_of(language: VarietyLike) -> Variety:
    """Return a language as an answer names it."""
    return Variety(code=language.code, lang=language.bcp47, dir=language.direction)


def text_in(language: VarietyLike, text: str | None) -> Text | None:
    """Return a text with its language, or None where there is none."""
    if not text:
        return None
    return Text(text=text, language=language.code, lang=language.bcp47, dir=language.direction)
