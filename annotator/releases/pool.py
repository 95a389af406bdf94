"""Read a project's annotations, lineage, sources and grants in a fixed number of queries."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.annotations.models import Annotation, Revision
from annotator.consent.models import ConsentEvent, Document
from annotator.languages.models import Language
from annotator.projects.models import Project
from annotator.prompts.models import Prompt, Source, Template
from annotator.releases.lineage import FIELDS, Item, Rev, Start
from annotator.releases.standing import Grant
from annotator.review.models import Review

T = TypeVar("T")

# Ids in one statement: below SQLite's 32,766 and psycopg's 65,535 parameters.
AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A reviewer's decision."""

    public_id: str
    annotation_id: int
    reviewer_id: int
    outcome: str
    reasons: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Credit:
    """How a person can be named."""

    public_id: str
    handle: str
    credit_name: str | None


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language variety as rows name it."""

    code: str
    bcp47: str
    variety: str | None


@dataclass(frozen=True, slots=True)
class Terms:
    """A document that texts were given under."""

    kind: str
    version: int
    language: str
    sha256: str


@dataclass
class Pool:
    """Everything that a freeze decides from, as it stood at the moment ``known``; no text."""

    known: datetime
    items: dict[int, Item] = field(default_factory=dict)
    revisions: dict[int, Rev] = field(default_factory=dict)
    starts: dict[int, Start] = field(default_factory=dict)
    reviews: dict[int, list[Reviewed]] = field(default_factory=dict)
    grants: list[tuple[int, Grant]] = field(default_factory=list)
    people: dict[int, Credit] = field(default_factory=dict)
    languages: dict[int, Tongue] = field(default_factory=dict)
    documents: dict[int, Terms] = field(default_factory=dict)


def chunks(values: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """Yield the values in lists of at most ``size``."""
    listed = list(values)
    for begin in range(0, len(listed), size):
        yield listed[begin : begin + size]


def read(session: Session, project: Project, *, known: datetime) -> Pool:
    """Return the pool of a project: its annotations (practice left out) and whatever stands behind them.

    Decisions of reviewers count up to the moment ``known``, so that no row goes out whose review does not.
    """
    pool = Pool(known)
    _add_items(session, pool, Annotation.project_id == project.id, Annotation.practice.is_(False))
    _add_revisions(
        session,
        pool,
        _revisions().join(Annotation).where(Annotation.project_id == project.id, Annotation.practice.is_(False)),
    )
    _add_ancestors(session, pool)
    for item in pool.items.values():
        item.revisions.sort(key=lambda rev: rev.number)
    _add_starts(session, pool)
    _add_reviews(session, pool, project)
    _add_people(session, pool)
    for language in session.scalars(select(Language)):
        pool.languages[language.id] = Tongue(language.code, language.bcp47, language.variety)
    documents = select(Document.id, Document.kind, Document.version, Document.language, Document.sha256)
    for document in session.execute(documents):
        pool.documents[document.id] = Terms(document.kind, document.version, document.language, document.sha256)
    return pool


def _add_items(session: Session, pool: Pool, *conditions: Any) -> None:  # noqa: ANN401  # SQL expressions
    chosen = select(
        Annotation.id, Annotation.public_id, Annotation.project_id, Annotation.language_id, Annotation.author_id,
        Annotation.kind, Annotation.state, Annotation.practice, Annotation.already_good, Annotation.withdrawn_at,
        Annotation.prompt_id, Annotation.document_id, Annotation.rating_prompt, Annotation.rating_completion,
        Annotation.ai_assisted, Annotation.created_at,
    ).where(*conditions)  # fmt: skip
    rows: Iterable[Row[Any]] = session.execute(chosen.execution_options(yield_per=AT_ONCE))
    for row in rows:
        values: Any = tuple(row)
        gone = row.withdrawn_at is not None or row.state == "withdrawn"
        pool.items[row.id] = Item(*(*values[:9], gone, *values[10:]))


def _revisions() -> Select[Any]:
    return select(
        Revision.id, Revision.annotation_id, Revision.number, Revision.author_id, Revision.role, Revision.parent_id,
        Revision.link, *(getattr(Revision, name).is_not(None).label(f"has_{name}") for name in FIELDS),
        Revision.edit_needed, Revision.edit_distance, Revision.created_at, Revision.accepted_at, Revision.withdrawn_at,
    )  # fmt: skip


_SETS = [frozenset(name for bit, name in enumerate(FIELDS) if mask >> bit & 1) for mask in range(8)]


def _sets(flags: Sequence[bool]) -> frozenset[str]:
    """Return the fields for three flags; one of eight shared sets, for there are many revisions."""
    return _SETS[sum(bool(flag) << bit for bit, flag in enumerate(flags))]


def _add_revisions(session: Session, pool: Pool, chosen: Select[Any]) -> None:
    for row in session.execute(chosen.execution_options(yield_per=AT_ONCE)):
        item = pool.items[row.annotation_id]
        values: Any = tuple(row)
        gone = row.withdrawn_at is not None or item.withdrawn
        accepted_at = row.accepted_at if row.accepted_at is not None and row.accepted_at <= pool.known else None
        rev = Rev(*(*values[:7], _sets(values[7:10]), *values[10:13], accepted_at, gone))
        pool.revisions[rev.id] = rev
        item.revisions.append(rev)


def _add_ancestors(session: Session, pool: Pool) -> None:
    """Read what the lineage needs from outside the project, level by level: practice work, another project's texts."""
    while True:
        missing = {
            rev.parent_id for rev in pool.revisions.values() if rev.parent_id and rev.parent_id not in pool.revisions
        }
        if not missing:
            return
        for ids in chunks(sorted(missing)):
            owners = set(session.scalars(select(Revision.annotation_id).where(Revision.id.in_(ids))))
            for few in chunks(sorted(owners - pool.items.keys())):
                _add_items(session, pool, Annotation.id.in_(few))
                _add_revisions(session, pool, _revisions().where(Revision.annotation_id.in_(few)))


