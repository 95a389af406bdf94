"""The desk of requests: what waits, one request with the texts that it may be about, the decision; and purging."""

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from annotator import clock
from annotator.accounts import queries as accounts
from annotator.annotations import queries as annotations
from annotator.errors import DomainError, Invalid
from annotator.permissions import Permission
from annotator.prompts.models import Prompt
from annotator.rights import rules as clock_rules
from annotator.rights.mending import mails as mending
from annotator.rights.models import Request
from annotator.rights.requests import actions, mails, minors, queries, rules
from annotator.rights.requests.forms import (
    KIND_WORDS,
    AcceptForm,
    LaterForm,
    PurgeForm,
    RefuseForm,
)
from annotator.web.access import ask_again_unless_fresh, current_actor, requires
from annotator.web.addresses import MOST_DIGITS, row_number
from annotator.web.extensions import db_session, settings
from annotator.web.pages import commit, done, refused, see_other, status, warn
from annotator.web.wording import words

blueprint = Blueprint("desk", __name__, url_prefix="/requests/desk")

# Refusals after which the form is gone: somebody else was faster.
_TOO_LATE = frozenset({"request_decided", "extended_already"})


@blueprint.get("/")
@requires(Permission.RIGHTS_DECIDE)
def index() -> str:
    """What waits for a decision, overdue first; and what was decided lately."""
    now = clock.now()
    waiting = queries.open_ones(db_session(), now)
    return render_template(
        "rights/requests/desk.html",
        waiting=[(one, rules.promised(one)) for one in waiting],
        overdue={one.id for one in waiting if rules.is_overdue(one, now)},
        decided=queries.decided_ones(db_session()),
        kind_words=KIND_WORDS,
    )


@blueprint.get("/<uuid:public_id>")
@requires(Permission.RIGHTS_DECIDE)
def decide(public_id: object) -> str:
    """One request, with the texts that it may be about; ``q`` searches for others."""
    found = queries.by_public_id(db_session(), str(public_id))
    return _page(found, AcceptForm(formdata=None), RefuseForm(formdata=None), LaterForm(formdata=None))


@blueprint.get("/<uuid:public_id>/<any(accept, refuse, extend):how>")
@requires(Permission.RIGHTS_DECIDE)
def again(public_id: object, how: str) -> AnyResponse:  # noqa: ARG001  # all three forms stand on one page
    """The address of a form that was sent, opened once more."""
    return see_other("desk.decide", public_id=public_id)


@blueprint.post("/<uuid:public_id>/accept")
@requires(Permission.RIGHTS_DECIDE)
def accept(public_id: object) -> str | AnyResponse:
    """Take the ticked texts out."""
    session, form = db_session(), AcceptForm()
    found = queries.by_public_id(session, str(public_id))
    if form.validate_on_submit():
        try:
            texts = [annotations.by_public_id(session, one) for one in form.texts.data or []]
            made = actions.accept(
                session,
                actor=current_actor(),
                request=found,
                annotations=texts,
                prompts=_prompts(form.prompts.data or []),
                answer=form.answer.data,
                settings=settings(),
            )
            mails.answered(session, found)
            mails.taken_out(session, found, made)
            if found.kind == "wrong_name":
                mails.credit_gone(session, {text.author_id for text in texts})
            commit()
        except DomainError as error:
            if error.code in _TOO_LATE:
                return _too_late(public_id, error)
            refused(form, error)
        else:
            if found.kind == "wrong_name":
                done(_("Decided. The name is printed no more."))
            else:
                done(_("Decided. The texts are hidden now.") if made else _("Decided."))
            return see_other("desk.index")
    return status(_page(found, form, RefuseForm(formdata=None), LaterForm(formdata=None)), 422)


def _prompts(numbers: list[str]) -> list[Prompt]:
    rows = [row_number(one) for one in numbers if one.isdecimal() and len(one) <= MOST_DIGITS]
    found = [db_session().get(Prompt, one) for one in rows]
    return [one for one in found if one is not None]


