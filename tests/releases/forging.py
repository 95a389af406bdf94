"""A forger who knows the format: changes a folder's tables and papers, then mends every sum and every count."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rfc8785
import yaml

from annotator.releases.tables import TABLES, arrow_schema

Row = dict[str, Any]
LANES = {
    "open": "CC-BY-4.0",
    "sharealike": "CC-BY-SA-4.0",
    "noncommercial": "CC-BY-NC-4.0",
    "gated": "LicenseRef-Annotator-Gated-1.0",
}
SIDES = ("reviews", "contributors", "rights_profiles", "withdrawn")


class Forgery:
    """The rows of a folder in memory; ``seal`` writes them back with everything recomputed."""

    def __init__(self, folder: Path) -> None:
        """Read the whole folder."""
        import pyarrow.parquet as pq  # noqa: PLC0415  # slow to import

        self.folder = folder
        self.manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        self.diff = json.loads((folder / "diff.json").read_text(encoding="utf-8"))
        self.rows: dict[str, list[Row]] = {lane: [] for lane in self.manifest["lanes"]}
        self.files: dict[str, str] = {}  # rows that lie in the file of another split than they say
        self.sides: dict[str, list[Row]] = {}
        self.papers: dict[str, Callable[[str], str]] = {}
        for path in sorted(folder.rglob("*.parquet")):
            rows = pq.ParquetFile(path).read().to_pylist()
            parts = path.relative_to(folder).parts
            if parts[0] == "data":
                self.rows[parts[1]].extend(rows)
            else:
                self.sides[parts[0]] = rows

    def everything(self) -> list[Row]:
        """Return the rows of all lanes."""
        return [row for rows in self.rows.values() for row in rows]

    def lane_of(self, annotation_id: str) -> str:
        """Return where a row stands."""
        return next(lane for lane, rows in self.rows.items() for row in rows if row["annotation_id"] == annotation_id)

    def row(self, annotation_id: str) -> Row:
        """Return one row."""
        return next(row for row in self.everything() if row["annotation_id"] == annotation_id)

    def move(self, row: Row, lane: str) -> None:
        """Put a row into another lane, with that lane's licence and a profile that fits the lane."""
        self.rows[self.lane_of(row["annotation_id"])].remove(row)
        vector = self.vector(row)
        row["license"] = LANES[lane]
        row["rights_profile_id"] = self.profile(vector, lane)
        self.rows[lane].append(row)

    def vector(self, row: Row) -> dict[str, Any]:
        """Return the rights of a row's profile."""
        profile = next(p for p in self.sides["rights_profiles"] if p["rights_profile_id"] == row["rights_profile_id"])
        return {name: profile[name] for name in ("publish", "derive", "train", "evaluate", "research", "commercial")}

    def profile(self, vector: dict[str, Any], lane: str) -> str:
        """Return the id of a profile, which is added if it is not there."""
        said: Row = {"vector": vector, "lane": lane, "license": LANES[lane]}
        told = hashlib.sha256(rfc8785.dumps(said)).hexdigest()[:12]
        if not any(one["rights_profile_id"] == told for one in self.sides["rights_profiles"]):
            template = dict(self.sides["rights_profiles"][0])
            offer = json.loads(template["odrl"])
            offer["uid"] = f"urn:annotator:rights-profile:{told}"
            order = ("train", "evaluate", "research", "commercial", "derive")
            granted = [
                name for name in order if vector[name] and not (lane == "noncommercial" and name == "commercial")
            ]
            denied = [name for name in order if name not in granted]
            offer["permission"][0]["constraint"][0]["rightOperand"] = granted
            offer.pop("prohibition", None)
            if denied:
                constraint = {"leftOperand": "purpose", "operator": "isAnyOf", "rightOperand": denied}
                offer["prohibition"] = [{"action": "use", "constraint": [constraint]}]
            self.sides["rights_profiles"].append(
                {**template, **vector, "rights_profile_id": told, "lane": lane, "license": LANES[lane],
                 "odrl": json.dumps(offer, sort_keys=True)}
            )  # fmt: skip
        return told

    def recount(self) -> None:
        """Mend every number that follows from the rows."""
        rows = self.everything()
        counts = Counter(row["rights_profile_id"] for row in rows)
        self.sides["rights_profiles"] = sorted(
            ({**one, "n_rows": n if (n := counts[one["rights_profile_id"]]) >= 5 else None}
             for one in self.sides["rights_profiles"] if counts[one["rights_profile_id"]]),
            key=lambda one: one["rights_profile_id"],
        )  # fmt: skip
        authors = Counter(author["contributor_id"] for row in rows for author in row["authors"])
        uncredited = Counter(row["language"] for row in rows if row["contributor_id"] is None)
        reviewers = {review["reviewer_id"] for review in self.sides["reviews"]}
        people = []
        for one in self.sides["contributors"]:
            told = one["contributor_id"]
            if told is None and one["languages"][0] in uncredited:
                people.append(one)
            elif told is not None and (authors[told] or told in reviewers):
                people.append({**one, "n_rows": authors[told]})
        self.sides["contributors"] = people
        for place, entry in enumerate(self.sides["withdrawn"], start=1):
            entry["seq"] = place
        told = self.manifest
        for lane in self.rows:
            told["lanes"][lane]["rows"] = len(self.rows[lane])
        told["counts"]["languages"] = dict(sorted(Counter(row["language"] for row in rows).items()))
        modes = Counter(one["attribution_mode"] for one in people if one["contributor_id"])
        told["counts"]["contributors_by_mode"] |= {"named": modes["named"], "handle": modes["handle"]}
        told["withdrawals"] |= {
            "total": len(self.sides["withdrawn"]),
            "since_previous": sum(one["since_release"] == told["version"] for one in self.sides["withdrawn"]),
        }
        told["diff"] = {name: len(self.diff[name]) for name in ("added", "removed", "changed")}

    def seal(self) -> None:
        """Write tables, diff, card, manifest and sums as if nothing had ever been different."""
        self.recount()
        written: dict[str, int] = {}
        for lane, rows in self.rows.items():
            for split in ("train", "validation", "test"):
                part = sorted(
                    (row for row in rows if self.files.get(row["annotation_id"], row["split"]) == split),
                    key=lambda row: row["annotation_id"],
                )
                written |= self._write(f"data/{lane}/{split}-00000-of-00001.parquet", "annotations", part)
        for table in SIDES:
            written |= self._write(f"{table}/train-00000-of-00001.parquet", table, self.sides[table])
        self._card()
        self._papers()
        for name, change in self.papers.items():
            path = self.folder / name
            path.write_text(change(path.read_text(encoding="utf-8") if path.exists() else ""), encoding="utf-8")
        self._dump("diff.json", self.diff)
        self.manifest["files"] = [
            {"path": path, "sha256": sha256(self.folder / path), "bytes": (self.folder / path).stat().st_size,
             "rows": written.get(path)}
            for path in self.paths() if path not in {"manifest.json", "SHA256SUMS"}
        ]  # fmt: skip
        self._dump("manifest.json", self.manifest)
        resum(self.folder)

    def paths(self) -> list[str]:
        """Return the paths of all files."""
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file())

    def _card(self) -> None:
        """Let the card list what has rows, as a forger would who wants the folder to load."""
        path = self.folder / "README.md"
        _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
        facts = yaml.safe_load(head)
        held = [lane for lane, rows in self.rows.items() if rows]
        license_id = LANES[(held or list(self.rows))[0]]
        if not license_id.startswith("LicenseRef"):
            kind = license_id.lower().removeprefix("cc-").removesuffix("-4.0")
            facts["license"] = license_id.lower()
            facts["license_link"] = f"https://creativecommons.org/licenses/{kind}/4.0/"
        facts["configs"] = self._configs(held)
        facts.pop("dataset_info", None)
        dumped = yaml.safe_dump(facts, sort_keys=False, allow_unicode=True, width=1000)
        path.write_text(f"---\n{dumped}---\n{body}", encoding="utf-8")

    def _configs(self, held: list[str]) -> list[Row]:
        """Return the configs of what has rows."""
        configs: list[Row] = []
        for lane in held:
            splits = {self.files.get(row["annotation_id"], row["split"]) for row in self.rows[lane]}
            files = [
                {"split": split, "path": f"data/{lane}/{split}-*.parquet"}
                for split in ("train", "validation", "test") if split in splits
            ]  # fmt: skip
            names = ("default", lane) if lane == held[0] else (lane,)
            configs += [{"config_name": name, "data_files": [dict(one) for one in files]} for name in names]
        configs += [
            {"config_name": table, "data_files": [{"split": "train", "path": f"{table}/train-*.parquet"}]}
            for table in SIDES if self.sides[table]
        ]  # fmt: skip
        return configs

    def _papers(self) -> None:
        """Let CITATION.cff and CONTRIBUTORS.md follow the tables."""
        path = self.folder / "CITATION.cff"
        facts = yaml.safe_load(path.read_text(encoding="utf-8"))
        if "license" in facts:
            held = [LANES[lane] for lane, rows in self.rows.items() if rows]
            facts["license"] = held if len(held) > 1 else (held or [LANES["open"]])[0]
        path.write_text(yaml.safe_dump(facts, sort_keys=False, allow_unicode=True, width=1000), encoding="utf-8")
        path = self.folder / "CONTRIBUTORS.md"
        names = sorted(one["credit_name"] for one in self.sides["contributors"] if one["contributor_id"])
        lines = [line for line in path.read_text(encoding="utf-8").split("\n") if not line.startswith("- ")]
        lines[4:4] = ["- " + re.sub(r"([\\`*_{}\[\]<>()#+\-.!|~])", r"\\\1", name) for name in names]
        path.write_text("\n".join(lines), encoding="utf-8")

    def paper(self, name: str, change: Callable[[str], str]) -> None:
        """Change a paper, also one that was not there, and leave it so when the folder is sealed."""
        self.papers[name] = change

    def _write(self, path: str, table: str, rows: list[Row]) -> dict[str, int]:
        import pyarrow as pa  # noqa: PLC0415  # slow to import
        import pyarrow.parquet as pq  # noqa: PLC0415

        pq.write_table(pa.Table.from_pylist(rows, schema=arrow_schema(TABLES[table])), self.folder / path)
        return {path: len(rows)}

    def _dump(self, path: str, value: object) -> None:
        (self.folder / path).write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def resum(folder: Path) -> None:
    """Write SHA256SUMS anew."""
    paths = sorted(
        p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and p.name != "SHA256SUMS"
    )
    sums = "".join(f"{sha256(folder / path)}  {path}\n" for path in paths)
    (folder / "SHA256SUMS").write_bytes(sums.encode())


def forge(folder: Path, change: Callable[[Forgery], object]) -> None:
    """Change a folder and mend everything around it."""
    forgery = Forgery(folder)
    change(forgery)
    forgery.seal()
