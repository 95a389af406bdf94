"""The database: base class of the models, engine, sessions, and the two column types that need care."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Engine, MetaData, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix__%(table_name)s__%(column_0_N_name)s",
    "uq": "uq__%(table_name)s__%(column_0_N_name)s",
    "ck": "ck__%(table_name)s__%(constraint_name)s",
    "fk": "fk__%(table_name)s__%(column_0_N_name)s__%(referred_table_name)s",
    "pk": "pk__%(table_name)s",
}

SQLITE_BUSY_MS = 10_000


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


def new_public_id() -> str:
    """Return a random UUIDv4 as text: ids that leave the platform must not show when they were made."""
    return str(uuid.uuid4())


def make_engine(url: str) -> Engine:
    """Return an engine; on SQLite with foreign keys, WAL, and transactions that we begin ourselves.

    pysqlite's own idea of when a transaction begins loses the promise of isolation, so it is switched off and
    the ``begin`` event says ``BEGIN IMMEDIATE`` for writers (execution option ``writes``): a writer then waits
    at its first statement instead of failing at its last.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True)
    engine = create_engine(parsed)

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:  # noqa: ANN401  # the DBAPI's own class
        connection.isolation_level = None
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
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def open_session(engine: Engine, *, writes: bool) -> Session:
    """Return a session; ``writes`` says whether it will change rows (on SQLite it then queues at once)."""
    return Session(engine.execution_options(writes=writes), expire_on_commit=False, autoflush=True)
