"""Statements that run hundreds of times a second: made once, and given to the database's driver as they are.

SQLAlchemy compiles them, knows the types of what goes in and comes out, and has the connection and its transaction; only
its way in between is left out, which costs several times what the driver does.
"""

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import psycopg
from sqlalchemy import ARRAY, JSON, Boolean, ColumnElement, Connection, Integer, Label, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_dict, instance_state, set_committed_value
from sqlalchemy.sql.functions import FunctionElement

from annotator.database import Base, table_of

_CURSOR = "annotator.cursor"


@dataclass(frozen=True)
class _Driver:
    """How SQLAlchemy speaks to a driver, what the driver raises, what runs a statement on its connection, and as what."""

    dialect: Any
    errors: type[Exception]
    cursor: Callable[[Any], Any]
    sent: Callable[[str], str | bytes]


_DRIVERS = {
    # Parameters are numbered ($1), as PostgreSQL has them: the driver need not look for them in the text at each call.
    "postgresql": _Driver(
        PGDialect_psycopg(paramstyle="numeric_dollar", dbapi=psycopg),  # type: ignore[no-untyped-call]  # it has no types
        psycopg.Error,
        psycopg.RawCursor,
        str.encode,  # psycopg would do it anew, and reckon the hash of it, at each call
    ),
    "sqlite": _Driver(
        SQLiteDialect_pysqlite(paramstyle="qmark", dbapi=sqlite3),
        sqlite3.Error,
        sqlite3.Cursor,
        str,
    ),
}


