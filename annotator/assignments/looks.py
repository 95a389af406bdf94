"""The statements of a walk through the pool, ready-made.

Their conditions are literal where an index is partial: it answers none that comes as a parameter. What need not be
built anew for each claim is not.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    and_,
    bindparam,
    func,
    literal_column,
    not_,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite

from annotator.accounts.models import Person
from annotator.assignments.models import Assignment, Cursor
from annotator.database import table_of
from annotator.prompts.models import ImportBatch, Prompt, PromptAuthor, Source
from annotator.ready import Columns, Ready, one_of

# How many prompts that suit are tried when others hold the lock of the first ones at this moment.
AHEAD = 8
# Rows that one look into an index takes: few at first, more where none suits.
WINDOWS = (16, 64, 256)
_ONE = literal_column("1", Integer)

_cursor = table_of(Cursor)

# Of a prompt, what a claim or a submission needs, or whoever changes one.
PROMPT = Columns(
    Prompt,
    without=(
        "text_hash",
        "likeness",
        "facts",
        "external_id",
        "template_id",
        "batch_id",
        "created_at",
        "skips_judged_at",
    ),
)
SOURCE = Columns(Source)

# Somebody could still take the prompt: the condition of the claim's indexes.
OPEN = and_(Prompt.state == literal_column("'open'"), Prompt.free_places > literal_column("0"))
_SHELF = and_(
    Prompt.project_id == bindparam("project_id"),
    Prompt.language_id == bindparam("language_id"),
    Prompt.kind == bindparam("kind"),
    Prompt.source_class == bindparam("source_class"),
    OPEN,
)
# The condition of the indexes of reservations.
IS_LIVE = Assignment.state.in_((literal_column("'assigned'"), literal_column("'draft'")))
_DONE_STATES: tuple[ColumnElement[str], ...] = tuple(
    literal_column(f"'{state}'") for state in ("assigned", "draft", "submitted", "skipped")
)


def suits(table: Any) -> ColumnElement[bool]:  # noqa: ANN401  # Prompt, or a selection with its columns
    """Return the condition that a prompt is one for the person of the parameters ``person_id`` and ``readable``."""
    return and_(reads(table), untouched(table))


def untouched(table: Any) -> ColumnElement[bool]:  # noqa: ANN401  # as above
    """Return the condition that the person has not done, does not have and did not refuse the prompt, nor written it.

    What they gave back or let expire may come again.
    """
    # One look into an index for each prompt: as NOT EXISTS PostgreSQL may read all that the person has ever done instead.
    done = _one(
        Assignment.prompt_id == table.id,
        Assignment.person_id == bindparam("person_id"),
        Assignment.state.in_(_DONE_STATES),
    )
    own = _one(PromptAuthor.prompt_id == table.id, PromptAuthor.person_id == bindparam("person_id"))
    return and_(done.is_(None), own.is_(None))


def _one(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    """Return 1 where a row meets the conditions, else null."""
    return select(literal_column("1", Integer)).where(*conditions).limit(_ONE).scalar_subquery()


def reads(table: Any) -> ColumnElement[bool]:  # noqa: ANN401  # as above
    """Return the condition that the person reads instruction and input; without languages they are in the prompt's."""
    return and_(
        one_of(func.coalesce(table.instruction_language_id, table.language_id), "readable"),
        or_(table.input_language_id.is_(None), one_of(table.input_language_id, "readable")),
    )


@dataclass(frozen=True)
class Look:
    """Two ready statements: take the first prompt of a window that suits and is not being taken, and what was there."""

    take: Ready
    there: Ready


def _looks(beyond: ColumnElement[bool], *order: Any) -> dict[int, Look]:  # noqa: ANN401  # columns of Prompt
    """Return the statements for a window of each size."""
    return {size: _look(size, beyond, *order) for size in WINDOWS}


