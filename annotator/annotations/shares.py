"""Tokens of a text, and whose they are: pure functions (rights-model §2.7, decision 0090).

A token is a word where the script has spaces, and an extended grapheme cluster where it has none; each run of a text is
counted by its own script. Source: Unicode Standard Annex #29, "Unicode Text Segmentation", §4: words of these scripts are
found only with a dictionary, grapheme clusters by rule. White space and punctuation are no tokens, but a text of nothing
else is counted by its grapheme clusters.

A run is ``(revision id, number of tokens)``; the runs of a text are in its order. ``IMPORTED`` stands for the imported
prompt, ``OWN`` for the very revision that the runs are of, whose id is not known before it is stored.
"""

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from itertools import groupby

import regex
from rapidfuzz.distance import Indel

Runs = Sequence[Sequence[int]]

IMPORTED, OWN = 0, -1
GAP = "[…]"

# Scripts of Unicode whose words are not parted by spaces (those of ``quality.rules`` that are no mixture).
_UNSPACED = "".join(
    rf"\p{{scx={code}}}"
    for code in """Ahom Bali Bopo Brah Cakm Cham Hani Hira Java Kana Khmr Lana Laoo Mymr Nshu Phag Talu Tang Tavt Thai
    Tibt Yiii""".split()  # noqa: SIM905  # a row of codes reads better as words
)
_LONE = rf"[[{_UNSPACED}]&&[\p{{L}}\p{{N}}]]"
_LETTER = rf"[[\p{{L}}\p{{N}}]--{_LONE}]"
_INSIDE = rf"[[\p{{L}}\p{{N}}\p{{M}}\u200C\u200D]--{_LONE}]"
# A grapheme cluster of a script without spaces; a word with what joins its parts; a symbol, such as an emoji.
_TOKEN = regex.compile(
    rf"(?V1)(?={_LONE})\X|{_LETTER}{_INSIDE}*(?:['\u2019\u02BC\u00B7\u05F3\u05F4\-]{_LETTER}{_INSIDE}*)*|(?=\p{{S}})\X"
)
_ANY = regex.compile(r"(?!\s)\X")


def tokens(text: str) -> list[str]:
    """Return the tokens of ``text``; upper and lower case are the same, as a capital letter makes nobody an author."""
    return [token.casefold() for _start, token in _found(unicodedata.normalize("NFC", text))]


def _found(text: str) -> list[tuple[int, str]]:
    """Return where each token stands, and the token."""
    found = [(match.start(), match.group()) for match in _TOKEN.finditer(text)]
    return found or [(match.start(), match.group()) for match in _ANY.finditer(text)]


def whole(owner: int, text: str | None) -> list[list[int]]:
    """Return the runs of a text that is all of one owner."""
    number = len(tokens(text)) if text else 0
    return [[owner, number]] if number else []


def trace(parent_runs: Runs, parent_text: str | None, new_text: str | None) -> list[list[int]] | None:
    """Return the runs of ``new_text``, made from ``parent_text``: what survives keeps its owner, the rest is ``OWN``.

    What survives is a longest common subsequence of both. None when the runs are not of this text (they were counted
    otherwise): then nobody knows, and every author counts.
    """
    owners = [owner for owner, number in parent_runs for _ in range(number)]
    old, new = tokens(parent_text or ""), tokens(new_text or "")
    if len(owners) != len(old):
        return None
    result = [OWN] * len(new)
    numbers: dict[str, int] = {}  # rapidfuzz compares hashes, and numbers cannot collide
    before, after = ([numbers.setdefault(token, len(numbers)) for token in each] for each in (old, new))
    for code in Indel.opcodes(before, after):
        if code.tag == "equal":
            result[code.dest_start : code.dest_end] = owners[code.src_start : code.src_end]
    return as_runs(result)


def as_runs(owners: Iterable[int]) -> list[list[int]]:
    """Return the owners of tokens as runs."""
    return [[owner, sum(1 for _ in same)] for owner, same in groupby(owners)]


def settled(runs: Runs, revision_id: int) -> list[list[int]]:
    """Return the runs with the revision's own id in place of ``OWN``: what its children refer to."""
    return [[revision_id if owner == OWN else owner, number] for owner, number in runs]


def counted(runs: Runs, revision_id: int) -> dict[int, int]:
    """Return how many tokens each revision has."""
    result: dict[int, int] = {}
    for owner, number in runs:
        key = revision_id if owner == OWN else owner
        result[key] = result.get(key, 0) + number
    return result


def without(runs: Runs, text: str, gone: Collection[int], *, cut: Collection[int] = ()) -> tuple[list[list[int]], str]:
    """Return runs and text without the tokens of the owners that are ``gone``; a gap stands where they were.

    Of owners that are ``cut`` the runs still tell, and the text has a gap already: they were erased.
    """
    runs = [run for run in runs if run[0] not in cut]
    text = unicodedata.normalize("NFC", text)
    owners = [owner for owner, number in runs for _ in range(number)]
    found = _found(text)
    if len(owners) != len(found):
        return [], GAP
    parts: list[str] = []
    position, in_gap = 0, False
    for (start, token), owner in zip(found, owners, strict=True):
        if owner in gone:
            if not in_gap:
                parts += [text[position:start], GAP]
            in_gap = True
        else:
            parts += [text[position:start], token]
            in_gap = False
        position = start + len(token)
    parts.append(text[position:])
    return [[owner, number] for owner, number in runs if owner not in gone and owner not in cut], "".join(parts)


def hollow(sets: Iterable[str]) -> dict[str, list[list[int]]]:
    """Return what an erased revision keeps as its shares: which fields it had set, and nothing of whose words."""
    return {name: [] for name in sets}
