"""Who stands behind a text, and what becomes of it when words behind it are withdrawn (rights-model §2.7): pure functions.

They read revisions through ``Step``, which rows of the table and the facts of a release both meet. A walk is a revision
and everything that it was made from, newest first. Decision 0091 says what was chosen where the model leaves a choice.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from annotator.annotations.shares import Runs, counted

FIELDS = ("instruction", "input", "completion")
PROMPT = ("instruction", "input")
_PROMPT = frozenset(PROMPT)

# Links across which nothing of the text above survives as it was, and yet all of it is its author's.
REWORDED = ("translation", "paraphrase")
LINKS = ("edit", "translation", "paraphrase", "completion")


class Step(Protocol):
    """What is read of a revision: ``sets`` are the fields that it holds itself, ``shares`` the runs of their tokens."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def annotation_id(self) -> int:
        """The item that it belongs to."""

    @property
    def author_id(self) -> int:
        """Who wrote it."""

    @property
    def link(self) -> str | None:
        """How it was made from the next one of the walk."""

    @property
    def created_at(self) -> datetime:
        """When."""

    @property
    def sets(self) -> frozenset[str]:
        """The fields that it holds; of an erased one those that it had held."""

    @property
    def shares(self) -> Mapping[str, Runs] | None:
        """The runs of its fields, and of the other half of a prompt that it edits; None: not counted."""

    @property
    def withdrawn(self) -> bool:
        """Whether it was taken back."""


S = TypeVar("S", bound=Step)


@dataclass(slots=True)
class Part(Generic[S]):
    """A revision behind a text.

    ``prompt`` and ``completion`` are its shares of surviving tokens in these columns, None where nobody counted.
    ``holds``: the fields whose text stands in it, and goes with it. ``prompt_only``: its words are in the prompt that somebody else's
    completion answers. ``reworded``: the translation or paraphrase that was made of it.
    """

    rev: S
    prompt_only: bool = False
    reworded: S | None = None
    holds: frozenset[str] = frozenset()
    prompt: float | None = 0.0
    completion: float | None = 0.0


@dataclass(slots=True)
class _Field(Generic[S]):
    """Whose the tokens of one field are: counted, or all of one revision (``sole``), or of ``behind``, nobody knows how."""

    holder: S | None = None
    tokens: dict[int, int] | None = None
    sole: S | None = None
    behind: list[S] = field(default_factory=list)


def upwards(rev: S, parent: Callable[[S], S | None]) -> Iterator[S]:
    """Yield a revision and everything that it was made from, newest first."""
    current: S | None = rev
    while current is not None:
        yield current
        current = parent(current)


def _look(walk: Sequence[S], name: str) -> _Field[S]:
    """Return whose the tokens of a field are in the first revision of the walk."""
    found: _Field[S] = _Field()
    for step in walk:
        sets = name in step.sets
        if sets and found.holder is None:
            found.holder = step
        if step.shares is not None and name in step.shares:
            found.tokens = counted(step.shares[name], step.id)
            return found
        if sets and step.link != "edit" and not found.behind:
            found.sole = step
            return found
        if sets:
            found.behind.append(step)
        if sets and step.link != "edit":
            return found
        if name == "completion" and step.link == "completion":
            return found  # an answer owes nothing to the answer above it
    return found


def _column(looks: Sequence[_Field[S]]) -> dict[int, float] | None:
    """Return the share of each revision in fields that are exported together; None where one of them is not counted."""
    there = [look for look in looks if look.holder is not None or look.tokens is not None]
    if any(look.behind for look in there):
        return None
    soles = {look.sole.id for look in there if look.sole is not None}
    if soles:
        return dict.fromkeys(soles, 1.0) if len(soles) == 1 and all(look.sole for look in there) else None
    total: dict[int, int] = {}
    for look in there:
        for owner, number in (look.tokens or {}).items():
            total[owner] = total.get(owner, 0) + number
    every = sum(total.values())
    return {owner: number / every for owner, number in total.items() if number}


def parts(rev: S, parent: Callable[[S], S | None]) -> list[Part[S]]:
    """Return the revisions behind the text of ``rev``, newest first.

    They are those whose tokens survive in it, those behind a link of translation or paraphrase, and those in which a
    text stands. Where nobody counted (``shares`` null on an edit), every ancestor with words counts.
    """
    walk = list(upwards(rev, parent))
    if len(walk) == 1 and rev.link != "edit" and rev.shares is None:
        return [_alone(rev)] if rev.sets else []
    found: dict[int, Part[S]] = {}
    looks = {name: _look(walk, name) for name in FIELDS}
    for name, look in looks.items():
        for step in _behind(look, walk):
            if step.id not in found:
                found[step.id] = Part(step)
        if look.holder is not None:
            found.setdefault(look.holder.id, Part(look.holder)).holds |= {name}
    answer = next((number for number, step in enumerate(walk) if step.link == "completion"), len(walk))
    for number, step in enumerate(walk[:-1]):
        if step.link in REWORDED:
            for above in _all_behind(walk[number + 1 :], FIELDS if number < answer else PROMPT):
                found.setdefault(above.id, Part(above)).reworded = step
    columns = _column([looks[name] for name in PROMPT]), _column([looks["completion"]])
    return [
        _with_shares(found[step.id], columns, number > answer) for number, step in enumerate(walk) if step.id in found
    ]


