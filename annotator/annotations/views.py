"""The pages of doing the work: start, annotate, nothing to do, write your own."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from annotator import clock
from annotator.annotations import actions
from annotator.annotations.forms import WorkForm
from annotator.annotations.models import Annotation, Revision
from annotator.annotations.rules import Texts, taken_back, texts_of_prompt
from annotator.assignments import actions as assignments
from annotator.assignments import queries as assignment_queries
from annotator.assignments.models import Assignment
from annotator.assignments.rules import Empty, SkipReason
from annotator.consent import queries as consent
from annotator.consent.rules import is_practice
from annotator.errors import DomainError
from annotator.languages import queries as languages
from annotator.languages.models import Language
from annotator.permissions import Permission
from annotator.projects import queries as projects
from annotator.projects.models import Project
from annotator.web.access import current_actor, requires
from annotator.web.extensions import db_session
from annotator.web.pages import commit, done, refused, see_other, wants_fragment, warn

blueprint = Blueprint("annotations", __name__, url_prefix="/projects/<slug>/<code>")

# Which field of the form a refusal stands beside.
FIELD_OF = {
    "instruction_missing": "instruction",
    "completion_missing": "completion",
    "ai_assisted_unknown": "ai_assisted",
}


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
    mine = [
        a
        for a in assignment_queries.live(db_session(), person_id=person_id, project=project)
        if a.prompt.language_id == language.id
    ]
    if mine:
        return see_other("annotations.work", slug=slug, code=code, assignment_id=mine[0].id)
    draft = assignment_queries.original_draft(db_session(), person_id=person_id, project=project, language=language)
    return render_template("annotations/start.html", project=project, language=language, draft=draft)


@blueprint.post("/claim")
@requires(Permission.WORK_CLAIM)
def claim(slug: str, code: str) -> AnyResponse:
    """Reserve the next prompt and go there, or say why there is none."""
    project, language = _place(slug, code)
    kinds = request.form.getlist("kinds") or None
    return _next(project, language, kinds)


def _next(project: Project, language: Language, kinds: list[str] | None = None) -> AnyResponse:
    """Claim, commit, and lead to the work or to the page that says why there is none."""
    try:
        result = assignments.claim(db_session(), actor=current_actor(), project=project, language=language, kinds=kinds)
    except DomainError as error:
        if error.code != "consent_needed":
            raise
        db_session().rollback()
        return see_other("consent.first", next=request.path.rsplit("/", 1)[0] + "/work")
    commit()
    where: dict[str, Any] = {"slug": project.slug, "code": language.code}
    if result.assignment is not None:
        return see_other("annotations.work", assignment_id=result.assignment.id, **where)
    until = result.retry_at.isoformat() if result.retry_at else None
    return see_other("annotations.empty", reason=result.reason, until=until, **where)


@blueprint.get("/empty/<reason>")
@requires(Permission.WORK_CLAIM)
def empty(slug: str, code: str, reason: str) -> str | AnyResponse:
    """Say why there is nothing to do, and what there is instead."""
    project, language = _place(slug, code)
    if reason not in list(Empty):
        return see_other("annotations.start", slug=slug, code=code)
    until = request.args.get("until", "")
    return render_template(
        "annotations/empty.html", project=project, language=language, reason=reason, until=clock.parse(until)
    )


@blueprint.route("/work/<int:assignment_id>", methods=["GET", "POST"])
@requires(Permission.WORK_CLAIM)
def work(slug: str, code: str, assignment_id: int) -> str | Response | AnyResponse:
    """One prompt and its form; the button decides: submit, already good, save, skip, give back."""
    project, language = _place(slug, code)
    session, actor = db_session(), current_actor()
    assignment = assignment_queries.get(session, assignment_id, person_id=actor.person_id)
    prompt = assignment.prompt
    revision = session.get(Revision, prompt.revision_id) if prompt.revision_id else None
    starting = texts_of_prompt(prompt, revision)
    if revision is not None and taken_back(revision):
        # Whoever was at work sees what they typed themselves, and nothing of what was taken back.
        starting = replace(starting, instruction=None, input=None, completion=None)
    form = WorkForm()
    if request.method == "GET":
        if assignment.state in ("submitted", "skipped", "released"):
            return see_other("annotations.start", slug=slug, code=code)
        draft = assignment_queries.draft_of(session, assignment)
        if draft is not None:
            form.fill_from_draft(draft)
        elif prompt.kind == "reannotate":
            form.fill_from_texts(starting)
    elif form.validate():
        answer = _act(form, project, language, assignment)
        if answer is not None:
            return answer
    return render_template(
        "annotations/annotate.html",
        form=form,
        project=project,
        language=language,
        kind=prompt.kind,
        assignment=assignment,
        prompt=prompt,
        starting=starting,
        practice=_is_practice(language),
        skip_reasons=skip_words(),
    ), 422 if form.errors else 200  # type: ignore[return-value]  # Flask takes (body, status)


def _act(form: WorkForm, project: Project, language: Language, assignment: Assignment) -> AnyResponse | None:
    """Do what the pressed button says; None when the action refused and the form is shown again."""
    session, actor = db_session(), current_actor()
    pressed = request.form.get("do", "submit")
    try:
        if pressed == "save":
            return _save(form, project, language, assignment)
        if pressed == "skip":
            assignments.skip(session, actor=actor, assignment=assignment, reason=request.form.get("reason", "other"))
            commit()
            done(_("Skipped. You will not see that one again."))
            return _next(project, language)
        if pressed == "release":
            assignments.release(session, actor=actor, assignment=assignment)
            commit()
            done(_("Given back."))
            return see_other("annotations.start", slug=project.slug, code=language.code)
        annotation = actions.submit(
            session, actor=actor, assignment=assignment, written=form.written(already_good=pressed == "good")
        )
    except DomainError as error:
        if wants_fragment():
            raise
        refused(form, error, FIELD_OF.get(error.code) or _rating_field(error))
        return None
    commit()
    thank(annotation)
    return _next(project, language)


def _save(form: WorkForm, project: Project, language: Language, assignment: Assignment | None) -> AnyResponse:
    """Keep what was written so far; a script is told the draft's version, a person sees the page again."""
    draft = assignments.save_draft(
        db_session(),
        actor=current_actor(),
        project=project,
        language=language,
        assignment=assignment,
        texts=form.texts(),
        version=form.version.data or 0,
    )
    commit()
    if wants_fragment():
        return jsonify(version=draft.version, saved_at=draft.saved_at.isoformat())
    where = {"slug": project.slug, "code": language.code}
    if assignment is None:
        done(_("Saved. You find it again here and under “My words”."))
        return see_other("annotations.write", **where)
    done(_("Saved. It is reserved for you for another hour."))
    return see_other("annotations.work", assignment_id=assignment.id, **where)


