"""After a backup was restored: take back, erase and let go again what the journal knows and the database does not."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.accounts.rules import new_stamp
from annotator.annotations.models import Annotation, Revision
from annotator.database import chunks
from annotator.permissions import OPERATOR
from annotator.rights import actions as rights
from annotator.rights import suspending
from annotator.rights.erasing import words
from annotator.rights.erasing.journal import Key
from annotator.rights.leaving import carrying_out
from annotator.rights.mending import actions as mending
from annotator.rights.models import Departure, Hold, Withdrawal
from annotator.rights.queries import Reach
from annotator.settings import Settings


def again(session: Session, key: Key, lines: dict[Key, dict[str, Any]], settings: Settings) -> bool:
    """Do one line again; say whether there was anything to do, which the caller then commits."""
    kind, public_id, state = key
    line = lines[key]
    if state in {"suspended", "asked"} and (kind, public_id, "undone") in lines:
        return False
    if kind == "withdrawal":
        return _withdrawal(session, line, state, settings)
    return _departure(session, line, state, settings)


def _withdrawal(session: Session, line: dict[str, Any], state: str, settings: Settings) -> bool:
    found = session.scalar(select(Withdrawal).where(Withdrawal.public_id == line["id"]))
    if state == "undone":
        if found is None or found.state != "suspended":
            return False
        mending.lift(session, found)
        suspending.restore(session, found)
        found.state, found.closed_at = "undone", clock.now()
        return True
    if found is not None and (state == "suspended" or found.erased_at is not None):
        return False  # another process was quicker
    made = found or _suspend(session, line, settings)
    if made is None:
        return False
    if state == "erased":
        made.undo_until = min(made.undo_until, clock.now())
        open_holds = update(Hold).where(Hold.withdrawal_id == made.id, Hold.lifted_at.is_(None))
        session.execute(open_holds.values(lifted_at=clock.now()))  # they were over when it was erased
        session.flush()
        words.erase(session, made, settings=settings)
    return True


def _suspend(session: Session, line: dict[str, Any], settings: Settings) -> Withdrawal | None:
    """Take the texts back again that are still there, with the moments that were promised."""
    reach = Reach(_annotations(session, line), _edits(session, line))
    if not reach.annotations and not reach.edits:
        return None
    author = reach.annotations[0].author_id if reach.annotations else reach.edits[0].author_id
    one = line["scope"] == "text" and reach.annotations
    made = rights.take(
        session,
        actor=OPERATOR,
        reach=reach,
        person_id=author,
        scope=line["scope"],
        annotation=reach.annotations[0] if one else None,
        cause=line["cause"],
        policy=settings.rights,
    )
    made.public_id = line["id"]
    made.requested_at, made.undo_until, made.due_at = (
        datetime.fromisoformat(line[name]) for name in ("requested_at", "undo_until", "due_at")
    )
    session.flush()
    return made


def _annotations(session: Session, line: dict[str, Any]) -> list[Annotation]:
    found: list[Annotation] = []
    for few in chunks(line["annotations"]):
        chosen = select(Annotation).where(Annotation.public_id.in_(few), Annotation.withdrawn_at.is_(None))
        found += session.scalars(chosen.order_by(Annotation.id))
    return found


def _edits(session: Session, line: dict[str, Any]) -> list[Revision]:
    found: list[Revision] = []
    for public_id, number in line["edits"]:
        chosen = (
            select(Revision)
            .join(Annotation, Annotation.id == Revision.annotation_id)
            .where(Annotation.public_id == public_id, Revision.number == number, Revision.withdrawn_at.is_(None))
        )
        found += session.scalars(chosen)
    return found


def _departure(session: Session, line: dict[str, Any], state: str, settings: Settings) -> bool:
    found = session.scalar(select(Departure).where(Departure.public_id == line["id"]))
    if state == "undone":
        if found is None or found.person_id is None:
            return False
        session.get_one(Person, found.person_id).leaving_at = None
        found.undone_at = clock.now()
        return True
    if found is not None and state == "asked":
        return False
    made = found or _leave(session, line)
    if made is None:
        return False
    if state == "done":
        # What was decided about it since it was asked, as for a minor, counts.
        made.manner, made.stand_in, made.code_sha256 = line["manner"], line["stand_in"], line["code_sha256"]
        made.undo_until = min(made.undo_until, clock.now())
        session.flush()
        return carrying_out.carry_out(session, made, settings=settings)
    return True


def _leave(session: Session, line: dict[str, Any]) -> Departure | None:
    """Let somebody be leaving again who is in the restored database as if nothing had been asked."""
    person = session.scalar(select(Person).where(Person.public_id == line["person"], Person.left_at.is_(None)))
    if person is None:
        return None
    withdrawal = session.scalar(select(Withdrawal).where(Withdrawal.public_id == (line["withdrawal"] or "")))
    made = Departure(
        public_id=line["id"],
        person_id=person.id,
        manner=line["manner"],
        asked_at=datetime.fromisoformat(line["asked_at"]),
        undo_until=datetime.fromisoformat(line["undo_until"]),
        withdrawal_id=withdrawal.id if withdrawal is not None else None,
        code_sha256=line["code_sha256"],
        stand_in=line["stand_in"],
    )
    session.add(made)
    person.leaving_at, person.stamp = made.asked_at, new_stamp()
    session.flush()
    return made
