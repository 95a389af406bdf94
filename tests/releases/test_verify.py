"""A release that was touched is refused: by its sums, by what its rows mean, by the release before, by its manifest's sum."""

import hashlib
import itertools
import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from annotator.consent.rules import Rights, outbound, source_class
from annotator.database import open_session
from annotator.releases import chain, verify
from annotator.settings import Settings
from tests import databases
from tests.releases.forging import Forgery, Row, forge, resum, sha256
from tests.releases.scenes import Scene, published_twice


class Two:
    """Two published releases, and the ids of their texts by name."""

    def __init__(self, scene: Scene) -> None:
        """Remember the folders."""
        self.first, self.second, self.gated = (
            scene.folder("1.0.0"),
            scene.folder("2.0.0"),
            scene.folder("2.0.0", "gated"),
        )
        self.ids = {name: text.public_id for name, text in scene.texts.items()}


@pytest.fixture(scope="module")
def two(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    """Two releases, made once: these tests are about files, and test_actions is about what a database makes of them."""
    place = tmp_path_factory.mktemp("two releases")
    settings = Settings(
        exports=place / "exports", exports_gated=place / "gated", journal=place / "journal", redis_url="",
        public_url="http://localhost",
    )  # fmt: skip
    with (
        databases.sqlite_copy(sqlite_template, place) as database,
        open_session(database.engine, writes=True) as session,
    ):
        yield Two(published_twice(session, settings))


@pytest.fixture
def folder(two: Two, tmp_path: Path) -> Path:
    """A copy of the second release, to be touched."""
    return Path(shutil.copytree(two.second, tmp_path / "2.0.0"))


def refusals(folder: Path, previous: Path | None = None, manifest_sha256: str | None = None) -> dict[str, str]:
    """Return what is wrong, by the name of the check."""
    result = verify.verify(folder, previous, manifest_sha256)
    assert not result["ok"]
    assert verify.status_of(result) == 1
    return {str(check["name"]): str(check["detail"]) for check in result["checks"] if not check["ok"]}


def test_both_releases_and_the_gated_folder_hold(two: Two) -> None:
    for folder, previous in ((two.first, None), (two.second, two.first), (two.gated, None)):
        result = verify.verify(folder, previous, sha256(folder / "manifest.json"))
        assert result["ok"], [check for check in result["checks"] if not check["ok"]]
        assert verify.status_of(result) == 0


def test_a_forger_who_changes_nothing_is_not_refused(two: Two, folder: Path) -> None:
    forge(folder, lambda _forgery: None)
    result = verify.verify(folder, two.first)
    assert result["ok"], [check for check in result["checks"] if not check["ok"]]


# --- every byte, every file


def paths_of_a_release() -> list[str]:
    """Return the paths that a public release has in any case."""
    lanes = [f"data/{lane}/{split}-00000-of-00001.parquet" for lane in ("open", "sharealike", "noncommercial")
             for split in verify.SPLITS]  # fmt: skip
    sides = [f"{table}/train-00000-of-00001.parquet" for table in verify.SIDE_TABLES]
    licenses = [f"LICENSES/{name}.txt" for name in ("CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0")]
    schemas = [f"schema/{table}.schema.json" for table in (*verify.COLUMNS, "feed")]
    return [*verify.PAPERS, "SHA256SUMS", *lanes, *sides, *licenses, *schemas]


def test_the_list_of_paths_is_that_of_a_release(two: Two) -> None:
    assert sorted(paths_of_a_release()) == sorted(Forgery(two.second).paths())


@pytest.mark.parametrize("path", paths_of_a_release())
def test_one_byte_changed_in_any_file_is_found_and_the_file_named(folder: Path, path: str) -> None:
    content = bytearray((folder / path).read_bytes())
    place = len(content) // 2
    content[place] ^= 1
    (folder / path).write_bytes(bytes(content))
    wrong = refusals(folder)
    assert path in " ".join(wrong.values())


@pytest.mark.parametrize("path", paths_of_a_release())
def test_a_missing_file_is_found_and_named(folder: Path, path: str) -> None:
    (folder / path).unlink()
    assert path in " ".join(refusals(folder).values())
    if path != "SHA256SUMS":
        resum(folder)
        assert path in " ".join(refusals(folder).values())


@pytest.mark.parametrize("path", ["data/open/extra-00000-of-00001.parquet", "notes.txt", "LICENSES/x/y.txt", ".hidden"])
def test_an_extra_file_is_found_and_named(folder: Path, path: str) -> None:
    (folder / path).parent.mkdir(exist_ok=True)
    (folder / path).write_text("extra", encoding="utf-8")
    assert path in refusals(folder)["files"]
    resum(folder)
    assert path in refusals(folder)["manifest"]


def test_a_link_is_no_file_of_a_release(folder: Path) -> None:
    content = folder / "LICENSE"
    moved = folder.parent / "LICENSE"
    content.rename(moved)
    content.symlink_to(moved)
    assert "LICENSE is not a plain file" in refusals(folder)["files"]


@pytest.mark.parametrize(
    "spell",
    [
        lambda text: text.upper(),
        lambda text: text.replace("  ", " *"),
        lambda text: text.rstrip("\n"),
        lambda text: text + "\n",
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "".join(reversed(text.splitlines(keepends=True))),
        lambda text: text + text.splitlines()[0] + "\n",
    ],
    ids=["upper case", "star", "no last newline", "two newlines", "dos", "order", "twice"],
)
def test_sums_that_a_lenient_reader_accepts_are_refused(folder: Path, spell: Callable[[str], str]) -> None:
    path = folder / "SHA256SUMS"
    path.write_bytes(spell(path.read_text(encoding="utf-8")).encode())
    assert "SHA256SUMS" in " ".join(refusals(folder).values())


# --- forgeries with every sum and count recomputed


def test_a_licence_made_wider_than_its_profile(two: Two, folder: Path) -> None:
    def change(forgery: Forgery) -> None:
        forgery.row(two.ids["unpaid"])["license"] = "CC-BY-4.0"

    forge(folder, change)
    wrong = refusals(folder)
    assert two.ids["unpaid"] in wrong["licences"]


def test_a_row_moved_to_a_wider_lane_than_its_rights(two: Two, folder: Path) -> None:
    forge(folder, lambda forgery: forgery.move(forgery.row(two.ids["unpaid"]), "open"))
    wrong = refusals(folder)
    assert two.ids["unpaid"] in wrong["sources"]


def test_a_sharealike_source_in_the_open_lane(two: Two, folder: Path) -> None:
    forge(folder, lambda forgery: forgery.move(forgery.row(two.ids["alike"]), "open"))
    assert two.ids["alike"] in refusals(folder)["sources"]
    assert set(refusals(folder)) == {"sources"}, "everything else was mended"


def test_a_removed_id_put_back_into_the_data(two: Two, folder: Path) -> None:
    removed = Forgery(two.first).row(two.ids["original"])

    def change(forgery: Forgery) -> None:
        forgery.rows["open"].append(removed)
        forgery.diff["removed"] = [e for e in forgery.diff["removed"] if e["annotation_id"] != two.ids["original"]]
        put_people_back(forgery, Forgery(two.first), removed)

    forge(folder, change)
    assert two.ids["original"] in refusals(folder)["withdrawn"]
    assert set(refusals(folder)) == {"withdrawn", "reviews"} or set(refusals(folder)) == {"withdrawn"}


def put_people_back(forgery: Forgery, other: Forgery, row: Row) -> None:
    """Bring along what a row needs beside it: profile, contributors, reviews."""
    for table, key, told in (
        ("rights_profiles", "rights_profile_id", {row["rights_profile_id"]}),
        ("contributors", "contributor_id", {author["contributor_id"] for author in row["authors"]}),
        ("reviews", "annotation_id", {row["annotation_id"]}),
    ):
        known = {one[key] for one in forgery.sides[table]}
        forgery.sides[table].extend(one for one in other.sides[table] if one[key] in told - known)


def test_a_removed_id_put_back_behind_an_entry_that_says_something_harmless(two: Two, folder: Path) -> None:
    removed = Forgery(two.first).row(two.ids["original"])

    def change(forgery: Forgery) -> None:
        forgery.rows["open"].append(removed)
        forgery.diff["removed"] = [e for e in forgery.diff["removed"] if e["annotation_id"] != two.ids["original"]]
        last = dict(forgery.sides["withdrawn"][-1])
        forgery.sides["withdrawn"].append({**last, "annotation_id": two.ids["original"], "op": "correct", "lane": None})
        put_people_back(forgery, Forgery(two.first), removed)

    forge(folder, change)
    assert two.ids["original"] in refusals(folder)["withdrawn"]


def test_a_removed_id_cannot_be_restricted_back_into_the_data(two: Two, folder: Path) -> None:
    def change(forgery: Forgery) -> None:
        last = dict(forgery.sides["withdrawn"][-1])
        forgery.sides["withdrawn"].append(
            {**last, "annotation_id": two.ids["original"], "op": "restrict", "lane": "open"}
        )

    forge(folder, change)
    assert two.ids["original"] in refusals(folder)["withdrawn"]


def test_a_parent_that_leads_nowhere(two: Two, folder: Path) -> None:
    nowhere = str(uuid.uuid4())

    def change(forgery: Forgery) -> None:
        row = forgery.row(two.ids["kept"])
        row["parent_id"], row["parent_state"], row["link"] = nowhere, "in_release", "edit"

    forge(folder, change)
    assert nowhere in refusals(folder)["lineage"]


def test_a_contributor_whom_the_table_lacks(two: Two, folder: Path) -> None:
    def change(forgery: Forgery) -> None:
        row = forgery.row(two.ids["kept"])
        row["contributor_id"] = row["authors"][0]["contributor_id"] = "0123456789abcdef"

    forge(folder, change)
    assert "0123456789abcdef" in refusals(folder)["contributors"]


@pytest.mark.parametrize("lane", ["open", "noncommercial"])
def test_an_id_twice(two: Two, folder: Path, lane: str) -> None:
    def change(forgery: Forgery) -> None:
        row = dict(forgery.row(two.ids["edited"]))
        forgery.rows["open"].append(row)
        if lane != "open":
            forgery.move(row, lane)

    forge(folder, change)
    wrong = refusals(folder)
    assert two.ids["edited"] in wrong["ids"]


def in_two_splits(forgery: Forgery, ids: dict[str, str]) -> None:
    """Say that two rows go back to one text, and put them into two splits."""
    one, other = forgery.row(ids["edited"]), forgery.row(ids["new"])
    other["root_id"] = one["root_id"]
    other["split"] = "test" if one["split"] == "train" else "train"


def test_a_row_that_may_not_train_in_the_train_split(two: Two, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(two.gated, tmp_path / "gated"))

    def change(forgery: Forgery) -> None:
        row = forgery.row(two.ids["gated"])
        row["rights_profile_id"] = forgery.profile({**forgery.vector(row), "train": False}, "gated")
        row["purposes"].remove("train")
        row["split"] = "train"

    forge(folder, change)
    assert set(refusals(folder)) == {"splits"}


def without_source_licences(forgery: Forgery, ids: dict[str, str]) -> None:
    """Move a row from the ShareAlike lane to the open one, and forget the licence of its source."""
    row = forgery.row(ids["alike"])
    row["source_licenses"] = []
    forgery.move(row, "open")


def with_another_source_licence(forgery: Forgery, ids: dict[str, str]) -> None:
    """Let one of two rows of a source say a freer licence."""
    one, other = forgery.row(ids["alike"]), forgery.row(ids["new"])
    other["source"], other["source_licenses"] = one["source"], ["CC-BY-4.0"]


def child_of(forgery: Forgery, ids: dict[str, str], child: str, parent: str) -> None:
    """Say that one row was made from another."""
    below, above = forgery.row(ids[child]), forgery.row(ids[parent])
    below.update(parent_id=above["annotation_id"], parent_state="in_release", link="edit")
    below.update(root_id=above["root_id"], split=above["split"])


def a_circle(forgery: Forgery, ids: dict[str, str]) -> None:
    """Say that two rows were made from each other."""
    child_of(forgery, ids, "new", "edited")
    child_of(forgery, ids, "edited", "new")


def without_review(forgery: Forgery, ids: dict[str, str]) -> None:
    """Take away the reviews of a row that is called accepted."""
    forgery.sides["reviews"] = [r for r in forgery.sides["reviews"] if r["annotation_id"] != ids["new"]]
    forgery.row(ids["new"])["n_reviews"] = 0


def with_outcome(forgery: Forgery, annotation_id: str, outcome: str) -> None:
    """Let every review of a row say something else."""
    for review in forgery.sides["reviews"]:
        if review["annotation_id"] == annotation_id and review["kind"] == "outcome":
            review["outcome"] = outcome


@pytest.mark.parametrize(
    ("check", "forged"),
    [
        ("sources", without_source_licences),
        ("sources", with_another_source_licence),
        ("sources", lambda f, ids: child_of(f, ids, "new", "alike")),
        ("lineage", lambda f, ids: child_of(f, ids, "new", "new")),
        ("lineage", a_circle),
        ("texts", lambda f, ids: f.row(ids["new"]).update(review_status="unreviewed")),
        ("reviews", without_review),
        ("reviews", lambda f, ids: with_outcome(f, ids["new"], "declined")),
        ("reviews", lambda f, ids: with_outcome(f, ids["edited"], "accepted")),
        ("withdrawn", lambda f, _ids: f.sides["withdrawn"][0].update(effective_month="2999-01")),
    ],
    ids=["source without licence", "one source, two licences", "less than its parent's licences", "its own parent",
         "a circle", "unreviewed", "no review", "declined", "no edit accepted", "from a later month"],
)  # fmt: skip
def test_rows_that_say_what_no_release_can(
    two: Two, folder: Path, check: str, forged: Callable[[Forgery, dict[str, str]], object]
) -> None:
    forge(folder, lambda forgery: forged(forgery, two.ids))
    assert set(refusals(folder)) == {check}


@pytest.mark.parametrize(
    ("check", "forged"),
    [
        ("profiles", lambda f, ids: f.row(ids["kept"]).update(rights_profile_id="0" * 12)),
        ("profiles", lambda f, _ids: f.sides["rights_profiles"][0].update(commercial=None)),
        ("profiles", lambda f, _ids: f.sides["rights_profiles"][0].update(odrl="{}")),
        ("licences", lambda f, ids: f.row(ids["unpaid"])["purposes"].append("commercial")),
        ("sources", lambda f, ids: f.row(ids["edited"]).update(source_licenses=["CC-BY-NC-SA-4.0"])),
        ("sources", lambda f, ids: f.row(ids["edited"]).update(source_licenses=["MIT"])),
        (
            "splits",
            lambda f, ids: f.files.update({ids["kept"]: "test" if f.row(ids["kept"])["split"] == "train" else "train"}),
        ),
        ("lineage", in_two_splits),
        ("withdrawn", lambda f, ids: f.move(f.row(ids["kept"]), "open")),
        ("withdrawn", lambda f, _ids: f.sides["withdrawn"][0].update(since_release="9.0.0")),
        ("withdrawn", lambda f, _ids: f.sides["withdrawn"][0].update(op="undo")),
        ("lineage", lambda f, ids: f.row(ids["kept"]).update(parent_state="in_release")),
        ("lineage", lambda f, ids: f.row(ids["kept"]).update(parent_id=ids["edited"], parent_state="in_release")),
        ("diff", lambda f, ids: f.diff["added"].append(ids["original"])),
        ("diff", lambda f, _ids: f.diff["added"].clear()),
        ("diff", lambda f, _ids: f.diff["removed"].append({"annotation_id": str(uuid.uuid4()), "code": "removed"})),
        ("diff", lambda f, _ids: f.diff["removed"][0].update(code="because they left")),
        ("diff", lambda f, _ids: f.sides["withdrawn"].clear()),
        ("ledger", lambda f, _ids: f.manifest.update(ledger={"seq": None, "head": None})),
        ("ledger", lambda f, _ids: f.manifest["ledger"].update(head="x" * 64)),
        ("texts", lambda f, ids: f.row(ids["kept"]).update(prompt="Another prompt")),
        ("texts", lambda f, ids: f.row(ids["kept"]).update(completion="e\u0301")),
        ("texts", lambda f, ids: f.row(ids["kept"]).update(created_month="2999-01")),
        ("texts", lambda f, ids: f.row(ids["kept"]).update(terms_sha256="0" * 64)),
        ("contributors", lambda f, ids: f.row(ids["kept"]).update(attribution_text=None)),
        ("contributors", lambda f, ids: f.row(ids["kept"]).update(attribution_text="Somebody else")),
        ("contributors", lambda f, ids: f.row(ids["kept"]).update(contributor_id=None)),
        ("contributors", lambda f, _ids: f.sides["contributors"][-1].update(n_rows=2, n_contributors=2)),
        ("reviews", lambda f, ids: f.row(ids["kept"]).update(n_reviews=7)),
        ("reviews", lambda f, _ids: f.sides["reviews"].append(f.sides["reviews"][0])),
        ("reviews", lambda f, _ids: f.sides["reviews"][0].update(annotation_id=str(uuid.uuid4()))),
        ("manifest", lambda f, _ids: f.manifest["lanes"]["open"].update(license="CC0-1.0")),
        ("manifest", lambda f, _ids: f.manifest.update(frozen_at="yesterday")),
        ("manifest", lambda f, _ids: f.manifest.update(folder="other")),
        ("manifest", lambda f, _ids: f.manifest["selection"].update(small_count=2)),
        ("feed", lambda f, _ids: f.manifest["withdrawals"].update(feed_head="x")),
        ("feed", lambda f, _ids: f.manifest["withdrawals"].update(feed_seq=0)),
        ("feed", lambda f, _ids: f.manifest["withdrawals"].update(feed_url="https://example.org/")),
        ("demographics", lambda f, _ids: credited(f)[0].update(country="NG")),
        ("demographics", lambda f, _ids: [one.update(gender="woman") for one in credited(f)]),
        ("demographics", lambda f, _ids: credited(f)[0].update(languages=["fon_Latn"])),
        ("protected languages", lambda f, _ids: f.manifest["selection"].update(protected_languages=["yor_Latn"])),
    ],
)
def test_other_forgeries_are_refused_by_the_check_that_is_for_them(
    two: Two, folder: Path, check: str, forged: Callable[[Forgery, dict[str, str]], object]
) -> None:
    forge(folder, lambda forgery: forged(forgery, two.ids))
    assert check in refusals(folder)


def credited(forgery: Forgery) -> list[Row]:
    """Return the lines of those who are credited and have words in the release."""
    return [one for one in forgery.sides["contributors"] if one["contributor_id"] and one["n_rows"]]


def saved_feed(path: Path, entries: list[Row]) -> Path:
    """Write a feed that holds."""
    before = "0" * 64
    for seq, entry in enumerate(entries, start=1):
        entry.update(seq=seq, prev_hash=before)
        entry["hash"] = before = chain.entry_hash(entry)
    path.write_text("\n".join(json.dumps(entry) for entry in entries), encoding="utf-8")
    return path


def test_a_saved_feed_shows_a_row_that_had_been_removed_by_then(two: Two, folder: Path, tmp_path: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    entry: Row = {
        "dataset": manifest["project"], "folder": "public", "op": "remove", "annotation_ids": [two.ids["kept"]],
        "purposes_removed": [], "lane": None, "since_version": None, "latest_usable_version": None, "month": "2026-01",
        "due_by": "2026-02-28",
    }  # fmt: skip
    feed = saved_feed(tmp_path / "feed.jsonl", [dict(entry)])
    head = json.loads(feed.read_text())["hash"]
    forge(folder, lambda f: f.manifest["withdrawals"].update(feed_seq=1, feed_head=head))
    found = verify.verify(folder, feed=feed)
    wrong = {check["name"]: check["detail"] for check in found["checks"] if not check["ok"]}
    assert list(wrong) == ["feed"]
    assert f"{two.ids['kept']} was removed by then" in wrong["feed"]
    forge(folder, lambda f: f.manifest["withdrawals"].update(feed_seq=0, feed_head="0" * 64))
    assert verify.verify(folder, feed=feed)["ok"], "what was removed later is no fault of this version"
    broken = feed.read_text().replace('"remove"', '"restrict"')
    feed.write_text(broken, encoding="utf-8")
    detail = next(check["detail"] for check in verify.verify(folder, feed=feed)["checks"] if check["name"] == "feed")
    assert "does not hold from entry 1 on" in str(detail)


def test_counts_that_are_not_true(folder: Path) -> None:
    changes: list[Callable[[Row], object]] = [
        lambda told: told["lanes"]["open"].update(rows=99),
        lambda told: told["counts"].update(languages={"yor_Latn": 99}),
        lambda told: told["files"][-1].update(rows=99),
    ]
    for change in changes:
        path = folder / "manifest.json"
        before = path.read_bytes()
        told = json.loads(before)
        change(told)
        path.write_text(json.dumps(told), encoding="utf-8")
        resum(folder)
        assert "counts" in refusals(folder)
        path.write_bytes(before)


# --- papers that contradict the tables


PAPERS: dict[str, tuple[str, str, Callable[[str], str]]] = {
    "another licence": ("card", "README.md", lambda s: s.replace("license: cc-by-4.0", "license: cc0-1.0")),
    "a second licence": ("card", "README.md", lambda s: s.replace("\n---\n", "\nlicense: cc0-1.0\n---\n", 1)),
    "a quoted second licence": (
        "card", "README.md", lambda s: s.replace("\n---\n", '\n"license": cc0-1.0\n---\n', 1)
    ),
    "a licence inside a quote": (
        "card", "README.md", lambda s: s.replace("\nlicense: cc-by-4.0", '\nlicense_name: "\nlicense: cc-by-4.0', 1)
    ),
    "a longer licence": (
        "card", "README.md", lambda s: s.replace("license: cc-by-4.0", "license: cc-by-4.0\n  or-none", 1)
    ),
    "another way of writing": ("card", "README.md", lambda s: s.replace("\n---\n", "\n<<: {license: mit}\n---\n", 1)),
    "an unknown key": ("card", "README.md", lambda s: s.replace("\n---\n", "\nviewer: false\n---\n", 1)),
    "another lane's files": ("card", "README.md", lambda s: s.replace("path: data/open/", "path: data/sharealike/", 1)),
    "another table's files": ("card", "README.md", lambda s: s.replace("path: reviews/", "path: withdrawn/", 1)),
    "files from elsewhere": ("card", "README.md", lambda s: s.replace("path: data/", "path: https://localhost/", 1)),
    "a link elsewhere": (
        "card", "README.md", lambda s: s.replace("license_link: https://", "license_link: https://localhost/", 1)
    ),
    "no card": ("card", "README.md", lambda s: s.split("\n---\n", 1)[1]),
    "a notice too many": ("sources", "LICENSES/CC0-1.0.txt", lambda _s: "SPDX-License-Identifier: CC0-1.0\n"),
    "words as a notice": ("sources", "LICENSES/words.txt", lambda _s: "Kí ni orúkọ ìlú yìí?"),
    "another notice": ("sources", "LICENSES/CC-BY-NC-4.0.txt", lambda s: s.replace("CC-BY-NC-4.0", "CC0-1.0")),
    "two notices in one": (
        "sources", "LICENSES/CC-BY-NC-4.0.txt", lambda s: s + "SPDX-License-Identifier: CC0-1.0\n"
    ),
    "LICENSE says another": ("papers", "LICENSE", lambda s: s.replace("CC-BY-NC-4.0", "CC-BY-4.0")),
    "LICENSE says more": ("papers", "LICENSE", lambda s: s + "All of it is also under CC0-1.0.\n"),
    "LICENSE says nothing": ("papers", "LICENSE", lambda _s: "Do what you like.\n"),
    "CITATION.cff says another": ("papers", "CITATION.cff", lambda s: s.replace("CC-BY-NC-4.0", "CC0-1.0")),
    "CITATION.cff says it twice": ("papers", "CITATION.cff", lambda s: s + "license: CC0-1.0\n"),
    "somebody who is not credited": ("papers", "CONTRIBUTORS.md", lambda s: s + "- Somebody Else\n"),
    "somebody on another kind of line": ("papers", "CONTRIBUTORS.md", lambda s: s + "* Somebody Else\n"),
    "somebody left out": ("papers", "CONTRIBUTORS.md", lambda s: "\n".join(
        line for line in s.split("\n") if not line.startswith("- ")
    )),
}  # fmt: skip


@pytest.mark.parametrize("what", PAPERS)
def test_a_paper_that_contradicts_the_tables(folder: Path, what: str) -> None:
    check, name, change = PAPERS[what]
    before = (folder / name).read_bytes() if (folder / name).exists() else b""
    forge(folder, lambda forgery: forgery.paper(name, change))
    assert (folder / name).read_bytes() != before, "the forgery is none"
    assert set(refusals(folder)) == {check}


@pytest.mark.parametrize(
    "words",
    ["Plain words", "it's \"quoted\"", "'", '"', "\\", "- a\n- b", "first\n\nlicense: CC0-1.0\nlast", "a\u2028license: b\x85c",
     "tab\tand # sign", "key: value", "{a: b}", "[x", "", "é" * 3000, "long words " * 300, 'a "b" c\td ' * 300, "---\n...", "Ẹ kú àárọ̀ 🙂",
     "*bold*", "&c", "!x", "null", "1.0", "\ufeffx", " x "],
)  # fmt: skip
def test_an_honest_paper_is_read_as_yaml_reads_it(words: str) -> None:
    facts = {
        "title": words,
        "license": ["CC-BY-4.0", "CC-BY-NC-4.0"],
        "authors": [{"name": " ".join(words.split())[:120]}],
        "abstract": words,
    }
    text = yaml.safe_dump(facts, sort_keys=False, allow_unicode=True, width=1000)
    wrong: list[str] = []
    told = verify.yaml_keys(text.rstrip("\n"), wrong)
    assert (list(told), told["license"], wrong) == (list(facts), "\n- CC-BY-4.0\n- CC-BY-NC-4.0", [])


# --- what only the release before, or the manifest's sum, can tell


def test_a_removed_row_without_its_entry_is_found_with_the_release_before(two: Two, folder: Path) -> None:
    def change(forgery: Forgery) -> None:
        gone = two.ids["original"]
        forgery.sides["withdrawn"] = [e for e in forgery.sides["withdrawn"] if e["annotation_id"] != gone]
        forgery.diff["removed"] = [e for e in forgery.diff["removed"] if e["annotation_id"] != gone]

    forge(folder, change)
    assert verify.verify(folder)["ok"], "consistent throughout"
    wrong = refusals(folder, previous=two.first)
    assert set(wrong) == {"previous"}
    assert f"{two.ids['original']} vanished" in wrong["previous"]


def test_other_changes_are_found_with_the_release_before(two: Two, folder: Path) -> None:
    def words(forgery: Forgery) -> None:
        forgery.row(two.ids["edited"])["completion"] = "Other words."

    def vanish(forgery: Forgery) -> None:
        row = forgery.row(two.ids["edited"])
        forgery.rows["open"].remove(row)
        forgery.sides["reviews"] = [r for r in forgery.sides["reviews"] if r["annotation_id"] != two.ids["edited"]]

    def split(forgery: Forgery) -> None:
        row = forgery.row(two.ids["edited"])
        row["split"] = "test" if row["split"] == "train" else "train"

    for change in (words, vanish, split):
        copy = Path(shutil.copytree(folder, folder.parent / change.__name__))
        forge(copy, change)
        assert verify.verify(copy)["ok"], change.__name__
        assert two.ids["edited"] in refusals(copy, previous=two.first)["previous"]


def test_a_consistent_forgery_is_found_by_the_manifests_sum(two: Two, folder: Path) -> None:
    def change(forgery: Forgery) -> None:
        forgery.row(two.ids["new"])["completion"] = "Not what the author wrote."

    honest = sha256(two.second / "manifest.json")
    forge(folder, change)
    assert verify.verify(folder, two.first)["ok"], "no promise is broken"
    assert "manifest-sha256" in refusals(folder, manifest_sha256=honest)
    assert verify.verify(two.second, two.first, honest.upper())["ok"]


def test_the_release_before_must_be_in_order_and_be_one_before(two: Two, folder: Path, tmp_path: Path) -> None:
    assert "not earlier" in refusals(folder, previous=two.second)["previous"]
    assert "another project or kind" in refusals(folder, previous=two.gated)["previous"]
    broken = Path(shutil.copytree(two.first, tmp_path / "1.0.0"))
    (broken / "LICENSE").write_text("Take it all.", encoding="utf-8")
    assert "itself not in order" in refusals(folder, previous=broken)["previous"]


# --- the copy inside the folder, by itself


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the folder's own verify.py, as a downloader does."""
    return subprocess.run(  # noqa: S603  # our own file
        [sys.executable, "-B", "verify.py", *arguments], cwd=folder, capture_output=True, text=True, check=False,
        env={**{name: value for name, value in os.environ.items() if name != "PYTHONPATH"}, **environment},
    )  # fmt: skip


def test_the_copy_in_the_folder_says_the_same(two: Two, folder: Path) -> None:
    good = run(folder, "--previous", str(two.first), "--manifest-sha256", sha256(folder / "manifest.json"))
    assert (good.returncode, good.stderr) == (0, "")
    assert "every promise holds" in good.stdout
    forge(folder, lambda forgery: forgery.move(forgery.row(two.ids["alike"]), "open"))
    bad = run(folder, "--json")
    assert bad.returncode == 1
    result = json.loads(bad.stdout)
    assert result["ok"] is False
    assert two.ids["alike"] in next(check["detail"] for check in result["checks"] if check["name"] == "sources")


def test_without_pyarrow_the_sums_are_checked_and_the_rest_is_said_not_to_be(folder: Path, tmp_path: Path) -> None:
    fake = tmp_path / "fake" / "pyarrow"
    fake.mkdir(parents=True)
    (fake / "__init__.py").write_text("raise ImportError", encoding="utf-8")
    result = run(folder, PYTHONPATH=str(fake.parent))
    assert result.returncode == 3
    assert "NOT checked" in result.stdout
    (folder / "LICENSE").write_text("Take it all.", encoding="utf-8")
    result = run(folder, PYTHONPATH=str(fake.parent))
    assert result.returncode == 1
    assert "LICENSE" in result.stdout


def test_the_copy_is_the_programs_own_and_needs_nothing_of_it(two: Two) -> None:
    content = (two.second / "verify.py").read_bytes()
    assert content == verify.own_bytes()
    assert b"import annotator" not in content
    assert b"from annotator" not in content
    assert hashlib.sha256(content).hexdigest() == sha256(two.second / "verify.py")
    compile(content, "verify.py", "exec")


def test_a_folder_that_is_not_a_release_is_refused_in_one_sentence(two: Two, folder: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    for place in (empty, folder.parent):
        place.mkdir(exist_ok=True)
        assert list(refusals(place)) == ["files"]
        assert f"{place} is not a release folder: such a folder holds" in refusals(place)["files"]
    assert "not a folder" in refusals(tmp_path / "nothing")["files"]
    assert "is not a release folder" in refusals(folder, previous=empty)["previous"]
    assert verify.verify(folder, two.first)["ok"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[]", "manifest.json is not an object"),
        ('{"schema": 1,\n', "manifest.json is not JSON from line 2, column 1 on"),
        ("{}", "the entry 'project' is missing"),
        ('{"a": 1, "a": 2}', "manifest.json has a key twice"),
        ("\udcff", "manifest.json is not UTF-8"),
    ],
)
def test_a_broken_manifest_is_told_in_words(folder: Path, content: str, said: str) -> None:
    (folder / "manifest.json").write_text(content, encoding="utf-8", errors="surrogateescape")
    told = refusals(folder)["manifest"]
    assert said in told
    assert "Error(" not in told
    (folder / "manifest.json").unlink()
    assert refusals(folder)["manifest"] == "manifest.json cannot be read: manifest.json is missing"


def test_a_line_of_the_sums_that_is_none_is_named_by_its_number(folder: Path) -> None:
    path = folder / "SHA256SUMS"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines[:2], "what is this\n", *lines[2:]]), encoding="utf-8")
    assert "line 3 of SHA256SUMS" in refusals(folder)["files"]
    assert "changed" not in " ".join(refusals(folder).values())


