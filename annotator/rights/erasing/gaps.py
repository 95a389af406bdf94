"""Cut surviving words of somebody who took them back out of what others made from them; a gap stands where they were.

The others' own words stay. ``shares`` stay too, as evidence: what is decided about the item is decided as before
(rights-model §2.7), and nobody takes the gap for a whole text.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from annotator.annotations import shares
from annotator.annotations.models import Revision
from annotator.annotations.rules import FIELDS, texts_of
from annotator.database import chunks


def cut_out(session: Session, gone: Sequence[int]) -> int:
    """Put gaps into the revisions that others made by editing these; return into how many."""
    doomed = set(gone)
    count = 0
    # Whose tokens are in a field that nobody counted is counted now, while the words are still there to compare.
    runs: dict[int, dict[str, shares.Runs]] = {}
    for revision in _made_from(session, doomed):
        found = runs[revision.id] = _runs(revision, runs)
        changes: dict[str, Any] = {}
        for name in FIELDS:
            words, told = getattr(revision, name), found.get(name)
            if words is None or told is None:
                continue
            owners = set(shares.counted(told, revision.id))
            lost = doomed & owners
            if lost:
                changes[name] = shares.without(told, words, lost, cut=_cut_before(session, owners - lost))[1]
        if changes and revision.id not in doomed:
            if revision.shares is None:
                changes["shares"] = {name: told for name, told in found.items() if getattr(revision, name) is not None}
            session.execute(update(Revision).where(Revision.id == revision.id).values(changes))
            count += 1
    return count


def _cut_before(session: Session, ids: set[int]) -> set[int]:
    return set(session.scalars(select(Revision.id).where(Revision.id.in_(ids), Revision.erased_at.is_not(None))))


def _made_from(session: Session, gone: set[int]) -> list[Revision]:
    """Return the revisions that are made from these, at any remove, parents first; those that are gone among them."""
    found: dict[int, Revision] = {}
    frontier = sorted(gone)
    while frontier:
        children: list[Revision] = []
        for few in chunks(frontier):
            children += session.scalars(select(Revision).where(Revision.parent_id.in_(few)))
        frontier = sorted({child.id for child in children} - found.keys())
        found.update({child.id: child for child in children})
    return [found[id_] for id_ in sorted(found)]


def _runs(revision: Revision, known: dict[int, dict[str, shares.Runs]]) -> dict[str, shares.Runs]:
    """Return the runs of every field as it stands in the revision, counted where they were not."""
    result: dict[str, shares.Runs] = {}
    parent = revision.parent
    above = texts_of(parent) if parent is not None else None
    for name in FIELDS:
        words = getattr(revision, name)
        noted = (revision.shares or {}).get(name)
        old = getattr(above, name) if above is not None else None
        before = _of_parent(parent, name, old, known) if parent is not None and revision.link == "edit" else None
        if noted is not None:
            result[name] = shares.settled(noted, revision.id)
        elif words is None:
            result[name] = before or []
        elif before is None:
            result[name] = shares.whole(revision.id, words)
        else:
            traced = shares.trace(before, old, words)
            # Nobody can tell whose it is: then all of it counts as theirs.
            result[name] = shares.settled(traced, revision.id) if traced is not None else shares.whole(parent.id, words)  # type: ignore[union-attr]  # before is of the parent
    return result


def _of_parent(parent: Revision, name: str, words: str | None, known: dict[int, dict[str, shares.Runs]]) -> shares.Runs:
    if parent.id in known and name in known[parent.id]:
        return known[parent.id][name]
    noted = (parent.shares or {}).get(name)
    return shares.settled(noted, parent.id) if noted is not None else shares.whole(parent.id, words)
