"""Endpoints, each declared once: its address, who may, what comes in, what goes out, and which refusals it knows.

What is declared is what is checked and what is described: ``description`` makes the OpenAPI document of it.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field

from flask import Blueprint, Response, current_app
from pydantic import BaseModel

from annotator.errors import DomainError, Forbidden
from annotator.permissions import Permission, Scope
from annotator.web.access import current_actor, may_somewhere
from annotator.web.api import bearer, bodies
from annotator.web.api.problems import Refused, answer_to, answer_to_domain
from annotator.web.extensions import SAFE_METHODS, csrf, db_session
from annotator.web.pages import commit

PREFIX = "/api/v1"

# One shape, or several of which one comes.
Shape = type[BaseModel] | tuple[type[BaseModel], ...]


@dataclass(frozen=True)
class Answer:
    """What an endpoint answers: a shape that it declares for this status (or bytes that are its JSON), and headers."""

    content: BaseModel | bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Header:
    """A header that an endpoint reads."""

    name: str
    meaning: str
    required: bool = False


@dataclass(frozen=True)
class Endpoint:
    """Everything about an endpoint that a client may rely on; decorates its view.

    The view takes what stands in the address, and ``body`` where one is declared; it loads, calls one action and
    returns what to say. The token is asked for before it, and the transaction committed after; an error leaves nothing.

    ``scope``: what the token must be good for (None: any token); ``public``: no token is asked for. ``refuses``: the
    codes of its own, by status. ``fields``: which field of the body a code is about (see ``problems``). ``file``: the
    media type of what comes, where it is no JSON.
    """

    blueprint: Blueprint
    method: str
    rule: str
    answers: Mapping[int, Shape]
    _: KW_ONLY
    scope: Scope | None = None
    public: bool = False
    permission: Permission | None = None
    body: type[BaseModel] | None = None
    refuses: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    fields: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)
    headers: tuple[Header, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    file: str | None = None

    @property
    def writes(self) -> bool:
        """Whether a call may change something."""
        return self.method not in SAFE_METHODS

    def __call__(self, view: Callable[..., BaseModel | Answer | Response]) -> Callable[..., Response]:
        """Hang up ``view`` at the endpoint's address."""

        @functools.wraps(view)
        def answered(**path: object) -> Response:
            try:
                return _run(view, self, path)
            except Refused as error:
                db_session().rollback()
                return answer_to(error)
            except DomainError as error:
                db_session().rollback()
                _must_be_declared(self, error)
                return answer_to_domain(error, self.fields)

        answered.endpoint = self  # type: ignore[attr-defined]  # what the description is made of
        self.blueprint.add_url_rule(self.rule, view.__name__, answered, methods=[self.method])
        return answered


def room(name: str) -> Blueprint:
    """Return the blueprint of a room's endpoints: under ``/api/v1``, and without the forms' token.

    That token keeps other sites from using a cookie; here no cookie counts.
    """
    blueprint = Blueprint(f"{name}_api", __name__, url_prefix=PREFIX)
    csrf.exempt(blueprint)
    return blueprint


def _run(view: Callable[..., BaseModel | Answer | Response], endpoint: Endpoint, path: dict[str, object]) -> Response:
    """Let in, read, act, commit, answer."""
    if endpoint.public:
        if endpoint.body is not None:
            path["body"] = bodies.parsed(bodies.raw(), endpoint.body)
    else:
        secret = bearer.presented()
        data = bodies.raw() if endpoint.body is not None else b""
        bearer.admit(secret, endpoint.scope)
        permission = endpoint.permission
        if permission is not None and not may_somewhere(current_actor(), permission):
            raise Forbidden("not_permitted", permission=permission.value)
        if endpoint.body is not None:
            path["body"] = bodies.parsed(data, endpoint.body)
    said = view(**path)
    if isinstance(said, Response):  # a file
        return said
    answer = said if isinstance(said, Answer) else Answer(said)
    if endpoint.writes:
        commit()
    content = answer.content if isinstance(answer.content, bytes) else answer.content.model_dump_json()
    response = Response(content, status=answer.status, content_type="application/json")
    response.headers.update(answer.headers)
    if not endpoint.public:
        response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def endpoints() -> dict[str, Endpoint]:
    """Return every endpoint of the running application, by the name of its route."""
    views = current_app.view_functions.items()
    return {name: view.endpoint for name, view in views if hasattr(view, "endpoint")}


def _must_be_declared(endpoint: Endpoint, error: DomainError) -> None:
    """In a test, fail for a refusal that the description does not know; people get their answer anyway."""
    known = endpoint.refuses.get(error.status, ())
    if current_app.testing and error.code != "not_permitted" and error.code not in known:
        message = f"{endpoint.method} {endpoint.rule} does not declare {error.status} {error.code}"
        raise AssertionError(message) from error
