"""The demo's own writing: prompts for the pool, and what its people write (see docs/demo-pool.md)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

POOL_SOURCE = "Annotator demo pool"
POOL_LICENSE = "CC0-1.0"


@dataclass(frozen=True)
class Words:
    """What somebody writes for a prompt, or as a prompt of their own (``instruction``), and how its review goes.

    ``first`` is handed in before ``completion``, and returned with ``reasons`` and ``note``; ``edited`` is the
    reviewer's version; ``declined`` are the reasons of a refusal; ``better`` is another person's re-annotation.
    """

    key: str
    completion: str
    instruction: str | None = None
    input: str | None = None
    ratings: tuple[int, int] | None = None
    first: str | None = None
    reasons: tuple[str, ...] = ()
    note: str | None = None
    edited: str | None = None
    declined: tuple[str, ...] = ()
    better: str | None = None


def pool() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the code of each language with its prompts, as rows of an import."""
    yield from _files("pool")


def words() -> dict[str, Words]:
    """Return everything that the demo's people write, by the id of the prompt or of the text itself."""
    found = [_words(row) for _, rows in _files("words") for row in rows]
    return {one.key: one for one in found}


def _files(folder: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    place = resources.files(__package__).joinpath(folder)
    for file in sorted(place.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".jsonl"):
            lines = file.read_text(encoding="utf-8").splitlines()
            yield file.name.removesuffix(".jsonl"), [json.loads(line) for line in lines]


def _words(row: dict[str, Any]) -> Words:
    facts: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    facts["key"] = facts.pop("for", None) or facts.pop("original")
    return Words(**facts)
