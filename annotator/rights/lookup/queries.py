"""Look texts and people up in what is published. Each door does the same work whatever it finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, selectinload

from annotator.accounts.models import Person
from annotator.accounts.rules import clean_handle
from annotator.annotations import queries as annotations
from annotator.annotations.models import Annotation, Revision
from annotator.annotations.rules import Texts, newest_own, texts_for
from annotator.consent.about import queries as about
from annotator.errors import Invalid, NotFound
from annotator.languages.models import Language
from annotator.projects.models import Project
from annotator.releases.models import Release, ReleaseRow
from annotator.rights import previewing
from annotator.rights import queries as rights
from annotator.rights.leaving import queries as leaving
from annotator.rights.lookup import rules
from annotator.rights.models import LookupKey
from annotator.rights.previewing import Preview
from annotator.settings import RightsPolicy

PAGE = 30
# No row has this number: a look-up for it does the work, and finds nothing.
NOBODY = 0


@dataclass(frozen=True, order=True)
class Place:
    """Where something is published: a version of a project, a lane, its licence. ``rows``: how many, where that is said."""

    project: str
    version: str
    lane: str
    license: str
    rows: int | None = None


@dataclass(frozen=True)
class Pasted:
    """What became of a pasted text: where it stands as it is, and where texts stand that are like it (0.8 to 1)."""

    exact: list[Place]
    near: list[tuple[Place, float]]


@dataclass(frozen=True)
class Own:
    """One's own text, and every release that holds it."""

    annotation: Annotation
    texts: Texts
    places: list[Place]


def pasted(session: Session, words: str) -> Pasted:
    """Return where a text stands in the public lanes of releases that are served; nobody is named."""
    key, near = rules.exact_key(words), rules.near_keys(words) or (NOBODY, NOBODY)
    exact = session.execute(_places().where(LookupKey.key == key).distinct()).all()
    query = _places(Revision.completion).where(LookupKey.key.in_(near), Revision.completion.is_not(None))
    found = session.execute(query.distinct().limit(rules.MOST_COMPARED)).all()
    # As many comparisons whatever was found: how long an answer takes must not tell what it is.
    others = [row.completion for row in found] + [words[::-1]] * (rules.MOST_COMPARED - len(found))
    likeness = [rules.alike(words, other) for other in others]
    like: dict[Place, float] = {}
    for row, alike in zip(found, likeness, strict=False):
        place = _place(row)
        if alike >= rules.ALIKE:
            like[place] = max(alike, like.get(place, 0.0))
    known = {_place(row) for row in exact}
    return Pasted(sorted(known), sorted((place, alike) for place, alike in like.items() if place not in known))


def by_handle(session: Session, handle: str) -> list[Place]:
    """Return in which releases a person is credited, and how often; of people only who chose to be findable.

    Nobody's texts in a protected language count.
    """
    try:
        wanted_handle = clean_handle(handle)
    except Invalid:  # nobody can have this one; the work is done all the same
        wanted_handle = ""
    wanted = select(Person.id).where(Person.handle == wanted_handle, Person.left_at.is_(None))
    person_id = session.scalars(wanted).first() or NOBODY
    shown = person_id if about.allow(session, "findable", [person_id]) else NOBODY
    credited = ReleaseRow.facts["attribution_mode"].as_string().in_(("handle", "named"))
    return _counted(session, shown, Language.protected_at.is_(None), ReleaseRow.lane != "gated", credited)


def by_code(session: Session, code: str) -> list[Place]:
    """Return in which releases the texts stand that a claim code leads to, and how many."""
    found = leaving.by_code(session, code)
    return _counted(session, found.id if found is not None else NOBODY)


