"""What a prompt is made of: which texts are the same, which columns mean what, and what makes a row unusable."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import regex

from annotator import text
from annotator.errors import Invalid

ANSWER_LINKS = ("completion", "translation", "paraphrase")
TEMPLATE_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
TEMPLATE_NAME_LENGTH = 60
PLACEHOLDER = "{text}"

LONGEST_TEXT = 100_000  # characters of one instruction, input or completion: a book is not a prompt
LONGEST_ID = 200  # of an external id, as the column holds it

_NOT_ASCII_LETTER = re.compile(r"[^a-z0-9]+")
_NOT_A_LETTER = regex.compile(r"[\p{P}\p{S}\p{Z}\p{C}]+")
# NUL cannot be stored by PostgreSQL; surrogates are halves of letters, or bytes that were no UTF-8.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class Texts:
    """The words of a prompt, cleaned; what is empty is None."""

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
        return _sha256([_folded(part or "") for part in (self.instruction, self.input, self.completion)]).hex()

    @property
    def likeness(self) -> int:
        """A number of 63 bits that is also the same where case, punctuation and spaces differ; it only warns."""
        loose = [_loose(part or "") for part in (self.instruction, self.input, self.completion)]
        return int.from_bytes(_sha256(loose)[:8]) >> 1


def fill(body: str, sentence: str) -> tuple[str, str | None]:
    """Return instruction and input that a template makes of a sentence.

    A body with ``{text}`` takes it in there; any other body is the instruction, and the sentence the input.
    """
    if PLACEHOLDER in body:
        return body.replace(PLACEHOLDER, sentence), None
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
        return _UNSTORABLE.search(value) is not None
    if isinstance(value, Mapping):
        return any(unstorable(name) or unstorable(part) for name, part in value.items())
    if isinstance(value, (list, tuple)):
        return any(unstorable(part) for part in value)
    return False


def _folded(part: str) -> str:
    """Return the words with one space between, in NFC."""
    return " ".join(unicodedata.normalize("NFC", part).split())


def _loose(part: str) -> str:
    """Return only letters, marks and numbers, without case."""
    if part.isascii():  # the same, four times as fast
        return _NOT_ASCII_LETTER.sub("", part.lower())
    return str(_NOT_A_LETTER.sub("", unicodedata.normalize("NFKC", part).casefold()))


def _sha256(parts: list[str]) -> bytes:
    # No part holds a NUL (``unstorable``), so it can stand between them.
    return hashlib.sha256("\0".join(parts).encode()).digest()
