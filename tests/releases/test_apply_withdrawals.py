"""The program that comes with each release, run as people run it: on copies of its files, on files of their own."""

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from annotator.database import open_session
from annotator.releases import apply_withdrawals, chain
from annotator.settings import Settings
from tests import databases
from tests.releases.scenes import published_twice

Row = dict[str, Any]


@pytest.fixture(scope="module")
def releases(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """Two releases, made once: the project's folder, and the ids of texts by name."""
    place = tmp_path_factory.mktemp("releases")
    settings = Settings(
        exports=place / "exports", exports_gated=place / "gated", journal=place / "journal", redis_url="",
        public_url="http://localhost",
    )  # fmt: skip
    with (
        databases.sqlite_copy(sqlite_template, place) as database,
        open_session(database.engine, writes=True) as session,
    ):
        scene = published_twice(session, settings)
        yield scene.folder("1.0.0").parent, {name: text.public_id for name, text in scene.texts.items()}


def run(folder: Path, *words: object, status: int = 0) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, str(folder / "apply_withdrawals.py"), *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, (done.stdout, done.stderr)
    return done


def counts(done: "subprocess.CompletedProcess[str]") -> dict[str, int]:
    (found,) = json.loads(done.stdout)["files"].values()
    return {name: n for name, n in found.items() if n and name != "rows"}


def entry(ids: list[str], op: str = "remove", **more: object) -> Row:
    return {
        "dataset": "d", "folder": "public", "op": op, "annotation_ids": ids, "purposes_removed": [], "lane": None,
        "since_version": None, "latest_usable_version": None, "month": "2026-01", "due_by": "2026-02-28", **more,
    }  # fmt: skip


def chained(*entries: Row) -> list[Row]:
    before = chain.GENESIS
    for seq, one in enumerate(entries, start=1):
        one.update(seq=seq, prev_hash=before)
        one["hash"] = before = chain.entry_hash(one)
    return list(entries)


def saved(path: Path, *entries: Row) -> Path:
    path.write_text("\n".join(json.dumps(one) for one in chained(*entries)), encoding="utf-8")
    return path


def test_the_first_release_brought_to_the_second(releases: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    project, ids = releases
    copies = [
        Path(shutil.copy(path, tmp_path / f"{path.parent.name}-{path.name}"))
        for path in sorted((project / "1.0.0" / "data").rglob("*.parquet"))
    ]
    schema = pq.read_schema(copies[0])
    run(project / "2.0.0", *copies)
    rows = {row["annotation_id"]: row for path in copies for row in pq.ParquetFile(path).read().to_pylist()}
    assert ids["original"] not in rows
    assert ids["better"] not in rows
    kept = rows[ids["kept"]]
    assert (kept["license"], "commercial" in kept["purposes"]) == ("CC-BY-NC-4.0", False)
    assert rows[ids["edited"]]["license"] == "CC-BY-4.0"
    assert pq.read_schema(copies[0]).equals(schema)
    done = run(project / "2.0.0", *copies)
    assert "0 removed, 0 narrowed" in done.stdout, "twice changes nothing"
    newest = sorted((project / "2.0.0" / "data").rglob("*.parquet"))
    run(project / "2.0.0", *newest, "--dry-run")


def test_a_file_of_ones_own_keeps_what_it_has_beside(releases: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    project, ids = releases
    path = tmp_path / "mine.jsonl"
    lines = [
        '{"annotation_id":   "' + ids["edited"] + '", "my": "own"}\n',
        json.dumps({"annotation_id": ids["original"], "my": "own"}) + "\n",
        "\n",
    ]
    path.write_text("".join(lines), encoding="utf-8")
    path.chmod(0o640)
    would = run(project / "2.0.0", path, "--dry-run", "--json", status=4)
    assert counts(would) == {"removed": 1}
    assert path.read_text(encoding="utf-8") == "".join(lines), "nothing was written"
    assert counts(run(project / "2.0.0", path, "--json")) == {"removed": 1}
    assert path.read_text(encoding="utf-8") == lines[0] + lines[2]
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(one.name for one in tmp_path.iterdir()) == ["mine.jsonl"]


WIDE: Row = {
    "annotation_id": "a", "license": "CC-BY-4.0", "purposes": ["train", "evaluate", "research", "commercial", "derive"],
    "rights_profile_id": "p", "contributor_id": "c", "attribution_mode": "named", "attribution_text": "Ada and Bo",
    "authors": [{"contributor_id": "c"}, {"contributor_id": "d"}], "authors_uncredited": 1,
}  # fmt: skip
GATED: Row = {**WIDE, "license": "LicenseRef-Annotator-Gated-1.0"}


@pytest.mark.parametrize(
    ("row", "said", "after", "counted"),
    [
        (WIDE, [entry(["b"])], {}, {}),
        (WIDE, [entry(["a"])], None, {"removed": 1}),
        (WIDE, [entry(["a"], "restrict", lane=None)], None, {"removed": 1}),
        (WIDE, [entry(["a"], "restrict", lane="gated")], None, {"removed": 1}),
        (WIDE, [entry(["a"], "restrict", lane="open")], {}, {}),
        (WIDE, [entry(["a"]), entry(["a"], "restrict", lane="open")], None, {"removed": 1}),
        (
            WIDE,
            [entry(["a"], "restrict", lane=None), entry(["a"], "restrict", lane="noncommercial")],
            {"license": "CC-BY-NC-4.0", "purposes": ["train", "evaluate", "research", "derive"], "rights_profile_id": None},
            {"narrowed": 1},
        ),
        (
            GATED,
            [entry(["a"], "restrict", lane="gated", purposes_removed=["train", "commercial"])],
            {"purposes": ["evaluate", "research", "derive"], "rights_profile_id": None},
            {"narrowed": 1},
        ),
        (
            GATED,
            [entry(["a"], "restrict", lane="gated", purposes_removed=["train", "evaluate", "research"])],
            None,
            {"removed": 1},
        ),
        (
            WIDE,
            [entry(["a"], "redact_attribution")],
            {"contributor_id": None, "attribution_mode": "none", "attribution_text": None, "authors": [],
             "authors_uncredited": 3},
            {"redacted": 1},
        ),
        (WIDE, [entry(["a"], "correct")], {}, {"to_correct": 1}),
        ({"annotation_id": "a"}, [entry(["a"], "restrict", lane="noncommercial")], None, {"removed": 1}),
        ({"annotation_id": "a"}, [entry(["a"], "redact_attribution")], {}, {}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_what_happens_to_a_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, kind: str, row: Row, said: list[Row], after: Row | None,
    counted: dict[str, int],
) -> None:  # fmt: skip
    path = tmp_path / f"rows.{kind}"
    other = {**row, "annotation_id": "z"}
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist([row, other]), path)
    else:
        path.write_text("".join(json.dumps(one) + "\n" for one in (row, other)), encoding="utf-8")
    feed = saved(tmp_path / "feed.json", *(dict(one) for one in said))
    assert apply_withdrawals.main([str(path), "--feed", str(feed), "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["files"].values()
    assert {name: n for name, n in told.items() if n and name != "rows"} == counted
    rows = list(apply_withdrawals.read_rows(path))
    assert rows == ([] if after is None else [{**row, **after}]) + [other]


def test_the_feed_of_another_dataset_or_folder_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"annotation_id": "a"}\n', encoding="utf-8")
    feed = saved(tmp_path / "feed", entry(["a"]))
    for words in (["--dataset", "other"], ["--folder", "gated"]):
        assert apply_withdrawals.main([str(path), "--feed", str(feed), "--dry-run", *words]) == 0
    assert apply_withdrawals.main([str(path), "--feed", str(feed), "--dry-run"]) == 4


def test_a_feed_from_an_address_page_by_page(releases: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    project, ids = releases
    slug = project.name
    entries = chained(entry([ids["edited"]], dataset=slug), entry([ids["kept"]], dataset=slug))

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # as the library calls it
            after = int(self.path.rpartition("=")[2])
            page = {"entries": entries[after : after + 1], "next": after + 1 if after + 1 < len(entries) else None}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(page).encode())

        def log_message(self, *_words: object) -> None:
            pass

    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps({"annotation_id": ids[name]}) + "\n" for name in ("edited", "kept", "new")))
    with HTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = run(
            project / "2.0.0", path, "--json", "--feed", f"http://127.0.0.1:{server.server_port}/api/v1/withdrawals"
        )
        server.shutdown()
    assert counts(done) == {"removed": 2}
    assert json.loads(path.read_text())["annotation_id"] == ids["new"]


def test_what_cannot_be_trusted_or_used_is_refused_and_nothing_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, feed = tmp_path / "rows.jsonl", tmp_path / "feed"
    path.write_text('{"annotation_id": "a"}\n', encoding="utf-8")
    saved(feed, entry(["a"]), entry(["b"]))
    lines = feed.read_text().split("\n")
    forged = {
        "changed": lines[0].replace('"a"', '"x"') + "\n" + lines[1],
        "left out": lines[1],
        "no JSON": "{",
        "no feed": '{"rows": []}',
    }
    for name, content in forged.items():
        (tmp_path / "forged").write_text(content, encoding="utf-8")
        assert apply_withdrawals.main([str(path), "--feed", str(tmp_path / "forged")]) == 1, name
    assert apply_withdrawals.main([str(path), "--feed", "file:///etc/passwd"]) == 2
    assert apply_withdrawals.main([str(path), "--withdrawn", str(tmp_path / "nowhere")]) == 1
    for content in ('{"id": "a"}\n', "not JSON\n", '{"annotation_id": 7}\n', "[" * 100_000):
        other = tmp_path / "other.jsonl"
        other.write_text(content, encoding="utf-8")
        assert apply_withdrawals.main([str(other), "--feed", str(feed)]) == 2
    assert apply_withdrawals.main([str(tmp_path / "x.csv"), "--feed", str(feed)]) == 2
    assert path.read_text() == '{"annotation_id": "a"}\n'
    assert capsys.readouterr().out == ""


def test_without_pyarrow_json_lines_work_and_parquet_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "pyarrow.py").write_text("raise ImportError", encoding="utf-8")
    shutil.copy(apply_withdrawals.__file__, tmp_path / "apply_withdrawals.py")
    (tmp_path / "rows.jsonl").write_text('{"annotation_id": "a"}\n', encoding="utf-8")
    (tmp_path / "rows.parquet").write_bytes(b"")
    saved(tmp_path / "feed", entry(["a"]))
    assert counts(run(tmp_path, tmp_path / "rows.jsonl", "--feed", tmp_path / "feed", "--json")) == {"removed": 1}
    assert (
        "pip install pyarrow" in run(tmp_path, tmp_path / "rows.parquet", "--feed", tmp_path / "feed", status=3).stderr
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "empty"),
        ('{"entries": [], "next": null}', None),
        ("{page}", "save what comes after 1"),
        ("{page}\n{rest}", None),
        ("\ufeff{page}{rest}", None),
    ],
)
def test_a_feed_that_was_saved_in_part_is_not_taken_for_the_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, sentence: str | None
) -> None:
    path, feed = tmp_path / "rows.jsonl", tmp_path / "feed"
    path.write_text('{"annotation_id": "z"}\n', encoding="utf-8")
    first, second = chained(entry(["a"]), entry(["b"]))
    page, rest = json.dumps({"entries": [first], "next": 1}), json.dumps({"entries": [second], "next": None})
    feed.write_text(content.replace("{page}", page).replace("{rest}", rest), encoding="utf-8")
    assert apply_withdrawals.main([str(path), "--feed", str(feed)]) == (1 if sentence else 0)
    assert (sentence or "") in capsys.readouterr().err