class Ready:
    """A statement of columns (not of entities) whose parameters have names; its rows have the names of its columns."""

    def __init__(self, statement: Any) -> None:  # noqa: ANN401  # a selection, or a write
        """Keep the statement; it is compiled when it first runs."""
        self._statement = statement
        self._made: dict[str, _Made] = {}

    def all(self, session: Session, parameters: Mapping[str, Any]) -> Sequence[Any]:
        """Return the rows; what waits in the session is written before."""
        session.flush()
        connection = session.connection()
        name = connection.dialect.name
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = _Made(self._statement, _DRIVERS[name])
        return made.rows(connection, parameters)

    def first(self, session: Session, parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401  # a row
        """Return the first row, or None."""
        rows = self.all(session, parameters)
        return rows[0] if rows else None


class _Made:
    """A compiled statement, and what is to be done to its parameters and to the columns of its rows."""

    def __init__(self, statement: Any, driver: _Driver) -> None:  # noqa: ANN401  # as above
        self._driver = driver
        compiled = statement.compile(dialect=driver.dialect)
        self._sql = str(compiled)
        self._sent = driver.sent(self._sql)
        if "POSTCOMPILE" in self._sql:
            message = "a list in a ready statement is one_of, or literal"
            raise RuntimeError(message)
        self._names = tuple(compiled.positiontup)
        binds = {name: compiled.binds[name] for name in self._names}
        self._constants = {name: bind.value for name, bind in binds.items() if not bind.required}
        columns = getattr(statement, "exported_columns", ())
        self._row = _a_row([column.key for column in columns])
        self._returns_rows = bool(columns)
        self._given = [(name, how) for name in binds if (how := self._bound(binds[name].type)) is not None]
        self._found = [
            (number, how) for number, column in enumerate(columns) if (how := self._read(column.type)) is not None
        ]

    def rows(self, connection: Connection, parameters: Mapping[str, Any]) -> list[Any]:
        """Run it in the connection's transaction; what goes wrong is raised as SQLAlchemy raises it."""
        values = {**self._constants, **parameters}
        for name, how in self._given:
            values[name] = how(values[name])
        numbered = [values[name] for name in self._names]
        cursor = connection.info.get(_CURSOR)
        if cursor is None:
            cursor = connection.info[_CURSOR] = self._driver.cursor(_connection(connection))
        for listener in connection.dispatch.before_cursor_execute:
            listener(connection, cursor, self._sql, numbered, None, False)  # noqa: FBT003  # as SQLAlchemy calls it
        try:
            cursor.execute(self._sent, numbered)
            found = cursor.fetchall() if self._returns_rows else []
        except self._driver.errors as error:
            raise self._as_sqlalchemys(connection, error, numbered) from error
        return [self._row._make(self._converted(row)) for row in found]

    def _converted(self, row: tuple[Any, ...]) -> Sequence[Any]:
        values = list(row)
        for number, how in self._found:
            values[number] = how(values[number])
        return values

    def _bound(self, kind: Any) -> Callable[[Any], Any] | None:  # noqa: ANN401  # a type of SQLAlchemy
        """Return what turns a parameter of this type into what the driver takes, or None."""
        dialect = self._driver.dialect
        return kind.dialect_impl(dialect).bind_processor(dialect)  # type: ignore[no-any-return]  # SQLAlchemy says Any

    def _read(self, kind: Any) -> Callable[[Any], Any] | None:  # noqa: ANN401  # a type of SQLAlchemy
        """Return what turns what the driver gives into a value of this type, or None."""
        dialect = self._driver.dialect
        return kind.dialect_impl(dialect).result_processor(dialect, None)  # type: ignore[no-any-return]

    def _as_sqlalchemys(self, connection: Connection, error: Exception, given: Sequence[Any]) -> Exception:
        """Return the error of SQLAlchemy that stands for the driver's; a connection that broke off is given up."""
        driver = _connection(connection)
        lost = bool(getattr(driver, "closed", False) or getattr(driver, "broken", False))
        if lost:
            connection.invalidate(error)
        told: Any = DBAPIError.instance(
            self._sql, list(given), error, self._driver.errors, connection_invalidated=lost, dialect=connection.dialect
        )
        return told  # type: ignore[no-any-return]


def _a_row(names: Sequence[str]) -> Any:  # noqa: ANN401  # a class of tuples
    return namedtuple("Row", names)  # noqa: PYI024  # the columns are known only now


def _connection(connection: Connection) -> Any:  # noqa: ANN401  # a connection of the driver
    return connection.connection.driver_connection


class one_of(FunctionElement[bool]):  # noqa: N801  # it is used as a function
    """The condition that a column of whole numbers or words is one of a list, a parameter: an array, for SQLite in JSON.

    So the statement is the same, and prepared once, however long the list is.
    """

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        """Name the parameter."""
        super().__init__(column, bindparam(name, type_=column.type, expanding=True))


@compiles(one_of, "sqlite")
def _in(element: one_of, compiler: Any, **more: Any) -> str:  # noqa: ANN401  # as SQLAlchemy calls it
    column, listed = element.clauses
    array = bindparam(listed.key, type_=JSON())
    listed_values = f"SELECT value FROM json_each({compiler.process(array, **more)})"  # noqa: S608  # our own words
    return f"({compiler.process(column, **more)} IN ({listed_values}))"


@compiles(one_of, "postgresql")
def _any(element: one_of, compiler: Any, **more: Any) -> str:  # noqa: ANN401  # as above
    column, listed = element.clauses
    array = bindparam(listed.key, type_=ARRAY(column.type))
    return f"{compiler.process(column, **more)} = ANY ({compiler.process(array, **more)})"


class Columns:
    """Columns of an entity in a selection, and the way back from its rows to objects of the session.

    What is left out is asked for when somebody looks at it.
    """

    def __init__(self, entity: type[Base], *, without: Sequence[str] = ()) -> None:
        """Take all columns but these."""
        table = table_of(entity)
        self._mapper, self._without = entity.__mapper__, tuple(without)
        self._names = [column.key for column in table.columns if column.key not in without]
        self.labels = [table.c[name].label(f"{table.name}__{name}") for name in self._names]
        self._of_row = attrgetter(*(label.name for label in self.labels))

    def of(self, table: Any) -> list[Label[Any]]:  # noqa: ANN401  # a selection that has columns of the same names
        """Return the same columns of something else than the entity's table, under the same labels."""
        return [table.c[name].label(label.name) for name, label in zip(self._names, self.labels, strict=True)]

    def loaded(self, session: Session, row: Any) -> Any:  # noqa: ANN401  # an object of the entity, of a row
        """Return the session's object for what a row has of it, read anew, as if SQLAlchemy had loaded it."""
        values = dict(zip(self._names, self._of_row(row), strict=True))
        mapper = self._mapper
        key = mapper.identity_key_from_primary_key((values["id"],))
        known = session.identity_map.get(key)
        if known is not None:
            for name, value in values.items():
                set_committed_value(known, name, value)
            return known
        thing = mapper.class_manager.new_instance()  # as when rows are loaded: nothing is set, so nothing has changed
        instance_dict(thing).update(values)
        # What SQLAlchemy's own loading does; ``make_transient_to_detached`` and ``add`` cost four times as much.
        state = instance_state(thing)
        state.key, state.session_id = key, session.hash_key
        session.identity_map.add(state)
        if self._without:
            session.expire(thing, self._without)
        return thing


class Together:
    """An insert that returns a row with its ``id``, and the writes that follow from it.

    PostgreSQL takes all of them as one statement, and a request then waits for one answer instead of four; SQLite, which
    has no such statement, takes one after the other. ``first`` makes the insert with the dialect's own module (for
    ``on_conflict_do_update``), ``then`` the others, given that module and the new id as an expression. Values that
    differ from run to run are ``bindparam``s, each with one name in all of them, and none with the name of a column:
    SQLAlchemy would set that column.
    """

    def __init__(
        self,
        entity: type[Base],
        first: Callable[[Any], Any],
        then: Callable[[Any, ColumnElement[int]], Sequence[Any]],
    ) -> None:
        """Make the statements ready; ``entity`` is the model of the row that is returned."""
        self._columns = Columns(entity)
        made = first(postgresql).returning(table_of(entity)).cte("made")
        one = select(*self._columns.of(made))
        new_id = select(made.c.id).scalar_subquery()
        for number, statement in enumerate(then(postgresql, new_id)):
            one = one.add_cte(statement.cte(f"then_{number}"))
        self._one = Ready(one)
        self._first = Ready(first(sqlite).returning(*self._columns.labels))
        self._rest = [
            (Ready(statement), frozenset(statement.compile(dialect=sqlite.dialect()).params))
            for statement in then(sqlite, bindparam("new_id", type_=Integer))
        ]

    def run(self, session: Session, parameters: Mapping[str, object]) -> Any:  # noqa: ANN401  # an object of ``entity``
        """Write, and return the new row as an object of the session."""
        if session.get_bind().dialect.name == "postgresql":
            return self._columns.loaded(session, self._one.first(session, parameters))
        made = self._columns.loaded(session, self._first.first(session, parameters))
        given = {**parameters, "new_id": made.id}
        for statement, names in self._rest:
            statement.all(session, {name: value for name, value in given.items() if name in names})
        return made
