"""What was erased from the tables still lies on the disk for a while: in the write-ahead log, in dead tuples. Scrub it.

A mark beside the journal is made before words are erased, and taken away when the disk is clean: a crash in between
costs a second scrubbing and leaves nothing behind.
"""

import logging
import secrets
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from annotator.rights.erasing.policy import TOUCHED
from annotator.settings import Settings

log = logging.getLogger(__name__)

MARK = "scrub-due"
# Above this a rewrite of the whole would keep people waiting: secure_delete, or a plain vacuum, has to do.
LARGEST_FILE, LARGEST_TABLE = 256 * 2**20, 64 * 2**20
_SECONDS_TO_WAIT = 5


def mark(settings: Settings) -> None:
    """Note that something is about to be erased."""
    settings.journal.mkdir(parents=True, exist_ok=True)
    (settings.journal / MARK).write_text(secrets.token_hex(8), encoding="utf-8")


def scrub_due(engine: Engine, settings: Settings) -> bool:
    """Scrub the disk if something was erased; return whether it is clean. Safe to run at any time, and twice."""
    path = settings.journal / MARK
    if not path.exists():
        return True
    before = path.read_text(encoding="utf-8")
    clean = scrub(engine)
    if clean and path.exists() and path.read_text(encoding="utf-8") == before:
        path.unlink()
    return clean


def scrub(engine: Engine) -> bool:
    """Let the database's files hold nothing that its tables do not; return False where somebody was in the way."""
    return _scrub_sqlite(engine) if engine.dialect.name == "sqlite" else _scrub_postgresql(engine)


def _scrub_sqlite(engine: Engine) -> bool:
    """Rewrite a small file, and fold the write-ahead log into it; ``secure_delete`` has overwritten what was deleted."""
    raw: Any = engine.raw_connection()
    try:
        raw.info["turnstile"].enter()
        cursor = raw.cursor()
        place = Path(engine.url.database or "")
        if place.is_file() and place.stat().st_size <= LARGEST_FILE:
            cursor.execute("VACUUM")
        busy, _pages, _moved = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.close()
    except (engine.dialect.loaded_dbapi.OperationalError, TimeoutError) as error:
        log.warning("The database could not be scrubbed now: %s.", type(error).__name__)
        return False
    finally:
        raw.close()
    return not busy


def _scrub_postgresql(engine: Engine) -> bool:
    """Vacuum every table that people's words pass through; small ones are written anew, for a plain vacuum leaves bytes.

    The planner's samples hold none of their words: the columns are not sampled (migration 0005).
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        clean = _nobody_looks_back(connection)
        connection.execute(text(f"SET lock_timeout = '{_SECONDS_TO_WAIT}s'"))
        for table in TOUCHED:
            size = connection.scalar(text("SELECT pg_total_relation_size(:name)"), {"name": f'"{table}"'}) or 0
            clean = _vacuum(connection, f'"{table}"', full=size <= LARGEST_TABLE) and clean
        connection.execute(text("RESET lock_timeout"))
    return clean


def _nobody_looks_back(connection: Connection) -> bool:
    """Wait for those who may still read what was erased, whose rows no vacuum takes away; False where they go on.

    A full vacuum minds every transaction that had begun to write, also in other databases of the server; and every one in
    this database that reads as of an earlier moment.
    """
    now = connection.scalar(text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"))
    ended = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= :now")
    looking = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND age(backend_xmin) > age((:now % 4294967296)::text::xid)"
    )
    until = time.monotonic() + _SECONDS_TO_WAIT
    while not connection.scalar(ended, {"now": now}) or connection.scalar(looking, {"now": now}):
        if time.monotonic() > until:
            log.info("Somebody still reads as of before: the database is scrubbed once more later.")
            return False
        time.sleep(0.05)
    return True


def _vacuum(connection: Connection, table: str, *, full: bool) -> bool:
    try:
        connection.execute(text(f"VACUUM {'FULL ' if full else ''}{table}"))
    except OperationalError as error:
        log.warning("Table %s could not be vacuumed now: %s.", table, type(error.orig).__name__)
        return False
    return True
