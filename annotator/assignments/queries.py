"""Ask about reservations and drafts, and what is on offer."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.assignments.models import Assignment, Draft
from annotator.assignments.rules import LIVE
from annotator.errors import NotFound
from annotator.languages.models import Language, Speaker
from annotator.projects.models import Project
from annotator.prompts.models import Prompt


def get(session: Session, assignment_id: int, *, person_id: int | None) -> Assignment:
    """Return the person's own assignment.

    Raises NotFound ``assignment_unknown`` also for another person's: ids say nothing to strangers.
    """
    found = session.get(Assignment, assignment_id)
    if found is None or found.person_id != person_id:
        raise NotFound("assignment_unknown")
    return found


def queue_up(session: Session, person_id: int) -> None:
    """Let a person's claims wait for one another: two tabs get the same piece of work, and move one cursor.

    FOR NO KEY UPDATE: rows that point at the person can be written meanwhile.
    """
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))


def live(session: Session, *, person_id: int, project: Project | None = None) -> list[Assignment]:
    """Return the person's reservations that are still theirs, oldest first."""
    query = select(Assignment).where(Assignment.person_id == person_id, Assignment.state.in_(LIVE))
    if project is not None:
        query = query.join(Prompt).where(Prompt.project_id == project.id)
    return list(session.scalars(query.order_by(Assignment.assigned_at, Assignment.id)))


def draft_of(session: Session, assignment: Assignment) -> Draft | None:
    """Return what was written so far for an assignment."""
    return session.scalar(select(Draft).where(Draft.assignment_id == assignment.id))


def original_draft(session: Session, *, person_id: int, project: Project, language: Language) -> Draft | None:
    """Return what was written so far as an original in a language."""
    return session.scalar(
        select(Draft).where(
            Draft.person_id == person_id,
            Draft.project_id == project.id,
            Draft.language_id == language.id,
            Draft.assignment_id.is_(None),
        )
    )


def drafts_of(session: Session, *, person_id: int) -> list[Draft]:
    """Return everything that the person has begun, newest first."""
    return list(session.scalars(select(Draft).where(Draft.person_id == person_id).order_by(Draft.saved_at.desc())))


def readable(session: Session, person_id: int) -> set[int]:
    """Return the ids of the languages that the person reads."""
    return set(session.scalars(select(Speaker.language_id).where(Speaker.person_id == person_id, Speaker.reads)))


def writes(session: Session, person_id: int, language: Language) -> bool:
    """Say whether the person writes the language."""
    speaker = session.get(Speaker, (person_id, language.id))
    return speaker is not None and speaker.writes


def offered(project: Project, language: Language, kinds: Sequence[str]) -> Select[Prompt]:
    """The prompts of a project that anybody could still take, in one language and of these kinds."""
    return select(Prompt).where(
        Prompt.project_id == project.id,
        Prompt.language_id == language.id,
        Prompt.kind.in_(kinds),
        Prompt.state == "open",
        Prompt.free_places > 0,
    )


def places_taken(session: Session, prompt: Prompt) -> set[int]:
    """Return the numbered places of a prompt that are held."""
    held = select(Assignment.place).where(Assignment.prompt_id == prompt.id, Assignment.place.is_not(None))
    return {place for place in session.scalars(held) if place is not None}


def reserved_until(session: Session, project: Project, language: Language, *, person_id: int) -> datetime | None:
    """Return when the first reservation of somebody else in this language runs out, or None without any."""
    return session.scalar(
        select(Assignment.lease_until)
        .join(Prompt)
        .where(
            Prompt.project_id == project.id,
            Prompt.language_id == language.id,
            Assignment.state.in_(LIVE),
            Assignment.person_id != person_id,
        )
        .order_by(Assignment.lease_until)
        .limit(1)
    )


def due(session: Session, moment: datetime, *, limit: int = 500) -> list[Assignment]:
    """Return reservations whose lease has run out, by prompt, at most ``limit``."""
    return list(
        session.scalars(
            select(Assignment)
            .where(Assignment.state.in_(LIVE), Assignment.lease_until < moment)
            .order_by(Assignment.prompt_id, Assignment.id)
            .limit(limit)
        )
    )
