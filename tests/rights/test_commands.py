"""`annotator rights`."""

import json
from collections.abc import Callable

import pytest
from click.testing import Result
from sqlalchemy import text
from sqlalchemy.orm import Session

from annotator import storage
from annotator.ledger import queries
from annotator.settings import Settings
from tests.stories import a_contributor, a_world

Run = Callable[..., Result]


def test_withdraw_everything_of_a_person(runner: Run, session: Session) -> None:
    world = a_world(session)
    author = a_contributor(session, world.language)
    annotation = world.writes(author)
    result = runner("rights", "withdraw", author.email, "--json")
    assert json.loads(result.stdout)["texts"] == 1
    session.refresh(annotation)
    assert annotation.state == "withdrawn"
    again = runner("rights", "withdraw", author.email, code=1)
    assert "nothing left" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nobody@example.org"], "nobody@example.org"),
        (["{email}", "--language", "xxx_Xxxx"], "xxx_Xxxx"),
        (["{email}", "--annotation", "no-such-id"], "no such text"),
    ],
)
def test_what_is_not_there_is_named(runner: Run, session: Session, arguments: list[str], words: str) -> None:
    author = a_contributor(session, a_world(session).language)
    result = runner("rights", "withdraw", *[a.format(email=author.email) for a in arguments], code=1)
    assert words in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_both_scopes_are_a_wrong_use(runner: Run, session: Session) -> None:
    author = a_contributor(session, a_world(session).language)
    runner("rights", "withdraw", author.email, "--language", "yor_Latn", "--annotation", "x", code=2)


def test_verify_ledger(runner: Run, session: Session) -> None:
    a_contributor(session, a_world(session).language)
    assert "The ledger holds" in runner("rights", "verify-ledger").stdout
    facts = json.loads(runner("rights", "verify-ledger", "--json").stdout)
    assert facts["ok"]
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("set local session_replication_role = replica"))
    else:
        for (name,) in session.execute(text("select name from sqlite_master where type='trigger'")).all():
            session.execute(text(f'drop trigger "{name}"'))
    session.execute(text("update ledger set type = 'other' where seq = 2"))
    session.commit()
    broken = runner("rights", "verify-ledger", code=1)
    assert "entry 2" in broken.stderr


def test_a_receipt_that_somebody_kept_is_held_against_the_chain(runner: Run, session: Session) -> None:
    a_contributor(session, a_world(session).language)
    head = queries.head(session)
    assert "The ledger holds" in runner("rights", "verify-ledger", "--head", f"{head.seq}:{head.hash}").stdout
    for noted, entry in ((f"{head.seq}:{'a' * 64}", head.seq), (f"{head.seq + 5}:{'a' * 64}", head.seq + 1)):
        assert f"entry {entry} " in runner("rights", "verify-ledger", "--head", noted, code=1).stderr
    runner("rights", "verify-ledger", "--head", "soon", code=2)


def test_a_chain_without_an_entry_that_the_journal_knows_is_refused(
    runner: Run, settings: Settings, session: Session
) -> None:
    a_contributor(session, a_world(session).language)
    runner("rights", "verify-ledger")
    head = queries.head(session)
    line = {"kind": "release", "project": "p", "version": "1.0.0", "ledger": {"seq": head.seq + 1, "head": "a" * 64}}
    storage.append_line(settings.journal / "ledger-heads.jsonl", line)
    assert f"entry {head.seq + 1}" in runner("rights", "verify-ledger", code=1).stderr
