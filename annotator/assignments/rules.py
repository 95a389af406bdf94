"""When a reservation ends, and why there may be nothing to do."""

from datetime import datetime, timedelta
from enum import StrEnum

# How long a prompt stays reserved after the last sign of life (architecture: 60 minutes, renewed by saving).
LEASE = timedelta(minutes=60)

LIVE = ("assigned", "draft")


class Empty(StrEnum):
    """Why a claim found nothing; the page says it in words, with the next useful act."""

    PAUSED = "paused"
    NO_WORK = "no_work"
    NOT_A_WRITER = "not_a_writer"
    NOT_A_READER = "not_a_reader"
    CONSENT = "consent"
    RESERVED = "reserved"
    DONE = "done"


class SkipReason(StrEnum):
    """Why somebody would rather not do a prompt."""

    UNCLEAR = "unclear"
    WRONG_LANGUAGE = "wrong_language"
    OFFENSIVE = "offensive"
    PERSONAL_DATA = "personal_data"
    DO_NOT_KNOW = "do_not_know"
    OTHER = "other"


def lease_from(moment: datetime) -> datetime:
    """Return when a reservation made or renewed at ``moment`` runs out."""
    return moment + LEASE


def lowest_free(taken: set[int], overlap: int) -> int | None:
    """Return the lowest of the places 0 … overlap - 1 that is not taken, or None."""
    return next((place for place in range(overlap) if place not in taken), None)
