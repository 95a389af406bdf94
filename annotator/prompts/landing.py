"""Put settled rows into the pool, a batch at a time and by sets: what is there already is counted, not added."""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVarTuple, cast

from sqlalchemy import JSON, Insert, Select, Table, column, func, literal, select, true
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from annotator import clock
from annotator.consent.rules import SourceClass
from annotator.projects.models import Project
from annotator.prompts.models import ImportBatch, Prompt, Source, Template
from annotator.prompts.rows import ImportReport, Problem, Settled

Ts = TypeVarTuple("Ts")

SHUFFLE_BITS = 31  # what an INTEGER holds without a sign


def new_shuffle() -> int:
    """Return a random place in the order of offering, so that authors and sources mix."""
    return secrets.randbits(SHUFFLE_BITS)


def _matching(
    session: Session, chosen: Select[*Ts], among: InstrumentedAttribute[Any], values: Collection[object]
) -> Iterable[tuple[*Ts]]:
    """Return the rows of ``chosen`` where ``among`` is one of many ``values``, by as many look-ups in an index.

    A growing table has no statistics yet, and PostgreSQL would rather read it whole for a long IN list: hence a
    lateral look-up for each value, which OFFSET 0 keeps from being planned away.
    """
    if not values:
        return []
    if session.get_bind().dialect.name != "postgresql":
        return session.execute(chosen.where(among.in_(values)))
    given = func.unnest(sql_cast(list(values), postgresql.ARRAY(among.type))).table_valued("value").render_derived()
    each = chosen.where(among == given.c.value).offset(0).lateral()
    return cast("Iterable[tuple[*Ts]]", session.execute(select(each).select_from(given.join(each, true()))))


def _insert_new(session: Session, fresh: Sequence[Mapping[str, object]], shared: Mapping[str, object]) -> int:
    """Insert these prompts, passing over those that a constraint says are there; return how many went in.

    ``shared`` are the columns that are the same in all. PostgreSQL gets the rows as one JSON text: a statement with
    a placeholder for each of 12,000 values takes longer to read than to run.
    """
    prompts = cast("Table", Prompt.__table__)
    if session.get_bind().dialect.name != "postgresql":
        return _rowcount(session, sqlite.insert(prompts).on_conflict_do_nothing(), [{**shared, **row} for row in fresh])
    columns = [prompts.c[name] for name in fresh[0]]
    rows = func.json_to_recordset(literal(fresh, JSON()))
    given = rows.table_valued(*[column(c.name, c.type) for c in columns]).render_derived(with_types=True)
    chosen = select(*given.c, *[literal(value, prompts.c[name].type) for name, value in shared.items()])
    names = [*fresh[0], *shared]
    return _rowcount(session, postgresql.insert(prompts).from_select(names, chosen).on_conflict_do_nothing())


def _rowcount(session: Session, statement: Insert, rows: list[Mapping[str, object]] | None = None) -> int:
    return session.connection().execute(statement, rows, execution_options={"preserve_rowcount": True}).rowcount


@dataclass
class Landing:
    """One import on its way in: where its rows go, and the report that grows."""

    session: Session
    project: Project
    source: Source
    template: Template | None
    batch: ImportBatch
    source_class: SourceClass
    report: ImportReport

    def land(self, rows: Sequence[Settled]) -> None:
        """Add the rows that are new; note duplicates, clashes of external ids, and likenesses."""
        if not rows:
            return
        prints = [(row.language_id, row.texts.fingerprint) for row in rows]
        likes = [(row.language_id, row.texts.likeness) for row in rows]
        there, alike = self._there(likes)
        taken = self._taken(rows)
        fresh: list[dict[str, object]] = []
        for row, key, like in zip(rows, prints, likes, strict=True):
            if key in there:
                self.report.duplicates.add(Problem(row.file, row.line, "row_duplicate"))
                continue
            identity = (row.language_id, row.external_id) if row.external_id else None
            if identity in taken:
                self.report.refused.add(
                    Problem(row.file, row.line, "row_external_id_taken", {"external_id": row.external_id})
                )
                continue
            if like in alike:
                self.report.alike.add(Problem(row.file, row.line, "row_alike"))
            there.add(key)
            alike.add(like)
            if identity is not None:
                taken.add(identity)
            fresh.append(_values(row, key[1], like[1]))
        if fresh:  # also when rows were refused: all of it is taken back then, but the report is right
            added = _insert_new(self.session, fresh, self._shared)
            self.report.added += added
            self.report.duplicates.count += len(fresh) - added

    def _there(self, likes: Iterable[tuple[int, int]]) -> tuple[set[tuple[int, str]], set[tuple[int, int]]]:
        """Return which of these texts the project has: the fingerprints of the same, the numbers of the alike.

        The same text is always alike too, so one question answers both.
        """
        found: Iterable[tuple[int, str, Any]] = _matching(
            self.session,
            select(Prompt.language_id, Prompt.text_hash, Prompt.likeness).where(Prompt.project_id == self.project.id),
            Prompt.likeness,
            {like for _language, like in likes},
        )
        same: set[tuple[int, str]] = set()
        alike: set[tuple[int, int]] = set()
        for language_id, text_hash, likeness in found:
            same.add((language_id, text_hash))
            alike.add((language_id, likeness))
        return same, alike

    def _taken(self, rows: Sequence[Settled]) -> set[tuple[int, str | None]]:
        """Return the language and external id of prompts of this source (and template) that these rows speak of."""
        taken: set[tuple[int, str | None]] = set()
        for language_id in {row.language_id for row in rows}:
            named = {row.external_id for row in rows if row.external_id and row.language_id == language_id}
            taken.update(
                _matching(
                    self.session,
                    select(Prompt.language_id, Prompt.external_id).where(
                        Prompt.source_id == self.source.id,
                        Prompt.language_id == language_id,
                        Prompt.template_id.is_(None)
                        if self.template is None
                        else Prompt.template_id == self.template.id,
                    ),
                    Prompt.external_id,
                    named,
                )
            )
        return taken

    @property
    def _shared(self) -> dict[str, object]:
        """The columns that are the same for every prompt of this import."""
        return {
            "project_id": self.project.id,
            "source_id": self.source.id,
            "template_id": self.template.id if self.template else None,
            "batch_id": self.batch.id,
            "answer_link": self.template.answer_link if self.template else "completion",
            "source_class": self.source_class.value,
            "free_places": self.project.overlap,
            "created_at": self.batch.at,
        }


def _values(row: Settled, text_hash: str, likeness: int) -> dict[str, object]:
    """Return the columns that differ from prompt to prompt."""
    facts: dict[str, object] = {"file": row.file, "line": row.line}
    if row.metadata:
        facts["metadata"] = dict(row.metadata)
    return {
        "language_id": row.language_id,
        "kind": row.texts.kind,
        "instruction": row.texts.instruction,
        "input": row.texts.input,
        "completion": row.texts.completion,
        "instruction_language_id": row.instruction_language_id,
        "input_language_id": row.input_language_id,
        "external_id": row.external_id,
        "shuffle": new_shuffle(),
        "text_hash": text_hash,
        "likeness": likeness,
        "facts": facts,
    }


def begin(session: Session, *, project: Project, source: Source, actor_name: str) -> ImportBatch:
    """Return a new batch, and let no other import into this project begin until this transaction ends.

    Two imports of the same rows in different orders would otherwise wait for each other for ever.
    """
    session.execute(select(Project.id).where(Project.id == project.id).with_for_update(key_share=True))
    batch = ImportBatch(project_id=project.id, source_id=source.id, actor=actor_name, at=clock.now())
    session.add(batch)
    session.flush()
    return batch
