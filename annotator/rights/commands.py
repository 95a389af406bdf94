"""`annotator rights`: the ledger, and taking back on a person's request."""

import re
from datetime import datetime
from typing import Any

import click
from sqlalchemy import select

from annotator import clock, storage
from annotator.accounts import queries as accounts
from annotator.annotations import queries as annotations
from annotator.languages import queries as languages
from annotator.ledger import queries as ledger
from annotator.permissions import OPERATOR
from annotator.releases.actions import JOURNAL
from annotator.releases.models import Release
from annotator.rights import actions, holds, jobs, queries, rules
from annotator.rights.leaving.jobs import leave_due
from annotator.rights.mending import mails as mending
from annotator.rights.mydata.commands import export
from annotator.rights.requests.commands import listing, purge_minor
from annotator.settings import load
from annotator.web.commandline import engine_scope, refuse, report, session_scope


@click.group("rights")
def group() -> None:
    """Rights of contributors: the ledger and withdrawals."""


for _command in (export, listing, purge_minor):
    group.add_command(_command)


class NotedHead(click.ParamType[ledger.Head]):
    """A head as releases, receipts and the feed publish it: its number, a colon, and 64 hexadecimal digits."""

    name = "SEQ:HASH"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ledger.Head:  # noqa: ANN401  # click's signature
        """Read it, or end with what is wrong."""
        if isinstance(value, ledger.Head):
            return value
        found = re.fullmatch(r"([1-9][0-9]{0,17}):([0-9a-f]{64})", str(value))
        if found is None:
            self.fail("write a number, a colon and 64 hexadecimal digits", param, ctx)
        return ledger.Head(int(found[1]), found[2])


@group.command("verify-ledger")
@click.option(
    "--head",
    "noted",
    type=NotedHead(),
    multiple=True,
    help="A head or receipt that somebody noted elsewhere; the chain must pass through it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify_ledger(*, noted: tuple[ledger.Head, ...], as_json: bool) -> None:
    """Check the whole chain and name the first entry that does not hold; what was erased is counted and no fault."""
    with session_scope() as session:
        # A chain cut or rewritten at its end is only found by heads noted elsewhere: every release has one, the journal
        # lies where whoever rewrites the database need not reach, and people keep receipts.
        known = [
            ledger.Head(seq, head) for seq, head in session.execute(select(Release.ledger_seq, Release.ledger_head))
        ]
        journal = storage.lines(load().journal / JOURNAL)
        known += [ledger.Head(line["ledger"]["seq"], line["ledger"]["head"]) for line in journal if "ledger" in line]
        known += noted
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
            policy=load().rights,
        )
        mending.tell(session, load().public_url)
        facts = {"withdrawal": withdrawal.public_id, "texts": withdrawal.n_texts, "ledger_seq": withdrawal.ledger_seq}
    if as_json:
        report(facts)
    else:
        click.echo(
            f"Taken back: {facts['texts']} texts. Request {facts['withdrawal']}, ledger entry {facts['ledger_seq']}."
        )


@group.command("due")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def due(*, as_json: bool) -> None:
    """List withdrawals that are not finished: number, state, texts, and the day by which all is done."""
    with session_scope() as session:
        now = clock.now()
        waiting = [
            {
                "withdrawal": one.public_id,
                "state": one.state,
                "texts": one.n_texts,
                "undo_until": one.undo_until.isoformat(),
                "due": (one.extended_until or one.due_at).isoformat(),
                "overdue": rules.is_overdue(one, now),
            }
            for one in queries.unfinished(session)
        ]
    if as_json:
        report({"withdrawals": waiting})
        return
    for row in waiting:
        late = "  LATE" if row["overdue"] else ""
        click.echo(f"{row['withdrawal']}  {row['state']:9}  {row['texts']:>6} texts  due {row['due']}{late}")
    if not waiting:
        click.echo("Nothing waits: every withdrawal is finished.")


@group.command("run")
def run() -> None:
    """Carry out now what the worker does every minute: who has left, feed, erasing, releases, retired versions."""
    with engine_scope() as engine:
        leave_due(engine, load())
        jobs.run_due(engine, load())
        late = jobs.overdue(engine)
    if late:
        refuse(
            f"{late} withdrawals are past the day that was promised: look at `annotator rights due`, and at the log."
        )
    click.echo("Done: nothing is overdue.")


@group.command("undo")
@click.argument("withdrawal")
def undo(withdrawal: str) -> None:
    """Put back what WITHDRAWAL hid, while it can be undone."""
    with session_scope(writes=True) as session:
        actions.undo(session, actor=OPERATOR, withdrawal=queries.by_public_id(session, withdrawal))
    click.echo("Undone: the texts are back as they were.")


@group.command("extend")
@click.argument("withdrawal")
@click.option("--reason", required=True, help="Why it takes longer; the person who asked reads it.")
def extend(withdrawal: str, reason: str) -> None:
    """Promise a later day for WITHDRAWAL, once."""
    with session_scope(writes=True) as session:
        found = queries.by_public_id(session, withdrawal)
        actions.extend(session, actor=OPERATOR, withdrawal=found, reason=reason, policy=load().rights)
        until = found.extended_until
    click.echo(f"Extended until {until:%Y-%m-%d}.")


@group.command("hold")
@click.argument("withdrawal")
@click.option("--authority", required=True, help="Who ordered it, such as a court with the number of its order.")
@click.option("--reason", required=True, help="Why.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The last day.")
def hold(withdrawal: str, authority: str, reason: str, until: datetime) -> None:
    """Ask that erasing WITHDRAWAL waits; a maintainer confirms it on the page of the queue."""
    with session_scope(writes=True) as session:
        made = holds.ask(
            session,
            actor=OPERATOR,
            withdrawal=queries.by_public_id(session, withdrawal),
            authority=authority,
            reason=reason,
            until=holds.end_of(until.date()),
            policy=load().rights,
        )
        facts = made.public_id
    click.echo(f"Asked for: hold {facts}. It stands once a maintainer confirms it on the page of the queue.")
