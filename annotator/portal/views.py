"""The front door, joining, and one's own page."""

from flask import Blueprint, Response, make_response, render_template, request, session
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from annotator.accounts import actions as accounts
from annotator.accounts import mails
from annotator.accounts.views import JOINED_HERE
from annotator.database import new_public_id
from annotator.errors import DomainError
from annotator.languages import queries as languages
from annotator.portal import actions, queries
from annotator.portal.forms import (
    LEVEL_WORDS,
    Chosen,
    HandleForm,
    JoinForm,
    chosen_in,
    chosen_of,
    is_only_a_change,
)
from annotator.web.access import current_actor, current_person, signed_in_required
from annotator.web.extensions import db_session, limiter, settings
from annotator.web.pages import commit, done, refused, see_other
from annotator.web.wording import WORDS

blueprint = Blueprint("portal", __name__)


@blueprint.get("/")
def home() -> str:
    """Say what this is, and lead to a language, a project, a release."""
    person, front = current_person(), queries.front_page(db_session())
    onward = None
    if person is not None:
        spoken = languages.spoken_by(db_session(), person.id)
        onward = queries.go_on(db_session(), person.id, spoken, front.projects)
    return render_template("portal/home.html", front=front, onward=onward)


@blueprint.route("/join", methods=["GET", "POST"])
@limiter.limit("100 per minute", methods=["POST"])
def join() -> AnyResponse | str:
    """Join in one screen; the letter that follows confirms the address and leads to consent."""
    if current_person() is not None:
        return see_other("portal.profile")
    if not settings().controller_is_known:
        return render_template("portal/join_closed.html", sentence=WORDS["sign_up_closed"])
    form = JoinForm()
    if request.method == "GET":
        chosen = chosen_in(db_session(), request.args)
        return _never_stored(_join_page(form, chosen), 200)
    chosen = chosen_in(db_session(), request.form)
    if is_only_a_change(request.form):
        return _never_stored(_join_page(form, chosen), 200)
    if all([form.validate_on_submit(), *[one.check() for one in chosen]]):
        try:
            joined = actions.join(
                db_session(),
                actor=current_actor(),
                email=form.email.data,
                handle=form.handle.data,
                password=form.password.data or None,
                spoken=chosen,
                controller_is_known=settings().controller_is_known,
            )
        except DomainError as error:
            refused(form, error, _field_of(error.code))
        else:
            if accounts.may_write_to(db_session(), email=joined.person.email):
                (mails.join if joined.new else mails.already_joined)(db_session(), joined.person)
            commit()
            # People can read their cookie: for an address that was here before it holds an id that is nobody's.
            session[JOINED_HERE] = joined.person.public_id if joined.new else new_public_id()
            return _never_stored(render_template("accounts/look_in_mail.html", address=form.email.data, kept=None), 200)
    return _never_stored(_join_page(form, chosen), 422)


@blueprint.get("/join/languages")
@limiter.limit("240 per minute")
def offer_languages() -> str:
    """Return the languages that a search finds, as a part of the page."""
    without = {one.language.id for one in chosen_in(db_session(), request.args)}
    return render_template("portal/_offered.html", offered=_offered(request.args.get("q", ""), without))


@blueprint.get("/join/languages/<code>")
@limiter.limit("240 per minute")
def choose_language(code: str) -> str:
    """Return the card of a chosen language, as a part of the page."""
    one = Chosen(languages.by_code(db_session(), code))
    return render_template("portal/_chosen.html", one=one, level_words=LEVEL_WORDS)


@blueprint.route("/me", methods=["GET", "POST"])
@signed_in_required
def profile() -> AnyResponse | str:
    """Show and change one's handle, languages and ways of signing in."""
    person, form = current_person(), HandleForm()
    if request.method == "GET":
        form.handle.data = person.handle
        chosen = chosen_of(languages.spoken_by(db_session(), person.id))
        return _profile_page(form, chosen)
    chosen = chosen_in(db_session(), request.form)
    if is_only_a_change(request.form):
        return _profile_page(form, chosen)
    if all([form.validate_on_submit(), *[one.check() for one in chosen]]):
        try:
            accounts.change_handle(db_session(), actor=current_actor(), person=person, handle=form.handle.data)
            actions.speak(db_session(), actor=current_actor(), person=person, spoken=chosen)
        except DomainError as error:
            refused(form, error, _field_of(error.code))
        else:
            commit()
            done(_("Your page is saved."))
            return see_other("portal.profile")
    return make_response(_profile_page(form, chosen), 422)


def _join_page(form: JoinForm, chosen: list[Chosen]) -> str:
    return render_template("portal/join.html", form=form, **_choosing(chosen), settings=settings())


def _profile_page(form: HandleForm, chosen: list[Chosen]) -> str:
    terms = languages.standing_terms(db_session(), person=current_person())
    return render_template("portal/profile.html", form=form, terms=terms, **_choosing(chosen))


def _choosing(chosen: list[Chosen]) -> dict[str, object]:
    """Return what the list of languages needs."""
    query = request.values.get("q", "")
    return {
        "chosen": chosen,
        "query": query,
        "offered": _offered(query, {one.language.id for one in chosen}),
        "level_words": LEVEL_WORDS,
    }


def _offered(query: str, without: set[int]) -> list[object]:
    preferred = [tag for tag, _quality in request.accept_languages]
    return list(queries.offered(db_session(), query, preferred, without=without))


def _field_of(code: str) -> str | None:
    """Return the field that a refusal is about."""
    field = code.partition("_")[0]
    return field if field in {"email", "handle", "password"} else None


def _never_stored(page: str, code: int) -> Response:
    """Return a page that no cache keeps, for it may hold a password that is being chosen."""
    response = make_response(page, code)
    response.headers["Cache-Control"] = "no-store"
    return response
