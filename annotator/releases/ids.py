"""Keyed and content ids of a release: pure functions (release-format §3.1 to §3.3)."""

import hashlib
import hmac
import json
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import rfc8785

from annotator.consent.rules import LICENSES, Lane, Rights

# Parts of a thousand by the keyed hash of the root; what is left is train.
TEST, VALIDATION = 50, 50
_SPLITS = ("train", "validation", "test")


def contributor_id(key: bytes, person: str, mode: str) -> str:
    """Return a contributor's id in one project: 16 hexadecimal digits.

    Whoever credits some texts by name and others by handle has two ids, or the one would give the other away.
    """
    told = person if mode == "named" else f"{person}/{mode}"
    return hmac.new(key, told.encode(), hashlib.sha256).hexdigest()[:16]


def keyed_uuid(key: bytes, name: str) -> str:
    """Return a stable UUID for ``name`` that nobody without the key can make."""
    digest = bytearray(hmac.new(key, name.encode(), hashlib.sha256).digest()[:16])
    digest[6], digest[8] = digest[6] & 0x0F | 0x80, digest[8] & 0x3F | 0x80  # RFC 9562, version 8
    return str(uuid.UUID(bytes=bytes(digest)))


def split_of(key: bytes, root: str) -> str:
    """Return the split that a lineage belongs to by the keyed hash of its root."""
    digest = hmac.new(key, f"split:{root}".encode(), hashlib.sha256).digest()
    place = int.from_bytes(digest[:8], "big") % 1000
    if place < TEST:
        return "test"
    return "validation" if place < TEST + VALIDATION else "train"


def shared_split(by_hash: str, allowed: Iterable[frozenset[str]]) -> str:
    """Return the split of a new lineage: the one that most of its rows may stand in, by hash where that is equal."""
    sets = list(allowed)
    order = (by_hash, *(name for name in _SPLITS if name != by_hash))
    return max(order, key=lambda name: (sum(name in each for each in sets), -order.index(name)))


def profile_id(rights: Rights, lane: Lane) -> str:
    """Return the id of a rights profile: a hash of what it says."""
    said: dict[str, Any] = {"vector": rights.as_dict(), "lane": str(lane), "license": LICENSES[lane]}
    return hashlib.sha256(rfc8785.dumps(said)).hexdigest()[:12]


def row_sha256(row: Mapping[str, Any]) -> str:
    """Return a hash of a row's columns but ``release_added``: two releases compare their rows by it."""
    said = {name: value for name, value in row.items() if name != "release_added"}
    return hashlib.sha256(
        json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    ).hexdigest()


def purposes(lane: str, rights: Rights) -> list[str]:
    """Return what a row in ``lane`` may be used for: what is granted, and no more than the lane's licence permits."""
    return [name for name in rights.purposes if not (lane == Lane.NONCOMMERCIAL and name == "commercial")]


def odrl(rights: Rights, lane: Lane, profile: str) -> str:
    """Return the rights as an ODRL offer, in JSON with sorted keys; a request to the reader, not a lock."""
    permission: dict[str, Any] = {
        "action": "use",
        "constraint": [{"leftOperand": "purpose", "operator": "isAnyOf", "rightOperand": purposes(lane, rights)}],
        "duty": [{"action": "attribute"}],
    }
    if lane is Lane.GATED:
        permission["duty"].append({"action": "reviewPolicy"})
    offer: dict[str, Any] = {
        "@context": "http://www.w3.org/ns/odrl.jsonld",
        "@type": "Offer",
        "uid": f"urn:annotator:rights-profile:{profile}",
        "permission": [permission],
    }
    denied = [name for name in ("train", "evaluate", "research", "commercial", "derive")
              if name not in purposes(lane, rights)]  # fmt: skip
    if denied:
        offer["prohibition"] = [
            {
                "action": "use",
                "constraint": [{"leftOperand": "purpose", "operator": "isAnyOf", "rightOperand": denied}],
            }
        ]
    return json.dumps(offer, sort_keys=True, ensure_ascii=False)
