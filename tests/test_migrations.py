"""The database's history: from nothing to the models, and down again, with rows in it, on both databases."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, MetaData, inspect, text
from sqlalchemy.exc import DBAPIError

from annotator import clock, migrate
from annotator.annotations.models import Annotation, Revision
from annotator.audit import actions as audit
from annotator.consent.models import Document
from annotator.database import NAMING, Base, make_engine, open_session
from annotator.ledger import actions as ledger
from annotator.permissions import OPERATOR
from tests import databases
from tests.makers import a_language, a_person, a_project

STEPS = sorted(file.name.split("_")[0] for file in (databases.CHECKOUT / "migrations" / "versions").glob("0*.py"))

EmptyDatabase = Callable[[], Engine]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def an_empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EmptyDatabase]:
    """Return a function that makes databases without a table."""
    with ExitStack() as stack:
        count = iter(range(10))

        def make() -> Engine:
            number = next(count)
            if request.param == "sqlite":
                engine = make_engine(f"sqlite:///{tmp_path}/empty{number}.db")
                stack.callback(engine.dispose)
                return engine
            name = f"annotator_migrations_{os.getpid()}_{number}"
            return stack.enter_context(databases.postgres_database(name, empty=True)).engine

        yield make


def shape(engine: Engine) -> dict[str, Any]:
    """Return everything about the tables that could differ: columns, keys, checks, indexes with their conditions."""
    with engine.connect() as connection:
        inspector = inspect(connection)
        tables = sorted(set(inspector.get_table_names()) - {"alembic_version"})
        return {table: _shape_of(connection, table) for table in tables}


def _shape_of(connection: Connection, table: str) -> dict[str, Any]:
    inspector = inspect(connection)
    if connection.dialect.name == "sqlite":
        indexes = text(
            "select name, sql from sqlite_master where type = 'index' and tbl_name = :table and sql is not null"
        )
    else:
        indexes = text("select indexname, indexdef from pg_indexes where tablename = :table")
    return {
        "columns": {c["name"]: (str(c["type"]), c["nullable"], c["default"]) for c in inspector.get_columns(table)},
        "primary key": inspector.get_pk_constraint(table),
        "foreign keys": sorted(map(_sorted, inspector.get_foreign_keys(table))),
        "unique": sorted(map(_sorted, inspector.get_unique_constraints(table))),
        "checks": sorted(
            (str(c["name"]), "".join(c["sqltext"].split())) for c in inspector.get_check_constraints(table)
        ),
        "indexes": {name: " ".join(sql.split()) for name, sql in connection.execute(indexes, {"table": table})},
    }


def _sorted(facts: Any) -> list[tuple[str, str]]:  # noqa: ANN401  # one of the inspector's dictionaries
    return sorted((key, str(value)) for key, value in facts.items())


def some_rows(engine: Engine) -> None:
    """Put rows into every guarded table and what they need."""
    with open_session(engine, writes=True) as session:
        person, language = a_person(session), a_language(session)
        project = a_project(session, language)
        document = Document(
            kind="terms", version=1, language="en", title="Terms", body="Be kind.", sha256="0" * 64,
            authoritative=True, effective_from=clock.now(),
        )  # fmt: skip
        session.add(document)
        session.flush()
        annotation = Annotation(
            project_id=project.id, language_id=language.id, author_id=person.id, kind="original",
            document_id=document.id, created_at=clock.now(), submitted_at=clock.now(), ai_assisted="no",
        )  # fmt: skip
        annotation.revisions = [
            Revision(number=1, author_id=person.id, role="author", instruction="Why?", completion="Because.",
                     created_at=clock.now()),
        ]  # fmt: skip
        session.add(annotation)
        ledger.append(session, type="document.adopted", payload={"kind": "terms"}, person_id=person.id)
        audit.record(session, actor=OPERATOR, action="test", object_kind="test", object_id=1)
        session.commit()


def test_upgrade_from_nothing_equals_the_models(an_empty_database: EmptyDatabase) -> None:
    migrated, made = an_empty_database(), an_empty_database()
    migrate.upgrade(migrated)
    fresh = MetaData(
        naming_convention=NAMING
    )  # PostgreSQL's way of adding a key later marks the constraint itself, for SQLite too
    for table in Base.metadata.tables.values():
        table.to_metadata(fresh)
    fresh.create_all(made)
    assert shape(migrated) == shape(made)
    with migrated.connect() as connection:
        assert migrate.differences(connection) == []
    assert migrate.schema_is_current(migrated)


def test_the_steps_are_numbered_and_one_after_the_other() -> None:
    assert [f"{number:04d}" for number in range(1, len(STEPS) + 1)] == STEPS
    assert migrate.newest() == STEPS[-1]


@pytest.mark.parametrize("step", STEPS)
def test_each_step_goes_up_and_down_with_rows(an_empty_database: EmptyDatabase, step: str) -> None:
    engine = an_empty_database()
    before = f"{int(step) - 1:04d}" if step != STEPS[0] else "base"
    migrate.upgrade(engine, step)
    assert migrate.current(engine) == step
    if step == STEPS[-1]:
        some_rows(engine)
    guards(engine)
    migrate.downgrade(engine, before)
    if before == "base":
        assert shape(engine) == {}
    else:
        guards(engine)
    migrate.upgrade(engine, step)
    guards(engine)
    assert migrate.current(engine) == step


def guards(engine: Engine) -> None:
    """Check that no trigger is missing."""
    with engine.connect() as connection:
        assert migrate.missing_guards(connection) == []


FORBIDDEN = [
    "update ledger set type = 'x'",
    "delete from ledger where seq = 1",
    "update audit set action = 'x'",
    "delete from audit",
    "update documents set body = 'Other.'",
    "update documents set sha256 = '1'",
    "delete from documents",
    "update revisions set completion = 'Other.'",
    "update revisions set instruction = null",
    "update revisions set input = 'More.'",
    "update revisions set author_id = author_id + 1",
    "update revisions set parent_id = id",
    "delete from revisions",
]
ONLY_ON = {
    "sqlite": [
        "insert or replace into ledger select seq, prev, time, 'x', subject_ref, document_sha256, commitment, hash from ledger",
        "replace into audit select id, at, actor, 'x', object_kind, object_id, facts from audit",
    ],
    "postgresql": [
        "truncate ledger cascade",
        "truncate audit",
        "truncate documents cascade",
        "truncate revisions cascade",
        "insert into audit select * from audit on conflict (id) do update set action = 'x'",
    ],
}


def test_what_is_kept_for_ever_cannot_be_changed_by_hand(an_empty_database: EmptyDatabase) -> None:
    engine = an_empty_database()
    migrate.upgrade(engine)
    some_rows(engine)
    for statement in [*FORBIDDEN, *ONLY_ON[engine.dialect.name]]:
        with engine.connect() as connection, pytest.raises(DBAPIError, match="is refused: what stands there"):
            connection.execute(text(statement))


def test_what_may_change_beside_it_still_can(an_empty_database: EmptyDatabase) -> None:
    engine = an_empty_database()
    migrate.upgrade(engine)
    some_rows(engine)
    allowed = (
        "update documents set title = 'The terms'",
        "update revisions set edit_distance = 3, edit_needed = true",
        "delete from ledger_payloads",  # what was committed to can be erased, and the chain still holds
    )
    for statement in allowed:
        with engine.begin() as connection:
            assert connection.execute(text(statement)).rowcount == 1


def test_upgrading_again_changes_nothing(an_empty_database: EmptyDatabase) -> None:
    engine = an_empty_database()
    migrate.upgrade(engine)
    some_rows(engine)
    before = shape(engine)
    migrate.upgrade(engine)
    assert shape(engine) == before
    with engine.connect() as connection:
        assert connection.execute(text("select count(*) from ledger")).scalar() == 1


def test_a_step_that_fails_leaves_nothing_behind(
    an_empty_database: EmptyDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic import op  # noqa: PLC0415  # patched in place

    engine = an_empty_database()
    made = iter(range(8))

    def fails(*arguments: Any, **more: Any) -> Any:  # noqa: ANN401  # whatever Alembic passes
        if next(made) == 7:
            message = "the power went out"
            raise RuntimeError(message)
        return create_index(*arguments, **more)

    create_index = op.create_index
    monkeypatch.setattr(op, "create_index", fails)
    with pytest.raises(RuntimeError, match="the power went out"):
        migrate.upgrade(engine)
    assert shape(engine) == {}
    assert migrate.current(engine) is None


def test_foreign_keys_are_on_again_after_a_migration(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/empty.db")
    migrate.upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("pragma foreign_keys")).scalar() == 1
    engine.dispose()


def test_every_name_fits_postgresql(an_empty_database: EmptyDatabase) -> None:
    engine = an_empty_database()
    migrate.upgrade(engine)
    names = [name for table in shape(engine).values() for name in table["indexes"]]
    names += [constraint.name for table in Base.metadata.sorted_tables for constraint in table.constraints]
    assert [name for name in names if not name or len(name) > 63] == []