def _counted(session: Session, person_id: int, *conditions: ColumnElement[bool]) -> list[Place]:
    query = (
        select(Project.slug, Release.version, ReleaseRow.lane, ReleaseRow.license, func.count().label("rows"))
        .select_from(ReleaseRow)
        .join(Release, Release.id == ReleaseRow.release_id)
        .join(Project, Project.id == Release.project_id)
        .join(Annotation, Annotation.id == ReleaseRow.annotation_id)
        .join(Language, Language.id == Annotation.language_id)
        .where(Annotation.author_id == person_id, Annotation.withdrawn_at.is_(None), *_served(), *conditions)
        .group_by(Project.slug, Release.version, ReleaseRow.lane, ReleaseRow.license)
    )
    return sorted(Place(*row) for row in session.execute(query))


def own_texts(session: Session, person_id: int, *, before_id: int | None = None) -> list[Own]:
    """Return a page of a person's texts that are not taken back, newest first, each with every release that holds it."""
    query = select(Annotation).where(Annotation.author_id == person_id, Annotation.withdrawn_at.is_(None))
    if before_id is not None:
        query = query.where(Annotation.id < before_id)
    page = query.options(selectinload(Annotation.revisions)).order_by(Annotation.id.desc()).limit(PAGE)
    return _with_places(session, list(session.scalars(page)), person_id)


def ticked(session: Session, person_id: int, public_ids: Sequence[str]) -> list[Own]:
    """Return the ticked texts of a person; raise NotFound ``annotation_unknown`` for another's, or one that is out."""
    wanted = set(public_ids[:PAGE])
    query = (
        select(Annotation)
        .where(Annotation.public_id.in_(wanted), Annotation.author_id == person_id, Annotation.withdrawn_at.is_(None))
        .options(selectinload(Annotation.revisions))
        .order_by(Annotation.id)
    )
    found = list(session.scalars(query))
    if len(found) < len(wanted) or not found:
        raise NotFound("annotation_unknown", id="")
    return _with_places(session, found, person_id)


def _with_places(session: Session, found: list[Annotation], person_id: int) -> list[Own]:
    annotations.load_lineage(session, [one for annotation in found for one in annotation.revisions])
    places: dict[int, list[Place]] = {}
    query = (
        select(ReleaseRow.annotation_id, Project.slug, Release.version, ReleaseRow.lane, ReleaseRow.license)
        .join(Release, Release.id == ReleaseRow.release_id)
        .join(Project, Project.id == Release.project_id)
        .where(ReleaseRow.annotation_id.in_([one.id for one in found]), Release.state == "published")
        .order_by(Release.id.desc())
    )
    for row in session.execute(query):
        places.setdefault(row.annotation_id, []).append(_place(row))
    return [Own(one, texts_for(newest_own(one), person_id), places.get(one.id, [])) for one in found]


def effects(session: Session, found: Sequence[Own], *, policy: RightsPolicy) -> Preview:
    """Return what taking these back would do now; changes nothing."""
    return previewing.of_reach(session, rights.Reach([one.annotation for one in found], []), policy=policy)


def _places(*more: Any) -> Select[*tuple[Any, ...]]:  # noqa: ANN401  # columns
    """Select where the rows stand that a key leads to: published, served, public, standing, in no protected language."""
    return (
        select(Project.slug, Release.version, ReleaseRow.lane, ReleaseRow.license, *more)
        .select_from(LookupKey)
        .join(Revision, Revision.id == LookupKey.revision_id)
        .join(Annotation, Annotation.id == Revision.annotation_id)
        .join(ReleaseRow, (ReleaseRow.annotation_id == Annotation.id) & (ReleaseRow.revision_id == Revision.id))
        .join(Release, Release.id == ReleaseRow.release_id)
        .join(Project, Project.id == Release.project_id)
        .join(Language, Language.id == Annotation.language_id)
        .where(
            *_served(),
            ReleaseRow.lane != "gated",
            Annotation.withdrawn_at.is_(None),
            Annotation.set_aside_kind.is_(None),
            Revision.withdrawn_at.is_(None),
            Language.protected_at.is_(None),
        )
    )


def _served() -> tuple[ColumnElement[bool], ...]:
    return Release.state == "published", Release.retired_at.is_(None)


def _place(row: Any) -> Place:  # noqa: ANN401  # a row of columns
    return Place(row.slug, row.version, row.lane, row.license)
