"""What a prompt is made of: which texts are the same, which columns mean what, and what makes a row unusable."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from annotator import text
from annotator.errors import Invalid

# What an answer is to its prompt; ``ask``: whoever answers says it.
ANSWER_LINKS = ("completion", "translation", "paraphrase", "ask")
TEMPLATE_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
TEMPLATE_NAME_LENGTH = 60
PLACEHOLDER = "{text}"

SILENT_AFTER = timedelta(minutes=1)

LONGEST_TEXT = 100_000  # characters of one instruction, input or completion: a book is not a prompt
LONGEST_ID = 200  # of an external id, as the column holds it

# NUL cannot be stored by PostgreSQL; surrogates are halves of letters, or bytes that were no UTF-8.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class _Letters(dict[int, int | None]):
    """Which characters are letters, marks or numbers, for ``str.translate``: it learns each at its first use."""

    def __missing__(self, code: int) -> int | None:
        # What this Python's Unicode does not know yet may be the letters of a new script.
        category = unicodedata.category(chr(code))
        kept = self[code] = code if category[0] in "LMN" or category == "Cn" else None
        return kept


_LETTERS = _Letters()
_NO_ASCII_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum())


class Texts(NamedTuple):
    """The words of a prompt, cleaned (``text.clean``: so they are in NFC); what is empty is None."""

    instruction: str
    input: str | None = None
    completion: str | None = None

    @property
    def kind(self) -> str:
        """A given completion is there to be improved; without one the prompt is there to be answered."""
        return "answer" if self.completion is None else "reannotate"

    @property
    def fingerprint(self) -> str:
        """The SHA-256 that is the same for the same words after NFC and folding of white space."""
        return _sha256([" ".join((part or "").split()) for part in self]).hex()

    @property
    def likeness(self) -> int:
        """A number of 63 bits that is also the same where case, punctuation and spaces differ; it only warns."""
        loose = [_loose(part or "") for part in self]
        return int.from_bytes(_sha256(loose)[:8]) >> 1


def at_work(touched_at: datetime, now: datetime) -> bool:
    """Say whether somebody seems to be at work on an import that was last heard of then: parts take seconds."""
    return now - touched_at < SILENT_AFTER


def fill(body: str, sentence: str) -> tuple[str, str | None]:
    """Return instruction and input that a template makes of a sentence.

    A body with ``{text}`` takes it in there; any other body is the instruction, and the sentence the input.
    """
    if PLACEHOLDER in body:
        return unicodedata.normalize("NFC", body.replace(PLACEHOLDER, sentence)), None
    return body, sentence


def checked_template(name: str, body: str, answer_link: str) -> tuple[str, str]:
    """Return name and cleaned body; raise Invalid for what cannot stand."""
    if len(name) > TEMPLATE_NAME_LENGTH or not TEMPLATE_NAME.fullmatch(name):
        raise Invalid("template_name_invalid", name=name[:TEMPLATE_NAME_LENGTH], longest=TEMPLATE_NAME_LENGTH)
    settled = text.clean(body)
    if settled is None or not (text.clean(settled.replace(PLACEHOLDER, ""))):
        raise Invalid("template_body_missing", name=name)
    if len(settled) > LONGEST_TEXT or unstorable(settled):
        raise Invalid("template_body_unusable", name=name, longest=LONGEST_TEXT)
    if answer_link not in ANSWER_LINKS:
        raise Invalid("template_link_unknown", link=answer_link, known=ANSWER_LINKS)
    return name, settled


def unstorable(value: object) -> bool:
    """Say whether a text, or a text anywhere inside a value, has a character that no database or file can hold."""
    if isinstance(value, str):
        return "\0" in value or not (value.isascii() or _UNSTORABLE.search(value) is None)
    if isinstance(value, Mapping):
        return any(map(unstorable, value)) or any(map(unstorable, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(unstorable, value))
    return False


def _loose(part: str) -> str:
    """Return only letters, marks and numbers, without case."""
    if part.isascii():  # the same, many times as fast
        return part.lower().encode().translate(None, _NO_ASCII_LETTERS).decode()
    return unicodedata.normalize("NFKC", part).casefold().translate(_LETTERS)


def _sha256(parts: list[str]) -> bytes:
    # No part holds a NUL (``unstorable``), so it can stand between them.
    return hashlib.sha256("\0".join(parts).encode()).digest()
