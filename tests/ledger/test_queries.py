"""The chain holds, and every way of tampering with it shows, on both databases, also past the triggers."""

import hashlib

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.ledger import actions, queries, rules
from annotator.ledger.queries import Head

TABLES = ("ledger", "ledger_payloads", "ledger_keys")


def a_person(session: Session, name: str) -> Person:
    """Return somebody with an account."""
    person = Person(email=f"{name}@example.org", handle=name, stamp=name, created_at=clock.now())
    session.add(person)
    session.flush()
    return person


@pytest.fixture
def chain(session: Session) -> Session:
    """Return a session over a chain of six entries: about Yemi (1, 3, 5), Bola (2, 4) and nobody (6)."""
    yemi, bola = a_person(session, "yemi"), a_person(session, "bola")
    for number, person in enumerate([yemi, bola, yemi, bola, yemi, None], start=1):
        actions.append(
            session,
            type="consent.given",
            payload={"number": number, "word": "ẹ̀kọ́"},
            person_id=person.id if person else None,
            document_sha256="d" * 64,
        )
    session.flush()
    return session


def tamper(session: Session, statement: str, **values: object) -> None:
    """Run a statement as somebody with the database's password would: past triggers and foreign keys."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("set local session_replication_role = replica"))
        session.execute(text(statement), values)
        session.execute(text("set local session_replication_role = origin"))
        return
    session.execute(text("pragma defer_foreign_keys = on"))
    triggers = session.execute(
        text("select name from sqlite_master where type = 'trigger' and tbl_name like 'ledger%'")
    )
    for name in triggers.scalars().all():
        session.execute(text(f'drop trigger "{name}"'))
    session.execute(text(statement), values)


def verdict(session: Session, **arguments: object) -> tuple[int | None, str | None]:
    """Return where the chain breaks and why."""
    found = queries.verify(session, **arguments)  # type: ignore[arg-type]  # the arguments of verify
    return found.broken_at, found.reason


def test_an_empty_chain_holds(session: Session) -> None:
    assert queries.head(session) == Head(0, "0" * 64)
    assert queries.verify(session) == queries.Verdict(0, 0, Head(0, "0" * 64))


def test_an_untouched_chain_holds_up_to_its_head(chain: Session) -> None:
    found = queries.verify(chain)
    assert (found.entries, found.erased, found.broken_at, found.reason) == (6, 0, None, None)
    assert found.head == queries.head(chain)
    assert found.head.seq == 6


def test_entries_follow_each_other_from_the_genesis(chain: Session) -> None:
    rows = chain.execute(text("select seq, prev, hash from ledger order by seq")).all()
    assert [row.seq for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [row.prev for row in rows] == ["0" * 64, *(row.hash for row in rows[:-1])]


def test_the_chain_names_nobody(chain: Session) -> None:
    references = chain.execute(text("select subject_ref from ledger where subject_ref is not null")).scalars().all()
    assert len(set(references)) == 5, "a pseudonym of one entry appears in no other"
    rows = chain.execute(text("select * from ledger")).all()
    assert not any("yemi" in str(value) for row in rows for value in row)


def test_an_erased_payload_leaves_the_chain_whole(chain: Session) -> None:
    tamper(chain, "delete from ledger_payloads where seq in (1, 3, 5)")
    tamper(chain, "delete from ledger_keys where person_id = (select id from people where handle = 'yemi')")
    found = queries.verify(chain)
    assert (found.entries, found.erased, found.broken_at) == (6, 3, None)


@pytest.mark.parametrize(
    "statement", ["update ledger set type = 'x' where seq = 2", "delete from ledger where seq = 6"]
)
def test_the_database_itself_refuses_to_change_an_entry(chain: Session, statement: str) -> None:
    with pytest.raises(DBAPIError):
        chain.execute(text(statement))


@pytest.mark.parametrize("seq", [1, 3, 6])
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("time", "2020-01-01T00:00:00+00:00"),
        ("type", "consent.changed"),
        ("subject_ref", "e" * 64),
        ("document_sha256", None),
        ("commitment", "e" * 64),
        ("hash", "e" * 64),
    ],
)
def test_a_changed_field_is_found(chain: Session, seq: int, column: str, value: str | None) -> None:
    tamper(chain, f"update ledger set {column} = :value where seq = :seq", value=value, seq=seq)  # noqa: S608  # a column of the list above
    assert verdict(chain) == (seq, "hash")


def test_a_changed_link_is_found(chain: Session) -> None:
    tamper(chain, "update ledger set prev = :value where seq = 4", value="e" * 64)
    assert verdict(chain) == (4, "link")


def test_a_changed_entry_with_its_hash_computed_anew_is_found_at_the_next(chain: Session) -> None:
    entry = dict(chain.execute(text("select * from ledger where seq = 3")).mappings().one())
    entry["type"] = "consent.refused"
    tamper(chain, "update ledger set type = :type, hash = :hash where seq = 3", type=entry["type"],
           hash=rules.entry_hash(entry))  # fmt: skip
    assert verdict(chain) == (4, "link")


@pytest.mark.parametrize("seq", [1, 4])
def test_a_missing_entry_is_found(chain: Session, seq: int) -> None:
    tamper(chain, "delete from ledger_payloads where seq = :seq", seq=seq)
    tamper(chain, "delete from ledger where seq = :seq", seq=seq)
    assert verdict(chain) == (seq, "missing")


def test_two_entries_in_exchange_are_found(chain: Session) -> None:
    for old, new in ((2, 102), (3, 2), (102, 3)):
        tamper(chain, "update ledger set seq = :new where seq = :old", old=old, new=new)
    assert verdict(chain) == (2, "link")


def test_a_changed_payload_is_found(chain: Session) -> None:
    tamper(chain, """update ledger_payloads set payload = '{"number": 9, "word": "no"}' where seq = 4""")
    assert verdict(chain) == (4, "payload")


def test_a_changed_salt_is_found(chain: Session) -> None:
    tamper(chain, "update ledger_payloads set salt = :salt where seq = 5", salt=b"0" * 16)
    assert verdict(chain) == (5, "payload")


def test_a_payload_that_is_no_object_is_found_and_does_not_break_the_check(chain: Session) -> None:
    tamper(chain, "update ledger_payloads set payload = '[1]' where seq = 2")
    assert verdict(chain) == (2, "payload")


def test_an_entry_given_to_another_person_is_found(chain: Session) -> None:
    tamper(chain, "update ledger_payloads set person_id = (select id from people where handle = 'bola') where seq = 3")
    assert verdict(chain) == (3, "subject")


def test_an_entry_taken_from_its_person_is_found(chain: Session) -> None:
    tamper(chain, "update ledger_payloads set person_id = null where seq = 3")
    assert verdict(chain) == (3, "subject")


def test_a_changed_key_is_found(chain: Session) -> None:
    tamper(chain, "update ledger_keys set key = :key where person_id = (select id from people where handle = 'bola')",
           key=b"1" * 32)  # fmt: skip
    assert verdict(chain) == (2, "subject")


def test_what_the_session_remembers_does_not_hide_a_change(chain: Session) -> None:
    assert verdict(chain) == (None, None)
    tamper(chain, "update ledger set type = 'x' where seq = 2")
    assert verdict(chain) == (2, "hash")


def write_anew(session: Session, first: int) -> None:
    """Forge the chain from an entry on, every hash computed anew."""
    rows = session.execute(text("select * from ledger where seq >= :first order by seq"), {"first": first}).mappings()
    prev = None
    for row in [dict(row) for row in rows]:
        entry = {**row, "prev": prev or row["prev"], "time": "2020-01-01T00:00:00+00:00"}
        entry["hash"] = prev = rules.entry_hash(entry)
        tamper(session, "update ledger set prev = :prev, time = :time, hash = :hash where seq = :seq",
               **{name: entry[name] for name in ("prev", "time", "hash", "seq")})  # fmt: skip


def test_a_chain_written_anew_holds_in_itself_and_is_found_by_a_known_head(chain: Session) -> None:
    noted = queries.head(chain)
    write_anew(chain, 4)
    assert verdict(chain) == (None, None)
    assert verdict(chain, known=[noted]) == (6, "head")


def test_a_chain_cut_at_its_end_is_found_by_a_known_head(chain: Session) -> None:
    noted = queries.head(chain)
    tamper(chain, "delete from ledger_payloads where seq > 4")
    tamper(chain, "delete from ledger where seq > 4")
    assert verdict(chain) == (None, None)
    assert verdict(chain, known=[noted]) == (5, "missing")


def test_known_heads_of_an_untouched_chain_hold(chain: Session) -> None:
    heads = [Head(row.seq, row.hash) for row in chain.execute(text("select seq, hash from ledger"))]
    assert verdict(chain, known=[*heads, Head(0, rules.GENESIS)]) == (None, None)


def test_the_commitment_can_be_opened_by_whoever_has_salt_and_payload(chain: Session) -> None:
    salt = chain.execute(text("select salt from ledger_payloads where seq = 1")).scalar_one()
    commitment = chain.execute(text("select commitment from ledger where seq = 1")).scalar_one()
    opened = hashlib.sha256(bytes(salt) + '{"number":1,"word":"ẹ̀kọ́"}'.encode()).hexdigest()
    assert opened == commitment


def statements(session: Session) -> list[str]:
    """Return the list into which every statement of the session goes from now on."""
    said: list[str] = []

    @event.listens_for(session.connection(), "before_cursor_execute")
    def _note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    return said


def test_the_ledger_is_the_last_that_a_transaction_waits_for(session: Session) -> None:
    """What a transaction has changed is written before it takes the ledger: else two would wait for each other."""
    yemi = a_person(session, "yemi")
    said = statements(session)
    yemi.handle = "another"
    actions.append(session, type="consent.given", payload={}, person_id=yemi.id)
    changed = next(place for place, one in enumerate(said) if one.startswith("UPDATE people"))
    asked = next(place for place, one in enumerate(said) if "advisory" in one or "FROM ledger" in one)
    assert changed < asked
