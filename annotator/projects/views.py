"""The list of projects, and what a maintainer changes. The page of a project gathers several rooms: ``portal.projects``."""

import re

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from annotator.errors import DomainError, NotFound
from annotator.languages import queries as languages
from annotator.languages.models import Language
from annotator.permissions import Permission
from annotator.projects import actions, queries
from annotator.projects.forms import LanguagesForm, ProjectForm, RulesForm
from annotator.web.access import current_actor, requires
from annotator.web.extensions import db_session
from annotator.web.pages import commit, done, refused, see_other, status

blueprint = Blueprint("projects", __name__, url_prefix="/projects")

# Which field of the form a refusal stands beside.
FIELD_OF = {
    "language_ambiguous": "languages",
    "language_not_added": "languages",
    "language_unknown": "languages",
    "language_unknown_near": "languages",
    "project_lanes_missing": "lanes",
    "project_languages_missing": "languages",
    "project_mix_empty": "original",
    "project_slug_invalid": "slug",
    "project_slug_taken": "slug",
    "project_title_long": "title",
    "project_title_missing": "title",
}


@blueprint.get("/")
def index() -> str:
    """List the projects."""
    return render_template("projects/index.html", projects=queries.listing(db_session()))


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.PROJECT_MANAGE)
def new() -> Response | AnyResponse | str:
    """Make a project."""
    form = ProjectForm()
    if not form.is_submitted():
        return render_template("projects/new.html", form=form)
    if form.validate():
        session = db_session()
        try:
            project = actions.create(
                session,
                actor=current_actor(),
                slug=(form.slug.data or "").strip(),
                languages=named(session, form.languages.data or ""),
                overlap=form.overlap.data,
                **form.settings,
            )
        except DomainError as error:
            refused(form, error, FIELD_OF.get(error.code))
        else:
            commit()
            done(_("The project is open. Bring prompts in, or let people write their own."))
            return see_other("projects.show", slug=project.slug)
    return status(render_template("projects/new.html", form=form), 422)


@blueprint.route("/<slug>/settings", methods=["GET", "POST"])
@requires(Permission.PROJECT_MANAGE)
def settings(slug: str) -> Response | AnyResponse | str:
    """Change a project's rules; its state and its languages have buttons of their own on the same page."""
    project = queries.by_slug(db_session(), slug)
    form = RulesForm()
    if not form.is_submitted():
        form.show(project)
        return _settings_page(slug, form=form)
    if form.validate():
        try:
            actions.edit(db_session(), actor=current_actor(), project=project, **form.settings)
        except DomainError as error:
            refused(form, error, FIELD_OF.get(error.code))
        else:
            commit()
            done(_("Saved."))
            return see_other("projects.settings", slug=slug)
    return status(_settings_page(slug, form=form), 422)


@blueprint.post("/<slug>/languages")
@requires(Permission.PROJECT_MANAGE)
def add_languages(slug: str) -> Response | AnyResponse:
    """Let the project collect in more languages."""
    session = db_session()
    project = queries.by_slug(session, slug)
    form = LanguagesForm()
    if form.validate():
        try:
            added = actions.add_languages(
                session, actor=current_actor(), project=project, languages=named(session, form.languages.data or "")
            )
        except DomainError as error:
            refused(form, error, "languages")
        else:
            commit()
            done(
                _("Added: %(names)s.", names=", ".join(one.name for one in added))
                if added
                else _("All were there already.")
            )
            return see_other("projects.settings", slug=slug)
    return status(_settings_page(slug, more=form), 422)


@blueprint.post("/<slug>/state")
@requires(Permission.PROJECT_MANAGE)
def change_state(slug: str) -> AnyResponse:
    """Pause, resume or close."""
    acts = {"pause": actions.pause, "resume": actions.resume, "close": actions.close}
    act = acts.get(request.form.get("act", ""))
    if act is None:
        raise NotFound("not_found")
    act(db_session(), actor=current_actor(), project=queries.by_slug(db_session(), slug))
    commit()
    said = {
        "pause": _("The project is paused."),
        "resume": _("The project is open."),
        "close": _("The project is closed."),
    }
    done(said[request.form["act"]])
    return see_other("projects.settings", slug=slug)


def named(session: Session, words: str) -> list[Language]:
    """Return the languages that a person named, by codes or names; raise NotFound for one that cannot be told."""
    return [_named(session, word.strip()) for word in re.split(r"[,;،、\n]", words) if word.strip()]


def _named(session: Session, word: str) -> Language:
    try:
        return languages.resolve(session, word)
    except NotFound:
        wanted = word.casefold()
        exact = [
            language
            for language in languages.search(session, word)
            if wanted in {language.name.casefold(), language.english.casefold(), language.english_name.casefold()}
        ]
        if len(exact) == 1:
            return exact[0]
        if exact:
            raise NotFound("language_ambiguous", value=word, near=[one.code for one in exact]) from None
        raise


def _settings_page(slug: str, *, form: RulesForm | None = None, more: LanguagesForm | None = None) -> str:
    """Return the page; a form that was not sent shows what stands. After a refusal the project is read again."""
    project = queries.by_slug(db_session(), slug)
    if form is None:
        form = RulesForm(formdata=None)
        form.show(project)
    return render_template(
        "projects/settings.html", project=project, form=form, more=more or LanguagesForm(formdata=None)
    )
