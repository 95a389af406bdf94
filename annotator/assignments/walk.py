"""How one person walks through the pool: every prompt is looked at once, whatever the size of the pool.

A cursor for each shelf (project, language, kind, class of sources) remembers how far the person has come, so a claim
goes on where the last one ended, by an index, and never walks over what was done before. Prompts whose place came
free behind the cursor are found through an index of their own, by the moment of their reopening. New prompts behind
it are found by a new round once this one has come to its end.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session

from annotator import clock
from annotator.assignments.models import Assignment, Cursor
from annotator.assignments.rules import LIVE
from annotator.projects.models import Project
from annotator.prompts.models import ImportBatch, Prompt, PromptAuthor

# How many prompts in order are tried when others hold the lock of the first ones at this moment.
AHEAD = 8
# How many prompts one claim may turn down because their authors no longer allow the work.
REFUSALS = 40
# A transaction that reopens a prompt may commit after one that reopened another later: look back this far.
LOOK_BACK = timedelta(seconds=30)

_BEFORE_ALL = -1


@dataclass(frozen=True)
class Shelf:
    """Prompts of one kind and one class of sources, in one language of a project; the prefix of the claim's index."""

    project: Project
    language_id: int
    kind: str
    source_class: str

    def open_ones(self) -> tuple[ColumnElement[bool], ...]:
        """The condition that anybody could still take a prompt of this shelf."""
        return (
            Prompt.project_id == self.project.id,
            Prompt.language_id == self.language_id,
            Prompt.kind == self.kind,
            Prompt.source_class == self.source_class,
            Prompt.state == "open",
            Prompt.free_places > 0,
        )

    def starting_place(self, person_id: int) -> int:
        """Return a 31-bit number: where in the shuffled shelf this person starts, so that people spread out."""
        seed = f"{self.project.id}:{self.language_id}:{person_id}".encode()
        return int.from_bytes(hashlib.blake2b(seed, digest_size=4).digest()) >> 1


def done(person_id: int) -> ColumnElement[bool]:
    """The person has, had or refused this prompt; what they gave back or let expire may come again."""
    return exists().where(
        Assignment.prompt_id == Prompt.id,
        Assignment.person_id == person_id,
        Assignment.state.in_((*LIVE, "submitted", "skipped")),
    )


def own(person_id: int) -> ColumnElement[bool]:
    """The prompt shows the person's own words."""
    return exists().where(PromptAuthor.prompt_id == Prompt.id, PromptAuthor.person_id == person_id)


def reads_all(readable_ids: Iterable[int]) -> ColumnElement[bool]:
    """The person reads instruction and input; a text without a language of its own is in the prompt's."""
    ids = list(readable_ids)
    return and_(
        func.coalesce(Prompt.instruction_language_id, Prompt.language_id).in_(ids),
        or_(Prompt.input_language_id.is_(None), Prompt.input_language_id.in_(ids)),
    )


def candidates(session: Session, shelf: Shelf, *, person_id: int, readable_ids: Iterable[int]) -> Iterator[Prompt]:
    """Yield prompts that this person may take, locked, one at a time, in the order of offering; at most ``REFUSALS``.

    The caller sees to it that a person claims once at a time (``queries.queue_up``). What is yielded counts as looked at: who does not take it will not be offered it again in this round.
    """
    ids = list(readable_ids)
    suits = select(Prompt.id).where(*shelf.open_ones(), reads_all(ids), ~done(person_id), ~own(person_id))
    cursor = _cursor(session, shelf, person_id, fingerprint=",".join(map(str, sorted(ids))))
    refused: set[int] = set()
    for walk in (_reopened, _onwards):
        for prompt in walk(session, shelf, cursor, suits, refused):
            yield prompt
            refused.add(prompt.id)
            if len(refused) >= REFUSALS:
                return


def _cursor(session: Session, shelf: Shelf, person_id: int, *, fingerprint: str) -> Cursor:
    """Return the person's cursor on a shelf; a new one, or one whose person reads other languages now, starts anew."""
    key = (person_id, shelf.project.id, shelf.language_id, shelf.kind, shelf.source_class)
    cursor = session.get(Cursor, key)
    if cursor is None:
        cursor = Cursor(
            person_id=person_id,
            project_id=shelf.project.id,
            language_id=shelf.language_id,
            kind=shelf.kind,
            source_class=shelf.source_class,
        )
        _begin_round(session, shelf, cursor, fingerprint)
        session.add(cursor)
    elif cursor.fingerprint != fingerprint:
        _begin_round(session, shelf, cursor, fingerprint)
    return cursor