def test_the_manifests_sum_is_told_with_the_one_that_was_given(folder: Path) -> None:
    told = refusals(folder, manifest_sha256="0" * 64)["manifest-sha256"]
    assert f"{sha256(folder / 'manifest.json')}, which differs from the given one, {'0' * 64}" in told
    wrong = run(folder, "--manifest-sha256", "12ab")
    assert wrong.returncode == 2
    assert "'12ab' is not a SHA-256" in wrong.stderr


def test_lanes_are_derived_from_a_table_of_its_own() -> None:
    """Every cell of the table of rights-model §2.5, written out by hand."""
    everything = {"publish": "open", "derive": True, "train": True, "evaluate": True, "research": True,
                  "commercial": True}  # fmt: skip
    unpaid = {**everything, "commercial": False}
    gated = {**everything, "publish": "gated"}
    less = {**everything, "train": False}
    table = {
        (): ("open", "noncommercial", "gated", "gated"),
        ("CC0-1.0",): ("open", "noncommercial", "gated", "gated"),
        ("CC-BY-SA-4.0",): ("sharealike", None, None, None),
        ("CC-BY-NC-4.0",): ("noncommercial", "noncommercial", None, None),
        ("CC-BY-SA-4.0", "CC-BY-NC-4.0"): (None, None, None, None),
        ("CC-BY-NC-SA-4.0",): (None, None, None, None),
        ("CC-BY-ND-4.0",): (None, None, None, None),
        ("unknown",): (None, None, None, None),
        ("CC-BY-SA-1.0",): (None, None, None, None),
    }
    for sources, lanes in table.items():
        assert tuple(verify.lane_for(set(sources), vector) for vector in (everything, unpaid, gated, less)) == lanes
    assert verify.lane_for(set(), {**everything, "publish": "no"}) is None
    nothing = {**everything, "train": False, "evaluate": False, "research": False}
    assert verify.lane_for(set(), nothing) is None


def test_the_programs_own_rules_and_the_checkers_table_agree_on_every_vector() -> None:
    """Two tables, written by two hands: one in consent.rules, one in verify.py."""
    licenses = sorted(verify.FREE_SOURCES | verify.SHAREALIKE_SOURCES | verify.NONCOMMERCIAL_SOURCES)
    sets = [(), *itertools.combinations([*licenses, "CC-BY-SA-1.0", "CC-BY-NC-SA-4.0", "x"], 1),
            ("CC-BY-SA-3.0", "CC-BY-NC-2.0"), ("CC0-1.0", "CC-BY-SA-2.0")]  # fmt: skip
    flags = itertools.product(("no", "gated", "open"), *[(False, True)] * 5)
    for values in flags:
        vector: Row = dict(zip(verify.VECTOR, values, strict=True))
        for sources in sets:
            lane = outbound(source_class(sources), Rights(**vector)).lane
            assert verify.lane_for(set(sources), vector) == (lane.value if lane else None), (vector, sources)
