"""Make the web application: bind the furniture, then hang up the rooms."""

from functools import partial
from importlib import import_module

from flask import Flask
from sqlalchemy import Engine
from werkzeug.middleware.proxy_fix import ProxyFix

from annotator import models as _models  # noqa: F401  # foreign keys by name need every table
from annotator.accounts import queries as accounts
from annotator.accounts.views import sign_in_page
from annotator.consent import outlook
from annotator.database import make_engine
from annotator.jobs.binding import Work
from annotator.languages import queries as languages
from annotator.places import folder
from annotator.releases import demographics
from annotator.rights import effects
from annotator.rights.erasing.jobs import replay
from annotator.rights.mending import mails as mending
from annotator.settings import Settings, SettingsError, load
from annotator.web import access, addresses, assets, counting, errors, extensions, i18n, security
from annotator.web.api import bearer

BLUEPRINTS = (
    "annotator.portal.views:blueprint",
    "annotator.accounts.views:blueprint",
    "annotator.portal.contributions:blueprint",
    "annotator.portal.languages:blueprint",
    "annotator.consent.views:blueprint",
    "annotator.consent.wordings.views:blueprint",
    "annotator.consent.about.views:blueprint",
    "annotator.consent.receipts.views:blueprint",
    "annotator.portal.projects:blueprint",
    "annotator.prompts.views:blueprint",
    "annotator.prompts.steering.views:blueprint",
    "annotator.annotations.views:blueprint",
    "annotator.review.views:blueprint",
    "annotator.rights.views:blueprint",
    "annotator.rights.leaving.views:blueprint",
    "annotator.rights.mending.views:blueprint",
    "annotator.rights.mydata.views:blueprint",
    "annotator.rights.lookup.views:blueprint",
    "annotator.rights.requests.views:blueprint",
    "annotator.rights.requests.desk.views:blueprint",
    "annotator.releases.views:blueprint",
    "annotator.web.api.description:blueprint",
    "annotator.languages.api:blueprint",
    "annotator.consent.api:blueprint",
    "annotator.consent.about.api:blueprint",
    "annotator.consent.receipts.api:blueprint",
    "annotator.projects.api:blueprint",
    "annotator.assignments.api:blueprint",
    "annotator.annotations.api:blueprint",
    "annotator.review.api:blueprint",
    "annotator.releases.api:blueprint",
    "annotator.rights.api:blueprint",
    "annotator.rights.leaving.api:blueprint",
    "annotator.rights.mydata.api:blueprint",
    "annotator.rights.lookup.api:blueprint",
    "annotator.rights.requests.api:blueprint",
    "annotator.portal.api:blueprint",
)

# What the worker's sweep runs, in this order; each does what is due and is safe to run twice.
JOBS = (
    "annotator.mail.jobs:send_due",
    "annotator.accounts.jobs:forget_attempts",
    "annotator.assignments.jobs:expire_due",
    "annotator.assignments.jobs:forget_skipped",
    "annotator.prompts.jobs:tidy_imports",
    "annotator.prompts.jobs:forget_blocked",
    "annotator.releases.jobs:publish_due",
    "annotator.releases.jobs:clear_retired",
    "annotator.rights.jobs:run_due",
    "annotator.rights.mending.jobs:forget_due",
    "annotator.rights.mending.jobs:set_aside_ending",
    "annotator.rights.requests.jobs:close_due",
    "annotator.rights.lookup.jobs:keep_keys",
    "annotator.rights.leaving.jobs:leave_due",
    "annotator.rights.mydata.jobs:run_due",  # deletes also the copies of those who have just left
    "annotator.rights.erasing.jobs:tidy",
)

NO_KEY = "The setting ANNOTATOR_SECRET_KEY is missing: run `annotator init`, which makes one."
MOST_BYTES_OF_A_FORM = 2 * 1024 * 1024


def make_work(settings: Settings, engine: Engine) -> Work:
    """Return the queue of this installation, with every job."""
    return Work(settings, engine, JOBS)


def check_schema(engine: Engine) -> None:
    """Refuse to start on a database that is not at the program's version.

    Raises SettingsError with what helps.
    """
    from annotator.migrate import what_is_wrong  # noqa: PLC0415  # Alembic is slow to import, and tests need it not

    wrong = what_is_wrong(engine)
    if wrong is not None:
        raise SettingsError(wrong)


def wsgi() -> Flask:
    """Return the application for the settings of the environment: what a WSGI server loads.

    Raises SettingsError when a setting is wrong or the database is not up to date.
    """
    settings = load()
    engine = make_engine(settings.database_url)
    check_schema(engine)
    replay(engine, settings)  # before anything is served: a restored backup must not show again what was taken back
    return create_app(settings, engine=engine)


def create_app(settings: Settings, *, engine: Engine | None = None) -> Flask:
    """Return the application for ``settings``; ``engine`` is one that the caller has already made.

    Raises SettingsError when there is no secret key.
    """
    if not settings.secret_key:
        raise SettingsError(NO_KEY)
    app = Flask("annotator", static_folder=None, template_folder=str(folder("templates")))
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=MOST_BYTES_OF_A_FORM,
        MAX_FORM_MEMORY_SIZE=MOST_BYTES_OF_A_FORM,
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as its session: an open page must not go stale
        RATELIMIT_STORAGE_URI=counting.storage_uri(settings.redis_url),
    )
    if settings.trusted_proxies:
        # Not X-Forwarded-Host: many proxies pass on what the visitor wrote there. They hand on Host itself.
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]  # as Flask says to
    app.jinja_env.globals["has_page"] = lambda endpoint: endpoint in app.view_functions
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    engine = engine or make_engine(settings.database_url)
    extensions.init_app(app, settings, engine)
    app.extensions["annotator.work"] = make_work(settings, engine)
    addresses.init_app(app)
    i18n.init_app(app)
    people = access.People(by_public_id=accounts.by_public_id, actor_for=languages.actor_for, sign_in_page=sign_in_page)
    access.init_app(app, people)
    app.extensions[outlook.KEY] = outlook.Outlook(
        effects=effects.of_choices,
        public=demographics.preview_of,
        follow=partial(mending.follow, settings=settings),
    )
    bearer.init_app(app, settings, languages.holder_of)
    errors.init_app(app)
    security.init_app(app, settings)
    assets.init_app(app)
    for path in BLUEPRINTS:
        module, name = path.split(":")
        app.register_blueprint(getattr(import_module(module), name))
    return app
