"""Which parts a pool has, and how they stand."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from annotator.errors import Invalid, NotFound
from annotator.projects.models import Project
from annotator.prompts import queries as prompts
from annotator.prompts.models import ImportBatch, Prompt, Source

SHOWN = 50


@dataclass(frozen=True)
class Part:
    """Some prompts of a project: those of a source, of an import, or these ones."""

    project: Project
    source: Source | None = None
    batch: ImportBatch | None = None
    prompt_ids: tuple[int, ...] = ()

    @property
    def condition(self) -> ColumnElement[bool]:
        """What holds of its prompts; an index leads to them."""
        if self.source is not None:
            return Prompt.source_id == self.source.id
        if self.batch is not None:
            return Prompt.batch_id == self.batch.id
        return Prompt.id.in_(self.prompt_ids)

    @property
    def name(self) -> tuple[str, int]:
        """Kind and id of what the audit says was changed."""
        if self.source is not None:
            return "source", self.source.id
        return ("import_batch", self.batch.id) if self.batch is not None else ("project", self.project.id)


def part(session: Session, project: Project, *, source: str | None = None, batch_id: int | None = None) -> Part:
    """Return the prompts of a source, by its name, or of an import, by its number.

    Raises NotFound ``source_unknown`` or ``import_unknown``, Invalid ``steering_nothing_chosen`` unless just one is
    given.
    """
    if (source is None) == (batch_id is None):
        raise Invalid("steering_nothing_chosen")
    if source is not None:
        sources = select(Source).where(Source.project_id == project.id)
        found = session.scalar(sources.where(Source.name == source))
        if found is None:
            known = [one.name for one in session.scalars(sources.order_by(Source.name).limit(SHOWN))]
            raise NotFound("source_unknown", source=source, known=known)
        return Part(project, source=found)
    return Part(project, batch=prompts.import_of(session, project, batch_id or 0))


@dataclass
class Standing:
    """How a source or an import stands: its prompts, how many of them wait, and their priorities."""

    prompts: int = 0
    paused: int = 0
    closed: int = 0
    priorities: set[int] = field(default_factory=set)

    def add(self, row: Any) -> None:  # noqa: ANN401  # a row of ``standing``
        """Count prompts in one state with one priority."""
        self.prompts += row.number
        self.paused += row.number if row.state == "paused" else 0
        self.closed += row.number if row.state == "closed" else 0
        self.priorities.add(row.priority)


@dataclass(frozen=True)
class Parts:
    """The sources of a project by name, and its latest imports, newest first, each with how it stands."""

    sources: list[tuple[Source, Standing]]
    imports: list[tuple[ImportBatch, Source, Standing]]


def parts(session: Session, project: Project) -> Parts:
    """Return how the parts of a pool stand; a source that no prompt has come from is left out."""
    counted = session.execute(
        select(Prompt.source_id, Prompt.batch_id, Prompt.state, Prompt.priority, func.count().label("number"))
        .where(Prompt.project_id == project.id, Prompt.source_id.is_not(None))
        .group_by(Prompt.source_id, Prompt.batch_id, Prompt.state, Prompt.priority)
    ).all()
    by_source = _stand((row.source_id, row) for row in counted)
    by_batch = _stand((row.batch_id, row) for row in counted)
    sources = session.scalars(select(Source).where(Source.id.in_(by_source)).order_by(Source.name)).all()
    batches = session.scalars(
        select(ImportBatch).where(ImportBatch.id.in_(by_batch)).order_by(ImportBatch.id.desc()).limit(SHOWN)
    )
    known = {source.id: source for source in sources}
    return Parts(
        [(source, by_source[source.id]) for source in sources],
        [(batch, known[batch.source_id], by_batch[batch.id]) for batch in batches if batch.source_id in known],
    )


def _stand(rows: Iterable[tuple[int | None, Any]]) -> dict[int, Standing]:
    found: dict[int, Standing] = {}
    for key, row in rows:
        if key is not None:
            found.setdefault(key, Standing()).add(row)
    return found
