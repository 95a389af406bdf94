"""When to try a letter again, and for how long."""

from datetime import timedelta

LEASE = timedelta(minutes=5)
MOST_TRIES = 8
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=6)


def wait_after(tries: int) -> timedelta:
    """Return how long to wait after the ``tries``-th failure: a minute, four, sixteen, … at most six hours."""
    return min(_FIRST_WAIT * int(4 ** max(tries - 1, 0)), _LONGEST_WAIT)
