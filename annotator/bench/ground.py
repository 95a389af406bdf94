"""The ground that a benchmark stands on: a database of its own and a folder for everything else, gone afterwards."""

import json
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from annotator import migrate
from annotator.database import make_engine

HOST = "127.0.0.1"
SETTINGS_FILE = "annotator.toml"
PACKAGE = Path(__file__).resolve().parents[1]

_KNOWN = "--database-url should be sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE."


class BenchError(Exception):
    """The benchmark cannot be run, or says nothing; the message says why in one sentence."""


@dataclass(frozen=True)
class Ground:
    """A migrated database, and the folder in which the program under test runs and finds its settings."""

    url: str
    folder: Path
    port: int
    secret_key: str

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return make_url(self.url).get_backend_name()

    @property
    def dsn(self) -> str:
        """What psycopg, or sqlite3, opens without SQLAlchemy."""
        url = make_url(self.url)
        if self.dialect == "sqlite":
            return str(url.database)
        return url.set(drivername="postgresql").render_as_string(hide_password=False)

    def environment(self) -> dict[str, str]:
        """Return the environment of the program under test: this code, and no setting of this installation."""
        ours = os.environ  # noqa: TID251  # what a child inherits; settings are taken out of it, none is read
        inherited = {name: value for name, value in ours.items() if not name.startswith("ANNOTATOR_")}
        return {**inherited, "PYTHONPATH": str(PACKAGE.parent)}


@contextmanager
def ground(database_url: str | None, *, keep: bool = False) -> Iterator[Ground]:
    """Give a ground, and clear it away at the end unless it is to be kept.

    On PostgreSQL a database is made beside the one that is named, which is never written to; on SQLite (or without a
    name) a file in a folder of its own, in the folder of the file that is named or in the system's for such things.
    Raises BenchError when there is no way to make one.
    """
    try:
        named = make_url(database_url or "sqlite://")
    except ArgumentError as error:
        raise BenchError(_KNOWN) from error
    if named.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise BenchError(_KNOWN)
    if named.get_backend_name() == "sqlite":
        with _folder(Path(named.database).parent if named.database else None, keep=keep) as folder:
            yield _prepared(f"sqlite:///{folder}/annotator.db", folder)
    else:
        with _database(named, keep=keep) as url, _folder(None, keep=keep) as folder:
            yield _prepared(url, folder)


@contextmanager
def _folder(beside: Path | None, *, keep: bool) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="annotator-bench-", dir=beside)).resolve()
    try:
        yield folder
    finally:
        if keep:
            click.echo(f"Kept: {folder}", err=True)
        else:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _database(named: URL, *, keep: bool) -> Iterator[str]:
    """Give the URL of a new database on the server; synchronous_commit is on in it, whatever the server's default."""
    name = f"annotator_bench_{secrets.token_hex(6)}"
    quoted = sql.Identifier(name)
    with _connected(named) as connection:
        try:
            connection.execute(sql.SQL("create database {} encoding 'UTF8' template template0").format(quoted))
        except psycopg.errors.InsufficientPrivilege as error:
            message = f"{named.render_as_string()}: this account may not make a database; name one that may."
            raise BenchError(message) from error
    try:
        with _connected(named) as connection:
            connection.execute(sql.SQL("alter database {} set synchronous_commit = on").format(quoted))
        yield named.set(database=name).render_as_string(hide_password=False)
    finally:
        if keep:
            click.echo(f"Kept: the database {name}", err=True)
        else:
            with _connected(named) as connection:
                connection.execute(sql.SQL("drop database if exists {} with (force)").format(quoted))


@contextmanager
def _connected(named: URL) -> Iterator[psycopg.Connection]:
    """Connect to the database that was named, or to ``postgres`` where the server has none of that name."""
    said = ""
    for name in (named.database, "postgres"):
        place = named.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
        try:
            connection = psycopg.connect(place, autocommit=True)
        except psycopg.OperationalError as error:
            said = said or str(error).strip().splitlines()[0]
            continue
        with connection:
            yield connection
        return
    message = f"No database can be made at {named.render_as_string()} ({said}): name a PostgreSQL server that answers."
    raise BenchError(message)


def _prepared(url: str, folder: Path) -> Ground:
    """Bring the database to the program's schema and write the settings that the program finds in the folder."""
    engine = make_engine(url)
    migrate.upgrade(engine)
    engine.dispose()
    with socket.create_server((HOST, 0)) as free:
        port = int(free.getsockname()[1])
    secret_key = secrets.token_urlsafe(32)
    values = {
        "database_url": url,
        "secret_key": secret_key,
        "exports": str(folder / "exports"),
        "exports_gated": str(folder / "exports-gated"),
        "personal": str(folder / "personal"),
        "journal": str(folder / "journal"),
        "redis_url": "",
        "mail_url": f"dir:{folder / 'mail'}",
        "public_url": f"http://{HOST}:{port}",
        "trusted_proxies": 0,
        "api_rate": "10000000/minute",  # counted as always, and never reached
        "controller_name": "A benchmark",
        "controller_contact": "bench@example.org",
        "controller_jurisdiction": "none: everybody here is invented",
    }
    file = folder / SETTINGS_FILE
    file.touch(mode=0o600)
    # A JSON string is a TOML string too, and so is a number.
    file.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()), encoding="utf-8")
    return Ground(url, folder, port, secret_key)
