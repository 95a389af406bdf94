"""`annotator prompts sources | prioritise | pause | resume`."""

from collections.abc import Callable
from typing import Any

import click

from annotator.permissions import OPERATOR
from annotator.projects import queries as projects
from annotator.prompts.steering import actions, queries, rules
from annotator.prompts.steering.queries import Standing
from annotator.web.commandline import report, session_scope

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
_PROJECT = click.argument("slug", metavar="PROJECT")
_SOURCE = click.option("--source", help="All prompts of the source of this name.")
_BATCH = click.option("--batch", "batch_id", type=int, help="All prompts of the import of this number.")


@click.command("sources")
@_PROJECT
@_JSON
def sources(*, slug: str, as_json: bool) -> None:
    """List where the prompts of PROJECT came from, and its latest imports with their numbers."""
    with session_scope() as session:
        found = queries.parts(session, projects.by_slug(session, slug))
        rows = {
            "sources": [
                {"name": source.name, "license": source.license, **_standing(standing)}
                for source, standing in found.sources
            ],
            "imports": [
                {"number": batch.id, "at": batch.at, "source": source.name, **_standing(standing)}
                for batch, source, standing in found.imports
            ],
        }
    if as_json:
        report(rows)
        return
    for row in rows["sources"]:
        click.echo(f"{row['name']}  {_said(row)}")
    for row in rows["imports"]:
        click.echo(f"import {row['number']} of {row['at']:%Y-%m-%d}  {row['source']}  {_said(row)}")
    if not rows["sources"]:
        click.echo("None yet: `annotator prompts import FILE --project PROJECT` brings some in.")


@click.command("prioritise")
@_PROJECT
@_SOURCE
@_BATCH
@click.option("--priority", type=int, required=True, help=f"{rules.LEAST} to {rules.MOST}: higher first, 0 is usual.")
@_JSON
def prioritise(*, slug: str, source: str | None, batch_id: int | None, priority: int, as_json: bool) -> None:
    """Put prompts of PROJECT before or behind the others."""
    _only_one(source, batch_id)
    with session_scope(writes=True) as session:
        part = queries.part(session, projects.by_slug(session, slug), source=source, batch_id=batch_id)
        changed = actions.prioritise(session, actor=OPERATOR, part=part, priority=priority)
    if as_json:
        report({"changed": changed, "priority": priority})
    else:
        click.echo(f"{_counted(changed)} now at priority {priority} that had another one.")


def _state_command(name: str, act: Callable[..., int], summary: str, said: str) -> click.Command:
    """Return the command that lets prompts wait or go on."""

    @click.command(name, help=summary)
    @_PROJECT
    @_SOURCE
    @_BATCH
    @_JSON
    def command(*, slug: str, source: str | None, batch_id: int | None, as_json: bool) -> None:
        _only_one(source, batch_id)
        with session_scope(writes=True) as session:
            part = queries.part(session, projects.by_slug(session, slug), source=source, batch_id=batch_id)
            changed = act(session, actor=OPERATOR, part=part)
        if as_json:
            report({"changed": changed})
        else:
            click.echo(f"{_counted(changed)} {said}.")

    return command


COMMANDS = (
    sources,
    prioritise,
    _state_command(
        "pause",
        actions.pause,
        "Offer prompts of PROJECT to nobody for now; what people have begun can be finished.",
        "paused",
    ),
    _state_command("resume", actions.resume, "Offer paused prompts of PROJECT again.", "offered again"),
)


def _only_one(source: str | None, batch_id: int | None) -> None:
    """End with exit status 2 unless just one of both is given."""
    if (source is None) == (batch_id is None):
        message = "Say which prompts: --source NAME or --batch N."
        raise click.UsageError(message)


def _standing(standing: Standing) -> dict[str, Any]:
    return {
        "prompts": standing.prompts,
        "paused": standing.paused,
        "closed": standing.closed,
        "priorities": sorted(standing.priorities),
    }


def _said(row: dict[str, Any]) -> str:
    """Return how a part stands, in words."""
    priorities = ", ".join(map(str, row["priorities"]))
    return f"{row['prompts']:,} prompts, {row['paused']:,} paused, {row['closed']:,} closed, priority {priorities}"


def _counted(number: int) -> str:
    return "1 prompt is" if number == 1 else f"{number:,} prompts are"
