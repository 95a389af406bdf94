"""A release as it would be frozen at a moment: its rows one after the other, and what they change; writes nothing."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator.consent.rules import LICENSES, Rights
from annotator.database import chunks
from annotator.projects.models import Project
from annotator.releases import diff, ids, pool, queries, rows, rules, selection
from annotator.releases.diff import Change, Standings, Tally
from annotator.releases.models import ReleaseRow
from annotator.releases.queries import FOLDERS, History, folder_of
from annotator.releases.rules import Policy
from annotator.releases.selection import Chosen, Selection


@dataclass
class Draft:
    """A selection with what it changes. ``tally``, ``changes`` and ``credits`` are complete once ``frozen`` was read."""

    selection: Selection
    history: History
    standings: Standings
    maker: rows.Maker
    tally: Tally
    changes: list[Change]
    profiles: dict[str, dict[str, Any]] = field(default_factory=dict)
    credits: dict[str, tuple[str, str]] = field(default_factory=dict)
    documents: set[int] = field(default_factory=set)

    @property
    def previous_version(self) -> str | None:
        """The version that this would follow."""
        return self.history.previous.version if self.history.previous else None

    @property
    def fitting(self) -> str:
        """The version number that fits, once ``frozen`` was read."""
        return diff.fitting(self.previous_version, self.tally.kind)

    def protected(self) -> list[str]:
        """Return the protected languages that have rows in it."""
        languages = self.selection.pool.languages
        found = {languages[row.item.language_id] for row in self.selection.rows.values()}
        return sorted(language.code for language in found if language.protected)

    def by_lane_and_language(self) -> dict[str, Counter[str]]:
        """Return the number of rows in each lane by language code."""
        result: dict[str, Counter[str]] = {}
        for row in self.selection.rows.values():
            language = self.selection.pool.languages[row.item.language_id].code
            result.setdefault(row.lane.value, Counter())[language] += 1
        return result

    def frozen(self, session: Session, version: str) -> Iterator[dict[str, Any]]:
        """Yield the columns of each frozen row, and tally what it changes."""
        for few in chunks(sorted(self.selection.rows.values(), key=lambda row: row.item.id), rows.AT_ONCE):
            facts = [self.maker.facts(row) for row in few]
            added = [self.history.first.get(row.item.id, version) for row in few]
            full = rows.with_texts(
                session, [rows.columns_of(row, fact, new) for row, fact, new in zip(few, facts, added, strict=True)]
            )
            made = [
                self._row(row, fact, new, ids.row_sha256(columns))
                for row, fact, new, columns in zip(few, facts, added, full, strict=True)
            ]
            self._compare(session, few, made)
            yield from made

    def _row(self, row: Chosen, facts: dict[str, Any], added: str, row_sha256: str) -> dict[str, Any]:
        self.profiles.setdefault(
            facts["rights_profile_id"], {**facts["rights"], "lane": row.lane.value, "license": LICENSES[row.lane]}
        )
        used = {by[1] for by in facts["by"]} | {review.get("reviewer_id") for review in facts["reviews"]}
        self.credits.update({told: self.maker.credits[told] for told in used if told is not None})
        self.documents.update(by[5] for by in facts["by"])
        return {
            "annotation_id": row.item.id,
            "revision_id": row.rev.id,
            "lane": row.lane.value,
            "license": LICENSES[row.lane],
            "split": row.split,
            "root_id": row.root,
            "row_sha256": row_sha256,
            "release_added": added,
            "facts": facts,
        }

    def _compare(self, session: Session, few: list[Chosen], made: list[dict[str, Any]]) -> None:
        """Tally additions and changes; rows that changed are compared with what was frozen before."""
        suspects: dict[int, tuple[Chosen, dict[str, Any]]] = {}
        for row, new in zip(few, made, strict=True):
            before = self.history.rows.get(row.item.id)
            if before is None or folder_of(before.lane) != folder_of(row.lane):
                self.tally.added[folder_of(row.lane)] += 1
            elif (before.row_sha256, before.reviews_sha256) != (new["row_sha256"], new["facts"]["reviews_sha256"]):
                suspects[row.item.id] = (row, new)
        if not suspects or self.history.previous is None:
            return
        old = select(ReleaseRow).where(
            ReleaseRow.release_id == self.history.previous.id, ReleaseRow.annotation_id.in_(suspects)
        )
        for frozen in session.scalars(old):
            row, new = suspects[frozen.annotation_id]
            self._tally_change(row, new, frozen)

    def _tally_change(self, row: Chosen, new: dict[str, Any], old: ReleaseRow) -> None:
        folder, public_id = folder_of(row.lane), row.item.public_id
        reviews = {ids.row_sha256(review) for review in new["facts"]["reviews"]}
        before = {ids.row_sha256(review) for review in old.facts["reviews"]}
        self.tally.reviews_changed = self.tally.reviews_changed or bool(before - reviews)
        self.tally.reviews_added = self.tally.reviews_added or bool(reviews - before)
        if new["row_sha256"] == old.row_sha256:
            return
        codes = []
        if rules.narrower(row.rights, Rights(**old.facts["rights"])) or new["lane"] != old.lane:
            codes.append("restricted")
            if new["lane"] == old.lane:
                self.changes.append(Change(folder, public_id, "restrict", old.lane))
        if new["facts"]["texts"] != old.facts["texts"]:
            codes.append("corrected")
            self.changes.append(Change(folder, public_id, "correct"))
        if self._credit_lost(new["facts"], old.facts):
            codes.append("redacted")
            self.changes.append(Change(folder, public_id, "redact_attribution"))
        self.tally.changed[folder][public_id] = codes[0] if codes else "selection"

    def _credit_lost(self, new: dict[str, Any], old: dict[str, Any]) -> bool:
        """Say whether a name that was printed before must not be printed any more."""
        before = {author[1] for author in old["by"] if author[1]}
        now = {author[1] for author in new["by"]}
        printed = self.history.previous.facts["credits"] if self.history.previous else {}
        return bool(before - now) or any(list(self.credits[one]) != list(printed[one]) for one in before & now)


def draft(session: Session, project: Project, *, at: datetime) -> Draft:
    """Return the project's next release as it would be frozen at ``at``."""
    history = queries.history(session, project)
    chosen = selection.select(
        pool.read(session, project, known=at),
        project_id=project.id,
        key=project.key,
        policy=Policy(release_unreviewed=project.release_unreviewed, lanes=frozenset(project.lanes)),
        earlier=history.earlier,
        at=at,
    )
    known = {row.public_id for row in history.rows.values()} | {one for said in history.said.values() for one in said}
    waiting = diff.undoable(chosen, *queries.taken_back(session))
    standings = diff.standings(chosen, history, queries.annotation_ids(session, sorted(known)), waiting)
    told = {
        folder: {*history.said[folder], *(c.public_id for c in standings.changes if c.folder == folder)}
        for folder in FOLDERS
    }
    tally = Tally(removed=standings.removed)
    return Draft(chosen, history, standings, rows.Maker(chosen, told), tally, list(standings.changes))


def stands(frozen: ReleaseRow, now: Selection, maker: rows.Maker) -> bool:
    """Say whether a frozen row is still what it was: same revision, lane, rights, authors and credit.

    Of its reviews, each must stand as it was frozen; those that came since wait for the next release.
    """
    row = now.rows.get(frozen.annotation_id)
    if row is None or (row.rev.id, row.lane.value, row.split) != (frozen.revision_id, frozen.lane, frozen.split):
        return False
    facts = maker.facts(row)
    same = all(facts.get(name) == frozen.facts.get(name) for name in ("rights", "by", "attribution_text"))
    return same and all(review in facts["reviews"] for review in frozen.facts["reviews"])