def _rating_field(error: DomainError) -> str | None:
    return str(error.facts["field"]) if error.code.startswith("rating_") else None


def thank(annotation: Annotation) -> None:
    """Say that the work has arrived; and, never blocking, that it looks like another language."""
    if annotation.practice:
        done(_("Kept as practice work: only you can see it."))
    else:
        done(_("Thank you. It is on its way to review."))
    check = annotation.revisions[-1].language_check
    if check.get("verdict") == "suspicious":
        warn(
            _(
                "You wrote in %(language)s; to a machine this looks like another language. If it is right, do nothing: "
                "people decide. If not, you can still change it under “My words”.",
                language=annotation.language.english,
            )
        )


@blueprint.route("/write", methods=["GET", "POST"])
@requires(Permission.WORK_CLAIM)
def write(slug: str, code: str) -> str | Response | AnyResponse:
    """A prompt and an answer of one's own."""
    project, language = _place(slug, code)
    session, actor = db_session(), current_actor()
    if not consent.standing(session, actor.person_id or 0) and request.method == "GET":
        return see_other("consent.first", next=request.path)
    form = WorkForm()
    if request.method == "GET":
        draft = assignment_queries.original_draft(
            session, person_id=actor.person_id or 0, project=project, language=language
        )
        if draft is not None:
            form.fill_from_draft(draft)
    elif form.validate():
        try:
            if request.form.get("do") == "save":
                return _save(form, project, language, None)
            annotation = actions.submit_original(
                session, actor=actor, project=project, language=language, written=form.written()
            )
            commit()
            thank(annotation)
            return see_other("annotations.write", slug=slug, code=code)
        except DomainError as error:
            if wants_fragment():
                raise
            refused(form, error, FIELD_OF.get(error.code))
    return render_template(
        "annotations/annotate.html",
        form=form,
        project=project,
        language=language,
        kind="original",
        assignment=None,
        prompt=None,
        starting=Texts(None, None, None, language, language, language),
        practice=_is_practice(language),
        skip_reasons=[],
    ), 422 if form.errors else 200  # type: ignore[return-value]  # Flask takes (body, status)


def _is_practice(language: Language) -> bool:
    """Say whether what is written now would be practice work."""
    person_id = current_actor().person_id or 0
    found = consent.decisions_for(db_session(), person_id, language_id=language.id, at=clock.now())
    return is_practice(found.rights)


def skip_words() -> list[tuple[str, str]]:
    """Return the reasons for skipping, in words."""
    words = {
        SkipReason.UNCLEAR: _("not clear"),
        SkipReason.WRONG_LANGUAGE: _("another language"),
        SkipReason.OFFENSIVE: _("harmful"),
        SkipReason.PERSONAL_DATA: _("about a private person"),
        SkipReason.DO_NOT_KNOW: _("I do not know this"),
        SkipReason.OTHER: _("another reason"),
    }
    return [(reason.value, words[reason]) for reason in SkipReason]
