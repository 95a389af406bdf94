"""Ask about reservations and drafts, and why there may be nothing to do; nothing here reads the pool or a history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    case,
    column,
    exists,
    func,
    literal_column,
    or_,
    select,
    table,
    union_all,
)
from sqlalchemy.orm import Session, aliased, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from annotator.accounts.models import Person
from annotator.assignments import looks, walk
from annotator.assignments.models import Assignment, Draft
from annotator.consent.rules import SourceClass
from annotator.database import table_of
from annotator.errors import NotFound
from annotator.languages.models import Language, Speaker
from annotator.projects.models import Project, ProjectLanguage
from annotator.prompts.models import Prompt
from annotator.ready import Columns, Ready

# How many rows are looked at to say why there is nothing to do, and how many texts in review are counted.
MOST_LOOKED_AT = 50
MOST_WAITING = 100


@dataclass(frozen=True)
class Speaks:
    """What a person reads, whether they write a language, and whether a project collects in it."""

    reads: frozenset[int]
    writes: bool
    collected: bool


_QUEUE_UP = Ready(
    select(
        Speaker.language_id,
        Speaker.reads,
        Speaker.writes,
        exists()
        .where(
            ProjectLanguage.project_id == bindparam("project_id"),
            ProjectLanguage.language_id == bindparam("language_id"),
        )
        .label("collected"),
    )
    .select_from(Person)
    .outerjoin(Speaker, Speaker.person_id == Person.id)
    .where(Person.id == bindparam("person_id"))
    # FOR NO KEY UPDATE: rows that point at the person can be written meanwhile.
    .with_for_update(key_share=True, of=Person)
)


def queue_up(session: Session, person_id: int, *, project: Project, language: Language) -> Speaks:
    """Let a person's claims wait for one another, and return what a claim must know of them.

    Two tabs then get the same piece of work, and move one cursor.
    """
    rows = _QUEUE_UP.all(session, {"person_id": person_id, "project_id": project.id, "language_id": language.id})
    return Speaks(
        reads=frozenset(row.language_id for row in rows if row.reads),
        writes=any(row.language_id == language.id and row.writes for row in rows),
        collected=any(row.collected for row in rows),
    )


def wait_for(session: Session, person_id: int) -> None:
    """Wait for whatever else this person is doing in other tabs, until the transaction ends."""
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))


def get(session: Session, assignment_id: int, *, person_id: int | None, to_change: bool = False) -> Assignment:
    """Return the person's own assignment, with its prompt and language; both are locked if they are ``to_change``.

    Raises NotFound ``assignment_unknown`` also for another person's: ids say nothing to strangers.
    """
    find = lock if to_change else _find
    found = find(session, assignment_id, person_id=person_id)
    if found is None:
        raise NotFound("assignment_unknown")
    return found


def _find(session: Session, assignment_id: int, *, person_id: int | None) -> Assignment | None:
    return session.scalar(_GET, {"assignment_id": assignment_id, "of_person": person_id})


def lock(session: Session, assignment_id: int, *, person_id: int | None = None) -> Assignment | None:
    """Lock and read anew an assignment (of this person, if one is given) and, before it, its prompt."""
    found = _LOCK.first(session, {"assignment_id": assignment_id, "of_person": person_id})
    if found is None:
        return None
    _locked(session).add(assignment_id)
    assignment: Assignment = _ASSIGNMENT.loaded(session, found)
    prompt: Prompt = looks.PROMPT.loaded(session, found)
    set_committed_value(prompt, "language", _LANGUAGE.loaded(session, found))
    set_committed_value(assignment, "prompt", prompt)
    return assignment


def is_locked(session: Session, assignment_id: int) -> bool:
    """Say whether the transaction that is under way has locked the assignment."""
    return assignment_id in _locked(session)


def _locked(session: Session) -> set[int]:
    """Return the ids of what this transaction has locked; a new transaction has locked nothing."""
    transaction, ids = session.info.get("locked", (None, set[int]()))
    if transaction is not session.get_transaction() or transaction is None:
        ids = set[int]()
        session.info["locked"] = (session.get_transaction(), ids)
    return cast("set[int]", ids)


_of_person = or_(
    bindparam("of_person", type_=Integer).is_(None), Assignment.person_id == bindparam("of_person", type_=Integer)
)
_GET: Select[Assignment] = (
    select(Assignment)
    .where(Assignment.id == bindparam("assignment_id"), Assignment.person_id == bindparam("of_person"))
    .options(joinedload(Assignment.prompt, innerjoin=True).joinedload(Prompt.language, innerjoin=True))
)
# PostgreSQL locks the tables in the order in which they are named.
_ASSIGNMENT, _LANGUAGE = Columns(Assignment), Columns(Language)
_LOCK = Ready(
    select(*looks.PROMPT.labels, *_ASSIGNMENT.labels, *_LANGUAGE.labels)
    .join_from(table_of(Prompt), table_of(Assignment), Assignment.prompt_id == Prompt.id)
    .join(table_of(Language), Prompt.language_id == Language.id)
    .where(Assignment.id == bindparam("assignment_id"), _of_person)
    .with_for_update(of=(table_of(Prompt), table_of(Assignment)))
)


def live(session: Session, *, person_id: int, project: Project | None = None) -> list[Assignment]:
    """Return the person's reservations that are still theirs, oldest first."""
    query = select(Assignment).where(Assignment.person_id == person_id, looks.IS_LIVE)
    if project is not None:
        query = query.where(Assignment.project_id == project.id)
    return list(session.scalars(query.order_by(Assignment.assigned_at, Assignment.id)))