@blueprint.post("/<uuid:public_id>/refuse")
@requires(Permission.RIGHTS_DECIDE)
def refuse(public_id: object) -> str | AnyResponse:
    """Say no, and why."""
    session, form = db_session(), RefuseForm()
    found = queries.by_public_id(session, str(public_id))
    if form.validate_on_submit():
        try:
            actions.refuse(session, actor=current_actor(), request=found, reason=form.why.data)
            mails.answered(session, found)
            commit()
        except DomainError as error:
            if error.code in _TOO_LATE:
                return _too_late(public_id, error)
            refused(form, error, "why" if error.code.startswith("reason") else None)
        else:
            done(_("Decided. The person can ask once more."))
            return see_other("desk.index")
    return status(_page(found, AcceptForm(formdata=None), form, LaterForm(formdata=None)), 422)


@blueprint.post("/<uuid:public_id>/extend")
@requires(Permission.RIGHTS_DECIDE)
def extend(public_id: object) -> str | AnyResponse:
    """Promise a later day, once."""
    session, form = db_session(), LaterForm()
    found = queries.by_public_id(session, str(public_id))
    if form.validate_on_submit():
        try:
            actions.extend(
                session, actor=current_actor(), request=found, reason=form.reason.data, policy=settings().rights
            )
            mails.answered(session, found)
            commit()
        except DomainError as error:
            if error.code in _TOO_LATE:
                return _too_late(public_id, error)
            refused(form, error, "reason" if error.code.startswith("reason") else None)
        else:
            done(_("Extended."))
            return see_other("desk.index")
    return status(_page(found, AcceptForm(formdata=None), RefuseForm(formdata=None), form), 422)


def _too_late(public_id: object, error: DomainError) -> AnyResponse:
    """Say on the page why nothing was done: the form that was sent does not stand there any more."""
    db_session().rollback()
    warn(words(error))
    return see_other("desk.decide", public_id=public_id)


@blueprint.route("/purge-minor", methods=["GET", "POST"])
@requires(Permission.RIGHTS_DECIDE)
def purge_minor() -> str | AnyResponse:
    """Take out everything of a minor, and the account, for ever."""
    again = ask_again_unless_fresh(clock_rules.FRESH)
    if again is not None:
        return again
    form, session = PurgeForm(), db_session()
    if request.method == "GET":
        return render_template("rights/requests/purge.html", form=form)
    if form.validate_on_submit():
        try:
            if form.email.data.strip().lower() != form.again.data.strip().lower():
                raise Invalid("purge_not_confirmed")
            person = accounts.the_person(session, form.email.data)
            minors.purge(session, actor=current_actor(), person=person, policy=settings().rights)
            mending.tell(session, settings().public_url)
            commit()
        except DomainError as error:
            refused(form, error, "again" if error.code == "purge_not_confirmed" else "email")
        else:
            done(_("Everything of this person is hidden now. The words and the account are being erased."))
            return see_other("desk.index")
    return status(render_template("rights/requests/purge.html", form=form), 422)


def _page(found: Request, accepting: AcceptForm, refusing: RefuseForm, later: LaterForm) -> str:
    session, now = db_session(), clock.now()
    query = request.args.get("q", found.place or "")
    texts, prompts = queries.find(session, query) if query else ([], [])
    return render_template(
        "rights/requests/decide.html",
        asked=found,
        promised=rules.promised(found),
        is_overdue=rules.is_overdue(found, now),
        steps=queries.steps_of(session, found),
        query=query,
        found=texts,
        prompts=prompts,
        ticked=_named(texts) if accepting.texts.data is None else set(accepting.texts.data),
        ticked_prompts=set(accepting.prompts.data or []),
        accepting=accepting,
        refusing=refusing,
        later=later,
        kind_words=KIND_WORDS,
        policy=settings().rights,
        most=queries.MOST_FOUND,
    )


def _named(texts: list[queries.Found]) -> set[str]:
    """Return the only text that was found: it is ticked already."""
    return {one.annotation.public_id for one in texts} if len(texts) == 1 else set()
