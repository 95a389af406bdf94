"""Who is asking, what they may do, and how a form survives a lost session.

A POST without a session loses nothing: its fields are signed into the sign-in page as one hidden field; after
sign-in a page shows them again and sends them on with one button. All of it works without JavaScript.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ParamSpec, Protocol, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, make_response, redirect, render_template, request, session, url_for
from flask_login import UserMixin, current_user, login_user, logout_user
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from annotator import clock
from annotator.errors import Forbidden
from annotator.permissions import VISITOR, Actor, Permission, may
from annotator.web.extensions import SAFE_METHODS, db_session, login_manager, settings
from annotator.web.wording import WORDS

P = ParamSpec("P")
R = TypeVar("R")

KEPT_FOR = 24 * 60 * 60
SESSION_DAYS = 30
_SIGNED_IN_AT = "signed_in_at"
_A_WORD = 40  # a longer value was typed; shorter ones without a space are choices and numbers
_NEVER_KEPT = frozenset({"csrf_token", "password", "kept"})


class PersonLike(Protocol):
    """What this module needs to know of a person; the table lives in a higher room."""

    id: int
    public_id: str
    handle: str
    stamp: str


@dataclass(frozen=True)
class People:
    """How people are found; ``annotator.app`` hands in the functions of the higher rooms."""

    by_public_id: Callable[[Session, str], PersonLike | None]
    actor_for: Callable[[Session, Any], Actor]
    sign_in_page: Callable[["Kept"], str]


class SignedIn(UserMixin):  # type: ignore[misc]  # flask_login has no types
    """The person of a session; a new stamp ends it."""

    def __init__(self, person: PersonLike) -> None:
        """Wrap a person."""
        self.person = person

    def get_id(self) -> str:
        """Return what the cookie holds."""
        return f"{self.person.public_id}:{self.person.stamp}"


def sign_in(person: PersonLike) -> None:
    """Begin a session of ``person``; it lasts while it is used, at most ``SESSION_DAYS`` unused."""
    session.permanent = True
    session[_SIGNED_IN_AT] = clock.now().isoformat(timespec="seconds")
    login_user(SignedIn(person))
    g.pop("actor", None)


def sign_out() -> None:
    """End the session of this browser."""
    logout_user()
    session.clear()
    g.pop("actor", None)


def signed_in_at() -> datetime | None:
    """Return when this browser last signed in: what cannot be undone asks that it was lately."""
    value = session.get(_SIGNED_IN_AT)
    return datetime.fromisoformat(value) if value and current_user.is_authenticated else None


def current_person() -> Any:  # noqa: ANN401  # accounts.models.Person, which this room may not import
    """Return the signed-in person, or None."""
    return current_user.person if current_user.is_authenticated else None


def current_actor() -> Actor:
    """Return who acts in this request; a visitor when nobody is signed in."""
    if "actor" not in g:
        person = current_person()
        g.actor = VISITOR if person is None else _people().actor_for(db_session(), person)
    return cast("Actor", g.actor)


def wants_json() -> bool:
    """Say whether the caller is a script."""
    if request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return best not in {None, "text/html"}


def signed_in_required(view: Callable[P, R]) -> Callable[P, R | Response]:
    """Let only signed-in people in; others sign in first and come back with everything they had typed."""

    @functools.wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        return ask_to_sign_in() if current_person() is None else view(*args, **kwargs)

    return wrapped


def requires(permission: Permission, **facts: object) -> Callable[[Callable[P, R]], Callable[P, R | Response]]:
    """Declare a route's permission. What depends on the thing itself is checked again in the action.

    Without ``facts`` only what is known of the actor is asked: someone who is ambassador of any language passes.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R | Response]:
        @functools.wraps(view)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> R | Response:
            if current_person() is None:
                return ask_to_sign_in()
            if not may_somewhere(current_actor(), permission, **facts):
                raise Forbidden("not_permitted", permission=permission.value)
            return view(*args, **kwargs)

        wrapped.permission = permission  # type: ignore[attr-defined]  # read by the test of the permission table
        return wrapped

    return decorate


