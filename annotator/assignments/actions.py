"""Write on a reserved prompt, skip it, give it back; the prompt's free places follow. ``claiming`` reserves."""

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.assignments import queries, rules
from annotator.assignments.claiming import Claim, claim
from annotator.assignments.models import Assignment, Draft
from annotator.assignments.rules import LIVE, SkipReason
from annotator.audit import actions as audit
from annotator.consent import queries as consent
from annotator.consent.rules import is_practice
from annotator.errors import Conflict, Forbidden, Invalid
from annotator.languages.models import Language
from annotator.permissions import Actor, Permission, permit
from annotator.projects.models import Project
from annotator.prompts.models import Prompt

__all__ = [
    "Claim", "claim", "drop_draft", "drop_original_draft", "end", "expire_due", "forget_skipped", "free_place",
    "give_up", "lock", "release", "renew", "retake_place", "save_draft", "skip", "undo_skip",
]  # fmt: skip


def save_draft(
    session: Session,
    *,
    actor: Actor,
    project: Project,
    language: Language,
    assignment: Assignment | None,
    texts: dict[str, object],
    version: int,
) -> Draft:
    """Keep what was written so far and renew the lease; ``version`` is the draft's version that the writer saw (0: none).

    ``texts`` has any of instruction, input, completion, rating_prompt, rating_completion, ai_assisted.
    Raises Conflict ``draft_newer`` when another tab has saved since: nothing is overwritten. Raises Conflict
    ``already_submitted``, ``assignment_over``, or ``draft_gone`` for what was sent or deleted meanwhile.
    """
    person_id = actor.person_id
    if person_id is None:
        raise Forbidden("not_permitted", permission=Permission.WORK_CLAIM.value)
    now = clock.now()
    if assignment is not None:
        permit(actor, Permission.ASSIGNMENT_USE, owner_id=assignment.person_id, state=assignment.state)
        alone = select(Assignment).where(Assignment.id == assignment.id).with_for_update()
        session.scalars(alone.execution_options(populate_existing=True)).one()
        if assignment.state in LIVE:
            assignment.state, assignment.lease_until = "draft", rules.lease_from(now)
        elif assignment.state == "submitted":
            raise Conflict("already_submitted")
        elif assignment.state != "expired":
            raise Conflict("assignment_over", state=assignment.state)
        found = queries.draft_of(session, assignment)
    else:
        permit(actor, Permission.WORK_CLAIM)
        queries.wait_for(session, person_id)  # two tabs that begin at once make one draft
        found = queries.original_draft(session, person_id=person_id, project=project, language=language)
    if found is None and version:
        raise Conflict("draft_gone")
    if found is not None and found.version != version:
        raise Conflict("draft_newer", version=found.version)
    draft = found or Draft(person_id=person_id, project=project, language=language, assignment=assignment, version=0)
    for name, value in texts.items():
        setattr(draft, name, value)
    draft.version += 1
    draft.saved_at = now
    session.add(draft)
    session.flush()
    return draft


def drop_original_draft(session: Session, *, person_id: int, project: Project, language: Language) -> None:
    """Forget the original that was begun, because it was submitted."""
    session.execute(
        delete(Draft).where(
            Draft.person_id == person_id,
            Draft.project_id == project.id,
            Draft.language_id == language.id,
            Draft.assignment_id.is_(None),
        )
    )


def drop_draft(session: Session, assignment: Assignment) -> None:
    """Forget what was begun of a piece of work, because it was submitted or given up."""
    session.execute(_DROP_DRAFT, {"assignment_id": assignment.id})


_DROP_DRAFT = delete(Draft).where(Draft.assignment_id == bindparam("assignment_id"))


def skip(session: Session, *, actor: Actor, assignment: Assignment, reason: str) -> None:
    """Give the prompt back for good: it never comes again to this person.

    What was typed is kept for ``rules.UNDO``, so that ``undo_skip`` brings it back.
    """
    if reason not in list(SkipReason):
        raise Invalid("skip_reason_unknown", reasons=", ".join(SkipReason))
    _give_back(session, actor=actor, assignment=assignment, state="skipped")
    assignment.skip_reason = reason
    audit.record(
        session,
        actor=actor,
        action="assignment.skipped",
        object_kind="assignment",
        object_id=assignment.id,
        reason=reason,
    )


def undo_skip(session: Session, *, actor: Actor, assignment: Assignment) -> None:
    """Take a skip back: the prompt is the person's again, with what they had typed.

    Work that was reserved in its stead and not begun goes back to the pool. Raises Conflict ``undo_too_late``,
    ``place_taken`` where others hold every place by now, ``assignment_over`` where the prompt is closed.
    """
    permit(actor, Permission.ASSIGNMENT_USE, owner_id=assignment.person_id, state=assignment.state)
    instead = [
        other
        for other in queries.live(session, person_id=assignment.person_id)
        if (other.project_id, other.language_id, other.state)
        == (assignment.project_id, assignment.language_id, "assigned")
    ]
    # Several prompts at once are locked by their ids, so that two people's undoing cannot wait in a ring.
    for each in sorted((assignment, *instead), key=lambda one: one.prompt_id):
        lock(session, each)
    if assignment.state != "skipped" or assignment.ended_at is None or assignment.ended_at < clock.now() - rules.UNDO:
        raise Conflict("undo_too_late")
    prompt = assignment.prompt
    if prompt.state != "open":
        raise Conflict("assignment_over", state=assignment.state)
    practice = is_practice(
        consent.decisions_for(session, assignment.person_id, language_id=prompt.language_id, at=clock.now()).rights
    )
    if not practice and not retake_place(session, assignment):
        raise Conflict("place_taken")
    for other in instead:
        if other.state == "assigned":
            free_place(session, other)
            other.state, other.ended_at = "released", clock.now()
    assignment.state = "draft" if queries.draft_of(session, assignment) else "assigned"
    assignment.skip_reason = assignment.ended_at = None
    assignment.lease_until = rules.lease_from(clock.now())
    audit.record(
        session, actor=actor, action="assignment.skip_undone", object_kind="assignment", object_id=assignment.id
    )
    session.flush()


