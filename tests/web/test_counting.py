"""Counting in one process."""

from datetime import timedelta

import time_machine
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from annotator.clock import now
from annotator.web import counting

TWICE = parse("2/minute")
NOON = "2026-05-01 12:00:10+00:00"


def test_a_window_begins_with_the_first_count_and_ends_after_its_time() -> None:
    limiter = FixedWindowRateLimiter(storage_from_string(counting.storage_uri("")))
    with time_machine.travel(NOON, tick=False) as clock:
        assert [limiter.hit(TWICE, "a") for _ in range(3)] == [True, True, False]
        assert limiter.hit(TWICE, "b"), "somebody else"
        assert limiter.get_window_stats(TWICE, "a") == (now().timestamp() + 60, 0)
        clock.shift(timedelta(seconds=59))
        assert not limiter.hit(TWICE, "a")
        clock.shift(timedelta(seconds=1))
        assert limiter.hit(TWICE, "a")


def test_what_is_over_is_forgotten() -> None:
    store = counting.InProcess()
    with time_machine.travel(NOON, tick=False) as clock:
        for number in range(counting.FEW):
            store.incr(f"early {number}", 60)
        clock.shift(timedelta(minutes=2))
        store.incr("late", 60)
        assert store.get("early 1") == 0
        assert store.get("late") == 1
        assert store.reset() == 1


def test_redis_counts_where_there_is_one() -> None:
    assert counting.storage_uri("redis://there") == "redis://there"
