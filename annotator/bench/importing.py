"""Prompts for a benchmark: a file of them, the program's own `annotator prompts import`, and a reference beside it."""

import hashlib
import json
import math
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import psycopg

from annotator.bench import filling, machine, measured, texts
from annotator.bench.ground import BenchError, Ground, ground
from annotator.database import make_engine, open_session
from annotator.web.commandline import progress

# Every so manieth row repeats an earlier one with other white space, so that there are duplicates to find.
EVERY = 100
_KB_IN_MB = 1024
_REPORTED = 1_000


@dataclass(frozen=True)
class Imported:
    """One run of the command."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    added: int
    duplicates: int


def write_rows(file: Path, rows: int, *, repeats: bool, progress: Callable[[int], None]) -> None:
    """Write a JSONL file of so many rows, a hundredth of them ``repeats`` of earlier ones."""
    with file.open("w", encoding="utf-8") as stream:
        for number, row in enumerate(_rows(rows, repeats=repeats), start=1):
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
            if number % _REPORTED == 0:
                progress(number)


def _rows(rows: int, *, repeats: bool) -> Iterator[dict[str, str]]:
    for number in range(rows):
        if repeats and number % EVERY == EVERY - 1:
            yield {"instruction": texts.prompt(number - EVERY // 2).replace(" ", "  ")}
        else:
            yield {"instruction": texts.prompt(number), "external_id": f"bench:{number}"}


def run(place: Ground, file: Path) -> Imported:
    """Import a file into the project by the program's own command, in a process of its own.

    What it shows on a terminal is seen. Raises BenchError when it refuses.
    """
    options = {"--project": filling.SLUG, "--source": "Benchmark", "--license": "CC0-1.0", "--language": texts.LANGUAGE}
    command = [
        *(sys.executable, str(measured.__file__), sys.executable, "-m", "annotator", "prompts", "import", str(file)),
        *(word for option in options.items() for word in option),
        "--json",
    ]
    done = subprocess.run(  # noqa: S603  # our own interpreter and arguments
        command, cwd=place.folder, env=place.environment(), stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        message = f"`annotator prompts import` ended with {done.returncode}: {done.stdout.strip()[-500:]}"
        raise BenchError(message)
    said, _, last = done.stdout.strip().rpartition("\n")
    facts: dict[str, Any] = json.loads(said)
    usage = json.loads(last)
    return Imported(
        usage["seconds"],
        usage["cpu_seconds"],
        usage["peak_kb"] / _KB_IN_MB,
        facts["added"],
        facts["duplicates"]["count"],
    )


def reference(place: Ground, file: Path) -> float:
    """Return the seconds that the least takes: read the rows, hash each, put them into a bare table with a unique hash.

    PostgreSQL by COPY, SQLite by one statement for all rows; in one transaction, with the same file.
    """
    begin = time.monotonic()
    if place.dialect == "postgresql":
        with psycopg.connect(place.dsn) as connection:
            connection.execute("drop table if exists raw_prompts")
            connection.execute("create table raw_prompts (hash bytea unique not null, body jsonb not null)")
            with connection.cursor().copy("copy raw_prompts (hash, body) from stdin") as copy:
                for row in _hashed(file):
                    copy.write_row(row)
    else:
        with closing(sqlite3.connect(place.dsn)) as lite, lite:
            lite.execute("pragma synchronous = full")
            lite.execute("drop table if exists raw_prompts")
            lite.execute("create table raw_prompts (hash blob unique not null, body text not null)")
            lite.executemany("insert into raw_prompts (hash, body) values (?, ?)", _hashed(file))
    return time.monotonic() - begin


def _hashed(file: Path) -> Iterator[tuple[bytes, str]]:
    with file.open(encoding="utf-8") as stream:
        for line in stream:
            row = json.dumps(json.loads(line), sort_keys=True, ensure_ascii=False)
            yield hashlib.sha256(row.encode()).digest(), row


def measure(database_url: str | None, *, rows: int, keep: bool = False) -> dict[str, Any]:
    """Import so many rows into a fresh database, then the same file again, and return the figures by name.

    Raises BenchError when it could not be run.
    """
    with ground(database_url, keep=keep) as place:
        engine = make_engine(place.url)
        try:
            with open_session(engine, writes=True) as session:
                filling.found(session)
                session.commit()
            conditions = filling.conditions(engine)
        finally:
            engine.dispose()
        file = place.folder / "prompts.jsonl"
        with progress("Writing prompts") as so_far:
            write_rows(file, rows, repeats=True, progress=so_far)
        before = reference(place, file)
        first, again = run(place, file), run(place, file)
        after = reference(place, file)
    return {
        "seconds": round(first.seconds, 2),
        "cpu_seconds": round(first.cpu_seconds, 2),
        "peak_memory_mb": math.ceil(first.peak_mb),
        "rows_per_second": round(rows / first.seconds),
        "added": first.added,
        "duplicates": first.duplicates,
        "added_again": again.added,
        "seconds_again": round(again.seconds, 2),
        "peak_memory_again_mb": math.ceil(again.peak_mb),
        "reference_seconds": round(fmean((before, after)), 2),
        "reference_before_and_after": [round(before, 2), round(after, 2)],
        "times_reference": round(first.seconds / fmean((before, after)), 1),
        "rows": rows,
        "not_added": rows - rows // EVERY - first.added,
        **conditions,
        "machine": machine.described(),
    }
