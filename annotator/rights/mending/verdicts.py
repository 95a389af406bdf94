"""What becomes of an item when words behind it are gone: withdrawn, or lost to a narrowing; pure, over a pool."""

from collections.abc import Collection
from dataclasses import replace

from annotator.annotations import chain
from annotator.annotations.chain import Verdict
from annotator.releases import rules
from annotator.releases.lineage import Item, Part, Rev
from annotator.releases.pool import Pool

KIND = {Verdict.PROMPT: "prompt", Verdict.SPANS: "spans", Verdict.OUT: "out"}


def verdict_of(found: Pool, item: Item, mend_share: float, lost: Collection[int] = ()) -> Verdict:
    """Return what becomes of an item by what is withdrawn behind it; ratings and practice work stay as they are.

    ``lost`` are revisions that count as if they were withdrawn, too.
    """
    if item.withdrawn or item.practice or (item.already_good and not any(rev.sets for rev in item.revisions)):
        return Verdict.STAYS

    def seen(rev: Rev) -> Rev:
        return replace(rev, withdrawn=True) if rev.id in lost else rev

    def parent(rev: Rev) -> Rev | None:
        above = found.revisions.get(rev.parent_id) if rev.parent_id is not None else None
        return seen(above) if above is not None else None

    def licensed(part: Part) -> bool:
        if part.reworded is None:
            return False
        stood = found.public_at(part.rev.annotation_id, part.reworded.created_at)
        return stood is not None and rules.is_public(stood.lane)

    own = [seen(rev) for rev in reversed(own_revisions(item))]
    return chain.verdict(own, parent, mend_share=mend_share, licensed=licensed)


def own_revisions(item: Item) -> list[Rev]:
    """Return the revisions by the item's own author, oldest first."""
    return [rev for rev in item.revisions if rev.role == "author" and rev.author_id == item.author_id]


def by_withdrawal(found: Pool, item: Item) -> bool:
    """Say whether something withdrawn behind an item suffices for its mark; else the mark comes from a narrowing.

    The share that can be mended is left out: a mark stands as it was judged.
    """
    return verdict_of(found, item, mend_share=1.0) in KIND
