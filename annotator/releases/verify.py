#!/usr/bin/env python3
"""Check a release folder: that nothing in it was changed, and that it keeps what it promises.

    python verify.py [FOLDER] [--previous FOLDER] [--manifest-sha256 HEX] [--feed FILE] [--json]

This file stands alone. It needs Python 3.9 or newer, and pyarrow to read the rows. Exit status: 0 every promise
holds; 1 refused, with what is wrong; 3 the sums hold, but the rows were not checked because pyarrow is missing.
The tables of lanes and licences below are written here by hand and shared with no other program, so that a mistake
there is found here. A forger can change this file too: compare it with your own copy, or ask `annotator releases
verify`, which does; and compare the manifest's SHA-256 with the one on the release's page.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

# A row, an entry, a JSON object: whatever a file holds, before it was checked.
Facts = dict[str, Any]

FORMAT = "annotator-release/2"
SPLITS = ("train", "validation", "test")
# No platform publishes numbers of people, or facts that fewer people share, below this; a release may ask for more.
SMALL = 5
GENESIS = "0" * 64
DEMOGRAPHICS = ("age_range", "gender", "country")

# lane -> its licence
LANES = {
    "open": "CC-BY-4.0",
    "sharealike": "CC-BY-SA-4.0",
    "noncommercial": "CC-BY-NC-4.0",
    "gated": "LicenseRef-Annotator-Gated-1.0",
}
# licence -> where its card leads
LICENSE_LINKS = {
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "CC-BY-NC-4.0": "https://creativecommons.org/licenses/by-nc/4.0/",
    "LicenseRef-Annotator-Gated-1.0": "LICENSES/LicenseRef-Annotator-Gated-1.0.txt",
}
FOLDERS = {"public": ("open", "sharealike", "noncommercial"), "gated": ("gated",)}
# lane where a row was last said to stand -> lanes in which it may be found
NO_WIDER = {
    "open": ("open", "sharealike", "noncommercial", "gated"),
    "sharealike": ("sharealike", "gated"),
    "noncommercial": ("noncommercial", "gated"),
    "gated": ("gated",),
    None: (),
}
VECTOR = ("publish", "derive", "train", "evaluate", "research", "commercial")
PURPOSES = ("train", "evaluate", "research", "commercial", "derive")

FREE_SOURCES = {
    "CC0-1.0", "CC-PDDC", "CC-PDM-1.0", "PDDL-1.0", "Unlicense", "ODC-By-1.0", "Apache-2.0", "MIT",
    "CC-BY-1.0", "CC-BY-2.0", "CC-BY-2.5", "CC-BY-3.0", "CC-BY-4.0",
}  # fmt: skip
SHAREALIKE_SOURCES = {"CC-BY-SA-2.0", "CC-BY-SA-2.5", "CC-BY-SA-3.0", "CC-BY-SA-4.0"}
NONCOMMERCIAL_SOURCES = {"CC-BY-NC-1.0", "CC-BY-NC-2.0", "CC-BY-NC-2.5", "CC-BY-NC-3.0", "CC-BY-NC-4.0"}

ONE_OF_EACH: tuple[set[str], ...] = (set(), {"CC-BY-SA-4.0"}, {"CC-BY-NC-4.0"})

PAPERS = ("README.md", "LICENSE", "CITATION.cff", "CONTRIBUTORS.md", "CHANGELOG.md", "diff.json", "manifest.json",
          "verify.py", "apply_withdrawals.py")  # fmt: skip
# Without these a folder is no release at all, and nothing else is worth saying about it.
MARKS = ("SHA256SUMS", "manifest.json")
CARD_KEYS = {
    "pretty_name", "license", "license_name", "license_link", "language", "language_bcp47", "multilinguality",
    "annotations_creators", "language_creators", "source_datasets", "size_categories", "task_categories", "tags",
    "extra_gated_heading", "extra_gated_prompt", "extra_gated_fields", "extra_gated_button_content", "configs",
    "dataset_info",
}  # fmt: skip
SIDE_TABLES = ("reviews", "contributors", "rights_profiles", "withdrawn")

COLUMNS = {
    "annotations": [
        "annotation_id",
        "task_type",
        "language",
        "language_bcp47",
        "variety",
        "prompt",
        "completion",
        "instruction",
        "input",
        "instruction_language",
        "input_language",
        "parent_id",
        "parent_state",
        "root_id",
        "link",
        "revision",
        "source",
        "source_id",
        "source_licenses",
        "template",
        "template_version",
        "split",
        "review_status",
        "n_reviews",
        "quality",
        "rating_prompt",
        "rating_completion",
        "edit_distance",
        "ai_assisted",
        "guideline_version",
        "created_month",
        "contributor_id",
        "attribution_mode",
        "attribution_text",
        "authors",
        "authors_uncredited",
        "terms_sha256",
        "license",
        "rights_profile_id",
        "purposes",
        "release_added",
    ],
    "reviews": [
        "review_id",
        "annotation_id",
        "kind",
        "outcome",
        "reasons",
        "rating_name",
        "rating",
        "reviewer_id",
        "created_month",
    ],
    "contributors": [
        "contributor_id",
        "attribution_mode",
        "credit_name",
        "credit_url",
        "orcid",
        "license_presets",
        "licenses",
        "terms",
        "rights_contact",
        "languages",
        "n_rows",
        "n_contributors",
        "first_month",
        "last_month",
        "age_range",
        "gender",
        "country",
    ],
    "rights_profiles": [
        "rights_profile_id",
        "publish",
        "derive",
        "train",
        "evaluate",
        "research",
        "commercial",
        "license",
        "lane",
        "odrl",
        "n_rows",
    ],
    "withdrawn": ["seq", "annotation_id", "op", "lane", "effective_month", "since_release", "batch_id"],
}
CLOSED: dict[str, set[Any]] = {
    "task_type": {"original", "answer", "reannotate"},
    "link": {"edit", "translation", "paraphrase", "completion", None},
    "review_status": {"accepted", "accepted_with_edits", "peer_accepted", "unreviewed"},
    "parent_state": {"in_release", "removed", "not_in_release", "imported", "none"},
    "attribution_mode": {"named", "handle", "none"},
    "ai_assisted": {"no", "yes", "not asked"},
}
# review_status -> the outcomes of which `reviews` must hold one; a text whose edit fell away is still accepted
ACCEPTING = {
    "accepted": {"accepted", "accepted_with_edits"},
    "accepted_with_edits": {"accepted_with_edits"},
}
CODES = {"removed", "restricted", "suspended", "corrected", "redacted", "split", "selection"}

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
SHA256 = re.compile(r"[0-9a-f]{64}\Z")
VERSION = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\Z")
MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])\Z")
SUM_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)\Z")
YAML_KEY = re.compile(r"([a-z][a-z0-9_-]*):(?: (.*))?\Z", re.DOTALL)
# The end of a value that begins with a quote: a quote that stays open would swallow the keys below it.
YAML_QUOTED = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\Z""", re.DOTALL)
LICENSE_NAME = re.compile(
    r"\b(?:CC0|CC-[A-Z]{2}|LicenseRef-|PDDL|ODC-|Apache-|MIT\b|GPL|Unlicense)[A-Za-z0-9.-]*[A-Za-z0-9]|\bMIT\b"
)
# What stands before a value inside a list or a mapping.
YAML_LEAD = re.compile(r"[ -]*(?:[^'\":]+:(?: |\Z))?")
MARKDOWN_ESCAPE = re.compile(r"\\([\\`*_{}\[\]<>()#+\-.!|~])")
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z")


