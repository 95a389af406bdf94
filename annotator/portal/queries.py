"""What the front pages gather from the rooms."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from annotator.languages import queries as languages
from annotator.languages.models import Language
from annotator.projects.models import Project, ProjectLanguage
from annotator.releases.models import Release, ReleaseRow

MOST_FOUND = 12


@dataclass(frozen=True)
class FrontPage:
    """What there is to do and to have."""

    projects: list[Project]
    languages: list[Language]
    releases: list[Release]


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