def _begin_round(session: Session, shelf: Shelf, cursor: Cursor, fingerprint: str) -> None:
    """Start at the person's own place of the highest priority; all that is there now belongs to this round."""
    cursor.fingerprint = fingerprint
    cursor.seen = clock.micros(clock.now())
    cursor.batch_id = _newest_batch(session, shelf)
    cursor.priority = _next_priority(session, shelf, below=None)
    cursor.wrapped, cursor.shuffle, cursor.prompt_id = False, shelf.starting_place(cursor.person_id), 0


def _newest_batch(session: Session, shelf: Shelf) -> int:
    newest = select(func.max(ImportBatch.id)).where(ImportBatch.project_id == shelf.project.id)
    return session.scalar(newest) or 0


def _next_priority(session: Session, shelf: Shelf, *, below: int | None) -> int | None:
    """Return the highest priority on the shelf (below another), by one look into the index; None at the end."""
    query = select(Prompt.priority).where(*shelf.open_ones())
    if below is not None:
        query = query.where(Prompt.priority < below)
    return session.scalar(query.order_by(Prompt.priority.desc()).limit(1))


def _lock_first(session: Session, found: list[int]) -> Prompt | None:
    """Lock and return the first of these prompts that nobody else is taking at this moment."""
    for prompt_id in found:
        prompt = session.scalars(
            select(Prompt)
            .where(Prompt.id == prompt_id, Prompt.state == "open", Prompt.free_places > 0)
            .with_for_update(skip_locked=True, of=Prompt)
            .execution_options(populate_existing=True)
        ).one_or_none()
        if prompt is not None:
            return prompt
    return None


def _reopened(
    session: Session, _shelf: Shelf, cursor: Cursor, suits: Select[int], refused: set[int]
) -> Iterator[Prompt]:
    """Yield what was reopened since the person last looked."""
    since = cursor.seen - int(LOOK_BACK.total_seconds() * 1_000_000)
    while True:
        query = suits.where(Prompt.reopened > since, Prompt.id.not_in(refused))
        found = list(session.scalars(query.order_by(Prompt.reopened, Prompt.id).limit(AHEAD)))
        prompt = _lock_first(session, found)
        if prompt is None:
            return
        if prompt.id == found[0] and prompt.reopened is not None:  # others' locks may open again: look there next time
            cursor.seen = max(cursor.seen, prompt.reopened)
        yield prompt


def _onwards(session: Session, shelf: Shelf, cursor: Cursor, suits: Select[int], refused: set[int]) -> Iterator[Prompt]:
    """Yield what comes after the cursor, and move it: down the priorities, in each from the starting place around."""
    if cursor.priority is None and _newest_batch(session, shelf) != cursor.batch_id:
        _begin_round(session, shelf, cursor, cursor.fingerprint)
    start = shelf.starting_place(cursor.person_id)
    while cursor.priority is not None:
        query = suits.where(
            Prompt.priority == cursor.priority,
            tuple_(Prompt.shuffle, Prompt.id) > tuple_(cursor.shuffle, cursor.prompt_id),
            Prompt.id.not_in(refused),
        )
        if cursor.wrapped:
            query = query.where(Prompt.shuffle < start)
        found = list(session.scalars(query.order_by(Prompt.shuffle, Prompt.id).limit(AHEAD)))
        prompt = _lock_first(session, found)
        if prompt is not None:
            if prompt.id == found[0]:
                cursor.shuffle, cursor.prompt_id = prompt.shuffle, prompt.id
            yield prompt
        elif found:
            return  # all of them are being taken at this moment; the next claim looks again
        elif not cursor.wrapped:
            cursor.wrapped, cursor.shuffle, cursor.prompt_id = True, _BEFORE_ALL, 0
        else:
            cursor.priority = _next_priority(session, shelf, below=cursor.priority)
            cursor.wrapped, cursor.shuffle, cursor.prompt_id = False, start, 0
