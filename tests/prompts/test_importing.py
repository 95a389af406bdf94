"""Imports in parts: nobody sees them before the last row, a kill costs a part, and what others do meanwhile is seen."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import time_machine
from click.testing import Result
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session

from annotator import clock
from annotator.assignments.rules import Empty
from annotator.audit.models import AuditEvent
from annotator.database import open_session
from annotator.errors import Conflict, Forbidden, Invalid
from annotator.permissions import OPERATOR, Actor
from annotator.projects.models import Project
from annotator.prompts import actions, arriving, importing, jobs, queries
from annotator.prompts.columns import Columns
from annotator.prompts.models import Arrival, ImportBatch, ImportPart, Prompt, Source, Template
from annotator.prompts.rows import ImportReport
from annotator.settings import Settings
from tests.databases import CHECKOUT, Database
from tests.makers import a_language, a_project
from tests.stories import a_contributor, a_world

Runner = Callable[..., Result]
Row = dict[str, object]

# The command itself, with small parts: what is killed is a process like any other.
IN_SMALL_PARTS = (
    "from annotator.prompts import importing; importing.PART_ROWS = 20; from annotator.cli import main; main()"
)


class Killed(BaseException):
    """What ends an import in the middle, as a kill does: no clearing up."""


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "PART_ROWS", 2)


@pytest.fixture
def project(session: Session) -> Project:
    """A project in Yoruba with an overlap of 3, committed."""
    made = a_project(session, a_language(session), slug="river", overlap=3)
    session.commit()
    return made


def rows(*numbers: int) -> list[Row]:
    return [{"instruction": f"Prompt {number}", "id": str(number)} for number in numbers]


def bring(
    session: Session,
    project: Project,
    given: Sequence[Row],
    *,
    file: str = "a",
    killed_after: int | None = None,
    between: Callable[[], object] | None = None,
    **more: Any,  # noqa: ANN401  # what import_prompts takes
) -> ImportReport:
    """Import in parts that are committed. It is killed after so many parts, or something happens after the first."""
    commits = 0

    def keep() -> None:
        nonlocal commits
        session.commit()
        commits += 1
        if killed_after is not None and commits == killed_after + 1:  # the first is the import's own row
            raise Killed
        if between is not None and commits == 2:
            between()

    return actions.import_prompts(
        session,
        project=project,
        keep=keep,
        **{
            "actor": OPERATOR,
            "source": "Ours",
            "license": "CC0-1.0",
            "language": a_language(session),
            "rows": given,
            "given": [(file, f"sum of {file}")],
            **more,
        },
    )


def interrupted(session: Session, project: Project, given: Sequence[Row], parts: int, **more: Any) -> None:  # noqa: ANN401  # as for bring
    with pytest.raises(Killed):
        bring(session, project, given, killed_after=parts, **more)
    session.rollback()


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.rows, report.added, report.duplicates.count, report.refused.count


def instructions(session: Session) -> list[str | None]:
    session.expire_all()
    return list(session.scalars(select(Prompt.instruction).order_by(Prompt.id)))


def left_over(session: Session) -> dict[str, int]:
    """Return how many rows stand in the tables that an import fills on its way."""
    tables = {"arrivals": Arrival, "parts": ImportPart, "batches": ImportBatch}
    return {name: session.scalar(select(func.count()).select_from(table)) or 0 for name, table in tables.items()}


def test_an_import_that_was_interrupted_is_taken_up_where_it_ended(session: Session, project: Project) -> None:
    given = rows(1, 2, 1, 3, 4, 5, 6)
    interrupted(session, project, given, 2)
    assert instructions(session) == []
    heard: list[tuple[object, int]] = []
    read: list[int] = []

    def remember(begun_at: object, number: int) -> None:
        heard.append((begun_at, number))

    [batch] = queries.unfinished(session, project)
    report = bring(session, project, given, taking_up=remember, progress=read.append)
    assert (report.taken_up, heard, read) == (4, [(batch.at, 4)], [4, 6, 7])
    assert (counts(report), report.landed) == ((7, 6, 1, 0), True)
    assert [problem.line for problem in report.duplicates.shown] == [3]
    assert instructions(session) == [f"Prompt {number}" for number in range(1, 7)]
    assert left_over(session) == {"arrivals": 0, "parts": 0, "batches": 1}
    landed = session.scalars(select(ImportBatch)).one()
    assert (landed.state, landed.landed_seq, landed.id) == ("landed", 1, batch.id)
    assert (landed.rows, landed.added, landed.duplicates, landed.refused) == (7, 6, 1, 0)
    events = session.scalars(select(AuditEvent).where(AuditEvent.action == "prompts.imported")).all()
    assert [event.facts["added"] for event in events] == [6]


def test_what_was_said_before_a_kill_stands_in_the_report_of_who_takes_it_up(
    session: Session, project: Project
) -> None:
    given: list[Row] = [
        *rows(1), {"instruction": ""}, {"instruction": "x", "language": "zzz_Zzzz"}, {"instruction": "prompt 1!"},
        *rows(1, 2), {"input": "a"},
    ]  # fmt: skip
    whole = bring(session, a_project(session, a_language(session)), given, file="whole", skip_bad=True)
    interrupted(session, project, given, 3, skip_bad=True)
    taken_up = bring(session, project, given, skip_bad=True)
    for sort in ("refused", "duplicates", "alike"):
        assert getattr(taken_up, sort).shown == getattr(whole, sort).shown
    assert [problem.line for problem in taken_up.refused.shown] == [2, 3, 7]
    assert (counts(taken_up), taken_up.alike.count) == ((7, 3, 1, 3), 1)


def test_a_field_that_only_the_first_rows_have_counts_as_found(session: Session, project: Project) -> None:
    given: list[Row] = [{"instruction": "a", "x": {"y": "b"}}, *rows(1, 2, 3)]
    interrupted(session, project, given, 1, columns=Columns({"input": "x.y"}))
    report = bring(session, project, given, columns=Columns({"input": "x.y"}))
    assert (report.taken_up, report.landed) == (2, True)


@pytest.mark.parametrize(
    "changed", [{"file": "b"}, {"source": "Theirs"}, {"skip_bad": True}, {"columns": Columns({"input": "id"})}]
)
def test_other_files_or_choices_are_another_import(session: Session, project: Project, changed: dict[str, Any]) -> None:
    interrupted(session, project, rows(1, 2, 3), 1)
    report = bring(session, project, rows(1, 2, 3), **changed)
    assert (report.taken_up, report.added) == (0, 3)
    assert [batch.rows for batch in queries.unfinished(session, project)] == [2]


def test_a_refused_import_leaves_nothing(session: Session, project: Project) -> None:
    report = bring(session, project, [*rows(1, 2, 3), {"instruction": " "}, *rows(4, 5)])
    assert (counts(report), report.landed) == ((6, 5, 0, 1), False)
    assert (instructions(session), left_over(session)) == ([], {"arrivals": 0, "parts": 0, "batches": 0})
    assert session.scalar(select(func.count()).select_from(Source)) == 0


def test_a_file_that_breaks_off_leaves_nothing(session: Session, project: Project) -> None:
    def broken() -> Iterator[Row]:
        yield from rows(1, 2, 3)
        raise Invalid("file_json_unfinished", file="a", line=4)

    with pytest.raises(Invalid):
        bring(session, project, [], rows=broken())
    session.rollback()
    assert (instructions(session), left_over(session)) == ([], {"arrivals": 0, "parts": 0, "batches": 0})


@pytest.mark.parametrize("license_id", ["CC-BY-4.0", "CC0-1.0"])
def test_the_licence_of_a_source_is_settled_by_who_lands_first(
    session: Session, project: Project, license_id: str
) -> None:
    meanwhile = partial(bring, session, project, rows(9), file="other", license=license_id)
    if license_id == "CC0-1.0":
        assert bring(session, project, rows(1, 2, 3), between=meanwhile).landed
        return
    with pytest.raises(Conflict, match="source_license_differs"):
        bring(session, project, rows(1, 2, 3), between=meanwhile)
    assert (instructions(session), left_over(session)) == (["Prompt 9"], {"arrivals": 0, "parts": 0, "batches": 1})


def test_a_dry_run_reports_the_same_and_leaves_nothing(session: Session, project: Project) -> None:
    bring(session, project, rows(2), file="before")
    given: list[Row] = [*rows(1, 2, 3), {"instruction": "prompt 3"}, {"instruction": "other", "id": "1"}]
    told = bring(session, project, given, dry_run=True, skip_bad=True)
    assert instructions(session) == ["Prompt 2"]
    assert left_over(session) == {"arrivals": 0, "parts": 0, "batches": 1}
    done = bring(session, project, given, skip_bad=True)
    assert (counts(told), told.landed, done.landed) == (counts(done), False, True)
    for sort in ("refused", "duplicates", "alike"):
        assert getattr(told, sort).shown == getattr(done, sort).shown


def test_nobody_takes_up_a_dry_run(session: Session, project: Project, settings: Settings, database: Database) -> None:
    interrupted(session, project, rows(1, 2, 3), 1, dry_run=True)
    assert list(queries.unfinished(session, project)) == []
    assert bring(session, project, rows(1, 2, 3)).taken_up == 0
    assert left_over(session)["arrivals"] == 2
    session.commit()
    with time_machine.travel(clock.now() + timedelta(hours=7), tick=False):
        jobs.tidy_imports(database.engine, settings)
    assert left_over(session) == {"arrivals": 0, "parts": 0, "batches": 1}


def test_the_second_of_two_runs_of_the_same_import_goes_on_and_the_first_stops(
    session: Session, database: Database, project: Project
) -> None:
    def second() -> None:
        with open_session(database.engine, writes=True) as other:
            report = bring(other, other.get_one(Project, project.id), rows(1, 2, 3, 4, 5))
            assert (report.taken_up, report.added) == (2, 5)

    with pytest.raises(Conflict, match="import_not_ours"):
        bring(session, project, rows(1, 2, 3, 4, 5), between=second)
    session.rollback()
    assert instructions(session) == [f"Prompt {number}" for number in range(1, 6)]
    assert left_over(session) == {"arrivals": 0, "parts": 0, "batches": 1}


def test_the_first_stops_too_while_the_second_has_not_landed(
    session: Session, database: Database, project: Project
) -> None:
    def second() -> None:
        with open_session(database.engine, writes=True) as other:
            interrupted(other, other.get_one(Project, project.id), rows(1, 2, 3, 4, 5), 1)

    with pytest.raises(Conflict, match="import_not_ours"):
        bring(session, project, rows(1, 2, 3, 4, 5), between=second)
    session.rollback()
    assert [batch.rows for batch in queries.unfinished(session, project)] == [4]
    assert counts(bring(session, project, rows(1, 2, 3, 4, 5))) == (5, 5, 0, 0)


def test_what_lands_meanwhile_is_a_duplicate_and_the_order_of_landing_counts(
    session: Session, project: Project
) -> None:
    report = bring(
        session,
        project,
        rows(1, 2, 3, 4),
        between=partial(bring, session, project, rows(2, 3, 9), file="b", source="B"),
    )
    assert counts(report) == (4, 2, 2, 0)
    assert [(problem.line, problem.code) for problem in report.duplicates.shown] == [
        (2, "row_duplicate"), (3, "row_duplicate"),
    ]  # fmt: skip
    assert instructions(session) == ["Prompt 2", "Prompt 3", "Prompt 9", "Prompt 1", "Prompt 4"]
    found = session.execute(select(ImportBatch.landed_seq, ImportBatch.added).order_by(ImportBatch.id)).all()
    assert [tuple(row) for row in found] == [(2, 2), (1, 3)]  # the import that was begun first landed last
    assert [batch.added for batch, _source in queries.batches(session, project)] == [2, 3]


@pytest.mark.parametrize("skip_bad", [False, True])
def test_an_id_that_was_taken_meanwhile_is_a_bad_row(session: Session, project: Project, *, skip_bad: bool) -> None:
    other: list[Row] = [{"instruction": "Another text", "id": "2"}, *rows(3)]
    report = bring(
        session, project, rows(1, 2, 3), skip_bad=skip_bad, between=partial(bring, session, project, other, file="b")
    )
    assert [(problem.line, problem.code) for problem in report.refused.shown] == [(2, "row_external_id_taken")]
    assert (counts(report), report.landed) == ((3, 1, 1, 1), skip_bad)
    assert instructions(session) == ["Another text", "Prompt 3", *(["Prompt 1"] if skip_bad else [])]
    assert left_over(session)["arrivals"] == 0


def test_what_waits_of_one_import_is_nothing_to_another(session: Session, project: Project) -> None:
    interrupted(session, project, rows(1, 2, 3), 1)
    assert counts(bring(session, project, rows(1, 2, 4), file="b")) == (3, 3, 0, 0)
    assert counts(bring(session, project, rows(1, 2, 3))) == (3, 1, 2, 0)


def test_a_constraint_has_the_last_word(session: Session, project: Project) -> None:
    def copy_into_the_pool() -> None:
        """Do what no action does: another prompt with the same texts, of no import."""
        waiting = session.scalars(select(Arrival).where(Arrival.number == 1)).one()
        session.add(
            Prompt(
                project_id=project.id, language_id=waiting.language_id, kind="answer", instruction="Prompt 1",
                answer_link="completion", source_class="free", shuffle=1, free_places=1, created_at=clock.now(),
                text_hash=waiting.text_hash,
            )
        )  # fmt: skip
        session.commit()

    report = bring(session, project, rows(1, 2, 3), between=copy_into_the_pool)
    assert (counts(report), len(instructions(session))) == ((3, 2, 1, 0), 3)


def test_an_overlap_that_was_raised_meanwhile_holds(session: Session, database: Database, project: Project) -> None:
    def raise_it() -> None:
        with open_session(database.engine, writes=True) as other:
            actions.raise_overlap(other, actor=OPERATOR, project=other.get_one(Project, project.id), overlap=5)
            other.commit()

    bring(session, project, rows(1, 2, 3), between=raise_it)
    assert set(session.scalars(select(Prompt.free_places))) == {5}


def test_a_template_of_ours_comes_in_with_the_first_import_that_lands(session: Session, project: Project) -> None:
    a_language(session, "eng_Latn")
    template = actions.template_to_use(session, "write-a-headline")
    given: list[Row] = [{"text": f"It rained {number} times."} for number in range(3)]
    bring(session, project, given, template=template, dry_run=True)
    interrupted(session, project, given, 1, template=template)
    assert session.scalars(select(Template)).all() == []
    report = bring(session, project, given, template=actions.template_to_use(session, "write-a-headline"))
    assert (report.taken_up, report.added) == (2, 3)
    brought_in = queries.the_template(session, "write-a-headline")
    assert actions.template_to_use(session, "write-a-headline") is brought_in
    assert set(session.scalars(select(Prompt.template_id))) == {brought_in.id}


def test_claims_and_counts_see_nothing_before_the_last_row(session: Session) -> None:
    world = a_world(session)
    person = a_contributor(session, world.language)
    session.commit()
    seen: list[object] = []

    def look() -> None:
        seen.append(world.asks(person).reason)
        seen.append([(pool.answer, pool.reannotate) for pool in queries.pools(session, world.project)])
        session.rollback()

    bring(session, world.project, rows(1, 2, 3, 4, 5), between=look, language=world.language)
    assert seen == [Empty.NO_WORK, [(0, 0)]]
    assert [(pool.answer, pool.reannotate) for pool in queries.pools(session, world.project)] == [(5, 0)]
    assert world.claims(person).prompt.instruction in {row["instruction"] for row in rows(1, 2, 3, 4, 5)}


def test_an_import_is_given_up_and_begun_anew(
    session: Session, database: Database, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arriving, "SWEPT", 2)
    interrupted(session, project, [*rows(1, 2, 3), {"instruction": "prompt 1"}, *rows(4, 5)], 3)
    assert left_over(session) == {"arrivals": 6, "parts": 1, "batches": 1}
    [batch] = queries.unfinished(session, project)
    with pytest.raises(Forbidden):
        actions.give_up_import(session, actor=Actor(person_id=1), batch=batch)
    actions.give_up_import(session, actor=OPERATOR, batch=batch)
    with pytest.raises(Conflict, match="import_over"):
        actions.give_up_import(session, actor=OPERATOR, batch=batch)
    session.commit()
    assert jobs.clear(database.engine) == 1
    assert left_over(session) == {"arrivals": 0, "parts": 0, "batches": 0}
    given_up = session.scalars(select(AuditEvent).where(AuditEvent.action == "prompts.import_given_up")).one()
    assert (given_up.object_id, given_up.facts["rows"]) == (batch.id, 6)
    session.expunge(batch)  # SQLite gives its id to the next
    assert bring(session, project, rows(1, 2, 3)).taken_up == 0


def test_who_is_at_work_on_an_import_stops_when_it_is_given_up(session: Session, project: Project) -> None:
    def give_up() -> None:
        actions.give_up_import(session, actor=OPERATOR, batch=queries.unfinished(session, project)[0])
        session.commit()

    with pytest.raises(Conflict, match="import_not_ours"):
        bring(session, project, rows(1, 2, 3), between=give_up)
    assert instructions(session) == []


def test_what_nobody_takes_up_for_two_weeks_is_given_up(
    session: Session, database: Database, settings: Settings, project: Project
) -> None:
    interrupted(session, project, rows(1, 2, 3), 1)
    session.commit()
    for days, left in ((13, 1), (15, 0)):
        with time_machine.travel(clock.now() + timedelta(days=days), tick=False):
            assert jobs.tidy_imports(database.engine, settings) == 1 - left
        assert left_over(session)["batches"] == left
        session.rollback()


def test_rows_that_a_kill_left_behind_a_landed_import_are_taken_away(
    session: Session, database: Database, settings: Settings, project: Project
) -> None:
    interrupted(session, project, rows(1, 2, 3), 3)  # two parts, and the last step
    assert instructions(session) == ["Prompt 1", "Prompt 2", "Prompt 3"]
    assert left_over(session)["arrivals"] == 3
    session.commit()
    assert jobs.tidy_imports(database.engine, settings) == 1
    assert left_over(session) == {"arrivals": 0, "parts": 0, "batches": 1}
    session.commit()
    assert counts(bring(session, project, rows(1, 2, 3))) == (3, 0, 3, 0)


def test_a_part_is_bounded_by_its_texts_too(
    session: Session, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "PART_ROWS", 1_000)
    monkeypatch.setattr(importing, "PART_CHARACTERS", 250)
    read: list[int] = []
    given: list[Row] = [{"instruction": "x" * 80 + str(number), "completion": "y" * 30} for number in range(5)]
    bring(session, project, given, progress=read.append)
    assert read == [0, 2, 4, 5]


def plans(database: Database, session: Session, work: Callable[[], object]) -> tuple[list[str], list[str]]:
    """Do the work; return the statements that it sent, and what the database would do for each that touches prompts."""
    sent: list[tuple[str, Any]] = []

    def listen(_c: object, _cursor: object, statement: str, parameters: object, _x: object, many: bool) -> None:  # noqa: FBT001  # SQLAlchemy's signature
        if not many:
            sent.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", listen)
    try:
        work()
    finally:
        event.remove(database.engine, "before_cursor_execute", listen)
    explain = "EXPLAIN " if database.dialect == "postgresql" else "EXPLAIN QUERY PLAN "
    found: list[str] = []
    connection = session.connection()
    if database.dialect == "postgresql":
        connection.execute(text("SET LOCAL enable_seqscan = off"))  # as the import says itself: arriving.use_indexes
    for statement, parameters in sent:
        if "prompts" in statement and statement.lstrip().startswith(("SELECT", "INSERT", "DELETE")):
            lines = connection.exec_driver_sql(explain + statement, parameters)
            found.extend(f"{line[-1]}" for line in lines)
    session.rollback()
    return [statement for statement, _parameters in sent], found


def test_the_cost_follows_the_new_rows_and_not_the_pool(
    session: Session, database: Database, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "PART_ROWS", 100)

    def work(first: int) -> ImportReport:
        """Import new rows and an old one, while another import lands, so that the last look looks too."""
        other = partial(bring, session, project, rows(first + 1, first + 999), file=f"beside {first}")
        given = [*rows(*range(first, first + 150)), *rows(1)]
        return bring(session, project, given, file=f"from {first}", between=other)

    work(10_000)
    few, _plans = plans(database, session, partial(work, 20_000))
    bring(session, project, rows(*range(30_000, 32_000)), file="many")
    many, found = plans(database, session, partial(work, 40_000))
    assert len(few) == len(many)
    # Neither the whole table is read, nor all of a project, language or source: every look-up knows the text or the id.
    looking = [
        line
        for line in found
        if re.search(r"Seq Scan on prompts|(SCAN|SEARCH) prompts|Cond: .*(project|source)_id", line)
    ]
    by = [
        re.search("likeness|text_hash|external_id", line.rpartition("(" if "SEARCH" in line else "Cond")[2])
        for line in looking
    ]
    assert None not in by, looking
    assert {known[0] for known in by if known} == {"likeness", "text_hash", "external_id"}


def command(runner_arguments: Sequence[str], folder: Path) -> "subprocess.Popen[str]":
    """Start the real command in a process of its own."""
    return subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-c", IN_SMALL_PARTS, *runner_arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


COMMAND = ("prompts", "import", "a.jsonl", "--project", "river", "--source", "Ours", "--license", "CC0-1.0",
           "--language", "yor_Latn", "--skip-bad")  # fmt: skip


def a_file(count: int) -> None:
    """Write rows of which every tenth is a duplicate, and line 3 cannot be used."""
    with Path("a.jsonl").open("w") as stream:
        for number in range(1, count + 1):
            words = "" if number == 3 else f"Prompt {number // 10 * 10 if number % 10 == 1 else number}"
            stream.write(f'{{"instruction": "{words}"}}\n')


@pytest.mark.usefixtures("project")
def test_a_killed_command_is_taken_up_by_the_same_command(
    runner: Runner, session: Session, database: Database, tmp_path: Path
) -> None:
    a_file(2_000)
    # 11 repeats 10, 21 repeats 20, …; the first of them repeats nothing that is there (1 is “Prompt 0”)
    expected = {"rows": 2_000, "added": 1_800, "duplicates": 199, "refused": 1}
    session.commit()
    process = command(COMMAND, tmp_path / "working folder")
    try:
        reached = 0
        deadline = time.monotonic() + 60
        while reached < 100 and time.monotonic() < deadline and process.poll() is None:
            with database.engine.connect() as connection:
                reached = connection.scalar(select(ImportBatch.rows)) or 0
    finally:
        process.send_signal(signal.SIGKILL)
        said = process.communicate()
    assert process.returncode == -signal.SIGKILL, said
    [batch] = queries.unfinished(session)
    number, reached = batch.id, batch.rows
    assert (100 <= reached < 2_000, reached % 20) == (True, 0)
    assert instructions(session) == []
    listed = runner("prompts", "imports", "list").stdout
    assert f"{number}  river  a.jsonl  source Ours  {reached:,} rows are in" in listed
    told = runner(*COMMAND)
    assert f"UTC: {reached:,} rows are in.\n" in told.stderr
    assert "a.jsonl, line 3: The instruction is missing or empty." in told.stderr
    assert told.stdout == "Imported. 2,000 rows: 1,800 new, 199 duplicates, 1 bad.\n"
    landed = session.scalars(select(ImportBatch)).one()
    assert {name: getattr(landed, name) for name in expected} == expected
    assert (len(instructions(session)), left_over(session)["arrivals"]) == (1_800, 0)
    assert runner("prompts", "imports", "list").stdout == "None.\n"
    assert runner(*COMMAND).stdout == "Imported. 2,000 rows: 0 new, 1,999 duplicates, 1 bad.\n"


@pytest.mark.usefixtures("project", "runner")
def test_two_commands_at_the_same_time_bring_each_row_in_once(session: Session, tmp_path: Path) -> None:
    a_file(1_000)
    session.commit()
    processes = [command(COMMAND, tmp_path / "working folder") for _ in range(2)]
    said = [(*process.communicate(timeout=120), process.returncode) for process in processes]
    assert {code for _out, _err, code in said} <= {0, 1}, said
    assert any(code == 0 for *_, code in said), said
    for _out, err, code in said:
        assert code == 0 or "Another run of the same import has taken it up" in err
    found = instructions(session)
    assert (len(found), len(set(found))) == (900, 900)
    assert left_over(session)["arrivals"] == 0
