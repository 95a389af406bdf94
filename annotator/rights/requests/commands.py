"""`annotator rights requests`, and `annotator rights purge-minor`."""

import click

from annotator import clock
from annotator.accounts import queries as accounts
from annotator.permissions import OPERATOR
from annotator.rights.mending import mails as mending
from annotator.rights.requests import minors, queries, rules
from annotator.settings import load
from annotator.web.commandline import report, session_scope


@click.command("requests")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def listing(*, as_json: bool) -> None:
    """List the requests that wait for a decision, overdue first; without what was written in them."""
    with session_scope() as session:
        now = clock.now()
        rows = [
            {
                "request": one.public_id,
                "kind": one.kind,
                "due": rules.promised(one).isoformat(),
                "overdue": rules.is_overdue(one, now),
                "appeal": one.appealed_at is not None,
            }
            for one in queries.open_ones(session, now)
        ]
    if as_json:
        report({"requests": rows})
        return
    for row in rows:
        late = "  LATE" if row["overdue"] else ""
        click.echo(f"{row['request']}  {row['kind']:10}  due {row['due']}{late}")
    if not rows:
        click.echo("Nothing waits: every request is answered.")


@click.command("purge-minor")
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask whether this is meant: it cannot be undone.")
def purge_minor(email: str, *, yes: bool) -> None:
    """Take out everything of the person with this EMAIL, who is under 18, and their account, for ever."""
    if not yes:
        click.confirm(f"Everything of {email} goes, and it cannot be undone. Go on?", abort=True)
    with session_scope(writes=True) as session:
        person = accounts.the_person(session, email)
        made = minors.purge(session, actor=OPERATOR, person=person, policy=load().rights)
        mending.tell(session, load().public_url)
        texts = made.n_texts if made is not None else 0
    click.echo(f"Taken out: {texts} texts and the account. `annotator rights run` erases them now, or the worker does.")
