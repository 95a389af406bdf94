"""Find people and their roles."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotator.accounts.models import Person, Role
from annotator.errors import NotFound


def by_public_id(session: Session, public_id: str) -> Person | None:
    """Return the person with this public id."""
    return session.execute(select(Person).where(Person.public_id == public_id)).scalar_one_or_none()


def by_email(session: Session, email: str) -> Person | None:
    """Return the person with this address; case does not count."""
    return session.execute(select(Person).where(func.lower(Person.email) == email.strip().lower())).scalar_one_or_none()


def by_handle(session: Session, handle: str) -> Person | None:
    """Return the person with this handle; case does not count."""
    return session.execute(
        select(Person).where(func.lower(Person.handle) == handle.strip().lower())
    ).scalar_one_or_none()


def the_person(session: Session, email: str) -> Person:
    """Return the person with this address.

    Raises NotFound ``person_unknown``.
    """
    person = by_email(session, email)
    if person is None:
        raise NotFound("person_unknown", email=email)
    return person


def is_maintainer(session: Session, person_id: int) -> bool:
    """Say whether the person is a maintainer now."""
    standing = select(Role.id).where(Role.person_id == person_id, Role.role == "maintainer", Role.revoked_at.is_(None))
    return session.execute(standing.limit(1)).first() is not None
