"""Write letters into the outbox, take those that are due, and note what became of them.

A letter is written in the transaction that gives the reason for it. What was sent is not kept: a letter may hold a
sign-in link or somebody's text.
"""

from datetime import timedelta
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.mail.models import Letter
from annotator.mail.rules import LEASE, MOST_TRIES, wait_after

SEND = "annotator.mail.jobs:send_due"
# The addresses of stand-ins for people who left (rights.erasing.standins); RFC 2606 keeps such names from ever existing.
NOWHERE = "@left.invalid"


class Addressee(Protocol):
    """What a letter needs to know of a person; the table lives in a higher room."""

    id: int
    email: str


def write(
    session: Session,
    *,
    subject: str,
    body: str,
    person: Addressee | None = None,
    address: str | None = None,
    language: str = "en",
) -> Letter:
    """Put a letter to ``person`` (or to a bare ``address``) into the outbox; it leaves with the transaction.

    Whoever stands in for somebody who left reads nothing: that letter is not kept.
    """
    to = person.email if person is not None else address
    if not to:
        message = "a letter needs a person or an address"
        raise ValueError(message)
    now = clock.now()
    letter = Letter(
        person_id=person.id if person is not None else None,
        address=to,
        subject=" ".join(subject.split()),  # a line break in a subject would begin a new header
        body=body,
        language=language,
        written_at=now,
        next_try_at=now,
    )
    if to.endswith(NOWHERE):
        return letter
    session.add(letter)
    session.flush()
    session.info.setdefault("wake", set()).add(SEND)  # the edge that commits wakes the worker
    return letter


def take_due(session: Session, *, limit: int = 20) -> list[Letter]:
    """Return letters whose time has come, taken for ``LEASE``: another worker leaves them alone until then."""
    now = clock.now()
    due = (
        select(Letter)
        .where(Letter.sent_at.is_(None), Letter.tries < MOST_TRIES, Letter.next_try_at <= now)
        .order_by(Letter.next_try_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    letters = list(session.execute(due).scalars())
    for letter in letters:
        letter.tries += 1
        letter.next_try_at = now + LEASE
    return letters


def sent(letter: Letter) -> None:
    """Note that a letter left, and forget what it said."""
    letter.sent_at = clock.now()
    letter.problem = None
    letter.subject = letter.body = ""


def failed(letter: Letter, problem: str) -> None:
    """Note why a letter did not leave, and when to try again."""
    letter.problem = problem[:300]
    letter.next_try_at = clock.now() + wait_after(letter.tries)


def forget_old(session: Session, *, after: timedelta = timedelta(days=30)) -> int:
    """Delete letters that were sent, or given up, longer than ``after`` ago; return how many."""
    old = session.execute(
        select(Letter).where(
            Letter.written_at < clock.now() - after, Letter.sent_at.is_not(None) | (Letter.tries >= MOST_TRIES)
        )
    ).scalars()
    count = 0
    for letter in old:
        session.delete(letter)
        count += 1
    return count
