"""The page on which maintainers say what of a pool comes first, and what waits."""

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from annotator.errors import DomainError
from annotator.permissions import Permission
from annotator.projects import queries as projects
from annotator.projects.models import Project
from annotator.prompts.models import ImportBatch, Source
from annotator.prompts.steering import actions, queries
from annotator.prompts.steering.forms import SteeringForm
from annotator.prompts.steering.queries import Part, Parts
from annotator.web.access import current_actor, requires
from annotator.web.extensions import db_session
from annotator.web.pages import commit, done, refused, see_other, status

blueprint = Blueprint("steering", __name__, url_prefix="/projects/<slug>/order")


@blueprint.route("/", methods=["GET", "POST"])
@requires(Permission.PROJECT_MANAGE)
def index(slug: str) -> Response | AnyResponse | str:
    """Show how the parts of a pool stand; put one before or behind others, pause it, or go on with it."""
    session = db_session()
    project = projects.by_slug(session, slug)
    parts = queries.parts(session, project)
    form = SteeringForm()
    form.offer(parts)
    if not form.is_submitted():
        return _page(project, parts, form)
    if form.validate():
        try:
            sentence = _act(session, form, _chosen(session, project, form.part.data))
        except DomainError as error:
            refused(form, error, "priority")
        else:
            if sentence is not None:
                commit()
                done(sentence)
                return see_other("steering.index", slug=slug)
    return status(_page(projects.by_slug(session, slug), parts, form), 422)


def _act(session: Session, form: SteeringForm, part: Part) -> str | None:
    """Do what the pressed button says and return what is said then; None when the form is shown again."""
    pressed, actor = request.form.get("do", "prioritise"), current_actor()
    if pressed == "pause":
        changed = actions.pause(session, actor=actor, part=part)
        return str(ngettext("%(num)s prompt is paused.", "%(num)s prompts are paused.", changed))
    if pressed == "resume":
        changed = actions.resume(session, actor=actor, part=part)
        return str(ngettext("%(num)s prompt is offered again.", "%(num)s prompts are offered again.", changed))
    if form.priority.data is None:
        form.priority.errors = [_("Type a number.")]
        return None
    changed = actions.prioritise(session, actor=actor, part=part, priority=form.priority.data)
    return str(ngettext("%(num)s prompt has a new place.", "%(num)s prompts have a new place.", changed))


def _chosen(session: Session, project: Project, value: str) -> Part:
    """Return the part that a choice of the form names."""
    kind, _colon, number = value.partition(":")
    if kind == "source":
        return Part(project, source=session.get_one(Source, int(number)))
    return Part(project, batch=session.get_one(ImportBatch, int(number)))


def _page(project: Project, parts: Parts, form: SteeringForm) -> str:
    return render_template("prompts/steering.html", project=project, parts=parts, form=form)