def _look(size: int, beyond: ColumnElement[bool], *order: Any) -> Look:  # noqa: ANN401  # as above
    """Return the statements for a window of prompts ``beyond`` somewhere, in an order that an index has.

    The window's size is literal: PostgreSQL would plan anew at each claim to find out about a parameter.
    """
    window = (
        select(
            Prompt.id,
            Prompt.shuffle,
            Prompt.reopened,
            Prompt.language_id,
            Prompt.instruction_language_id,
            Prompt.input_language_id,
        )
        .where(_SHELF, beyond)
        .order_by(*order)
        .limit(literal_column(str(size), Integer))
        .cte("a_window")
    )
    names = [column.key for column in order]
    suitable = (
        select(window.c.id, *(window.c[name] for name in names if name != "id"))
        .where(suits(window.c), not_(one_of(window.c.id, "refused")))
        .order_by(*(window.c[name] for name in names))
        .limit(literal_column(str(AHEAD), Integer))
        .cte("suitable")
    )
    first = select(suitable.c.id).order_by(*(suitable.c[name] for name in names)).limit(_ONE).scalar_subquery()

    def last(name: str, table: CTE = window) -> ColumnElement[Any]:
        backwards = [table.c[each].desc() for each in names]
        return select(table.c[name]).order_by(*backwards).limit(_ONE).scalar_subquery().label(name)

    take = (
        select(*PROMPT.labels, *SOURCE.labels, first.label("first"))
        .join_from(table_of(Prompt), suitable, suitable.c.id == Prompt.id)
        .outerjoin(table_of(Source), Source.id == Prompt.source_id)
        .where(OPEN)
        .order_by(*order)
        .limit(_ONE)
        .with_for_update(skip_locked=True, of=table_of(Prompt))
    )
    count = select(func.count()).select_from(window).scalar_subquery()
    return Look(Ready(take), Ready(select(count.label("size"), first.label("first"), last(names[0]), last("id"))))


ONWARDS = _looks(
    and_(
        Prompt.priority == bindparam("priority"),
        tuple_(Prompt.shuffle, Prompt.id)
        > tuple_(bindparam("shuffle", type_=Integer), bindparam("prompt_id", type_=Integer)),
        Prompt.shuffle <= bindparam("until"),
    ),
    Prompt.shuffle,
    Prompt.id,
)
REOPENED = _looks(
    and_(
        Prompt.reopened.is_not(None),
        tuple_(Prompt.reopened, Prompt.id)
        > tuple_(bindparam("seen", type_=BigInteger), bindparam("seen_id", type_=Integer)),
    ),
    Prompt.reopened,
    Prompt.id,
)
HIGHEST_PRIORITY = select(Prompt.priority).where(_SHELF).order_by(Prompt.priority.desc()).limit(_ONE)
NEXT_PRIORITY = HIGHEST_PRIORITY.where(Prompt.priority < bindparam("priority"))
_newest_landing = (
    select(func.coalesce(func.max(ImportBatch.landed_seq), 0))
    .where(ImportBatch.project_id == bindparam("project_id"))
    .scalar_subquery()
)
WAIT = select(Prompt.id).where(Prompt.id == bindparam("prompt_id")).with_for_update()
_newest_reopened = (
    select(func.max(Prompt.reopened))
    .where(
        Prompt.project_id == _cursor.c.project_id,
        Prompt.language_id == _cursor.c.language_id,
        Prompt.kind == _cursor.c.kind,
        Prompt.source_class == _cursor.c.source_class,
        Prompt.reopened.is_not(None),
        OPEN,
    )
    .scalar_subquery()
)
# Of the person in the outer row, not of a parameter: for somebody with a long history PostgreSQL would expect to find
# much, and read what everybody holds instead.
_held = (
    select(Assignment.id)
    .join(Assignment.prompt)
    .where(
        Assignment.person_id == Person.id,
        Assignment.project_id == bindparam("project_id"),
        Assignment.language_id == bindparam("language_id"),
        one_of(table_of(Prompt).c.kind, "kinds"),
        IS_LIVE,
    )
    .order_by(Assignment.assigned_at, Assignment.id)
    .limit(_ONE)
    .correlate(Person)
    .scalar_subquery()
)
# One row at least, for who has no cursor yet may still hold something.
STANDS = Ready(
    select(
        _cursor,
        _newest_reopened.label("newest_reopened"),
        _newest_landing.label("newest_landing"),
        _held.label("held"),
    )
    .select_from(Person)
    .outerjoin(
        _cursor,
        and_(
            _cursor.c.person_id == Person.id,
            _cursor.c.project_id == bindparam("project_id"),
            _cursor.c.language_id == bindparam("language_id"),
        ),
    )
    .where(Person.id == bindparam("person_id"))
)


KEPT = ("priority", "wrapped", "shuffle", "prompt_id", "seen", "seen_id", "landed_seq", "fingerprint")


_SHELF_KEY = ("person_id", "project_id", "language_id", "kind", "source_class")


def upsert(dialect: Any) -> Any:  # noqa: ANN401  # one of SQLAlchemy's two modules, and its statement
    """Return the statement that stores a cursor; its parameters are those of ``Walker.cursor``."""
    insert = dialect.insert(_cursor).values({name: bindparam(f"cursor_{name}") for name in (*_SHELF_KEY, *KEPT)})
    return insert.on_conflict_do_update(
        index_elements=list(_SHELF_KEY), set_={name: insert.excluded[name] for name in KEPT}
    )


REMEMBER = {"sqlite": upsert(sqlite), "postgresql": upsert(postgresql)}
