"""Ask the chain: its head, and whether it holds."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator.ledger import rules
from annotator.ledger.models import LedgerEntry, LedgerPayload


@dataclass(frozen=True)
class Head:
    """The last entry's number and hash; ``seq`` 0 and the genesis hash for an empty chain."""

    seq: int
    hash: str


@dataclass(frozen=True)
class Verdict:
    """The result of reading the whole chain; ``broken_at`` names the first entry that does not hold."""

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


def verify(session: Session) -> Verdict:
    """Read the chain from the first entry and check numbers, links, hashes and commitments that still have a payload."""
    prev, expected, erased = rules.GENESIS, 1, 0
    rows = session.execute(
        select(LedgerEntry, LedgerPayload.salt, LedgerPayload.payload)
        .outerjoin(LedgerPayload, LedgerPayload.seq == LedgerEntry.seq)
        .order_by(LedgerEntry.seq)
        .execution_options(yield_per=1000)
    )
    for entry, salt, payload in rows:
        fields = {name: getattr(entry, name) for name in rules.FIELDS}
        reason = None
        if entry.seq != expected:
            reason = "missing"
        elif entry.prev != prev:
            reason = "link"
        elif rules.entry_hash(fields) != entry.hash:
            reason = "hash"
        elif salt is not None and rules.commitment(salt, payload) != entry.commitment:
            reason = "payload"
        if reason:
            return Verdict(expected - 1, erased, Head(expected - 1, prev), broken_at=expected, reason=reason)
        erased += salt is None
        prev, expected = entry.hash, expected + 1
    return Verdict(expected - 1, erased, Head(expected - 1, prev))
