"""The database: base class of the models, engine, sessions, and the two column types that need care."""

import fcntl
import os
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Table,
    create_engine,
    event,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix__%(table_name)s__%(column_0_N_name)s",
    "uq": "uq__%(table_name)s__%(column_0_N_name)s",
    "ck": "ck__%(table_name)s__%(constraint_name)s",
    "fk": "fk__%(table_name)s__%(column_0_N_name)s__%(referred_table_name)s",
    "pk": "pk__%(table_name)s",
}

SQLITE_BUSY_MS = 20_000
# A connection to a server that lay unused for so long is tried before it is used again.
IDLE_SECONDS = 10
# Ids in one statement: below SQLite's 32,766 and psycopg's 65,535 parameters.
AT_ONCE = 5_000

T = TypeVar("T")


def chunks(values: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """Yield the values in lists of at most ``size``."""
    listed = list(values)
    for begin in range(0, len(listed), size):
        yield listed[begin : begin + size]


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC; SQLite would otherwise give it back naive."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store in UTC; a naive moment is a mistake of the program."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "a moment without a time zone cannot be stored"
            raise ValueError(message)
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of every model; constraints have names, so that a migration can speak of them."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: Mapping[Any, Any] = {
        datetime: UTCDateTime(),
        dict[str, Any]: JSON(),
        list[str]: JSON(),
    }


def table_of(model: type[Base]) -> Table:
    """Return the table behind a model, for statements that pass the tracking of objects by."""
    return cast("Table", model.__table__)


def new_public_id() -> str:
    """Return a random UUIDv4 as text: ids that leave the platform must not show when they were made."""
    return str(uuid.uuid4())


def _ping_after_idling(engine: Engine) -> Engine:
    """Let a connection that has lain idle be tried before it is used: the server may have been restarted meanwhile.

    Before each use that would be one question more for every request.
    """

    @event.listens_for(engine, "checkin")
    def _rest(_connection: object, record: Any) -> None:  # noqa: ANN401  # the pool's own class
        record.info["rested"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _ping(connection: Any, record: Any, _proxy: object) -> None:  # noqa: ANN401  # the DBAPI's own class, and the pool's
        if time.monotonic() - record.info.get("rested", time.monotonic()) < IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool opens another one

    return engine


class Turnstile:
    """Lets SQLite's writers through one at a time, across threads and processes, so that none is starved.

    SQLite itself lets writers poll for its one lock, and the unlucky wait for seconds or fail. Here who waits holds
    the way in, so that nobody who comes later can overtake; the two locks lie in files beside the database, and the
    system takes them back from a process that dies.
    """

    def __init__(self, database: str | None) -> None:
        """Open the files of one connection to ``database``; one in memory has nobody to wait for."""
        named = database not in {None, "", ":memory:"}
        names = [f"{database}-queue", f"{database}-writer"] if named else []
        self._files = [os.open(name, os.O_RDWR | os.O_CREAT, 0o600) for name in names]
        self._inside = False

    def enter(self) -> None:
        """Wait for one's turn; raise TimeoutError after ``SQLITE_BUSY_MS``."""
        if self._inside or not self._files:
            return
        queue, writer = self._files
        until = time.monotonic() + SQLITE_BUSY_MS / 1000
        _take(queue, until)
        try:
            _take(writer, until)
            self._inside = True
        finally:
            fcntl.flock(queue, fcntl.LOCK_UN)

    def leave(self) -> None:
        """Let the next one in."""
        if self._inside:
            self._inside = False
            fcntl.flock(self._files[1], fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the files, which lets go of what they hold."""
        for file in self._files:
            os.close(file)
        self._files = []


def _take(file: int, until: float) -> None:
    """Take a lock, trying again every half millisecond."""
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                message = "the database was busy for too long"
                raise TimeoutError(message) from None
            time.sleep(0.0005)
        else:
            return


def make_engine(url: str) -> Engine:
    """Return an engine; what each database needs is set on every connection."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _with_transactions_of_ours(create_engine(parsed))
    return _ping_after_idling(create_engine(parsed, pool_size=16, max_overflow=48))


def _with_transactions_of_ours(engine: Engine) -> Engine:
    """Give SQLite foreign keys, WAL, transactions that we begin ourselves, and a queue of writers.

    pysqlite's own idea of when a transaction begins loses the promise of isolation, so it is switched off and
    the ``begin`` event says ``BEGIN IMMEDIATE`` for writers (execution option ``writes``): a writer then waits
    at its first statement instead of failing at its last, in a queue (``Turnstile``).
    """

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, record: Any) -> None:  # noqa: ANN401  # the DBAPI's own class, and its pool's
        connection.isolation_level = None
        record.info["turnstile"] = Turnstile(engine.url.database)
        cursor = connection.cursor()
        for pragma in (
            "foreign_keys=ON",
            "journal_mode=WAL",
            f"busy_timeout={SQLITE_BUSY_MS}",
            "secure_delete=ON",
            "recursive_triggers=ON",  # else INSERT OR REPLACE would delete past the triggers that refuse it
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:  # noqa: ANN401  # sqlalchemy.Connection, typed loosely by the event API
        writes = connection.get_execution_options().get("writes", False)
        if writes:
            connection.info["turnstile"].enter()
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    @event.listens_for(engine, "checkin")
    def _checkin(_connection: object, record: Any) -> None:  # noqa: ANN401  # as above
        # A session gives its connection back after each commit; the event of the commit itself comes before it. One that
        # was broken off in the middle of a statement has been closed before.
        if "turnstile" in record.info:
            record.info["turnstile"].leave()

    @event.listens_for(engine, "close")
    def _close(_connection: object, record: Any) -> None:  # noqa: ANN401  # as above
        record.info.pop("turnstile").close()

    return engine


def open_session(engine: Engine, *, writes: bool) -> Session:
    """Return a session; ``writes`` says whether it will change rows (on SQLite it then queues at once)."""
    kinds: dict[bool, Engine] = engine.__dict__.setdefault("for_writers_or_not", {})
    if writes not in kinds:
        kinds[writes] = engine.execution_options(writes=writes)
    return Session(kinds[writes], expire_on_commit=False, autoflush=True)
