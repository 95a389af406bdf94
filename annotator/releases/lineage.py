"""What stands behind a row: the revisions whose words it holds, its parent, its root; pure, over plain facts.

The facts are read in bulk by ``pool``; 100,000 annotations must not make 100,000 queries. What is decided here is
the same as in ``annotations.rules.lineage`` and ``texts_of``, over ids instead of objects.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

FIELDS = ("instruction", "input", "completion")
ALL = frozenset(FIELDS)

# Links across which nothing of the text above survives as it was, and yet all of it is its author's (rights-model §2.7).
REWORDED = ("translation", "paraphrase")


@dataclass(slots=True)
class Rev:
    """A revision without its words: ``sets`` are the fields that it holds itself."""

    id: int
    annotation_id: int
    number: int
    author_id: int
    role: str
    parent_id: int | None
    link: str | None
    sets: frozenset[str]
    edit_needed: bool
    edit_distance: int | None
    created_at: datetime
    accepted_at: datetime | None
    withdrawn: bool


@dataclass(slots=True)
class Start:
    """An imported prompt that a lineage begins with; ``sets`` are the fields that it holds."""

    id: int
    sets: frozenset[str]
    instruction_language_id: int
    input_language_id: int
    source: str | None
    license: str | None
    source_id: str | None
    template: str | None
    template_version: str | None


@dataclass(slots=True)
class Item:
    """An annotation without its words."""

    id: int
    public_id: str
    project_id: int
    language_id: int
    author_id: int
    kind: str
    state: str
    practice: bool
    already_good: bool
    withdrawn: bool
    prompt_id: int | None
    document_id: int
    rating_prompt: int | None
    rating_completion: int | None
    ai_assisted: str
    created_at: datetime
    revisions: list[Rev] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Part:
    """A revision with words in the row. ``prompt_only``: they are in the prompt of somebody else's completion."""

    rev: Rev
    prompt_only: bool


def upwards(rev: Rev, revisions: Mapping[int, Rev]) -> Iterator[Rev]:
    """Yield the revision and everything that it was made from, newest first."""
    current: Rev | None = rev
    while current is not None:
        yield current
        current = revisions.get(current.parent_id) if current.parent_id is not None else None


def parts(rev: Rev, revisions: Mapping[int, Rev]) -> list[Part]:
    """Return the revisions whose words the text of ``rev`` holds or was made from, newest first.

    A field that a revision rewrites still counts for those above it, for any edit counts until shares are
    computed (§2.7); only a completion that answers a prompt owes nothing to the completion above it.
    """
    result, live, prompt_only, reworded = [], ALL, False, False
    for current in upwards(rev, revisions):
        if current.sets & live:
            result.append(Part(current, prompt_only and not reworded))
        if current.link in REWORDED and not prompt_only:
            reworded = True
        if current.link == "completion":
            live, prompt_only = live - {"completion"}, True
    return result


def parent_of(rev: Rev, revisions: Mapping[int, Rev]) -> tuple[Rev | None, str | None]:
    """Return the revision of another annotation that this one's annotation was made from, and the kind of link."""
    link = rev.link
    for current in upwards(rev, revisions):
        if current.annotation_id != rev.annotation_id:
            return current, link
        link = current.link
    return None, link


def oldest(rev: Rev, revisions: Mapping[int, Rev]) -> Rev:
    """Return the first revision of the lineage."""
    *_, first = upwards(rev, revisions)
    return first


def items_along(rev: Rev, revisions: Mapping[int, Rev], items: Mapping[int, Item]) -> list[Item]:
    """Return the annotations that the lineage passes through, newest first, each once."""
    seen = dict.fromkeys(current.annotation_id for current in upwards(rev, revisions))
    return [items[annotation_id] for annotation_id in seen]


def origins(rev: Rev, revisions: Mapping[int, Rev], start: Start | None) -> dict[str, str]:
    """Return where each field's words are: ``r12`` in revision 12, ``p5`` in prompt 5."""
    found: dict[str, str] = {}
    for current in upwards(rev, revisions):
        for name in current.sets:
            found.setdefault(name, f"r{current.id}")
    for name in start.sets if start else ():
        found.setdefault(name, f"p{start.id}" if start else "")
    return {name: found[name] for name in FIELDS if name in found}


def newest_first(revisions: Sequence[Rev], role: str) -> list[Rev]:
    """Return the annotation's revisions of one role that are not withdrawn, newest first."""
    return sorted((r for r in revisions if r.role == role and not r.withdrawn), key=lambda r: -r.number)
