"""Pure decisions about accounts: what a handle and a password may be, how passwords are hashed, how links are signed."""

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

import regex
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from email_validator import EmailNotValidError, validate_email
from itsdangerous import BadData, URLSafeTimedSerializer

from annotator.errors import Invalid

SHORTEST_HANDLE, LONGEST_HANDLE = 2, 40
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200
FEWEST_LETTERS = 5  # different ones, in a password

TRIES_PER_ADDRESS = 10
TRIES_PER_PLACE = 60
TRIES_WITHIN = timedelta(minutes=15)
LETTERS_PER_ADDRESS = 5
LETTERS_WITHIN = timedelta(hours=1)
ATTEMPTS_KEPT = timedelta(days=7)

# Letters and marks that show nothing: with one of them a handle would look like somebody else's.
_INVISIBLE = regex.compile(r"\p{Default_Ignorable_Code_Point}")
_HANDLE = regex.compile(r"[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}_.\-]*")
# Scripts whose letters look alike; a handle with two of them could pass for somebody else's (UTS #39, mixed scripts).
_LOOK_ALIKE = tuple(regex.compile(rf"\p{{Script={name}}}") for name in ("Latin", "Cyrillic", "Greek", "Armenian"))
# argon2id with 19 MiB, two rounds, one lane (OWASP Password Storage Cheat Sheet): the library's own 64 MiB, times the
# threads that may be signing people in at once, are more than a small server has.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))


class Purpose(StrEnum):
    """What a mailed link is for; each purpose has its own signature."""

    JOIN = "join"
    SIGN_IN = "sign-in"
    RESET = "reset"


LIFE = {Purpose.JOIN: timedelta(days=3), Purpose.SIGN_IN: timedelta(hours=1), Purpose.RESET: timedelta(hours=1)}


class Linked(Protocol):
    """What a link is about."""

    public_id: str
    stamp: str


@dataclass(frozen=True)
class Link:
    """What a link says: who, under which stamp, and a number that is used once."""

    public_id: str
    stamp: str
    nonce: str


def clean_email(email: str) -> str:
    """Return the address in one form: lower case, domain in Unicode.

    Raises Invalid ``email_invalid``.
    """
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise Invalid("email_invalid", email=email.strip()) from error


def clean_handle(handle: str) -> str:
    """Return the handle in one form (NFKC, lower case); letters of any script, digits, ``_ . -`` after the first.

    Raises Invalid ``handle_invalid`` or ``handle_mixed``.
    """
    # Folding can take a letter apart, so it is put together again: one look, one handle.
    cleaned = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", handle.strip()).casefold())
    if _INVISIBLE.search(cleaned) or not (
        SHORTEST_HANDLE <= len(cleaned) <= LONGEST_HANDLE and _HANDLE.fullmatch(cleaned)
    ):
        raise Invalid("handle_invalid", handle=handle.strip())
    if sum(1 for script in _LOOK_ALIKE if script.search(cleaned)) > 1:
        raise Invalid("handle_mixed", handle=cleaned)
    return cleaned


def check_password(password: str, *, email: str, handle: str) -> None:
    """Refuse a password that is guessed first: too short, too uniform, or the person's own name.

    Raises Invalid ``password_short``, ``password_long`` or ``password_weak``.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid("password_short", length=SHORTEST_PASSWORD)
    if len(password) > LONGEST_PASSWORD:
        raise Invalid("password_long", length=LONGEST_PASSWORD)
    lower = password.casefold()
    names = {email.casefold(), email.partition("@")[0].casefold(), handle.casefold()}
    if len(set(lower)) < FEWEST_LETTERS or lower in names:
        raise Invalid("password_weak")


def hash_password(password: str) -> str:
    """Return the argon2id hash; NFKC first, since keyboards differ in how they send a letter."""
    return _HASHER.hash(unicodedata.normalize("NFKC", password))


def password_fits(password: str, password_hash: str | None) -> bool:
    """Say whether the password is right. Without a hash it takes as long, so that time tells nothing."""
    try:
        _HASHER.verify(password_hash or _NOBODY, unicodedata.normalize("NFKC", password))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def new_stamp() -> str:
    """Return a new stamp; it ends every session and link made under the old one."""
    return secrets.token_urlsafe(24)


def attempt_key(what: str, whom: str) -> str:
    """Return the key under which tries are counted: it names no address."""
    return f"{what}:{hashlib.sha256(whom.casefold().encode()).hexdigest()[:40]}"


def sign_link(secret: str, purpose: Purpose, person: Linked) -> str:
    """Return the token of a link that can be used once, for ``purpose`` alone, until ``LIFE`` is over."""
    return str(_signer(secret, purpose).dumps([person.public_id, person.stamp, secrets.token_urlsafe(12)]))


def read_link(secret: str, purpose: Purpose, token: str) -> Link:
    """Return what a link says.

    Raises Invalid ``link_dead`` when it is not ours, too old, or for something else.
    """
    try:
        said = _signer(secret, purpose).loads(token, max_age=int(LIFE[purpose].total_seconds()))
    except BadData as error:
        raise Invalid("link_dead") from error
    return Link(*said)


def _signer(secret: str, purpose: Purpose) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt=f"link:{purpose.value}")