def own_bytes() -> bytes:
    """Return this file; each release holds a copy."""
    return Path(__file__).read_bytes()


class Problems:
    """What is wrong, by check; a long list is cut, with its length."""

    LIMIT = 10

    def __init__(self) -> None:
        """Begin with nothing wrong."""
        self.found: dict[str, list[str]] = {}

    def check(self, name: str) -> list[str]:
        """Return the list of a check, which then counts as made."""
        return self.found.setdefault(name, [])

    def report(self) -> list[dict[str, object]]:
        """Return name, ok and detail of each check."""
        result = []
        for name, wrong in self.found.items():
            detail = "; ".join(wrong[: self.LIMIT])
            if len(wrong) > self.LIMIT:
                detail += f"; and {len(wrong) - self.LIMIT} more"
            result.append({"name": name, "ok": not wrong, "detail": detail})
        return result


class Rows:
    """What the checks remember of the rows of a folder, without their texts."""

    def __init__(self) -> None:
        """Begin without rows."""
        self.lane: dict[str, str] = {}
        self.split: dict[str, str] = {}
        self.root: dict[str, str] = {}
        self.parent: dict[str, str] = {}
        self.state: dict[str, str] = {}
        self.sources: set[str] = set()
        self.licenses: dict[str, set[str]] = {}
        self.source: dict[str, str] = {}
        self.status: dict[str, str] = {}
        self.added: dict[str, str] = {}
        self.hash: dict[str, str] = {}
        self.words: dict[str, str] = {}
        self.n_reviews: dict[str, int] = {}
        self.languages: Counter[str] = Counter()
        self.credited: set[str] = set()
        self.language: dict[str, str] = {}
        self.of_author: dict[str, set[str]] = defaultdict(set)
        self.profiles: Counter[str] = Counter()
        self.authors: Counter[str] = Counter()
        self.uncredited: Counter[str] = Counter()
        self.files: dict[str, int] = {}


# ---------------------------------------------------------------------------------------------- files and sums


def files_in(folder: Path, wrong: list[str]) -> dict[str, Path]:
    """Return the files by their path; anything else than a plain file or folder is wrong."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            wrong.append(f"{name} is not a plain file")
        elif path.is_file():
            found[name] = path
    return found


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            digest.update(piece)
    return digest.hexdigest()


def check_sums(folder: Path, problems: Problems) -> dict[str, str]:
    """Rebuild SHA256SUMS from the files and compare bytes; return the sums of the files."""
    wrong = problems.check("files")
    files = files_in(folder, wrong)
    listed = {}
    sums_path = files.pop("SHA256SUMS", None)
    if sums_path is None:
        wrong.append("SHA256SUMS is missing")
    else:
        lines = sums_path.read_bytes().decode("utf-8", "replace").split("\n")
        for place, line in enumerate(lines[:-1] if lines[-1] == "" else lines, start=1):
            found = SUM_LINE.match(line)
            if found is None:
                wrong.append(f"line {place} of SHA256SUMS is not a SHA-256, two spaces and a path")
            else:
                listed[found.group(2)] = found.group(1)
    sums = {name: sha256_of(path) for name, path in files.items()}
    wrong.extend(f"{name} is missing" for name in sorted(listed.keys() - sums.keys()))
    wrong.extend(f"{name} is not listed in SHA256SUMS" for name in sorted(sums.keys() - listed.keys()))
    wrong = problems.check("sums")
    wrong.extend(f"{name} was changed" for name in sorted(sums.keys() & listed.keys()) if sums[name] != listed[name])
    rebuilt = "".join(f"{sums[name]}  {name}\n" for name in sorted(sums))
    if sums_path is not None and sums_path.read_bytes() != rebuilt.encode():
        wrong.append("SHA256SUMS is not, byte for byte, the sums of the files")
    return sums


def read_json(path: Path) -> Facts:
    """Return a JSON object; a key that stands twice is refused."""

    def once(pairs: list[Any]) -> Facts:
        names = [name for name, _ in pairs]
        if len(set(names)) != len(names):
            message = f"{path.name} has a key twice"
            raise ValueError(message)
        return dict(pairs)

    try:
        value = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=once)
    except json.JSONDecodeError as error:
        message = f"{path.name} is not JSON from line {error.lineno}, column {error.colno} on ({error.msg})"
        raise ValueError(message) from error
    except UnicodeDecodeError as error:
        message = f"{path.name} is not UTF-8"
        raise ValueError(message) from error
    if not isinstance(value, dict):
        message = f"{path.name} is not an object"
        raise ValueError(message)  # noqa: TRY004  # every fault of a file is the same kind here
    return value


def said_by(error: Exception) -> str:
    """Return what a file's fault is, in words."""
    if isinstance(error, FileNotFoundError):
        return f"{Path(str(error.filename)).name} is missing"
    if isinstance(error, KeyError):
        return f"the entry {error} is missing"
    if isinstance(error, ValueError):
        return str(error)
    return f"something in it is of another kind than the format says ({error})"


def check_manifest(folder: Path, manifest: Facts, sums: dict[str, str], problems: Problems) -> None:
    """Check the manifest against the files, and its own facts."""
    wrong = problems.check("manifest")
    if manifest["schema"] != FORMAT:
        wrong.append(f"schema is {manifest['schema']!r}, this program knows {FORMAT!r}")
    if not VERSION.match(str(manifest["version"])):
        wrong.append(f"version {manifest['version']!r} is not a version")
    if not MOMENT.match(str(manifest["frozen_at"])):
        wrong.append(f"frozen_at {manifest['frozen_at']!r} is not a moment")
    lanes = FOLDERS.get(manifest["folder"], ())
    if {lane: told["license"] for lane, told in manifest["lanes"].items()} != {lane: LANES[lane] for lane in lanes}:
        wrong.append("lanes and licences are not those of this kind of folder")
    told = {}
    for entry in manifest["files"]:
        name = entry["path"]
        if name in told:
            wrong.append(f"{name} is listed twice")
        told[name] = entry
        if name in sums and (entry["sha256"] != sums[name] or entry["bytes"] != (folder / name).stat().st_size):
            wrong.append(f"{name} is not what the manifest says")
    for name in sorted(told.keys() ^ (sums.keys() - {"manifest.json"})):
        wrong.append(f"{name} is in the manifest or in the folder, not in both")
    for name in sorted(expected_files(lanes, sums.keys()) - sums.keys()):
        wrong.append(f"{name} is missing")
    for name in sorted(sums.keys() - expected_files(lanes, sums.keys())):
        if not (name.startswith("LICENSES/") and name.endswith(".txt") and name.count("/") == 1):
            wrong.append(f"{name} does not belong in a release")
    wrong = problems.check("ledger")
    ledger = manifest["ledger"]
    if not isinstance(ledger["seq"], int) or ledger["seq"] < 0 or not SHA256.match(str(ledger["head"])):
        wrong.append("the manifest names no ledger head")
    wrong = problems.check("feed")
    told = manifest["withdrawals"]
    seq, head = told["feed_seq"], told["feed_head"]
    if not isinstance(seq, int) or seq < 0 or not SHA256.match(str(head)) or (seq == 0) != (head == GENESIS):
        wrong.append("the manifest names no head of the feed")
    if not re.match(r"https?://\S+/api/v1/withdrawals\Z", str(told["feed_url"])):
        wrong.append("the manifest does not say where the feed is")
    small = manifest["selection"]["small_count"]
    if not isinstance(small, int) or small < SMALL:
        wrong = problems.check("manifest")
        wrong.append(f"small counts are left out below {small!r}, which is less than {SMALL}")


