"""The ambassador's desk: languages, queue, one review."""

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from annotator.annotations import actions as annotation_actions
from annotator.annotations import links
from annotator.annotations import queries as annotations
from annotator.annotations.forms import LinkForm
from annotator.annotations.rules import Texts, began_hidden, newest_own, newest_standing, texts_of
from annotator.assignments import skips
from annotator.assignments.skips import SkippedPrompt
from annotator.errors import Conflict, DomainError, NotFound
from annotator.languages import queries as languages
from annotator.languages.models import Language
from annotator.permissions import Permission, may, permit
from annotator.prompts.models import Prompt
from annotator.quality.rules import Span, diff
from annotator.review import actions, judging, mails, queries
from annotator.review.forms import REASON_WORDS, SKIP_WORDS, ReviewForm
from annotator.web.access import current_actor, requires
from annotator.web.addresses import row_number
from annotator.web.extensions import db_session
from annotator.web.pages import commit, done, refused, see_other, warn
from annotator.web.wording import words

blueprint = Blueprint("review", __name__, url_prefix="/desk")

# How many prompts that people skip stand below the queue; the page of them has all.
BELOW_THE_QUEUE = 3


@blueprint.get("/")
@requires(Permission.REVIEW_QUEUE)
def desk() -> str | AnyResponse:
    """The languages that the ambassador reviews, how much waits in each, and how many prompts people skip."""
    session, actor = db_session(), current_actor()
    mine = sorted((session.get_one(Language, i) for i in actor.ambassador_of), key=lambda language: language.code)
    if len(mine) == 1:
        return see_other("review.queue", code=mine[0].code)
    skipped = skips.how_many(session, actor.ambassador_of)
    rows = [(language, queries.waiting(session, language=language), skipped.get(language.id, 0)) for language in mine]
    return render_template("review/desk.html", rows=rows)


@blueprint.get("/<code>")
@requires(Permission.REVIEW_QUEUE)
def queue(code: str) -> str:
    """What waits in a language: what came back to this reviewer first, then the oldest; and prompts that people skip."""
    session, actor = db_session(), current_actor()
    language = languages.by_code(session, code)
    permit(actor, Permission.REVIEW_QUEUE, language_id=language.id)
    waiting = queries.queue(session, language=language, reviewer_id=actor.person_id or 0)
    for annotation in waiting:
        annotations.load_lineage(session, annotation.revisions)
    skipped = skips.prompts_skipped(session, {language.id}, limit=BELOW_THE_QUEUE + 1)
    return render_template(
        "review/queue.html",
        skipped=_shown(skipped[:BELOW_THE_QUEUE]),
        more_skipped=len(skipped) > BELOW_THE_QUEUE,
        skip_words=SKIP_WORDS,
        language=language,
        rows=[(annotation, texts_of(newest_own(annotation))) for annotation in waiting],
        total=queries.waiting(session, language=language),
        to_mend=queries.without_prompt(session, language=language, reviewer_id=actor.person_id or 0),
    )


@blueprint.get("/<code>/prompts")
@requires(Permission.PROMPT_JUDGE)
def prompts(code: str) -> str:
    """Prompts that people skip, a page of them; one that was closed just now stands above, to be opened again."""
    session, language = db_session(), _judged_language(code)
    after = request.args.get("after", 0, type=row_number)
    skipped = skips.prompts_skipped(session, {language.id}, limit=skips.PAGE + 1, after=after)
    closed = session.get(Prompt, request.args.get("closed", 0, type=row_number))
    return _prompts_page(
        "review/prompts.html",
        language,
        skipped,
        undo=closed
        if closed and closed.language_id == language.id and judging.why_not_open(session, closed) is None
        else None,
    )


@blueprint.get("/<code>/prompts/closed")
@requires(Permission.PROMPT_JUDGE)
def closed_prompts(code: str) -> str:
    """Prompts that were closed because people skipped them."""
    session, language = db_session(), _judged_language(code)
    after = request.args.get("after", 0, type=row_number)
    closed = skips.prompts_closed(session, {language.id}, limit=skips.PAGE + 1, after=after)
    stays = {row.prompt.id: judging.why_not_open(session, row.prompt) for row in closed[: skips.PAGE]}
    return _prompts_page("review/closed_prompts.html", language, closed, stays=stays, words=_words_of)


@blueprint.post("/<code>/prompts/<int:prompt_id>")
@requires(Permission.PROMPT_JUDGE)
def judge(code: str, prompt_id: int) -> AnyResponse:
    """Close a prompt for everybody, keep it, or open it again."""
    session, language = db_session(), _judged_language(code)
    prompt = session.get(Prompt, prompt_id)
    if prompt is None or prompt.language_id != language.id:
        raise NotFound("prompt_unknown")
    verdict = request.form.get("do", "")
    try:
        judging.judge(session, actor=current_actor(), prompt=prompt, verdict=verdict)
    except Conflict as error:
        session.rollback()
        warn(words(error))
        return see_other("review.prompts", code=code)
    commit()
    if verdict == judging.Verdict.CLOSE:
        return see_other("review.prompts", code=code, closed=prompt.id)
    done(
        _("Kept. It comes back to the desk only if more people skip it.")
        if verdict == judging.Verdict.KEEP
        else _("It is offered again.")
    )
    return see_other("review.prompts", code=code)


