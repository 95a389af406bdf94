"""`annotator backup` and `annotator restore`: one file, and back; what was erased since does not come back."""

from datetime import timedelta
from pathlib import Path

import click
from sqlalchemy import Engine

from annotator import clock, migrate
from annotator import models as _models  # noqa: F401  # the schema is compared with every table
from annotator.commands import copies
from annotator.database import make_engine, open_session
from annotator.rights.erasing import journal, scrubbing
from annotator.rights.erasing.jobs import replay
from annotator.settings import Settings, load
from annotator.web.commandline import engine_scope, refuse, report

# What was erased is gone from backups after so long (rights-model §2.6).
KEPT = timedelta(days=90)


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def backup(file: Path, *, as_json: bool) -> None:
    """Write the whole database into FILE while people go on working. Delete such files after 90 days.

    Not in it: the folders of releases, the secret key and the journal. Keep the journal elsewhere: it is what keeps
    erased texts from coming back with a backup.
    """
    if file.exists():
        refuse(f"{file} is there already: name another file.")
    settings = load()
    with engine_scope() as engine:
        wrong = migrate.what_is_wrong(engine)
        if wrong is not None:
            refuse(wrong)
        _catch_up(engine, settings)
        copies.write(engine, file)
    old = copies.old_copies(file.resolve().parent, (clock.now() - KEPT).timestamp())
    facts = {"file": str(file), "bytes": file.stat().st_size, "older_than_90_days": [str(path) for path in old]}
    if as_json:
        report(facts)
        return
    click.echo(f"Written: {file}, {facts['bytes']:,} bytes. Only this account can read it.")
    for path in old:
        click.echo(f"{path} is older than 90 days: delete it, for people were told that nothing of theirs is left.")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Replace a database that has people in it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def restore(file: Path, *, replace: bool, as_json: bool) -> None:
    """Put the database of FILE in place of this installation's. Stop the server and the worker before.

    Everything that was taken back or erased after the backup was made is erased again, from the journal.
    """
    settings = load()
    with engine_scope() as engine:
        if copies.kind_of(file) != engine.dialect.name:
            refuse(f"{file} is no backup of a database such as this one ({engine.dialect.name}).")
        if copies.has_people(engine):
            if not replace:
                refuse("This installation's database has people in it: with --replace it is replaced by the backup.")
            if migrate.schema_is_current(engine):
                _catch_up(engine, settings)
        again = _restore_sqlite(file, engine, settings) if engine.dialect.name == copies.SQLITE else None
        if again is None:
            again = _restore_postgresql(file, engine, settings)
    facts = {"file": str(file), "version": migrate.newest(), "done_again": again}
    if as_json:
        report(facts)
    else:
        click.echo(f"Restored from {file}. Steps of the journal of erasures that were done again: {again}.")


def _catch_up(engine: Engine, settings: Settings) -> None:
    with open_session(engine, writes=False) as session:
        journal.catch_up(session, settings)


def _restore_sqlite(file: Path, engine: Engine, settings: Settings) -> int:
    """Make the copy ready beside the database, and only then put it in its place."""
    beside = copies.put_back_sqlite(file, settings)
    try:
        ready = make_engine(f"sqlite:///{beside}")
        try:
            again = _finish(ready, settings)
        finally:
            ready.dispose()
        engine.dispose()
        copies.take_place(beside, Path(engine.url.database or ""))
    finally:
        copies.forget_beside(beside)
    return again


def _restore_postgresql(file: Path, engine: Engine, settings: Settings) -> int:
    copies.put_back_postgresql(file, engine)
    return _finish(engine, settings)


def _finish(engine: Engine, settings: Settings) -> int:
    copies.make_ready(engine)
    again = replay(engine, settings)
    scrubbing.mark(settings)  # what cannot be scrubbed now, the worker does
    scrubbing.scrub_due(engine, settings)
    return again