def expected_files(lanes: tuple[str, ...], present: Iterable[str]) -> set[str]:
    """Return the files that a folder must have; the number of shards is that of the shards present."""
    names = set(PAPERS) | {f"schema/{table}.schema.json" for table in (*COLUMNS, "feed")}
    names |= {f"LICENSES/{LANES[lane]}.txt" for lane in lanes}
    for place in [
        *(f"data/{lane}/{split}" for lane in lanes for split in SPLITS),
        *(f"{t}/train" for t in SIDE_TABLES),
    ]:
        count = sum(bool(re.match(re.escape(place) + r"-\d{5}-of-\d{5}\.parquet\Z", name)) for name in present) or 1
        names |= {f"{place}-{number:05d}-of-{count:05d}.parquet" for number in range(count)}
    return names


# ---------------------------------------------------------------------------------------------- rows


def jcs(value: Facts) -> bytes:
    """Return the RFC 8785 form of an object of plain ASCII strings and booleans."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def lane_for(sources: set[str], vector: Facts) -> str | None:
    """Return the only lane that sources and rights allow, or None."""
    if vector["publish"] not in ("open", "gated") or not (vector["train"] or vector["evaluate"] or vector["research"]):
        return None
    if sources - FREE_SOURCES - SHAREALIKE_SOURCES - NONCOMMERCIAL_SOURCES:
        return None
    alike, unpaid = sources & SHAREALIKE_SOURCES, sources & NONCOMMERCIAL_SOURCES
    everything = vector["publish"] == "open" and all(
        vector[name] for name in ("derive", "train", "evaluate", "research")
    )
    if alike:
        return "sharealike" if everything and vector["commercial"] and not unpaid else None
    if unpaid:
        return "noncommercial" if everything else None
    if not everything:
        return "gated"
    return "open" if vector["commercial"] else "noncommercial"


def purposes_for(lane: str, vector: Facts) -> list[str]:
    """Return what a row may be used for."""
    return [name for name in PURPOSES if vector[name] and not (lane == "noncommercial" and name == "commercial")]


def odrl_for(lane: str, vector: Facts, profile: str) -> Facts:
    """Return the ODRL offer that a profile must hold."""
    granted = purposes_for(lane, vector)
    duties = [{"action": "attribute"}] + ([{"action": "reviewPolicy"}] if lane == "gated" else [])
    offer = {
        "@context": "http://www.w3.org/ns/odrl.jsonld",
        "@type": "Offer",
        "uid": f"urn:annotator:rights-profile:{profile}",
        "permission": [{"action": "use", "constraint": [_purpose(granted)], "duty": duties}],
    }
    denied = [name for name in PURPOSES if name not in granted]
    if denied:
        offer["prohibition"] = [{"action": "use", "constraint": [_purpose(denied)]}]
    return offer


def _purpose(names: list[str]) -> Facts:
    return {"leftOperand": "purpose", "operator": "isAnyOf", "rightOperand": names}


def batches(pq: Any, path: Path, table: str, wrong: list[str]) -> Iterator[list[Facts]]:
    """Yield the rows of a Parquet file in lists; the columns must be the table's, in order."""
    with pq.ParquetFile(path) as file:
        if file.schema_arrow.names != COLUMNS[table]:
            wrong.append(f"{path.name} of {table} has other columns than the format")
            return
        for batch in file.iter_batches(batch_size=2000):
            yield batch.to_pylist()


def read_side(pq: Any, folder: Path, sums: dict[str, str], rows: Rows, problems: Problems) -> dict[str, list[Facts]]:
    """Return the rows of the four side tables."""
    wrong = problems.check("columns")
    side: dict[str, list[Facts]] = {table: [] for table in SIDE_TABLES}
    for name in sorted(sums):
        table = name.split("/")[0]
        if table not in side or not name.endswith(".parquet"):
            continue
        before = len(side[table])
        for few in batches(pq, folder / name, table, wrong):
            side[table].extend(few)
        rows.files[name] = len(side[table]) - before
    return side


def read_rows(
    pq: Any,
    folder: Path,
    sums: dict[str, str],
    side: dict[str, list[Facts]],
    manifest: Facts,
    rows: Rows,
    problems: Problems,
) -> None:
    """Read every row once, and check whatever a row can be asked by itself."""
    profiles = {row["rights_profile_id"]: row for row in side["rights_profiles"]}
    people = {row["contributor_id"]: row for row in side["contributors"] if row["contributor_id"] is not None}
    for lane in FOLDERS[manifest["folder"]]:
        for name in sorted(sums):
            found = re.match(rf"data/{lane}/(train|validation|test)-\d{{5}}-of-\d{{5}}\.parquet\Z", name)
            if not found:
                continue
            rows.files[name], last = 0, ""
            for few in batches(pq, folder / name, "annotations", problems.check("columns")):
                for row in few:
                    rows.files[name] += 1
                    if str(row["annotation_id"]) <= last:
                        problems.check("order").append(f"{row['annotation_id']} stands out of order in {name}")
                    last = str(row["annotation_id"])
                    check_row(row, lane, found.group(1), profiles, people, manifest, rows, problems)


def check_row(
    row: Facts, lane: str, split: str, profiles: Facts, people: Facts, manifest: Facts, rows: Rows, problems: Problems
) -> None:
    """Check one row by itself, and remember what the checks across rows need."""
    one = row["annotation_id"]
    if not isinstance(one, str) or not UUID.match(one):
        problems.check("ids").append(f"{one!r} is not an id")
        return
    if one in rows.lane:
        problems.check("ids").append(f"{one} stands twice")
    check_rights(row, lane, profiles.get(row["rights_profile_id"]), problems)
    check_credit(row, people, problems)
    check_text(row, manifest, problems)
    if row["split"] != split:
        problems.check("splits").append(f"{one} says {row['split']} and lies in {split}")
    vector = profiles.get(row["rights_profile_id"])
    if vector is not None:
        if not vector["train"] and split != "test":
            problems.check("splits").append(f"{one} may not train and lies in {split}")
        if not vector["evaluate"] and split != "train":
            problems.check("splits").append(f"{one} may not evaluate and lies in {split}")
    rows.lane[one], rows.split[one], rows.root[one] = lane, split, row["root_id"]
    rows.added[one], rows.n_reviews[one] = row["release_added"], row["n_reviews"]
    rows.state[one] = row["parent_state"]
    if row["parent_id"] is not None:
        rows.parent[one] = row["parent_id"]
    rows.sources.update(row["source_licenses"] or ())
    rows.licenses[one], rows.status[one] = set(row["source_licenses"] or ()), row["review_status"]
    if row["source"] is not None:
        rows.source[one] = row["source"]
    said = {name: value for name, value in row.items() if name != "release_added"}
    rows.hash[one] = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    words = [row[name] for name in ("instruction", "input", "completion")]
    rows.words[one] = hashlib.sha256(json.dumps(words).encode()).hexdigest()
    rows.languages[row["language"]] += 1
    rows.language[one] = row["language"]
    if row["contributor_id"] is not None or row["authors"] or row["attribution_text"] is not None:
        rows.credited.add(one)
    for author in row["authors"]:
        rows.of_author[author["contributor_id"]].add(row["language"])
    rows.profiles[row["rights_profile_id"]] += 1
    rows.authors.update({author["contributor_id"] for author in row["authors"]})
    if row["contributor_id"] is None:
        rows.uncredited[row["language"]] += 1


