"""Sign in and out, by password or by a mailed link; set a new password; tokens for scripts.

Whether an address has an account shows in no answer: the page is the same, and only the letter differs.
"""

from flask import Blueprint, Response, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from annotator.accounts import actions, mails, queries, tokens
from annotator.accounts.forms import AddressForm, NewPasswordForm, SignInForm, TokenForm
from annotator.accounts.models import Person
from annotator.accounts.rules import Purpose, password_fits
from annotator.errors import DomainError, Invalid
from annotator.permissions import Actor, Permission
from annotator.web import access
from annotator.web.extensions import db_session, limiter, settings
from annotator.web.pages import commit, done, refused, see_other, status, warn

blueprint = Blueprint("accounts", __name__)

JOINED_HERE = "joined_here"


@blueprint.route("/sign-in", methods=["GET", "POST"])
@limiter.limit("200 per minute", methods=["POST"])
def sign_in() -> AnyResponse | str:
    """Sign in with address and password, then go back to where the person came from."""
    form = SignInForm()
    if request.method == "GET" and access.current_person() is not None and not request.args.get("again"):
        return redirect(access.safe_next(request.args.get("next")) or url_for("portal.home"), code=303)
    if request.method == "GET":
        form.next.data = access.safe_next(request.args.get("next"))
        return render_template("accounts/sign_in.html", form=form, kept=None)
    kept = access.open_kept(form.kept.data)
    if form.validate_on_submit():
        try:
            person = _check(form.email.data, form.password.data)
        except DomainError as error:
            refused(form, error)
        else:
            return _go_on(person, access.safe_next(form.next.data), kept)
    return status(render_template("accounts/sign_in.html", form=form, kept=kept), 422)


@blueprint.route("/sign-in/link", methods=["GET", "POST"])
@limiter.limit("60 per minute", methods=["POST"])
def ask_link() -> AnyResponse | str:
    """Send a sign-in link; the answer is the same for every address."""
    form = AddressForm()
    if request.method == "GET":
        form.next.data = access.safe_next(request.args.get("next"))
        return render_template("accounts/ask_link.html", form=form, kept=None)
    kept = access.open_kept(form.kept.data)
    if not form.validate_on_submit():
        return status(render_template("accounts/ask_link.html", form=form, kept=kept), 422)
    if actions.may_write_to(db_session(), email=form.email.data):
        person = queries.by_email(db_session(), form.email.data)
        if person is not None:
            mails.sign_in(db_session(), person, access.safe_next(form.next.data))
    commit()
    return render_template("accounts/look_in_mail.html", address=form.email.data, kept=kept)


@blueprint.route("/sign-in/<purpose>/<token>", methods=["GET", "POST"])
def open_link(purpose: str, token: str) -> AnyResponse | str:
    """Show what a mailed link does, and do it when the button is pressed: mail scanners open links too."""
    if purpose not in {Purpose.JOIN.value, Purpose.SIGN_IN.value}:
        raise Invalid("link_dead")
    kind, secret, next_page = Purpose(purpose), settings().secret_key, access.safe_next(request.args.get("next"))
    if request.method == "GET":
        person, _link = actions.find_by_link(db_session(), secret=secret, purpose=kind, token=token)
        return render_template("accounts/open_link.html", person=person, joining=kind is Purpose.JOIN)
    used = actions.use_link(
        db_session(), secret=secret, purpose=kind, token=token, joined_here=session.pop(JOINED_HERE, None)
    )
    person = used.person
    if used.password_dropped:
        warn(_("You joined in another browser, so the password typed there does not count. Set one on your page."))
    commit()
    return _go_on(person, next_page or (_first_page() if kind is Purpose.JOIN else None), None)


@blueprint.post("/sign-in/again")
@access.signed_in_required
def send_again() -> AnyResponse:
    """Show a form that was kept through a sign-in by mail, ready to be sent."""
    kept = access.open_kept(request.form.get("kept"))
    return access.offer_again(kept) if kept else see_other("portal.home")


@blueprint.post("/sign-out")
def sign_out() -> AnyResponse:
    """End the session of this browser."""
    access.sign_out()
    done(_("You are signed out."))
    return see_other("portal.home")


@blueprint.post("/sign-out/everywhere")
@access.signed_in_required
def sign_out_everywhere() -> AnyResponse:
    """End every session of the person."""
    actions.end_sessions(db_session(), actor=access.current_actor(), person=access.current_person())
    commit()
    access.sign_out()
    done(_("You are signed out on every device, and your tokens are revoked."))
    return see_other("portal.home")


@blueprint.route("/password", methods=["GET", "POST"])
@limiter.limit("60 per minute", methods=["POST"])
def ask_reset() -> AnyResponse | str:
    """Send a link to set a new password; the answer is the same for every address."""
    form = AddressForm()
    if request.method == "GET":
        return render_template("accounts/ask_reset.html", form=form)
    if not form.validate_on_submit():
        return status(render_template("accounts/ask_reset.html", form=form), 422)
    if actions.may_write_to(db_session(), email=form.email.data):
        person = queries.by_email(db_session(), form.email.data)
        if person is not None:
            mails.reset(db_session(), person)
    commit()
    return render_template("accounts/look_in_mail.html", address=form.email.data, kept=None)


