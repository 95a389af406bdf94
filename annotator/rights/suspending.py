"""What happens to texts in the transaction that takes them back, and how an undo puts all of it back."""

from datetime import datetime

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.annotations import queries as annotations
from annotator.annotations.models import Annotation, Revision
from annotator.assignments import actions as assignments
from annotator.assignments import queries as assignment_queries
from annotator.assignments.models import Assignment, Draft
from annotator.languages.models import Language
from annotator.prompts import pool
from annotator.prompts.models import Prompt, PromptAuthor
from annotator.review.models import Review
from annotator.rights.models import Withdrawal
from annotator.rights.queries import Reach


def suspend(session: Session, withdrawal: Withdrawal, reach: Reach, now: datetime) -> None:
    """Hide everything within reach, open its places to others, and take its words out of the pool."""
    # Annotations before prompts, as a review locks them.
    annotations.take(session, {*(own.id for own in reach.annotations), *(e.annotation_id for e in reach.edits)})
    for own in reach.annotations:
        _suspend_annotation(session, withdrawal, own, now)
    for edit in reach.edits:
        _suspend_edit(session, withdrawal, edit, now)


def _suspend_annotation(session: Session, withdrawal: Withdrawal, annotation: Annotation, now: datetime) -> None:
    annotation.state_before, annotation.withdrawal_id = annotation.state, withdrawal.id
    annotation.state, annotation.withdrawn_at = "withdrawn", now
    for revision in annotation.revisions:
        if revision.role == "author" and revision.withdrawn_at is None:
            revision.withdrawn_at, revision.withdrawal_id = now, withdrawal.id
    _close_showing(session, withdrawal, annotation.id, annotation.author_id)
    if annotation.assignment_id is not None:
        assignments.free_place(session, session.get_one(Assignment, annotation.assignment_id))
    session.flush()


def _suspend_edit(session: Session, withdrawal: Withdrawal, edit: Revision, now: datetime) -> None:
    """Take back a reviewer's edit; where it was needed, the text may not go out as it was, so it is reviewed again."""
    edit.withdrawn_at, edit.withdrawal_id = now, withdrawal.id
    annotation = edit.annotation
    if edit.edit_needed and annotation.state == "accepted_with_edits":
        annotation.state_before, annotation.state = annotation.state, "in_review"
    _close_showing(session, withdrawal, edit.annotation_id, edit.author_id)


def _close_showing(session: Session, withdrawal: Withdrawal, annotation_id: int, person_id: int) -> None:
    """Close the prompts with these words, and end the work that others have begun from them: its pages show them."""
    shown = pool.close_showing(session, annotation_id=annotation_id, person_id=person_id, withdrawal_id=withdrawal.id)
    for prompt in shown:
        assignments.give_up(session, prompt)


def drop_unfinished(session: Session, person: Person, language: Language | None) -> None:
    """Forget drafts and give back reservations in the scope (§2.6, "draft, pending work")."""
    for assignment in assignment_queries.live(session, person_id=person.id):
        if language is None or assignment.prompt.language_id == language.id:
            assignments.end(session, assignment)
    drafts = select(Draft.id).where(Draft.person_id == person.id)
    if language is not None:
        drafts = drafts.where(Draft.language_id == language.id)
    session.execute(delete(Draft).where(Draft.id.in_(drafts)))
    session.flush()


def restore(session: Session, withdrawal: Withdrawal) -> None:
    """Put back what a withdrawal hid.

    A text whose place somebody else has taken meanwhile comes back without one: nobody loses work, and the prompt has
    one answer more than its overlap.
    """
    owned = set(session.scalars(select(Annotation.id).where(Annotation.withdrawal_id == withdrawal.id)))
    edited = set(session.scalars(select(Revision.annotation_id).where(Revision.withdrawal_id == withdrawal.id)))
    annotations.take(session, owned | edited)
    for annotation in session.scalars(select(Annotation).where(Annotation.id.in_(owned)).order_by(Annotation.id)):
        annotation.state, annotation.withdrawn_at = annotation.state_before or "in_review", None
        annotation.withdrawal_id = annotation.state_before = None
    for revision in session.scalars(select(Revision).where(Revision.withdrawal_id == withdrawal.id)):
        revision.withdrawn_at = revision.withdrawal_id = None
        if revision.role == "reviewer":
            _settle_again(session, withdrawal, revision.annotation)
    session.flush()
    for prompt in pool.closed_by(session, withdrawal.id):
        _open_again(session, prompt)
    for annotation in session.scalars(select(Annotation).where(Annotation.id.in_(owned)).order_by(Annotation.id)):
        if annotation.assignment_id is not None and not annotation.practice and annotation.state != "declined":
            assignments.retake_place(session, session.get_one(Assignment, annotation.assignment_id))
    session.flush()


def _settle_again(session: Session, withdrawal: Withdrawal, annotation: Annotation) -> None:
    """Accept a text again that went back to review for want of a needed edit, unless somebody has gone on since."""
    if annotation.state_before is None or annotation.state != "in_review":
        return
    decided = exists().where(Review.annotation_id == annotation.id, Review.at > withdrawal.requested_at)
    written = exists().where(Revision.annotation_id == annotation.id, Revision.created_at > withdrawal.requested_at)
    missing = exists().where(
        Revision.annotation_id == annotation.id, Revision.edit_needed, Revision.withdrawn_at.is_not(None)
    )
    if not session.scalar(select(or_(decided, written, missing))):
        annotation.state = annotation.state_before
        annotation.state_before = None


def _open_again(session: Session, prompt: Prompt) -> None:
    """Open a prompt that a withdrawal closed; one with words that are still withdrawn stays closed, by that withdrawal."""
    own = (
        select(Annotation.withdrawal_id)
        .join(PromptAuthor, PromptAuthor.annotation_id == Annotation.id)
        .where(PromptAuthor.prompt_id == prompt.id, Annotation.withdrawal_id.is_not(None))
    )
    edits = (
        select(Revision.withdrawal_id)
        .join(
            PromptAuthor,
            (PromptAuthor.annotation_id == Revision.annotation_id) & (PromptAuthor.person_id == Revision.author_id),
        )
        .where(PromptAuthor.prompt_id == prompt.id, Revision.withdrawal_id.is_not(None))
    )
    still = session.scalars(own.union(edits).limit(1)).first()
    if still is None:
        pool.open_again(session, prompt)
    else:
        prompt.withdrawal_id = still