def check_rights(row: Facts, lane: str, profile: Facts | None, problems: Problems) -> None:
    """Check a row's licence against its lane, its profile and its sources."""
    one, wrong = row["annotation_id"], problems.check("licences")
    if row["license"] != LANES[lane]:
        wrong.append(f"{one} is under {row['license']} in the lane {lane} ({LANES[lane]})")
    if profile is None:
        problems.check("profiles").append(f"{one} names the profile {row['rights_profile_id']}, which is not there")
        return
    if profile["license"] != row["license"]:
        wrong.append(f"{one} is under {row['license']}, its profile under {profile['license']}")
    if profile["lane"] != lane:
        wrong.append(f"{one} lies in {lane}, its profile in {profile['lane']}")
    if row["purposes"] != purposes_for(lane, profile):
        wrong.append(f"{one} names other purposes than its profile")
    sources = row["source_licenses"]
    if sources is None or sources != sorted(set(sources)):
        problems.check("sources").append(f"{one} has no proper list of source licences")
    elif row["source"] is not None and not sources:
        problems.check("sources").append(f"{one} goes back to {row['source']} and names no licence of it")
    elif lane_for(set(sources), profile) != lane:
        told = ", ".join(sources) or "none"
        problems.check("sources").append(
            f"{one} may not lie in {lane}: its rights and sources ({told}) do not allow it"
        )


def check_credit(row: Facts, people: Facts, problems: Problems) -> None:
    """Check that whoever a row credits is known, and that nobody else is named."""
    one, wrong = row["annotation_id"], problems.check("contributors")
    authors = row["authors"]
    named = [author["contributor_id"] for author in authors]
    for told in {row["contributor_id"], *named} - {None}:
        if told not in people:
            wrong.append(f"{one} names the contributor {told}, whom `contributors` lacks")
    if (row["contributor_id"] is None) != (row["attribution_mode"] == "none"):
        wrong.append(f"{one} credits and does not credit its author")
    own = row["contributor_id"]
    if len(set(named)) != len(named) or None in named or (own is not None and own not in named):
        wrong.append(f"{one} has a list of authors that is not its own")
    if (row["attribution_text"] is None) != (not authors) or row["authors_uncredited"] < 0:
        wrong.append(f"{one} has a credit line without authors, or authors without one")
    for author in authors:
        person = people.get(author["contributor_id"])
        if person is not None and (person["attribution_mode"] != author["mode"] or author["mode"] == "none"):
            wrong.append(f"{one} credits {author['contributor_id']} in another way than `contributors`")
        elif person is not None and str(person["credit_name"]) not in str(row["attribution_text"]):
            wrong.append(f"{one} does not print the name of {author['contributor_id']}")


def check_text(row: Facts, manifest: Facts, problems: Problems) -> None:
    """Check words, closed lists and months of a row."""
    one, wrong = row["annotation_id"], problems.check("texts")
    whole = row["instruction"] if not row["input"] else f"{row['instruction']}\n\n{row['input']}"
    if not row["instruction"] or not row["completion"] or row["prompt"] != whole:
        wrong.append(f"{one} has no completion, or its prompt is not its parts")
    elif not unicodedata.is_normalized("NFC", row["prompt"] + "\n" + row["completion"]):
        wrong.append(f"{one} is not in NFC")
    if (row["input"] is None) != (row["input_language"] is None):
        wrong.append(f"{one} has an input without a language, or a language without an input")
    for name, values in CLOSED.items():
        if row[name] not in values:
            wrong.append(f"{one} has {name} {row[name]!r}")
    if row["review_status"] == "unreviewed" and manifest["selection"]["release_unreviewed"] is not True:
        wrong.append(f"{one} was not reviewed, and this release holds only reviewed rows")
    month = str(row["created_month"])
    if not MONTH.match(month) or month > manifest["frozen_at"][:7]:
        wrong.append(f"{one} was made in {month}, after the release")
    if not SHA256.match(str(row["terms_sha256"])):
        wrong.append(f"{one} names no terms")
    elif row["terms_sha256"] not in {told["sha256"] for told in manifest["consent_documents"]}:
        wrong.append(f"{one} was given under terms that the manifest does not list")


# ---------------------------------------------------------------------------------------------- across rows


def number(version: object) -> tuple[int, ...]:
    """Return a version as numbers, to compare; nothing sensible sorts before everything."""
    return tuple(int(part) for part in str(version).split(".")) if VERSION.match(str(version)) else ()


def last_said(withdrawn: list[Facts]) -> dict[str, Facts]:
    """Return the entry of each id that says whether and where it may stand."""
    return {row["annotation_id"]: row for row in withdrawn if row["op"] in ("remove", "restrict")}


def check_withdrawn(rows: Rows, withdrawn: list[Facts], manifest: Facts, problems: Problems) -> None:
    """Check the table of withdrawals, and that the data follow it."""
    wrong = problems.check("withdrawn")
    removed = set()
    for place, row in enumerate(withdrawn, start=1):
        told = row["annotation_id"]
        if row["seq"] != place or row["op"] not in ("remove", "restrict", "redact_attribution", "correct"):
            wrong.append(f"entry {place} is out of order or of no known kind")
        if row["lane"] is not None and (row["op"] != "restrict" or row["lane"] not in LANES):
            wrong.append(f"entry {place} names the lane {row['lane']!r}")
        if told in removed and row["op"] in ("remove", "restrict"):
            wrong.append(f"entry {place} brings {told} back, which was removed")
        if row["op"] == "remove":
            removed.add(told)
        since = number(row["since_release"])
        month = str(row["effective_month"])
        if not since or since > number(manifest["version"]) or not MONTH.match(month):
            wrong.append(f"entry {place} belongs to no release until this one")
        elif month > manifest["frozen_at"][:7]:
            wrong.append(f"entry {place} holds from {month}, after the release")
        if not UUID.match(str(told)) or not UUID.match(str(row["batch_id"])):
            wrong.append(f"entry {place} has no proper ids")
    for told, entry in last_said(withdrawn).items():
        if told not in rows.lane:
            continue
        if entry["op"] == "remove":
            wrong.append(f"{told} was removed and stands in {rows.lane[told]}")
        elif rows.lane[told] not in NO_WIDER[entry["lane"]]:
            wrong.append(f"{told} was restricted to {entry['lane'] or 'nowhere'} and stands in {rows.lane[told]}")
    since_now = sum(row["since_release"] == manifest["version"] for row in withdrawn)
    told = manifest["withdrawals"]
    if (told["total"], told["since_previous"]) != (len(withdrawn), since_now):
        wrong.append("the manifest counts other withdrawals than the table")


