"""Take a text back: suspended in the same transaction, out of the next release along the lineage (rights-model §2.6)."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.annotations import queries as annotation_queries
from annotator.annotations.models import Annotation, Revision
from annotator.assignments import actions as assignments
from annotator.assignments import queries as assignment_queries
from annotator.assignments.models import Assignment, Draft
from annotator.audit import actions as audit
from annotator.errors import Invalid, NotFound
from annotator.languages.models import Language
from annotator.ledger import actions as ledger
from annotator.permissions import Actor, Permission, permit
from annotator.prompts import pool
from annotator.rights import queries
from annotator.rights.models import Withdrawal


def withdraw(
    session: Session,
    *,
    actor: Actor,
    person: Person,
    annotation: Annotation | None = None,
    language: Language | None = None,
) -> Withdrawal:
    """Withdraw one text, all texts in a language, or (neither given) everything that ``person`` wrote.

    From this transaction on the texts are shown to nobody but their author and stand in no new release; work
    that others made from them falls back or stays out; their places in the pool open again. Raises Invalid
    ``nothing_to_withdraw``, NotFound for another person's text, Forbidden for another actor.
    """
    ledger.queue_up(session)  # one withdrawal after the other: two that reach each other's texts would wait in a ring
    if annotation is not None:
        if annotation.author_id != person.id:
            raise NotFound("annotation_unknown", id=annotation.public_id)
        session.refresh(annotation, with_for_update=True)
        permit(actor, Permission.ANNOTATION_WITHDRAW, owner_id=annotation.author_id, state=annotation.standing)
    else:
        permit(actor, Permission.ANNOTATION_WITHDRAW, owner_id=person.id, state="in_review")
    scope = "text" if annotation else "language" if language else "everything"
    reach = queries.reach(session, person, annotation=annotation, language=language)
    if not reach.annotations and not reach.edits:
        raise Invalid("nothing_to_withdraw")
    now = clock.now()
    # Annotations before prompts, as a review locks them.
    annotation_queries.take(session, {*(own.id for own in reach.annotations), *(e.annotation_id for e in reach.edits)})
    for own in reach.annotations:
        _suspend(session, own, now)
    for edit in reach.edits:
        edit.withdrawn_at = now
        _return_to_review(edit)
        _close_showing(session, annotation_id=edit.annotation_id, person_id=person.id)
    if annotation is None:
        _drop_unfinished(session, person, language)
    entry = ledger.append(
        session,
        type="text.withdrawn",
        person_id=person.id,
        payload={
            "scope": scope,
            "language": language.code if language else None,
            "annotations": [own.public_id for own in reach.annotations],
            "edits": len(reach.edits),
        },
    )
    withdrawal = Withdrawal(
        person_id=person.id,
        scope=scope,
        language_id=language.id if language else None,
        annotation_id=annotation.id if annotation else None,
        state="suspended",
        n_texts=len(reach.annotations) + len(reach.edits),
        requested_at=now,
        requested_by=actor.name,
        ledger_seq=entry.seq,
    )
    session.add(withdrawal)
    session.flush()
    audit.record(
        session, actor=actor, action="rights.withdrawn", object_kind="withdrawal", object_id=withdrawal.id, scope=scope
    )
    return withdrawal


def _suspend(session: Session, annotation: Annotation, now: datetime) -> None:
    """Take one annotation out: hidden, its place free again, its text out of the pool."""
    annotation.state, annotation.withdrawn_at = "withdrawn", now
    for revision in annotation.revisions:
        if revision.role == "author":
            revision.withdrawn_at = now
    _close_showing(session, annotation_id=annotation.id, person_id=annotation.author_id)
    if annotation.assignment_id is not None:
        assignments.free_place(session, session.get_one(Assignment, annotation.assignment_id))
    session.flush()


def _close_showing(session: Session, *, annotation_id: int, person_id: int) -> None:
    """Close the prompts with these words, and end the work that others have begun from them: its pages show them."""
    for prompt in pool.close_showing(session, annotation_id=annotation_id, person_id=person_id):
        assignments.give_up(session, prompt)


def _return_to_review(edit: Revision) -> None:
    """An edit that was needed is gone: the text may not go out as it was, so it is reviewed again."""
    annotation = edit.annotation
    if edit.edit_needed and annotation.state == "accepted_with_edits":
        annotation.state = "in_review"


def _drop_unfinished(session: Session, person: Person, language: Language | None) -> None:
    """Forget drafts and give back reservations in the scope (§2.6, "draft, pending work")."""
    for assignment in assignment_queries.live(session, person_id=person.id):
        if language is None or assignment.prompt.language_id == language.id:
            assignments.end(session, assignment)
    drafts = select(Draft.id).where(Draft.person_id == person.id)
    if language is not None:
        drafts = drafts.where(Draft.language_id == language.id)
    session.execute(delete(Draft).where(Draft.id.in_(drafts)))
    session.flush()