def may_somewhere(actor: Actor, permission: Permission, **facts: object) -> bool:
    """Say whether there can be a thing on which ``actor`` may: one of their own, or in a language of theirs."""
    states = ("in_review", "changes_requested", "accepted")
    return any(
        may(actor, permission, **{"owner_id": owner, "language_id": language, "state": state, **facts})
        for owner in (actor.person_id, None)
        for language in (*actor.ambassador_of, None)
        for state in states
    )


def safe_next(address: str | None) -> str | None:
    """Return ``address`` if it is a path on this server, else None: a link may not lead people elsewhere."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return None
    if any(ord(letter) < ord(" ") or letter == "\\" for letter in address):
        return None
    parts = urlsplit(address)
    return None if parts.scheme or parts.netloc else address


def ask_to_sign_in() -> Response:
    """Answer a request that needs a session: sign in, then come back."""
    if wants_json():
        from annotator.web.errors import problem  # noqa: PLC0415  # errors imports this module

        return problem(401, "sign_in_needed", str(WORDS["sign_in_needed"]))
    if request.method in SAFE_METHODS:
        here = request.full_path if request.query_string else request.path
        return cast("Response", redirect(url_for("accounts.sign_in", next=here), code=303))
    kept = keep_form()
    return offer_again(kept) if kept else cast("Response", redirect(url_for("accounts.sign_in"), code=303))


def ask_again_unless_fresh(within: timedelta) -> Response | None:
    """Ask who signed in too long ago to do so again, keeping the form; None when the sign-in is fresh enough."""
    when = signed_in_at()
    if when is not None and clock.now() - when <= within:
        return None
    kept = None if request.method in SAFE_METHODS else keep_form()
    if kept is not None:
        return make_response(_people().sign_in_page(kept), 401)
    here = request.full_path if request.query_string else request.path
    return cast("Response", redirect(url_for("accounts.sign_in", next=here, again=1), code=303))


@dataclass(frozen=True)
class Kept:
    """A form that was sent without a session: where to, and its fields."""

    path: str
    fields: list[tuple[str, str]]

    @property
    def texts(self) -> list[str]:
        """What a person typed, for showing: the fields that are long or hold white space."""
        return [value for _name, value in self.fields if len(value) > _A_WORD or any(c.isspace() for c in value)]

    def sealed(self) -> str:
        """Return the form as one signed string."""
        return str(_seal().dumps([self.path, self.fields]))


def keep_form() -> Kept | None:
    """Return what was posted just now, or None if it came from another site and must not be sent again."""
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site", "same-origin")
    ours = {urlsplit(request.host_url).netloc, urlsplit(settings().public_url).netloc}
    if site != "same-origin" or (origin is not None and urlsplit(origin).netloc not in ours):
        return None
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in _NEVER_KEPT]
    path = safe_next(request.full_path if request.query_string else request.path)
    return Kept(path, fields) if path else None


def open_kept(sealed: str | None) -> Kept | None:
    """Return the form behind a sealed string, or None when it is not ours or too old."""
    if not sealed:
        return None
    try:
        path, fields = _seal().loads(sealed, max_age=KEPT_FOR)
    except BadData:
        return None
    return Kept(path, [(name, value) for name, value in fields])


def offer_again(kept: Kept) -> Response:
    """Show the kept form: to a visitor with the way to sign in, to a signed-in person with a button that sends it."""
    if current_person() is not None:
        return make_response(render_template("accounts/send_again.html", kept=kept))
    return make_response(_people().sign_in_page(kept), 401)


def _seal() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret_key, salt="kept-form")


def _people() -> People:
    return cast("People", current_app.extensions["annotator.people"])


def init_app(app: Flask, people: People) -> None:
    """Bind Flask-Login to the people of the database."""
    app.extensions["annotator.people"] = people
    app.permanent_session_lifetime = timedelta(days=SESSION_DAYS)
    login_manager.session_protection = None  # people on phones change networks; the stamp ends stolen sessions

    @login_manager.user_loader  # type: ignore[untyped-decorator]  # flask_login has no types
    def _load(cookie: str) -> SignedIn | None:
        public_id, _, stamp = cookie.partition(":")
        person = people.by_public_id(db_session(), public_id)
        return SignedIn(person) if person is not None and person.stamp == stamp else None

    app.jinja_env.globals.update(current_person=current_person, current_actor=current_actor)
