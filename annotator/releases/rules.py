"""Which revision of an annotation goes out, in which lane, and why not: pure functions (rights-model §2.3, §2.5, §2.7)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from annotator.annotations import chain
from annotator.consent.rules import Lane, Outbound, Rights, meet, outbound, source_class
from annotator.releases import lineage
from annotator.releases.lineage import Item, Part, Rev

# Numbers of people below this are not published where a row could not be told from a person (release-format §3.2).
K = 5

RightsOf = Callable[[Rev], Rights]
# How a withdrawn text was public when a translation was made of it: lane and rights, or None where it was not.
PublicAt = Callable[[int, datetime], tuple[Lane, Rights] | None]

# Which lanes the licence of each lets an adaptation stand in; what is gated is not public.
_COVERS: Mapping[Lane, frozenset[Lane]] = {
    Lane.OPEN: frozenset(Lane),
    Lane.SHAREALIKE: frozenset({Lane.SHAREALIKE}),
    Lane.NONCOMMERCIAL: frozenset({Lane.NONCOMMERCIAL, Lane.GATED}),
    Lane.GATED: frozenset(),
}

# The closed, neutral codes that leave the platform (release-format §3.3), by what a maintainer sees in the preview.
CODES: Mapping[str, str] = {
    "withdrawn": "removed",
    "fallen": "removed",
    "removed_before": "removed",
    "set_aside": "suspended",
    "publish": "restricted",
    "purpose": "restricted",
    "sharealike": "restricted",
    "noncommercial": "restricted",
    "expiring": "restricted",
    "source": "selection",
    "declined": "selection",
    "not_accepted": "selection",
    "edit_needed": "selection",
    "lane": "selection",
    "split": "split",
}
# Why a row is gone for good: its id is never issued again, so nothing may bring it back.
FOR_GOOD = ("withdrawn", "fallen", "removed_before", "set_aside")


@dataclass(frozen=True)
class Policy:
    """What the project decided about its releases."""

    release_unreviewed: bool
    lanes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Choice:
    """The revision that goes out with lane, rights and licences, or (``rev`` is None) the reason why none does."""

    reason: str | None = None
    rev: Rev | None = None
    lane: Lane | None = None
    rights: Rights | None = None
    licenses: tuple[str, ...] = ()


# There are few different rights and sources, and many rows.
_outbound = lru_cache(maxsize=4096)(outbound)
_source_class = lru_cache(maxsize=4096)(source_class)
_meet = lru_cache(maxsize=4096)(meet)


def _all(vectors: Iterable[Rights]) -> Rights:
    """Return what all of these grant; mostly they are one and the same object."""
    distinct = tuple({id(vector): vector for vector in vectors}.values())
    return distinct[0] if len(distinct) == 1 else _meet(distinct)


def is_public(lane: Lane) -> bool:
    """Say whether a text in a lane is public, so that others may build on it under that lane's licence."""
    return bool(_COVERS[lane])


def covers(public: Lane, lane: Lane) -> bool:
    """Say whether the licence of a text that was public lets an adaptation stand in ``lane``."""
    return lane in _COVERS[public]


def never_public(_annotation_id: int, _moment: datetime) -> None:
    """Say of every text that no release held it."""


def choose(
    item: Item,
    *,
    revisions: Mapping[int, Rev],
    rights_of: RightsOf,
    licenses: Iterable[str],
    policy: Policy,
    public_at: PublicAt = never_public,
) -> Choice:
    """Return which revision of ``item`` goes out.

    The newest releasable revision by its own author decides the lane; a reviewer's accepted revision goes out in
    its place only where its author allows that lane with the same purposes. A revision that holds withdrawn words
    is passed over for an older one. Where a reviewer's words inside the author's own revision would demote it, an
    older revision without them is preferred: an ambassador's comma never demotes a text. ``public_at`` says how a
    withdrawn text was public when another was made of it.
    """
    if item.withdrawn:
        return Choice("withdrawn")
    if item.state == "declined":
        return Choice("declined")
    found = tuple(sorted(set(licenses)))
    plain = _plain(item, revisions=revisions, rights_of=rights_of, licenses=found, policy=policy)
    if plain is not None:
        return plain
    reason, demoted = None, None
    for own in lineage.newest_first(item.revisions, "author"):
        if own.author_id != item.author_id:
            continue
        choice, as_wide = _from(
            item, own, revisions=revisions, rights_of=rights_of, licenses=found, policy=policy, public_at=public_at
        )
        if choice.rev is not None and as_wide:
            return choice
        demoted = demoted or (choice if choice.rev is not None else None)
        reason = reason or choice.reason
    return demoted or Choice(reason or "not_accepted")


