"""Headers that keep a repeated or a late request from doing harm: Idempotency-Key and If-Match."""

import re

from flask import request

from annotator.web.api.endpoints import Header
from annotator.web.api.problems import Refused

IDEMPOTENCY_KEY = Header(
    "Idempotency-Key",
    "Your own name for this submission, 1 to 80 printable characters of ASCII; sent twice, it makes one annotation, and "
    "the second answer has the header Idempotent-Replayed: true",
)
IF_MATCH = Header("If-Match", 'The ETag of the draft that was seen; "0" where there was none', required=True)
REPLAYED = {"Idempotent-Replayed": "true"}

_KEY = re.compile(r"[ -~]{1,80}")
# A weak tag is taken too: a proxy that packs the answer weakens its tag.
_ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})"')


def idempotency_key() -> str | None:
    """Return the key of the request, or None without one.

    Raises Refused 400 ``idempotency_key_malformed``.
    """
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        raise Refused(400, "idempotency_key_malformed")
    return key


def etag(version: int) -> str:
    """Return the tag of a version."""
    return f'"{version}"'


def version_seen() -> int:
    """Return which version the sender has seen.

    Raises Refused: 428 ``if_match_missing``, 400 ``if_match_malformed``.
    """
    sent = request.headers.get("If-Match")
    if sent is None:
        raise Refused(428, "if_match_missing")
    found = _ETAG.fullmatch(sent.strip())
    if found is None:
        raise Refused(400, "if_match_malformed")
    return int(found[1])
