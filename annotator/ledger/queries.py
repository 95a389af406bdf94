"""Ask the chain: its head, and whether it holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from annotator.ledger import rules
from annotator.ledger.models import LedgerEntry, LedgerKey, LedgerPayload


@dataclass(frozen=True)
class Head:
    """The last entry's number and hash; ``seq`` 0 and the genesis hash for an empty chain."""

    seq: int
    hash: str


@dataclass(frozen=True)
class Verdict:
    """The result of reading the whole chain; ``broken_at`` names the first entry that does not hold.

    ``reason``: ``missing`` (a number is left out, or the chain is shorter than a known head), ``link`` (the entry
    does not follow the one before), ``hash`` (its fields were changed), ``payload`` (what it committed to was
    changed), ``subject`` (it was given to another person), ``head`` (the chain was written anew).
    """

    entries: int
    erased: int
    head: Head
    broken_at: int | None = None
    reason: str | None = None


def head(session: Session) -> Head:
    """Return the chain's head."""
    last = session.execute(
        select(LedgerEntry.seq, LedgerEntry.hash).order_by(LedgerEntry.seq.desc()).limit(1)
    ).one_or_none()
    return Head(last.seq, last.hash) if last else Head(0, rules.GENESIS)


def verify(session: Session, *, known: Iterable[Head] = ()) -> Verdict:
    """Read the chain from the first entry, and check numbers, links, hashes, and what was not erased.

    A chain that was written anew from some entry on, or cut at its end, holds in itself. ``known`` are heads that
    were noted elsewhere (in releases, in the journal, on receipts): the chain must still pass through each of them.
    """
    passes = _by_number(known)
    before, erased = Head(0, rules.GENESIS), 0
    # Columns and not objects: what the session holds already must not stand in for what the database holds.
    rows = session.execute(
        select(
            *(getattr(LedgerEntry, name) for name in rules.FIELDS),
            LedgerEntry.hash,
            LedgerPayload.seq.label("kept"),
            LedgerPayload.person_id,
            LedgerPayload.salt,
            cast(LedgerPayload.payload, Text).label("payload"),  # as text: a broken one is a finding, not a crash
            LedgerKey.key,
        )
        .outerjoin(LedgerPayload, LedgerPayload.seq == LedgerEntry.seq)
        .outerjoin(LedgerKey, LedgerKey.person_id == LedgerPayload.person_id)
        .order_by(LedgerEntry.seq)
        .execution_options(yield_per=1000)
    ).mappings()
    for found in rows:
        row: dict[str, Any] = {str(name): value for name, value in found.items()}
        here = Head(row["seq"], row["hash"])
        reason = None
        if here.seq != before.seq + 1:
            reason = "missing"
        elif row["prev"] != before.hash:
            reason = "link"
        elif rules.entry_hash(row) != here.hash:
            reason = "hash"
        elif passes.pop(here.seq, {here.hash}) != {here.hash}:
            reason = "head"
        elif row["kept"] is not None:
            reason = rules.fault_of_payload(row)
        if reason:
            rows.close()
            return Verdict(before.seq, erased, before, broken_at=before.seq + 1, reason=reason)
        erased += row["kept"] is None
        before = here
    if passes:
        return Verdict(before.seq, erased, before, broken_at=before.seq + 1, reason="missing")
    return Verdict(before.seq, erased, before)


def _by_number(known: Iterable[Head]) -> dict[int, set[str]]:
    """Return the hashes that were noted of each entry; more than one cannot all be right."""
    passes: dict[int, set[str]] = {}
    for noted in known:
        if noted.seq:
            passes.setdefault(noted.seq, set()).add(noted.hash)
    return passes