def check_lineage(rows: Rows, withdrawn: list[Facts], problems: Problems) -> None:
    """Check parents and roots, and that each lineage stands in one split."""
    wrong = problems.check("lineage")
    known = last_said(withdrawn)
    for one, parent in rows.parent.items():
        if parent in rows.lane:
            if rows.root[one] != rows.root[parent]:
                wrong.append(f"{one} has another root than its parent {parent}")
        elif parent not in known:
            wrong.append(f"{one} has the parent {parent}, which leads nowhere")
    wrong.extend(f"{one} descends from itself" for one in sorted(in_circles(rows.parent)))
    splits: dict[str, set[str]] = defaultdict(set)
    for one, root in rows.root.items():
        splits[root].add(rows.split[one])
    wrong.extend(f"the lineage {root} stands in {len(of)} splits" for root, of in sorted(splits.items()) if len(of) > 1)
    for one, state in rows.state.items():
        above = rows.parent.get(one)
        want = {"in_release" if above in rows.lane else "removed"} if above else {"not_in_release", "imported", "none"}
        if state not in want:
            wrong.append(f"{one} says that its parent is {state}")


def in_circles(parent: dict[str, str]) -> set[str]:
    """Return the ids from which the way up never ends."""
    ends: set[str] = set()
    circles: set[str] = set()
    for one in parent:
        way: list[str] = []
        on_it: set[str] = set()
        current: str | None = one
        while current is not None and current not in ends and current not in circles and current not in on_it:
            way.append(current)
            on_it.add(current)
            current = parent.get(current)
        (circles if current in on_it or current in circles else ends).update(way)
    return circles


def check_sources(folder: Path, rows: Rows, sums: dict[str, str], lanes: tuple[str, ...], problems: Problems) -> None:
    """Check that rows of one source, and of one lineage, agree about its licence, and that there are the right notices."""
    wrong = problems.check("sources")
    shared: dict[str, set[str]] = {}
    of_root: dict[str, set[str | None]] = defaultdict(set)
    for one, licenses in rows.licenses.items():
        source = rows.source.get(one)
        of_root[rows.root[one]].add(source)
        if source is not None:
            shared[source] = shared[source] & licenses if source in shared else set(licenses)
        parent = rows.parent.get(one)
        if parent in rows.licenses and not rows.licenses[parent] <= licenses:
            wrong.append(f"{one} leaves out source licences of its parent {parent}")
    wrong.extend(f"rows of the source {source} share no licence" for source in sorted(shared) if not shared[source])
    wrong.extend(
        f"rows of the lineage {root} name several sources" for root in sorted(of_root) if len(of_root[root]) > 1
    )
    notices = {name[len("LICENSES/") : -len(".txt")] for name in sums if name.startswith("LICENSES/")}
    needed = rows.sources | {LANES[lane] for lane in lanes}
    wrong.extend(f"there is no notice of {told} in LICENSES/" for told in sorted(needed - notices))
    wrong.extend(f"LICENSES/{told}.txt is of no lane and no source" for told in sorted(notices - needed))
    for told in sorted(notices & needed):
        text = (folder / "LICENSES" / f"{told}.txt").read_text(encoding="utf-8")
        if text.split("\n", 1)[0] != f"SPDX-License-Identifier: {told}" or text.count("SPDX-License-Identifier") != 1:
            wrong.append(f"LICENSES/{told}.txt does not begin as the notice of {told}")


def check_profiles(
    rows: Rows, profiles: list[Facts], lanes: tuple[str, ...], manifest: Facts, problems: Problems
) -> None:
    """Check that each profile is what its id says, allows its lane, and is counted rightly."""
    wrong = problems.check("profiles")
    small = manifest["selection"]["small_count"]
    seen = set()
    for row in profiles:
        told = row["rights_profile_id"]
        vector = {name: row[name] for name in VECTOR}
        said = {"vector": vector, "lane": row["lane"], "license": row["license"]}
        if hashlib.sha256(jcs(said)).hexdigest()[:12] != told or told in seen:
            wrong.append(f"{told} is not the id of its rights, or stands twice")
        seen.add(told)
        if row["lane"] not in lanes or row["license"] != LANES.get(row["lane"]):
            wrong.append(f"{told} has the licence {row['license']} in {row['lane']}")
        elif not any(lane_for(sources, vector) == row["lane"] for sources in ONE_OF_EACH):
            wrong.append(f"{told} does not allow the lane {row['lane']}")
        if json.loads(row["odrl"]) != odrl_for(row["lane"], vector, told):
            wrong.append(f"{told} says something else in ODRL")
        count = rows.profiles[told]
        if count == 0 or row["n_rows"] != (None if count < small else count):
            wrong.append(f"{told} is on {count} rows and says {row['n_rows']}")


def check_people(rows: Rows, people: list[Facts], reviews: list[Facts], manifest: Facts, problems: Problems) -> None:
    """Check contributors and reviews against the rows."""
    wrong = problems.check("contributors")
    small = manifest["selection"]["small_count"]
    known = [row["contributor_id"] for row in people if row["contributor_id"] is not None]
    wrong.extend(f"{told} stands twice" for told, n in Counter(known).items() if n > 1)
    reviewers = {row["reviewer_id"] for row in reviews} - {None}
    wrong.extend(f"the reviewer {told} is not in `contributors`" for told in sorted(reviewers - set(known)))
    modes: Counter[str] = Counter()
    lines: dict[str, Facts] = {}
    for row in people:
        told = row["contributor_id"]
        if told is None:
            language = (row["languages"] or [None])[0]
            if language in lines or row["attribution_mode"] != "none" or row["credit_name"] is not None:
                wrong.append(f"the line of uncredited contributors of {language} is not one")
            lines[str(language)] = row
            continue
        modes[row["attribution_mode"]] += 1
        if row["n_rows"] != rows.authors[told] or (told not in reviewers and not rows.authors[told]):
            wrong.append(f"{told} has words in {rows.authors[told]} rows and says {row['n_rows']}")
        if row["attribution_mode"] not in ("named", "handle") or not row["credit_name"]:
            wrong.append(f"{told} is credited without a name")
    if lines.keys() != rows.uncredited.keys():
        wrong.append("the languages of uncredited contributors are not those of their rows")
    for language, row in lines.items():
        people_, n_rows = row["n_contributors"], row["n_rows"]
        if (people_ is None) != (n_rows is None) or (people_ is not None and people_ < small):
            wrong.append(f"a small count of {language} was not left out")
        elif n_rows is not None and n_rows != rows.uncredited[language]:
            wrong.append(f"{language} has {rows.uncredited[language]} uncredited rows and says {n_rows}")
    told = manifest["counts"]["contributors_by_mode"]
    if (told["named"], told["handle"]) != (modes["named"], modes["handle"]):
        wrong.append("the manifest counts other contributors")
    wrong = problems.check("reviews")
    counted: Counter[str] = Counter(row["annotation_id"] for row in reviews if row["kind"] == "outcome")
    wrong.extend(
        f"{one} has {counted[one]} reviews and says {n}" for one, n in rows.n_reviews.items() if counted[one] != n
    )
    outcomes: dict[str, set[str]] = defaultdict(set)
    for row in reviews:
        if row["kind"] == "outcome":
            outcomes[row["annotation_id"]].add(row["outcome"])
    wrong.extend(
        f"{one} is called {status}, and no review says so"
        for one, status in rows.status.items()
        if status in ACCEPTING and not outcomes[one] & ACCEPTING[status]
    )
    ids = Counter(row["review_id"] for row in reviews)
    wrong.extend(f"{told} stands twice" for told, n in ids.items() if n > 1)
    wrong.extend(
        f"{row['review_id']} is about {row['annotation_id']}, which is not there"
        for row in reviews
        if row["annotation_id"] not in rows.lane
    )


