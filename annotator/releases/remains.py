"""What remains of the last release when only removals count: its rows as they were frozen, minus those that no longer stand.

Nothing is added and nothing is edited, also where newer texts exist. Only three things change in a row that stays: a
parent that left is called removed, a credit that may not be printed any more is not, and a text with words that were
taken back goes back to the older one without them (a reviewer who leaves takes nobody's text out, rights-model §2.3).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator.annotations import chain as behind_texts
from annotator.consent.rules import LICENSES, SCALES, Lane, Rights, meet, outbound, source_class
from annotator.database import AT_ONCE, chunks
from annotator.projects.models import Project
from annotator.releases import drafts, ids, lineage, rows, rules
from annotator.releases.chain import NO_WIDER
from annotator.releases.diff import Change, Tally
from annotator.releases.drafts import Draft
from annotator.releases.models import Release, ReleaseRow
from annotator.releases.queries import FOLDERS, folder_of
from annotator.releases.selection import Chosen, Selection

_MODES = SCALES["attribution"]


@dataclass(frozen=True, slots=True)
class Leaving:
    """A row that does not stay: what is said of it, and the neutral code."""

    public_id: str
    folder: str
    change: Change
    code: str


@dataclass
class Remains:
    """The rows of ``previous`` that stay and those that leave. ``tally`` and ``changes`` are complete once ``frozen`` was read."""

    previous: Release
    draft: Draft
    kept: Selection
    maker: rows.Maker
    leaving: dict[int, Leaving]
    tally: Tally
    changes: list[Change]
    back: frozenset[int] = frozenset()
    credits: dict[str, list[str]] = field(default_factory=dict)
    profiles: dict[str, dict[str, Any]] = field(default_factory=dict)

    def frozen(self, session: Session) -> Iterator[dict[str, Any]]:
        """Yield the columns of each row that stays, and tally what changes in it."""
        standing = {folder: set[str]() for folder in FOLDERS}
        for row in self.kept.rows.values():
            standing[folder_of(row.lane)].add(row.item.public_id)
        for few in chunks(sorted(self.kept.rows), rows.AT_ONCE):
            chosen = select(ReleaseRow).where(
                ReleaseRow.release_id == self.previous.id, ReleaseRow.annotation_id.in_(few)
            )
            olds = sorted(session.scalars(chosen), key=lambda row: row.annotation_id)
            made = [self._row(old, standing[folder_of(old.lane)]) for old in olds]
            anew = [one for one, old in zip(made, olds, strict=True) if one["facts"] != old.facts]
            full = rows.with_texts(session, [_columns(one) for one in anew])
            for one, columns in zip(anew, full, strict=True):
                one["row_sha256"] = ids.row_sha256(columns)
            for old, one in zip(olds, made, strict=True):
                self._compare(old, one)
                session.expunge(old)
            yield from made

    def _row(self, old: ReleaseRow, standing: set[str]) -> dict[str, Any]:
        row = self.kept.rows[old.annotation_id]
        facts = now = self.maker.facts(row)
        if row.item.id in self.back:
            profile = {**facts["rights"], "lane": row.lane.value, "license": LICENSES[row.lane]}
            self.profiles[facts["rights_profile_id"]] = profile
        else:
            facts = _quieter(old.facts, now, {**self.previous.facts["credits"], **self.maker.credits})
        if facts.get("parent_state") == "in_release" and facts.get("parent_id") not in standing:
            facts["parent_state"] = "removed"
        self.credits.update(
            {told: list(self.maker.credits[told]) for told in _named(facts) & self.maker.credits.keys()}
        )
        return {
            "annotation_id": old.annotation_id,
            "revision_id": row.rev.id,
            "lane": row.lane.value,
            "license": LICENSES[row.lane],
            "split": old.split,
            "root_id": old.root_id,
            "row_sha256": old.row_sha256,
            "release_added": old.release_added,
            "facts": facts,
        }

    def _compare(self, old: ReleaseRow, new: Mapping[str, Any]) -> None:
        facts, folder, public_id = new["facts"], folder_of(old.lane), old.facts["annotation_id"]
        self.tally.reviews_changed |= facts["reviews_sha256"] != old.facts["reviews_sha256"]
        if new["row_sha256"] == old.row_sha256:
            return
        if old.annotation_id in self.back:
            self.tally.changed[folder][public_id] = "corrected"
            self.changes.append(Change(folder, public_id, "correct"))
            if new["lane"] != old.lane:
                self.changes.append(Change(folder, public_id, "restrict", new["lane"]))
            return
        # Somebody is not named any more, or is called otherwise: then what was printed before must go as well.
        lost = facts.get("attribution_text") != old.facts.get("attribution_text")
        self.tally.changed[folder][public_id] = "redacted" if lost else "selection"
        if lost:
            self.changes.append(Change(folder, public_id, "redact_attribution"))

    def printed(self) -> dict[str, list[str]]:
        """Return how each contributor is credited, once ``frozen`` was read."""
        return {**self.previous.facts["credits"], **self.credits}

    def protected(self) -> list[str]:
        """Return the protected languages that have rows in it."""
        return replace(self.draft, selection=self.kept).protected()

    @property
    def empty(self) -> bool:
        """Whether nothing left, so that the last release can stay as it is. Credits wait for an ordinary release."""
        return not self.leaving and not self.back


def remains(session: Session, project: Project, *, at: datetime) -> Remains | None:
    """Return what remains of the newest release at a moment; None when there is none. Writes nothing."""
    draft = drafts.draft(session, project, at=at)
    previous = draft.history.previous
    if previous is None:
        return None
    said = {(change.folder, change.public_id): change for change in draft.standings.changes}
    kept: dict[int, Chosen] = {}
    leaving: dict[int, Leaving] = {}
    back: set[int] = set()
    chosen = select(
        ReleaseRow.annotation_id, ReleaseRow.revision_id, ReleaseRow.lane, ReleaseRow.split, ReleaseRow.root_id,
        ReleaseRow.facts["annotation_id"].as_string(), ReleaseRow.facts["purposes"],
        ReleaseRow.facts["source_licenses"], ReleaseRow.facts["rights"],
    ).where(ReleaseRow.release_id == previous.id)  # fmt: skip
    for one, rev, lane, split, root, public_id, purposes, licenses, rights in session.execute(
        chosen.execution_options(yield_per=AT_ONCE)
    ):
        stays, where = _standing(draft.selection, one, rev, Lane(lane), purposes=purposes, licenses=licenses)
        if stays:
            pool = draft.selection.pool
            kept[one] = Chosen(
                pool.items[one], pool.revisions[rev], Lane(lane), Rights(**rights), tuple(licenses), root, split
            )
            continue
        older = _older(draft.selection, one, rev, Lane(lane))
        if older is not None:
            kept[one] = older
            back.add(one)
            continue
        folder = folder_of(lane)
        change = said.get((folder, public_id))
        if change is None or change.op != "remove":
            change = Change(folder, public_id, "restrict", where)
        reason = draft.selection.out.get(one)
        code = rules.CODES[reason] if change.op == "remove" and reason else "restricted" if where else "suspended"
        leaving[one] = Leaving(public_id, folder, change, code)
    selection = replace(draft.selection, rows=kept)
    gone = {(one.folder, one.public_id) for one in leaving.values()}
    held = {(folder_of(row.lane), row.item.public_id) for row in kept.values()}
    # Of ids that had left before, only that they are gone for good is news that cannot wait.
    old = [c for key, c in said.items() if key not in gone and key not in held and c.op == "remove"]
    tally = Tally()
    for one in leaving.values():
        tally.removed[one.folder][one.public_id] = one.code
    told = {
        folder: {*draft.history.said[folder], *(one.public_id for one in leaving.values() if one.folder == folder)}
        for folder in FOLDERS
    }
    changes = [*(one.change for one in leaving.values()), *old]
    return Remains(previous, draft, selection, rows.Maker(selection, told), leaving, tally, changes, frozenset(back))


def _older(selection: Selection, annotation_id: int, revision_id: int, lane: Lane) -> Chosen | None:
    """Return the row with an older text of the same annotation, where that may stand in the lane, or in a narrower one."""
    now, before = selection.rows.get(annotation_id), selection.pool.revisions.get(revision_id)
    if now is None or before is None or now.rev.number >= before.number:
        return None
    same_folder = folder_of(now.lane) == folder_of(lane)
    return now if same_folder and now.lane.value in NO_WIDER[lane.value] else None


def _standing(
    selection: Selection, annotation_id: int, revision_id: int, lane: Lane, *, purposes: list[str], licenses: list[str]
) -> tuple[bool, str | None]:
    """Say whether a frozen row may stand as it was frozen, and if not, in which lane it still might (None: nowhere)."""
    pool = selection.pool
    item, rev = pool.items.get(annotation_id), pool.revisions.get(revision_id)
    if item is None or rev is None or item.withdrawn or item.out or rev.withdrawn or not item.revisions:
        return False, None
    parts = lineage.parts(rev, pool.revisions)
    licensed = {} if item.out else rules.licensed_parts(parts, selection.public_at)
    if behind_texts.gone(parts, lambda part: part.rev.id in licensed):
        return False, None

    def given(part: lineage.Part) -> Rights:
        if part.rev.id in licensed:
            return licensed[part.rev.id][1]
        return selection.standing.rights_of(part.rev, pool.items[part.rev.annotation_id])

    rights = meet([selection.standing.of_author(item).rights, *(given(part) for part in parts)])
    now = outbound(source_class(licenses), rights).lane
    if now is None or not all(rules.covers(public, now) for public, _rights in licensed.values()):
        return False, None
    # A row may stay in a narrower lane than it could have: then it is for the purposes of that lane.
    stays = lane.value in NO_WIDER[now.value] and set(purposes) <= set(ids.purposes(lane, rights))
    return stays, now.value


def _quieter(
    old: Mapping[str, Any], now: Mapping[str, Any], credits_: Mapping[str, tuple[str, str] | list[str]]
) -> dict[str, Any]:
    """Return the frozen facts with every credit at most as loud as it may be now; nobody becomes louder."""
    facts = dict(old)
    fresh = {by[0]: by for by in now["by"]}
    unknown = [by for by in now["by"] if by[0] not in {before[0] for before in old["by"]}]
    people: dict[int, int] = {}
    behind, told = [], {}
    for by in old["by"]:
        found = fresh.get(by[0])
        if found is None:  # somebody else stands in for whoever has left
            found = [unknown.pop(0)[0] if unknown else now["own"], None, by[2], "none", *by[4:]]
        quiet = found if _MODES.index(found[3]) < _MODES.index(by[3]) else by
        people[by[0]] = found[0]
        told[by[1]] = quiet[1]
        behind.append([found[0], quiet[1], by[2], quiet[3], *by[4:]])
    own = people.get(old["own"], now["own"])
    mine = next((by for by in behind if by[0] == own), [own, None, "author", "none"])
    authors = [
        {
            **author,
            "contributor_id": told[author["contributor_id"]],
            "mode": credits_[told[author["contributor_id"]]][0],
        }
        for author in old["authors"]
        if told.get(author["contributor_id"]) is not None
    ]
    uncredited = old["authors_uncredited"] + len(old["authors"]) - len(authors)
    facts |= {
        "own": own,
        "by": behind,
        "contributor_id": mine[1],
        "attribution_mode": mine[3],
        "authors": authors,
        "authors_uncredited": uncredited,
        "attribution_text": rows.credit_line([credits_[one["contributor_id"]][1] for one in authors], uncredited),
        "reviews": _reviews(old["reviews"], now["reviews"], credits_),
    }
    facts["reviews_sha256"] = ids.row_sha256({"reviews": facts["reviews"]})
    return {name: value for name, value in facts.items() if value is not None}


def _reviews(
    old: list[dict[str, Any]], now: list[dict[str, Any]], credits_: Mapping[str, tuple[str, str] | list[str]]
) -> list[dict[str, Any]]:
    """Return the frozen reviews without ratings that were taken back, and without reviewers who may not be named."""
    fresh = {review["review_id"]: review for review in now}
    result = []
    for review in old:
        found, before = fresh.get(review["review_id"]), review.get("reviewer_id")
        if found is None and review["kind"] == "rating":
            continue
        after = found.get("reviewer_id") if found else None
        if before is None or (before in credits_ and after is not None and _louder(credits_, after, before)):
            after = before
        result.append({**review, "reviewer_id": after})
    return result


def _louder(credits_: Mapping[str, tuple[str, str] | list[str]], one: str, other: str) -> bool:
    """Say whether the first credit says at least as much as the other."""
    return _MODES.index(credits_[one][0]) >= _MODES.index(credits_[other][0])


def _named(facts: Mapping[str, Any]) -> set[str]:
    found = {by[1] for by in facts["by"]} | {review.get("reviewer_id") for review in facts["reviews"]}
    return {told for told in found if told is not None}


def _columns(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row["facts"], **{name: row[name] for name in ("license", "split", "root_id", "release_added")}}
