"""A project's pool for maintainers: what is in it, and bringing files in."""

from pathlib import PurePath
from typing import cast

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from annotator import clock
from annotator.errors import Conflict, DomainError
from annotator.languages import queries as languages
from annotator.languages.models import Language
from annotator.permissions import Permission
from annotator.projects import queries as projects
from annotator.projects.models import Project
from annotator.prompts import actions, files, queries, rules
from annotator.prompts.columns import Columns, parse_map
from annotator.prompts.forms import ImportForm, OverlapForm
from annotator.prompts.rows import ImportReport, Problem
from annotator.web.access import current_actor, requires
from annotator.web.extensions import csrf, db_session
from annotator.web.pages import commit, done, refused, see_other, status, wake, warn
from annotator.web.wording import words

blueprint = Blueprint("prompts", __name__, url_prefix="/projects/<slug>/prompts")

# Larger files come in by `annotator prompts import`, which needs nobody to wait at a page.
MOST_BYTES = 64 * 1024 * 1024
SHOWN = 50

FIELD_OF = {
    "import_language_not_in_project": "language",
    "import_translation_from_what": "input_language",
    "license_unknown": "license",
    "map_field_twice": "mapping",
    "map_field_unknown": "mapping",
    "map_malformed": "mapping",
    "map_path_never_found": "mapping",
    "source_license_differs": "license",
    "source_name_invalid": "source",
}


@blueprint.get("/")
@requires(Permission.PROMPTS_IMPORT)
def index(slug: str) -> str:
    """Show what the pool holds."""
    return _pool_page(slug, OverlapForm(formdata=None))


@blueprint.post("/overlap")
@requires(Permission.PROJECT_MANAGE)
def overlap(slug: str) -> Response | AnyResponse:
    """Let more people work on each prompt."""
    form = OverlapForm()
    if form.validate():
        try:
            project = projects.by_slug(db_session(), slug)
            actions.raise_overlap(db_session(), actor=current_actor(), project=project, overlap=form.overlap.data)
        except DomainError as error:
            refused(form, error, "overlap")
        else:
            commit()
            done(_("Saved."))
            return see_other("prompts.index", slug=slug)
    return status(_pool_page(slug, form), 422)


@blueprint.route("/import", methods=["GET", "POST"])
@requires(Permission.PROMPTS_IMPORT)
@csrf.exempt  # type: ignore[untyped-decorator]  # the form checks its own token, after the larger limit is set
def bring_in(slug: str) -> Response | AnyResponse | str:
    """Import a file, or say what an import would do."""
    request.max_content_length = MOST_BYTES
    session = db_session()
    project = projects.by_slug(session, slug)
    form = ImportForm()
    form.offer(
        collected=project.languages, known=languages.all_languages(session), templates=queries.templates(session)
    )
    if not form.is_submitted():
        return _import_page(project, form)
    if form.validate():
        try:
            report = _import(session, project, form, dry_run="check" in request.form)
        except DomainError as error:
            refused(form, error, FIELD_OF.get(error.code, "file"))
        else:
            if report.landed:
                done(_imported(report))
                return see_other("prompts.index", slug=slug)
            return status(_import_page(project, form, report), 200 if report.fits else 422)
    return status(_import_page(project, form), 422)


@blueprint.post("/imports/<int:number>/give-up")
@requires(Permission.PROMPTS_IMPORT)
def give_up(slug: str, number: int) -> AnyResponse:
    """Give up an import that was interrupted; a job takes its rows away."""
    session = db_session()
    try:
        batch = queries.import_of(session, projects.by_slug(session, slug), number)
        actions.give_up_import(session, actor=current_actor(), batch=batch)
    except Conflict as error:
        session.rollback()
        warn(words(error))
    else:
        commit()
        wake("annotator.prompts.jobs:tidy_imports")
        done(_("Given up. Nothing of that file has come in; you can import it anew at any time."))
    return see_other("prompts.index", slug=slug)


def _import(session: Session, project: Project, form: ImportForm, *, dry_run: bool) -> ImportReport:
    chosen = form.template.data
    template = actions.template_to_use(session, chosen) if chosen else None
    columns = Columns(parse_map((form.mapping.data or "").split("\n")), with_template=template is not None)
    name = PurePath((form.file.data.filename or "").replace("\\", "/")).name
    stream = form.file.data.stream
    return actions.import_prompts(
        session,
        actor=current_actor(),
        project=project,
        source=form.source.data or "",
        license=form.license.data or "",
        rows=files.read(stream, name, columns),
        columns=columns,
        language=_chosen(session, form.language.data),
        instruction_language=_chosen(session, form.instruction_language.data),
        input_language=_chosen(session, form.input_language.data),
        template=template,
        skip_bad=form.skip_bad.data,
        dry_run=dry_run,
        shown=SHOWN,
        given=[(name, files.digest(stream))],
        keep=commit,  # part by part: others must not wait for a large file
    )


def _chosen(session: Session, code: str | None) -> Language | None:
    return languages.by_code(session, code) if code else None


def _imported(report: ImportReport) -> str:
    """Return the good news, with what else there is to know."""
    sentences = [ngettext("%(num)s prompt is in the pool now.", "%(num)s prompts are in the pool now.", report.added)]
    if report.duplicates.count:
        sentences.append(ngettext("%(num)s was there already.", "%(num)s were there already.", report.duplicates.count))
    if report.refused.count:
        sentences.append(ngettext("%(num)s row was left out.", "%(num)s rows were left out.", report.refused.count))
    if report.taken_up:
        sentences.append(
            ngettext(
                "The import went on where it was interrupted: %(num)s row was in.",
                "The import went on where it was interrupted: %(num)s rows were in.",
                report.taken_up,
            )
        )
    if report.closed_source:
        sentences.append(_("Under this licence nothing that is made from them can be released."))
    return " ".join(cast("list[str]", sentences))


def reason(problem: Problem) -> str:
    """Return why a row is listed, in words."""
    return words(DomainError(problem.code, **problem.facts))


def _import_page(project: Project, form: ImportForm, report: ImportReport | None = None) -> str:
    return render_template("prompts/import.html", project=project, form=form, report=report, reason=reason)


def _pool_page(slug: str, form: OverlapForm) -> str:
    session = db_session()
    project = projects.by_slug(session, slug)
    if form.overlap.data is None and not form.errors:
        form.overlap.data = project.overlap
    return render_template(
        "prompts/index.html",
        project=project,
        form=form,
        pools=queries.pools(session, project),
        sources=queries.sources(session, project),
        batches=queries.batches(session, project),
        unfinished=[
            (batch, rules.at_work(batch.touched_at, clock.now())) for batch in queries.unfinished(session, project)
        ],
        templates=queries.templates(session),
    )