def _plain(
    item: Item, *, revisions: Mapping[int, Rev], rights_of: RightsOf, licenses: tuple[str, ...], policy: Policy
) -> Choice | None:
    """Return the choice of an item as most are, the same as ``_from`` would: one revision, and nothing is withdrawn."""
    own = item.revisions[0]
    if len(item.revisions) > 1 or own.edit_needed or own.role != "author" or own.author_id != item.author_id:
        return None
    behind = lineage.who(own, revisions)
    if own.withdrawn or any(rev.withdrawn for rev in behind) or not (own.accepted_at or policy.release_unreviewed):
        return None
    if item.out:
        return None
    rights = _all([rights_of(own), *map(rights_of, behind)])
    lane = _outbound(_source_class(licenses), rights).lane
    return Choice(None, own, lane, rights, licenses) if lane is not None else None


def _from(
    item: Item,
    own: Rev,
    *,
    revisions: Mapping[int, Rev],
    rights_of: RightsOf,
    licenses: tuple[str, ...],
    policy: Policy,
    public_at: PublicAt,
) -> tuple[Choice, bool]:
    """Return the choice that starts from the author's revision ``own``, and whether no reviewer narrowed it."""
    edits = [r for r in lineage.newest_first(item.revisions, "reviewer") if r.accepted_at is not None]
    paths = {edit.id: _path(edit, own, revisions) for edit in edits}
    needed = _needed_edits(item, own, revisions)
    releasable = own.accepted_at is not None or policy.release_unreviewed
    behind = lineage.parts(own, revisions)
    licensed = {} if item.out else licensed_parts(behind, public_at)
    gone = chain.gone(behind, lambda part: part.rev.id in licensed)
    sources = _source_class(licenses)

    def given(part: Part) -> Rights:
        return licensed[part.rev.id][1] if part.rev.id in licensed else rights_of(part.rev)

    without_edits = _all([rights_of(own), *(given(p) for p in behind if not _is_edit(p.rev, item))])
    rights = _all([without_edits, *(given(p) for p in behind if _is_edit(p.rev, item))])
    out = _outbound(sources, rights)
    reason = None
    if not releasable and not any(paths.values()):
        reason = "not_accepted"
    elif gone or item.out or any(out.lane not in _COVERS[lane] for lane, _rights in licensed.values()):
        reason = "set_aside" if item.waits else "fallen"
    elif out.lane is None:
        reason = out.reason
    if reason is not None or out.lane is None:
        return Choice(reason), True
    as_wide = _same(_outbound(sources, without_edits), without_edits, out, rights)
    for edit in edits:
        path = paths[edit.id]
        narrowed = _all([rights, *(rights_of(r) for r in path)])
        allowed = path and _same(out, rights, _outbound(sources, narrowed), narrowed)
        if allowed and all(_met(one, edit, path, own, revisions) for one in needed):
            return Choice(None, edit, out.lane, narrowed, licenses), as_wide
    if needed or not releasable:
        return Choice("edit_needed" if needed else "not_accepted"), True
    return Choice(None, own, out.lane, rights, licenses), as_wide


def licensed_parts(behind: Sequence[Part], public_at: PublicAt) -> dict[int, tuple[Lane, Rights]]:
    """Return the withdrawn parts that were public when they were translated or paraphrased, with lane and rights then.

    A part in which a text of the row stands is none of them: its words go.
    """
    found = {}
    for part in behind:
        if part.rev.withdrawn and part.reworded is not None and not part.holds:
            stood = public_at(part.rev.annotation_id, part.reworded.created_at)
            if stood is not None:
                found[part.rev.id] = stood
    return found