def draft_of(session: Session, assignment: Assignment) -> Draft | None:
    """Return what was written so far for an assignment."""
    return session.scalar(select(Draft).where(Draft.assignment_id == assignment.id))


def original_draft(session: Session, *, person_id: int, project: Project, language: Language) -> Draft | None:
    """Return what was written so far as an original in a language."""
    return session.scalar(
        select(Draft).where(
            Draft.person_id == person_id,
            Draft.project_id == project.id,
            Draft.language_id == language.id,
            Draft.assignment_id.is_(None),
        )
    )


def drafts_of(session: Session, *, person_id: int) -> list[Draft]:
    """Return everything that the person has begun, newest first."""
    return list(session.scalars(select(Draft).where(Draft.person_id == person_id).order_by(Draft.saved_at.desc())))


def due(session: Session, moment: datetime, *, limit: int = 500) -> list[Assignment]:
    """Return reservations whose lease has run out, by prompt, at most ``limit``."""
    found = session.scalars(
        select(Assignment)
        .where(looks.IS_LIVE, Assignment.lease_until < moment)
        .order_by(Assignment.lease_until)
        .limit(limit)
    )
    return sorted(found, key=lambda assignment: (assignment.prompt_id, assignment.id))


def offered(project: Project, language: Language, kinds: Sequence[str]) -> Select[Prompt]:
    """The prompts of a project that anybody could still take, in one language and of these kinds."""
    return select(Prompt).where(
        Prompt.project_id == project.id, Prompt.language_id == language.id, Prompt.kind.in_(kinds), looks.OPEN
    )


def lowest_free(prompt_id: int | BindParameter[int]) -> ColumnElement[int | None]:
    """Return the lowest place of a prompt that nobody holds, as the database finds it: 0, or one after a held one.

    The prompt is locked and has a free place (``free_places``), so what is found is below the overlap.
    """
    one, next_one = aliased(Assignment), aliased(Assignment)
    first_taken = exists().where(one.prompt_id == prompt_id, one.place == 0)
    gap = (
        select(func.min(one.place) + 1)
        .where(
            one.prompt_id == prompt_id,
            one.place.is_not(None),
            ~exists().where(next_one.prompt_id == prompt_id, next_one.place == one.place + 1),
        )
        .scalar_subquery()
    )
    return case((first_taken, gap), else_=0)


