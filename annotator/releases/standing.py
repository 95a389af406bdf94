"""What people's grants add up to for each of many texts, computed once for all texts that share an answer.

The decisions are those of ``consent.rules``; here is only the memory. Two texts of one person have the same answer
when the same events came before them and the same ones name their language or themselves.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from annotator.consent.rules import EVERYTHING, NOTHING, PRESETS, Decisions, Rights, Text, decisions
from annotator.releases.lineage import Item, Rev


@dataclass(slots=True)
class Grant:
    """A consent event, as ``consent.rules.Event`` reads it."""

    id: int
    at: datetime
    language_id: int | None
    annotation_id: int | None
    also_before: bool
    expires_at: datetime | None
    publish: str | None
    derive: bool | None
    train: bool | None
    evaluate: bool | None
    research: bool | None
    commercial: bool | None
    attribution: str | None
    wrong: bool | None = False


class Standing:
    """What stood at ``known`` (later events do not count), as it will still stand at ``until``."""

    def __init__(self, events: Iterable[tuple[int, Grant]], *, known: datetime, until: datetime) -> None:
        """Sort the events of all people; ``events`` are pairs of person and grant."""
        self._until = until
        self._events: dict[int, list[Grant]] = defaultdict(list)
        for person_id, grant in events:
            if grant.at <= known:
                self._events[person_id].append(grant)
        self._times: dict[int, list[datetime]] = {}
        self._named: set[tuple[int, str, int]] = set()
        for person_id, grants in self._events.items():
            grants.sort(key=lambda grant: (grant.at, grant.id))
            self._times[person_id] = [grant.at for grant in grants]
            for grant in grants:
                if grant.language_id is not None:
                    self._named.add((person_id, "language", grant.language_id))
                if grant.annotation_id is not None:
                    self._named.add((person_id, "text", grant.annotation_id))
        self._answers: dict[tuple[object, ...], Decisions] = {}
        self._of_items: dict[int, Decisions] = {}

    def of_author(self, item: Item) -> Decisions:
        """Return what the author of an annotation decided about it."""
        found = self._of_items.get(item.id)
        if found is None:
            found = self._of_items[item.id] = self._of(item.author_id, item, item.created_at, edit=False)
        return found

    def of_edit(self, rev: Rev, item: Item) -> Decisions:
        """Return what stands for a reviewer's edit: given under the item's own terms, narrowed by later denials (§2.3)."""
        rights = self._of(rev.author_id, item, rev.created_at, edit=True).rights
        return Decisions(rights, self._of(rev.author_id, item, rev.created_at, edit=False).attribution)

    def of_reviewer(self, person_id: int, item: Item, at: datetime) -> Decisions:
        """Return what a reviewer decided for what they said about an annotation at that moment."""
        return self._of(person_id, item, at, edit=False)

    def rights_of(self, rev: Rev, item: Item) -> Rights:
        """Return the rights in one revision's words."""
        return (self.of_edit(rev, item) if rev.role == "reviewer" else self.of_author(item)).rights

    def _of(self, person_id: int, item: Item, given_at: datetime, *, edit: bool) -> Decisions:
        position = bisect_right(self._times.get(person_id, []), given_at)
        language = item.language_id if (person_id, "language", item.language_id) in self._named else None
        text = item.id if (person_id, "text", item.id) in self._named else None
        key = (person_id, position, language, text, edit)
        found = self._answers.get(key)
        if found is None:
            grants = self._events.get(person_id, [])
            if edit:
                grants = [_under_the_items_terms(item, given_at), *grants[position:]]
            found = decisions(grants, Text(item.language_id, given_at, item.id), at=self._until)
            self._answers[key] = found
        return found


def _under_the_items_terms(item: Item, at: datetime) -> Grant:
    """Return the grant that stands behind a reviewer's edit: all that the item itself may be used for."""
    return Grant(0, at, None, item.id, False, None, **EVERYTHING.as_dict(), attribution=None)  # type: ignore[arg-type]  # the names are those of Rights  # noqa: FBT003  # positional as in the table


def preset_of(rights: Rights) -> str:
    """Return the preset with exactly these rights, else ``custom``."""
    return next((name for name, preset in PRESETS.items() if preset == rights and rights != NOTHING), "custom")
