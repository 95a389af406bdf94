"""Reserve a prompt, write on it, give it back; the prompt's free places follow."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.assignments import queries, rules, walk
from annotator.assignments.models import Assignment, Draft
from annotator.assignments.rules import LIVE, Empty, SkipReason
from annotator.audit import actions as audit
from annotator.consent import queries as consent
from annotator.consent.rules import Rights, SourceClass, Text, decisions, is_practice, meet, outbound
from annotator.errors import Conflict, Forbidden, Invalid, NotFound
from annotator.languages.models import Language
from annotator.permissions import Actor, Permission, permit
from annotator.projects.models import Project
from annotator.prompts.models import Prompt, PromptAuthor

# Which piece of work comes next is a lottery by weight; nothing secret hangs on it.
_lottery = random.Random()  # noqa: S311  # not for cryptography

RESERVED_KINDS = ("answer", "reannotate")


@dataclass(frozen=True)
class Claim:
    """The next piece of work; or none, with the reason and, where time will help, when to try again."""

    assignment: Assignment | None = None
    reason: Empty | None = None
    retry_at: datetime | None = None


def claim(
    session: Session, *, actor: Actor, project: Project, language: Language, kinds: Sequence[str] | None = None
) -> Claim:
    """Return the person's unfinished work in this language, or reserve the next prompt for them.

    Never one's own words, never a prompt done or skipped before, never one whose result could not be published
    with this person's grants (rights-model §2.5; practice work excepted, which takes no place of the overlap).
    Raises Forbidden ``consent_needed`` without a standing consent, NotFound ``language_not_in_project``.
    """
    permit(actor, Permission.WORK_CLAIM)
    person_id = _person(actor)
    if language not in project.languages:
        raise NotFound("language_not_in_project", language=language.english, project=project.title)
    if not consent.standing(session, person_id):
        raise Forbidden("consent_needed")
    queries.queue_up(session, person_id)
    wanted = [kind for kind in RESERVED_KINDS if project.mix.get(kind) and (kinds is None or kind in kinds)]
    for assignment in queries.live(session, person_id=person_id, project=project):
        if assignment.prompt.language_id == language.id and assignment.prompt.kind in wanted:
            return Claim(assignment)
    if project.state != "open":
        return Claim(reason=Empty.PAUSED)
    if not queries.writes(session, person_id, language):
        return Claim(reason=Empty.NOT_A_WRITER)
    now = clock.now()
    rights = consent.decisions_for(session, person_id, language_id=language.id, at=now).rights
    classes = publishable_classes(project, rights)
    readable = queries.readable(session, person_id)
    for kind in _draw_order(project, wanted) if classes else ():
        for prompt in _offers(session, project, language, kind, classes, person_id=person_id, readable_ids=readable):
            reserved = _reserve(session, prompt, project, person_id, rights)
            if reserved is not None:
                audit.record(
                    session,
                    actor=actor,
                    action="assignment.claimed",
                    object_kind="assignment",
                    object_id=reserved.id,
                    prompt=prompt.id,
                )
                return Claim(reserved)
    return _nothing(session, project, language, kinds=wanted, person_id=person_id)


def _offers(
    session: Session,
    project: Project,
    language: Language,
    kind: str,
    classes: Sequence[str],
    *,
    person_id: int,
    readable_ids: set[int],
) -> Iterator[Prompt]:
    """Yield prompts of one kind from all shelves that the person's grants allow."""
    for source_class in classes:
        shelf = walk.Shelf(project, language.id, kind, source_class)
        yield from walk.candidates(session, shelf, person_id=person_id, readable_ids=readable_ids)


def publishable_classes(project: Project, rights: Rights) -> list[str]:
    """Return the classes of sources that a result under these rights could be published from, in this project."""
    if is_practice(rights):
        return [source.value for source in SourceClass]
    return [source.value for source in SourceClass if outbound(source, rights).lane in project.lanes]


def _person(actor: Actor) -> int:
    if actor.person_id is None:
        raise Forbidden("not_permitted", permission=Permission.WORK_CLAIM.value)
    return actor.person_id


def _draw_order(project: Project, kinds: Sequence[str]) -> list[str]:
    """Return the kinds in an order drawn by their weights in the project's mix."""
    return sorted(kinds, key=lambda kind: _lottery.random() ** (1 / float(project.mix[kind])), reverse=True)


def _authors_allow(session: Session, prompt: Prompt, project: Project, rights: Rights, now: datetime) -> bool:
    """Say whether a result could be published: the authors of the words it starts from must allow it too."""
    if prompt.revision_id is None:
        return True
    written = list(session.scalars(select(PromptAuthor).where(PromptAuthor.prompt_id == prompt.id)))
    events = consent.events_of(session, [author.person_id for author in written])
    theirs = meet(
        decisions(
            events[author.person_id], Text(author.language_id, author.given_at, author.annotation_id), at=now
        ).rights
        for author in written
    )
    if not theirs.derive:
        return False
    return (
        is_practice(rights) or outbound(SourceClass(prompt.source_class), meet([theirs, rights])).lane in project.lanes
    )


