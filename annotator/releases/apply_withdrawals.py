#!/usr/bin/env python3
"""Bring a copy of a dataset up to date: take out what was withdrawn, narrow what was narrowed, delete credits.

    python apply_withdrawals.py FILE... [--withdrawn PATH] [--feed FILE_OR_URL] [--dry-run] [--json]
                                        [--dataset NAME] [--folder public|gated]

FILE is any Parquet or JSON Lines file with a column `annotation_id`, also one that you made from a release yourself;
it is changed in place. Without --feed, the table `withdrawn` of the release that this file lies in is followed; with
--feed, the feed of the platform (`feed_url` in manifest.json), from its address or from a file that you saved. Of the
feed count the entries of --dataset and --folder, which are those of the release that this file lies in, or else all.

What happens to a row, by the last entry about it: remove: it goes. restrict: it goes where it may stand nowhere, or
only among the gated rows and this is a public copy, or where the file has no column `license` to narrow; else
`license` and `purposes` are narrowed. redact_attribution: the columns with its credit are emptied. correct: counted
only; take its words from a newer version.

This file stands alone. It needs Python 3.9 or newer, and pyarrow for Parquet only. Exit status: 0 done, or nothing to
do; 1 the list cannot be read, or its chain of hashes is broken; 2 wrong usage, or a file that cannot be used; 3
pyarrow is missing; 4 (--dry-run) something would change.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import os
import re
import sys
import tempfile
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Facts = dict[str, Any]

LICENSES = {
    "CC-BY-4.0": "open",
    "CC-BY-SA-4.0": "sharealike",
    "CC-BY-NC-4.0": "noncommercial",
    "LicenseRef-Annotator-Gated-1.0": "gated",
}
OF_LANE = {lane: license_id for license_id, lane in LICENSES.items()}
# lane where a row may stand -> lanes in which it may be found
NO_WIDER = {
    "open": ("open", "sharealike", "noncommercial", "gated"),
    "sharealike": ("sharealike", "gated"),
    "noncommercial": ("noncommercial", "gated"),
    "gated": ("gated",),
    None: (),
}
OPS = ("remove", "restrict", "redact_attribution", "correct")
GENESIS = "0" * 64
# What an emptied credit looks like, for the columns that a file has.
NO_CREDIT: Facts = {"contributor_id": None, "attribution_mode": "none", "attribution_text": None, "authors": []}
# The columns that are looked at or changed; no other is touched.
OURS = ("annotation_id", "license", "purposes", "rights_profile_id", "authors_uncredited", *NO_CREDIT)
DONE, UNREADABLE, USAGE, NO_PYARROW, WOULD_CHANGE = 0, 1, 2, 3, 4
# What reading a broken file raises; pyarrow's own errors are among them, and JSON that is nested too deep.
BROKEN = (OSError, ValueError, TypeError, KeyError, AttributeError, RuntimeError, http.client.HTTPException)


class Stop(Exception):
    """Something that ends the program, with its exit status."""

    def __init__(self, status: int, sentence: str) -> None:
        """Keep both."""
        super().__init__(sentence)
        self.status = status


# --- what was said


class Orders:
    """What must be done about each id: the last remove or restrict of every list, and whether its credit goes."""

    def __init__(self) -> None:
        """Begin with nothing to do."""
        self.standing: dict[str, dict[str, Facts]] = {}
        self.redacted: set[str] = set()
        self.correct: set[str] = set()

    def add(self, of: str, op: str, ids: Iterable[str], lane: str | None, purposes: Iterable[str]) -> None:
        """Take in an entry of the list ``of``; a removed row is never brought back."""
        if op not in OPS or lane not in NO_WIDER:
            raise Stop(UNREADABLE, f"the list has an entry {op!r} (lane {lane!r}) that this program does not know")
        for one in ids:
            if op == "redact_attribution":
                self.redacted.add(one)
            elif op == "correct":
                self.correct.add(one)
            elif self.standing.setdefault(one, {}).get(of, {}).get("op") != "remove":
                self.standing[one][of] = {"op": op, "lane": lane, "purposes": set(purposes)}

    def carry_out(self, row: Facts, done: Counter[str]) -> Facts | None:
        """Return the row as it may stand, or None where it may not, and count what was done."""
        one = row["annotation_id"]
        if type(one) not in (str, type(None)):
            fault = f"annotation_id must be text; in row {done['rows'] + 1} it is {type(one).__name__}"
            raise TypeError(fault)
        done["rows"] += 1
        changed = dict(row)
        for said in self.standing.get(one, {}).values():
            if said["op"] == "remove" or not narrowed(changed, said):
                done["removed"] += 1
                return None
        if changed != row:
            done["narrowed"] += 1
        if one in self.redacted:
            before = dict(changed)
            if changed.get("authors") and "authors_uncredited" in changed:
                changed["authors_uncredited"] = (changed["authors_uncredited"] or 0) + len(changed["authors"])
            changed.update({name: value for name, value in NO_CREDIT.items() if name in changed})
            if changed != before:
                done["redacted"] += 1
        if one in self.correct:
            done["to_correct"] += 1
        return changed


def narrowed(row: Facts, said: Facts) -> bool:
    """Narrow a row to what was said, in place; return False where it may not stand in this file any more."""
    if said["lane"] is None:
        return False
    lane = LICENSES.get(str(row.get("license")))
    if lane is None:
        return said["lane"] == "open" and not said["purposes"]  # it may stand as wide as any row can
    if lane not in NO_WIDER[said["lane"]]:
        if said["lane"] == "gated":
            return False
        row["license"] = OF_LANE[said["lane"]]
        if row.get("purposes") is not None and said["lane"] == "noncommercial":
            row["purposes"] = [name for name in row["purposes"] if name != "commercial"]
        lose_profile(row)
    if said["purposes"]:
        if row.get("purposes") is None:
            return False
        left = [name for name in row["purposes"] if name not in said["purposes"]]
        if left != row["purposes"]:
            row["purposes"] = left
            lose_profile(row)
        return any(name in left for name in ("train", "evaluate", "research"))
    return True


def lose_profile(row: Facts) -> None:
    """A narrowed row has no longer the rights that its profile names."""
    if "rights_profile_id" in row:
        row["rights_profile_id"] = None


def from_table(path: Path) -> Orders:
    """Return what a `withdrawn` table says: a Parquet or JSON Lines file, or the folder of one."""
    files = sorted(path.glob("*.parquet")) + sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    if not files or not all(file.is_file() for file in files):
        raise Stop(UNREADABLE, f"{path} holds no table of withdrawals")
    orders = Orders()
    try:
        for row in sorted((row for file in files for row in read_rows(file)), key=lambda row: row["seq"]):
            orders.add("withdrawn", row["op"], [row["annotation_id"]], row["lane"], ())
    except BROKEN as error:
        raise Stop(UNREADABLE, f"{path} is not a table of withdrawals that can be read ({error})") from error
    return orders


def from_feed(place: str, dataset: str | None, folder: str | None) -> Orders:
    """Return what the feed says, read from an address or a file, after its chain of hashes was checked."""
    try:
        entries = list(fetched(place) if "://" in place else saved(Path(place)))
        check_chain(entries)
        orders = Orders()
        for entry in entries:
            wanted = (dataset in (None, entry["dataset"])) and (folder in (None, entry["folder"]))
            if wanted and entry["op"] != "version":
                of = f"{entry['dataset']}/{entry['folder']}"
                orders.add(of, entry["op"], entry["annotation_ids"], entry["lane"], entry["purposes_removed"])
    except BROKEN as error:
        raise Stop(UNREADABLE, f"{place} is not a feed of withdrawals that can be read ({error})") from error
    return orders


def fetched(address: str) -> Iterator[Facts]:
    """Yield the entries of the feed at an address, page by page."""
    if urllib.parse.urlsplit(address).scheme not in ("http", "https"):
        raise Stop(USAGE, f"{address} is not an address that begins with https:// or http://")
    after: int | None = 0
    base = address.split("?", 1)[0]
    while after is not None:
        asked = urllib.request.Request(f"{base}?after={after}", headers={"Accept": "application/json"})  # noqa: S310  # looked at above
        with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310  # looked at above
            page = json.load(answer)
        yield from page["entries"]
        if page["next"] is not None and page["next"] <= after:
            raise Stop(UNREADABLE, f"{address} goes round in circles")
        after = page["next"]


def saved(path: Path) -> list[Facts]:
    """Return the entries that a file holds: pages as they came, one after the other, or one entry a line."""
    told: list[Facts] = []
    content, more = path.read_text(encoding="utf-8-sig"), None
    reader, blank = json.JSONDecoder(), re.compile(r"\s*")
    place = end = blank.match(content).end()  # type: ignore[union-attr]  # it always matches
    while place < len(content):
        value, end = reader.raw_decode(content, place)
        place = blank.match(content, end).end()  # type: ignore[union-attr]
        for one in value if isinstance(value, list) else [value]:
            told.extend(one.get("entries", [one]))
            more = one.get("next")
    if not content.strip() or more is not None:
        raise Stop(
            UNREADABLE, f"{path} is not the whole feed: " + (f"save what comes after {more}" if more else "empty")
        )
    return told


def check_chain(entries: list[Facts]) -> None:
    """Refuse entries that do not follow one another from the first on, or were changed."""
    before = GENESIS
    for number, entry in enumerate(entries, start=1):
        said = {name: value for name, value in entry.items() if name != "hash"}
        # The RFC 8785 form of plain ASCII strings, whole numbers and nulls.
        form = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        found = hashlib.sha256(form.encode()).hexdigest()
        if (entry["seq"], entry["prev_hash"], entry["hash"]) != (number, before, found):
            raise Stop(UNREADABLE, f"the feed does not hold from entry {number} on: something was changed or left out")
        before = entry["hash"]


# ------------------------------------------------------------------------------------------------------------- files


def pyarrow_parquet() -> Any:
    """Return pyarrow's module for Parquet."""
    try:
        import pyarrow.parquet as pq
    except ImportError as error:
        raise Stop(NO_PYARROW, "a Parquet file needs pyarrow: pip install pyarrow") from error
    return pq


