"""The journal outside the database and its backups: what was taken back, undone, erased, and who left; ids only.

A backup that is restored does not know what was taken back after it was made; the journal does (``replay``). Lines are
written after the commit, by whoever sees that they are missing: the worker at each sweep, and every start. So a crash
between commit and journal costs nothing but a little time.
"""

from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import storage
from annotator.accounts.models import Person
from annotator.annotations.models import Annotation, Revision
from annotator.rights.models import Departure, Withdrawal
from annotator.settings import Settings

JOURNAL = "erasures.jsonl"
KINDS = ("withdrawal", "departure")
# What was asked stands before what became of it.
_ORDER = ("suspended", "asked", "undone", "erased", "done")

Key = tuple[str, str, str]


def path_of(settings: Settings) -> Path:
    """Return where the journal lies."""
    return settings.journal / JOURNAL


def known(settings: Settings) -> dict[Key, dict[str, Any]]:
    """Return the lines by (kind, id, state), the first of each; what no program of ours wrote is passed over."""
    result: dict[Key, dict[str, Any]] = {}
    for line in storage.lines(path_of(settings)):
        if isinstance(line, dict) and line.get("kind") in KINDS and "id" in line and "state" in line:
            result.setdefault((line["kind"], line["id"], line["state"]), line)
    return result


def shown(session: Session) -> set[Key]:
    """Return the keys of the lines that the journal should have for this database."""
    result: set[Key] = set()
    for row in session.execute(select(Withdrawal.public_id, Withdrawal.state, Withdrawal.erased_at)):
        result.add(("withdrawal", row.public_id, "suspended"))
        if row.state == "undone":
            result.add(("withdrawal", row.public_id, "undone"))
        if row.erased_at is not None:
            result.add(("withdrawal", row.public_id, "erased"))
    for left in session.execute(select(Departure.public_id, Departure.undone_at, Departure.done_at)):
        result.add(("departure", left.public_id, "asked"))
        if left.undone_at is not None:
            result.add(("departure", left.public_id, "undone"))
        if left.done_at is not None:
            result.add(("departure", left.public_id, "done"))
    return result


def catch_up(session: Session, settings: Settings) -> int:
    """Append the lines that are missing, and return how many."""
    lines = known(settings)
    missing = sorted(shown(session) - lines.keys(), key=lambda key: (_ORDER.index(key[2]), key))
    for key in missing:
        line = _line(session, key, lines)
        storage.append_line(path_of(settings), line)
        lines[key] = line
    return len(missing)


def _line(session: Session, key: Key, lines: dict[Key, dict[str, Any]]) -> dict[str, Any]:
    kind, public_id, state = key
    line: dict[str, Any] = {"kind": kind, "id": public_id, "state": state}
    if state == "undone":
        return line
    if kind == "withdrawal":
        withdrawal = session.scalars(select(Withdrawal).where(Withdrawal.public_id == public_id)).one()
        return line | _withdrawal(session, withdrawal, lines.get((kind, public_id, "suspended"), {}))
    departure = session.scalars(select(Departure).where(Departure.public_id == public_id)).one()
    return line | _departure(session, departure, lines.get((kind, public_id, "asked"), {}))


def _withdrawal(session: Session, withdrawal: Withdrawal, before: dict[str, Any]) -> dict[str, Any]:
    owned = select(Annotation.public_id).where(Annotation.withdrawal_id == withdrawal.id).order_by(Annotation.id)
    return {
        "scope": withdrawal.scope,
        "cause": withdrawal.cause,
        "person": _public_id(session, withdrawal.person_id) or before.get("person"),
        "requested_at": withdrawal.requested_at.isoformat(),
        "undo_until": withdrawal.undo_until.isoformat(),
        "due_at": withdrawal.due_at.isoformat(),
        "annotations": list(session.scalars(owned)),
        "edits": _edits(session, withdrawal),
    }


def _edits(session: Session, withdrawal: Withdrawal) -> list[list[Any]]:
    """Return the reviewers' edits that were taken back, as [annotation, number]."""
    chosen = (
        select(Annotation.public_id, Revision.number)
        .join(Annotation, Annotation.id == Revision.annotation_id)
        .where(Revision.withdrawal_id == withdrawal.id, Revision.role == "reviewer")
        .order_by(Revision.id)
    )
    return [[public_id, number] for public_id, number in session.execute(chosen)]


def _departure(session: Session, departure: Departure, before: dict[str, Any]) -> dict[str, Any]:
    withdrawal = session.get(Withdrawal, departure.withdrawal_id) if departure.withdrawal_id is not None else None
    return {
        "person": _public_id(session, departure.person_id) or before.get("person"),
        "stand_in": departure.stand_in,
        "manner": departure.manner,
        "asked_at": departure.asked_at.isoformat(),
        "undo_until": departure.undo_until.isoformat(),
        "withdrawal": withdrawal.public_id if withdrawal is not None else None,
        "code_sha256": departure.code_sha256,
    }


def _public_id(session: Session, person_id: int | None) -> str | None:
    person = session.get(Person, person_id) if person_id is not None else None
    return person.public_id if person is not None else None
