"""Make the web application: bind the furniture, then hang up the rooms."""

from importlib import import_module

from flask import Flask
from sqlalchemy import Engine

from annotator import models as _models  # noqa: F401  # foreign keys by name need every table
from annotator.accounts import queries as accounts
from annotator.accounts.views import sign_in_page
from annotator.database import make_engine
from annotator.jobs.binding import Work
from annotator.languages import queries as languages
from annotator.places import folder
from annotator.settings import Settings, SettingsError
from annotator.web import access, assets, errors, extensions, i18n, security

BLUEPRINTS = (
    "annotator.portal.views:blueprint",
    "annotator.accounts.views:blueprint",
)

# What the worker's sweep runs, in this order; each does what is due and is safe to run twice.
JOBS = (
    "annotator.mail.jobs:send_due",
    "annotator.accounts.jobs:forget_attempts",
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
    engine = engine or make_engine(settings.database_url)
    extensions.init_app(app, settings, engine)
    app.extensions["annotator.work"] = Work(settings, engine, JOBS)
    i18n.init_app(app)
    people = access.People(by_public_id=accounts.by_public_id, actor_for=languages.actor_for, sign_in_page=sign_in_page)
    access.init_app(app, people)
    errors.init_app(app)
    security.init_app(app, settings)
    assets.init_app(app)
    for path in BLUEPRINTS:
        module, name = path.split(":")
        app.register_blueprint(getattr(import_module(module), name))
    return app