def test_a_table_of_withdrawals_that_is_broken_is_told_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, table = tmp_path / "rows.jsonl", tmp_path / "withdrawn"
    path.write_text('{"annotation_id": "z"}\n', encoding="utf-8")
    for name, content in (("x.parquet", b"PAR1"), ("x.jsonl", b"{"), ("x.jsonl", b'{"seq": 1}'), ("x.jsonl", b"\xff")):
        shutil.rmtree(table, ignore_errors=True)
        table.mkdir()
        (table / name).write_bytes(content)
        assert apply_withdrawals.main([str(path), "--withdrawn", str(table)]) == 1, content
        assert "is not a table of withdrawals" in capsys.readouterr().err


def test_columns_of_ones_own_come_through_whatever_they_hold(tmp_path: Path) -> None:
    path, feed = tmp_path / "rows.parquet", saved(tmp_path / "feed", entry(["a"]), entry(["b"], "redact_attribution"))
    table = pa.table(
        {
            "annotation_id": pa.array(["b", "a", "z"], pa.string_view()),
            "contributor_id": pa.array(["c", "c", "c"]).dictionary_encode(),
            "when": pa.array([1, 2, 1234567891234567891], pa.timestamp("ns")),
            "map": pa.array([[("k", 1)], None, []], pa.map_(pa.string(), pa.int8())),
        }
    ).append_column("when", pa.array(["once", "more", "again"]))
    pq.write_table(table, path)
    assert apply_withdrawals.main([str(path), "--feed", str(feed)]) == 0
    found = pq.ParquetFile(path).read()
    assert found.schema.equals(table.schema)
    assert found["annotation_id"].to_pylist() == ["b", "z"]
    assert found["contributor_id"].to_pylist() == [None, "c"]
    for place in (2, 3, 4):
        assert found.column(place).combine_chunks() == pa.concat_arrays(
            [table.column(place).slice(0, 1).combine_chunks(), table.column(place).slice(2, 1).combine_chunks()]
        )
    pq.write_table(pa.table({"annotation_id": [b"a"]}), path)
    assert apply_withdrawals.main([str(path), "--feed", str(feed)]) == 2, "it would find nothing to remove"


