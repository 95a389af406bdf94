"""Append to the chain."""

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from annotator import clock
from annotator.ledger import rules
from annotator.ledger.models import LedgerEntry, LedgerKey, LedgerPayload

# Any constant: it names our lock among PostgreSQL's advisory locks.
_LOCK = 0x1ED6E4


def append(
    session: Session,
    *,
    type: str,  # noqa: A002  # the field's word in the specification
    payload: Mapping[str, Any],
    person_id: int | None = None,
    document_sha256: str | None = None,
) -> LedgerEntry:
    """Add one entry at the end of the chain, in the caller's transaction, and return it.

    Writers queue: on PostgreSQL by an advisory lock that the transaction holds, on SQLite by its one writer.
    """
    session.flush()  # what still waits for other rows must not wait with the ledger's lock in hand
    queue_up(session)
    last = session.execute(
        select(LedgerEntry.seq, LedgerEntry.hash).order_by(LedgerEntry.seq.desc()).limit(1)
    ).one_or_none()
    seq, prev = (last.seq + 1, last.hash) if last else (1, rules.GENESIS)
    salt = secrets.token_bytes(16)
    fields = {
        "seq": seq,
        "prev": prev,
        "time": clock.now().isoformat(timespec="seconds"),
        "type": type,
        "subject_ref": rules.subject_ref(_key_of(session, person_id), seq) if person_id is not None else None,
        "document_sha256": document_sha256,
        "commitment": rules.commitment(salt, payload),
    }
    entry = LedgerEntry(**fields, hash=rules.entry_hash(fields))
    session.add(entry)
    session.flush()
    session.add(LedgerPayload(seq=seq, person_id=person_id, salt=salt, payload=dict(payload)))
    session.flush()
    return entry


def queue_up(session: Session) -> None:
    """Wait for the ledger, and keep it until the transaction ends; whoever changes many rows does so before them."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _key_of(session: Session, person_id: int) -> bytes:
    """Return the person's ledger key, made at the first entry about them."""
    found = session.get(LedgerKey, person_id)
    if found is None:
        found = LedgerKey(person_id=person_id, key=secrets.token_bytes(32), made_at=clock.now())
        session.add(found)
        session.flush()
    return found.key
