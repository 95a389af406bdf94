"""Who asks: the owner of the bearer token, and nobody else; how often they may."""

import math
from collections.abc import Callable, Collection
from typing import Protocol, cast

from flask import Flask, current_app, g, request
from limits import RateLimitItem, parse
from sqlalchemy.orm import Session

from annotator import clock
from annotator.permissions import Actor, Scope
from annotator.settings import Settings
from annotator.web.api.problems import Refused
from annotator.web.extensions import db_session, limiter

# Tries with a token that does not work, by address. Nobody can guess one; who tries is told to stop.
WRONG_TOKENS = parse("120/minute")
_SCHEME = "bearer "


class HolderLike(Protocol):
    """Whose token it is; the table lives in a higher room."""

    @property
    def token_id(self) -> int:
        """The token's number."""

    @property
    def scopes(self) -> Collection[str]:
        """What it may be used for."""

    @property
    def actor(self) -> Actor:
        """Its person, with their roles."""


Finder = Callable[[Session, str], HolderLike | None]


def presented() -> str:
    """Return the token that came in the header.

    Raises Refused 401 ``token_missing``: a cookie does not count here.
    """
    header = request.headers.get("Authorization", "")
    if header[: len(_SCHEME)].lower() != _SCHEME:
        raise Refused(401, "token_missing", headers={"WWW-Authenticate": 'Bearer realm="annotator"'})
    return header[len(_SCHEME) :].strip()


def admit(secret: str, scope: Scope | None) -> HolderLike:
    """Return whose token it is, counted against the rate, and set the request's actor.

    Raises Refused: 401 ``token_invalid``, 403 ``scope_missing``, 429 ``too_many_requests``.
    """
    holder = _finder()(db_session(), secret)
    if holder is None:
        place = request.remote_addr or ""
        if not limiter.limiter.hit(WRONG_TOKENS, "wrong-token", place):
            too_many(WRONG_TOKENS, "wrong-token", place)
        said = 'Bearer realm="annotator", error="invalid_token"'
        raise Refused(401, "token_invalid", headers={"WWW-Authenticate": said})
    rate = _rate()
    if rate is not None and not limiter.limiter.hit(rate, "api", str(holder.token_id)):
        too_many(rate, "api", str(holder.token_id))
    if scope is not None and scope not in holder.scopes:
        said = f'Bearer realm="annotator", error="insufficient_scope", scope="{scope}"'
        raise Refused(403, "scope_missing", headers={"WWW-Authenticate": said}, scope=scope.value)
    g.actor = holder.actor
    return holder


def too_many(rate: RateLimitItem, *whom: str) -> None:
    """Raise Refused 429 ``too_many_requests``, with the seconds until there may be more."""
    until = limiter.limiter.get_window_stats(rate, *whom).reset_time
    seconds = max(1, math.ceil(until - clock.now().timestamp()))
    raise Refused(429, "too_many_requests", headers={"Retry-After": str(seconds)})


def _finder() -> Finder:
    return cast("Finder", current_app.extensions["annotator.token_finder"])


def _rate() -> RateLimitItem | None:
    return cast("RateLimitItem | None", current_app.extensions["annotator.api_rate"])


def init_app(app: Flask, settings: Settings, finder: Finder) -> None:
    """Say how tokens are found and how often one may be used."""
    app.extensions["annotator.token_finder"] = finder
    app.extensions["annotator.api_rate"] = parse(settings.api_rate) if settings.api_rate else None