def check_counts(rows: Rows, manifest: Facts, problems: Problems) -> None:
    """Check the numbers of the manifest."""
    wrong = problems.check("counts")
    lanes = Counter(rows.lane.values())
    for lane, told in manifest["lanes"].items():
        if told["rows"] != lanes[lane]:
            wrong.append(f"{lane} has {lanes[lane]} rows, the manifest says {told['rows']}")
    small, protected = manifest["selection"]["small_count"], manifest["selection"]["protected_languages"]
    want = {one: None if one in protected and n < small else n for one, n in rows.languages.items()}
    if manifest["counts"]["languages"] != want:
        wrong.append("the manifest counts other languages")
    for entry in manifest["files"]:
        held = rows.files.get(entry["path"])
        if entry["rows"] != held:
            wrong.append(f"{entry['path']} has {held} rows, the manifest says {entry['rows']}")


def check_shielded(rows: Rows, people: list[Facts], reviews: list[Facts], manifest: Facts, problems: Problems) -> None:
    """Check that nobody is named in a protected language, and that facts about people are shared by enough of them."""
    wrong = problems.check("protected languages")
    protected = set(manifest["selection"]["protected_languages"])
    shielded = {one for one, language in rows.language.items() if language in protected}
    wrong.extend(f"{one} is of a protected language and credits somebody" for one in sorted(shielded & rows.credited))
    wrong.extend(
        f"the review {row['review_id']} is of a protected language and names its reviewer"
        for row in reviews
        if row["reviewer_id"] is not None and row["annotation_id"] in shielded
    )
    wrong.extend(
        f"{row['contributor_id']} is shown with a protected language"
        for row in people
        if row["contributor_id"] is not None and protected & set(row["languages"])
    )
    wrong = problems.check("demographics")
    small = manifest["selection"]["small_count"]
    groups: Counter[Any] = Counter()
    facts = {}
    for row in people:
        told = tuple(row[name] for name in DEMOGRAPHICS)
        if any(value is not None for value in told):
            facts[row["contributor_id"]] = (tuple(sorted(rows.of_author[row["contributor_id"]])), told)
            groups[facts[row["contributor_id"]]] += 1
    for told, group in facts.items():
        if told is None:
            wrong.append("facts stand on a line that counts people")
        elif groups[group] < small:
            wrong.append(f"{told} shows facts that only {groups[group]} people in these languages share")
    for row in people:
        if row["contributor_id"] is not None and set(row["languages"]) != rows.of_author[row["contributor_id"]]:
            wrong.append(f"{row['contributor_id']} names other languages than those of the rows")


def check_feed(path: Path, rows: Rows, manifest: Facts, problems: Problems) -> None:
    """Follow a saved feed: its chain holds and passes through the head that the manifest names, and nothing that it had removed by then is here."""
    wrong = problems.check("feed")
    entries: list[Facts] = []
    reader, content = json.JSONDecoder(), path.read_text(encoding="utf-8").strip()
    while content:
        value, end = reader.raw_decode(content)
        content = content[end:].lstrip()
        entries.extend(value.get("entries", [value]))
    told, before = manifest["withdrawals"], GENESIS
    heads = {0: GENESIS}
    removed: set[str] = set()
    for place, entry in enumerate(entries, start=1):
        said = {name: value for name, value in entry.items() if name != "hash"}
        if (entry["seq"], entry["prev_hash"], entry["hash"]) != (place, before, hashlib.sha256(jcs(said)).hexdigest()):
            wrong.append(f"the feed does not hold from entry {place} on")
            return
        before = heads[place] = entry["hash"]
        ours = (entry["dataset"], entry["folder"]) == (manifest["project"], manifest["folder"])
        if entry["op"] == "remove" and ours and place <= told["feed_seq"]:
            removed.update(entry["annotation_ids"])
    if heads.get(told["feed_seq"]) != told["feed_head"]:
        wrong.append(f"the feed does not pass through its entry {told['feed_seq']} as the manifest names it")
    wrong.extend(
        f"{one} was removed by then and stands in {rows.lane[one]}" for one in sorted(removed & rows.lane.keys())
    )


def check_diff(folder: Path, rows: Rows, withdrawn: list[Facts], manifest: Facts, problems: Problems) -> None:
    """Check diff.json against rows, withdrawals and manifest."""
    wrong = problems.check("diff")
    diff = read_json(folder / "diff.json")
    for name in ("project", "version", "previous_version"):
        if diff[name] != manifest[name]:
            wrong.append(f"{name} is not that of the manifest")
    removed = {entry["annotation_id"]: entry["code"] for entry in diff["removed"]}
    changed = {entry["annotation_id"]: entry["code"] for entry in diff["changed"]}
    counts = {"added": len(set(diff["added"])), "removed": len(removed), "changed": len(changed)}
    if counts != manifest["diff"] or counts != {name: len(diff[name]) for name in counts}:
        wrong.append("the manifest counts other changes")
    if (set(removed.values()) | set(changed.values())) - CODES:
        wrong.append("a code is not one of the closed list")
    wrong.extend(f"{one} was added and is not there" for one in diff["added"] if one not in rows.lane)
    wrong.extend(f"{one} was changed and is not there" for one in changed if one not in rows.lane)
    now = {row["annotation_id"] for row in withdrawn if row["since_release"] == manifest["version"]}
    for one in removed:
        if one in rows.lane:
            wrong.append(f"{one} was removed and stands in {rows.lane[one]}")
        if one not in now:
            wrong.append(f"{one} was removed, and `withdrawn` does not say so")
    added = set(diff["added"])
    for one, version in rows.added.items():
        if not VERSION.match(str(version)) or number(version) > number(manifest["version"]):
            wrong.append(f"{one} says it was added in {version}")
        elif version == manifest["version"] and one not in added:
            wrong.append(f"{one} first appears and is not among the added rows")
        elif manifest["previous_version"] is None and one not in added:
            wrong.append(f"{one} is in a first release and not among the added rows")


