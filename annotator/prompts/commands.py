"""`annotator prompts`: import files, and the templates that make prompts of sentences."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from annotator.errors import DomainError
from annotator.languages import queries as languages
from annotator.languages.models import Language
from annotator.permissions import OPERATOR
from annotator.projects import queries as projects
from annotator.projects.models import Project
from annotator.prompts import actions, files, jobs, queries, rules
from annotator.prompts.columns import FIELDS, Columns, parse_map
from annotator.prompts.models import ImportBatch, Template
from annotator.prompts.rows import LISTED, ImportReport, Noted, Problem, Row
from annotator.prompts.steering import commands as steering
from annotator.web.commandline import engine_scope, progress, report, session_scope
from annotator.web.wording import words


@click.group("prompts")
def group() -> None:
    """The pool of prompts."""


for _command in steering.COMMANDS:
    group.add_command(_command)


@group.command("import")
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--project", "slug", required=True, help="The project that gets the prompts.")
@click.option("--source", required=True, help="Where the texts come from; stands beside every row made of them.")
@click.option("--license", "license_id", required=True, help="SPDX id of the source's licence, or LicenseRef-NAME.")
@click.option("--language", help="Language of the completion, where a row has no column for it.")
@click.option("--instruction-language", help="Language of the instruction, if it is another one.")
@click.option("--input-language", help="Language of the input (or of a template's sentences), if it is another one.")
@click.option(
    "--map", "mapping", multiple=True, help=f"FIELD=COLUMN or FIELD=dotted.path.0; fields: {', '.join(FIELDS)}."
)
@click.option("--template", "template_name", help="Make prompts of sentences (column text, or a line of a .txt file).")
@click.option("--skip-bad", is_flag=True, help="Import the other rows when some cannot be used.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object, with every bad row and the first duplicates."
)
def import_files(
    *,
    paths: tuple[Path, ...],
    slug: str,
    source: str,
    license_id: str,
    language: str | None,
    instruction_language: str | None,
    input_language: str | None,
    mapping: tuple[str, ...],
    template_name: str | None,
    skip_bad: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import prompts from JSONL, JSON, CSV, TSV (no quoting), Parquet or TXT files: all rows of all files, or none.

    Nobody sees a row before the last has come. An import that was interrupted goes on where it ended when the same
    files are imported again with the same options.
    """
    given = [(path.name, _digest(path)) for path in paths]
    with (
        session_scope(writes=True) as session,
        progress("Importing") as so_far,
        _taken_up_later(dry_run=dry_run),
        _few_collections(),
    ):
        template = actions.template_to_use(session, template_name) if template_name is not None else None
        columns = Columns(parse_map(mapping), with_template=template is not None)
        result = actions.import_prompts(
            session,
            actor=OPERATOR,
            project=projects.by_slug(session, slug),
            source=source,
            license=license_id,
            rows=_rows(paths, columns),
            columns=columns,
            language=_language(session, language),
            instruction_language=_language(session, instruction_language),
            input_language=_language(session, input_language),
            template=template,
            skip_bad=skip_bad,
            dry_run=dry_run,
            shown=None if as_json else actions.SHOWN,
            progress=so_far,
            showing=partial(so_far, task="Showing all at once"),
            taking_up=_say_taken_up,
            given=given,
            keep=session.commit,
        )
    if as_json:
        report(_facts(result))
    else:
        _say(result)
    if not result.fits:
        raise SystemExit(1)


@contextmanager
def _taken_up_later(*, dry_run: bool) -> Iterator[None]:
    """Say to somebody who presses Ctrl+C that nothing is lost."""
    try:
        yield
    except KeyboardInterrupt:
        if not dry_run:
            click.echo("Interrupted. Nobody sees any of it; the same command goes on from here.", err=True)
        raise


