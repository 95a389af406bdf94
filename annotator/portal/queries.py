"""What the front pages gather from the rooms."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from annotator.assignments import queries as assignments
from annotator.assignments.models import Draft
from annotator.languages import queries as languages
from annotator.languages.models import Language, Speaker
from annotator.projects.models import Project, ProjectLanguage
from annotator.releases.models import Release, ReleaseRow

MOST_FOUND = 12
MOST_WORK = 6


@dataclass(frozen=True)
class FrontPage:
    """What there is to do and to have."""

    projects: list[Project]
    languages: list[Language]
    releases: list[Release]


@dataclass(frozen=True)
class GoOn:
    """Where a person can go on: projects with a language that they write, and how much they have begun."""

    work: list[tuple[Project, Language]]
    more: bool
    elsewhere: list[Language]
    unfinished: int


def go_on(session: Session, person_id: int, spoken: Sequence[Speaker], projects: Sequence[Project]) -> GoOn:
    """Return where the person goes on among the open ``projects``; ``elsewhere`` are languages that none collects in."""
    written = [one.language for one in spoken if one.writes]
    collected = {language.id for project in projects for language in project.languages}
    work = [
        (project, language)
        for language in written
        for project in projects
        if any(language.id == known.id for known in project.languages)
    ]
    originals = select(func.count()).where(Draft.person_id == person_id, Draft.assignment_id.is_(None))
    return GoOn(
        work[:MOST_WORK],
        more=len(work) > MOST_WORK,
        elsewhere=[one.language for one in spoken if not one.writes or one.language_id not in collected],
        unfinished=len(assignments.live(session, person_id=person_id)) + (session.scalar(originals) or 0),
    )


def front_page(session: Session, *, releases: int = 3) -> FrontPage:
    """Return the open projects, the languages they collect in, and the newest releases."""
    projects = list(
        session.scalars(
            select(Project)
            .where(Project.state == "open")
            .options(selectinload(Project.languages))
            .order_by(Project.title)
        )
    )
    collected = session.scalars(
        select(Language)
        .where(
            Language.id.in_(
                select(ProjectLanguage.language_id)
                .join(Project, Project.id == ProjectLanguage.project_id)
                .where(Project.state == "open")
            )
        )
        .order_by(Language.english_name, Language.script)
    )
    published = session.scalars(
        select(Release)
        .where(Release.state == "published")
        .options(selectinload(Release.project))
        .order_by(Release.published_at.desc(), Release.id.desc())
        .limit(releases)
    )
    return FrontPage(projects, list(collected), list(published))


def offered(session: Session, query: str, preferred: list[str], *, without: set[int]) -> list[Language]:
    """Return languages to choose from: those that ``query`` finds, or for no query those the browser prefers."""
    if query.strip():
        return [found for found in languages.search(session, query.strip()) if found.id not in without][:MOST_FOUND]
    primary = [tag.split("-")[0].lower() for tag in preferred]
    likely = [found for found in languages.all_languages(session) if found.bcp47.split("-")[0] in primary]
    likely.sort(key=lambda found: primary.index(found.bcp47.split("-")[0]))
    return [found for found in likely if found.id not in without][:MOST_FOUND]


def releases_holding(session: Session, annotation_ids: Sequence[int]) -> dict[int, list[tuple[Release, ReleaseRow]]]:
    """Return, for each annotation, the published releases that hold it, newest first, with its row there."""
    found: dict[int, list[tuple[Release, ReleaseRow]]] = {}
    rows = session.execute(
        select(Release, ReleaseRow)
        .join(ReleaseRow, ReleaseRow.release_id == Release.id)
        .where(ReleaseRow.annotation_id.in_(annotation_ids), Release.state == "published")
        .options(selectinload(Release.project))
        .order_by(Release.id.desc())
    )
    for release, row in rows:
        found.setdefault(row.annotation_id, []).append((release, row))
    return found
