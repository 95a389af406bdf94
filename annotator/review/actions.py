"""Decide about an annotation; what an acceptance opens in the pool follows in the same transaction."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock, text
from annotator.annotations import actions as annotations
from annotator.annotations import queries as annotation_queries
from annotator.annotations import rules as annotation_rules
from annotator.annotations.models import Annotation, Revision
from annotator.annotations.rules import Written
from annotator.assignments import actions as assignments
from annotator.assignments.models import Assignment
from annotator.audit import actions as audit
from annotator.consent import queries as consent
from annotator.consent.rules import Text, decisions
from annotator.errors import Conflict, Forbidden, Invalid
from annotator.permissions import Actor, Permission, may, permit
from annotator.prompts import pool
from annotator.prompts.models import Prompt
from annotator.review import queries, rules
from annotator.review.models import Review
from annotator.review.rules import ACCEPTING, Outcome

DECIDED = ("changes_requested", "accepted", "accepted_with_edits", "declined")


def decide(
    session: Session,
    *,
    actor: Actor,
    annotation: Annotation,
    outcome: str,
    reasons: Sequence[str] = (),
    note: str | None = None,
    written: Written | None = None,
    edit_needed: bool = False,
    revision_id: int | None = None,
) -> Review:
    """Record a reviewer's decision about the author's newest revision.

    ``written`` is the reviewer's own version, for "accepted with edits"; it becomes a revision by the reviewer.
    ``edit_needed``: without the edit the text must not go out. ``revision_id`` is what the reviewer saw.
    Raises Forbidden for own work, another language or a state that is not in review; Conflict
    ``revision_newer`` or ``reviewed_already``; Invalid for what the outcome still needs.
    """
    # The project before annotations and prompts: what is accepted may enter its pool, with the places of its overlap.
    session.refresh(annotation.project, ["overlap"], with_for_update={"read": True})
    # What it was made from before the annotation itself, as a withdrawal marks what builds on its texts.
    annotation_queries.load_lineage(session, annotation.revisions)
    above = {r.annotation_id for r in annotation_rules.lineage(annotation.revisions[-1])} - {annotation.id}
    if above:
        annotation_queries.hold(session, above)
    session.refresh(annotation, with_for_update=True)
    if annotation.state in DECIDED and may(actor, Permission.REVIEW_QUEUE, language_id=annotation.language_id):
        raise Conflict("decided_already")
    permit(
        actor,
        Permission.REVIEW_DECIDE,
        owner_id=annotation.author_id,
        language_id=annotation.language_id,
        state=annotation.state,
    )
    reviewer_id = actor.person_id
    if reviewer_id is None or annotation.practice:
        raise Forbidden("not_permitted", permission=Permission.REVIEW_DECIDE.value)
    revision = annotation_rules.newest_own(annotation)
    if revision_id is not None and revision.id != revision_id:
        raise Conflict("revision_newer")
    if session.scalar(select(Review.id).where(Review.revision_id == revision.id, Review.reviewer_id == reviewer_id)):
        raise Conflict("reviewed_already")
    annotation_queries.load_lineage(session, annotation.revisions)
    newest = annotation_rules.newest_standing(annotation)
    if newest is None or newest.number < revision.number:
        raise Conflict("text_withdrawn")
    fields = annotation_rules.changed(annotation_rules.texts_of(newest), written) if written else {}
    note = text.clean(note)
    chosen = rules.check(outcome, list(reasons), note, edited=bool(fields))
    edited = None
    if chosen is Outcome.ACCEPTED_WITH_EDITS:
        if any(fields.get(name) == "" for name in ("instruction", "completion")):
            raise Invalid("edit_empties_text")
        if not consent.standing(session, reviewer_id):
            raise Forbidden("consent_needed")
        edited = annotations.append_reviewers_edit(
            session, annotation, parent=newest, reviewer_id=reviewer_id, fields=fields, needed=edit_needed
        )
    review = Review(
        annotation=annotation,
        revision=revision,
        reviewer_id=reviewer_id,
        outcome=chosen.value,
        reasons=list(reasons),
        note=note,
        edited_revision=edited,
        at=clock.now(),
    )
    session.add(review)
    session.flush()
    _follow(session, annotation, revision, chosen)
    audit.record(
        session,
        actor=actor,
        action=f"review.{chosen.value}",
        object_kind="annotation",
        object_id=annotation.id,
        revision=revision.number,
    )
    session.flush()
    return review


def _follow(session: Session, annotation: Annotation, revision: Revision, outcome: Outcome) -> None:
    """Bring the annotation into the state that the decision leads to."""
    if outcome is Outcome.CHANGES_REQUESTED:
        annotation.state = "changes_requested"
    elif outcome is Outcome.DECLINED:
        annotation.state = "declined"
        if annotation.assignment_id is not None:
            assignments.free_place(session, session.get_one(Assignment, annotation.assignment_id))
    elif outcome in ACCEPTING and queries.acceptances(session, revision) >= annotation.project.reviews:
        _accept(session, annotation, revision)


def _accept(session: Session, annotation: Annotation, revision: Revision) -> None:
    """Mark what may go out: the reviewers' edits, and the author's revision unless an edit of it is needed."""
    now = clock.now()
    # An edit that was taken back meanwhile is accepted by nobody; the text itself may well be.
    edits = [
        r
        for r in annotation.revisions
        if r.role == "reviewer" and r.number > revision.number and not annotation_rules.taken_back(r)
    ]
    for edit in edits:
        edit.accepted_at = now
    if not any(edit.edit_needed for edit in edits):
        revision.accepted_at = now
    annotation.state = "accepted_with_edits" if edits else "accepted"
    offer_again(session, annotation)


def offer_again(session: Session, annotation: Annotation) -> Prompt | None:
    """Put an accepted text into the pool for re-annotation, where the project wants that and every author allows it.

    Of a chain only the newest accepted revision is offered: the prompt of the text it was made from is closed.
    """
    if not annotation.project.reannotate_contributions:
        return None
    annotation_queries.load_lineage(session, annotation.revisions)
    # A withdrawal waits until this has ended and then closes the prompt, or has ended and is seen here.
    annotation_queries.hold(session, {r.annotation_id for r in annotation_rules.lineage(annotation.revisions[-1])})
    newest = annotation_rules.newest_standing(annotation)
    if newest is None or newest.accepted_at is None:
        return None
    behind = [part.rev for part in annotation_rules.behind(newest)]
    events = consent.events_of(session, {r.author_id for r in behind})
    now = clock.now()
    written = [
        pool.Author(r.author_id, r.annotation_id, r.annotation.language_id, r.annotation.created_at) for r in behind
    ]
    for revision, author in zip(behind, written, strict=True):
        # A reviewer's edit is given under the item's own terms; later denials narrow it, and are met at the claim.
        stands = decisions(
            events[author.person_id], Text(author.language_id, author.given_at, author.annotation_id), at=now
        )
        if revision.role == "author" and not stands.rights.derive:
            return None
    if annotation.prompt is not None and annotation.prompt.revision_id is not None:
        pool.close(session, annotation.prompt)
    for earlier in annotation.revisions:
        pool.close_pointing_at(session, earlier.id)
    texts = annotation_rules.texts_of(newest)
    origin = annotation_rules.lineage(newest)[-1].annotation.prompt
    return pool.offer_revision(
        session,
        revision_id=newest.id,
        project=annotation.project,
        language_id=annotation.language_id,
        instruction_language_id=texts.instruction_language.id,
        input_language_id=texts.input_language.id if texts.input else None,
        origin=origin,
        authors=written,
    )
