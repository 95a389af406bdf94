"""The course of one import: parts that nobody sees, a last look, and then all rows at once or none."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import update
from sqlalchemy.orm import Session

from annotator.audit import actions as audit
from annotator.errors import DomainError
from annotator.permissions import Actor
from annotator.projects.models import Project
from annotator.prompts import arriving, landing, licenses
from annotator.prompts.arriving import Arriving
from annotator.prompts.columns import Columns
from annotator.prompts.models import ImportBatch, Source, Template
from annotator.prompts.rows import ImportReport, Problem, Record, Row, Settled
from annotator.prompts.settling import Settler

# A part is what a kill may cost, what stands in memory, and how long SQLite keeps other writers waiting.
PART_ROWS = 5_000
PART_CHARACTERS = 4_000_000

NOT_OURS = "import_not_ours"

Rows = Iterable[Row | Mapping[str, object]]


@dataclass
class Import:
    """One import, with all that was said of it. ``keep`` is called where what has been done so far may be committed."""

    session: Session
    actor: Actor
    project: Project
    source_name: str
    license_id: str
    settler: Settler
    report: ImportReport
    add_template: Callable[[Template], Template]
    keep: Callable[[], None]
    progress: Callable[[int], None]
    showing: Callable[[int], None] | None
    taking_up: Callable[[datetime, int], None] | None

    def run(self, rows: Rows, *, options: Mapping[str, object], mark: str | None) -> None:
        """Bring the rows in, and fill the report; what does not land leaves nothing.

        Only what interrupts the program leaves the import unfinished, so that it can be taken up by its ``mark``.
        """
        source = landing.source_named(self.session, self.project, self.source_name, self.license_id)
        batch = arriving.begin(
            self.session, project=self.project, actor_name=self.actor.name, options=options, mark=mark
        )
        if batch.rows:
            arriving.remember(self.session, batch, self.report)
            if self.taking_up is not None:
                self.taking_up(batch.at, batch.rows)
        self.keep()
        try:
            self._take_in(rows, source, batch)
            self._show(batch)
        except DomainError as error:
            if error.code != NOT_OURS:
                self._clear(batch)
            raise
        self._clear(batch)

    def _take_in(self, rows: Rows, source: Source | None, batch: ImportBatch) -> None:
        """Take in what has not come yet, part by part."""
        way = Arriving(self.session, self.project, source, self.settler.template, batch, self.report)
        left = _after(_placed(rows), self.report.rows, self.settler.columns)
        self.progress(self.report.rows)
        for settled, bad in _parts(self.settler, left):
            way.add(settled, bad)
            self.keep()
            self.progress(self.report.rows)
        self.settler.columns.check_found()

    def _show(self, batch: ImportBatch) -> None:
        """Offer all of it, if nothing stands against it."""
        template = self.settler.template
        if not self.report.fits:
            return
        nested = self.session.begin_nested()  # a refusal here gives back the locks
        with nested:
            source = landing.prepare(
                self.session,
                project=self.project,
                batch=batch,
                source_name=self.source_name,
                license_id=self.license_id,
                template=template,
                report=self.report,
            )
            if self.report.dry_run or not self.report.fits:
                return
            if source is None:
                source = Source(project_id=self.project.id, name=self.source_name, license=self.license_id)
                self.session.add(source)
                self.session.flush()
            landing.land(
                self.session,
                project=self.project,
                batch=batch,
                source=source,
                template=template and self.add_template(template),
                source_class=licenses.class_of(self.license_id),
                report=self.report,
                progress=self.showing,
            )
            audit.record(
                self.session,
                actor=self.actor,
                action="prompts.imported",
                object_kind="import_batch",
                object_id=batch.id,
                project=self.project.id,
                source=source.id,
                added=self.report.added,
                duplicates=self.report.duplicates.count,
                refused=self.report.refused.count,
            )
        self.keep()

    def _clear(self, batch: ImportBatch) -> None:
        """Take away what waits: it has landed, or never will."""
        if not self.report.landed:
            give_up(self.session, batch.id)
            self.keep()
        more = True
        while more:
            more = arriving.sweep(self.session, batch.id)
            self.keep()


def give_up(session: Session, batch_id: int) -> bool:
    """See to it that an import never lands, and say whether it could have; ``arriving.sweep`` takes it away."""
    given_up = session.connection().execute(
        update(ImportBatch)
        .where(ImportBatch.id == batch_id, ImportBatch.state == "arriving")
        .values(state="given_up", fingerprint=None)
    )
    return given_up.rowcount == 1


def _placed(rows: Rows) -> Iterator[Row]:
    """Yield the rows; those that come without a place get their number."""
    for number, row in enumerate(rows, 1):
        yield Record("rows", number, row) if isinstance(row, Mapping) else row


def _after(rows: Iterator[Row], done: int, columns: Columns) -> Iterator[Row]:
    """Return the rows after those that are in; of those only the columns count, which somewhere must be found."""
    for row in islice(rows, done):
        if columns.mapping and isinstance(row, Record):
            columns.pick(row.values)
    return rows


def _parts(settler: Settler, rows: Iterator[Row]) -> Iterator[tuple[list[Settled], list[Problem]]]:
    """Yield the rows in parts: those that can be used, and what is wrong with the others."""
    settled: list[Settled] = []
    bad: list[Problem] = []
    characters = 0
    for row in rows:
        found = settler.settle(row) if isinstance(row, Record) else row
        if isinstance(found, Problem):
            bad.append(found)
        else:
            settled.append(found)
            characters += len(found.facts) + sum(map(len, filter(None, found.texts)))
        if len(settled) + len(bad) >= PART_ROWS or characters >= PART_CHARACTERS:
            yield settled, bad
            settled, bad, characters = [], [], 0
    if settled or bad:
        yield settled, bad
