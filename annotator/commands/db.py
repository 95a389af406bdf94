"""`annotator db`: the schema."""

from dataclasses import asdict

import click

from annotator import migrate
from annotator import models as _models  # noqa: F401  # the schema is compared with every table
from annotator.commands.findings import Finding, show
from annotator.web.commandline import engine_scope, refuse, report


@click.group("db")
def group() -> None:
    """The database's schema."""


@group.command("upgrade")
def upgrade() -> None:
    """Bring the database to the version that this program needs; all steps or none. Make a backup first."""
    with engine_scope() as engine:
        before = migrate.current(engine)
        if before is not None and before > migrate.newest():
            refuse(str(migrate.what_is_wrong(engine)))
        migrate.upgrade(engine)
    after = migrate.newest()
    came = " already." if before == after else f", from {before or 'nothing'}."
    click.echo(f"The database is at version {after}{came}")


@group.command("current")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def current(*, as_json: bool) -> None:
    """Print the database's version, and the program's."""
    with engine_scope() as engine:
        facts = {"database": migrate.current(engine), "program": migrate.newest()}
    if as_json:
        report(facts)
    else:
        click.echo(f"Database: {facts['database'] or 'no tables yet'}. Program: {facts['program']}.")


@group.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check(*, as_json: bool) -> None:
    """Check version, tables, triggers and references of the database; exit status 1 when something is wrong."""
    with engine_scope() as engine:
        checks = migrate.check(engine)
    wrong = [one for one in checks if not one.ok]
    if as_json:
        report({"ok": not wrong, "checks": [asdict(one) for one in checks]})
    else:
        show([Finding(one.name, "fine" if one.ok else "wrong", one.detail) for one in checks])
    if wrong:
        refuse(f"The database is not as it should be ({wrong[0].name}): {wrong[0].detail}")