def yaml_keys(text: str, wrong: list[str]) -> dict[str, str]:
    """Return the top-level keys of a YAML text, each with what stands below it, as text.

    Only the plain way of writing that releases use is accepted, so that every reader of YAML sees the same keys.
    """
    found: dict[str, str] = {}
    last = None
    if "\r" in text or "\t" in text:
        wrong.append("it has line ends or tabs that readers take in different ways")
    for line in re.split("[\n\x85\u2028\u2029]", text):  # all of them end a line in YAML 1.1
        key = YAML_KEY.match(line)
        if key is not None:
            last = key.group(1)
            if last in found:
                wrong.append(f"the key {last} stands twice")
            found[last] = key.group(2) or ""
        elif last is not None and (line == "" or line.startswith((" ", "- "))):
            found[last] += "\n" + line
        else:
            wrong.append(f"the line {line[:60]!r} is not one of a key")
    for name, value in found.items():
        # A list or a mapping begins on the next line; whatever it quotes, it quotes within one line.
        parts = [value] if not value.startswith("\n") else [YAML_LEAD.sub("", line) for line in value.split("\n")]
        for part in parts:
            if part[:1] in ("'", '"') and not YAML_QUOTED.match(part.rstrip("\n")):
                wrong.append(f"the key {name} has a quote that does not end")
            elif part[:1] and part[0] in "[{&*!|>%@`?" and part.rstrip("\n") not in ("[]", "{}"):
                wrong.append(f"the key {name} is written in another way than releases use")
    return {name: value.rstrip("\n") for name, value in found.items()}


def configs_for(rows: Rows, side: dict[str, list[Facts]], held: list[str]) -> str:
    """Return what stands below ``configs`` in the card: every config with rows, and of it every split with rows."""
    splits = {(lane, rows.split[one]) for one, lane in rows.lane.items()}
    places = [
        (name, [(split, f"data/{lane}/{split}") for split in SPLITS if (lane, split) in splits])
        for lane in held
        for name in (["default", lane] if lane == held[0] else [lane])
    ]
    places += [(table, [("train", f"{table}/train")]) for table in SIDE_TABLES if side[table]]
    lines = [""]
    for name, files in places:
        lines += [f"- config_name: {name}", "  data_files:"]
        for split, path in files:
            lines += [f"  - split: {split}", f"    path: {path}-*.parquet"]
    return "\n".join(lines)


def check_card(
    folder: Path, rows: Rows, side: dict[str, list[Facts]], lanes: tuple[str, ...], problems: Problems
) -> None:
    """Check the card's licence, and that it leads to exactly the files that have rows."""
    wrong = problems.check("card")
    begin, _, rest = (folder / "README.md").read_bytes().decode("utf-8").partition("---\n")
    head, end, _ = rest.partition("\n---\n")
    if begin or not end:
        wrong.append("README.md does not begin with YAML between two lines of ---")
        return
    told = yaml_keys(head, wrong)
    wrong.extend(f"the card has the key {name}, which is none of a card" for name in sorted(told.keys() - CARD_KEYS))
    held = [lane for lane in lanes if lane in set(rows.lane.values())]
    license_id = LANES[(held or lanes)[0]]
    own = license_id.startswith("LicenseRef-")
    want = {
        "license": "other" if own else license_id.lower(),
        "license_name": license_id[len("LicenseRef-") :].lower() if own else None,
        "license_link": LICENSE_LINKS[license_id],
    }
    for name, value in want.items():
        if told.get(name) != value:
            wrong.append(f"the card's {name} is not {value}, that of the most open lane with rows")
    configs = configs_for(rows, side, held)
    if told.get("configs", "") != configs:
        wrong.append("the card's configs are not those of the files with rows")


def check_papers(
    folder: Path, rows: Rows, people: list[Facts], manifest: Facts, lanes: tuple[str, ...], problems: Problems
) -> None:
    """Check that LICENSE, CITATION.cff and CONTRIBUTORS.md say what the tables say."""
    wrong = problems.check("papers")
    title = f"{manifest['title']}, version {manifest['version']}"
    lines = (folder / "LICENSE").read_text(encoding="utf-8").split("\n")
    told = [line.split()[:2] for line in lines if line.startswith("  ")]
    if told != [[f"data/{lane}/", LANES[lane]] for lane in lanes]:
        wrong.append("LICENSE does not name the licence of each lane")
    others = {name for line in lines if line != title for name in LICENSE_NAME.findall(line)}
    others -= {LANES[lane] for lane in lanes} | {"Apache-2.0"}
    wrong.extend(f"LICENSE speaks of {name}, under which no lane stands" for name in sorted(others))

    aside: list[str] = []
    citation = yaml_keys((folder / "CITATION.cff").read_bytes().decode("utf-8").rstrip("\n"), aside)
    wrong.extend(f"CITATION.cff: {one}" for one in aside)
    held = [LANES[lane] for lane in lanes if lane in set(rows.lane.values())] or [LANES[lanes[0]]]
    want: str | None = held[0] if len(held) == 1 else "".join(f"\n- {license_id}" for license_id in held)
    if manifest["folder"] != "public":
        want = None
    if citation.get("license") != want:
        wrong.append("CITATION.cff names other licences than those of the lanes with rows")
    if (want is None) != ("license-url" in citation):
        wrong.append("CITATION.cff leads to the terms where it should not, or does not where it should")

    names = Counter(str(row["credit_name"]) for row in people if row["contributor_id"] is not None)
    printed: Counter[str] = Counter()
    few, more = "A few more people wrote texts and are not named.", r"\d+ more people wrote texts and are not named\."
    for line in (folder / "CONTRIBUTORS.md").read_text(encoding="utf-8").split("\n"):
        if line.startswith("- "):
            printed[MARKDOWN_ESCAPE.sub(r"\1", line[2:])] += 1
        elif line not in ("", "# Contributors", f"{title}. By name; thank you.", few) and not (
            re.fullmatch(more, line) or (line == "Nobody is credited by name." and not names)
        ):
            wrong.append(f"CONTRIBUTORS.md has the line {line[:60]!r}, which none has")
    wrong.extend(f"CONTRIBUTORS.md names {name}, who is not credited" for name in sorted(printed - names))
    wrong.extend(f"CONTRIBUTORS.md leaves out {name}" for name in sorted(names - printed))


