"""Under which numbers a text is found, and how alike two texts are; pure functions.

Exactly: the same words after NFC and folding of white space. Nearly: a text that begins or ends with the same letters
(case, punctuation and spaces do not count) and is then alike enough as a whole. A text that was changed at both ends, or
translated, is not found: whoever reads "no" must know that.
"""

import hashlib
import unicodedata

import regex
from rapidfuzz.distance import Indel

# Letters at either end by which near texts are found; a text must have more than both together.
ENDS = 24
SHORTEST_NEAR = 2 * ENDS
# So alike two texts must be to be called near, and so many are compared at most, of so many letters each.
ALIKE = 0.8
MOST_COMPARED = 20
MOST_LETTERS = 5_000
LONGEST = 20_000

_NO_LETTER = regex.compile(r"[^\p{L}\p{M}\p{N}]+")


def folded(words: str) -> str:
    """Return words in NFC with single spaces."""
    return " ".join(unicodedata.normalize("NFC", words).split())


def letters(words: str) -> str:
    """Return only letters, marks and numbers, without case."""
    return _NO_LETTER.sub("", unicodedata.normalize("NFKC", words).casefold())


def exact_key(words: str) -> int:
    """Return the number under which exactly these words are found."""
    return _number("exact", folded(words))


def near_keys(words: str) -> tuple[int, int] | None:
    """Return the numbers of a text's beginning and end; None for one that is too short to be told from others."""
    plain = letters(words)
    if len(plain) < SHORTEST_NEAR:
        return None
    return _number("begins", plain[:ENDS]), _number("ends", plain[-ENDS:])


def keys_of(instruction: str | None, input_: str | None, completion: str | None, *, own: bool) -> set[int]:
    """Return every number of a published row; near ones only where the completion is the revision's ``own``."""
    prompt = "\n\n".join(part for part in (instruction, input_) if part)
    found = {exact_key(words) for words in (instruction, input_, prompt, completion) if words}
    if own and completion:
        found.update(near_keys(completion) or ())
    return found


def alike(one: str, other: str) -> float:
    """Return how alike two texts are, from 0 to 1, by their letters in order."""
    return float(Indel.normalized_similarity(letters(one)[:MOST_LETTERS], letters(other)[:MOST_LETTERS]))


def _number(kind: str, words: str) -> int:
    # 63 bits: what an integer column holds. Two texts of a million share one by chance once in ten million times.
    return int.from_bytes(hashlib.sha256(f"{kind}\0{words}".encode()).digest()[:8]) >> 1
