"""Which revision of an annotation goes out, in which lane, and why not: pure functions (rights-model §2.3, §2.5, §2.7)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from annotator.consent.rules import Lane, Outbound, Rights, meet, outbound, source_class
from annotator.releases import lineage
from annotator.releases.lineage import Item, Rev

# Numbers of people below this are not published where a row could not be told from a person (release-format §3.2).
K = 5

RightsOf = Callable[[Rev], Rights]

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


def choose(
    item: Item, *, revisions: Mapping[int, Rev], rights_of: RightsOf, licenses: Iterable[str], policy: Policy
) -> Choice:
    """Return which revision of ``item`` goes out.

    The newest releasable revision by its own author decides the lane; a reviewer's accepted revision goes out in
    its place only where its author allows that lane with the same purposes. A revision that holds withdrawn words
    is passed over for an older one. Where a reviewer's words inside the author's own revision would demote it, an
    older revision without them is preferred: an ambassador's comma never demotes a text.
    """
    if item.withdrawn:
        return Choice("withdrawn")
    if item.state == "declined":
        return Choice("declined")
    found = tuple(sorted(set(licenses)))
    reason, demoted = None, None
    for own in lineage.newest_first(item.revisions, "author"):
        if own.author_id != item.author_id:
            continue
        choice, as_wide = _from(item, own, revisions=revisions, rights_of=rights_of, licenses=found, policy=policy)
        if choice.rev is not None and as_wide:
            return choice
        demoted = demoted or (choice if choice.rev is not None else None)
        reason = reason or choice.reason
    return demoted or Choice(reason or "not_accepted")


def _from(
    item: Item,
    own: Rev,
    *,
    revisions: Mapping[int, Rev],
    rights_of: RightsOf,
    licenses: tuple[str, ...],
    policy: Policy,
) -> tuple[Choice, bool]:
    """Return the choice that starts from the author's revision ``own``, and whether no reviewer narrowed it."""
    edits = [r for r in lineage.newest_first(item.revisions, "reviewer") if r.accepted_at is not None]
    paths = {edit.id: _path(edit, own, revisions) for edit in edits}
    needed = _needed_edits(item, own, revisions)
    releasable = own.accepted_at is not None or policy.release_unreviewed
    behind = lineage.parts(own, revisions)
    gone = [part for part in behind if part.rev.withdrawn]
    sources = source_class(licenses)
    without_edits = meet([rights_of(own), *(rights_of(p.rev) for p in behind if not _is_edit(p.rev, item))])
    rights = meet([without_edits, *(rights_of(p.rev) for p in behind if _is_edit(p.rev, item))])
    out = outbound(sources, rights)
    reason = None
    if not releasable and not any(paths.values()):
        reason = "not_accepted"
    elif gone:
        reason = "set_aside" if all(part.prompt_only for part in gone) else "fallen"
    elif out.lane is None:
        reason = out.reason
    if reason is not None or out.lane is None:
        return Choice(reason), True
    as_wide = _same(outbound(sources, without_edits), without_edits, out, rights)
    for edit in edits:
        path = paths[edit.id]
        narrowed = meet([rights, *(rights_of(r) for r in path)])
        allowed = path and _same(out, rights, outbound(sources, narrowed), narrowed)
        if allowed and all(_met(one, edit, path, own, revisions) for one in needed):
            return Choice(None, edit, out.lane, narrowed, licenses), as_wide
    if needed or not releasable:
        return Choice("edit_needed" if needed else "not_accepted"), True
    return Choice(None, own, out.lane, rights, licenses), as_wide


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
