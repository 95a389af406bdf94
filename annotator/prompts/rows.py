"""The rows of an import: as a file gave them, as they were refused, and what the run says at its end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from annotator.prompts.rules import Texts


class Record(NamedTuple):
    """One row of a file: ``line`` is where it begins (of Parquet: which row it is, from 1)."""

    file: str
    line: int
    values: Mapping[str, object]


# Of duplicates and likenesses a report lists the first; of rows that cannot be used, all if that is asked for.
LISTED = 1_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One row that cannot be used, or deserves a look: why is a code with facts, as in an error."""

    file: str
    line: int
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


Row = Record | Problem


class Settled(NamedTuple):
    """A row whose texts, languages and id are known; ``facts`` are JSON, as they will stand beside the prompt."""

    file: str
    line: int
    texts: Texts
    language_id: int
    instruction_language_id: int
    input_language_id: int | None
    external_id: str | None
    facts: str


@dataclass
class Noted:
    """How many rows something was said about, and the first of them in full (``keep``; None keeps all).

    They come in any order: what only a look at the pool tells is noted after what the row itself tells.
    """

    keep: int | None
    count: int = 0
    _kept: list[Problem] = field(default_factory=list)

    def add(self, problem: Problem) -> None:
        """Count one more, and keep it if it may be among the first."""
        self.count += 1
        self._kept.append(problem)
        if self.keep is not None and len(self._kept) > 10 * self.keep:  # sorting now and then costs little
            self._kept = self.shown

    def go_on_from(self, count: int, kept: Iterable[Problem]) -> None:
        """Begin with what an earlier run has said; it kept some of them only."""
        self.count = count
        self._kept = list(kept)

    @property
    def shown(self) -> list[Problem]:
        """The first of them by file and line."""
        return sorted(self._kept, key=attrgetter("file", "line"))[: self.keep]


@dataclass
class ImportReport:
    """What an import did or, where ``landed`` is false, would have done: nothing is to be seen of it then.

    ``rows`` = ``added`` + ``duplicates.count`` + ``refused.count``. ``alike`` are rows that were added though a
    prompt differs from them in case or punctuation only. ``taken_up`` is how many rows were in from an earlier run
    that was interrupted, begun at ``begun_at``.
    """

    dry_run: bool
    skip_bad: bool
    duplicates: Noted
    refused: Noted
    alike: Noted
    rows: int = 0
    added: int = 0
    landed: bool = False
    closed_source: bool = False
    batch_id: int | None = None
    taken_up: int = 0
    begun_at: datetime | None = None

    @property
    def fits(self) -> bool:
        """Whether nothing stands in the way of the import."""
        return self.refused.count == 0 or self.skip_bad

    @property
    def counts(self) -> dict[str, int]:
        """The numbers, by the names of an import's columns."""
        return {
            "rows": self.rows,
            "added": self.added,
            "duplicates": self.duplicates.count,
            "refused": self.refused.count,
            "alike": self.alike.count,
        }
