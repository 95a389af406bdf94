"""Make the rows that are frozen, and put their texts in: the one place that knows what each column says."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock, text
from annotator.annotations.models import Revision
from annotator.consent.rules import LICENSES, SCALES, Decisions, Rights
from annotator.database import chunks
from annotator.prompts.models import Prompt
from annotator.releases import ids, lineage
from annotator.releases.pool import Credit
from annotator.releases.queries import folder_of
from annotator.releases.selection import Chosen, Selection
from annotator.releases.standing import preset_of
from annotator.releases.tables import ANNOTATIONS

# Rows whose texts are in memory at the same time.
AT_ONCE = 1_000

_COLUMNS = tuple(column.name for column in ANNOTATIONS)
_MODES = SCALES["attribution"]


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody behind a row, and how this row credits them."""

    person_id: int
    contributor_id: str | None
    role: str
    mode: str
    preset: str
    document_id: int
    month: str
    share_prompt: float | None = None
    share_completion: float | None = None


class Maker:
    """Makes the facts of frozen rows from a selection.

    ``told`` holds, for each kind of folder, the ids that its ``withdrawn`` speaks of. ``credits`` gathers who is
    credited: contributor id -> (mode, name to print).
    """

    def __init__(self, selection: Selection, told: Mapping[str, Iterable[str]]) -> None:
        """Remember the selection."""
        self._s = selection
        self._pool = selection.pool
        self._told = {folder: frozenset(public_ids) for folder, public_ids in told.items()}
        self._profiles: dict[tuple[Rights, str], str] = {}
        self._shielded = {id_ for id_, language in self._pool.languages.items() if language.protected}
        self.credits: dict[str, tuple[str, str]] = {}

    def facts(self, row: Chosen) -> dict[str, Any]:
        """Return what is frozen of a row beside its lane, split and root: every column that holds no text, and more.

        ``texts`` says where the words are; ``by`` who is behind them (person, contributor id, role, mode, preset,
        document, month); ``reviews`` what goes into the table of that name.
        """
        item, rev = row.item, row.rev
        authors = self._authors(row)
        own = next(author for author in authors if author.person_id == item.author_id)
        start = self._s.start_of(rev)
        texts = lineage.origins(rev, self._pool.revisions, start)
        language = self._pool.languages[item.language_id]
        origin = self._pool.items[lineage.oldest(rev, self._pool.revisions).annotation_id]
        instruction = start.instruction_language_id if start else origin.language_id
        told_input = start.input_language_id if start else origin.language_id
        reviews = self._reviews(row)
        credited = [author for author in authors if author.contributor_id is not None]
        facts: dict[str, Any] = {
            "annotation_id": item.public_id,
            "task_type": item.kind,
            "language": language.code,
            "language_bcp47": language.bcp47,
            "variety": language.variety,
            "instruction_language": self._pool.languages[instruction].code,
            "input_language": self._pool.languages[told_input].code if "input" in texts else None,
            **self._parent(row),
            "revision": rev.number,
            "source": start.source if start else None,
            "source_id": start.source_id if start else None,
            "source_licenses": list(row.licenses),
            "template": start.template if start else None,
            "template_version": start.template_version if start else None,
            "review_status": _status(row),
            "n_reviews": sum(review["kind"] == "outcome" for review in reviews),
            "rating_prompt": _number(item.rating_prompt),
            "rating_completion": _number(item.rating_completion),
            "edit_distance": rev.edit_distance if item.kind == "reannotate" else None,
            "ai_assisted": item.ai_assisted.split(":", maxsplit=1)[0],
            "created_month": clock.month(item.created_at),
            "contributor_id": own.contributor_id,
            "attribution_mode": own.mode,
            "attribution_text": self._credit_line(credited, len(authors) - len(credited)),
            "authors": [
                {
                    "contributor_id": author.contributor_id,
                    "role": author.role,
                    "share_prompt": author.share_prompt,
                    "share_completion": author.share_completion,
                    "mode": author.mode,
                }
                for author in credited
            ],
            "authors_uncredited": len(authors) - len(credited),
            "terms_sha256": self._pool.documents[item.document_id].sha256,
            "rights_profile_id": self._profile(row),
            "purposes": ids.purposes(row.lane, row.rights),
            "own": item.author_id,
            "texts": texts,
            "rights": row.rights.as_dict(),
            "by": [[a.person_id, a.contributor_id, a.role, a.mode, a.preset, a.document_id, a.month] for a in authors],
            "reviews": reviews,
            "reviews_sha256": ids.row_sha256({"reviews": reviews}),
        }
        return {name: value for name, value in facts.items() if value is not None}

    def _profile(self, row: Chosen) -> str:
        key = (row.rights, row.lane.value)
        found = self._profiles.get(key)
        if found is None:
            found = self._profiles[key] = ids.profile_id(row.rights, row.lane)
        return found

    def _authors(self, row: Chosen) -> list[Author]:
        """Return everybody whose words the row holds, by first appearance; the annotation's author always."""
        item, pool = row.item, self._pool
        found: dict[int, Author] = {}
        parts = lineage.parts(row.rev, pool.revisions)
        behind = [part.rev for part in reversed(parts)]
        first = item.revisions[0]
        if not any(rev.author_id == item.author_id for rev in behind):
            behind.append(first)
        for rev in behind:
            given = pool.items[rev.annotation_id]
            edit = rev.role == "reviewer"
            stands = self._s.standing.of_edit(rev, given) if edit else self._s.standing.of_author(given)
            stands = self._credit(row, stands)
            role = "reviewer" if edit else "editor" if given.kind == "reannotate" else "author"
            before = found.get(rev.author_id)
            if before is not None:
                role = before.role
                quieter = min(before.mode, stands.attribution, key=_MODES.index)
                stands = Decisions(stands.rights, quieter)
            found[rev.author_id] = Author(
                rev.author_id,
                self._contributor(rev.author_id, stands),
                role,
                stands.attribution,
                before.preset if before else preset_of(stands.rights),
                before.document_id if before else given.document_id,
                before.month if before else clock.month(rev.created_at),
                *_shares_of(rev.author_id, parts),
            )
        return list(found.values())

    def _credit(self, row: Chosen, stands: Decisions) -> Decisions:
        """Return what was decided, without any credit where the row, or what it was made from, is of a protected language."""
        if not self._shielded:
            return stands
        behind = lineage.items_along(row.rev, self._pool.revisions, self._pool.items)
        start = self._s.start_of(row.rev)
        told = {row.item.language_id, *(item.language_id for item in behind)}
        told |= {start.instruction_language_id, start.input_language_id} if start else set()
        return Decisions(stands.rights, "none") if told & self._shielded else stands

    def _contributor(self, person_id: int, stands: Decisions) -> str | None:
        if stands.attribution == "none":
            return None
        person = self._pool.people[person_id]
        told = ids.contributor_id(self._s.key, person.public_id, stands.attribution)
        self.credits[told] = (stands.attribution, _name(person, stands.attribution))
        return told

    def _credit_line(self, credited: Sequence[Author], others: int) -> str | None:
        """Return the credit in one line; nothing about title or version, which would change every row each time."""
        return credit_line(
            [self.credits[author.contributor_id][1] for author in credited if author.contributor_id], others
        )

    def _parent(self, row: Chosen) -> dict[str, str | None]:
        parent, link = lineage.parent_of(row.rev, self._pool.revisions)
        if parent is None:
            state = "imported" if self._s.start_of(row.rev) is not None else "none"
            return {"parent_id": None, "parent_state": state, "link": link}
        public_id = self._pool.items[parent.annotation_id].public_id
        folder = folder_of(row.lane)
        standing = self._s.rows.get(parent.annotation_id)
        if standing is not None and folder_of(standing.lane) == folder:
            return {"parent_id": public_id, "parent_state": "in_release", "link": link}
        if public_id in self._told[folder]:
            return {"parent_id": public_id, "parent_state": "removed", "link": link}
        return {"parent_id": None, "parent_state": "not_in_release", "link": link}

    def _reviews(self, row: Chosen) -> list[dict[str, Any]]:
        """Return the decisions about an annotation, and the ratings by people whose rights allow its lane."""
        result: list[dict[str, Any]] = []
        for review in self._pool.reviews.get(row.item.id, []):
            told = None  # a reviewer who has left
            if review.reviewer_id is not None:
                stands = self._s.standing.of_reviewer(review.reviewer_id, row.item, review.at)
                told = self._contributor(review.reviewer_id, self._credit(row, stands))
            result.append(
                {
                    "review_id": review.public_id,
                    "kind": "outcome",
                    "outcome": review.outcome,
                    "reasons": list(review.reasons),
                    "reviewer_id": told,
                    "created_month": clock.month(review.at),
                }
            )
        for rater, lane in self._s.ratings.get(row.item.id, []):
            if lane != row.lane:
                continue
            stands = self._credit(row, self._s.standing.of_author(rater))
            reviewer = self._contributor(rater.author_id, stands)
            for name in ("prompt", "completion"):
                value = getattr(rater, f"rating_{name}")
                if value is not None:
                    result.append(
                        {
                            "review_id": ids.keyed_uuid(self._s.key, f"rating:{rater.public_id}:{name}"),
                            "kind": "rating",
                            "rating_name": name,
                            "rating": float(value),
                            "reviewer_id": reviewer,
                            "created_month": clock.month(rater.created_at),
                        }
                    )
        return sorted(result, key=lambda review: str(review["review_id"]))


