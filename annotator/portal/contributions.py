"""My words: everything that a person wrote, what became of it, and where it went."""

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from annotator.annotations import actions, queries
from annotator.annotations.forms import WorkForm
from annotator.annotations.models import Annotation, Revision
from annotator.annotations.rules import newest_own, taken_back, texts_for
from annotator.annotations.views import FIELD_OF, thank
from annotator.assignments import queries as assignments
from annotator.errors import DomainError
from annotator.permissions import Permission, may, permit
from annotator.portal import queries as portal
from annotator.projects.models import Project
from annotator.quality.rules import Span
from annotator.review import queries as reviews
from annotator.review.forms import REASON_WORDS
from annotator.review.views import changes_between, said
from annotator.web.access import current_actor, signed_in_required
from annotator.web.addresses import row_number
from annotator.web.extensions import db_session
from annotator.web.pages import commit, refused, see_other

blueprint = Blueprint("contributions", __name__, url_prefix="/mine")


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
        unfinished=[
            (assignment, session.get_one(Project, assignment.prompt.project_id))
            for assignment in assignments.live(session, person_id=person_id)
        ],
        drafts=[d for d in assignments.drafts_of(session, person_id=person_id) if d.assignment_id is None],
        state_words=state_words(),
    )


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
    begun_from = annotation.revisions[0].parent
    fallen = begun_from is not None and taken_back(begun_from)
    starting = actions.starting_texts(session, annotation) if annotation.kind == "reannotate" and not fallen else None
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
        and may(actor, Permission.ANNOTATION_REVISE, owner_id=annotation.author_id, state=annotation.state),
        may_withdraw=own and annotation.withdrawn_at is None,
        outcome_words=said,
        reason_words=REASON_WORDS,
        state_words=state_words(),
    ), 422 if form.errors else 200  # type: ignore[return-value]  # Flask takes (body, status)


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
