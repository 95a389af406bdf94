"""`annotator bench`: how fast the program is, on this machine, beside a reference of the same minute."""

import signal
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

import click

from annotator.bench import chains, claiming, importing, reporting, texts
from annotator.bench.claiming import Plan
from annotator.bench.ground import BenchError
from annotator.web.commandline import refuse, report

FEWEST_FOR_A_RELEASE = 2  # nobody accepts a text of their own

_DATABASE = click.option(
    "--database-url",
    metavar="URL",
    help="A server to make a database of its own on (PostgreSQL; nothing else there is touched), or sqlite:///FILE, "
    "beside which a folder is made. Without it: SQLite in a temporary folder.",
)
_KEEP = click.option("--keep", is_flag=True, help="Leave the database and the folder there, and say where.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group("bench")
def group() -> None:
    """Measure the program on a database of its own, which is gone afterwards."""


@group.command("claim")
@_DATABASE
@click.option("--prompts", default=10_000, show_default=True, type=click.IntRange(100, texts.PROMPTS))
@click.option("--people", default=8, show_default=True, type=click.IntRange(1, 1_000))
@click.option("--seconds", default=20, show_default=True, type=click.IntRange(20), help="How long it is measured.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Web processes.")
@click.option("--cores", type=click.IntRange(1), help="Hold the server to so many cores.")
@click.option("--pace", type=click.FloatRange(1), help="Let each person do one piece of work in so many seconds.")
@click.option("--release", type=click.IntRange(1), help="With --pace: publish a release of so many texts meanwhile.")
@_KEEP
@_JSON
def claim(*, as_json: bool, **wanted: Any) -> None:  # noqa: ANN401  # the options, which are Plan's fields
    """Let people claim prompts and hand in over HTTP, as fast as the server answers."""
    if wanted["release"] and (wanted["pace"] is None or wanted["people"] < FEWEST_FOR_A_RELEASE):
        message = f"--release goes with --pace, and with at least {FEWEST_FOR_A_RELEASE} people."
        raise click.UsageError(message)
    facts = _figures(lambda: claiming.run(Plan(**wanted)))
    _say(facts, reporting.claim, as_json=as_json)


@group.command("rights")
@_DATABASE
@click.option("--rows", default=100_000, show_default=True, type=click.IntRange(chains.IN_CHAIN))
@_KEEP
@_JSON
def rights(*, as_json: bool, database_url: str | None, rows: int, keep: bool) -> None:
    """Find the rights and lanes of rows with chains of three authors, as a release does."""
    facts = _figures(lambda: chains.measure(database_url, rows=rows, keep=keep))
    if as_json:
        report(facts)
    else:
        times = f"{facts['seconds']} s ({facts['cpu_seconds']} s of one core)"
        click.echo(f"{facts['rows']:,} rows: {times}, at most {facts['peak_mb']} MB.")


@group.command("import")
@_DATABASE
@click.option("--prompts", default=100_000, show_default=True, type=click.IntRange(100, texts.PROMPTS))
@_KEEP
@_JSON
def import_(*, as_json: bool, database_url: str | None, prompts: int, keep: bool) -> None:
    """Import a file of prompts into a fresh database, then the same file again."""
    facts = _figures(lambda: importing.measure(database_url, rows=prompts, keep=keep))
    _say(facts, reporting.imported, as_json=as_json)


def _say(facts: Mapping[str, Any], table: Callable[[Mapping[str, Any]], str], *, as_json: bool) -> None:
    """Say what was found; figures that are not to be trusted end with exit status 1."""
    if as_json:
        report(facts)
    else:
        click.echo(table(facts))
    wrong = reporting.wrong(facts)
    if wrong:
        refuse(wrong)


def _figures(measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Measure; a SIGTERM clears up as Ctrl+C does."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        return measure()
    except BenchError as error:
        refuse(str(error))
    finally:
        signal.signal(signal.SIGTERM, before)
