"""Take in the rows of an import, a part at a time, where nobody sees them: what is there already is counted, not kept.

Each part can be committed by itself. Whoever brings the same files with the same choices again goes on where the last
part ended; what two processes would do at once, only the later one does.
"""

import hashlib
import json
import random
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVarTuple, cast

from sqlalchemy import ColumnElement, Select, Table, delete, exists, func, select, text, true, update
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import InstrumentedAttribute, Session

from annotator import clock
from annotator.errors import Conflict
from annotator.projects.models import Project
from annotator.prompts import blocking
from annotator.prompts.models import Arrival, ImportBatch, ImportPart, Prompt, Source, Template
from annotator.prompts.rows import LISTED, ImportReport, Noted, Problem, Settled

Ts = TypeVarTuple("Ts")

# SQLite's own 2 MB of memory would have it write the same pages of its indexes again and again.
_SQLITE_KIB = 64 * 1024
# How many waiting rows are taken away in one transaction.
SWEPT = 10_000

# The place in the shuffled pool is a lottery ticket, nothing secret.
_lottery = random.Random()  # noqa: S311  # not for cryptography

_WAITING = cast("Table", Arrival.__table__)
_NAMES = tuple(column.name for column in _WAITING.columns)


def fingerprint(options: Mapping[str, object], digests: Iterable[str]) -> str:
    """Return what is the same for the same files and choices: the SHA-256 of the choices and the files' own sums."""
    told = json.dumps([options, list(digests)], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def begin(
    session: Session, *, project: Project, actor_name: str, options: Mapping[str, object], mark: str | None
) -> ImportBatch:
    """Return the unfinished import with this fingerprint, which is ours from now on, or a new one."""
    # Who else begins the same import waits here, and then finds this one.
    session.execute(select(Project.id).where(Project.id == project.id).with_for_update(key_share=True))
    batch = None
    if mark is not None:
        batch = session.scalars(
            select(ImportBatch)
            .where(
                ImportBatch.project_id == project.id, ImportBatch.fingerprint == mark, ImportBatch.state == "arriving"
            )
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one_or_none()
    now = clock.now()
    if batch is None:
        batch = ImportBatch(
            project_id=project.id,
            actor=actor_name,
            at=now,
            state="arriving",
            seen_seq=last_landed(session, project),
            fingerprint=mark,
            options=dict(options),
        )
        session.add(batch)
    batch.runner, batch.touched_at = secrets.token_hex(16), now
    session.flush()
    return batch


def last_landed(session: Session, project: Project) -> int:
    """Return the number of the project's import that was shown last, or 0."""
    return session.scalar(select(func.max(ImportBatch.landed_seq)).where(ImportBatch.project_id == project.id)) or 0


def hold(session: Session, batch: ImportBatch, **values: object) -> None:
    """Write how far the import has come, and keep others from it until this transaction ends.

    Raises Conflict ``import_not_ours`` when somebody else has taken it up or given it up meanwhile.
    """
    ours = session.connection().execute(
        update(ImportBatch)
        .where(ImportBatch.id == batch.id, ImportBatch.runner == batch.runner, ImportBatch.state == "arriving")
        .values(touched_at=clock.now(), **values)
    )
    if ours.rowcount != 1:
        raise Conflict("import_not_ours")


def remember(session: Session, batch: ImportBatch, report: ImportReport) -> None:
    """Bring the report to where the last run ended."""
    said: dict[str, list[Problem]] = {"duplicates": [], "refused": [], "alike": []}
    parts = select(ImportPart.problems).where(ImportPart.batch_id == batch.id).order_by(ImportPart.rows)
    for problems in session.scalars(parts):
        for sort, file, line, code, facts in problems:
            said[sort].append(Problem(file, line, code, facts))
    report.rows, report.added = batch.rows, batch.added
    report.taken_up, report.begun_at = batch.rows, batch.at
    for sort, count in (("duplicates", batch.duplicates), ("refused", batch.refused), ("alike", batch.alike)):
        cast("Noted", getattr(report, sort)).go_on_from(count, said[sort])


@dataclass
class Arriving:
    """One import on its way in: where its rows go, and the report that grows. ``source`` and ``template`` are None while they are not in the database."""

    session: Session
    project: Project
    source: Source | None
    template: Template | None
    batch: ImportBatch
    report: ImportReport

    def add(self, rows: Sequence[Settled], bad: Sequence[Problem]) -> None:
        """Take in one part: keep the rows that are new; note duplicates, clashes of external ids, and likenesses.

        ``bad`` are rows that said themselves that they cannot be used. Raises Conflict as ``hold`` does.
        """
        use_indexes(self.session)
        problems: list[tuple[str, Problem]] = [("refused", problem) for problem in bad]
        fresh = self._new_ones(rows, problems)
        self.report.rows += len(rows) + len(bad)
        self.report.added += len(fresh)
        kept = [
            [sort, problem.file, problem.line, problem.code, problem.facts]
            for sort, problem in problems
            if sort == "refused" or cast("Noted", getattr(self.report, sort)).count < LISTED
        ]
        for sort, problem in problems:
            cast("Noted", getattr(self.report, sort)).add(problem)
        hold(self.session, self.batch, **self.report.counts)
        if fresh:
            with memory_for_indexes(self.session):
                _write(self.session, fresh)
        if kept and self.batch.fingerprint is not None:
            told = json.loads(json.dumps(kept, ensure_ascii=False, default=sorted))  # facts may be sets of names
            self.session.add(ImportPart(batch_id=self.batch.id, rows=self.report.rows, problems=told))
            self.session.flush()

    def _new_ones(self, rows: Sequence[Settled], problems: list[tuple[str, Problem]]) -> list[tuple[object, ...]]:
        """Return the rows that are new as they will be written; say of the others why they are not."""
        likes = [(row.language_id, row.texts.likeness) for row in rows]
        there, alike = self._there({like for _language, like in likes})
        taken = self._taken(rows)
        refused = blocking.blocked(self.session, self.project, (row.texts.fingerprint for row in rows))
        fresh: list[tuple[object, ...]] = []
        number = self.report.added
        for row, like in zip(rows, likes, strict=True):
            text_hash = row.texts.fingerprint
            if text_hash in refused:
                problems.append(("refused", Problem(row.file, row.line, "row_blocked")))
                continue
            if (row.language_id, text_hash) in there:
                problems.append(("duplicates", Problem(row.file, row.line, "row_duplicate")))
                continue
            identity = (row.language_id, row.external_id)
            if identity in taken:
                facts = {"external_id": row.external_id}
                problems.append(("refused", Problem(row.file, row.line, "row_external_id_taken", facts)))
                continue
            if like in alike:
                problems.append(("alike", Problem(row.file, row.line, "row_alike")))
            there.add((row.language_id, text_hash))
            alike.add(like)
            if row.external_id is not None:
                taken.add(identity)
            number += 1
            fresh.append(
                (
                    self.batch.id,
                    number,
                    row.language_id,
                    row.texts.kind,
                    *row.texts,
                    row.instruction_language_id,
                    row.input_language_id,
                    row.external_id,
                    _lottery.getrandbits(31),  # what an INTEGER holds without a sign
                    text_hash,
                    like[1],
                    row.facts,
                )
            )
        return fresh

    def _there(self, likes: Collection[int]) -> tuple[set[tuple[int, str]], set[tuple[int, int]]]:
        """Return which of these texts have come or are there: the fingerprints of the same, the numbers of the alike.

        The same text is always alike too, so one question answers both.
        """
        same: set[tuple[int, str]] = set()
        alike: set[tuple[int, int]] = set()
        for found in (
            matching(
                self.session,
                select(Prompt.language_id, Prompt.text_hash, Prompt.likeness),
                Prompt.likeness,
                likes,
                Prompt.project_id == self.project.id,
            ),
            matching(
                self.session,
                select(Arrival.language_id, Arrival.text_hash, Arrival.likeness),
                Arrival.likeness,
                likes,
                Arrival.batch_id == self.batch.id,
            ),
        ):
            for language_id, text_hash, likeness in found:
                same.add((language_id, text_hash))
                alike.add((language_id, cast("int", likeness)))
        return same, alike

    def _taken(self, rows: Sequence[Settled]) -> set[tuple[int, str | None]]:
        """Return the language and external id of rows of this source (and template) that these rows speak of."""
        named: dict[int, set[str]] = {}
        for row in rows:
            if row.external_id is not None:
                named.setdefault(row.language_id, set()).add(row.external_id)
        taken: set[tuple[int, str | None]] = set()
        for language_id, ids in named.items():
            taken.update(
                matching(
                    self.session,
                    select(Arrival.language_id, Arrival.external_id),
                    Arrival.external_id,
                    ids,
                    Arrival.batch_id == self.batch.id,
                    Arrival.language_id == language_id,
                )
            )
            if self.source is None or (self.template is not None and self.template.id is None):
                continue
            taken.update(
                matching(
                    self.session,
                    select(Prompt.language_id, Prompt.external_id),
                    Prompt.external_id,
                    ids,
                    Prompt.source_id == self.source.id,
                    Prompt.language_id == language_id,
                    Prompt.template_id == self.template.id if self.template else Prompt.template_id.is_(None),
                )
            )
        return taken


def use_indexes(session: Session) -> None:
    """Let PostgreSQL look up by indexes until this transaction ends.

    The table of waiting rows is empty most of the time, so its statistics would have it read whole for each row.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL enable_seqscan = off"))


@contextmanager
def memory_for_indexes(session: Session) -> Iterator[None]:
    """Give SQLite memory enough to write each page of an index once."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        yield
        return
    before = connection.exec_driver_sql("PRAGMA cache_size").scalar()
    connection.exec_driver_sql(f"PRAGMA cache_size=-{_SQLITE_KIB}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size={before}")


def matching(
    session: Session,
    chosen: Select[*Ts],
    among: InstrumentedAttribute[Any],
    values: Collection[object],
    *conditions: ColumnElement[bool],
) -> Iterable[tuple[*Ts]]:
    """Return the rows of ``chosen`` where ``among`` is one of many ``values``, by as many look-ups in an index.

    A growing table has no statistics yet, and PostgreSQL would rather read it whole for a long IN list: hence a
    lateral look-up for each value, which OFFSET 0 keeps from being planned away. SQLite gets the values as one JSON
    text: a statement with thousands of placeholders takes longer to write than to run.
    """
    if not values:
        return ()
    if session.get_bind().dialect.name != "postgresql":
        listed = select(func.json_each(json.dumps(list(values))).table_valued("value").c.value)
        return session.execute(chosen.where(*conditions, among.in_(listed)))
    given = func.unnest(sql_cast(list(values), postgresql.ARRAY(among.type))).table_valued("value").render_derived()
    each = chosen.where(*conditions, among == given.c.value).offset(0).lateral()
    found = session.execute(select(each).select_from(given.join(each, true())))
    return cast("Iterable[tuple[*Ts]]", found)


def _write(session: Session, rows: Sequence[tuple[object, ...]]) -> None:
    """Write waiting rows by the quickest way that the database has."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        with (
            cast("Any", connection.connection.driver_connection).cursor() as cursor,
            cursor.copy(f"COPY {_WAITING.name} ({', '.join(_NAMES)}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)
        return
    places = ", ".join("?" * len(_NAMES))
    statement = f"INSERT INTO {_WAITING.name} ({', '.join(_NAMES)}) VALUES ({places})"  # noqa: S608  # names of our own
    connection.exec_driver_sql(statement, list(rows))


def sweep(session: Session, batch_id: int) -> bool:
    """Take away some of the waiting rows of an import that has landed or was given up; return whether more is to do.

    An import that was given up goes with the last of them.
    """
    rows = select(Arrival.number).where(Arrival.batch_id == batch_id).order_by(Arrival.number).limit(SWEPT).subquery()
    last = session.scalar(select(func.max(rows.c.number)))
    if last is not None:
        session.execute(
            delete(Arrival)
            .where(Arrival.batch_id == batch_id, Arrival.number <= last)
            .execution_options(synchronize_session=False)
        )
        return True
    session.execute(
        delete(ImportPart).where(ImportPart.batch_id == batch_id).execution_options(synchronize_session=False)
    )
    batch = session.get(ImportBatch, batch_id)
    gone = session.connection().execute(
        delete(ImportBatch).where(ImportBatch.id == batch_id, ImportBatch.state == "given_up")
    )
    if batch is not None and gone.rowcount:
        session.expunge(batch)
    return False


def to_sweep(session: Session) -> list[int]:
    """Return the ids of imports that have landed or were given up and of which something still waits."""
    waits = exists().where(Arrival.batch_id == ImportBatch.id) | exists().where(ImportPart.batch_id == ImportBatch.id)
    over = (ImportBatch.state == "given_up") | ((ImportBatch.state == "landed") & waits)
    return list(session.scalars(select(ImportBatch.id).where(over).order_by(ImportBatch.id)))
