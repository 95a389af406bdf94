"""Small facts about texts that every room shares: normal form, emptiness, counts in graphemes."""

import unicodedata

import regex

_GRAPHEME = regex.compile(r"\X")


def clean(value: str | None) -> str | None:
    """Return ``value`` in NFC with Unix line ends and no space at either end; None when nothing is left.

    Zero-width joiners and direction marks stay: Persian, Indic and right-to-left texts need them.
    """
    if value is None:
        return None
    lines = unicodedata.normalize("NFC", value).replace("\r\n", "\n").replace("\r", "\n").strip()
    return lines or None


def graphemes(value: str) -> list[str]:
    """Return the extended grapheme clusters (UAX #29) of ``value`` in NFC."""
    return _GRAPHEME.findall(unicodedata.normalize("NFC", value))


def join_prompt(instruction: str, input_text: str | None) -> str:
    """Return the whole prompt: the instruction, an empty line, the input (release-format, ``prompt``)."""
    return instruction if not input_text else f"{instruction}\n\n{input_text}"
