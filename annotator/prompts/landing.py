"""Show all rows of an import at once: what waited becomes the pool's, in one transaction."""

from collections.abc import Callable, Mapping
from typing import cast

from sqlalchemy import Select, Table, delete, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from annotator import clock
from annotator.consent.rules import SourceClass
from annotator.errors import Conflict
from annotator.projects.models import Project
from annotator.prompts import arriving, blocking
from annotator.prompts.models import Arrival, ImportBatch, Prompt, Source, Template
from annotator.prompts.rows import ImportReport, Problem

# How many rows a statement moves: enough for speed, few enough for somebody to see it go on.
MOVED = 10_000

_PROMPTS = cast("Table", Prompt.__table__)
_SAME = (
    "language_id",
    "kind",
    "instruction",
    "input",
    "completion",
    "instruction_language_id",
    "input_language_id",
    "external_id",
    "shuffle",
    "text_hash",
    "likeness",
    "facts",
)


def source_named(session: Session, project: Project, name: str, license_id: str) -> Source | None:
    """Return the project's source of this name, or None; raise Conflict where it has another licence."""
    found = session.scalar(select(Source).where(Source.project_id == project.id, Source.name == name))
    if found is not None and found.license != license_id:
        raise Conflict("source_license_differs", source=name, license=found.license, given=license_id)
    return found


def prepare(
    session: Session,
    *,
    project: Project,
    batch: ImportBatch,
    source_name: str,
    license_id: str,
    template: Template | None,
    report: ImportReport,
) -> Source | None:
    """Keep every other import of the project from landing until this transaction ends, and look once more what is new.

    What an import that landed meanwhile has brought is taken out and noted. Returns the source, if it is there yet.
    Raises Conflict as ``source_named`` and ``arriving.hold`` do.
    """
    session.refresh(project, ["overlap"], with_for_update={"key_share": True})
    arriving.hold(session, batch)
    arriving.use_indexes(session)
    source = source_named(session, project, source_name, license_id)
    for problem in _take_out_blocked(session, project, batch):
        report.refused.add(problem)
        report.added -= 1
    if arriving.last_landed(session, project) == batch.seen_seq:
        return source
    same_text = select(Prompt.id).where(
        Prompt.project_id == project.id,
        Prompt.language_id == Arrival.language_id,
        Prompt.text_hash == Arrival.text_hash,
    )
    found = _take_out(session, batch, same_text, "row_duplicate")
    for problem in found:
        report.duplicates.add(problem)
    report.added -= len(found)
    if source is not None and (template is None or template.id is not None):
        same_id = select(Prompt.id).where(
            Prompt.source_id == source.id,
            Prompt.language_id == Arrival.language_id,
            Prompt.external_id == Arrival.external_id,
            Prompt.template_id == template.id if template else Prompt.template_id.is_(None),
        )
        found = _take_out(session, batch, same_id, "row_external_id_taken")
        for problem in found:
            report.refused.add(problem)
        report.added -= len(found)
    return source


def _take_out_blocked(session: Session, project: Project, batch: ImportBatch) -> list[Problem]:
    """Take out rows whose text was taken back while they waited, and return them."""
    numbers, found = blocking.blocked_arrivals(session, project, batch.id), []
    for begin in range(0, len(numbers), MOVED):
        few = (Arrival.batch_id == batch.id, Arrival.number.in_(numbers[begin : begin + MOVED]))
        found += [
            Problem(facts["file"], facts["line"], "row_blocked")
            for facts in session.scalars(select(Arrival.facts).where(*few))
        ]
        session.execute(delete(Arrival).where(*few).execution_options(synchronize_session=False))
    return found


def _take_out(session: Session, batch: ImportBatch, there: Select[int], code: str) -> list[Problem]:
    """Take out what waits though ``there`` finds it in the pool, and return it."""
    # OFFSET 0: a look-up for each row, whatever the size of the pool
    found = (Arrival.batch_id == batch.id, there.correlate(Arrival).offset(0).exists())
    rows = session.execute(select(Arrival.facts, Arrival.external_id).where(*found).order_by(Arrival.number)).all()
    session.execute(delete(Arrival).where(*found).execution_options(synchronize_session=False))
    return [
        Problem(facts["file"], facts["line"], code, {"external_id": external_id} if code != "row_duplicate" else {})
        for facts, external_id in rows
    ]


def land(
    session: Session,
    *,
    project: Project,
    batch: ImportBatch,
    source: Source,
    template: Template | None,
    source_class: SourceClass,
    report: ImportReport,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Offer everything that waits, after ``prepare``; ``progress`` hears how many rows have moved."""
    now = clock.now()
    shared = {
        "project_id": project.id,
        "source_id": source.id,
        "template_id": template.id if template else None,
        "batch_id": batch.id,
        "answer_link": template.answer_link if template else "completion",
        "source_class": source_class.value,
        "state": "open",
        "priority": 0,
        "free_places": project.overlap,
        "created_at": now,
    }
    last = session.scalar(select(func.max(Arrival.number)).where(Arrival.batch_id == batch.id)) or 0
    moved = 0
    with arriving.memory_for_indexes(session):
        for low in range(0, last, MOVED):
            moved += _move(session, batch, low, shared)
            if progress is not None:
                progress(min(low + MOVED, last))
    # Nothing should be there already, but a constraint knows best.
    report.duplicates.count += report.added - moved
    report.added = moved
    landed_seq = arriving.last_landed(session, project) + 1
    arriving.hold(session, batch, state="landed", landed_seq=landed_seq, source_id=source.id, **report.counts)
    report.landed, report.batch_id = True, batch.id


def _move(session: Session, batch: ImportBatch, low: int, shared: Mapping[str, object]) -> int:
    """Copy the next waiting rows into the pool, passing over those that a constraint knows; return how many went in."""
    connection = session.connection()
    inserting = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    waiting = (
        select(
            *[getattr(Arrival, name) for name in _SAME],
            *[literal(value, _PROMPTS.c[name].type) for name, value in shared.items()],
        )
        .where(Arrival.batch_id == batch.id, Arrival.number > low, Arrival.number <= low + MOVED)
        .order_by(Arrival.number)
    )
    statement = inserting(_PROMPTS).from_select([*_SAME, *shared], waiting, include_defaults=False)
    moving = connection.execute(statement.on_conflict_do_nothing(), execution_options={"preserve_rowcount": True})
    return moving.rowcount
