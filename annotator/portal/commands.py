"""`annotator people`: add somebody, make a token for somebody's scripts, list everybody."""

import secrets
from typing import Any

import click
from sqlalchemy.orm import Session

from annotator.accounts import actions as accounts
from annotator.accounts import queries, tokens
from annotator.accounts.models import Person
from annotator.languages import actions as language_actions
from annotator.languages import queries as languages
from annotator.languages.rules import LEVELS
from annotator.permissions import OPERATOR, Scope
from annotator.rights.leaving import actions as leaving
from annotator.rights.mending import mails as mending
from annotator.settings import load
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


@group.command("token")
@click.argument("email")
@click.option("--name", default="command line", show_default=True, help="What the token is for.")
@click.option(
    "--scopes",
    default=",".join(Scope),
    show_default=True,
    help="What it may be used for; never more than the person may.",
)
@click.option(
    "--days",
    default=tokens.DAYS,
    show_default=True,
    type=click.IntRange(0, tokens.MOST_DAYS),
    help="How long it lasts; 0: until it is revoked.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def token(*, email: str, name: str, scopes: str, days: int, as_json: bool) -> None:
    """Make a token with which a script acts as EMAIL, and print it: nobody can read it again."""
    with session_scope(writes=True) as session:
        person = queries.the_person(session, email)
        made, secret = tokens.make(
            session, actor=OPERATOR, person=person, name=name, scopes=_split(scopes), days=days or None
        )
        facts = {
            "token": secret, "email": person.email, "name": made.name, "scopes": made.scopes,
            "expires_at": made.expires_at.isoformat() if made.expires_at else None,
        }  # fmt: skip
    if as_json:
        report(facts)
    else:
        click.echo(secret)


@group.command("leave")
@click.argument("email")
@click.option(
    "--manner", type=click.Choice(leaving.MANNERS), help="What becomes of the texts; needed where there are any."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def leave(*, email: str, manner: str | None, as_json: bool) -> None:
    """Let EMAIL leave, as they asked: take their texts along, or leave them here unnamed or named.

    They can undo it by signing in; then the worker erases what is known about them. Give them the claim code.
    """
    with session_scope(writes=True) as session:
        person = queries.the_person(session, email)
        asked = leaving.ask(session, actor=OPERATOR, person=person, manner=manner, policy=load().rights)
        mending.tell(session, load().public_url)
        facts = {
            "departure": asked.departure.public_id, "manner": asked.departure.manner,
            "undo_until": asked.departure.undo_until.isoformat(), "claim_code": asked.code,
        }  # fmt: skip
    if as_json:
        report(facts)
        return
    click.echo(f"{email} is leaving ({facts['manner']}) and can undo it until {facts['undo_until']}.")
    if asked.code:
        click.echo(f"Claim code of the texts that stay, shown only now: {asked.code}")


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