def read_rows(path: Path) -> Iterator[Facts]:
    """Yield the rows of a Parquet or JSON Lines file."""
    if path.suffix == ".parquet":
        with pyarrow_parquet().ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=2000):
                yield from batch.to_pylist()
        return
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def apply_to(path: Path, orders: Orders, *, dry_run: bool) -> Counter[str]:
    """Carry the orders out in one file; a file in which nothing changes is not touched. Return what was done."""
    if path.suffix not in (".parquet", ".jsonl", ".ndjson"):
        raise Stop(USAGE, f"{path}: only .parquet, .jsonl and .ndjson can be read")
    write = write_parquet if path.suffix == ".parquet" else write_lines
    path = path.resolve()  # behind a link, as caches make them, lies the file that must change
    done: Counter[str] = Counter(dict.fromkeys(("rows", "removed", "narrowed", "redacted", "to_correct"), 0))
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    made = Path(name)
    try:
        write(path, made, orders, done)
        if changes(done) and not dry_run:
            made.chmod(path.stat().st_mode & 0o777)
            with made.open("rb") as file:
                os.fsync(file.fileno())
            made.replace(path)
    finally:
        made.unlink(missing_ok=True)
    return done


def changes(done: Counter[str]) -> int:
    """Return how many rows are not what they were."""
    return done["removed"] + done["narrowed"] + done["redacted"]


