"""Copies of the database in one file: SQLite's online backup, or PostgreSQL's own tools; and the way back."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import URL, Engine, inspect, text

from annotator import migrate
from annotator.database import make_engine
from annotator.settings import Settings, SettingsError

SQLITE, POSTGRESQL = "sqlite", "postgresql"
_BEGINNINGS = {b"SQLite format 3\0": SQLITE, b"PGDMP": POSTGRESQL}
_BESIDE = ("-wal", "-shm")
_NO_MORE_ROWS = r"\."  # as pg_restore ends a table
_NO_TOOLS = (
    "{tool} is not on this machine: install PostgreSQL's client programs (on Debian the package postgresql-client), "
    "of the server's version or newer."
)


def kind_of(file: Path) -> str | None:
    """Return which database a copy is of, by its first bytes; None for any other file."""
    with file.open("rb") as opened:
        begin = opened.read(16)
    return next((kind for beginning, kind in _BEGINNINGS.items() if begin.startswith(beginning)), None)


def has_people(engine: Engine) -> bool:
    """Say whether somebody would lose something if the database were replaced."""
    if engine.dialect.name == SQLITE and not Path(engine.url.database or "").exists():
        return False
    with engine.connect() as connection:
        if not inspect(connection).has_table("people"):
            return False
        return connection.execute(text("SELECT 1 FROM people LIMIT 1")).first() is not None


def write(engine: Engine, file: Path) -> None:
    """Copy the whole database, as it stands at one moment, into a file that only this account can read.

    People go on working meanwhile. A copy that fails leaves no file.
    """
    part = file.with_name(f".{file.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    try:
        if engine.dialect.name == SQLITE:
            _copy_sqlite(Path(engine.url.database or ""), part)
        else:
            arguments = ["--format=custom", "--no-owner", "--no-privileges", f"--file={part}"]
            _run("pg_dump", arguments, engine.url)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.rename(file)
    finally:
        part.unlink(missing_ok=True)


def _copy_sqlite(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as before, closing(sqlite3.connect(target)) as after:
        before.backup(after)
        after.execute("PRAGMA journal_mode=DELETE")


def put_back_sqlite(file: Path, settings: Settings) -> Path:
    """Copy a backup beside the database and return the path of the copy, to be made ready before it is put in place."""
    target = Path(make_engine(settings.database_url).url.database or "")
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.restoring")
    forget_beside(beside)
    beside.touch(mode=0o600)
    try:
        _copy_sqlite(file, beside)
        with closing(sqlite3.connect(beside)) as copied:
            sound = copied.execute("PRAGMA quick_check").fetchone() == ("ok",)
    except sqlite3.DatabaseError:
        sound = False
    if not sound:
        forget_beside(beside)
        message = f"{file} is damaged: take another backup."
        raise SettingsError(message)
    return beside


def take_place(beside: Path, target: Path) -> None:
    """Put a database that is ready in the place of the one that was there."""
    for ending in _BESIDE:
        target.with_name(target.name + ending).unlink(missing_ok=True)
    beside.replace(target)
    forget_beside(beside)


def forget_beside(path: Path) -> None:
    """Delete a database's file with what lies beside it."""
    for ending in ("", *_BESIDE, "-queue", "-writer"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def put_back_postgresql(file: Path, engine: Engine) -> None:
    """Read a backup into the database, whose tables go first; raises SettingsError before anything is lost."""
    _refuse_newer(_version_in(file))
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    arguments = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(file)]
    _run("pg_restore", arguments, engine.url)


def _version_in(file: Path) -> str | None:
    """Return the version of the schema that a backup of PostgreSQL holds; raises SettingsError for a damaged one."""
    lines = iter(
        _run("pg_restore", ["--data-only", "--table=alembic_version", "--file=-", str(file)], None).splitlines()
    )
    rows = next((lines for line in lines if line.startswith("COPY public.alembic_version")), iter(()))
    version = next(rows, _NO_MORE_ROWS)
    return None if version == _NO_MORE_ROWS else version


def make_ready(engine: Engine) -> None:
    """Bring a restored database to the program's version; raises SettingsError for one that is newer."""
    _refuse_newer(migrate.current(engine))
    migrate.upgrade(engine)


def _refuse_newer(version: str | None) -> None:
    if version is None or version > migrate.newest():
        message = f"The backup is at version {version or 'none'}, newer than this program ({migrate.newest()}): install the newer program."
        raise SettingsError(message)


def _run(tool: str, arguments: list[str], url: URL | None) -> str:
    """Run one of PostgreSQL's tools and return what it printed; the password goes through its environment, which no list of processes shows."""
    path = shutil.which(tool)
    if path is None:
        raise SettingsError(_NO_TOOLS.format(tool=tool))
    environment = dict(os.environ)  # noqa: TID251  # a child's whole environment, and none of our settings
    if url is not None:
        named = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
        arguments = [f"--dbname={named.render_as_string()}", *arguments]
        environment |= {"PGPASSWORD": url.password} if url.password else {}
    done = subprocess.run(  # noqa: S603  # our own arguments
        [path, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = next((line for line in done.stderr.strip().splitlines() if "error" in line.lower()), done.stderr.strip())
        message = f"{tool} could not do it: {said}"
        raise SettingsError(message)
    return done.stdout


def old_copies(folder: Path, before: float) -> list[Path]:
    """Return the copies in a folder that were made before a moment (seconds since 1970)."""
    found = []
    for path in sorted(folder.iterdir()):
        with suppress(OSError):
            if path.is_file() and path.stat().st_mtime < before and kind_of(path) is not None:
                found.append(path)
    return found