def any_prompt(session: Session, project: Project, language: Language) -> bool:
    """Say whether the project has ever had a prompt in the language."""
    query = select(Prompt.id).where(Prompt.project_id == project.id, Prompt.language_id == language.id)
    return session.scalar(query.limit(1)) is not None


@dataclass(frozen=True)
class LeftOver:
    """An open prompt that is not the person's own and not done by them, and whether they read it."""

    kind: str
    reads: bool


def _first_of(kind: str, source_class: str) -> Any:  # noqa: ANN401  # a selection of a word and a condition
    """Return whether the person reads each of the first open prompts of a shelf that they have not touched."""
    first = (
        select(Prompt.id, Prompt.language_id, Prompt.instruction_language_id, Prompt.input_language_id)
        .where(
            Prompt.project_id == bindparam("project_id"),
            Prompt.language_id == bindparam("language_id"),
            Prompt.kind == literal_column(f"'{kind}'"),
            Prompt.source_class == literal_column(f"'{source_class}'"),
            looks.OPEN,
        )
        .order_by(Prompt.priority, Prompt.shuffle, Prompt.id)
        .limit(MOST_LOOKED_AT)
        .subquery()
    )
    return select(literal_column(f"'{kind}'").label("kind"), looks.reads(first.c).label("reads")).where(
        looks.untouched(first.c)
    )


_LEFT_OVER = union_all(
    *(_first_of(kind, source_class.value) for kind in ("answer", "reannotate") for source_class in SourceClass)
)


def left_over(session: Session, walker: walk.Walker) -> list[LeftOver]:
    """Return what is open and untouched by the person among the first ``MOST_LOOKED_AT`` prompts of each shelf."""
    return [LeftOver(row.kind, bool(row.reads)) for row in session.execute(_LEFT_OVER, walker.parameters)]


def reserved_until(
    session: Session, walker: walk.Walker, kinds: Sequence[str], classes: Sequence[str]
) -> datetime | None:
    """Return when the first reservation by somebody else runs out, of a prompt that the person could do; None without.

    The first ``MOST_LOOKED_AT`` that run out are looked at.
    """
    first = (
        select(Assignment.prompt_id, Assignment.lease_until)
        .where(
            Assignment.project_id == bindparam("project_id"),
            Assignment.language_id == bindparam("language_id"),
            looks.IS_LIVE,
            Assignment.place.is_not(None),
        )
        .order_by(Assignment.lease_until)
        .limit(MOST_LOOKED_AT)
        .subquery()
    )
    query = (
        select(first.c.lease_until)
        .join(Prompt, Prompt.id == first.c.prompt_id)
        .where(
            Prompt.state == literal_column("'open'"),
            Prompt.kind.in_(kinds),
            Prompt.source_class.in_(classes),
            looks.suits(Prompt),
        )
        .order_by(first.c.lease_until)
        .limit(1)
    )
    return session.scalar(query, walker.parameters)


# The texts stand in a higher room, which this one may not import; how many wait is still a reason to give.
_TEXTS = table(
    "annotations",
    column("id"),
    column("project_id"),
    column("language_id"),
    column("author_id"),
    column("state", String()),
    column("practice", Boolean()),
)


def waiting_for_review(session: Session, project: Project, language: Language, *, person_id: int) -> int:
    """Return how many of others' texts wait for review and could then be re-annotated, at most ``MOST_WAITING``."""
    waiting = (
        select(_TEXTS.c.id)
        .where(
            _TEXTS.c.project_id == project.id,
            _TEXTS.c.language_id == language.id,
            and_(_TEXTS.c.state == "in_review", _TEXTS.c.practice.is_(False), _TEXTS.c.author_id != person_id),
        )
        .limit(MOST_WAITING)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(waiting)) or 0
