"""Read a project's annotations, lineage, sources and grants in a fixed number of queries."""

import gc
import operator
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, or_, select
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.annotations.chain import REWORDED
from annotator.annotations.models import Annotation, Revision
from annotator.consent.models import ConsentEvent, Document
from annotator.consent.rules import Lane, Rights
from annotator.database import AT_ONCE, chunks
from annotator.languages.models import Language
from annotator.projects.models import Project
from annotator.prompts.models import Prompt, Source, Template
from annotator.releases.lineage import FIELDS, Item, Rev, Start, upwards
from annotator.releases.models import Release, ReleaseRow
from annotator.releases.standing import Grant
from annotator.review.models import Review


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A reviewer's decision."""

    public_id: str
    annotation_id: int
    reviewer_id: int | None
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
    protected: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """A document that texts were given under."""

    kind: str
    version: int
    language: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Public:
    """How a text stood in a published release: from when on (and until the next one), in which lane, with which rights."""

    since: datetime
    until: datetime | None
    lane: Lane
    rights: Rights


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
    public: dict[int, list[Public]] = field(default_factory=dict)

    def public_at(self, annotation_id: int, moment: datetime) -> Public | None:
        """Return how a withdrawn text stood in the release that was the newest at a moment; None where it did not."""
        listed = self.public.get(annotation_id, [])
        return next((one for one in listed if one.since < moment and (one.until is None or moment <= one.until)), None)


