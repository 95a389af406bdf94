"""How one person walks through the pool: every prompt is looked at once, whatever the size of the pool.

A cursor for each shelf (project, language, kind, class of sources) remembers how far the person has come, so a claim
goes on where the last one ended, by an index, and never walks over what was done before. Prompts whose place came
free behind the cursor are found through an index of their own, by the moment of their reopening. New prompts behind
it are found by a new round once this one has come to its end. Prompts are looked at in windows: how many rows one
claim examines has a limit.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from annotator import clock
from annotator.assignments import looks
from annotator.projects.models import Project
from annotator.prompts.models import Prompt

# How many prompts one claim may turn down because their authors no longer allow the work.
REFUSALS = 40
SMALLEST_WINDOW, LARGEST_WINDOW = looks.WINDOWS[0], looks.WINDOWS[-1]
# Rows that one claim examines at most; the next one goes on there.
MOST_EXAMINED = 10_000
# A transaction that reopens a prompt may commit after one that reopened another later: look back this far.
LOOK_BACK = timedelta(seconds=30)

_BEFORE_ALL = -1
_END_OF_SHUFFLE = 2**31 - 1


@dataclass
class _Place:
    """Where a person stands on a shelf: the columns of ``Cursor``, and what was reopened there last."""

    kind: str
    source_class: str
    fingerprint: str
    priority: int | None = None
    wrapped: bool = False
    shuffle: int = 0
    prompt_id: int = 0
    seen: int = 0
    seen_id: int = 0
    landed_seq: int = 0
    newest_reopened: int | None = None
    stored: tuple[object, ...] | None = None

    def as_stored(self) -> tuple[object, ...]:
        """Return what a row of ``cursors`` keeps of it."""
        return (
            *(self.priority, self.wrapped, self.shuffle, self.prompt_id),
            *(self.seen, self.seen_id, self.landed_seq, self.fingerprint),
        )


class Walker:
    """One person's walk over the shelves of a language in a project, during one claim.

    Whoever makes one sees to it that a person claims once at a time (``queries.queue_up``), and ``remember``s at the end.
    """

    def __init__(
        self,
        session: Session,
        project: Project,
        language_id: int,
        *,
        person_id: int,
        kinds: Sequence[str],
        readable_ids: Iterable[int],
        terms: str,
    ) -> None:
        """Load where the person stands, and what of these kinds they hold already (``held``, an assignment's id).

        Other languages read, or other ``terms`` of theirs, mean another round.
        """
        self.session = session
        self.busy = False  # what would suit is being taken by others at this moment, or was not looked at yet
        self._waited = False
        self._readable = sorted(readable_ids)
        self._now = clock.micros(clock.now())
        self._settled = self._now - int(LOOK_BACK.total_seconds() * 1_000_000)
        self._who = {"person_id": person_id, "project_id": project.id, "language_id": language_id}
        self._fingerprint = f"{','.join(map(str, self._readable))}|{terms}"
        self._start = _starting_place(project.id, language_id, person_id)
        self._examined = 0
        self._places: dict[tuple[str, str], _Place] = {}
        self.held: int | None = None
        self._newest_landing = 0
        for row in looks.STANDS.all(session, {**self._who, "kinds": list(kinds)}):
            self.held, self._newest_landing = row.held, row.newest_landing
            if row.kind is None:
                continue
            place = _Place(
                row.kind,
                row.source_class,
                row.fingerprint,
                *(row.priority, row.wrapped, row.shuffle, row.prompt_id, row.seen, row.seen_id, row.landed_seq),
                newest_reopened=row.newest_reopened,
            )
            place.stored = place.as_stored()
            self._places[row.kind, row.source_class] = place

    def candidates(self, kind: str, source_class: str) -> Iterator[Prompt]:
        """Yield prompts of a shelf that the person may take, locked, in the order of offering; at most ``REFUSALS``.

        What is yielded counts as looked at: who does not take it will not be offered it again in this round.
        """
        place = self._place(kind, source_class)
        refused: set[int] = set()
        for walk in (self._reopened, self._onwards):
            for prompt in walk(place, refused):
                yield prompt
                refused.add(prompt.id)
                if len(refused) >= REFUSALS:
                    return
        # There is more to look at than one claim does: the next one goes on there.
        self.busy = self.busy or self._examined >= MOST_EXAMINED

    def remember(self) -> None:
        """Store how far the person has come."""
        for place in self._places.values():
            if place.as_stored() != place.stored:
                statement = looks.REMEMBER[self.session.get_bind().dialect.name]
                self.session.execute(statement, self.cursor(place.kind, place.source_class))

    def cursor(self, kind: str, source_class: str) -> dict[str, object]:
        """Return where the person stands on a shelf, as the parameters of ``upsert``; the caller stores it."""
        place = self._places[kind, source_class]
        place.stored = place.as_stored()
        row = {
            **self._who,
            "kind": kind,
            "source_class": source_class,
            **dict(zip(looks.KEPT, place.stored, strict=True)),
        }
        return {f"cursor_{name}": value for name, value in row.items()}

    @property
    def parameters(self) -> dict[str, object]:
        """The parameters of ``suits``: who walks where, and what they read."""
        return {**self._who, "readable": self._readable}

    def _parameters(self, place: _Place) -> dict[str, object]:
        return {**self.parameters, "kind": place.kind, "source_class": place.source_class}

    def _place(self, kind: str, source_class: str) -> _Place:
        """Return where the person stands on a shelf; who comes first, or reads other languages now, starts anew."""
        place = self._places.get((kind, source_class))
        if place is None:
            place = self._places[kind, source_class] = _Place(kind, source_class, "")
        if place.fingerprint != self._fingerprint:
            self._begin_round(place)
        return place

    def _begin_round(self, place: _Place) -> None:
        """Start at the person's own place of the highest priority; all that is there now belongs to this round."""
        place.fingerprint = self._fingerprint
        place.seen, place.seen_id = self._settled, 0
        place.landed_seq = self._newest_landing
        place.priority = self.session.scalar(looks.HIGHEST_PRIORITY, self._parameters(place))
        place.wrapped, place.shuffle, place.prompt_id = False, self._start, 0

    def _take(
        self, by_size: Mapping[int, looks.Look], place: _Place, refused: set[int], window: int, **where: object
    ) -> tuple[Prompt | None, bool, Any]:
        """Return the prompt that was locked and whether it was the first that suits; or None, and what was there."""
        parameters = {
            **self._parameters(place),
            **where,
            "refused": sorted(refused),
        }
        look = by_size[window]
        found = look.take.first(self.session, parameters)
        if found is not None:
            prompt: Prompt = looks.PROMPT.loaded(self.session, found)
            source = None if found.sources__id is None else looks.SOURCE.loaded(self.session, found)
            set_committed_value(prompt, "source", source)
            return prompt, prompt.id == found.first, None
        there = look.there.first(self.session, parameters)
        if there.first is not None and not self._waited:
            # Others are taking all of the first ones that suit: wait for one of them, and look again, once.
            self._waited = True
            self.session.execute(looks.WAIT, {"prompt_id": there.first})
            return self._take(by_size, place, refused, window, **where)
        self.busy = self.busy or there.first is not None
        self._examined += there.size
        return None, False, there

    def _reopened(self, place: _Place, refused: set[int]) -> Iterator[Prompt]:
        """Yield what was reopened since the person last looked.

        The place moves past what was looked at, but not into the last half minute, where more may come to light.
        """
        if place.newest_reopened is None or place.newest_reopened < place.seen:
            return
        window = SMALLEST_WINDOW
        seen = (place.seen, place.seen_id)
        while self._examined < MOST_EXAMINED:
            prompt, first, there = self._take(looks.REOPENED, place, refused, window, seen=seen[0], seen_id=seen[1])
            if prompt is not None:
                if first and prompt.reopened is not None:
                    self._see(place, prompt.reopened, prompt.id)
                yield prompt
            elif there.first is not None:
                return
            elif there.size < window:
                self._see(place, self._settled, 0)
                return
            else:
                seen = (there.reopened, there.id)
                self._see(place, *seen)
                window = min(4 * window, LARGEST_WINDOW)

    def _see(self, place: _Place, reopened: int, prompt_id: int) -> None:
        seen = min((reopened, prompt_id), (self._settled, 0))
        place.seen, place.seen_id = max((place.seen, place.seen_id), seen)

    def _onwards(self, place: _Place, refused: set[int]) -> Iterator[Prompt]:
        """Yield what comes after the cursor, and move it: down the priorities, in each from the starting place around."""
        if place.priority is None and self._newest_landing != place.landed_seq:
            self._begin_round(place)
        window = SMALLEST_WINDOW
        while place.priority is not None and self._examined < MOST_EXAMINED:
            prompt, first, there = self._take(
                looks.ONWARDS,
                place,
                refused,
                window,
                priority=place.priority,
                shuffle=place.shuffle,
                prompt_id=place.prompt_id,
                until=self._start - 1 if place.wrapped else _END_OF_SHUFFLE,
            )
            if prompt is not None:
                if first:
                    place.shuffle, place.prompt_id = prompt.shuffle, prompt.id
                yield prompt
            elif there.first is not None:
                return
            elif there.size == window:
                place.shuffle, place.prompt_id = there.shuffle, there.id
                window = min(4 * window, LARGEST_WINDOW)
            elif not place.wrapped:
                place.wrapped, place.shuffle, place.prompt_id = True, _BEFORE_ALL, 0
            else:
                below = {**self._parameters(place), "priority": place.priority}
                place.priority = self.session.scalar(looks.NEXT_PRIORITY, below)
                place.wrapped, place.shuffle, place.prompt_id = False, self._start, 0


def _starting_place(project_id: int, language_id: int, person_id: int) -> int:
    """Return a 31-bit number: where in the shuffled shelf this person starts, so that people spread out."""
    seed = f"{project_id}:{language_id}:{person_id}".encode()
    return int.from_bytes(hashlib.blake2b(seed, digest_size=4).digest()) >> 1
