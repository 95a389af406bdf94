"""The page “Am I in this dataset?”, and one's own texts in releases with boxes to tick."""

from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from annotator.errors import DomainError
from annotator.permissions import Permission
from annotator.rights.lookup import actions, mails, queries
from annotator.rights.lookup.forms import CodeForm, HandleForm, TextForm, TickedForm
from annotator.rights.lookup.queries import Pasted, Place
from annotator.web.access import current_actor, current_person, requires
from annotator.web.addresses import row_number
from annotator.web.extensions import db_session, limiter, settings
from annotator.web.pages import commit, done, refused, see_other, warn
from annotator.web.wording import words

blueprint = Blueprint("lookup", __name__, url_prefix="/lookup")

# Both for the page and for each way to ask of it: enough for a person, too few to try many.
RATE = "30 per minute"


@blueprint.get("/")
def index() -> Response:
    """The four ways to ask."""
    return _page()


@blueprint.get("/<any(text, handle, code):door>")
def again(door: str) -> AnyResponse:  # noqa: ARG001  # all lead to one page
    """The address of an answer, opened once more: answers are not kept, the form stands at the beginning."""
    return see_other("lookup.index")


@blueprint.post("/text")
@limiter.limit(RATE)
def text() -> Response:
    """Say whether a pasted text stands in a public lane of a release."""
    form = TextForm()
    found = queries.pasted(db_session(), form.words.data) if form.validate_on_submit() else None
    return _page(text=form, pasted=found)


@blueprint.post("/handle")
@limiter.limit(RATE)
def handle() -> Response:
    """Say in which releases somebody is credited who chose to be found."""
    form = HandleForm()
    found = queries.by_handle(db_session(), form.handle.data) if form.validate_on_submit() else None
    return _page(handle=form, places=found)


@blueprint.post("/code")
@limiter.limit(RATE)
def code() -> Response:
    """Say in which releases the texts of a claim code stand."""
    form = CodeForm()
    found = queries.by_code(db_session(), form.code.data) if form.validate_on_submit() else None
    return _page(code=form, places=found)


def _page(
    *,
    text: TextForm | None = None,
    handle: HandleForm | None = None,
    code: CodeForm | None = None,
    pasted: Pasted | None = None,
    places: list[Place] | None = None,
) -> Response:
    asked = text or handle or code
    page = render_template(
        "rights/lookup/index.html",
        text=text or TextForm(formdata=None),
        handle=handle or HandleForm(formdata=None),
        code=code or CodeForm(formdata=None),
        pasted=pasted,
        places=places,
        days=settings().rights.answer.days,
    )
    response = make_response(page, 422 if asked is not None and asked.errors else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/mine")
@requires(Permission.ANNOTATION_WITHDRAW)
def mine() -> str:
    """One's own texts, with every release that holds each, and boxes to tick."""
    before = request.args.get("before", type=row_number)
    found = queries.own_texts(db_session(), current_person().id, before_id=before)
    return render_template(
        "rights/lookup/mine.html",
        found=found,
        older=found[-1].annotation.id if len(found) == queries.PAGE else None,
        form=TickedForm(),
    )


@blueprint.post("/mine")
@requires(Permission.ANNOTATION_WITHDRAW)
def take_back() -> str | AnyResponse:
    """Show what taking the ticked texts back does; then, confirmed, do it."""
    session, person, form = db_session(), current_person(), TickedForm()
    public_ids = request.form.getlist("texts")
    if not public_ids:
        warn(_("Tick the texts that you want to take back."))
        return see_other("lookup.mine")
    if form.validate_on_submit():
        try:
            if "confirm" in request.form:
                made = actions.withdraw(
                    session, actor=current_actor(), person=person, public_ids=public_ids, policy=settings().rights
                )
                mails.confirmed(session, person, made)
                commit()
                done(_("Taken back. They are hidden now, and the next release is made without them."))
                return see_other("rights.index")
            found = queries.ticked(session, person.id, public_ids)
        except DomainError as error:
            refused(form, error)
            warn(words(error))
            return see_other("lookup.mine")
        return render_template(
            "rights/lookup/preview.html",
            found=found,
            effects=queries.effects(session, found, policy=settings().rights),
            form=form,
            policy=settings().rights,
        )
    return see_other("lookup.mine")