@blueprint.route("/password/<token>", methods=["GET", "POST"])
def new_password(token: str) -> AnyResponse | str:
    """Set a new password by a mailed link, and sign in with it."""
    form, secret = NewPasswordForm(), settings().secret_key
    person, _link = actions.find_by_link(db_session(), secret=secret, purpose=Purpose.RESET, token=token)
    if form.validate_on_submit():
        try:
            actions.use_link(db_session(), secret=secret, purpose=Purpose.RESET, token=token, joined_here=None)
            actor = Actor(person_id=person.id)
            actions.set_password(db_session(), actor=actor, person=person, password=form.password.data)
        except DomainError as error:
            if error.code == "link_dead":
                raise
            refused(form, error, "password")
        else:
            commit()
            done(_("The new password is set. Every other device is signed out, and tokens are revoked."))
            return _go_on(person, None, None)
    page = render_template("accounts/new_password.html", form=form, person=person)
    return status(page, 422) if request.method == "POST" else page


@blueprint.post("/password/change")
@access.signed_in_required
def change_password() -> AnyResponse | str:
    """Set the password from one's own page; this browser stays signed in, all others do not."""
    form, person = NewPasswordForm(), access.current_person()
    if form.validate_on_submit():
        try:
            actions.set_password(db_session(), actor=access.current_actor(), person=person, password=form.password.data)
        except DomainError as error:
            refused(form, error, "password")
        else:
            commit()
            access.sign_in(person)
            done(_("The new password is set. Every other device is signed out, and tokens are revoked."))
            return see_other("portal.profile")
    return status(render_template("accounts/change_password.html", form=form), 422)


@blueprint.get("/password/change")
@access.signed_in_required
def show_change_password() -> str:
    """Show the form for a new password."""
    return render_template("accounts/change_password.html", form=NewPasswordForm())


@blueprint.get("/me/tokens")
@access.requires(Permission.TOKEN_CHANGE)
def show_tokens() -> Response:
    """List one's tokens, with the form for a new one."""
    return _tokens_page(TokenForm(formdata=None))


@blueprint.post("/me/tokens")
@access.requires(Permission.TOKEN_CHANGE)
def make_token() -> Response:
    """Make a token and show it, this once."""
    person, form = access.current_person(), TokenForm()
    if form.validate_on_submit():
        try:
            token, secret = tokens.make(
                db_session(),
                actor=access.current_actor(),
                person=person,
                name=form.name.data,
                scopes=form.scopes.data,
                days=int(form.days.data) or None,
            )
            mails.token_made(db_session(), person, token)
        except DomainError as error:
            refused(form, error, "name" if error.code.startswith("token_name") else None)
        else:
            commit()
            return _tokens_page(TokenForm(formdata=None), secret=secret)
    return _tokens_page(form, code=422)


@blueprint.post("/me/tokens/<int:token_id>/revoke")
@access.requires(Permission.TOKEN_CHANGE)
def revoke_token(token_id: int) -> AnyResponse:
    """End one of one's tokens."""
    token = tokens.the_token(db_session(), token_id, person_id=access.current_person().id)
    tokens.revoke(db_session(), actor=access.current_actor(), token=token)
    commit()
    done(_("Revoked. Whatever used it can do nothing here any more."))
    return see_other("accounts.show_tokens")


def _tokens_page(form: TokenForm, *, secret: str | None = None, code: int = 200) -> Response:
    """Return the page of one's tokens; no cache keeps it, for it may hold a secret."""
    standing = tokens.standing_of(db_session(), access.current_person().id)
    page = render_template("accounts/tokens.html", form=form, tokens=standing, secret=secret)
    response = make_response(page, code)
    response.headers["Cache-Control"] = "no-store"
    return response


def sign_in_page(kept: access.Kept) -> str:
    """Return the sign-in page for somebody who sent a form without a session; it carries the form."""
    return render_template("accounts/sign_in.html", form=SignInForm(formdata=None), kept=kept)


def _check(email: str, password: str) -> Person:
    """Return the person whose address and password these are.

    The try is committed before the slow check, which so holds no lock. An address that was never confirmed does
    not sign in by password: its letter does that. Raises Invalid ``sign_in_wrong``; Forbidden ``too_many_tries``.
    """
    person = actions.begin_sign_in(db_session(), email=email, place=request.remote_addr or "")
    commit()
    fits = password_fits(password, person.password_hash if person is not None else None)
    if person is None or not fits or person.email_confirmed_at is None:
        raise Invalid("sign_in_wrong")
    actions.signed_in(db_session(), person=person, email=email)
    commit()
    return person


def _go_on(person: Person, next_page: str | None, kept: access.Kept | None) -> AnyResponse:
    """Begin the session and lead on: to the kept form, to where the person came from, or home."""
    access.sign_in(person)
    if kept is not None:
        return access.offer_again(kept)
    return redirect(next_page or url_for("portal.home"), code=303)


def _first_page() -> str:
    """Return where somebody new goes first."""
    return url_for("consent.first", next=url_for("portal.home"))
