"""What stands behind a row: the revisions whose words it holds, its parent, its root; pure, over plain facts.

The facts are read in bulk by ``pool``; 100,000 annotations must not make 100,000 queries. What is decided here is
the same as in ``annotations.rules.lineage`` and ``texts_of``, over ids instead of objects.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from annotator.annotations import chain
from annotator.annotations.shares import Runs

FIELDS = chain.FIELDS


@dataclass(slots=True)
class Rev:
    """A revision without its words: ``sets`` are the fields that it holds itself, ``shares`` whose their tokens are."""

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
    shares: Mapping[str, Runs] | None = None


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
    """An annotation without its words. ``waits`` to be mended; ``out`` for good: nobody mended it, or it was and is replaced."""

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
    waits: bool = False
    out: bool = False
    revisions: list[Rev] = field(default_factory=list)


Part = chain.Part[Rev]


def upwards(rev: Rev, revisions: Mapping[int, Rev]) -> Iterator[Rev]:
    """Yield the revision and everything that it was made from, newest first."""
    current: Rev | None = rev
    while current is not None:
        yield current
        current = revisions.get(current.parent_id) if current.parent_id is not None else None


def parts(rev: Rev, revisions: Mapping[int, Rev]) -> list[Part]:
    """Return the revisions behind the text of ``rev``, newest first, with their shares (``annotations.chain``)."""
    return chain.parts(rev, lambda step: revisions.get(step.parent_id) if step.parent_id is not None else None)


def who(rev: Rev, revisions: Mapping[int, Rev]) -> list[Rev]:
    """Return the revisions behind the text of ``rev``, newest first."""
    return chain.who(rev, lambda step: revisions.get(step.parent_id) if step.parent_id is not None else None)


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
    found = [r for r in revisions if r.role == role and not r.withdrawn]
    return sorted(found, key=lambda r: -r.number) if len(found) > 1 else found
