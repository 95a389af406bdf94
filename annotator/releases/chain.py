"""How an entry of the feed is hashed, dated and followed; pure functions. Anybody can check the chain with these rules."""

import hashlib
from calendar import monthrange
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import rfc8785

GENESIS = "0" * 64
# The members of an entry as the world sees it; ``hash`` is over the RFC 8785 form of all of them.
MEMBERS = (
    "seq", "prev_hash", "dataset", "folder", "op", "annotation_ids", "purposes_removed", "lane", "since_version",
    "latest_usable_version", "month", "due_by",
)  # fmt: skip

# lane where a row was last said to stand -> lanes in which it may be found; null: nowhere
NO_WIDER: Mapping[str | None, frozenset[str]] = {
    "open": frozenset({"open", "sharealike", "noncommercial", "gated"}),
    "sharealike": frozenset({"sharealike", "gated"}),
    "noncommercial": frozenset({"noncommercial", "gated"}),
    "gated": frozenset({"gated"}),
    None: frozenset(),
}


@dataclass(frozen=True)
class Head:
    """The last entry's number and hash; ``seq`` 0 and the genesis hash for an empty feed."""

    seq: int = 0
    hash: str = GENESIS


@dataclass(frozen=True)
class Verdict:
    """The result of reading the feed; ``broken_at`` is the first entry that does not hold.

    ``reason``: ``missing`` (a number is left out, or the feed is shorter than a known head), ``link``, ``hash``,
    ``head`` (it was written anew).
    """

    entries: int
    head: Head
    broken_at: int | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Standing:
    """What was said last about where a row may stand; ``purposes`` are those that it lost there."""

    op: str
    lane: str | None = None
    purposes: frozenset[str] = field(default_factory=frozenset)

    def allows(self, lane: str, purposes: Iterable[str]) -> bool:
        """Say whether a row in this lane, for these purposes, is what was allowed."""
        return self.op != "remove" and lane in NO_WIDER[self.lane] and not self.purposes & set(purposes)


def entry_hash(entry: Mapping[str, Any]) -> str:
    """Return SHA-256 over the RFC 8785 form of the entry's members, in hexadecimal."""
    return hashlib.sha256(rfc8785.dumps({name: entry[name] for name in MEMBERS})).hexdigest()


def due_by(month: str) -> str:
    """Return the day by which copies should have followed: the last of the month after; it tells no more than the month."""
    year, number = (int(part) for part in month.split("-"))
    year, number = (year + 1, 1) if number == 12 else (year, number + 1)  # noqa: PLR2004  # December
    return f"{year:04d}-{number:02d}-{monthrange(year, number)[1]:02d}"


def check(entries: Iterable[Mapping[str, Any]], known: Collection[Head] = ()) -> Verdict:
    """Follow a whole feed from its first entry; ``known`` are heads that were noted elsewhere, as in releases."""
    passes: dict[int, set[str]] = {}
    for noted in known:
        if noted.seq:
            passes.setdefault(noted.seq, set()).add(noted.hash)
    before = Head()
    for entry in entries:
        here = Head(entry["seq"], entry["hash"])
        reason = None
        if here.seq != before.seq + 1:
            reason = "missing"
        elif entry["prev_hash"] != before.hash:
            reason = "link"
        elif entry_hash(entry) != here.hash:
            reason = "hash"
        elif passes.pop(here.seq, set()) - {here.hash}:
            reason = "head"
        if reason:
            return Verdict(before.seq, before, before.seq + 1, reason)
        before = here
    if passes:
        return Verdict(before.seq, before, before.seq + 1, "missing")
    return Verdict(before.seq, before)
