"""What changed between two wordings, and which tag of a language is the language of a document; pure functions."""

import difflib
import hashlib
from functools import lru_cache
from typing import NamedTuple

import regex
from langcodes import Language as Tag
from langcodes import tag_is_valid

from annotator.languages.rules import direction_of

LONGEST_TITLE = 200
LONGEST_TAG = 35
LONGEST_BODY = 200_000

# Pairs of words and spaces that are held against each other in one stretch: a third of a second.
MOST_PAIRS = 1_000_000

# Words, with what stands behind them; a line break stands alone, for lines are what a wording is made of.
_PIECES = regex.compile(r"\n|[^\S\n]+|\w+|[^\w\s]")


class Span(NamedTuple):
    """A stretch of text that stayed (``equal``), came (``insert``) or went (``delete``)."""

    op: str
    text: str


@lru_cache(maxsize=32)  # anybody can open the page of what changed, and texts in force never do
def compare(old: str, new: str) -> tuple[Span, ...]:
    """Return how ``new`` differs from ``old``: lines that stayed, and inside lines that changed the words that did.

    Where a long stretch was written anew, it is shown whole: finding the words that stayed by chance takes too long.
    """
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    spans: list[Span] = []
    for op, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        gone, come = "".join(before[a:b]), "".join(after[c:d])
        if op == "equal":
            spans.append(Span("equal", gone))
        elif op == "replace":
            spans += _by_words(gone, come)
        else:
            spans.append(Span(op, gone or come))
    return tuple(_joined(spans))


def _by_words(old: str, new: str) -> list[Span]:
    """Return the words that changed between two stretches of lines."""
    before, after = _PIECES.findall(old), _PIECES.findall(new)
    if len(before) * len(after) > MOST_PAIRS:
        return [Span("delete", old), Span("insert", new)]
    spans = []
    for op, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if op == "equal":
            spans.append(Span("equal", "".join(before[a:b])))
            continue
        spans += [Span("delete", "".join(before[a:b])), Span("insert", "".join(after[c:d]))]
    return spans


def _joined(spans: list[Span]) -> list[Span]:
    """Return the spans without empty ones, neighbours of one kind made one."""
    result: list[Span] = []
    for span in spans:
        if result and result[-1].op == span.op:
            result[-1] = Span(span.op, result[-1].text + span.text)
        elif span.text:
            result.append(span)
    return result


def sum_of(title: str, body: str) -> str:
    """Return a mark of a draft, by which a page knows whether somebody else has saved another one since."""
    return hashlib.sha256(f"{title}\n{body}".encode()).hexdigest()[:16]


def is_tag(language: str) -> bool:
    """Say whether ``language`` is a BCP 47 tag of a length that we keep."""
    return 0 < len(language) <= LONGEST_TAG and tag_is_valid(language)


def script_of(tag: str) -> str:
    """Return the script that a tag names, or else the one that its language is usually written in."""
    return Tag.get(tag).maximize().script or "Latn"


def direction(tag: str) -> str:
    """Return ``rtl`` or ``ltr`` for the texts of a tag."""
    return direction_of(script_of(tag))


def same_language(one: str, other: str) -> bool:
    """Say whether two tags are of one language in one script: ``yo`` and ``yo-Latn-x-ekiti`` are."""
    return Tag.get(one).language == Tag.get(other).language and script_of(one) == script_of(other)


def name_of(tag: str) -> str:
    """Return what a language calls itself, as far as it is known; else its tag."""
    name = Tag.get(tag).autonym()
    return tag if name.startswith("Unknown") else name
