"""`annotator demo`: make a small installation, play the story in it, say who can sign in, and serve it."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from sqlalchemy import Engine

from annotator.app import create_app
from annotator.consent import actions as consent
from annotator.database import make_engine, open_session
from annotator.demo import installation, people, publishing, story, world
from annotator.demo.installation import HOST, DemoError
from annotator.demo.story import Stage
from annotator.demo.world import FolderError
from annotator.languages import actions as languages
from annotator.mail.jobs import send_due
from annotator.migrate import upgrade
from annotator.permissions import OPERATOR
from annotator.prompts import actions as prompts
from annotator.review import mails as review_mails
from annotator.rights import mails as rights_mails
from annotator.serving import run_server
from annotator.settings import Settings
from annotator.web.commandline import refuse

DEFAULT_PORT = 8000

Chapter = tuple[str, Callable[[Stage], None]]


@click.command("demo")
@click.option("--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(1, 65535), help="Where to serve.")
@click.option("--no-serve", is_flag=True, help="Prepare everything, print where it lies, and end.")
@click.option(
    "--dir", "wanted", type=click.Path(path_type=Path, file_okay=False), help="Keep everything in this (empty) folder."
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Add the prompts of a folder with prompts/*.jsonl and ntrex/*.txt.",
)
def demo(*, port: int, no_serve: bool, wanted: Path | None, data: Path | None) -> None:
    """Show the whole path: people, prompts, work, reviews, a withdrawal, two releases; then serve it."""
    try:
        if data is not None:
            data = data.resolve()
            world.check(data)
        if not no_serve:
            installation.check_port(port)
        folder = installation.make_folder(wanted)
        installation.write_settings(folder, port=port)
        with contextlib.chdir(folder):  # so that this process, like every command inside, finds the folder's settings
            settings = installation.load_settings()
            engine = make_engine(settings.database_url)
            played = _play(settings, engine, data)
            engine.dispose()
            _say(played, settings, folder)
            if not no_serve:
                click.echo(f"\nServing at {settings.public_url}. Ctrl+C ends it.")
                raise SystemExit(run_server(bind=f"{HOST}:{port}", workers=1))
    except (DemoError, FolderError) as error:
        refuse(str(error))


@dataclass(frozen=True)
class Played:
    """What is told at the end of the story."""

    passwords: dict[str, str]
    varieties: int


def _play(settings: Settings, engine: Engine, data: Path | None) -> Played:
    """Play all chapters, each in a transaction of its own."""
    app = create_app(settings, engine=engine)
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with (
        Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress,
        open_session(engine, writes=True) as session,
        app.test_request_context(base_url=settings.public_url),  # letters are templates, and need an application
    ):
        task = progress.add_task("Making the database", total=None)
        upgrade(engine)
        stage = Stage(session, story.Letters(review_mails.changes_requested, rights_mails.confirmed))
        for title, chapter in _chapters(settings, data, lambda words: progress.update(task, description=words)):
            progress.update(task, description=title)
            chapter(stage)
            session.commit()
        progress.update(task, description="Sending letters")
        send_due(engine, settings)
        return Played(stage.passwords, publishing.languages_with_prompts(stage))


def _chapters(settings: Settings, data: Path | None, tell: Callable[[str], None]) -> list[Chapter]:
    """Return the story in order; the real prompts come in between where there are any."""

    def found(stage: Stage) -> None:
        languages.sync(stage.session, actor=OPERATOR)
        consent.load_seed_documents(stage.session, OPERATOR)
        prompts.sync_templates(stage.session, actor=OPERATOR)

    def some_of_the_world(stage: Stage) -> None:
        if data is not None:
            world.add_languages(stage.session, stage.project, data)
            world.load_a_few(stage.session, stage.project, data)

    def the_world(stage: Stage) -> None:
        if data is not None:
            world.load(stage.session, stage.project, data, lambda rows: tell(f"Importing the real prompts: {rows:,}"))

    def release(version: str, notes: str) -> Callable[[Stage], None]:
        return lambda stage: publishing.publish(stage, settings, version, notes)

    return [
        ("Loading languages, documents and templates", found),
        ("Opening a project", story.open_project),
        ("Importing the first sentences", some_of_the_world),
        ("Welcoming people", story.welcome),
        ("Writing and answering", story.first_round),
        ("Reviewing", story.review_round),
        ("Re-annotating", story.second_round),
        ("Reviewing again", story.review_round),
        ("Publishing 1.0.0", release("1.0.0", publishing.FIRST)),
        ("Taking back, and narrowing", story.change_of_mind),
        ("Writing on", story.later_texts),
        ("Publishing 2.0.0", release("2.0.0", publishing.SECOND)),
        ("Importing the real prompts", the_world),
    ]


def _say(played: Played, settings: Settings, folder: Path) -> None:
    """Print what was made, where it lies, and who can sign in."""
    click.echo(f"Everything lies in {folder}; `annotator` commands that run inside it use its settings.")
    click.echo(f"Prompts in {played.varieties} language varieties.")
    for version in ("1.0.0", "2.0.0"):
        for place in (settings.exports, settings.exports_gated):
            release = folder / place / story.SLUG / version
            if release.is_dir():
                click.echo(f"Release {version}: {release}")
    click.echo("Who can sign in (passwords made for this demo):")
    for role, handle in people.SIGN_IN.items():
        click.echo(f"  {role:<12} {handle}@example.org   {played.passwords[handle]}")