def credit_line(named: Sequence[str], others: int) -> str | None:
    """Return a row's credit in one line; None where nobody is named."""
    names = list(named)
    if not names:
        return None
    if others:
        names.append("1 other" if others == 1 else f"{others} others")
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def _number(value: int | None) -> float | None:
    return None if value is None else float(value)


def _shares_of(person_id: int, parts: Sequence[lineage.Part]) -> tuple[float | None, float | None]:
    """Return a person's shares of surviving tokens in prompt and completion; None where nobody counted that column."""
    theirs = [part for part in parts if part.rev.author_id == person_id]
    # A column is counted for everybody or for nobody.
    prompt = None if any(part.prompt is None for part in parts) else _sum(part.prompt for part in theirs)
    completion = None if any(part.completion is None for part in parts) else _sum(part.completion for part in theirs)
    return prompt, completion


def _sum(values: Iterable[float | None]) -> float:
    return round(sum(value or 0.0 for value in values), 3)


def _status(row: Chosen) -> str:
    if row.rev.role == "reviewer":
        return "accepted_with_edits"
    return "accepted" if row.rev.accepted_at is not None else "unreviewed"


def _name(person: Credit, mode: str) -> str:
    return (person.credit_name or person.handle) if mode == "named" else person.handle


def with_texts(session: Session, rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the rows of the annotations table: each is its facts and columns, and the words from where they are."""
    for few in chunks(rows, AT_ONCE):
        words = _words(session, {place for row in few for place in row["texts"].values()})
        for row in few:
            yield _complete(row, words)


def _words(session: Session, places: Iterable[str]) -> dict[str, tuple[str | None, ...]]:
    """Return instruction, input and completion of each place: ``r12`` a revision, ``p5`` a prompt."""
    found: dict[str, tuple[str | None, ...]] = {}
    listed = list(places)
    for letter, model in (("r", Revision), ("p", Prompt)):
        wanted = sorted(int(place[1:]) for place in listed if place[0] == letter)
        if wanted:
            rows = session.execute(
                select(model.id, model.instruction, model.input, model.completion).where(model.id.in_(wanted))
            )
            found.update({f"{letter}{row[0]}": tuple(row[1:]) for row in rows})
    return found


def _complete(row: Mapping[str, Any], words: Mapping[str, tuple[str | None, ...]]) -> dict[str, Any]:
    places = row["texts"]
    values = {
        name: words[places[name]][position] if name in places else None for position, name in enumerate(lineage.FIELDS)
    }
    instruction, told_input, completion = (
        unicodedata.normalize("NFC", value) if value else None for value in values.values()
    )
    result = {name: row.get(name) for name in _COLUMNS}
    result.update(
        instruction=instruction,
        input=told_input,
        completion=completion,
        prompt=text.join_prompt(instruction or "", told_input),
    )
    if told_input is None:
        result["input_language"] = None
    return result


def columns_of(row: Chosen, facts: Mapping[str, Any], release_added: str) -> dict[str, Any]:
    """Return the facts with the columns that a frozen row keeps beside them."""
    return {
        **facts,
        "license": LICENSES[row.lane],
        "split": row.split,
        "root_id": row.root,
        "release_added": release_added,
    }