def who(rev: S, parent: Callable[[S], S | None]) -> list[S]:
    """Return the revisions behind a text as ``parts`` does, without their shares: many times as fast."""
    walk = list(upwards(rev, parent))
    if len(walk) == 1:
        return walk if rev.sets else []
    ids: set[int] = set()
    for name in FIELDS:
        look = _look(walk, name)
        if look.holder is not None:
            ids.add(look.holder.id)
        ids.update(owner for owner, number in (look.tokens or {}).items() if number)
        ids.update(step.id for step in look.behind)
    answer = False
    for number, step in enumerate(walk[:-1]):
        if step.link in REWORDED:
            ids.update(above.id for above in _all_behind(walk[number + 1 :], PROMPT if answer else FIELDS))
        answer = answer or step.link == "completion"
    return [step for step in walk if step.id in ids]


def _with_shares(part: Part[S], columns: Sequence[dict[int, float] | None], beyond: bool) -> Part[S]:  # noqa: FBT001  # beyond the link of an answer
    prompt, completion = columns
    part.prompt = None if prompt is None else prompt.get(part.rev.id, 0.0)
    part.completion = None if completion is None else completion.get(part.rev.id, 0.0)
    part.prompt_only = beyond and not part.completion
    return part


def _alone(rev: S) -> Part[S]:
    """Return the one part of a text that was made from no other one."""
    prompt, completion = float(bool(rev.sets & _PROMPT)), float("completion" in rev.sets)
    return Part(rev, holds=rev.sets, prompt=prompt, completion=completion)


def _behind(look: _Field[S], walk: Sequence[S]) -> list[S]:
    """Return the revisions of the walk whose tokens are in a field, or may be."""
    if look.tokens is not None:
        tokens = look.tokens
        return [*(step for step in walk if tokens.get(step.id)), *look.behind]
    return [*look.behind, look.sole] if look.sole is not None else look.behind


def _all_behind(walk: Sequence[S], names: Sequence[str]) -> list[S]:
    """Return everybody behind a text that was reworded."""
    looks = [_look(walk, name) for name in names]
    held = [look.holder for look in looks if look.holder is not None]
    return [*held, *(step for look in looks for step in _behind(look, walk))]


# ------------------------------------------------------------------------------------------- what a withdrawal leaves


class Verdict(StrEnum):
    """What becomes of an item: it stays, falls back to an older revision, waits for a prompt or for words, or is out."""

    STAYS = "stays"
    FALLS_BACK = "falls back"
    PROMPT = "prompt"
    SPANS = "spans"
    OUT = "out"


Licensed = Callable[[Part[S]], bool]


def gone(behind: Sequence[Part[S]], licensed: Licensed[S] | None = None) -> list[Part[S]]:
    """Return the withdrawn parts that a text cannot do without.

    ``licensed``: a translation was made of it under a licence that covers the use, while it was public under it.
    """
    return [p for p in behind if p.rev.withdrawn and not (p.reworded and not p.holds and licensed and licensed(p))]


def verdict(
    own: Sequence[S],
    parent: Callable[[S], S | None],
    *,
    mend_share: float,
    licensed: Licensed[S] | None = None,
) -> Verdict:
    """Return what becomes of an item with these revisions by its author, newest first.

    An older revision without withdrawn words is preferred to mending: a reviewer who takes an edit back takes nothing
    out (§2.3).
    """
    newest: list[Part[S]] = []
    for number, rev in enumerate(own):
        behind = parts(rev, parent)
        newest = newest or behind
        if not gone(behind, licensed):
            return Verdict.FALLS_BACK if number else Verdict.STAYS
    return _to_mend(newest, gone(newest, licensed), own[0].author_id, mend_share) if own else Verdict.OUT


def _to_mend(behind: Sequence[Part[S]], lost: Sequence[Part[S]], author_id: int, mend_share: float) -> Verdict:
    own_completion = any(p.rev.author_id == author_id and p.completion != 0.0 for p in behind if not p.rev.withdrawn)
    if all(part.prompt_only for part in lost):
        return Verdict.PROMPT if own_completion else Verdict.OUT
    if any(part.reworded and not part.prompt_only for part in lost):
        return Verdict.OUT
    if not any(part.holds for part in lost) and _little(lost, mend_share):
        return Verdict.SPANS
    # A completion without a token of theirs is another's own, whatever it is called that it was made by.
    untouched = all(part.prompt_only or (part.completion == 0.0 and "completion" not in part.holds) for part in lost)
    return Verdict.PROMPT if untouched and own_completion else Verdict.OUT


def _little(lost: Sequence[Part[S]], mend_share: float) -> bool:
    """Say whether each author's share is known, and below the limit in every exported field."""
    sums: dict[tuple[int, str], float] = {}
    for part in lost:
        for name, share in (("prompt", part.prompt), ("completion", part.completion)):
            if share is None:
                return False
            sums[part.rev.author_id, name] = sums.get((part.rev.author_id, name), 0.0) + share
    return all(share < mend_share for share in sums.values())
