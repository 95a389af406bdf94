"""Put settled rows into the pool, a batch at a time and by sets: what is there already is counted, not added."""

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVarTuple, cast

from sqlalchemy import Insert, Select, Table, func, select, true
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
    session: Session, chosen: Select[*Ts], column: InstrumentedAttribute[Any], values: Collection[object]
) -> Iterable[tuple[*Ts]]:
    """Return the rows of ``chosen`` whose ``column`` is among many ``values``, by as many look-ups in an index.

    A growing table has no statistics yet, and PostgreSQL would rather read it whole for a long IN list: hence a
    lateral look-up for each value, which OFFSET 0 keeps from being planned away.
    """
    if not values:
        return []
    if session.get_bind().dialect.name != "postgresql":
        return session.execute(chosen.where(column.in_(values))).tuples()
    given = func.unnest(sql_cast(list(values), postgresql.ARRAY(column.type))).table_valued("value").render_derived()
    each = chosen.where(column == given.c.value).offset(0).lateral()
    return cast("Iterable[tuple[*Ts]]", session.execute(select(each).select_from(given.join(each, true()))).tuples())


def _insert_new(session: Session) -> Insert:
    """Return an insert of prompts that passes over those that a constraint says are there."""
    prompts = cast("Table", Prompt.__table__)
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(prompts).on_conflict_do_nothing()
    return sqlite.insert(prompts).on_conflict_do_nothing()


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
            fresh.append(self._values(row, key[1], like[1]))
        if fresh and self.report.fits:
            self._add(rows, fresh)

    def _add(self, rows: Sequence[Settled], fresh: list[dict[str, object]]) -> None:
        """Insert, and count as duplicates what another import added in this very moment."""
        added = set(
            self.session.execute(
                _insert_new(self.session).returning(Prompt.language_id, Prompt.text_hash), fresh
            ).tuples()
        )
        self.report.added += len(added)
        if len(added) < len(fresh):
            missing = {(values["language_id"], values["text_hash"]) for values in fresh} - added
            for row in rows:
                if (row.language_id, row.texts.fingerprint) in missing:
                    self.report.duplicates.add(Problem(row.file, row.line, "row_duplicate"))

    def _there(self, likes: Iterable[tuple[int, int]]) -> tuple[set[tuple[int, str]], set[tuple[int, int]]]:
        """Return which of these texts the project has: the fingerprints of the same, the numbers of the alike.

        The same text is always alike too, so one question answers both.
        """
        found = _matching(
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

    def _taken(self, rows: Sequence[Settled]) -> set[tuple[int, str]]:
        """Return the language and external id of prompts of this source (and template) that these rows speak of."""
        taken: set[tuple[int, str]] = set()
        for language_id in {row.language_id for row in rows}:
            named = {row.external_id for row in rows if row.external_id and row.language_id == language_id}
            taken.update(
                _matching(
                    self.session,
                    select(Prompt.language_id, Prompt.external_id).where(
                        Prompt.source_id == self.source.id,
                        Prompt.language_id == language_id,
                        Prompt.template_id.is_(None) if self.template is None
                        else Prompt.template_id == self.template.id,
                    ),
                    Prompt.external_id,
                    named,
                )
            )
        return taken

    def _values(self, row: Settled, text_hash: str, likeness: int) -> dict[str, object]:
        facts: dict[str, object] = {"file": row.file, "line": row.line}
        if row.metadata:
            facts["metadata"] = dict(row.metadata)
        return {
            "project_id": self.project.id,
            "language_id": row.language_id,
            "kind": row.texts.kind,
            "instruction": row.texts.instruction,
            "input": row.texts.input,
            "completion": row.texts.completion,
            "instruction_language_id": row.instruction_language_id,
            "input_language_id": row.input_language_id,
            "source_id": self.source.id,
            "external_id": row.external_id,
            "template_id": self.template.id if self.template else None,
            "batch_id": self.batch.id,
            "answer_link": self.template.answer_link if self.template else "completion",
            "source_class": self.source_class.value,
            "shuffle": new_shuffle(),
            "free_places": self.project.overlap,
            "text_hash": text_hash,
            "likeness": likeness,
            "facts": facts,
            "created_at": self.batch.at,
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