@contextmanager
def _few_collections() -> Iterator[None]:
    """Let Python look for rings in what the import makes only, not in the whole program again and again: a sixth of its time."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return files.digest(stream)


def _say_taken_up(begun_at: datetime, rows: int) -> None:
    click.echo(f"Taking up the import begun at {begun_at:%Y-%m-%d %H:%M} UTC: {rows:,} rows are in.", err=True)


def _rows(paths: tuple[Path, ...], columns: Columns) -> Iterator[Row]:
    for path in paths:
        with path.open("rb") as stream:
            yield from files.read(stream, path.name, columns)


def _language(session: Session, code: str | None) -> Language | None:
    return None if code is None else languages.resolve(session, code)


def _facts(result: ImportReport) -> dict[str, Any]:
    return {
        "landed": result.landed,
        "dry_run": result.dry_run,
        "rows": result.rows,
        "added": result.added,
        "duplicates": _noted(result.duplicates),
        "refused": _noted(result.refused),
        "alike": _noted(result.alike),
        "closed_source": result.closed_source,
        "taken_up": result.taken_up,
    }


def _noted(noted: Noted) -> dict[str, Any]:
    return {
        "count": noted.count,
        "rows": [{"file": row.file, "line": row.line, "code": row.code, "reason": _reason(row)} for row in noted.shown],
    }


def _reason(problem: Problem) -> str:
    return words(DomainError(problem.code, **problem.facts))


def _say(result: ImportReport) -> None:
    """Say what happened; bad rows and warnings go to stderr."""
    for title, noted, listed in (
        ("cannot be used", result.refused, "all"),
        ("much like another", result.alike, f"the first {LISTED:,}"),
    ):
        for row in noted.shown:
            click.echo(f"{row.file}, line {row.line}: {_reason(row)}", err=True)
        if noted.count > len(noted.shown):
            click.echo(
                f"… and {noted.count - len(noted.shown):,} more rows ({title}); --json lists {listed}.", err=True
            )
    if result.closed_source:
        click.echo("Under this licence nothing that is made from these prompts can be released.", err=True)
    counts = f"{result.rows:,} rows: {result.added:,} new, {result.duplicates.count:,} duplicates, {result.refused.count:,} bad"
    if result.dry_run:
        click.echo(f"Dry run, nothing changed. {counts}.")
    elif result.landed:
        click.echo(f"Imported. {counts}.")
    else:
        click.echo(f"Nothing was imported. {counts}. Mend the bad rows, or leave them out with --skip-bad.", err=True)


@group.group("imports")
def imports() -> None:
    """Imports that were interrupted."""


@imports.command("list")
@click.option("--project", "slug", help="Of this project only.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
def list_unfinished(*, slug: str | None, as_json: bool) -> None:
    """List the imports that can be taken up, by importing the same files again with the same options."""
    with session_scope() as session:
        project = projects.by_slug(session, slug) if slug is not None else None
        rows = [_batch_facts(session, batch) for batch in queries.unfinished(session, project)]
    if as_json:
        report(rows)
        return
    for row in rows:
        click.echo(
            f"{row['id']}  {row['project']}  {', '.join(row['files'])}  source {row['source']}  "
            f"{row['rows']:,} rows are in, the last at {row['touched_at']:%Y-%m-%d %H:%M} UTC"
        )
    if not rows:
        click.echo("None.")


@imports.command("give-up")
@click.argument("number", type=int)
@click.option("--project", "slug", required=True, help="The project that it was to go into.")
def give_up(*, number: int, slug: str) -> None:
    """Give up the import NUMBER: its rows are taken away, and none was ever shown."""
    with session_scope(writes=True) as session:
        batch = queries.import_of(session, projects.by_slug(session, slug), number)
        actions.give_up_import(session, actor=OPERATOR, batch=batch)
    with engine_scope() as engine:
        jobs.clear(engine)
    click.echo(f"Given up. {batch.rows:,} rows were taken away.")


def _batch_facts(session: Session, batch: ImportBatch) -> dict[str, Any]:
    return {
        "id": batch.id,
        "project": session.get_one(Project, batch.project_id).slug,
        "files": batch.options["files"],
        "source": batch.options["source"],
        "rows": batch.rows,
        "begun_at": batch.at,
        "touched_at": batch.touched_at,
    }


@group.group("templates")
def templates() -> None:
    """Wordings that make prompts of sentences."""


@templates.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
def list_templates(*, as_json: bool) -> None:
    """List the latest version of every template."""
    with session_scope() as session:
        rows = [_template_facts(template) for template in queries.templates(session)]
    if as_json:
        report(rows)
        return
    for row in rows:
        click.echo(f"{row['name']} {row['version']}  {row['language']}  {row['answer_link']}  {row['body']}")
    if not rows:
        click.echo("None yet: `annotator prompts templates sync` brings in ours, `add` makes one.")


@templates.command("add")
@click.argument("name")
@click.option("--body", required=True, help="The instruction; {text} is where the sentence goes, else it is the input.")
@click.option("--language", "code", required=True, help="Language of the body.")
@click.option("--answer-link", type=click.Choice(rules.ANSWER_LINKS), default="completion", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def add(*, name: str, body: str, code: str, answer_link: str, as_json: bool) -> None:
    """Add the template NAME, or its next version if the body is another."""
    with session_scope(writes=True) as session:
        facts = _template_facts(
            actions.add_template(
                session, actor=OPERATOR, name=name, body=body, language=languages.resolve(session, code),
                answer_link=answer_link,
            )
        )  # fmt: skip
    if as_json:
        report(facts)
    else:
        click.echo(f"{facts['name']} is at version {facts['version']}.")


@templates.command("sync")
def sync() -> None:
    """Bring in the templates that the program ships."""
    with session_scope(writes=True) as session:
        added = [template.name for template in actions.sync_templates(session, actor=OPERATOR)]
    click.echo(f"Added {', '.join(added)}." if added else "All of them are here.")


def _template_facts(template: Template) -> dict[str, Any]:
    return {
        "name": template.name,
        "version": template.version,
        "body": template.body,
        "language": template.language.code,
        "answer_link": template.answer_link,
    }
