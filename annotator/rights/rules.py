"""The clock of a withdrawal: which steps there are, and when each is due; pure functions (rights-model §2.6)."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Protocol

from annotator.settings import RightsPolicy

# Causes that may not wait: whoever is described in a text, or is a child, did not choose to be there.
AT_ONCE = ("described", "minor")
# Steps whose reason is written for the person who asked; others name an authority, or a member of the team.
REASONS_FOR_THE_PERSON = ("extended", "refused")
# What cannot be taken back lightly asks for a sign-in that is not older than this.
FRESH = timedelta(hours=12)


class Timed(Protocol):
    """What these rules read of a withdrawal (see ``rights.models.Withdrawal``)."""

    state: str
    undo_until: datetime
    due_at: datetime
    extended_until: datetime | None
    erased_at: datetime | None
    released_at: datetime | None


def undo_until(cause: str, now: datetime, policy: RightsPolicy) -> datetime:
    """Return until when a withdrawal that is asked for now can be undone; ``now`` where it cannot."""
    return now if cause in AT_ONCE else now + policy.undo


def due_at(undo_ends: datetime, policy: RightsPolicy) -> datetime:
    """Return by when everything must be done: words erased, and out of every release that is served."""
    return undo_ends + max(policy.erase, policy.release)


def can_be_undone(withdrawal: Timed, now: datetime) -> bool:
    """Say whether its undo window is open."""
    return withdrawal.state == "suspended" and now < withdrawal.undo_until


def is_definite(withdrawal: Timed, now: datetime) -> bool:
    """Say whether the undo window has closed and nothing undid it."""
    return withdrawal.state not in {"received", "undone", "refused"} and now >= withdrawal.undo_until


def is_overdue(withdrawal: Timed, now: datetime) -> bool:
    """Say whether something is left to do after the day by which it was promised; an extension moves that day."""
    promised = max(withdrawal.due_at, withdrawal.extended_until or withdrawal.due_at)
    return withdrawal.state in {"received", "suspended", "erased", "released"} and now > promised


def state_after(withdrawal: Timed) -> str:
    """Return the state that follows from what was done: erasing may wait for a hold while releases go on."""
    if withdrawal.erased_at is not None:
        return "closed" if withdrawal.released_at is not None else "erased"
    return "suspended"


def reason_for_the_person(step: str, reason: str | None) -> str | None:
    """Return the reason of a step where the person who asked may read it."""
    return reason if step in REASONS_FOR_THE_PERSON else None


def days_between(start: datetime, end: datetime) -> float:
    """Return the time between two moments in days."""
    return (end - start) / timedelta(days=1)


def percentile(values: Collection[float], part: float) -> float | None:
    """Return the smallest value that at least ``part`` of the values do not exceed (nearest rank); None without any."""
    ordered = sorted(values)
    if not ordered:
        return None
    rank = max(1, -(-len(ordered) * part // 1))
    return ordered[int(rank) - 1]
