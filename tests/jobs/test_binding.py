"""The queue: a wake-up runs a job, a lost one costs a minute, one broken job does not stop the others."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import Engine

from annotator import clock
from annotator.jobs.binding import Work
from annotator.settings import Settings

ran: list[str] = []
HERE = "tests.jobs.test_binding"


def first(_engine: Engine, _settings: Settings) -> None:
    """A job."""
    ran.append("first")


def breaks(_engine: Engine, _settings: Settings) -> None:
    """A job that fails."""
    ran.append("breaks")
    message = "on purpose"
    raise RuntimeError(message)


def last(_engine: Engine, _settings: Settings) -> None:
    """A job."""
    ran.append("last")


@pytest.fixture
def work(settings: Settings, session: object, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> Work:
    """A queue with three jobs."""
    monkeypatch.chdir(str(tmp_path))
    ran.clear()
    bind = session.get_bind()  # type: ignore[attr-defined]  # a session, which this test needs nothing else of
    return Work(settings, bind, [f"{HERE}:first", f"{HERE}:breaks", f"{HERE}:last"])


def test_a_wake_up_reaches_the_worker_of_another_process(work: Work) -> None:
    work.wake(f"{HERE}:last")
    assert ran == [], "the web process runs nothing itself"
    other = Work(work.settings, work.engine, work.jobs)
    other.know()
    task = other.huey.dequeue()
    other.huey.execute(task)
    assert ran == ["last"]
    assert other.huey.dequeue() is None


def test_the_sweep_runs_every_job_even_after_one_broke(work: Work) -> None:
    work.sweep()
    assert ran == ["first", "breaks", "last"]


def test_the_sweep_is_due_every_minute(work: Work) -> None:
    work.know()
    names = [task.__class__.__name__ for task in work.huey.read_periodic(clock.now())]
    assert names == ["sweep"]


def test_a_queue_that_is_away_stops_nobody(work: Work, settings: Settings) -> None:
    away = Work(settings.model_copy(update={"redis_url": "redis://127.0.0.1:9/0"}), work.engine, work.jobs)
    away.wake(f"{HERE}:first")
    assert away.last_seen() is None


def test_an_unknown_job_is_a_mistake_of_the_program(work: Work) -> None:
    with pytest.raises(ValueError, match="no such job"):
        work.wake("os:remove")


def test_when_a_worker_was_last_seen(work: Work) -> None:
    assert work.last_seen() is None
    moment = clock.now()
    with time_machine.travel(moment, tick=False) as now:
        work.sweep()
        now.shift(timedelta(minutes=3))
        assert work.last_seen() == clock.now() - timedelta(minutes=3)
        assert work.last_seen() is not None, "looking does not use it up"
