"""Ask about a text without an account, follow it by a secret link or signed in, and ask once more."""

from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from annotator import clock
from annotator.errors import DomainError
from annotator.rights.models import Request
from annotator.rights.requests import actions, mails, queries, rules
from annotator.rights.requests.forms import KIND_WORDS, STEP_WORDS, AppealForm, RequestForm
from annotator.web.access import current_actor, current_person, signed_in_required
from annotator.web.extensions import db_session, limiter, settings
from annotator.web.pages import commit, done, refused, see_other, status, warn
from annotator.web.wording import words

blueprint = Blueprint("requests", __name__, url_prefix="/requests")

# Which field of a form a refusal stands beside.
FIELD_OF = {
    "request_kind_unknown": "kind",
    "statement_missing": "statement",
    "statement_too_long": "statement",
    "place_missing": "place",
    "place_too_long": "place",
    "email_invalid": "contact",
}


@blueprint.route("/", methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"])
def ask() -> str | AnyResponse:
    """The form for everybody: what it is about, where the text is, and what is wrong."""
    form, session = RequestForm(), db_session()
    if request.method == "GET":
        form.place.data = request.args.get("place", "")[: rules.LONGEST_PLACE]
        return _asking(form)
    if form.validate_on_submit():
        try:
            asked = actions.ask(
                session,
                actor=current_actor(),
                kind=form.kind.data,
                statement=form.statement.data,
                place=form.place.data,
                contact=form.contact.data,
                key=form.key.data,
                policy=settings().rights,
            )
            if not asked.again:
                mails.received(session, asked.request, asked.key)
            commit()
        except DomainError as error:
            refused(form, error, FIELD_OF.get(error.code))
        else:
            return _to_the_page(asked.request, asked.key, new=1)
    return status(_asking(form), 422)


def _asking(form: RequestForm) -> str:
    person = current_person()
    return render_template(
        "rights/requests/ask.html",
        form=form,
        mine=queries.of_person(db_session(), person.id) if person else [],
        kind_words=KIND_WORDS,
        policy=settings().rights,
    )


@blueprint.route("/<uuid:public_id>/<key>", methods=["GET", "POST"])
@limiter.limit("120 per minute")
def follow(public_id: object, key: str) -> Response | AnyResponse:
    """Where a request stands, for whoever has its link."""
    found = queries.with_key(db_session(), str(public_id), key)
    return _shown(found, key)


@blueprint.route("/<uuid:public_id>", methods=["GET", "POST"])
@signed_in_required
def own(public_id: object) -> Response | AnyResponse:
    """Where a request stands, for its person."""
    found = queries.of_its_person(db_session(), str(public_id), current_person().id)
    return _shown(found, None)


def _to_the_page(found: Request, key: str | None, **more: int) -> AnyResponse:
    if key is not None:
        return see_other("requests.follow", public_id=found.public_id, key=key, **more)
    return see_other("requests.own", public_id=found.public_id, **more)


def _shown(found: Request, key: str | None) -> Response | AnyResponse:
    session, form, code = db_session(), AppealForm(), 200
    if request.method == "POST":
        if form.validate_on_submit():
            try:
                actions.appeal(
                    session,
                    actor=current_actor(),
                    request=found,
                    statement=form.statement.data,
                    key=key,
                    policy=settings().rights,
                )
                mails.waits(session, found)
                commit()
            except DomainError as error:
                refused(form, error, FIELD_OF.get(error.code))
                if not rules.may_appeal(found, clock.now()):  # the form is gone: sent twice, or too late
                    warn(words(error))
                    return _to_the_page(found, key)
            else:
                done(_("Sent. We look at it again."))
                return _to_the_page(found, key)
        code = 422
    page = render_template(
        "rights/requests/follow.html",
        asked=found,
        steps=queries.steps_of(session, found),
        withdrawals=queries.withdrawals_of(session, found),
        form=form,
        key=key,
        is_new=request.args.get("new") == "1" and found.state == "received" and found.appealed_at is None,
        may_appeal=rules.may_appeal(found, clock.now()),
        promised=rules.promised(found),
        until=found.decided_at + rules.APPEAL if found.decided_at else None,
        kind_words=KIND_WORDS,
        step_words=STEP_WORDS,
    )
    response = make_response(page, code)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"  # the address of this page is a secret
    return response
