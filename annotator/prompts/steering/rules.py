"""How far up or down a prompt can be put, and how long its way to the front may take."""

from datetime import timedelta

from annotator.errors import Invalid

LEAST, MOST = -1_000, 1_000

# A slow disk changes this many prompts in a second.
A_SECOND = 2_000


def checked_priority(priority: int) -> int:
    """Return the priority; higher comes first, 0 is usual. Raises Invalid beyond reason."""
    if not LEAST <= priority <= MOST:
        raise Invalid("prompt_priority_invalid", least=LEAST, most=MOST)
    return priority


def time_to_change(prompts: int) -> timedelta:
    """Return how long it may take until a change of so many prompts is seen by others.

    They look for what was reopened since they last looked, and half a minute back; so a change that takes longer says
    that it happened when it will be seen, not when it began.
    """
    return timedelta(seconds=prompts // A_SECOND)
