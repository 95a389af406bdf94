"""The addresses of doing the work: start, claim, nothing to do, the piece of work, write your own, undo a skip."""

from dataclasses import replace

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from annotator import clock
from annotator.annotations import forms
from annotator.annotations.forms import WorkForm
from annotator.annotations.models import Revision
from annotator.annotations.pieces.views import Piece, go_on, just_skipped, page, show_words
from annotator.annotations.rules import Texts, taken_back, texts_of_prompt
from annotator.annotations.writing import views as writing
from annotator.assignments import actions as assignments
from annotator.assignments import queries as assignment_queries
from annotator.assignments.rules import LIVE, Empty
from annotator.consent import queries as consent
from annotator.errors import DomainError
from annotator.languages import queries as languages
from annotator.languages.models import Language
from annotator.permissions import Permission
from annotator.projects import queries as projects
from annotator.projects.models import Project
from annotator.web.access import current_actor, requires
from annotator.web.addresses import row_number
from annotator.web.extensions import db_session
from annotator.web.pages import commit, done, see_other, warn
from annotator.web.wording import words

blueprint = Blueprint("annotations", __name__, url_prefix="/projects/<slug>/<code>")


def _place(slug: str, code: str) -> tuple[Project, Language]:
    session = db_session()
    return projects.by_slug(session, slug), languages.by_code(session, code)


@blueprint.get("/work")
@requires(Permission.WORK_CLAIM)
def start(slug: str, code: str) -> str | AnyResponse:
    """Lead to the unfinished piece of work, or offer to begin."""
    project, language = _place(slug, code)
    person_id = current_actor().person_id or 0
    if not consent.standing(db_session(), person_id):
        return see_other("consent.first", next=request.path)
    for mine in assignment_queries.live(db_session(), person_id=person_id, project=project):
        if mine.language_id == language.id:
            return see_other(
                "annotations.work", slug=slug, code=code, assignment_id=mine.id, skipped=request.args.get("skipped")
            )
    draft = assignment_queries.original_draft(db_session(), person_id=person_id, project=project, language=language)
    return render_template(
        "annotations/start.html",
        project=project,
        language=language,
        draft=draft,
        skipped=just_skipped(),
    )


@blueprint.post("/claim")
@requires(Permission.WORK_CLAIM)
def claim(slug: str, code: str) -> AnyResponse:
    """Reserve the next prompt and go there, or say why there is none."""
    project, language = _place(slug, code)
    return go_on(project, language, kinds=request.form.getlist("kinds") or None)


@blueprint.get("/empty/<reason>")
@requires(Permission.WORK_CLAIM)
def empty(slug: str, code: str, reason: str) -> str | AnyResponse:
    """Say why there is nothing to do, and what there is instead."""
    project, language = _place(slug, code)
    if reason not in list(Empty):
        return see_other("annotations.start", slug=slug, code=code)
    return render_template(
        "annotations/empty.html",
        project=project,
        language=language,
        reason=reason,
        until=clock.parse(request.args.get("until", "")),
        waiting=request.args.get("waiting", type=row_number),
        most_waiting=assignment_queries.MOST_WAITING,
        reviews_here=language.id in current_actor().ambassador_of,
        skipped=just_skipped(),
    )


@blueprint.route("/work/<int:assignment_id>", methods=["GET", "POST"])
@requires(Permission.WORK_CLAIM)
def work(slug: str, code: str, assignment_id: int) -> AnyResponse:
    """One prompt and its form; the button decides: submit, already good, save, reserve again, skip, give back."""
    project, language = _place(slug, code)
    session, form = db_session(), WorkForm()
    if writing.is_anothers(form):
        return writing.tell_other(form)
    assignment = assignment_queries.get(session, assignment_id, person_id=current_actor().person_id)
    prompt = assignment.prompt
    revision = session.get(Revision, prompt.revision_id) if prompt.revision_id else None
    starting = texts_of_prompt(prompt, revision)
    if revision is not None and taken_back(revision):
        # Whoever was at work sees what they typed themselves, and nothing of what was taken back.
        starting = replace(starting, instruction=None, input=None, completion=None)
    piece = Piece(project, language, assignment, starting)
    if request.method == "POST":
        return writing.answer(piece, form)
    if assignment.state not in (*LIVE, "expired"):
        if assignment.state == "submitted":
            warn(words(DomainError("already_submitted")))
        skipped = assignment.id if assignment.state == "skipped" else None
        return see_other("annotations.start", skipped=skipped, **piece.where)
    return page(piece, form)


@blueprint.route("/write", methods=["GET", "POST"])
@requires(Permission.WORK_CLAIM)
def write(slug: str, code: str) -> AnyResponse:
    """A prompt and an answer of one's own."""
    project, language = _place(slug, code)
    form = WorkForm()
    if writing.is_anothers(form):
        return writing.tell_other(form)
    piece = Piece(project, language, None, Texts(None, None, None, language, language, language))
    if request.method == "POST":
        return writing.answer(piece, form)
    if not consent.standing(db_session(), current_actor().person_id or 0):
        return see_other("consent.first", next=request.path)
    return page(piece, form)


@blueprint.post("/write/give-up")
@requires(Permission.WORK_CLAIM)
def give_up(slug: str, code: str) -> AnyResponse:
    """Delete what was begun as something of one's own, after asking."""
    project, language = _place(slug, code)
    piece = Piece(project, language, None, Texts(None, None, None, language, language, language))
    return writing.give_up_original(piece)


@blueprint.post("/work/<int:assignment_id>/undo")
@requires(Permission.WORK_CLAIM)
def undo(slug: str, code: str, assignment_id: int) -> AnyResponse:
    """Take a skip back; where that is too late, show what had been typed."""
    session, actor = db_session(), current_actor()
    assignment = assignment_queries.get(session, assignment_id, person_id=actor.person_id)
    try:
        assignments.undo_skip(session, actor=actor, assignment=assignment)
    except DomainError as error:
        session.rollback()
        draft = assignment_queries.draft_of(session, assignment)
        taken = error.code == "place_taken"
        sentence = _("Others have taken that one meanwhile, so it stays skipped.") if taken else words(error)
        if draft is None or assignment.state != "skipped":
            warn(sentence)
            return see_other("annotations.start", slug=slug, code=code)
        return show_words(_("It stays skipped"), sentence, forms.values_of(draft), status=error.status)
    commit()
    done(_("It is yours again, as you left it."))
    return see_other("annotations.work", slug=slug, code=code, assignment_id=assignment_id)