def renew(session: Session, *, actor: Actor, assignment: Assignment) -> None:
    """Let the reservation begin anew; one that has run out is taken again where a place is free.

    Raises Conflict ``place_taken`` where none is, ``assignment_over`` for work that is handed in or given back.
    """
    permit(actor, Permission.ASSIGNMENT_USE, owner_id=assignment.person_id, state=assignment.state)
    prompt = lock(session, assignment)
    if assignment.state not in (*LIVE, "expired") or prompt.state != "open":
        raise Conflict("assignment_over", state=assignment.state)
    if assignment.state == "expired":
        practice = is_practice(
            consent.decisions_for(session, assignment.person_id, language_id=prompt.language_id, at=clock.now()).rights
        )
        if not practice and not retake_place(session, assignment):
            raise Conflict("place_taken")
        assignment.state = "draft" if queries.draft_of(session, assignment) else "assigned"
    assignment.lease_until = rules.lease_from(clock.now())
    session.flush()


def release(session: Session, *, actor: Actor, assignment: Assignment) -> None:
    """Give the prompt back for now: it may come again."""
    _give_back(session, actor=actor, assignment=assignment, state="released")
    drop_draft(session, assignment)
    audit.record(session, actor=actor, action="assignment.released", object_kind="assignment", object_id=assignment.id)


def _give_back(session: Session, *, actor: Actor, assignment: Assignment, state: str) -> None:
    permit(actor, Permission.ASSIGNMENT_USE, owner_id=assignment.person_id, state=assignment.state)
    lock(session, assignment)
    if assignment.state not in LIVE:
        raise Conflict("assignment_over", state=assignment.state)
    free_place(session, assignment)
    assignment.state, assignment.ended_at = state, clock.now()
    session.flush()


def give_up(session: Session, prompt: Prompt) -> None:
    """End everybody's unfinished work on a prompt, drafts with it; also what expired, for it could still be opened."""
    begun = select(Assignment).where(Assignment.prompt_id == prompt.id, Assignment.state.in_((*LIVE, "expired")))
    for assignment in session.scalars(begun):
        end(session, assignment)


def end(session: Session, assignment: Assignment) -> None:
    """End one unfinished piece of work for its person; nothing happens when it was handed in meanwhile."""
    lock(session, assignment)
    if assignment.state not in (*LIVE, "expired"):
        return
    free_place(session, assignment)
    assignment.state = "released"
    assignment.ended_at = clock.now()
    drop_draft(session, assignment)
    session.flush()


def lock(session: Session, assignment: Assignment) -> Prompt:
    """Lock and read anew the prompt, then the assignment, and return the prompt; once is enough in a transaction.

    Everybody locks in this order, as a claim must: nobody then waits for each other in a ring.
    """
    if not queries.is_locked(session, assignment.id):
        queries.lock(session, assignment.id)
    return assignment.prompt


def free_place(session: Session, assignment: Assignment) -> None:
    """Open the assignment's place of the prompt to others again; nothing happens when it holds none."""
    session.flush()
    prompt = lock(session, assignment)
    if assignment.place is None:
        return
    assignment.place = None
    prompt.free_places += 1
    prompt.reopened = clock.micros(clock.now())
    session.flush()


def retake_place(session: Session, assignment: Assignment) -> bool:
    """Take a place for a late submission, or one begun as practice; False when others hold them all."""
    prompt = lock(session, assignment)
    if prompt.free_places < 1:
        return False
    assignment.place = session.scalar(select(queries.lowest_free(prompt.id)))
    prompt.free_places -= 1
    session.flush()
    return True


def expire_due(session: Session) -> int:
    """End reservations whose lease has run out; drafts stay. Return how many ended; safe to run twice."""
    now, ended = clock.now(), 0
    for assignment in queries.due(session, now):
        # A prompt that somebody is at this moment waits for the next sweep: this one holds many, and waits for none.
        free = select(Prompt.id).where(Prompt.id == assignment.prompt_id).with_for_update(skip_locked=True)
        if session.scalar(free) is None:
            continue
        lock(session, assignment)
        if assignment.state in LIVE and assignment.lease_until < now:
            free_place(session, assignment)
            assignment.state = "expired"
            ended += 1
    session.flush()
    return ended


def forget_skipped(session: Session) -> int:
    """Forget what was typed before skips that can no longer be undone, and return how many; safe to run twice."""
    over = select(Assignment.id).where(Assignment.state == "skipped", Assignment.ended_at < clock.now() - rules.UNDO)
    drafts = session.scalars(delete(Draft).where(Draft.assignment_id.in_(over)).returning(Draft.id))
    return len(drafts.all())
