"""What was seen from outside while people worked, and the figures that follow from it."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from annotator.bench.client import Answer

_LONGEST_WORDS = 300
_MS = 1000


@dataclass(frozen=True)
class Span:
    """When it is measured, in moments of ``time.monotonic``: what ends before is warm-up, and nothing begins after."""

    begin: float
    end: float

    def __contains__(self, moment: float) -> bool:
        """Say whether the moment is measured."""
        return self.begin <= moment < self.end

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end - self.begin


@dataclass
class Notes:
    """What was seen: how long cycles and single requests took (with when they ended), errors, who was handed what.

    Times are those of the measured span, in seconds. Errors, duplicates and what was acknowledged count from the
    first request to the last.
    """

    span: Span
    overlap: int
    cycles: list[float] = field(default_factory=list)
    requests: list[tuple[float, float]] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    first_words: dict[str, str] = field(default_factory=dict)
    acknowledged: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    _assignment_of: dict[tuple[str, str], int] = field(default_factory=dict)
    _people_at: Counter[str] = field(default_factory=Counter)
    _handed_in: set[int] = field(default_factory=set)

    def fits(self, answer: Answer, what: str, *statuses: int) -> bool:
        """Note how long an answer took, and say whether it is one that should come; any other counts as an error."""
        ended = answer.asked + answer.seconds
        if ended in self.span:
            self.requests.append((ended, answer.seconds))
        if answer.status in statuses:
            return True
        self.error(f"{what}: {answer.status or 'no answer'}", answer.body.decode("utf-8", "replace"))
        return False

    def cycle(self, seconds: float, *, ended: float) -> None:
        """Note a whole cycle; it counts when it came to its end within the measured span."""
        if ended in self.span:
            self.cycles.append(seconds)

    def error(self, sort: str, words: str) -> None:
        """Count an error, and keep the words of the first of its sort."""
        self.errors[sort] += 1
        self.first_words.setdefault(sort, words[:_LONGEST_WORDS])

    def handed_out(self, person: str, prompt: str, assignment_id: int) -> None:
        """Note who got which prompt.

        It is a duplicate when the person has handed it in already or holds it under another number, and when more
        people get it than may. The same unfinished work again is none.
        """
        known = self._assignment_of.get((person, prompt))
        if known is None:
            self._assignment_of[person, prompt] = assignment_id
            self._people_at[prompt] += 1
            self.duplicates += self._people_at[prompt] > self.overlap
        else:
            self.duplicates += known != assignment_id or assignment_id in self._handed_in

    def handed_in(self, key: str, assignment_id: int) -> None:
        """Note that the server has said: it is kept."""
        self.acknowledged[key] = assignment_id
        self._handed_in.add(assignment_id)

    def figures(self) -> dict[str, Any]:
        """Return the figures by name: rates a second, times in milliseconds."""
        cycles = sorted(self.cycles)
        return {
            "cycles_per_second": round(len(cycles) / self.span.seconds, 3),
            "p50_ms": milliseconds(cycles, 0.50),
            "p95_ms": milliseconds(cycles, 0.95),
            "p99_ms": milliseconds(cycles, 0.99),
            **self.times_of_requests(self.span),
        }

    def times_of_requests(self, span: Span) -> dict[str, Any]:
        """Return how long the single requests took that ended within a span, and how many they were."""
        times = sorted(seconds for ended, seconds in self.requests if ended in span)
        return {
            "requests": len(times),
            "request_p50_ms": milliseconds(times, 0.50),
            "request_p95_ms": milliseconds(times, 0.95),
            "slowest_ms": milliseconds(times, 1.0),
        }


def milliseconds(times: Sequence[float], share: float) -> float | None:
    """Return the time that this share of sorted times in seconds does not pass (nearest rank); None without any."""
    if not times:
        return None
    return round(times[max(0, math.ceil(share * len(times)) - 1)] * _MS, 1)
