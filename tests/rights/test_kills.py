"""Killed at any statement, a withdrawal, an erasure and a departure leave what was before, or what the next run completes."""

import gc
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.database import Base, open_session
from annotator.ledger import queries as ledger
from annotator.rights import actions as rights
from annotator.rights.erasing import journal
from annotator.rights.erasing.jobs import tidy
from annotator.rights.erasing.words import erase
from annotator.rights.leaving import actions as leaving
from annotator.rights.leaving.jobs import leave_due
from annotator.rights.models import Departure, Withdrawal
from annotator.settings import Settings
from tests.databases import Database
from tests.stories import World, a_contributor, a_prompt, a_world, actor_of, an_ambassador

MOST = 400

# A process that is killed closes nothing.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")


@pytest.fixture(autouse=True)
def _let_go() -> Iterator[None]:
    """Collect what was broken off here and now: later, the warning would be another test's."""
    yield
    gc.collect()


class Killed(BaseException):
    """The process ended here."""


@contextmanager
def killed_at(engine: Engine, number: int) -> Iterator[None]:
    """Break the connection off at the ``number``-th statement or commit from now on, and let nothing run after it."""
    left = [number]

    def count(*_of_it: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Killed  # SQLAlchemy breaks the connection off, as for a signal

    commits = engine.dialect.do_commit

    def commit(connection: Any) -> None:  # noqa: ANN401  # the pool's own class
        count()
        commits(connection)

    event.listen(engine, "before_cursor_execute", count)
    engine.dialect.do_commit = commit  # type: ignore[method-assign, assignment]  # its event cannot be broken off
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", count)
        engine.dialect.do_commit = commits  # type: ignore[method-assign]  # as above


def everything(engine: Engine) -> str:
    """Return one hash of every row of every table."""
    digest = hashlib.sha256()
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            rows = sorted(str(tuple(row)) for row in connection.execute(select(table)))
            digest.update(f"{table.name}{rows}".encode())
    return digest.hexdigest()


def each_kill(engine: Engine, step: Callable[[Session], None]) -> int:
    """Kill ``step`` at each of its statements in turn, then let it end; return how many there were."""
    before = everything(engine)
    for number in range(MOST):
        try:
            with killed_at(engine, number), open_session(engine, writes=True) as session:
                step(session)
                session.commit()
        except Killed:
            assert everything(engine) == before, f"killed at statement {number}"
        else:
            return number
    raise AssertionError


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session, reannotate_contributions=True, overlap=2)


@pytest.fixture
def ada(world: World) -> Person:
    """Somebody with a text that somebody else made another one of, and with work of other kinds."""
    ada = a_contributor(world.session, world.language, attribution="handle")
    ben, reader = a_contributor(world.session, world.language), an_ambassador(world.session, world.language)
    original = world.writes(ada, "A question of hers?", "An answer of hers that is long enough.")
    world.decides(reader, original)
    world.submits(
        ben, world.claims(ben), instruction="A question of hers?", completion="An answer of hers and of his.",
        rating_prompt=3, rating_completion=3,
    )  # fmt: skip
    a_prompt(world.session, world.project, world.language, priority=9)
    world.submits(ada, world.claims(ada), completion="Another of hers.")
    world.session.commit()
    return ada


def test_a_withdrawal(world: World, ada: Person, database: Database) -> None:
    ada_id = ada.id
    world.session.expunge_all()

    def step(session: Session) -> None:
        person = session.get_one(Person, ada_id)
        rights.withdraw(session, actor=actor_of(session, person), person=person)

    assert each_kill(database.engine, step) > 10
    states = select(Annotation.state).where(Annotation.author_id == ada_id)
    assert set(world.session.scalars(states)) == {"withdrawn"}
    assert ledger.verify(world.session).broken_at is None


def test_an_erasure(world: World, ada: Person, database: Database, settings: Settings) -> None:
    withdrawal_id = rights.withdraw(world.session, actor=actor_of(world.session, ada), person=ada).id
    world.session.commit()
    world.session.expunge_all()

    def step(session: Session) -> None:
        erase(session, session.get_one(Withdrawal, withdrawal_id), settings=settings)

    with time_machine.travel(clock.now() + timedelta(days=4), tick=False):
        assert each_kill(database.engine, step) > 20
    assert world.session.get_one(Withdrawal, withdrawal_id).erased_at is not None
    assert ledger.verify(world.session).broken_at is None


@pytest.mark.parametrize("manner", ["take", "unnamed"])
def test_a_departure(world: World, ada: Person, database: Database, settings: Settings, manner: str) -> None:
    ada_id = ada.id
    leaving.ask(world.session, actor=actor_of(world.session, ada), person=ada, manner=manner)
    world.session.commit()
    world.session.expunge_all()
    before, done = everything(database.engine), 0
    with time_machine.travel(clock.now() + timedelta(days=4), tick=False):
        # Most of what "take" does is the erasure above.
        for number in range(0, MOST, 4 if manner == "take" else 1):
            try:
                with killed_at(database.engine, number):
                    done += leave_due(database.engine, settings)
            except Killed:
                world.session.rollback()
                world.session.expire_all()
                if world.session.scalars(select(Departure.done_at)).one() is None:
                    assert everything(database.engine) == before, f"killed at statement {number}"
                world.session.rollback()
            else:
                break
        assert number > 30
        tidy(database.engine, settings)
    world.session.expire_all()
    assert world.session.get(Person, ada_id) is None
    assert ("departure", world.session.scalars(select(Departure.public_id)).one(), "done") in journal.known(settings)
    assert ledger.verify(world.session).broken_at is None
