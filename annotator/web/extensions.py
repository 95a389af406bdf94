"""The Flask extensions, and the database session of a request."""

from typing import cast

from flask import Flask, current_app, g, request
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_wtf import CSRFProtect
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from annotator.database import open_session
from annotator.settings import Settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Doors(Limiter):
    """Counts at the doors that have a limit: those ask for themselves. Other requests are not looked at."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:  # noqa: FBT001, FBT002  # the base class's signature
        if not in_middleware:
            super()._check_request_limit(callable_name, in_middleware)


babel = Babel()
csrf = CSRFProtect()
limiter = Doors(get_remote_address)
login_manager = LoginManager()


def settings() -> Settings:
    """Return the settings that the running application was made with."""
    return cast("Settings", current_app.extensions["annotator.settings"])


def engine() -> Engine:
    """Return the engine of the running application."""
    return cast("Engine", current_app.extensions["annotator.engine"])


def db_session() -> Session:
    """Return the request's session, opened at the first call and closed after the answer; only a view commits it.

    A method that may change something gets a session that queues as a writer at its first statement.
    """
    if "session" not in g:
        g.session = open_session(engine(), writes=request.method not in SAFE_METHODS)
    return cast("Session", g.session)


def init_app(app: Flask, app_settings: Settings, app_engine: Engine) -> None:
    """Bind settings, engine and extensions to ``app``."""
    app.extensions["annotator.settings"] = app_settings
    app.extensions["annotator.engine"] = app_engine
    csrf.init_app(app)
    limiter.init_app(app)
    login_manager.init_app(app)

    @app.teardown_appcontext
    def _close(_error: BaseException | None) -> None:
        session = g.pop("session", None)
        if session is not None:
            session.close()