def check_previous(
    pq: Any, folder: Path, rows: Rows, withdrawn: list[Facts], manifest: Facts, old: Path, problems: Problems
) -> None:
    """Compare with an earlier release of the same kind: what vanished or changed must have been said."""
    wrong = problems.check("previous")
    if not is_release(old):
        wrong.append(f"{old} {NO_RELEASE}")
        return
    before = read_json(old / "manifest.json")
    if before["schema"] != FORMAT:
        wrong.append(f"the earlier folder is in the format {before['schema']}, and cannot be compared with this one")
        return
    if (before["project"], before["folder"]) != (manifest["project"], manifest["folder"]):
        wrong.append("the earlier folder is of another project or kind")
        return
    if number(before["version"]) >= number(manifest["version"]):
        wrong.append(f"the earlier folder is version {before['version']}, which is not earlier")
        return
    aside = Problems()
    sums = check_sums(old, aside)
    was = Rows()
    side = read_side(pq, old, sums, was, aside)
    read_rows(pq, old, sums, side, before, was, aside)
    if any(aside.found.values()):
        wrong.append("the earlier folder is itself not in order: check it first")
    told = side["withdrawn"]
    if withdrawn[: len(told)] != told:
        wrong.append("an entry of the earlier `withdrawn` is missing or was changed")
    new = withdrawn[len(told) :]
    wrong.extend(
        f"entry {row['seq']} is new and says that it holds since {row['since_release']}"
        for row in new
        if number(row["since_release"]) <= number(before["version"])
    )
    ops: dict[str, set[str]] = defaultdict(set)
    for row in new:
        ops[row["annotation_id"]].add(row["op"])
    direct = before["version"] == manifest["previous_version"]
    diff = read_json(folder / "diff.json")
    changed = {entry["annotation_id"] for entry in diff["changed"]}
    for one, lane in was.lane.items():
        if one not in rows.lane:
            if not ops[one] & {"remove", "restrict"}:
                wrong.append(f"{one} vanished, and `withdrawn` does not say so")
            continue
        if (rows.split[one], rows.root[one], rows.added[one]) != (was.split[one], was.root[one], was.added[one]):
            wrong.append(f"{one} moved to another split or lineage, or was added anew")
        if rows.lane[one] != lane and "restrict" not in ops[one]:
            wrong.append(f"{one} moved from {lane} to {rows.lane[one]}, and `withdrawn` does not say so")
        if rows.words[one] != was.words[one] and "correct" not in ops[one]:
            wrong.append(f"the words of {one} changed, and `withdrawn` does not say so")
        if direct and (rows.hash[one] != was.hash[one]) != (one in changed):
            wrong.append(f"{one} changed and diff.json does not say so, or the other way round")
    if direct:
        added = set(diff["added"])
        gone = {entry["annotation_id"] for entry in diff["removed"]}
        wrong.extend(f"{one} is not told as added" for one in rows.lane if (one not in was.lane) != (one in added))
        wrong.extend(f"{one} is not told as removed" for one in was.lane if (one not in rows.lane) != (one in gone))


# ---------------------------------------------------------------------------------------------- the whole


NO_RELEASE = (
    "is not a release folder: such a folder holds SHA256SUMS, manifest.json, README.md and data/ at its top, "
    "and is named after its version"
)


def is_release(folder: Path) -> bool:
    """Say whether a folder looks like a release at all."""
    return folder.is_dir() and any((folder / name).is_file() for name in MARKS)


def verify(
    folder: Path, previous: Path | None = None, manifest_sha256: str | None = None, feed: Path | None = None
) -> Facts:
    """Check a folder; return ``ok``, ``release``, ``checks`` and ``rows_checked``."""
    problems = Problems()
    release, rows_checked = None, False
    if not folder.is_dir():
        problems.check("files").append(f"{folder} is not a folder")
        return {"ok": False, "release": None, "rows_checked": False, "checks": problems.report()}
    if not is_release(folder):
        problems.check("files").append(f"{folder} {NO_RELEASE}")
        return {"ok": False, "release": None, "rows_checked": False, "checks": problems.report()}
    sums = check_sums(folder, problems)
    if manifest_sha256 is not None:
        wrong, own = problems.check("manifest-sha256"), sums.get("manifest.json")
        if own != manifest_sha256.lower():
            wrong.append(f"the folder's manifest.json has the SHA-256 {own}, which differs from the given one, "
                         f"{manifest_sha256.lower()}: this is not the folder that the sum was given for")  # fmt: skip
    try:
        manifest = read_json(folder / "manifest.json")
        release = f"{manifest['project']} {manifest['version']}"
        check_manifest(folder, manifest, sums, problems)
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        problems.check("manifest").append(f"manifest.json cannot be read: {said_by(error)}")
        return {"ok": False, "release": release, "rows_checked": False, "checks": problems.report()}
    try:
        import pyarrow.parquet as pq
    except ImportError:
        pq = None
    if pq is not None:
        rows_checked = True
        try:
            check_meaning(pq, folder, previous, manifest, sums, problems, feed)
        except Exception as error:  # noqa: BLE001  # a forged file can fail in every way; all of them are a refusal
            problems.check("rows").append(f"cannot be read: {said_by(error)}")
    checks = problems.report()
    return {"ok": all(check["ok"] for check in checks) and rows_checked, "release": release,
            "rows_checked": rows_checked, "checks": checks}  # fmt: skip


def check_meaning(
    pq: Any,
    folder: Path,
    previous: Path | None,
    manifest: Facts,
    sums: dict[str, str],
    problems: Problems,
    feed: Path | None = None,
) -> None:
    """Read the rows and check that everything said about them is true."""
    for name in ("columns", "order", "ids", "licences", "profiles", "sources", "splits", "texts"):
        problems.check(name)
    rows = Rows()
    lanes = FOLDERS[manifest["folder"]]
    side = read_side(pq, folder, sums, rows, problems)
    read_rows(pq, folder, sums, side, manifest, rows, problems)
    check_withdrawn(rows, side["withdrawn"], manifest, problems)
    check_lineage(rows, side["withdrawn"], problems)
    check_sources(folder, rows, sums, lanes, problems)
    check_profiles(rows, side["rights_profiles"], lanes, manifest, problems)
    check_people(rows, side["contributors"], side["reviews"], manifest, problems)
    check_shielded(rows, side["contributors"], side["reviews"], manifest, problems)
    check_counts(rows, manifest, problems)
    check_diff(folder, rows, side["withdrawn"], manifest, problems)
    check_card(folder, rows, side, lanes, problems)
    check_papers(folder, rows, side["contributors"], manifest, lanes, problems)
    if feed is not None:
        check_feed(feed, rows, manifest, problems)
    if previous is not None:
        check_previous(pq, folder, rows, side["withdrawn"], manifest, previous, problems)


def status_of(result: Facts) -> int:
    """Return the exit status of a result."""
    if any(not check["ok"] for check in result["checks"]):
        return 1
    return 0 if result["rows_checked"] else 3


def a_sha256(value: str) -> str:
    """Return a SHA-256 in lower case; anything else is wrong usage."""
    if not SHA256.match(value.lower()):
        message = f"{value!r} is not a SHA-256: 64 digits from 0 to 9 and a to f"
        raise argparse.ArgumentTypeError(message)
    return value.lower()


def main(arguments: list[str] | None = None) -> int:
    """Check the folder named on the command line; without one, the folder that this file lies in."""
    parser = argparse.ArgumentParser(description="Check a release folder.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--previous", type=Path, help="an earlier release of the same project, to compare with")
    parser.add_argument(
        "--manifest-sha256", metavar="HEX", type=a_sha256, help="the SHA-256 that the release's page shows"
    )
    parser.add_argument(
        "--feed", metavar="FILE", type=Path, help="the feed as you saved it, page after page, to compare with"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    chosen = parser.parse_args(arguments)
    result = verify(chosen.folder, chosen.previous, chosen.manifest_sha256, chosen.feed)
    status = status_of(result)
    if chosen.json:
        sys.stdout.write(json.dumps(result, indent=2) + "\n")
        return status
    for check in result["checks"]:
        sys.stdout.write(
            f"{'ok     ' if check['ok'] else 'REFUSED'}  {check['name']}  {check['detail']}".rstrip() + "\n"
        )
    if status == 3:  # noqa: PLR2004  # documented above
        sys.stdout.write("The sums hold. The rows were NOT checked: install pyarrow (pip install pyarrow).\n")
    elif status == 0:
        sys.stdout.write(f"{result['release']}: every promise holds.\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
