"""The furniture of the command line: a session, one sentence for a refusal, JSON, progress on a terminal."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn, Protocol

import click
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from annotator import migrate
from annotator.database import make_engine, open_session
from annotator.errors import DomainError
from annotator.settings import SettingsError, load
from annotator.web.wording import words


@contextmanager
def engine_scope() -> Iterator[Engine]:
    """Give an engine over the installation's database, whatever its state, and close it at the end."""
    engine = make_engine(load().database_url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def session_scope(*, writes: bool = False) -> Iterator[Session]:
    """Give a session over the installation's database: committed at the end when it ``writes``, rolled back on an error.

    Raises SettingsError when the database is not there or not at the program's version. Errors pass through:
    ``annotator.cli`` makes them one sentence and exit status 1.
    """
    with engine_scope() as engine:
        wrong = migrate.what_is_wrong(engine)
        if wrong is not None:
            raise SettingsError(wrong)
        with open_session(engine, writes=writes) as session:
            yield session
            if writes:
                session.commit()


def explained(error: Exception) -> str | None:
    """Return the one sentence for what the program refused or the machine denied; None for a fault of the program."""
    if isinstance(error, DomainError):
        return words(error)
    if isinstance(error, SettingsError):
        return str(error)
    if isinstance(error, OperationalError):
        said = str(error.orig).strip().splitlines()[0]
        return f"The database does not answer ({said}): look at ANNOTATOR_DATABASE_URL, then `annotator check`."
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror or error}."
    return None


def refuse(sentence: str) -> NoReturn:
    """Say why not, on stderr, and end with exit status 1."""
    click.echo(sentence, err=True)
    raise SystemExit(1)


def report(facts: object) -> None:
    """Print one JSON value on stdout."""
    click.echo(json.dumps(facts, ensure_ascii=False, indent=2, default=str))


class SoFar(Protocol):
    """Hears how many are done by now; ``task`` says that another task has begun."""

    def __call__(self, done: int, task: str | None = None) -> None:
        """Show it."""


@contextmanager
def progress(task: str) -> Iterator[SoFar]:
    """Give a function that shows how many are done by now, and how many a second.

    It shows them on a terminal only, and leaves no trace.
    """
    if not sys.stderr.isatty():
        yield _nowhere
        return
    from rich.console import Console  # noqa: PLC0415  # slow to import, and a pipe needs it not
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    words = ("{task.description}", "{task.completed:,}", "{task.fields[rate]}")
    columns = (SpinnerColumn(), *map(TextColumn, words), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        shown = bar.add_task(task, total=None, rate="")

        def so_far(done: int, task: str | None = None) -> None:
            if task is not None and task != bar.tasks[shown].description:
                bar.reset(shown, description=task, rate="")
            bar.update(shown, completed=done)
            speed = bar.tasks[shown].speed
            bar.update(shown, rate=f"{speed:,.0f}/s" if speed else "")

        yield so_far


def _nowhere(done: int, task: str | None = None) -> None:  # as the one that shows them
    """Nobody looks."""
