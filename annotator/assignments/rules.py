"""When a reservation ends, and why there may be nothing to do."""

from datetime import datetime, timedelta
from enum import StrEnum

# How long a prompt stays reserved after the last sign of life (architecture: 60 minutes, renewed by saving).
LEASE = timedelta(minutes=60)

# How long a skip can be undone; until then what was typed is kept.
UNDO = timedelta(minutes=10)

# A claim that finds everything being taken at this very moment may be tried again after so long.
A_MOMENT = timedelta(seconds=5)

LIVE = ("assigned", "draft")


class Empty(StrEnum):
    """Why a claim found nothing; the page says it in words, with the next useful act."""

    PAUSED = "paused"
    NO_WORK = "no_work"
    NOT_A_WRITER = "not_a_writer"
    NOT_A_READER = "not_a_reader"
    CONSENT = "consent"
    CAP = "cap"
    RESERVED = "reserved"
    REVIEWS = "reviews"
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
