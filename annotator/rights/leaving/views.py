"""Leave, undo it, and claim texts that were left behind."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from annotator import clock
from annotator.accounts.models import Person
from annotator.annotations import queries as annotations
from annotator.annotations.rules import newest_own, texts_for
from annotator.errors import DomainError, Invalid, NotFound
from annotator.permissions import Actor, Permission
from annotator.rights import actions as rights
from annotator.rights import queries as withdrawals
from annotator.rights import rules
from annotator.rights.leaving import actions, mails, queries
from annotator.rights.leaving.forms import ClaimedForm, ClaimForm, LeaveForm, StayForm
from annotator.rights.mending import mails as mending
from annotator.web.access import ask_again_unless_fresh, current_actor, current_person, requires, sign_out
from annotator.web.extensions import db_session, limiter, settings
from annotator.web.pages import commit, done, refused, see_other, warn
from annotator.web.wording import words

blueprint = Blueprint("leaving", __name__)

# What somebody who is leaving can still open: the way back, the way out, and what anybody may read.
_STILL_OPEN = frozenset({"leaving", "assets"})
_WAY_OUT = frozenset({"accounts.sign_out"})


@blueprint.before_app_request
def _only_to_undo() -> AnyResponse | None:
    """Show nothing but the page of leaving to somebody who is leaving."""
    room = request.blueprint
    if room is None or room in _STILL_OPEN or room.endswith("_api") or request.endpoint in _WAY_OUT:
        return None
    person = current_person()
    if person is None or person.leaving_at is None:
        return None
    return redirect(url_for("leaving.leave"), code=303)


@blueprint.route("/me/leave", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_LEAVE)
def leave() -> AnyResponse | str:
    """What becomes of one's texts, and the button that leaves; for who is leaving, the one that undoes it."""
    session, person = db_session(), current_person()
    if person.leaving_at is not None:
        departure = queries.open_departure(session, person)
        return render_template(
            "rights/leaving/leaving.html",
            form=StayForm(formdata=None),
            departure=departure,
            can_undo=departure is not None and clock.now() < departure.undo_until,
        )
    again = ask_again_unless_fresh(rules.FRESH)
    if again is not None:
        return again
    behind, form = queries.belongings(session, person), LeaveForm()
    form.offer(behind)
    if form.validate_on_submit():
        try:
            asked = actions.ask(
                session, actor=current_actor(), person=person, manner=form.manner.data, policy=settings().rights
            )
            mails.asked(session, person, asked.departure)
            commit()
        except DomainError as error:
            refused(form, error, "manner" if error.code == "manner_missing" else None)
        else:
            sign_out()
            return _never_stored(render_template("rights/leaving/asked.html", asked=asked), 200)
    page = render_template("rights/leaving/leave.html", form=form, behind=behind, policy=settings().rights)
    return _never_stored(page, 422 if form.errors else 200)


@blueprint.post("/me/leave/undo")
@requires(Permission.ACCOUNT_LEAVE)
def stay() -> AnyResponse:
    """Undo leaving."""
    if StayForm().validate_on_submit():
        try:
            actions.undo(db_session(), actor=current_actor(), person=current_person())
            commit()
        except DomainError as error:
            db_session().rollback()
            warn(words(error))
            return see_other("leaving.leave")
        done(_("Good that you stay. Your texts are back as they were. Roles and tokens must be given anew."))
    return see_other("portal.home")


@blueprint.route("/claim", methods=["GET", "POST"])
@limiter.limit("10 per minute; 60 per hour", methods=["POST"])
def claim() -> Response:
    """Type a claim code, and see the texts that it leads to."""
    form = ClaimForm()
    if form.validate_on_submit():
        stand_in = queries.by_code(db_session(), form.code.data)
        if stand_in is not None:
            return _claimed(stand_in, form.code.data)
        refused(form, Invalid("claim_code_wrong"), "code")
    page = render_template("rights/leaving/claim.html", form=form)
    return _never_stored(page, 422 if form.errors else 200)


@blueprint.post("/claim/<any(withdraw, undo):step>")
@limiter.limit("30 per minute")
def settle(step: str) -> AnyResponse:
    """Take back one text that was left behind, or all of them; or undo that. The code says who asks."""
    session, form = db_session(), ClaimedForm()
    if not form.validate_on_submit():
        return see_other("leaving.claim")
    stand_in = queries.by_code(session, form.code.data)
    if stand_in is None:
        return see_other("leaving.claim")
    try:
        if step == "withdraw":
            _withdraw(stand_in, form.annotation.data)
            mending.tell(session, settings().public_url)
        else:
            made = withdrawals.by_public_id(session, form.withdrawal.data or "")
            rights.undo(session, actor=Actor(person_id=stand_in.id), withdrawal=made)
        commit()
    except DomainError as error:
        session.rollback()
        warn(words(error))
    else:
        done(
            _("Taken back. It is hidden now.") if step == "withdraw" else _("Undone. Your texts are back as they were.")
        )
    return _claimed(stand_in, form.code.data)


def _withdraw(stand_in: Person, public_id: str | None) -> None:
    session = db_session()
    annotation = annotations.by_public_id(session, public_id) if public_id else None
    if annotation is not None and annotation.author_id != stand_in.id:
        raise NotFound("annotation_unknown", id=public_id)
    rights.withdraw(
        session, actor=Actor(person_id=stand_in.id), person=stand_in, annotation=annotation, policy=settings().rights
    )


def _claimed(stand_in: Person, code: str) -> Response:
    session, now = db_session(), clock.now()
    taken = withdrawals.withdrawals_of(session, stand_in.id)
    page = render_template(
        "rights/leaving/claimed.html",
        code=code,
        texts=[(one, texts_for(newest_own(one), stand_in.id)) for one in queries.texts_of(session, stand_in)],
        behind=queries.belongings(session, stand_in),
        undoable=[one for one in taken if one.cause == "withdrawn" and rules.can_be_undone(one, now)],
    )
    return _never_stored(page, 200)


def _never_stored(page: str, code: int) -> Response:
    """Return a page that no cache keeps: it may hold a claim code."""
    response = make_response(page, code)
    response.headers["Cache-Control"] = "no-store"
    return response
