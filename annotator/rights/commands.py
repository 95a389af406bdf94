"""`annotator rights`: the ledger, and taking back on a person's request."""

import click
from sqlalchemy import select

from annotator import storage
from annotator.accounts import queries as accounts
from annotator.annotations import queries as annotations
from annotator.languages import queries as languages
from annotator.ledger import queries as ledger
from annotator.permissions import OPERATOR
from annotator.releases.actions import JOURNAL
from annotator.releases.models import Release
from annotator.rights import actions
from annotator.settings import load
from annotator.web.commandline import refuse, report, session_scope


@click.group("rights")
def group() -> None:
    """Rights of contributors: the ledger and withdrawals."""


@group.command("verify-ledger")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify_ledger(*, as_json: bool) -> None:
    """Check the whole chain and name the first entry that does not hold."""
    with session_scope() as session:
        # A chain cut or rewritten at its end is only found by heads noted elsewhere: every release has one, and the
        # journal, which comes last and so counts, lies where whoever rewrites the database need not reach.
        known = [
            ledger.Head(seq, head) for seq, head in session.execute(select(Release.ledger_seq, Release.ledger_head))
        ]
        journal = storage.lines(load().journal / JOURNAL)
        known += [ledger.Head(line["ledger"]["seq"], line["ledger"]["head"]) for line in journal if "ledger" in line]
        verdict = ledger.verify(session, known=known)
    facts = {
        "ok": verdict.broken_at is None,
        "entries": verdict.entries,
        "erased": verdict.erased,
        "head": verdict.head.hash,
        "broken_at": verdict.broken_at,
        "reason": verdict.reason,
    }
    if as_json:
        report(facts)
    if verdict.broken_at is not None:
        refuse(
            f"Ledger entry {verdict.broken_at} does not hold ({verdict.reason}): restore the database from a backup."
        )
    if not as_json:
        click.echo(f"The ledger holds: {verdict.entries} entries, {verdict.erased} erased, head {verdict.head.hash}.")


@group.command("withdraw")
@click.argument("email")
@click.option("--language", "code", help="Only texts in this language, such as yor_Latn.")
@click.option("--annotation", "public_id", help="Only this text.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def withdraw(email: str, code: str | None, public_id: str | None, *, as_json: bool) -> None:
    """Take back what EMAIL wrote: one text, a language, or everything."""
    if code and public_id:
        message = "Give --language or --annotation, not both."
        raise click.UsageError(message)
    with session_scope(writes=True) as session:
        person = accounts.the_person(session, email)
        withdrawal = actions.withdraw(
            session,
            actor=OPERATOR,
            person=person,
            annotation=annotations.by_public_id(session, public_id) if public_id else None,
            language=languages.by_code(session, code) if code else None,
        )
        facts = {"withdrawal": withdrawal.public_id, "texts": withdrawal.n_texts, "ledger_seq": withdrawal.ledger_seq}
    if as_json:
        report(facts)
    else:
        click.echo(
            f"Taken back: {facts['texts']} texts. Request {facts['withdrawal']}, ledger entry {facts['ledger_seq']}."
        )
