"""Databases for tests: an empty one for each test, on SQLite and on PostgreSQL, at the price of one migration a run."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import OperationalError

from annotator import migrate
from annotator import models as _models  # noqa: F401  # importing them fills the metadata
from annotator.database import make_engine

CHECKOUT = Path(__file__).resolve().parents[1]

DEFAULT_SERVER = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"


@dataclass(frozen=True)
class Database:
    """A database of one test."""

    url: str
    engine: Engine

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name


def sqlite_template(folder: Path) -> Path:
    """Return a migrated SQLite file to be copied for each test."""
    file = folder / "template.db"
    engine = make_engine(f"sqlite:///{file}")
    migrate.upgrade(engine)
    engine.dispose()  # the last connection folds the write-ahead log into the file
    return file


@contextmanager
def sqlite_copy(template: Path, folder: Path) -> Iterator[Database]:
    """Give a copy of the template."""
    file = folder / "test.db"
    shutil.copyfile(template, file)
    url = f"sqlite:///{file}"
    engine = make_engine(url)

    @event.listens_for(engine, "connect")
    def _careless(connection: object, _record: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")  # type: ignore[attr-defined]  # the DBAPI's own class

    yield Database(url, engine)
    engine.dispose()


def server_url() -> URL:
    """Return the PostgreSQL server that tests may make databases on."""
    return make_url(os.environ.get("ANNOTATOR_TEST_POSTGRES_URL") or DEFAULT_SERVER)


@contextmanager
def postgres_database(name: str, *, empty: bool = False) -> Iterator[Database]:
    """Give a database of this name, made anew, migrated unless it should be ``empty``, and dropped afterwards."""
    server = server_url()
    with _on_server(server) as connection:
        connection.execute(text(f'drop database if exists "{name}" with (force)'))
        connection.execute(text(f"create database \"{name}\" encoding 'UTF8' template template0"))
        connection.execute(text(f'alter database "{name}" set synchronous_commit = off'))
    url = server.set(database=name).render_as_string(hide_password=False)
    engine = make_engine(url)
    if not empty:
        migrate.upgrade(engine)
    yield Database(url, engine)
    engine.dispose()
    with _on_server(server) as connection:
        connection.execute(text(f'drop database if exists "{name}" with (force)'))


@contextmanager
def _on_server(server: URL) -> Iterator[Connection]:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            yield connection
    except OperationalError as error:
        pytest.exit(
            "The tests need PostgreSQL as a superuser at ANNOTATOR_TEST_POSTGRES_URL or 127.0.0.1:5432: `make test` "
            f"starts one, `make test-fast` does without. ({str(error.orig).splitlines()[0]})",
            returncode=4,
        )
    finally:
        engine.dispose()


def clean_postgres(database: Database) -> None:
    """Empty every table, past the triggers that refuse it, and start every number at 1 again.

    Deleting the few rows of a test is many times quicker than TRUNCATE, which makes new files for every table.
    """
    with psycopg.connect(database.url.replace("+psycopg", "", 1)) as connection:
        connection.execute("set local lock_timeout = '10s'; set local session_replication_role = replica")
        connection.execute(
            """
            do $$ declare name text; begin
                for name in select tablename from pg_tables where schemaname = 'public' loop
                    if name <> 'alembic_version' then
                        execute format('delete from %I', name);
                    end if;
                end loop;
                for name in select sequencename from pg_sequences where last_value is not null loop
                    execute format('alter sequence %I restart', name);
                end loop;
            end $$
            """
        )
