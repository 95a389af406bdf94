"""Projects over HTTP: what is collected, where, and by which rules."""

from pydantic import BaseModel

from annotator.languages.shapes import Variety, variety_of
from annotator.projects import models, queries
from annotator.projects.rules import KINDS
from annotator.web.api.endpoints import Endpoint, room
from annotator.web.extensions import db_session

blueprint = room("projects")


class Project(BaseModel):
    """A dataset being collected.

    kinds: the work that is offered. overlap: how many people may work on one prompt. reviews: how many acceptances
    decide. lanes: where its rows may stand in a release. daily_cap, total_cap: how many texts one person may hand in
    in one language, in any 24 hours and in all; null is no end.
    """

    slug: str
    title: str
    description: str
    state: str
    kinds: list[str]
    languages: list[Variety]
    overlap: int
    reviews: int
    lanes: list[str]
    daily_cap: int | None
    total_cap: int | None


class Projects(BaseModel):
    """The projects of this installation, open ones first."""

    projects: list[Project]


@Endpoint(blueprint, "GET", "/projects", public=True, answers={200: Projects})
def list_projects() -> Projects:
    """List the projects."""
    return Projects(projects=[_described(project) for project in queries.listing(db_session())])


@Endpoint(
    blueprint, "GET", "/projects/<slug>", public=True, answers={200: Project}, refuses={404: ("project_unknown",)}
)
def show_project(slug: str) -> Project:
    """Return one project."""
    return _described(queries.by_slug(db_session(), slug))


def _described(project: models.Project) -> Project:
    return Project(
        slug=project.slug,
        title=project.title,
        description=project.description,
        state=project.state,
        kinds=[kind for kind in KINDS if project.mix.get(kind)],
        languages=[variety_of(language) for language in project.languages],
        overlap=project.overlap,
        reviews=project.reviews,
        lanes=list(project.lanes),
        daily_cap=project.daily_cap,
        total_cap=project.total_cap,
    )
