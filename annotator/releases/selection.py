"""Which rows a release would hold, and what is out and why: from the pool and what earlier releases said; pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from annotator.consent.rules import EXPIRY_MARGIN, Lane, Rights
from annotator.releases import ids, lineage, rules
from annotator.releases.lineage import Item, Rev, Start
from annotator.releases.pool import Pool, all_kept
from annotator.releases.rules import Choice, Policy
from annotator.releases.standing import Standing

_RIGHTS_REASONS = ("publish", "purpose", "sharealike", "noncommercial")


@dataclass(slots=True)
class Chosen:
    """A row: which revision of which annotation stands where, and by which rights."""

    item: Item
    rev: Rev
    lane: Lane
    rights: Rights
    licenses: tuple[str, ...]
    root: str
    split: str = ""


@dataclass
class Selection:
    """The rows by annotation, what is out (annotation -> what a maintainer reads), and ratings by their target."""

    pool: Pool
    standing: Standing
    key: bytes
    at: datetime
    rows: dict[int, Chosen] = field(default_factory=dict)
    out: dict[int, str] = field(default_factory=dict)
    ratings: dict[int, list[tuple[Item, Lane]]] = field(default_factory=lambda: defaultdict(list))

    def excluded(self) -> dict[str, int]:
        """Return how many annotations are out, by the closed and neutral code."""
        return dict(sorted(Counter(rules.CODES[reason] for reason in self.out.values()).items()))

    def public_at(self, annotation_id: int, moment: datetime) -> tuple[Lane, Rights] | None:
        """Return lane and rights with which a withdrawn text stood in the newest release at a moment, if it did."""
        return _public_at(self.pool, annotation_id, moment)

    def start_of(self, rev: Rev) -> Start | None:
        """Return the imported prompt at the root of a lineage."""
        origin = self.pool.items[lineage.oldest(rev, self.pool.revisions).annotation_id]
        return self.pool.starts.get(origin.prompt_id) if origin.prompt_id is not None else None


@dataclass(frozen=True)
class Earlier:
    """What earlier releases fixed: the split of each root, and the ids that were removed for good."""

    splits: Mapping[str, str] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()


@all_kept()
def select(pool: Pool, *, project_id: int, key: bytes, policy: Policy, earlier: Earlier, at: datetime) -> Selection:
    """Return the selection at a moment. Rights count as they will still stand after the margin for expiring grants."""
    standing = Standing(pool.grants, known=at, until=at + EXPIRY_MARGIN)
    now = Standing(pool.grants, known=at, until=at)
    result = Selection(pool, standing, key, at)
    for item in pool.items.values():
        if item.project_id != project_id or item.practice or not item.revisions:
            continue
        if item.public_id in earlier.removed:
            result.out[item.id] = "withdrawn" if item.withdrawn else "removed_before"
            continue
        if rules.is_rating(item):
            _add_rating(result, item, standing)
            continue
        choice = choose(pool, item, standing, policy)
        if choice.reason in _RIGHTS_REASONS and choose(pool, item, now, policy).rev is not None:
            choice = Choice("expiring")
        if choice.rev is None or choice.lane is None or choice.rights is None:
            result.out[item.id] = choice.reason or "not_accepted"
        elif choice.lane not in policy.lanes:
            result.out[item.id] = "lane"
        else:
            result.rows[item.id] = Chosen(
                item, choice.rev, choice.lane, choice.rights, choice.licenses, _root(result, choice.rev)
            )
    _assign_splits(result, earlier)
    return result


def choose(pool: Pool, item: Item, standing: Standing, policy: Policy) -> Choice:
    """Apply the rules to one annotation."""
    return rules.choose(
        item,
        revisions=pool.revisions,
        rights_of=lambda rev: standing.rights_of(rev, pool.items[rev.annotation_id]),
        licenses=licenses_of(pool, item),
        policy=policy,
        public_at=partial(_public_at, pool),
    )


def _public_at(pool: Pool, annotation_id: int, moment: datetime) -> tuple[Lane, Rights] | None:
    stood = pool.public_at(annotation_id, moment)
    return (stood.lane, stood.rights) if stood is not None else None


def licenses_of(pool: Pool, item: Item) -> list[str]:
    """Return the licences of every source along an annotation's lineage."""
    prompts = {item.prompt_id}
    for rev in lineage.upwards(item.revisions[-1], pool.revisions):
        prompts.add(pool.items[rev.annotation_id].prompt_id)
    starts = (pool.starts.get(prompt_id) for prompt_id in prompts if prompt_id is not None)
    return [start.license for start in starts if start is not None and start.license is not None]


def _root(result: Selection, rev: Rev) -> str:
    """Return the id that a whole lineage shares: of its first annotation, or of the imported prompt it begins with."""
    first = result.pool.items[lineage.oldest(rev, result.pool.revisions).annotation_id]
    if first.prompt_id is not None:
        return ids.keyed_uuid(result.key, f"prompt:{first.prompt_id}")
    return first.public_id


def _add_rating(result: Selection, item: Item, standing: Standing) -> None:
    """Keep "already good" as a rating of the annotation that was confirmed, with the lane that its rights allow.

    It holds no text, so nobody reviews it; the rater's rights count as those of a co-author would.
    """
    choice = choose(result.pool, item, standing, Policy(release_unreviewed=True, lanes=frozenset(Lane)))
    parent, _link = lineage.parent_of(item.revisions[0], result.pool.revisions)
    if parent is not None and choice.lane is not None:
        result.ratings[parent.annotation_id].append((item, choice.lane))


def _assign_splits(result: Selection, earlier: Earlier) -> None:
    """Give each lineage its one split; rows that may not stand there are out, code ``split``."""
    lineages: dict[str, list[Chosen]] = defaultdict(list)
    for row in result.rows.values():
        lineages[row.root].append(row)
    for root, rows in lineages.items():
        allowed = [rules.splits_allowed(row.rights) for row in rows]
        split = earlier.splits.get(root) or ids.shared_split(ids.split_of(result.key, root), allowed)
        for row, where in zip(rows, allowed, strict=True):
            row.split = split
            if split not in where:
                del result.rows[row.item.id]
                result.out[row.item.id] = "split"
