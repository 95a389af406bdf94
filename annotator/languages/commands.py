"""`annotator languages` and `annotator ambassadors`."""

from datetime import UTC, datetime, time
from typing import Any

import click

from annotator.accounts import queries as accounts
from annotator.languages import actions, queries
from annotator.languages.models import AmbassadorTerm, Language
from annotator.languages.rules import UNCODED, variety_from
from annotator.permissions import OPERATOR
from annotator.web.commandline import report, session_scope

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("languages")
def group() -> None:
    """Language varieties: ISO 639-3, script, and a variety where one is needed."""


@group.command("list")
@click.option("--query", default="", help="Any name, code or script, without regard to case and accents.")
@_as_json
def list_languages(*, query: str, as_json: bool) -> None:
    """List the languages that are here."""
    with session_scope() as session:
        rows = [_facts(language) for language in queries.search(session, query)]
    if as_json:
        report(rows)
        return
    for row in rows:
        name = "" if row["name"] == row["english_name"] else f"  {row['name']}"
        click.echo(f"{row['code']}  {row['bcp47']}  {row['direction']}  {row['english_name']}{name}")
    if not rows:
        click.echo(f"No language is called “{query}” here." if query else "None yet: run `annotator languages sync`.")


@group.command("add")
@click.argument("english_name")
@click.option("--script", required=True, help="ISO 15924, such as Latn.")
@click.option(
    "--iso", "iso639_3", default=UNCODED, help="ISO 639-3, such as yor; left out for a language without a code."
)
@click.option("--variety", default=None, help="Short name of a variety: small letters and digits, such as ekiti.")
@click.option("--autonym", default=None, help="The name in the language itself.")
@_as_json
def add(
    *, english_name: str, script: str, iso639_3: str, variety: str | None, autonym: str | None, as_json: bool
) -> None:
    """Add the language called ENGLISH_NAME in English; without an ISO code its name becomes part of the code."""
    if iso639_3 == UNCODED and not variety:
        variety = variety_from(english_name)
    with session_scope(writes=True) as session:
        language = actions.add(
            session,
            actor=OPERATOR,
            iso639_3=iso639_3,
            script=script,
            variety=variety,
            english_name=english_name,
            autonym=autonym,
        )
        facts = _facts(language)
    if as_json:
        report(facts)
    else:
        click.echo(f"Added {facts['code']} ({facts['english_name']}, {facts['bcp47']}, {facts['direction']}).")


@group.command("sync")
@_as_json
def sync(*, as_json: bool) -> None:
    """Add the languages of the program's own table that are not here yet; edited names stay as they are."""
    with session_scope(writes=True) as session:
        added = [language.code for language in actions.sync(session, actor=OPERATOR)]
        total = len(queries.all_languages(session))
    if as_json:
        report({"added": added, "total": total})
    else:
        click.echo(f"Added {len(added)} languages; {total} are here.")


@group.command("protect")
@click.argument("code")
@click.option("--reason", required=True, help="Why; it stands in the audit log alone. Name nobody.")
@_as_json
def protect(*, code: str, reason: str, as_json: bool) -> None:
    """Shield the people of the language CODE: no names, no small numbers, no lookup, months only."""
    _protect(code, reason, as_json=as_json, protected=True)


@group.command("unprotect")
@click.argument("code")
@click.option("--reason", required=True, help="Why; it stands in the audit log alone. Name nobody.")
@_as_json
def unprotect(*, code: str, reason: str, as_json: bool) -> None:
    """End the shield of the language CODE."""
    _protect(code, reason, as_json=as_json, protected=False)


def _protect(code: str, reason: str, *, as_json: bool, protected: bool) -> None:
    with session_scope(writes=True) as session:
        language = queries.by_code(session, code)
        (actions.protect if protected else actions.unprotect)(session, actor=OPERATOR, language=language, reason=reason)
        english = language.english
    if as_json:
        report({"code": code, "protected": protected})
    else:
        click.echo(f"{english} ({code}) is {'protected' if protected else 'not protected any more'}.")


@click.group("ambassadors")
def ambassadors() -> None:
    """Appoint, retire and list the people who stand for a language, for a term."""


@ambassadors.command("appoint")
@click.argument("email")
@click.argument("language")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day of the term; a year from now if left out."
)
@_as_json
def appoint(*, email: str, language: str, until: datetime | None, as_json: bool) -> None:
    """Make the person with this EMAIL ambassador of LANGUAGE."""
    end = datetime.combine(until, time.max, tzinfo=UTC) if until else None
    with session_scope(writes=True) as session:
        term = actions.appoint(
            session,
            actor=OPERATOR,
            person=accounts.the_person(session, email),
            language=queries.resolve(session, language),
            until=end,
        )
        facts = _term(term)
    if as_json:
        report(facts)
    else:
        click.echo(f"{facts['handle']} is ambassador of {facts['english_name']} until {facts['until']}.")


@ambassadors.command("retire")
@click.argument("email")
@click.argument("language")
@_as_json
def retire(*, email: str, language: str, as_json: bool) -> None:
    """End the term of the person with this EMAIL in LANGUAGE now; their decisions stay."""
    with session_scope(writes=True) as session:
        term = actions.retire(
            session,
            actor=OPERATOR,
            person=accounts.the_person(session, email),
            language=queries.resolve(session, language),
        )
        facts = _term(term)
    if as_json:
        report(facts)
    else:
        click.echo(f"{facts['handle']} is no longer ambassador of {facts['english_name']}.")


@ambassadors.command("list")
@_as_json
def list_ambassadors(*, as_json: bool) -> None:
    """List the terms that stand now."""
    with session_scope() as session:
        rows = [_term(term) for term in queries.standing_terms(session)]
    if as_json:
        report(rows)
        return
    for row in rows:
        click.echo(f"{row['language']}  {row['handle']}  <{row['email']}>  until {row['until']}")
    if not rows:
        click.echo("Nobody yet: `annotator ambassadors appoint EMAIL LANGUAGE` appoints somebody.")


def _facts(language: Language) -> dict[str, Any]:
    return {
        "code": language.code,
        "bcp47": language.bcp47,
        "name": language.name,
        "autonym": language.autonym,
        "english_name": language.english,
        "script": language.script,
        "direction": language.direction,
    }


def _term(term: AmbassadorTerm) -> dict[str, Any]:
    """Return what is said of a term; ``until`` is its last day."""
    return {
        "language": term.language.code,
        "english_name": term.language.english,
        "handle": term.person.handle,
        "email": term.person.email,
        "from": term.starts_at.date().isoformat(),
        "until": term.ends_at.date().isoformat(),
    }
