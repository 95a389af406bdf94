"""The reference: the least that a claim and a submission can be, straight against the same database server.

For each cycle two transactions: claim (`update … where id = (select … for update skip locked limit 1) returning`), and
insert with the mark of the claimed row. PostgreSQL through psycopg, with synchronous_commit on; SQLite through
sqlite3, in WAL with synchronous=FULL. 32 connections, one thread each, in two processes.

This file run as a script, with SECONDS, is one of the processes: it reads where the database is from its standard input
(a command line is for everybody to see, and there may be a password in it), and prints how many cycles it did.
"""

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from subprocess import PIPE

import psycopg

PROCESSES, CONNECTIONS = 2, 32
SECONDS, WARM_UP = 5.0, 1.0
FEWEST_ROWS = 100_000  # so that a small pool is not drained either
TEXT = "x" * 150  # of the length of a short answer

FORGET = ("drop table if exists raw_answers", "drop table if exists raw_items")
TABLES = (
    "create table raw_items (id bigint primary key, claimed_at bigint, body text not null)",
    "create table raw_answers (id {serial} primary key, item_id bigint not null, body text not null)",
    "insert into raw_items (id, body) select n, '{text}' from {numbers}",
    "create index raw_items_free on raw_items (id) where claimed_at is null",
)
CLAIM = """
    update raw_items set claimed_at = {mark}
    where id = (select id from raw_items where claimed_at is null order by id {lock} limit 1)
    returning id
"""
INSERT = "insert into raw_answers (item_id, body) values ({mark}, {mark})"

ON_POSTGRES = {
    "serial": "bigint generated always as identity",
    "numbers": "generate_series(1, {rows}) as n",
    "lock": "for update skip locked",
    "mark": "%s",
    "settle": "vacuum (analyze) raw_items",
}
ON_SQLITE = {
    "serial": "integer",
    "numbers": "(with recursive c(n) as (select 1 union all select n + 1 from c where n < {rows}) select n from c)",
    "lock": "",
    "mark": "?",
    "settle": "pragma wal_checkpoint(truncate)",
}


class Drained(Exception):
    """No row was left to claim: the figure would say nothing."""


def prepare(dsn: str, *, rows: int) -> None:
    """Make the reference's two tables anew, with as many rows as the pool of prompts has (at least 100,000)."""
    words = ON_POSTGRES if is_postgres(dsn) else ON_SQLITE
    facts = {**words, "numbers": words["numbers"].format(rows=max(rows, FEWEST_ROWS)), "text": TEXT}
    _do(dsn, *FORGET, *(table.format(**facts) for table in TABLES), words["settle"])


def _do(dsn: str, *statements: str) -> None:
    if is_postgres(dsn):
        with psycopg.connect(dsn, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())
    else:
        with closing(sqlite3.connect(dsn, isolation_level=None)) as lite:
            for statement in statements:
                lite.execute(statement)


def measure(dsn: str, *, rows: int, seconds: float = SECONDS) -> float:
    """Return how many cycles a second the server does, with nothing but the reference running.

    Raises Drained when the rows did not last.
    """
    prepare(dsn, rows=rows)
    command = [sys.executable, "-P", __file__, str(seconds)]
    with ExitStack() as stack:
        running = [
            stack.enter_context(subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True))  # noqa: S603  # our own
            for _ in range(PROCESSES)
        ]
        for one in running:  # all begin before the first is waited for
            print(dsn, end="", file=one.stdin)
            if one.stdin is not None:
                one.stdin.close()
        printed = [one.stdout.read() for one in running if one.stdout is not None]
    _do(dsn, *FORGET)  # nobody should clear up behind these while something else is measured
    if any(one.returncode for one in running):
        raise Drained
    return sum(map(int, printed)) / seconds


def is_postgres(dsn: str) -> bool:
    """Say whether psycopg opens this; else sqlite3 does."""
    return dsn.startswith("postgresql://")


def count(cycle: Callable[[], object], begin: float, end: float) -> int:
    """Do cycles until ``end``, and return how many ended from ``begin`` on (both moments of ``time.monotonic``)."""
    done = 0
    while time.monotonic() < end:
        cycle()
        done += begin <= time.monotonic() < end
    return done


def on_postgres(dsn: str, begin: float, end: float) -> int:
    """Be one connection to PostgreSQL; return how many cycles it did."""
    claim, insert = CLAIM.format(**ON_POSTGRES).encode(), INSERT.format(**ON_POSTGRES).encode()
    with psycopg.connect(dsn, options="-c synchronous_commit=on") as connection:

        def cycle() -> None:
            claimed = connection.execute(claim, [1]).fetchone()
            connection.commit()
            if claimed is None:
                raise Drained
            connection.execute(insert, [claimed[0], TEXT])
            connection.commit()

        return count(cycle, begin, end)


def on_sqlite(dsn: str, begin: float, end: float) -> int:
    """Be one connection to SQLite; return how many cycles it did."""
    claim, insert = CLAIM.format(**ON_SQLITE), INSERT.format(**ON_SQLITE)
    with closing(sqlite3.connect(dsn, timeout=60, isolation_level=None)) as connection:
        connection.execute("pragma synchronous = full")  # in WAL, as the program's own database is

        def cycle() -> None:
            connection.execute("begin immediate")
            claimed = connection.execute(claim, [1]).fetchone()
            connection.execute("commit")
            if claimed is None:
                raise Drained
            connection.execute("begin immediate")
            connection.execute(insert, [claimed[0], TEXT])
            connection.execute("commit")

        return count(cycle, begin, end)


def main(dsn: str, seconds: float) -> None:
    """Be one process: open its share of the connections, and print how many cycles they did together."""
    begin = time.monotonic() + WARM_UP
    one, done = on_postgres if is_postgres(dsn) else on_sqlite, []
    crew = [
        threading.Thread(target=lambda: done.append(one(dsn, begin, begin + seconds)))
        for _ in range(CONNECTIONS // PROCESSES)
    ]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    print(sum(done))  # noqa: T201  # to the process that started this one
    sys.exit(len(done) != len(crew))


if __name__ == "__main__":
    main(sys.stdin.read(), float(sys.argv[1]))