def _reserve(session: Session, prompt: Prompt, project: Project, person_id: int, rights: Rights) -> Assignment | None:
    """Give the prompt to the person, in its lowest free place (practice work takes none).

    None where its authors do not allow that, or where it turns out, now that the prompt is locked, that no place is
    free or that the person has it in another tab.
    """
    now = clock.now()
    if not _authors_allow(session, prompt, project, rights, now):
        return None
    found = session.scalar(
        select(Assignment)
        .where(Assignment.prompt_id == prompt.id, Assignment.person_id == person_id)
        .execution_options(populate_existing=True)
    )
    if found is not None and found.state not in ("released", "expired"):
        return None
    place = None
    if not is_practice(rights):
        place = rules.lowest_free(queries.places_taken(session, prompt), project.overlap)
        if place is None:
            return None
        prompt.free_places -= 1
    assignment = found or Assignment(prompt=prompt, person_id=person_id)
    assignment.place, assignment.state, assignment.skip_reason = place, "assigned", None
    assignment.assigned_at, assignment.lease_until = now, rules.lease_from(now)
    session.add(assignment)
    session.flush()
    return assignment


def _nothing(session: Session, project: Project, language: Language, *, kinds: Sequence[str], person_id: int) -> Claim:
    """Say why there is no work, by the first reason that holds."""
    there = select(Prompt.id).where(
        Prompt.project_id == project.id,
        Prompt.language_id == language.id,
        Prompt.kind.in_(kinds),
        Prompt.state == "open",
    )
    readable = queries.readable(session, person_id)

    def any_of(query: Select[int]) -> bool:
        return session.scalar(query.limit(1)) is not None

    if not any_of(there):
        return Claim(reason=Empty.NO_WORK)
    open_ones = there.where(Prompt.free_places > 0, ~walk.done(person_id), ~walk.own(person_id))
    if any_of(open_ones):
        if not any_of(open_ones.where(walk.reads_all(readable))):
            return Claim(reason=Empty.NOT_A_READER)
        return Claim(reason=Empty.CONSENT)
    until = queries.reserved_until(session, project, language, person_id=person_id)
    if until is not None and any_of(there.where(~walk.done(person_id), ~walk.own(person_id))):
        return Claim(reason=Empty.RESERVED, retry_at=until)
    return Claim(reason=Empty.DONE)


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
    Raises Conflict ``draft_newer`` when another tab has saved since: nothing is overwritten.
    """
    person_id = _person(actor)
    now = clock.now()
    if assignment is not None:
        permit(actor, Permission.ASSIGNMENT_USE, owner_id=assignment.person_id, state=assignment.state)
        session.refresh(assignment, with_for_update=True)
        if assignment.state in LIVE:
            assignment.state, assignment.lease_until = "draft", rules.lease_from(now)
        elif assignment.state == "submitted":
            raise Conflict("already_submitted")
        elif assignment.state != "expired":
            raise Conflict("assignment_over", state=assignment.state)
        found = queries.draft_of(session, assignment)
    else:
        permit(actor, Permission.WORK_CLAIM)
        found = queries.original_draft(session, person_id=person_id, project=project, language=language)
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


def drop_draft(
    session: Session, *, person_id: int, project: Project, language: Language, assignment: Assignment | None
) -> None:
    """Forget what was begun, because it was submitted or given up."""
    found = (
        queries.draft_of(session, assignment)
        if assignment is not None
        else queries.original_draft(session, person_id=person_id, project=project, language=language)
    )
    if found is not None:
        session.execute(delete(Draft).where(Draft.id == found.id))
        session.expunge(found)


def skip(session: Session, *, actor: Actor, assignment: Assignment, reason: str) -> None:
    """Give the prompt back for good: it never comes again to this person."""
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


def release(session: Session, *, actor: Actor, assignment: Assignment) -> None:
    """Give the prompt back for now: it may come again."""
    _give_back(session, actor=actor, assignment=assignment, state="released")
    audit.record(session, actor=actor, action="assignment.released", object_kind="assignment", object_id=assignment.id)


def _give_back(session: Session, *, actor: Actor, assignment: Assignment, state: str) -> None:
    permit(actor, Permission.ASSIGNMENT_USE, owner_id=assignment.person_id, state=assignment.state)
    lock(session, assignment)
    if assignment.state not in LIVE:
        raise Conflict("assignment_over", state=assignment.state)
    free_place(session, assignment)
    assignment.state = state
    found = queries.draft_of(session, assignment)
    if found is not None:
        session.delete(found)
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
    session.execute(delete(Draft).where(Draft.assignment_id == assignment.id))
    session.flush()


def lock(session: Session, assignment: Assignment) -> Prompt:
    """Lock and read anew the prompt, then the assignment, and return the prompt.

    Everybody locks in this order, as a claim must: nobody then waits for each other in a ring.
    """
    prompt = session.scalars(
        select(Prompt)
        .where(Prompt.id == assignment.prompt_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    session.refresh(assignment, with_for_update=True)
    return prompt


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


def retake_place(session: Session, assignment: Assignment, project: Project) -> bool:
    """Take a place for a late submission, or one begun as practice; False when others hold them all."""
    prompt = lock(session, assignment)
    place = rules.lowest_free(queries.places_taken(session, prompt), project.overlap)
    if place is None or prompt.free_places < 1:
        return False
    assignment.place = place
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
