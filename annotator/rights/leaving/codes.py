"""Claim codes: 128 random bits that prove control of texts whose author has left. Only their SHA-256 is kept."""

import base64
import hashlib
import secrets

import regex as re

BITS = 128
_LENGTH = 26  # 128 bits in base 32, without padding
_GROUP = 5
# What people read wrongly: 0 and 1 are no letters of base 32.
_MISREAD = str.maketrans({"0": "O", "1": "I"})


def new() -> str:
    """Return a new code, in groups that can be read aloud."""
    code = base64.b32encode(secrets.token_bytes(BITS // 8)).decode().rstrip("=")
    return "-".join(code[begin : begin + _GROUP] for begin in range(0, len(code), _GROUP))


def sha256_of(code: str) -> str | None:
    """Return what is kept of a code, however it was typed; None for what cannot be one."""
    plain = re.sub(r"[\s\p{Pd}]", "", code).upper().translate(_MISREAD)
    if len(plain) != _LENGTH or not re.fullmatch(r"[A-Z2-7]+", plain):
        return None
    return hashlib.sha256(plain.encode()).hexdigest()
