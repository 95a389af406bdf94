"""Ask for a copy of one's data; what became of it."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.audit import actions as audit
from annotator.permissions import Actor, Permission, permit
from annotator.rights.models import PersonalExport
from annotator.rights.mydata import queries

JOB = "annotator.rights.mydata.jobs:run_due"
# Whoever asks again so soon gets the same copy.
SOON = timedelta(hours=1)


def ask(session: Session, *, actor: Actor, person: Person) -> PersonalExport:
    """Ask for a copy of everything about ``person``; a job makes it. One that is being made, or is new, is given again.

    Raises Forbidden for another actor.
    """
    permit(actor, Permission.DATA_EXPORT, owner_id=person.id)
    now = clock.now()
    session.execute(select(Person.id).where(Person.id == person.id).with_for_update())  # two at once ask for one copy
    last = queries.latest(session, person.id)
    if last is not None and (last.state == "asked" or _is_new(last, now)):
        return last
    expire(session, person_id=person.id)
    made = PersonalExport(person_id=person.id, asked_at=now)
    session.add(made)
    session.flush()
    audit.record(session, actor=actor, action="data.asked", object_kind="export", object_id=made.id)
    session.info.setdefault("wake", set()).add(JOB)
    return made


def _is_new(export: PersonalExport, now: datetime) -> bool:
    return export.state == "ready" and export.ready_at is not None and now - export.ready_at < SOON


def expire(session: Session, *, person_id: int) -> None:
    """End every copy of a person now; the job that runs next deletes the files (``jobs.sweep`` does so at once)."""
    session.execute(
        update(PersonalExport)
        .where(PersonalExport.person_id == person_id, PersonalExport.state.in_(("asked", "ready")))
        .values(state="expired")
    )


def note_export(session: Session, *, actor: Actor, person: Person) -> None:
    """Write down that somebody made a copy outside the pages. Raises Forbidden."""
    permit(actor, Permission.DATA_EXPORT, owner_id=person.id)
    audit.record(session, actor=actor, action="data.exported", object_kind="person", object_id=person.id)
