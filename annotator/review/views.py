"""The ambassador's desk: languages, queue, one review."""

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from annotator.annotations import actions as annotation_actions
from annotator.annotations import queries as annotations
from annotator.annotations.rules import Texts, newest_own, newest_standing, texts_of
from annotator.errors import Conflict, DomainError
from annotator.languages import queries as languages
from annotator.languages.models import Language
from annotator.permissions import Permission, permit
from annotator.quality.rules import Span, diff
from annotator.review import actions, mails, queries
from annotator.review.forms import REASON_WORDS, ReviewForm
from annotator.web.access import current_actor, requires
from annotator.web.extensions import db_session
from annotator.web.pages import commit, done, refused, see_other

blueprint = Blueprint("review", __name__, url_prefix="/desk")


@blueprint.get("/")
@requires(Permission.REVIEW_QUEUE)
def desk() -> str | AnyResponse:
    """The languages that the ambassador reviews, and how much waits in each."""
    session, actor = db_session(), current_actor()
    mine = sorted((session.get_one(Language, i) for i in actor.ambassador_of), key=lambda language: language.code)
    if len(mine) == 1:
        return see_other("review.queue", code=mine[0].code)
    rows = [(language, queries.waiting(session, language=language)) for language in mine]
    return render_template("review/desk.html", rows=rows)


@blueprint.get("/<code>")
@requires(Permission.REVIEW_QUEUE)
def queue(code: str) -> str:
    """What waits in a language: what came back to this reviewer first, then the oldest."""
    session, actor = db_session(), current_actor()
    language = languages.by_code(session, code)
    permit(actor, Permission.REVIEW_QUEUE, language_id=language.id)
    waiting = queries.queue(session, language=language, reviewer_id=actor.person_id or 0)
    for annotation in waiting:
        annotations.load_lineage(session, annotation.revisions)
    return render_template(
        "review/queue.html",
        language=language,
        rows=[(annotation, texts_of(newest_own(annotation))) for annotation in waiting],
        total=queries.waiting(session, language=language),
    )


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
    starting = annotation_actions.starting_texts(session, annotation) if annotation.kind == "reannotate" else None
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
        outcome_words=said,
        reason_words=REASON_WORDS,
        check=newest_own(annotation).language_check,
    ), 422 if form.errors else 200  # type: ignore[return-value]  # Flask takes (body, status)


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