@contextmanager
def all_kept() -> Iterator[None]:
    """Let Python look for no garbage meanwhile.

    A great many facts are read, all are kept, and looking at them again and again takes a third of the time.
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


@all_kept()
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
    _add_public(session, pool)
    _add_reviews(session, pool, project)
    _add_people(session, pool)
    for language in session.scalars(select(Language)):
        pool.languages[language.id] = Tongue(
            language.code, language.bcp47, language.variety, language.protected_at is not None
        )
    documents = select(Document.id, Document.kind, Document.version, Document.language, Document.sha256)
    for document in session.execute(documents):
        pool.documents[document.id] = Terms(document.kind, document.version, document.language, document.sha256)
    return pool


def around(session: Session, annotation_ids: Iterable[int], *, known: datetime, rights: bool = False) -> Pool:
    """Return these annotations and whatever stands behind them, of any project, without reviews.

    Grants and sources are there where ``rights`` asks for them.
    """
    pool = Pool(known)
    for few in chunks(sorted(set(annotation_ids))):
        _add_items(session, pool, Annotation.id.in_(few))
        _add_revisions(session, pool, _revisions().where(Revision.annotation_id.in_(few)))
    _add_ancestors(session, pool)
    for item in pool.items.values():
        item.revisions.sort(key=lambda rev: rev.number)
    _add_public(session, pool)
    if rights:
        _add_starts(session, pool)
        _add_people(session, pool)
    return pool


def _bits(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    """Return one number for several conditions: there are many rows, and each column of each costs time."""
    return reduce(operator.add, (case((one, 1 << bit), else_=0) for bit, one in enumerate(conditions))).label("bits")


def _add_items(session: Session, pool: Pool, *conditions: Any) -> None:  # noqa: ANN401  # SQL expressions
    gone = or_(Annotation.withdrawn_at.is_not(None), Annotation.state == "withdrawn")
    waits, out = Annotation.set_aside_until > pool.known, Annotation.set_aside_kind.in_(("out", "replaced"))
    chosen: Any = select(
        Annotation.id, Annotation.public_id, Annotation.project_id, Annotation.language_id, Annotation.author_id,
        Annotation.kind, Annotation.state, Annotation.practice, Annotation.already_good, Annotation.prompt_id,
        Annotation.document_id, Annotation.rating_prompt, Annotation.rating_completion, Annotation.ai_assisted,
        Annotation.created_at, _bits(gone, waits, out),
    ).where(*conditions)  # fmt: skip
    for row in _rows(session, chosen):
        values: Any = tuple(row)
        bits = values[15]
        pool.items[values[0]] = Item(*(*values[:9], bool(bits & 1), *values[9:15], bool(bits & 2), bool(bits & 4)))


def _rows(session: Session, chosen: Select[Any]) -> Iterable[Row[Any]]:
    """Run a selection of columns past the part of SQLAlchemy that makes objects."""
    session.flush()
    return session.connection().execute(chosen.execution_options(yield_per=AT_ONCE))


def _revisions() -> Select[Any]:
    chosen: Any = select(
        Revision.id, Revision.annotation_id, Revision.number, Revision.author_id, Revision.role, Revision.parent_id,
        Revision.link, Revision.edit_needed, Revision.edit_distance, Revision.created_at, Revision.accepted_at,
        Revision.shares, _bits(*(getattr(Revision, name).is_not(None) for name in FIELDS),
                               Revision.withdrawn_at.is_not(None), Revision.erased_at.is_not(None)),
    )  # fmt: skip
    return chosen  # type: ignore[no-any-return]  # a selection of these columns


_SETS = [frozenset(name for bit, name in enumerate(FIELDS) if mask >> bit & 1) for mask in range(8)]
_WITHDRAWN, _ERASED = 8, 16


def _sets(flags: Sequence[bool]) -> frozenset[str]:
    """Return the fields for three flags; one of eight shared sets, for there are many revisions."""
    return _SETS[sum(bool(flag) << bit for bit, flag in enumerate(flags))]


def _add_revisions(session: Session, pool: Pool, chosen: Select[Any]) -> None:
    items, revisions, known = pool.items, pool.revisions, pool.known
    for row in _rows(session, chosen):
        values: Any = tuple(row)
        item, accepted_at, shares, bits = items[values[1]], values[10], values[11], values[12]
        if accepted_at is not None and accepted_at > known:
            accepted_at = None
        sets = _SETS[bits & 7]
        if bits & _ERASED:  # it has kept the names of its fields; where it has not, all of them count as its own
            sets = frozenset(FIELDS if shares is None else shares)
        gone = item.withdrawn or bool(bits & _WITHDRAWN)
        rev = Rev(*(*values[:7], sets, *values[7:10], accepted_at, gone, shares))
        revisions[rev.id] = rev
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


def _add_public(session: Session, pool: Pool) -> None:
    """Read how withdrawn texts that others translated or paraphrased had stood in published releases (§2.7)."""
    wanted = {
        above.annotation_id
        for rev in pool.revisions.values()
        if rev.link in REWORDED
        for above in upwards(rev, pool.revisions)
        if above.withdrawn and above.id != rev.id
    }
    if not wanted:
        return
    published = select(Release.id, Release.project_id, Release.published_at).where(Release.state == "published")
    releases = session.execute(published.order_by(Release.published_at, Release.id)).all()
    ends: dict[int, datetime | None] = {}
    following: dict[int, datetime] = {}
    for release_id, project_id, published_at in reversed(releases):
        ends[release_id] = following.get(project_id)
        if published_at is not None:
            following[project_id] = published_at
    rows = select(
        ReleaseRow.annotation_id, ReleaseRow.release_id, Release.published_at, ReleaseRow.lane, ReleaseRow.facts
    )
    for ids in chunks(sorted(wanted)):
        chosen = rows.join(Release).where(ReleaseRow.annotation_id.in_(ids), Release.state == "published")
        for annotation_id, release_id, at, lane, facts in session.execute(chosen):
            if at is None:
                continue
            stood = Public(at, ends[release_id], Lane(lane), Rights(**facts["rights"]))
            pool.public.setdefault(annotation_id, []).append(stood)


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
    wanted |= {r.reviewer_id for reviews in pool.reviews.values() for r in reviews if r.reviewer_id is not None}
    people = select(Person.id, Person.public_id, Person.handle, Person.credit_name)
    events = select(
        ConsentEvent.person_id, ConsentEvent.id, ConsentEvent.at, ConsentEvent.language_id, ConsentEvent.annotation_id,
        ConsentEvent.also_before, ConsentEvent.expires_at, ConsentEvent.publish, ConsentEvent.derive,
        ConsentEvent.train, ConsentEvent.evaluate, ConsentEvent.research, ConsentEvent.commercial,
        ConsentEvent.attribution, ConsentEvent.wrong,
    )  # fmt: skip
    for ids in chunks(sorted(wanted)):
        rows: Iterable[Row[Any]] = session.execute(people.where(Person.id.in_(ids)))
        pool.people.update({row.id: Credit(row.public_id, row.handle, row.credit_name) for row in rows})
        rows = session.execute(events.where(ConsentEvent.person_id.in_(ids)))
        pool.grants.extend((row[0], Grant(*row[1:])) for row in rows)


def around_person(session: Session, person_id: int, *, known: datetime) -> Pool:
    """Return the pool around one person: their texts, what these build on, and every text that holds words of theirs."""
    pool = Pool(known)
    theirs = select(Revision.annotation_id).where(Revision.author_id == person_id)
    new = set(session.scalars(theirs.join(Annotation).where(Annotation.practice.is_(False))))
    while new:
        for few in chunks(sorted(new)):
            _add_items(session, pool, Annotation.id.in_(few))
            _add_revisions(session, pool, _revisions().where(Revision.annotation_id.in_(few)))
        behind = [rev.id for rev in pool.revisions.values() if rev.annotation_id in new]
        on_them = {
            owner
            for few in chunks(behind)
            for owner in session.scalars(select(Revision.annotation_id).where(Revision.parent_id.in_(few)))
        }
        new = on_them - pool.items.keys()
    _add_ancestors(session, pool)
    for item in pool.items.values():
        item.revisions.sort(key=lambda rev: rev.number)
    _add_starts(session, pool)
    _add_public(session, pool)
    _add_people(session, pool)
    return pool
