"""`annotator init`: everything a new installation needs, and nothing twice."""

import secrets
from pathlib import Path

import click
from sqlalchemy.orm import Session

from annotator import migrate
from annotator.accounts import actions as accounts
from annotator.accounts import queries
from annotator.consent import actions as consent
from annotator.languages import actions as languages
from annotator.permissions import OPERATOR
from annotator.prompts import actions as prompts
from annotator.settings import load
from annotator.web.commandline import engine_scope, refuse, report, session_scope

SETTINGS_FILE = Path("annotator.toml")


@click.command("init")
@click.option("--admin", metavar="EMAIL", help="Make this person a maintainer; an account is made if there is none.")
@click.option("--name", "handle", help="The handle of a new account; else what stands before the @.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def init(*, admin: str | None, handle: str | None, as_json: bool) -> None:
    """Make the secret key, the database, languages, documents, templates and the first maintainer.

    Safe to run again: what is there stays as it is, what a newer program brings along is added.
    """
    key_made = not load().secret_key
    if key_made:
        _write_secret_key()
    with engine_scope() as engine:
        before = migrate.current(engine)
        if before is not None and before > migrate.newest():
            refuse(str(migrate.what_is_wrong(engine)))
        migrate.upgrade(engine)
    with session_scope(writes=True) as session:
        facts: dict[str, object] = {
            "secret_key": "made" if key_made else "kept",
            "schema": {"before": before, "now": migrate.newest()},
            "languages_added": len(languages.sync(session, actor=OPERATOR)),
            "documents_adopted": len(consent.load_seed_documents(session, OPERATOR)),
            "templates_added": len(prompts.sync_templates(session, actor=OPERATOR)),
            "maintainer": _maintainer(session, admin, handle) if admin else None,
        }
    if as_json:
        report(facts)
    else:
        _say(facts)


def _write_secret_key() -> None:
    """Put a new key first in annotator.toml: what stands below a TOML table would belong to that table."""
    before = SETTINGS_FILE.read_text(encoding="utf-8") if SETTINGS_FILE.exists() else ""
    SETTINGS_FILE.touch(mode=0o600)
    lines = [line for line in before.splitlines() if not line.strip().startswith("secret_key")]
    key = f'secret_key = "{secrets.token_urlsafe(32)}"  # signs sessions and links: keep it to yourself'
    SETTINGS_FILE.write_text("\n".join([key, *lines, ""]), encoding="utf-8")


def _maintainer(session: Session, email: str, handle: str | None) -> dict[str, object]:
    """Make the person a maintainer, with an account and a password if there is none."""
    person, password = queries.by_email(session, email), None
    if person is None:
        password = secrets.token_urlsafe(12)
        person = accounts.add(
            session, actor=OPERATOR, email=email, handle=handle or email.partition("@")[0], password=password
        )
    was = queries.is_maintainer(session, person.id)
    accounts.grant_role(session, actor=OPERATOR, person=person, role="maintainer")
    return {"email": person.email, "handle": person.handle, "password": password, "was_maintainer": was}


def _say(facts: dict[str, object]) -> None:
    if facts["secret_key"] == "made":  # noqa: S105  # a word about the key, not a key
        click.echo("Made a secret key in annotator.toml; only this account can read the file.")
    schema = facts["schema"]
    assert isinstance(schema, dict)  # noqa: S101  # made above
    came = "already" if schema["before"] == schema["now"] else "made or upgraded"
    click.echo(f"Database: version {schema['now']}, {came}.")
    click.echo(
        f"Added: {facts['languages_added']} languages, {facts['documents_adopted']} documents, "
        f"{facts['templates_added']} templates."
    )
    maintainer = facts["maintainer"]
    if isinstance(maintainer, dict):
        already = " already" if maintainer["was_maintainer"] else ""
        click.echo(f"{maintainer['handle']} <{maintainer['email']}> is a maintainer{already}.")
        if maintainer["password"]:
            click.echo(f"Password, shown only now: {maintainer['password']}")
    click.echo("Next: `annotator check` says what is missing, `annotator serve` starts.")
