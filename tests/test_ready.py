"""Statements that are made once: what goes in, what comes out, and what they do where something goes wrong."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import bindparam, insert, inspect, literal_column, not_, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.database import open_session, table_of
from annotator.ready import Columns, Ready, one_of
from tests.databases import Database
from tests.makers import a_person

_people = table_of(Person)
PERSON = Columns(Person)
PART = Columns(Person, without=("email",))
BY_ID = Ready(select(*PERSON.labels).where(_people.c.id == bindparam("id")))
PART_BY_ID = Ready(select(*PART.labels).where(_people.c.id == bindparam("id")))


def test_a_row_becomes_the_object_that_the_session_would_have_loaded(session: Session) -> None:
    person_id = a_person(session).id
    session.flush()
    session.expunge_all()
    found = PERSON.loaded(session, BY_ID.first(session, {"id": person_id}))
    assert found is session.get_one(Person, person_id)
    assert found in session
    assert not session.dirty
    assert found.created_at.tzinfo is UTC
    found.handle = "another"
    assert session.is_modified(found)
    assert BY_ID.first(session, {"id": person_id}).people__handle == "another", "what waits is written before"
    assert BY_ID.first(session, {"id": 0}) is None
    session.execute(text("UPDATE people SET handle = 'changed' WHERE id = :id"), {"id": person_id})
    session.refresh(found)
    assert found.handle == "changed"
    session.expire(found)
    assert found.handle == "changed"
    session.delete(found)
    session.flush()
    assert BY_ID.first(session, {"id": person_id}) is None


def test_what_the_session_has_is_read_anew(session: Session) -> None:
    person = a_person(session)
    session.flush()
    session.execute(text("UPDATE people SET handle = 'changed' WHERE id = :id"), {"id": person.id})
    assert PERSON.loaded(session, BY_ID.first(session, {"id": person.id})) is person
    assert person.handle == "changed"
    assert not session.dirty


def test_what_is_left_out_is_asked_for_when_it_is_looked_at(session: Session) -> None:
    person = a_person(session)
    session.flush()
    email = person.email
    session.expunge_all()
    found = PART.loaded(session, PART_BY_ID.first(session, {"id": person.id}))
    assert "email" in inspect(found).unloaded
    assert found.email == email


def test_moments_keep_their_zone_and_lists_may_be_empty(session: Session) -> None:
    moment = datetime(2026, 5, 1, 14, tzinfo=timezone(timedelta(hours=2)))
    people = [a_person(session, created_at=moment + timedelta(days=day)) for day in range(3)]
    later = Ready(
        select(_people.c.id, _people.c.created_at)
        .where(_people.c.created_at > bindparam("moment", type_=_people.c.created_at.type))
        .where(not_(one_of(_people.c.id, "others")))
        .order_by(_people.c.id)
    )
    found = later.all(session, {"moment": moment, "others": []})
    assert [(row.id, row.created_at) for row in found] == [(one.id, one.created_at) for one in people[1:]]
    assert [row.id for row in later.all(session, {"moment": moment, "others": [people[1].id]})] == [people[2].id]


def test_a_refusal_of_the_database_is_sqlalchemys_error(session: Session) -> None:
    person = a_person(session)
    session.flush()
    row: dict[str, Any] = {column.name: bindparam(f"the_{column.name}") for column in _people.columns}
    again = Ready(insert(_people).values(row))
    same = {f"the_{column.name}": getattr(person, column.name) for column in _people.columns}
    with pytest.raises(IntegrityError), session.begin_nested():
        again.all(session, same)
    assert BY_ID.first(session, {"id": person.id}).people__id == person.id, "the transaction goes on"


def test_a_connection_that_broke_off_is_not_used_again(database: Database) -> None:
    if database.dialect != "postgresql":
        pytest.skip("SQLite has no server")
    me = Ready(select(literal_column("pg_backend_pid()").label("pid")))
    with open_session(database.engine, writes=True) as session, open_session(database.engine, writes=True) as other:
        first = me.first(session, {}).pid
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": first})
        with pytest.raises(DBAPIError) as refused:
            me.first(session, {})
        assert refused.value.connection_invalidated
        session.rollback()
        assert me.first(session, {}).pid != first


def test_a_list_that_would_change_the_statement_is_a_mistake_of_the_program(database: Database) -> None:
    with open_session(database.engine, writes=False) as session, pytest.raises(RuntimeError):
        Ready(select(_people.c.id).where(_people.c.id.in_([1, 2]))).all(session, {})
