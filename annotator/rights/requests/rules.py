"""What can be asked, in which state, and until when; pure functions."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Protocol

KINDS = ("described", "copied", "wrong_name", "minor", "other")
# As what texts are taken out when a request is accepted; for a wrong name the credit goes, and the text stays.
CAUSES = {"described": "described", "copied": "revoked", "minor": "minor", "other": "revoked"}
LONGEST_STATEMENT, LONGEST_PLACE, LONGEST_ANSWER = 5_000, 10_000, 2_000
# How long somebody can ask once more after a refusal; then what they wrote is erased.
APPEAL = timedelta(days=30)


class Asked(Protocol):
    """What these rules read of a request (see ``rights.models.Request``)."""

    state: str
    due_at: datetime
    extended_until: datetime | None
    decided_at: datetime | None
    appealed_at: datetime | None


def new_key() -> str:
    """Return 128 random bits for the link under which somebody without an account follows a request."""
    return secrets.token_hex(16)


def is_key(value: str) -> bool:
    """Say whether this could be one of :func:`new_key`: a form that was meddled with must not make a link easy to guess."""
    return re.fullmatch("[0-9a-f]{32}", value) is not None


def sha256_of(key: str) -> str:
    """Return what is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def promised(request: Asked) -> datetime:
    """Return the day by which it is answered; an extension moves it."""
    return max(request.due_at, request.extended_until or request.due_at)


def is_overdue(request: Asked, now: datetime) -> bool:
    """Say whether it should have been answered."""
    return request.state == "received" and now > promised(request)


def may_appeal(request: Asked, now: datetime) -> bool:
    """Say whether a refusal can be appealed: once, while the time runs."""
    return request.state == "refused" and request.appealed_at is None and not is_over(request, now)


def is_over(request: Asked, now: datetime) -> bool:
    """Say whether a decided request is to be closed."""
    return (
        request.state in {"accepted", "refused"}
        and request.decided_at is not None
        and now >= request.decided_at + APPEAL
    )
