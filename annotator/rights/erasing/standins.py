"""Who stands where somebody stood: nobody, behind everything that was erased, and one for each person who left texts."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts import rules as accounts
from annotator.accounts.models import Person
from annotator.database import new_public_id
from annotator.mail.actions import NOWHERE

# A handle of a person begins with a letter or a number, so nobody can have one of these.
NOBODY = "00000000-0000-4000-8000-000000000000"
_NOBODYS_HANDLE = "-"


def nobody(session: Session) -> Person:
    """Return the one who stands behind everything that was erased, made at the first need."""
    found = session.scalar(select(Person).where(Person.public_id == NOBODY))
    return found or _add(session, NOBODY, _NOBODYS_HANDLE)


def a_stand_in(session: Session, public_id: str | None = None) -> Person:
    """Return a new random person without a name, who stands for somebody who left and let texts stay."""
    public_id = public_id or new_public_id()
    return _add(session, public_id, f"-{new_public_id()}")


def _add(session: Session, public_id: str, handle: str) -> Person:
    now = clock.now()
    made = Person(
        public_id=public_id,
        email=f"{public_id}{NOWHERE}",
        handle=handle,
        stamp=accounts.new_stamp(),
        created_at=now.replace(day=1, hour=0, minute=0, second=0, microsecond=0),
        left_at=now,
    )
    session.add(made)
    session.flush()
    return made
