"""The page “My data”: ask for a copy of everything about oneself, see how far it is, and fetch it."""

from flask import Blueprint, Response, make_response, render_template, send_file
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from annotator import clock
from annotator.errors import NotFound
from annotator.permissions import Permission
from annotator.rights import rules
from annotator.rights.models import PersonalExport
from annotator.rights.mydata import actions, page, queries
from annotator.rights.mydata.archive import KINDS
from annotator.rights.mydata.forms import AskForm
from annotator.rights.mydata.jobs import file_of
from annotator.web.access import ask_again_unless_fresh, current_actor, current_person, requires
from annotator.web.extensions import db_session, settings
from annotator.web.pages import commit, done, see_other

blueprint = Blueprint("mydata", __name__, url_prefix="/rights/data")

# Seconds after which the page looks again how far it is, without JavaScript.
LOOK_AGAIN = 10


@blueprint.get("/")
@requires(Permission.DATA_EXPORT)
def index() -> Response:
    """What a copy holds, how far it is, and the way to fetch it."""
    export = queries.latest(db_session(), current_person().id)
    response = make_response(
        render_template(
            "rights/mydata/index.html",
            export=export,
            state=state_of(export),
            form=AskForm(),
            kinds=[page.titles()[kind.name] for kind in KINDS],
            days=settings().rights.export.days,
            look_again=LOOK_AGAIN,
        )
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/")
@requires(Permission.DATA_EXPORT)
def ask() -> AnyResponse:
    """Ask for a copy."""
    again = ask_again_unless_fresh(rules.FRESH)
    if again is not None:
        return again
    if AskForm().validate_on_submit():
        actions.ask(db_session(), actor=current_actor(), person=current_person())
        commit()
        done(_("We are making your copy. You will get a letter when it is ready."))
    return see_other("mydata.index")


@blueprint.get("/<public_id>/my-data.zip")
@requires(Permission.DATA_EXPORT)
def fetch(public_id: str) -> AnyResponse:
    """Give the file to its person, and to nobody else."""
    again = ask_again_unless_fresh(rules.FRESH)
    if again is not None:
        return again
    return the_file(public_id, current_person().id)


def the_file(public_id: str, person_id: int) -> Response:
    """Return the file of a person's own copy; raise NotFound ``data_unknown``."""
    found = queries.to_fetch(db_session(), public_id, person_id=person_id, at=clock.now())
    path = file_of(settings(), found.public_id)
    if not path.is_file():
        raise NotFound("data_unknown")
    response = send_file(path.resolve(), mimetype="application/zip", as_attachment=True, download_name="my-data.zip")
    response.headers["Cache-Control"] = "no-store"
    return response


def state_of(export: PersonalExport | None) -> str:
    """Return how a copy stands: none, asked, ready, expired or failed."""
    if export is None:
        return "none"
    if export.state == "ready" and export.expires_at is not None and export.expires_at <= clock.now():
        return "expired"
    return export.state