def _judged_language(code: str) -> Language:
    """Return the language, for somebody who may judge its prompts."""
    language = languages.by_code(db_session(), code)
    permit(current_actor(), Permission.PROMPT_JUDGE, language_id=language.id)
    return language


def _prompts_page(template: str, language: Language, found: list[SkippedPrompt], **more: object) -> str:
    """Return a page of prompts; ``found`` has one more than the page where there are more pages."""
    page = found[: skips.PAGE]
    return render_template(
        template,
        language=language,
        rows=_shown(page),
        following=page[-1].prompt.id if len(found) > len(page) else None,
        skip_words=SKIP_WORDS,
        reviews=may(current_actor(), Permission.REVIEW_QUEUE, language_id=language.id),
        **more,
    )


def _shown(found: list[SkippedPrompt]) -> list[tuple[SkippedPrompt, Texts | None]]:
    """Return the prompts, each with its words, or None where they were taken back."""
    texts = queries.texts_shown(db_session(), (one.prompt for one in found))
    return [(one, texts[one.prompt.id]) for one in found]


def _words_of(code: str) -> str:
    """Return why a prompt stays closed, in words."""
    return words(Conflict(code))


@blueprint.route("/<code>/<public_id>", methods=["GET", "POST"])
@requires(Permission.REVIEW_QUEUE)
def review(code: str, public_id: str) -> str | Response | AnyResponse:
    """One annotation beside its starting text, and the decision about it."""
    session, actor = db_session(), current_actor()
    language = languages.by_code(session, code)
    annotation = annotations.by_public_id(session, public_id)
    permit(actor, Permission.REVIEW_QUEUE, language_id=annotation.language_id)
    permit(
        actor,
        Permission.ANNOTATION_READ,
        owner_id=annotation.author_id,
        language_id=annotation.language_id,
        state=annotation.standing,
    )
    form = ReviewForm()
    annotations.load_lineage(session, annotation.revisions)
    newest = newest_standing(annotation)
    if newest is None or newest.number < newest_own(annotation).number:
        raise Conflict("text_withdrawn")
    shown = texts_of(newest)
    if request.method == "GET":
        form.fill(shown, newest_own(annotation).id)
    elif form.validate():
        outcome = request.form.get("do", "")
        try:
            made = actions.decide(
                session,
                actor=actor,
                annotation=annotation,
                outcome=outcome,
                reasons=form.reasons.data or [],
                note=form.note.data,
                written=form.written(),
                edit_needed=form.edit_needed.data,
                revision_id=form.revision_id.data,
            )
            if made.outcome == "changes_requested":
                mails.changes_requested(session, made)
            commit()
            done(said(made.outcome))
            following = queries.queue(session, language=language, reviewer_id=actor.person_id or 0, limit=1)
            if following:
                return see_other("review.review", code=code, public_id=following[0].public_id)
            return see_other("review.queue", code=code)
        except DomainError as error:
            refused(form, error, {"edit_missing": "completion", "edit_not_wanted": "completion"}.get(error.code))
            annotation = annotations.by_public_id(session, public_id)
    beside = annotation.kind == "reannotate" and not began_hidden(annotation)
    starting = annotation_actions.starting_texts(session, annotation) if beside else None
    return render_template(
        "review/review.html",
        form=form,
        annotation=annotation,
        language=language,
        shown=shown,
        starting=starting,
        changes=changes_between(starting, shown) if starting else {},
        own=annotation.author_id == actor.person_id,
        reviews=[
            made
            for made in queries.reviews_of(session, annotation)
            # Others' decisions about this very revision would bias: they show after one's own.
            if made.revision_id != newest_own(annotation).id or made.reviewer_id == actor.person_id
        ],
        link_form=LinkForm.of(annotation),
        outcome_words=said,
        reason_words=REASON_WORDS,
        check=newest_own(annotation).language_check,
    ), 422 if form.errors else 200  # type: ignore[return-value]  # Flask takes (body, status)


@blueprint.post("/<code>/<public_id>/link")
@requires(Permission.ANNOTATION_LINK)
def link(code: str, public_id: str) -> AnyResponse:
    """Correct how a text was made from the one that it began with."""
    session, actor = db_session(), current_actor()
    annotation = annotations.by_public_id(session, public_id)
    permit(actor, Permission.REVIEW_QUEUE, language_id=annotation.language_id)
    try:
        links.correct(session, actor=actor, annotation=annotation, link=request.form.get("link", ""))
    except DomainError as error:
        session.rollback()
        warn(words(error))
    else:
        commit()
        done(_("Corrected."))
    return see_other("review.review", code=code, public_id=public_id)


def changes_between(before: Texts, after: Texts) -> dict[str, list[Span]]:
    """Return, for each text that differs, how the one became the other."""
    found = {}
    for name, language in (
        ("instruction", after.instruction_language),
        ("input", after.input_language),
        ("completion", after.completion_language),
    ):
        old, new = getattr(before, name) or "", getattr(after, name) or ""
        if old != new:
            found[name] = diff(old, new, language.script)
    return found


def said(outcome: str) -> str:
    """Return what the reviewer reads after a decision."""
    words = {
        "accepted": _("Accepted."),
        "accepted_with_edits": _("Accepted with your edits. The author keeps the credit and sees the difference."),
        "changes_requested": _("Sent back with your message. You will see it first when it returns."),
        "declined": _("Declined. The author sees your reason."),
    }
    return str(words[outcome])
