"""Ask about projects."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, selectinload

from annotator.errors import NotFound
from annotator.languages.models import Language
from annotator.projects.models import Project, ProjectLanguage


def by_slug(session: Session, slug: str) -> Project:
    """Return the project; raise NotFound ``project_unknown`` when there is none."""
    project = session.scalar(_BY_SLUG, {"slug": slug})
    if project is None:
        raise NotFound("project_unknown", slug=slug)
    return project


_BY_SLUG = select(Project).where(Project.slug == bindparam("slug"))


def listing(session: Session, *, state: str | None = None) -> Sequence[Project]:
    """Return all projects with their languages, open ones first, then by title."""
    chosen = select(Project).options(selectinload(Project.languages)).order_by(Project.title, Project.id)
    if state is not None:
        chosen = chosen.where(Project.state == state)
    order = {"open": 0, "paused": 1, "closed": 2}
    return sorted(session.scalars(chosen), key=lambda project: order[project.state])


def collecting(session: Session, language: Language) -> Sequence[Project]:
    """Return the open projects that collect in ``language``, by title."""
    return session.scalars(
        select(Project)
        .join(ProjectLanguage, ProjectLanguage.project_id == Project.id)
        .where(ProjectLanguage.language_id == language.id, Project.state == "open")
        .order_by(Project.title, Project.id)
    ).all()


def collects_in(project: Project, language: Language) -> bool:
    """Say whether the project collects in ``language``."""
    return any(language.id == known.id for known in project.languages)
