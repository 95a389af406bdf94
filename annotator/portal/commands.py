"""`annotator people`: add somebody, list everybody."""

import secrets
from typing import Any

import click
from sqlalchemy.orm import Session

from annotator.accounts import actions as accounts
from annotator.accounts import queries
from annotator.accounts.models import Person
from annotator.languages import actions as language_actions
from annotator.languages import queries as languages
from annotator.languages.rules import LEVELS
from annotator.permissions import OPERATOR
from annotator.web.commandline import report, session_scope


@click.group("people")
def group() -> None:
    """People with an account."""


@group.command("add")
@click.argument("email")
@click.option("--name", "handle", required=True, help="The handle that others see.")
@click.option("--languages", "codes", default="", help="What they write, such as yor_Latn,arb_Arab.")
@click.option("--reviews", "reviewed", default="", help="What they review, such as yor_Latn.")
@click.option(
    "--level", type=click.Choice(LEVELS), default="native", show_default=True, help="How well they know them."
)
@click.option("--role", "roles", multiple=True, help="A role of the whole platform: maintainer.")
@click.option("--password", "with_password", is_flag=True, help="Make a password and print it once.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def add(
    *,
    email: str,
    handle: str,
    codes: str,
    reviewed: str,
    level: str,
    roles: tuple[str, ...],
    with_password: bool,
    as_json: bool,
) -> None:
    """Add EMAIL, whose address counts as confirmed; without a password they sign in by a link in a letter."""
    password = secrets.token_urlsafe(12) if with_password else None
    with session_scope(writes=True) as session:
        person = accounts.add(session, actor=OPERATOR, email=email, handle=handle, password=password)
        writes, reviews = _split(codes), _split(reviewed)
        for code in dict.fromkeys([*writes, *reviews]):
            language_actions.set_speaker(
                session,
                actor=OPERATOR,
                person=person,
                language=languages.resolve(session, code),
                reads=True,
                writes=code in writes,
                reviews=code in reviews,
                level=level,
            )
        for role in roles:
            accounts.grant_role(session, actor=OPERATOR, person=person, role=role)
        facts = _facts(session, person)
    if as_json:
        report({**facts, "password": password})
        return
    click.echo(f"Added {facts['handle']} <{facts['email']}>.")
    if password:
        click.echo(f"Password, shown only now: {password}")


@group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
def list_people(*, as_json: bool) -> None:
    """List everybody with their languages and roles."""
    with session_scope() as session:
        rows = [_facts(session, person) for person in queries.everybody(session)]
    if as_json:
        report(rows)
        return
    for row in rows:
        extra = ", ".join([*row["roles"], *row["languages"]])
        click.echo(f"{row['handle']}  <{row['email']}>{'  ' + extra if extra else ''}")
    if not rows:
        click.echo("Nobody yet: `annotator people add EMAIL --name HANDLE` adds somebody.")


def _split(codes: str) -> list[str]:
    return [code.strip() for code in codes.split(",") if code.strip()]


def _facts(session: Session, person: Person) -> dict[str, Any]:
    """Return what the lists say of a person."""
    roles = ["maintainer"] if queries.is_maintainer(session, person.id) else []
    terms = [f"ambassador of {term.language.code}" for term in languages.standing_terms(session, person=person)]
    return {
        "handle": person.handle,
        "email": person.email,
        "confirmed": person.email_confirmed_at is not None,
        "roles": roles + terms,
        "languages": [speaker.language.code for speaker in languages.spoken_by(session, person.id)],
    }