def write_lines(path: Path, made: Path, orders: Orders, done: Counter[str]) -> None:
    """Write the JSON Lines anew; a row that does not change keeps its bytes."""
    with path.open("rb") as lines, made.open("wb") as out:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                out.write(line)
                continue
            row = json.loads(line)
            if not isinstance(row, dict) or "annotation_id" not in row:
                raise Stop(USAGE, f"{path}, line {number}: a row without annotation_id")
            kept = orders.carry_out(row, done)
            if kept is not None:
                anew = json.dumps(kept, ensure_ascii=b"\\u" in line) + "\n"  # escaped where the line was
                out.write(line if kept == row else anew.encode())


def write_parquet(path: Path, made: Path, orders: Orders, done: Counter[str]) -> None:
    """Write the Parquet file anew, with its own schema; columns that are not ours are copied as they are."""
    pq = pyarrow_parquet()
    import pyarrow as pa

    with pq.ParquetFile(path) as file:
        schema = file.schema_arrow
        if schema.names.count("annotation_id") != 1:
            raise Stop(USAGE, f"{path} has no column annotation_id, or several")
        places = [place for place, name in enumerate(schema.names) if name in OURS]
        with pq.ParquetWriter(made, schema, compression="zstd", version="2.6") as writer:
            for batch in file.iter_batches(batch_size=2000):
                table = pa.Table.from_batches([batch], schema=schema)
                rows = [(row, orders.carry_out(row, done)) for row in table.select(places).to_pylist()]
                left = [(old, new) for old, new in rows if new is not None]
                gone = [number for number, (_old, new) in enumerate(rows) if new is None]
                runs = zip([0, *(number + 1 for number in gone)], [*gone, len(rows)])  # noqa: B905  # Python 3.9
                table = pa.concat_tables([table.slice(begin, end - begin) for begin, end in runs])
                for place in places:
                    column = schema.field(place)
                    if any(old[column.name] != new[column.name] for old, new in left):
                        values = [new[column.name] for _old, new in left]
                        table = table.set_column(place, column, pa.array(values, column.type))
                writer.write_table(table)


