"""What changed since the last published release: what downstream must do, and which version number fits; pure."""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from annotator.releases import lineage, rules
from annotator.releases.queries import FOLDERS, History, folder_of
from annotator.releases.selection import Selection

VERSION = re.compile(r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})")


@dataclass(frozen=True, slots=True)
class Change:
    """An entry for ``withdrawn``: ``op`` on a row that a release of this folder's kind held."""

    folder: str
    public_id: str
    op: str
    lane: str | None = None


@dataclass
class Standings:
    """Where known rows may stand from now on, and why rows of the last release are not in the folder any more."""

    changes: list[Change] = field(default_factory=list)
    removed: dict[str, dict[str, str]] = field(default_factory=lambda: {folder: {} for folder in FOLDERS})


def undoable(selection: Selection, open_texts: Collection[int], open_edits: Collection[int]) -> set[int]:
    """Return the annotations that are out because of something that its author can still undo, or that may come back.

    ``open_texts`` are annotations that were taken back and are neither erased nor said to be removed; ``open_edits``
    such revisions of reviewers.
    """
    pool = selection.pool
    found = set()
    for annotation_id, reason in selection.out.items():
        item = pool.items[annotation_id]
        if reason == "withdrawn":
            waits = annotation_id in open_texts
        elif reason in ("fallen", "set_aside"):
            behind = (rev for own in item.revisions for rev in lineage.upwards(own, pool.revisions))
            waits = any(rev.withdrawn and (rev.annotation_id in open_texts or rev.id in open_edits) for rev in behind)
        else:
            continue
        if waits:
            found.add(annotation_id)
    return found


def standings(
    selection: Selection, history: History, annotations: Mapping[str, int], undoable: Collection[int] = ()
) -> Standings:
    """Return a ``remove`` for all that is gone for good, and a ``restrict`` wherever a row may stand in another lane.

    ``annotations`` maps public ids to those annotations that still exist. A row that comes back where nothing
    was allowed gets a ``restrict`` to its new lane: the last entry of an id counts. What is ``undoable`` is nowhere for
    now, and not gone for good.
    """
    result = Standings()
    for folder in FOLDERS:
        before = {row.public_id: row.lane for row in history.rows.values() if folder_of(row.lane) == folder}
        recorded: dict[str, str | None] = {
            public_id: said.lane for public_id, said in history.said[folder].items() if said.op == "restrict"
        }
        recorded.update(before)
        for public_id, lane in recorded.items():
            annotation_id = annotations.get(public_id)
            row = selection.rows.get(annotation_id) if annotation_id is not None else None
            reason = "withdrawn" if annotation_id is None else selection.out.get(annotation_id, "withdrawn")
            waits = row is None and annotation_id in undoable
            if row is None and reason in rules.FOR_GOOD and not waits:
                result.changes.append(Change(folder, public_id, "remove"))
            elif (row.lane.value if row else None) != lane:
                result.changes.append(Change(folder, public_id, "restrict", row.lane.value if row else None))
            if public_id in before and (row is None or folder_of(row.lane) != folder):
                result.removed[folder][public_id] = (
                    "restricted" if row else "suspended" if waits else rules.CODES[reason]
                )
    return result


@dataclass
class Tally:
    """What a release adds, removes and changes in each folder; ``changed`` and ``removed`` map ids to codes."""

    added: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FOLDERS, 0))
    removed: dict[str, dict[str, str]] = field(default_factory=lambda: {folder: {} for folder in FOLDERS})
    changed: dict[str, dict[str, str]] = field(default_factory=lambda: {folder: {} for folder in FOLDERS})
    reviews_added: bool = False
    reviews_changed: bool = False

    @property
    def kind(self) -> str:
        """``major`` when rows were edited or removed, ``minor`` when rows were added, else ``patch`` (§3.5)."""
        if any(self.removed.values()) or any(self.changed.values()) or self.reviews_changed:
            return "major"
        return "minor" if any(self.added.values()) or self.reviews_added else "patch"

    def as_counts(self, folder: str) -> dict[str, int]:
        """Return the numbers for a manifest."""
        return {
            "added": self.added[folder],
            "removed": len(self.removed[folder]),
            "changed": len(self.changed[folder]),
        }

    def codes(self) -> Counter[str]:
        """Return how often each code was given."""
        every = (*self.removed.values(), *self.changed.values())
        return Counter(code for by_id in every for code in by_id.values())


def fitting(previous: str | None, kind: str) -> str:
    """Return the version number that fits after ``previous``; 1.0.0 for the first release."""
    if previous is None:
        return "1.0.0"
    major, minor, patch = (int(part) for part in previous.split("."))
    if kind == "major":
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if kind == "minor" else f"{major}.{minor}.{patch + 1}"


def fits(version: str, previous: str | None, kind: str) -> bool:
    """Say whether ``version`` is the number that fits; a first release may have any."""
    return previous is None or version == fitting(previous, kind)
