"""How much one person may hand in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.assignments.caps import DAY, Cap, reached
from annotator.errors import Conflict
from annotator.languages.models import Language
from annotator.web.wording import words
from tests.stories import World, a_contributor, a_language, a_prompt, a_world, allow

NOW = datetime(2025, 3, 8, 12, 0, tzinfo=UTC)


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


def hand_in(world: World, person: Person, *ago: timedelta, language: Language | None = None, **changes: object) -> None:
    """Put down what the person has handed in, so long before ``NOW``."""
    first = world.session.scalar(select(Annotation).limit(1)) or world.writes(
        a_contributor(world.session, world.language)
    )
    row = {c.name: getattr(first, c.name) for c in Annotation.__table__.columns if c.name not in {"id", "public_id"}}
    facts = {"author_id": person.id, "language_id": (language or world.language).id, **changes}
    world.session.execute(insert(Annotation), [{**row, "created_at": NOW - one, **facts} for one in ago])


def asked(world: World, person: Person, *, now: datetime = NOW) -> Cap | None:
    return reached(world.session, project=world.project, person_id=person.id, language_id=world.language.id, now=now)


def hours(*numbers: float) -> list[timedelta]:
    return [timedelta(hours=number) for number in numbers]


def test_a_daily_cap_is_reached_and_frees_again(world: World) -> None:
    person = a_contributor(world.session, world.language)
    world.project.daily_cap = 3
    hand_in(world, person, *hours(30, 20, 5))
    assert asked(world, person) is None
    hand_in(world, person, *hours(1))
    found = asked(world, person)
    assert found == Cap(until=NOW - timedelta(hours=20) + DAY)
    assert found.until is not None
    assert asked(world, person, now=found.until - timedelta(microseconds=1)) == found
    assert asked(world, person, now=found.until) is None


def test_a_cap_that_was_lowered_frees_when_enough_of_it_is_a_day_old(world: World) -> None:
    person = a_contributor(world.session, world.language)
    hand_in(world, person, *hours(20, 10, 5, 1))
    world.project.daily_cap = 2
    assert asked(world, person) == Cap(until=NOW - timedelta(hours=5) + DAY)


def test_a_cap_in_all_is_reached_for_good(world: World) -> None:
    person = a_contributor(world.session, world.language)
    world.project.total_cap = 3
    hand_in(world, person, *hours(9000, 300))
    assert asked(world, person) is None
    hand_in(world, person, *hours(1))
    assert asked(world, person) == Cap(until=None)
    world.project.daily_cap = 1
    assert asked(world, person) == Cap(until=None), "what is over for good is not said to free tomorrow"
    world.project.total_cap = 4
    assert asked(world, person) == Cap(until=NOW - timedelta(hours=1) + DAY)


def test_what_does_not_count(world: World) -> None:
    person = a_contributor(world.session, world.language)
    world.project.daily_cap = world.project.total_cap = 1
    hand_in(world, a_contributor(world.session, world.language), *hours(1))
    hand_in(world, person, *hours(1), practice=True)
    hand_in(world, person, *hours(2), state="withdrawn", withdrawn_at=NOW)
    hand_in(world, person, *hours(1), language=a_language(world.session, "arb_Arab", "Arabic"))
    hand_in(world, person, *hours(1), project_id=a_world(world.session).project.id)
    assert asked(world, person) is None
    hand_in(world, person, *hours(3), state="declined")
    assert asked(world, person) == Cap(until=None), "what was declined has cost somebody's reading"


@contextmanager
def selects(session: Session) -> Iterator[list[tuple[str, Any]]]:
    """Collect what is asked meanwhile: statements and their parameters."""
    seen: list[tuple[str, Any]] = []
    engine = session.get_bind().engine

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_more: object) -> None:
        if statement.startswith("SELECT"):
            seen.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_nothing_is_asked_where_there_are_no_caps_and_one_thing_where_there_are(world: World) -> None:
    person = a_contributor(world.session, world.language)
    with selects(world.session) as seen:
        assert asked(world, person) is None
        assert seen == []
        world.project.daily_cap = world.project.total_cap = 50
        assert asked(world, person) is None
        assert len(seen) == 1


def test_the_index_answers_whatever_the_history(world: World) -> None:
    person = a_contributor(world.session, world.language)
    hand_in(world, person, *(timedelta(minutes=number) for number in range(3000)))
    world.project.daily_cap, world.project.total_cap = 5, 10
    world.session.commit()
    world.session.execute(text("ANALYZE"))
    with selects(world.session) as seen:
        assert asked(world, person) == Cap(until=None)
    ((statement, parameters),) = seen
    explain = "EXPLAIN QUERY PLAN " if world.session.get_bind().dialect.name == "sqlite" else "EXPLAIN "
    told = world.session.connection().exec_driver_sql(explain + statement, parameters)
    plan = "\n".join(" ".join(map(str, row)) for row in told)
    assert plan.count("ix__annotations__author_id_project_id_language_id_created_at") == 2, plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


def test_the_words_say_when_it_frees() -> None:
    assert "from 9 March 2025, 11:00 UTC on" in words(Cap(until=NOW + timedelta(hours=23)).refusal)
    assert "Other languages" in words(Cap(until=None).refusal)


def test_who_reached_the_cap_is_offered_nothing_and_hands_in_what_they_hold(world: World) -> None:
    session = world.session
    person = a_contributor(session, world.language)
    for _ in range(2):
        a_prompt(session, world.project, world.language)
    held = world.claims(person)
    world.project.daily_cap = 1
    world.writes(person)
    with pytest.raises(Conflict, match="cap_reached"):
        world.writes(person, "Another question?")
    world.submits(person, held, completion="An answer.")
    found = world.asks(person)
    assert found.reason == "cap"
    assert found.retry_at is not None


def test_practice_work_is_not_held_by_a_cap(world: World) -> None:
    session = world.session
    person = a_contributor(session, world.language)
    a_prompt(session, world.project, world.language)
    world.project.total_cap = 1
    world.writes(person)
    assert world.asks(person).reason == "cap"
    allow(session, person, preset="practice", attribution="none")
    assert world.writes(person, "Only mine?").practice
    assert world.claims(person).place is None