def _add_starts(session: Session, pool: Pool) -> None:
    """Read the imported prompts; those that point at a revision say nothing that the lineage does not."""
    chosen = (
        select(
            Prompt.id, *(getattr(Prompt, name).is_not(None) for name in FIELDS), Prompt.language_id,
            Prompt.instruction_language_id, Prompt.input_language_id, Source.name, Source.license, Prompt.external_id,
            Template.name, Template.version,
        )
        .outerjoin(Source, Source.id == Prompt.source_id)
        .outerjoin(Template, Template.id == Prompt.template_id)
        .where(Prompt.revision_id.is_(None))
    )  # fmt: skip
    wanted = {item.prompt_id for item in pool.items.values() if item.prompt_id is not None}
    for ids in chunks(sorted(wanted)):
        for row in session.execute(chosen.where(Prompt.id.in_(ids))):
            instruction = row[5] or row[4]
            version = None if row[11] is None else str(row[11])
            pool.starts[row[0]] = Start(
                row[0], _sets(row[1:4]), instruction, row[6] or instruction, row[7], row[8], row[9], row[10], version
            )


def _add_reviews(session: Session, pool: Pool, project: Project) -> None:
    chosen = (
        select(Review.public_id, Review.annotation_id, Review.reviewer_id, Review.outcome, Review.reasons, Review.at)
        .join(Annotation, Annotation.id == Review.annotation_id)
        .where(Annotation.project_id == project.id, Review.at <= pool.known)
        .order_by(Review.at, Review.id)
    )
    for row in session.execute(chosen.execution_options(yield_per=AT_ONCE)):
        review = Reviewed(*row[:4], tuple(row.reasons), row.at)
        pool.reviews.setdefault(row.annotation_id, []).append(review)


def _add_people(session: Session, pool: Pool) -> None:
    wanted = {item.author_id for item in pool.items.values()} | {rev.author_id for rev in pool.revisions.values()}
    wanted |= {review.reviewer_id for reviews in pool.reviews.values() for review in reviews}
    people = select(Person.id, Person.public_id, Person.handle, Person.credit_name)
    events = select(
        ConsentEvent.person_id, ConsentEvent.id, ConsentEvent.at, ConsentEvent.language_id, ConsentEvent.annotation_id,
        ConsentEvent.also_before, ConsentEvent.expires_at, ConsentEvent.publish, ConsentEvent.derive,
        ConsentEvent.train, ConsentEvent.evaluate, ConsentEvent.research, ConsentEvent.commercial,
        ConsentEvent.attribution,
    )  # fmt: skip
    for ids in chunks(sorted(wanted)):
        rows: Iterable[Row[Any]] = session.execute(people.where(Person.id.in_(ids)))
        pool.people.update({row.id: Credit(row.public_id, row.handle, row.credit_name) for row in rows})
        rows = session.execute(events.where(ConsentEvent.person_id.in_(ids)))
        pool.grants.extend((row[0], Grant(*row[1:])) for row in rows)
