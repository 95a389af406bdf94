"""Where a person's copy of their data stands, and which copies are due."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.errors import NotFound
from annotator.rights.models import PersonalExport


def latest(session: Session, person_id: int) -> PersonalExport | None:
    """Return the last copy that a person asked for."""
    query = select(PersonalExport).where(PersonalExport.person_id == person_id).order_by(PersonalExport.id.desc())
    return session.scalars(query.limit(1)).first()


def to_fetch(session: Session, public_id: str, *, person_id: int, at: datetime) -> PersonalExport:
    """Return a person's own copy that can be fetched now.

    Raises NotFound ``data_unknown`` for every other: the id of another's says nothing.
    """
    found = session.scalar(select(PersonalExport).where(PersonalExport.public_id == public_id))
    if found is None or found.person_id != person_id or found.state != "ready":
        raise NotFound("data_unknown")
    if found.expires_at is None or found.expires_at <= at:
        raise NotFound("data_unknown")
    return found


def asked(session: Session) -> list[int]:
    """Return the copies that are to be made, the first asked for first."""
    return list(
        session.scalars(select(PersonalExport.id).where(PersonalExport.state == "asked").order_by(PersonalExport.id))
    )


def over(session: Session, at: datetime) -> list[PersonalExport]:
    """Return the copies that must go: their time is over, or their person has left."""
    query = (
        select(PersonalExport)
        .join(Person, Person.id == PersonalExport.person_id)
        .where(PersonalExport.state.in_(("asked", "ready")))
        .where(or_(PersonalExport.expires_at <= at, Person.left_at.is_not(None)))
    )
    return list(session.scalars(query))


def kept(session: Session) -> set[str]:
    """Return the ids of the copies whose files may lie in the folder."""
    return set(session.scalars(select(PersonalExport.public_id).where(PersonalExport.state == "ready")))
