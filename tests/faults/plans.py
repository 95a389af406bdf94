"""What a database does for a statement: which statements ran, by which indexes, and how many rows were looked at."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from psycopg import RawCursor, sql
from sqlalchemy import Connection, event
from sqlalchemy.orm import Session

# Steps of SQLite's machine between two calls of the counter.
STRIDE = 100

Given = Any  # parameters as the driver takes them


@dataclass
class Ran:
    """The statements that ran, each with its parameters, and (SQLite) the steps that its machine took."""

    statements: list[tuple[str, Given]] = field(default_factory=list)
    steps: int = 0


@dataclass(frozen=True)
class Plan:
    """The indexes that a plan uses, the tables that it reads whole, and how many rows it looked at when it was run."""

    indexes: frozenset[str]
    read_whole: frozenset[str]
    rows: int = 0


@contextmanager
def running(session: Session) -> Iterator[Ran]:
    """Collect what runs meanwhile."""
    ran = Ran()
    engine = session.get_bind().engine
    driver = session.connection().connection.driver_connection

    def note(_c: object, _cursor: object, statement: str, parameters: object, *_more: object) -> None:
        ran.statements.append((statement, parameters))

    def step() -> int:
        ran.steps += STRIDE
        return 0

    event.listen(engine, "before_cursor_execute", note)
    if isinstance(driver, sqlite3.Connection):
        driver.set_progress_handler(step, STRIDE)
    try:
        yield ran
    finally:
        event.remove(engine, "before_cursor_execute", note)
        if isinstance(driver, sqlite3.Connection):
            driver.set_progress_handler(None, 0)


def plans_of(connection: Connection, statement: str, given: Given) -> list[Plan]:
    """Return how the database goes about a statement; what the statement changes is taken back.

    PostgreSQL has two ways: with these parameters, and with any, for a statement that it has prepared.
    """
    trial = connection.begin_nested()
    if connection.dialect.name == "sqlite":
        listed = tuple(given) if isinstance(given, list) else given
        lines = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", listed)]
        found = [_of_sqlite(lines)]
    else:
        found = [
            _of_postgres(plan)
            for plan in (_with_these(connection, statement, given), _with_any(connection, statement, given))
        ]
    trial.rollback()
    return found


def _of_sqlite(lines: list[str]) -> Plan:
    """Read the lines of EXPLAIN QUERY PLAN; ``assignments_1`` is a name for ``assignments``."""
    indexes = {found[1] for line in lines if (found := re.search(r"USING (?:COVERING )?INDEX (\w+)", line))}
    whole = {re.sub(r"_\d+$", "", found[1]) for line in lines if (found := re.match(r"SCAN (\w+)", line))}
    return Plan(frozenset(indexes), frozenset(whole))


def _with_these(connection: Connection, statement: str, given: Given) -> Mapping[str, Any]:
    """Run the statement and return the plan that it ran by."""
    with _cursor_for(connection, given) as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON, ANALYZE) {statement}", given)
        plan: Mapping[str, Any] = cursor.fetchone()[0][0]["Plan"]
    return plan


def _with_any(connection: Connection, statement: str, given: Given) -> Mapping[str, Any]:
    """Return the plan that serves any parameters."""
    values, prepared = given, statement
    if isinstance(given, Mapping):
        names: list[str] = []

        def numbered(found: re.Match[str]) -> str:
            names.append(found[1])
            return f"${len(names)}"

        prepared = re.sub(r"%\((\w+)\)s", numbered, statement).replace("%%", "%")
        values = [given[name] for name in names]
    literals = sql.SQL(", ").join(map(sql.Literal, values))
    with _cursor_for(connection, None) as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(b"PREPARE a_statement AS " + prepared.encode())
        cursor.execute(sql.SQL("EXPLAIN (FORMAT JSON) EXECUTE a_statement({})").format(literals))
        plan: Mapping[str, Any] = cursor.fetchone()[0][0]["Plan"]
        cursor.execute("DEALLOCATE a_statement")
    return plan


def _cursor_for(connection: Connection, given: Given) -> Any:  # noqa: ANN401  # a cursor of psycopg
    """Return a cursor that takes such parameters: SQLAlchemy's have names, those of ready statements have numbers."""
    driver: Any = connection.connection.driver_connection
    return RawCursor(driver) if isinstance(given, list) else driver.cursor()


def _of_postgres(plan: Mapping[str, Any]) -> Plan:
    """Read the nodes of a plan; rows count that were looked at in tables, those that were passed over with them."""
    nodes = list(_nodes(plan))
    rows = 0.0
    for node in nodes:
        if "Relation Name" in node and "Actual Rows" in node and node["Node Type"] != "ModifyTable":
            passed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
            rows += (node["Actual Rows"] + passed) * node["Actual Loops"]
    return Plan(
        frozenset(node["Index Name"] for node in nodes if "Index Name" in node),
        frozenset(node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"),
        round(rows),
    )


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield every node of a plan."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)
