"""The public page of a project: what is collected, by which rules, from which sources, and its releases."""

from flask import render_template

from annotator.languages import queries as languages
from annotator.permissions import Permission, may
from annotator.projects import queries as projects

# The page belongs to the blueprint of the room: one address, one name for links.
from annotator.projects.views import blueprint
from annotator.prompts import licenses
from annotator.prompts import queries as prompts
from annotator.releases import queries as releases
from annotator.web.access import current_actor, current_person
from annotator.web.extensions import db_session

__all__ = ["blueprint"]


@blueprint.get("/<slug>")
def show(slug: str) -> str:
    """Show a project to everybody."""
    session = db_session()
    project = projects.by_slug(session, slug)
    person = current_person()
    writes = {one.language_id for one in languages.spoken_by(session, person.id) if one.writes} if person else set()
    return render_template(
        "portal/project.html",
        project=project,
        mine=[language for language in project.languages if language.id in writes],
        sources=[(one, licenses.class_of(one.license).value) for one in prompts.sources(session, project)],
        releases=releases.published(session, project),
        may_manage=may(current_actor(), Permission.PROJECT_MANAGE),
    )
