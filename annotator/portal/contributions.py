"""My words: everything that a person wrote, what became of it, and where it went; and what is unfinished."""

from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from annotator import clock
from annotator.annotations import actions, links, queries
from annotator.annotations.forms import LinkForm, WorkForm
from annotator.annotations.models import Annotation, Revision
from annotator.annotations.pieces.views import thank
from annotator.annotations.rules import began_hidden, newest_own, taken_back, texts_for
from annotator.annotations.writing.views import FIELD_OF
from annotator.assignments import queries as assignments
from annotator.assignments.models import Assignment, Draft
from annotator.errors import DomainError, NotFound
from annotator.languages.models import Language
from annotator.permissions import Permission, may, permit
from annotator.portal import queries as portal
from annotator.projects.models import Project
from annotator.quality.rules import Span
from annotator.review import queries as reviews
from annotator.review.forms import REASON_WORDS
from annotator.review.views import changes_between, said
from annotator.rights.mending import queries as mending
from annotator.web.access import current_actor, signed_in_required
from annotator.web.addresses import row_number
from annotator.web.extensions import db_session
from annotator.web.pages import commit, done, refused, see_other, warn
from annotator.web.wording import words

blueprint = Blueprint("contributions", __name__, url_prefix="/mine")

_FIRST_WORDS = 120


@blueprint.get("/")
@signed_in_required
def index() -> str:
    """A page of the person's annotations, newest first, and what is unfinished."""
    session, person_id = db_session(), current_actor().person_id or 0
    before = request.args.get("before", type=row_number)
    found = queries.written_by(session, person_id, before_id=before)
    for annotation in found:
        queries.load_lineage(session, annotation.revisions)
    published = portal.releases_holding(session, [annotation.id for annotation in found])
    return render_template(
        "portal/contributions.html",
        rows=[
            (annotation, texts_for(newest_own(annotation), person_id), published.get(annotation.id, []))
            for annotation in found
        ],
        older=found[-1].id if len(found) == queries.PAGE else None,
        first_page=before is None,
        to_mend=len(mending.waiting_of(session, person_id)) if before is None else 0,
        unfinished=_unfinished(person_id) if before is None else [],
        state_words=state_words(),
    )


@dataclass(frozen=True)
class Unfinished:
    """A piece of work that was begun: reserved, with or without a draft, run out with a draft, or an original's draft."""

    project: Project
    language: Language
    assignment: Assignment | None
    draft: Draft | None

    @property
    def words(self) -> str:
        """The first words that were typed."""
        written = (self.draft.completion or self.draft.instruction or self.draft.input) if self.draft else ""
        return " ".join(written.split())[:_FIRST_WORDS]


def _unfinished(person_id: int) -> list[Unfinished]:
    """Return what the person has begun and can go on with: what is reserved first, then the newest drafts."""
    session = db_session()
    drafts = assignments.drafts_of(session, person_id=person_id)
    of_work = {draft.assignment_id: draft for draft in drafts if draft.assignment_id is not None}
    reserved = [
        Unfinished(session.get_one(Project, held.project_id), held.prompt.language, held, of_work.get(held.id))
        for held in assignments.live(session, person_id=person_id)
    ]
    begun = [
        Unfinished(draft.project, draft.language, draft.assignment, draft)
        for draft in drafts
        # What was skipped just now is kept only for undoing that.
        if draft.assignment is None or draft.assignment.state == "expired"
    ]
    return [*reserved, *begun]


@blueprint.route("/<public_id>", methods=["GET", "POST"])
@signed_in_required
def show(public_id: str) -> str | Response | AnyResponse:
    """One annotation: its texts, its revisions, what reviewers said, where it was published; and its next revision."""
    session, actor = db_session(), current_actor()
    annotation = queries.by_public_id(session, public_id)
    permit(actor, Permission.ANNOTATION_READ, owner_id=annotation.author_id, language_id=annotation.language_id)
    queries.load_lineage(session, annotation.revisions)
    newest = newest_own(annotation)
    form = WorkForm()
    if request.method == "GET":
        form.fill_from_texts(texts_for(newest, actor.person_id))
    elif form.validate():
        try:
            actions.revise(session, actor=actor, annotation=annotation, written=form.written())
            commit()
            thank(annotation)
            return see_other("contributions.show", public_id=public_id)
        except DomainError as error:
            refused(form, error, FIELD_OF.get(error.code))
            annotation = queries.by_public_id(session, public_id)
    own = annotation.author_id == actor.person_id
    fallen = annotation.withdrawn_at is None and taken_back(newest)
    beside = annotation.kind == "reannotate" and not began_hidden(annotation)
    starting = actions.starting_texts(session, annotation) if beside else None
    return render_template(
        "portal/contribution.html",
        annotation=annotation,
        shown=texts_for(newest, actor.person_id),
        fallen=fallen,
        starting=starting,
        steps=_steps(annotation, actor.person_id),
        reviews=reviews.reviews_of(session, annotation),
        releases=portal.releases_holding(session, [annotation.id]).get(annotation.id, []),
        form=form,
        own=own,
        may_revise=not fallen
        and annotation.set_aside_kind is None
        and may(actor, Permission.ANNOTATION_REVISE, owner_id=annotation.author_id, state=annotation.state),
        may_withdraw=own and annotation.withdrawn_at is None,
        waits=own and mending.is_waiting(annotation, clock.now()),
        link_form=LinkForm.of(annotation) if own and annotation.withdrawn_at is None else None,
        outcome_words=said,
        reason_words=REASON_WORDS,
        state_words=state_words(),
    ), 422 if form.errors else 200  # type: ignore[return-value]  # Flask takes (body, status)


@blueprint.post("/<public_id>/link")
@signed_in_required
def link(public_id: str) -> AnyResponse:
    """Correct how a text was made from the one that it began with, as its author."""
    session, actor = db_session(), current_actor()
    annotation = queries.by_public_id(session, public_id)
    if annotation.author_id != actor.person_id:
        raise NotFound("annotation_unknown", id=public_id)
    try:
        links.correct(session, actor=actor, annotation=annotation, link=request.form.get("link", ""))
    except DomainError as error:
        session.rollback()
        warn(words(error))
    else:
        commit()
        done(_("Corrected."))
    return see_other("contributions.show", public_id=public_id)


def _steps(annotation: Annotation, reader_id: int | None) -> list[tuple[Revision, dict[str, list[Span]]]]:
    """Return every revision after the first with what it changed; what its author took back shows no words."""
    return [
        (after, changes_between(texts_for(after.parent, reader_id), texts_for(after, reader_id)))
        for after in annotation.revisions[1:]
        if after.parent is not None and (after.author_id == reader_id or not taken_back(after))
    ]


def state_words() -> dict[str, tuple[str, str]]:
    """Return, for each state of an annotation, its words and the kind of badge."""
    return {
        "in_review": (_("in review"), ""),
        "changes_requested": (_("changes asked for"), "warn"),
        "accepted": (_("accepted"), "good"),
        "accepted_with_edits": (_("accepted with edits"), "good"),
        "declined": (_("declined"), "bad"),
        "withdrawn": (_("taken back"), "plain"),
    }
