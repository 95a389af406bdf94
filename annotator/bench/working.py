"""Let the people of a benchmark work, as fast as the server answers or at a person's pace, and keep what was seen."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from annotator.bench import crowd, machine
from annotator.bench.client import Crowd, Person
from annotator.bench.filling import Member
from annotator.bench.ground import HOST, Ground
from annotator.bench.machine import Work
from annotator.bench.notes import Notes, Span


@dataclass
class Seen:
    """What came of it: the work itself, what went before and after, and what the machine did meanwhile."""

    notes: Notes
    others: tuple[Notes, ...]
    begun: Work
    ended: Work
    pages: Notes | None = None

    @property
    def errors(self) -> Counter[str]:
        """All errors by sort."""
        return sum((one.errors for one in self.others), self.notes.errors)

    @property
    def words(self) -> dict[str, str]:
        """The first words of each sort of error."""
        return {sort: words for one in (*self.others, self.notes) for sort, words in one.first_words.items()}

    def cores(self, whose: str) -> float:
        """Return how many cores were busy for the ``server``, the ``client`` or the ``machine`` while people worked."""
        worked: float = getattr(self.ended, whose) - getattr(self.begun, whose)
        return worked / (self.ended.at - self.begun.at)

    @property
    def server_ms_per_cycle(self) -> float | None:
        """Return how many milliseconds of a core the server's processes took for each submission, warm-up included.

        Unlike a rate it hardly hangs on what else the machine does; the database's own work is not in it.
        """
        worked, done = self.ended.server - self.begun.server, len(self.notes.acknowledged)
        return round(1000 * worked / done, 2) if done else None


def at_full_speed(
    place: Ground, members: Sequence[Member], *, overlap: int, warm_up: float, seconds: float, pages: float
) -> Seen:
    """Let everybody work as fast as the server answers; then, for ``pages`` seconds, look at the page of their work."""
    begin = time.monotonic() + warm_up
    notes = Notes(Span(begin, begin + seconds), overlap)
    begun = machine.work_so_far(place.folder)
    _play(place, [crowd.annotate(member, notes) for member in members])
    ended = machine.work_so_far(place.folder)
    arriving, ready = _arrive(place, members, overlap)
    looking = Notes(Span(time.monotonic(), time.monotonic() + pages), overlap)
    _play(place, [crowd.look_again_and_again(looking, *one) for one in ready.values()])
    return Seen(notes, (arriving, looking), begun, ended, looking)


def at_a_pace(
    place: Ground,
    members: Sequence[Member],
    *,
    overlap: int,
    pace: float,
    seconds: float,
    meanwhile: Callable[[Notes], Person] | None = None,
) -> Seen:
    """Let everybody sign in, then do one piece of work in each ``pace`` seconds, not all at the same moment.

    The first such time is warm-up, for nobody has handed anything in yet. ``meanwhile`` goes on beside them.
    """
    arriving, ready = _arrive(place, members, overlap)
    first = time.monotonic()
    notes = Notes(Span(first + pace, first + pace + seconds), overlap)
    people = [
        crowd.annotate_at_a_pace(
            member, notes, ready[member.public_id][1], first=first + pace * number / len(members), pace=pace
        )
        for number, member in enumerate(members)
        if member.public_id in ready
    ]
    begun = machine.work_so_far(place.folder)
    _play(place, [*people, *([meanwhile(notes)] if meanwhile else [])])
    return Seen(notes, (arriving,), begun, machine.work_so_far(place.folder))


def _arrive(place: Ground, members: Sequence[Member], overlap: int) -> tuple[Notes, dict[str, tuple[int, str]]]:
    """Let everybody sign in by a link and have something reserved; by person, its number and the session's cookie."""
    ready: dict[str, tuple[int, str]] = {}
    notes = Notes(Span(0, 0), overlap)
    _play(place, [crowd.arrive(member, notes, place.secret_key, ready) for member in members])
    return notes, ready


def _play(place: Ground, people: Sequence[Person]) -> None:
    Crowd(HOST, place.port, people).play()
