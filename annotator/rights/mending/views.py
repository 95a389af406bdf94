"""Texts that wait for new words: one's own, those of a language at the ambassador's desk, and the form that mends one."""

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from annotator.annotations.models import Annotation
from annotator.errors import DomainError, NotFound
from annotator.languages import queries as languages
from annotator.permissions import Permission, may, permit
from annotator.rights.mending import mends, queries
from annotator.rights.mending.forms import MendForm
from annotator.web.access import current_actor, requires, signed_in_required
from annotator.web.extensions import db_session
from annotator.web.pages import commit, done, refused, see_other

blueprint = Blueprint("mending", __name__, url_prefix="/rights/mending")

FIELD_OF = {"instruction_missing": "instruction", "completion_missing": "completion"}


@blueprint.get("/")
@signed_in_required
def index() -> str:
    """Texts of the person's own that wait."""
    session = db_session()
    waiting = queries.waiting_of(session, current_actor().person_id or 0)
    rows = list(zip(waiting, mends.offers(session, waiting), strict=True))
    return render_template("rights/mending/index.html", rows=rows)


@blueprint.get("/in/<code>")
@requires(Permission.REVIEW_QUEUE)
def desk(code: str) -> str:
    """Texts of a language that wait for a prompt, for its ambassadors."""
    session, actor = db_session(), current_actor()
    language = languages.by_code(session, code)
    permit(actor, Permission.REVIEW_QUEUE, language_id=language.id)
    waiting = queries.waiting_in(session, language.id, not_of=actor.person_id or 0)
    rows = list(zip(waiting, mends.offers(session, waiting), strict=True))
    return render_template("rights/mending/index.html", rows=rows, language=language)


@blueprint.route("/<public_id>", methods=["GET", "POST"])
@signed_in_required
def mend(public_id: str) -> str | Response | AnyResponse:
    """What is left of a text, and the form for what is missing."""
    session, actor = db_session(), current_actor()
    annotation = _waiting(public_id)
    own = annotation.author_id == actor.person_id
    left, form = mends.offer(session, annotation), MendForm()
    if request.method == "GET":
        form.fill(left.texts)
    elif form.validate():
        try:
            new = mends.mend(session, actor=actor, annotation=annotation, written=form.written())
            commit()
            done(_("Thank you. The text is whole again, and on its way to review."))
            if own:
                return see_other("contributions.show", public_id=new.public_id)
            return see_other("mending.desk", code=annotation.language.code)
        except DomainError as error:
            field = str(error.facts["field"]) if error.code == "gap_left" else FIELD_OF.get(error.code)
            refused(form, error, field)
            annotation = _waiting(public_id)
    body = render_template("rights/mending/mend.html", annotation=annotation, left=left, form=form, own=own)
    return Response(body, status=422 if form.errors else 200)


def _waiting(public_id: str) -> Annotation:
    """Return a text that waits and that the actor may mend; for others there is none."""
    annotation, actor = queries.waiting(db_session(), public_id), current_actor()
    allowed = may(
        actor,
        Permission.ANNOTATION_MEND,
        owner_id=annotation.author_id,
        language_id=annotation.language_id,
        state=annotation.standing,
    )
    own = annotation.author_id == actor.person_id
    if not allowed or (not own and annotation.set_aside_kind != "prompt"):
        raise NotFound("not_waiting")
    return annotation
