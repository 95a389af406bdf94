"""Huey, bound to the program's jobs: the database says what is due, the queue only wakes a worker.

A job is a function ``(engine, settings)`` that does what is due and is safe to run twice. A sweep runs all of them
every minute and finds what a lost wake-up left.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from annotator import clock
from annotator.settings import Settings

Job = Callable[[Engine, Settings], object]

SEEN = "worker seen"
log = logging.getLogger(__name__)


class Work:
    """The queue of one installation. ``jobs`` are import paths such as ``annotator.mail.jobs:send_due``."""

    def __init__(self, settings: Settings, engine: Engine, jobs: Iterable[str]) -> None:
        """Bind the queue; nothing is imported or run yet."""
        self.settings, self.engine, self.jobs = settings, engine, tuple(jobs)

    @cached_property
    def huey(self) -> Any:  # noqa: ANN401  # huey has no types
        """The queue itself, made at the first need."""
        return _huey_for(self.settings)

    @cached_property
    def _task(self) -> Any:  # noqa: ANN401
        """What a message in the queue runs; web process and worker must both know it by the same name."""
        from huey import crontab  # noqa: PLC0415  # see _huey_for

        self.huey.periodic_task(crontab(minute="*"), name="sweep")(self.sweep)
        return self.huey.task(name="run")(self.run)

    def wake(self, job: str) -> None:
        """Ask a worker to run ``job`` soon. Call it after the commit; a queue that is away costs a minute, no work."""
        if job not in self.jobs:
            message = f"no such job: {job}"
            raise ValueError(message)
        try:
            self._task(job)
        except Exception:  # whatever ails the queue, the sweep finds the work
            log.warning("The queue is away, so %s waits for the next sweep.", job, exc_info=True)

    def know(self) -> None:
        """Make the tasks known to the queue, which a worker needs before it takes the first."""
        _ = self._task

    def run(self, job: str) -> None:
        """Run one job now."""
        module, name = job.split(":")
        cast("Job", getattr(import_module(module), name))(self.engine, self.settings)

    def sweep(self) -> None:
        """Say that a worker is alive, and run every job; one that fails does not keep the others waiting."""
        self.seen()
        for job in self.jobs:
            try:
                self.run(job)
            except Exception:  # reported here, tried again in a minute
                log.exception("The job %s failed.", job)

    def seen(self) -> None:
        """Note that a worker is alive."""
        self.huey.put(SEEN, clock.now().isoformat())

    def last_seen(self) -> datetime | None:
        """Return when a worker was last alive, or None if none was seen (or the queue is away)."""
        try:
            found = self.huey.get(SEEN, peek=True)
        except Exception:  # noqa: BLE001  # an unreachable queue is the same as no worker
            return None
        return datetime.fromisoformat(found) if found else None

    def work(self) -> None:
        """Be the worker until a signal ends it: SIGINT after the job at hand, SIGTERM at once."""
        self.know()
        self.sweep()
        self.huey.create_consumer(workers=1, periodic=True, max_delay=2.0).run()


def _huey_for(settings: Settings) -> Any:  # noqa: ANN401  # huey has no types
    """Return Redis where it is set, else a SQLite file beside the database, or in ``instance/``."""
    from huey import RedisHuey, SqliteHuey  # noqa: PLC0415  # eight megabytes that a web process seldom needs

    if settings.redis_url:
        return RedisHuey("annotator", url=settings.redis_url, results=False)
    url = make_url(settings.database_url)
    place = Path("instance")
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        place = Path(url.database).parent
    place.mkdir(parents=True, exist_ok=True)
    return SqliteHuey("annotator", filename=str(place / "queue.db"), results=False)