def test_a_link_stays_a_link_and_the_file_behind_it_changes(tmp_path: Path) -> None:
    blob, link = tmp_path / "blob", tmp_path / "rows.parquet"
    pq.write_table(pa.table({"annotation_id": ["a", "z"]}), blob)
    link.symlink_to(blob)
    feed = saved(tmp_path / "feed", entry(["a"]))
    assert apply_withdrawals.main([str(link), "--feed", str(feed)]) == 0
    assert link.is_symlink()
    assert pq.ParquetFile(blob).read()["annotation_id"].to_pylist() == ["z"]


def test_a_line_with_half_a_letter_is_written_as_it_was(tmp_path: Path) -> None:
    path, feed = tmp_path / "rows.jsonl", saved(tmp_path / "feed", entry(["a"], "redact_attribution"))
    path.write_text('{"annotation_id": "a", "contributor_id": "c", "mine": "\\ud800"}\n', encoding="utf-8")
    assert apply_withdrawals.main([str(path), "--feed", str(feed)]) == 0
    assert path.read_text(encoding="utf-8") == '{"annotation_id": "a", "contributor_id": null, "mine": "\\ud800"}\n'


def test_a_feed_of_a_great_many_lines_is_read_once(tmp_path: Path) -> None:
    feed = tmp_path / "feed"
    feed.write_text('{"seq": 1, "annotation_ids": []}\n' * 100_000, encoding="utf-8")
    begun = time.process_time()
    assert len(apply_withdrawals.saved(feed)) == 100_000
    assert time.process_time() - begun < 10, "copying the rest for each line takes minutes"
