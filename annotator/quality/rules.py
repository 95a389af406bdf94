"""How far two texts are apart, and where they differ; counted in what readers see, not in code points."""

from dataclasses import dataclass
from typing import Literal

import regex
from rapidfuzz.distance import Indel, Levenshtein

from annotator.text import graphemes

# Scripts whose words are not parted by spaces (ISO 15924): a difference is shown grapheme by grapheme there.
WITHOUT_SPACES = frozenset(
    """Ahom Bali Bopo Brah Cakm Cham Hanb Hani Hans Hant Hira Hntl Hrkt Java Jpan Kana Khmr Lana Laoo Mymr Nshu Phag
    Talu Tang Tavt Thai Tibt Yiii""".split()  # noqa: SIM905  # a row of codes reads better as words
)

# A word, a run of white space, or any other single grapheme. Joiners, apostrophes and marks stay inside the word.
_TOKEN = regex.compile(
    r"\s+|[\p{L}\p{M}\p{N}\u200C\u200D]+(?:['\u2019\u02BC\u00B7\u05F3\u05F4\-][\p{L}\p{M}\p{N}\u200C\u200D]+)*|\X"
)


@dataclass(frozen=True)
class Span:
    """A stretch of text that both versions have, or only the old (delete), or only the new (insert)."""

    op: Literal["equal", "insert", "delete"]
    text: str


def edit_distance(a: str, b: str) -> int:
    """Return the Levenshtein distance between two texts in NFC extended grapheme clusters (UAX #29)."""
    return Levenshtein.distance(*_numbered(graphemes(a), graphemes(b)))


def tokens(text: str, script: str) -> list[str]:
    """Return the pieces in which a text of ``script`` is compared: words and what is between, or graphemes.

    Joined again they are the text in NFC.
    """
    if script in WITHOUT_SPACES:
        return graphemes(text)
    return [token for token in _TOKEN.findall("".join(graphemes(text))) if token]


def diff(a: str, b: str, script: str) -> list[Span]:
    """Return how ``a`` became ``b``: spans in order of reading, a deletion before the insertion at its place.

    The equal and deleted spans joined are ``a`` in NFC, the equal and inserted ones ``b``. White space that stands
    alone between two changes belongs to both, so that a rewritten phrase shows as one change.
    """
    old, new = tokens(a, script), tokens(b, script)
    spans: list[Span] = []
    gone, come = "", ""
    codes = list(Indel.opcodes(*_numbered(old, new)))
    for number, code in enumerate(codes):
        before, after = "".join(old[code.src_start : code.src_end]), "".join(new[code.dest_start : code.dest_end])
        inner = 0 < number < len(codes) - 1
        if code.tag == "equal" and not (inner and before.isspace()):
            spans += _change(gone, come)
            spans.append(Span("equal", before))
            gone, come = "", ""
        else:
            gone, come = gone + before, come + after
    return spans + _change(gone, come)


def _change(gone: str, come: str) -> list[Span]:
    spans = []
    if gone:
        spans.append(Span("delete", gone))
    if come:
        spans.append(Span("insert", come))
    return spans


def _numbered(a: list[str], b: list[str]) -> tuple[list[int], list[int]]:
    """Return both lists with a number for each different piece: rapidfuzz compares hashes, numbers cannot collide."""
    numbers: dict[str, int] = {}
    return [numbers.setdefault(piece, len(numbers)) for piece in a], [
        numbers.setdefault(piece, len(numbers)) for piece in b
    ]