def _is_edit(rev: Rev, item: Item) -> bool:
    return rev.role == "reviewer" and rev.annotation_id == item.id


def _same(out: Outbound, rights: Rights, other: Outbound, others: Rights) -> bool:
    """Say whether both lead to the same lane and, where the lane names purposes, to the same ones."""
    return out.lane == other.lane and (out.lane is not Lane.GATED or rights.purposes == others.purposes)


def _path(edit: Rev, own: Rev, revisions: Mapping[int, Rev]) -> list[Rev]:
    """Return the reviewers' revisions from ``edit`` down to ``own``; none when it was not made on ``own``.

    One of them withdrawn breaks the path, for its words are in the edit.
    """
    path: list[Rev] = []
    for current in lineage.upwards(edit, revisions):
        if current.id == own.id:
            return path
        if current.role != "reviewer" or current.withdrawn or current.annotation_id != own.annotation_id:
            return []
        path.append(current)
    return []


def _needed_edits(item: Item, own: Rev, revisions: Mapping[int, Rev]) -> list[Rev]:
    """Return the edits without which ``own`` must not go out, also withdrawn ones.

    Also those of the author's earlier revisions, for what ``own`` does not say anew it has from them. Lifted by an
    acceptance, later than the edit, of the author's revision that it was made on or of one that followed.
    """
    if not any(rev.edit_needed for rev in item.revisions):
        return []
    chain = [r for r in lineage.upwards(own, revisions) if r.annotation_id == item.id]
    mine = {r.id for r in chain if r.role == "author"}
    inside = {r.id for r in chain}
    return [
        edit
        for edit in item.revisions
        if edit.edit_needed
        and edit.id not in inside
        and any(r.id in mine for r in lineage.upwards(edit, revisions))
        and not any(_accepted_after(edit, r, own, revisions) for r in chain if r.role == "author")
    ]


def _accepted_after(edit: Rev, accepted: Rev, own: Rev, revisions: Mapping[int, Rev]) -> bool:
    """Say whether an acceptance of the author's revision ``accepted`` knew of the edit, or of a text after it."""
    follows = accepted.id == own.id or accepted.number >= _base(edit, revisions).number
    return follows and accepted.accepted_at is not None and accepted.accepted_at > edit.created_at


def _met(needed: Rev, edit: Rev, path: list[Rev], own: Rev, revisions: Mapping[int, Rev]) -> bool:
    """Say whether ``edit``, made on ``own`` by ``path``, may go out although ``needed`` stands.

    It holds the needed edit; or it was itself accepted on a later text of the author's; or the needed one was taken
    back and accepted edits that were made since on the same text replace every field that it had replaced.
    """
    if any(r.id == needed.id for r in path):
        return True
    base = _base(needed, revisions)
    if base.number < own.number:
        return edit.accepted_at is not None and edit.accepted_at > needed.created_at
    since = [r for r in path if r.number > needed.number and r.accepted_at is not None]
    return needed.withdrawn and base.id == own.id and needed.sets <= frozenset[str]().union(*(r.sets for r in since))


def _base(edit: Rev, revisions: Mapping[int, Rev]) -> Rev:
    """Return the author's revision that a reviewer's edit was made on."""
    return next(r for r in lineage.upwards(edit, revisions) if r.role == "author")


def is_rating(item: Item) -> bool:
    """Say whether an annotation is a rating of another annotation's text, and so no row of its own."""
    return item.already_good and bool(item.revisions) and item.revisions[0].parent_id is not None


def splits_allowed(rights: Rights) -> frozenset[str]:
    """Return where a row may stand: without ``train`` only in test, without ``evaluate`` only in train (§3.1)."""
    allowed = {"train", "validation", "test"}
    if not rights.train:
        allowed &= {"test"}
    if not rights.evaluate:
        allowed &= {"train"}
    return frozenset(allowed)


def narrower(now: Rights, before: Rights) -> bool:
    """Say whether anything that was granted is not granted any more."""
    return meet([now, before]) != before
