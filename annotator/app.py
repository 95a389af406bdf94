"""Make the web application: bind the furniture, then hang up the rooms."""

from importlib import import_module
from typing import Any

from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from annotator import models as _models  # noqa: F401  # foreign keys by name need every table
from annotator.accounts import queries as accounts
from annotator.database import make_engine
from annotator.permissions import Actor
from annotator.places import folder
from annotator.settings import Settings, SettingsError
from annotator.web import access, assets, errors, extensions, i18n, security

BLUEPRINTS = (
    "annotator.portal.views:blueprint",
    "annotator.accounts.views:blueprint",
)

MOST_BYTES_OF_A_FORM = 2 * 1024 * 1024


def create_app(settings: Settings, *, engine: Engine | None = None) -> Flask:
    """Return the application for ``settings``; ``engine`` is one that the caller has already made.

    Raises SettingsError when there is no secret key.
    """
    if not settings.secret_key:
        message = "The setting ANNOTATOR_SECRET_KEY is missing: run `annotator init`, which makes one."
        raise SettingsError(message)
    app = Flask("annotator", static_folder=None, template_folder=str(folder("templates")))
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=MOST_BYTES_OF_A_FORM,
        MAX_FORM_MEMORY_SIZE=MOST_BYTES_OF_A_FORM,
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as its session: an open page must not go stale
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
    )
    app.jinja_env.globals["has_page"] = lambda endpoint: endpoint in app.view_functions
    app.jinja_env.filters["merge"] = lambda first, second: {**first, **second}
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    extensions.init_app(app, settings, engine or make_engine(settings.database_url))
    i18n.init_app(app)
    access.init_app(app, access.People(by_public_id=accounts.by_public_id, actor_for=_actor_for))
    errors.init_app(app)
    security.init_app(app, settings)
    assets.init_app(app)
    for path in BLUEPRINTS:
        module, name = path.split(":")
        app.register_blueprint(getattr(import_module(module), name))
    return app


def _actor_for(session: Session, person: Any) -> Actor:  # noqa: ANN401  # see web.access
    from annotator.languages import queries  # noqa: PLC0415

    return queries.actor_for(session, person)
