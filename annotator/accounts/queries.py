"""Find people and their roles."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotator.accounts.models import Attempt, Person, Role
from annotator.errors import NotFound


def by_public_id(session: Session, public_id: str) -> Person | None:
    """Return the person with this public id."""
    return session.execute(select(Person).where(Person.public_id == public_id)).scalar_one_or_none()


def by_email(session: Session, email: str) -> Person | None:
    """Return the person with this address; case does not count. Who stands in for somebody who left has none."""
    wanted = (func.lower(Person.email) == email.strip().lower(), Person.left_at.is_(None))
    return session.execute(select(Person).where(*wanted)).scalar_one_or_none()


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
    return standing_role(session, person_id, "maintainer") is not None


def standing_role(session: Session, person_id: int, role: str) -> Role | None:
    """Return the person's standing role, or None."""
    standing = select(Role).where(Role.person_id == person_id, Role.role == role, Role.revoked_at.is_(None))
    return session.execute(standing).scalar_one_or_none()


def count_of_role(session: Session, role: str) -> int:
    """Return how many people hold the role now."""
    holding = select(func.count()).select_from(Role).where(Role.role == role, Role.revoked_at.is_(None))
    return session.execute(holding).scalar_one()


def everybody(session: Session, *, after: int = 0, limit: int | None = None) -> list[Person]:
    """Return people by id, from the one after ``after``; nobody who has left."""
    chosen = select(Person).where(Person.id > after, Person.left_at.is_(None)).order_by(Person.id).limit(limit)
    return list(session.execute(chosen).scalars())


def attempts_since(session: Session, key: str, since: datetime | None) -> int:
    """Return how many tries were counted under ``key``, since a moment or ever."""
    tries = select(func.count()).select_from(Attempt).where(Attempt.key == key)
    if since is not None:
        tries = tries.where(Attempt.at >= since)
    return session.execute(tries).scalar_one()