# ------------------------------------------------------------------------------------------------------------ the whole


def own_release() -> tuple[str | None, str | None]:
    """Return dataset and folder of the release that this file lies in, if it lies in one."""
    try:
        manifest = json.loads((Path(__file__).resolve().parent / "manifest.json").read_text(encoding="utf-8"))
        return manifest["project"], manifest["folder"]
    except (OSError, ValueError, KeyError, TypeError):
        return None, None


def run(chosen: argparse.Namespace) -> int:
    """Do it, and say what was done."""
    dataset, folder = own_release()
    if chosen.feed:
        orders = from_feed(chosen.feed, chosen.dataset or dataset, chosen.folder or folder)
    else:
        orders = from_table(chosen.withdrawn or Path(__file__).resolve().parent / "withdrawn")
    told: dict[str, dict[str, int]] = {}
    for path in chosen.files:
        try:
            told[str(path)] = dict(apply_to(path, orders, dry_run=chosen.dry_run))
        except BROKEN as error:
            raise Stop(USAGE, f"{path} cannot be read or written: {error}") from error
    if chosen.json:
        sys.stdout.write(json.dumps({"dry_run": chosen.dry_run, "files": told}, indent=2) + "\n")
    else:
        for path_, done in told.items():
            counts = ", ".join(f"{done[name]} {name.replace('_', ' ')}" for name in done)
            sys.stdout.write(f"{path_}: {counts}{' (nothing was written)' if chosen.dry_run else ''}\n")
    would = any(changes(Counter(done)) for done in told.values())
    return WOULD_CHANGE if chosen.dry_run and would else DONE


def main(arguments: list[str] | None = None) -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Apply a list of withdrawals to Parquet or JSON Lines files.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--withdrawn", type=Path, help="a `withdrawn` table, or its folder; without it, the one beside")
    parser.add_argument("--feed", metavar="FILE_OR_URL", help="follow the feed of the platform instead")
    parser.add_argument("--dataset", help="of the feed: the name of the dataset")
    parser.add_argument("--folder", choices=("public", "gated"), help="of the feed: which part of the dataset")
    parser.add_argument(
        "--dry-run", action="store_true", help="change nothing; exit with 4 where something would change"
    )
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")
    chosen = parser.parse_args(arguments)
    if chosen.feed and chosen.withdrawn:
        parser.error("give --withdrawn or --feed, not both")
    try:
        return run(chosen)
    except Stop as stop:
        sys.stderr.write(f"{stop}\n")
        return stop.status


if __name__ == "__main__":
    sys.exit(main())
