"""Check the proofs in proofs.json without the platform: `python3 check.py`. Needs Python alone.

Each entry of the ledger holds a commitment, SHA-256(salt, payload), and a hash over all its fields. Both are computed
anew here. The heads that releases and the feed publish show whether the chain was changed later.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FIELDS = ("seq", "prev", "time", "type", "subject_ref", "document_sha256", "commitment")


def canonical(value: object) -> bytes:
    """Return the RFC 8785 form of JSON without fractions, which is all that a payload holds."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def faults(proofs: list[dict[str, Any]]) -> Iterator[str]:
    """Yield what does not hold."""
    for proof in proofs:
        entry, salt = proof["entry"], bytes.fromhex(proof["salt"])
        if hashlib.sha256(salt + canonical(proof["payload"])).hexdigest() != entry["commitment"]:
            yield f"entry {entry['seq']}: the payload is not what was committed to"
        if hashlib.sha256(canonical({name: entry[name] for name in FIELDS})).hexdigest() != entry["hash"]:
            yield f"entry {entry['seq']}: the hash does not fit the entry"


if __name__ == "__main__":
    proofs = json.loads(Path(__file__).with_name("proofs.json").read_text(encoding="utf-8"))
    found = list(faults(proofs))
    print("\n".join(found) or f"All {len(proofs)} proofs hold.")  # noqa: T201  # this is what it is for
    sys.exit(1 if found else 0)
