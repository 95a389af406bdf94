"""`annotator projects`: create, list, change, pause, resume, close."""

from collections.abc import Callable
from typing import Any

import click
from sqlalchemy.orm import Session

from annotator.languages import queries as languages
from annotator.languages.models import Language
from annotator.permissions import OPERATOR
from annotator.projects import actions, queries, rules
from annotator.projects.models import Project
from annotator.web.commandline import report, session_scope

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("projects")
def group() -> None:
    """Datasets being collected."""


@group.command("create")
@click.argument("slug")
@click.option("--title", required=True, help="What people see.")
@click.option("--languages", "codes", required=True, help="What it collects in, such as yor_Latn,arb_Arab.")
@click.option("--description", default="", help="What is collected and why.")
@click.option("--mix", multiple=True, help="KIND or KIND=WEIGHT: original, answer, reannotate; all alike if not given.")
@click.option("--overlap", default=1, show_default=True, help="How many people may work on one prompt.")
@click.option("--reviews", default=1, show_default=True, help="How many acceptances decide.")
@click.option("--daily-cap", type=int, help="How many texts one person may hand in per language in any 24 hours.")
@click.option("--total-cap", type=int, help="How many texts one person may hand in per language in all.")
@click.option("--lanes", default=None, help="Lanes of its releases, such as open,gated; all if not given.")
@click.option("--release-unreviewed", is_flag=True, help="Releases hold unreviewed rows too, marked as such.")
@click.option("--reannotate-contributions", is_flag=True, help="Offer accepted texts to others for improvement.")
@_JSON
def create(*, slug: str, codes: str, mix: tuple[str, ...], lanes: str | None, as_json: bool, **settings: Any) -> None:  # noqa: ANN401  # click's own values, checked by the action
    """Make the project SLUG (small letters, digits and hyphens), open at once."""
    with session_scope(writes=True) as session:
        project = actions.create(
            session,
            actor=OPERATOR,
            slug=slug,
            languages=_languages(session, codes),
            mix=rules.parse_mix(mix) if mix else None,
            lanes=None if lanes is None else _split(lanes),
            **settings,
        )
        facts = _facts(project)
    if as_json:
        report(facts)
    else:
        click.echo(f"Made {facts['slug']}: {facts['title']} ({_counted(len(facts['languages']))}).")


@group.command("change")
@click.argument("slug")
@click.option("--title", help="What people see.")
@click.option("--description", help="What is collected and why.")
@click.option("--mix", multiple=True, help="KIND or KIND=WEIGHT: original, answer, reannotate; what is not named goes.")
@click.option("--reviews", type=int, help="How many acceptances decide.")
@click.option("--daily-cap", type=int, help="Texts one person may hand in per language in any 24 hours; 0: no limit.")
@click.option("--total-cap", type=int, help="Texts one person may hand in per language in all; 0: no limit.")
@click.option("--lanes", help="Lanes of its releases, such as open,gated.")
@click.option("--release-unreviewed/--no-release-unreviewed", default=None, help="Releases hold unreviewed rows too.")
@click.option(
    "--reannotate-contributions/--no-reannotate-contributions",
    default=None,
    help="Offer accepted texts to others for improvement.",
)
@_JSON
def change(*, slug: str, mix: tuple[str, ...], lanes: str | None, as_json: bool, **settings: Any) -> None:  # noqa: ANN401  # click's own values, checked by the action
    """Change settings of the project SLUG; what is not given stays."""
    with session_scope(writes=True) as session:
        project = actions.edit(
            session,
            actor=OPERATOR,
            project=queries.by_slug(session, slug),
            mix=rules.parse_mix(mix) if mix else None,
            lanes=None if lanes is None else _split(lanes),
            **settings,
        )
        facts = _facts(project)
    if as_json:
        report(facts)
    else:
        click.echo(f"Changed {slug}.")


@group.command("list")
@_JSON
def list_projects(*, as_json: bool) -> None:
    """List all projects."""
    with session_scope() as session:
        rows = [_facts(project) for project in queries.listing(session)]
    if as_json:
        report(rows)
        return
    for row in rows:
        click.echo(f"{row['slug']}  {row['state']}  {_counted(len(row['languages']))}  {row['title']}")
    if not rows:
        click.echo("No project yet: `annotator projects create SLUG --title T --languages yor_Latn` makes one.")


@group.command("add-languages")
@click.argument("slug")
@click.argument("codes")
@_JSON
def add_languages(*, slug: str, codes: str, as_json: bool) -> None:
    """Let the project SLUG collect in more languages: CODES, such as yor_Latn,arb_Arab."""
    with session_scope(writes=True) as session:
        project = queries.by_slug(session, slug)
        new = actions.add_languages(session, actor=OPERATOR, project=project, languages=_languages(session, codes))
        added = sorted(language.code for language in new)
    if as_json:
        report({"slug": slug, "added": added})
    else:
        click.echo(f"{slug}: added {', '.join(added)}." if added else f"{slug} collects in all of them already.")


def _state_command(name: str, act: Callable[..., Project], summary: str) -> None:
    """Add the command that brings a project into another state."""

    @group.command(name, help=summary)
    @click.argument("slug")
    @_JSON
    def command(*, slug: str, as_json: bool) -> None:
        with session_scope(writes=True) as session:
            facts = _facts(act(session, actor=OPERATOR, project=queries.by_slug(session, slug)))
        if as_json:
            report(facts)
        else:
            click.echo(f"{slug} is {facts['state']}.")


_state_command(
    "pause", actions.pause, "Offer no work in the project SLUG for now; what people have begun can be finished."
)
_state_command("resume", actions.resume, "Offer work in the project SLUG again.")
_state_command("close", actions.close, "End the collecting in SLUG; reviews, releases and withdrawals go on.")


def _languages(session: Session, codes: str) -> list[Language]:
    return [languages.resolve(session, code) for code in _split(codes)]


def _split(words: str) -> list[str]:
    return [word.strip() for word in words.split(",") if word.strip()]


def _counted(number: int) -> str:
    return f"{number} language" if number == 1 else f"{number} languages"


def _facts(project: Project) -> dict[str, Any]:
    """Return what the lists say of a project; its key is not among it."""
    return {
        "slug": project.slug,
        "title": project.title,
        "state": project.state,
        "languages": [language.code for language in project.languages],
        "mix": project.mix,
        "overlap": project.overlap,
        "reviews": project.reviews,
        "daily_cap": project.daily_cap,
        "total_cap": project.total_cap,
        "lanes": project.lanes,
        "release_unreviewed": project.release_unreviewed,
        "reannotate_contributions": project.reannotate_contributions,
    }
