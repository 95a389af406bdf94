"""How an entry is hashed, and how a chain is checked; pure functions (rights-model §2.4)."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import rfc8785

GENESIS = "0" * 64
FIELDS = ("seq", "prev", "time", "type", "subject_ref", "document_sha256", "commitment")


def entry_hash(entry: Mapping[str, Any]) -> str:
    """Return SHA-256 over the RFC 8785 form of the entry's fields, in hexadecimal."""
    return hashlib.sha256(rfc8785.dumps({name: entry[name] for name in FIELDS})).hexdigest()


def subject_ref(key: bytes, seq: int) -> str:
    """Return the person's pseudonym in entry ``seq``: different in every entry, HMAC-SHA256."""
    return hmac.new(key, str(seq).encode(), hashlib.sha256).hexdigest()


def commitment(salt: bytes, payload: Mapping[str, Any]) -> str:
    """Return SHA-256(salt ‖ JCS(payload)): proves the payload while it exists, says nothing once it is erased."""
    return hashlib.sha256(salt + rfc8785.dumps(dict(payload))).hexdigest()


def fault_of_payload(row: Mapping[str, Any]) -> str | None:
    """Return what is wrong between an entry and the erasable parts that are kept of it: payload, subject or nothing.

    ``row`` has the entry's ``seq``, ``subject_ref`` and ``commitment``; ``person_id``, ``salt`` and ``payload`` (as
    text); and the person's ``key`` (None once it was destroyed).
    """
    try:
        holds = commitment(row["salt"], json.loads(row["payload"])) == row["commitment"]
    except (TypeError, ValueError):  # something that no append could have written, and so no commitment is of it
        holds = False
    if not holds:
        return "payload"
    if (row["person_id"] is None) != (row["subject_ref"] is None):
        return "subject"
    if row["key"] is not None and subject_ref(row["key"], row["seq"]) != row["subject_ref"]:
        return "subject"
    return None
