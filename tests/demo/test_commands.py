"""`annotator demo` from an empty folder to two releases, as a newcomer runs it."""

import json
import os
import re
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from annotator.accounts import queries as accounts
from annotator.accounts.rules import password_fits
from annotator.database import make_engine, open_session
from annotator.demo import people, texts
from annotator.demo.story import NARROWED, SLUG, WITHDRAWN, better_of
from annotator.languages import queries as languages
from annotator.ledger import queries as ledger

# One worker prepares the demo once; the tests below only read it.
pytestmark = pytest.mark.xdist_group("demo")

CHECKOUT = Path(__file__).resolve().parents[2]
PUBLIC_LANES = ("open", "sharealike", "noncommercial")
LOAD = """
import json
import sys
from datasets import get_dataset_config_names, load_dataset
folder, cache = sys.argv[1:]
rows = {"(default)": sum(map(len, load_dataset(folder, cache_dir=cache).values()))}
for name in get_dataset_config_names(folder):
    rows[name] = sum(map(len, load_dataset(folder, name, cache_dir=cache).values()))
print(json.dumps(rows))
"""


def annotator(*arguments: str, cwd: Path, code: int = 0, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run the command as a person would, without this machine's settings."""
    made = subprocess.run(  # noqa: S603  # our own interpreter and arguments
        [sys.executable, "-m", "annotator", *arguments],
        cwd=cwd,
        env={**environment(), **more},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == code, made.stdout + made.stderr
    return made


def environment() -> dict[str, str]:
    """Return the environment without settings of ours, and with this checkout where it is not installed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANNOTATOR_")}
    return {**kept, "PYTHONPATH": str(CHECKOUT)}


@dataclass(frozen=True)
class Demo:
    """A demo that was prepared: its folder, and what the command printed."""

    folder: Path
    printed: str
    errors: str

    def release(self, version: str, kind: str = "exports") -> Path:
        """Return the folder of a release."""
        return self.folder / kind / SLUG / version

    def rows(self, version: str) -> dict[str, tuple[str, dict[str, Any]]]:
        """Return lane and columns of each row by its id, gated ones included."""
        import pyarrow.parquet as pq  # noqa: PLC0415  # slow to import

        return {
            row["annotation_id"]: (file.parent.name, row)
            for kind in ("exports", "exports-gated")
            for file in self.release(version, kind).glob("data/*/*.parquet")
            for row in pq.read_table(file, partitioning=None).to_pylist()
        }

    def table(self, version: str, name: str) -> list[dict[str, Any]]:
        """Return the rows of one of the four tables beside the annotations."""
        import pyarrow.parquet as pq  # noqa: PLC0415

        files = sorted(self.release(version).glob(f"{name}/*.parquet"))
        return [row for file in files for row in pq.read_table(file, partitioning=None).to_pylist()]


def prepare(folder: Path, *more: str) -> Demo:
    """Run the demo into ``folder``."""
    folder.mkdir()
    made = annotator("demo", "--no-serve", "--dir", str(folder / "demo"), *more, cwd=folder)
    return Demo(folder / "demo", made.stdout, made.stderr)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Return the demo as it comes."""
    return prepare(tmp_path_factory.mktemp("demo") / "run")


@pytest.fixture(scope="module")
def demo_with_data(tmp_path_factory: pytest.TempPathFactory, real_data: Path) -> Demo:
    """Return the demo with the real prompts, where this machine has them."""
    return prepare(tmp_path_factory.mktemp("demo") / "run", "--data", str(real_data))


@pytest.fixture(params=["demo", "demo_with_data"])
def either(request: pytest.FixtureRequest) -> Demo:
    """Return the demo without, and with, the real prompts."""
    found: Demo = request.getfixturevalue(request.param)
    return found


def written(demo: Demo, version: str, key: str) -> tuple[str, dict[str, Any]] | None:
    """Return lane and row of the text with this key in the demo's words, if the release has it."""
    original = texts.words()[key.removesuffix(better_of(""))]
    completion = original.better if key.endswith(better_of("")) else original.completion
    found = [(lane, row) for lane, row in demo.rows(version).values() if row["completion"] == completion]
    assert len(found) <= 1
    return found[0] if found else None


def test_it_is_silent_in_a_pipe_and_says_where_things_lie(demo: Demo) -> None:
    assert demo.errors == ""
    for version in ("1.0.0", "2.0.0"):
        assert str(demo.release(version)) in demo.printed
        assert str(demo.release(version, "exports-gated")) in demo.printed
    assert (demo.folder / "annotator.toml").stat().st_mode & 0o077 == 0


def test_the_printed_people_can_sign_in(demo: Demo) -> None:
    printed = dict(re.findall(r"(\S+@example\.org)\s+(\S+)", demo.printed))
    assert len(set(printed.values())) == len(people.SIGN_IN)
    engine = make_engine(f"sqlite:///{demo.folder / 'annotator.db'}")
    with open_session(engine, writes=False) as session:
        found = {role: accounts.the_person(session, f"{handle}@example.org") for role, handle in people.SIGN_IN.items()}
        assert all(password_fits(printed[person.email], person.password_hash) for person in found.values())
        assert languages.actor_for(session, found["ambassador"]).ambassador_of
        assert languages.actor_for(session, found["maintainer"]).maintainer
        assert not languages.actor_for(session, found["contributor"]).maintainer
        assert ledger.verify(session).broken_at is None
    engine.dispose()


def test_letters_went_out(demo: Demo) -> None:
    sent = list((demo.folder / "mail").iterdir())
    # Who stops early may not come to the text that would be returned.
    sure = {code for member in people.CONTRIBUTORS if not member.leaves for code in member.writes[:1]}
    returned = [key for key, words in texts.words().items() if words.first and key[:3] in {code[:3] for code in sure}]
    assert len(returned) > 1
    assert len(sent) >= 1 + len(returned)


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0"])
def test_both_releases_hold_what_they_promise(either: Demo, version: str) -> None:
    for kind in ("exports", "exports-gated"):
        folder = either.release(version, kind)
        more = ("--previous", str(either.release("1.0.0", kind))) if version == "2.0.0" else ()
        told = annotator("releases", "verify", str(folder), *more, "--json", cwd=either.folder)
        assert json.loads(told.stdout)["ok"] is True
        alone = subprocess.run(  # the release's own checker, by our own interpreter
            [sys.executable, "verify.py"], cwd=folder, env=environment(), capture_output=True, text=True, check=False
        )
        assert alone.returncode == 0, alone.stdout + alone.stderr


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0"])
def test_every_config_loads_without_a_network(demo: Demo, version: str, tmp_path: Path) -> None:
    folder = demo.release(version)
    made = subprocess.run(  # noqa: S603  # our own interpreter and script
        [sys.executable, "-c", LOAD, str(folder), str(tmp_path)],
        env={**environment(), "HF_HUB_OFFLINE": "1", "HF_DATASETS_CACHE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = json.loads(made.stdout.strip().splitlines()[-1])
    lanes = dict.fromkeys(PUBLIC_LANES, 0)
    for lane, _ in demo.rows(version).values():
        if lane in lanes:
            lanes[lane] += 1
    assert loaded["(default)"] == lanes["open"] > 0
    assert loaded["default"] == lanes["open"]
    assert loaded["noncommercial"] == lanes["noncommercial"] > 0
    assert loaded["contributors"] > 0
    assert loaded["rights_profiles"] > 0
    assert loaded.get("withdrawn", 0) == len(demo.table(version, "withdrawn"))


def test_the_second_release_lacks_the_withdrawn_text_and_what_fell_with_it(either: Demo) -> None:
    before = written(either, "1.0.0", WITHDRAWN)
    fallen = written(either, "1.0.0", better_of(WITHDRAWN))
    assert before is not None
    assert fallen is not None
    ids = {before[1]["annotation_id"], fallen[1]["annotation_id"]}
    assert fallen[1]["parent_id"] == before[1]["annotation_id"]
    assert fallen[1]["contributor_id"] != before[1]["contributor_id"]
    assert not ids & set(either.rows("2.0.0"))
    # While its author can undo it, it may stand nowhere; that it is gone for good is said when that time is over.
    said = {row["annotation_id"]: row["op"] for row in either.table("2.0.0", "withdrawn")}
    assert {said[one] for one in ids} == {"restrict"}
    assert written(either, "2.0.0", WITHDRAWN) is None


def test_a_re_annotation_changed_lane_because_a_co_author_narrowed(either: Demo) -> None:
    lane, row = written(either, "1.0.0", better_of(NARROWED)) or ("", {})
    assert (lane, row["license"]) == ("open", "CC-BY-4.0")
    lane, later = written(either, "2.0.0", better_of(NARROWED)) or ("", {})
    assert later["annotation_id"] == row["annotation_id"]
    assert (lane, later["license"]) == ("noncommercial", "CC-BY-NC-4.0")
    assert "commercial" not in later["purposes"]
    original = written(either, "2.0.0", NARROWED)
    assert original is not None
    assert original[0] == "noncommercial"


def test_what_else_changed_between_the_releases_is_said(demo: Demo) -> None:
    first, second = demo.rows("1.0.0"), demo.rows("2.0.0")
    moved = {key for key in first.keys() & second.keys() if first[key][0] != second[key][0]}
    named = {row["annotation_id"] for row in demo.table("2.0.0", "withdrawn") if row["op"] == "restrict"}
    assert moved == named & second.keys()
    assert named - moved == first.keys() - second.keys(), "the rest has left"
    assert len(moved) == 2  # the narrowed text and its re-annotation, nothing else
    assert len(second.keys() - first.keys()) == 3  # the later texts, but for the one that waits on the desk


def test_the_rows_show_the_wishes_of_their_authors(demo: Demo) -> None:
    rows = demo.rows("1.0.0").values()
    lanes = {lane: {row["language"] for of, row in rows if of == lane} for lane in (*PUBLIC_LANES, "gated")}
    assert lanes["gated"] == {"amh_Ethi", "fra_Latn", "pes_Arab"}
    assert lanes["noncommercial"] == {"hau_Latn", "tam_Taml", "hin_Deva"}
    assert {"yor_Latn", "arb_Arab", "zho_Hans", "ukr_Cyrl", "eng_Latn"} <= lanes["open"]
    assert {row["task_type"] for _, row in rows} == {"original", "answer", "reannotate"}
    assert {"accepted", "accepted_with_edits"} == {row["review_status"] for _, row in rows}
    practice = texts.words()["spa-own-2"].completion
    assert practice not in {row["completion"] for _, row in rows}
    declined = [words.completion for words in texts.words().values() if words.declined]
    assert not {row["completion"] for _, row in rows} & set(declined)


def test_real_prompts_come_in_over_a_hundred_and_ten_varieties(demo_with_data: Demo) -> None:
    told = re.search(r"Prompts in (\d+) language varieties", demo_with_data.printed)
    assert told is not None
    assert int(told[1]) >= 110


def test_an_answer_to_a_share_alike_sentence_stands_in_its_own_lane(demo_with_data: Demo) -> None:
    lane, row = written(demo_with_data, "2.0.0", "eng:1") or ("", {})
    assert (lane, row["license"]) == ("sharealike", "CC-BY-SA-4.0")
    assert row["source_licenses"] == ["CC-BY-SA-4.0"]
    assert (row["template"], row["source"]) == ("ask-a-question", "NTREX-128")


def test_a_folder_with_something_in_it_is_left_alone(demo: Demo, tmp_path: Path) -> None:
    again = annotator("demo", "--no-serve", "--dir", str(demo.folder), cwd=tmp_path, code=1)
    assert "annotator serve" in again.stderr
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    refused = annotator("demo", "--no-serve", "--dir", str(tmp_path), cwd=tmp_path, code=1)
    assert "not an empty folder" in refused.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


def test_a_database_of_the_environment_is_never_used(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'real.db'}"
    refused = annotator(
        "demo", "--no-serve", "--dir", str(tmp_path / "demo"), cwd=tmp_path, code=1, ANNOTATOR_DATABASE_URL=url
    )
    assert "ANNOTATOR_DATABASE_URL" in refused.stderr
    assert not (tmp_path / "real.db").exists()
    assert list((tmp_path / "demo").iterdir()) == []


def test_a_port_that_is_taken_is_refused_before_the_story(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = annotator("demo", "--port", port, "--dir", str(tmp_path / "demo"), cwd=tmp_path, code=1)
    assert "--port" in refused.stderr
    assert not (tmp_path / "demo").exists()


def test_a_folder_of_prompts_that_is_none_is_refused(tmp_path: Path) -> None:
    refused = annotator("demo", "--no-serve", "--data", str(tmp_path), cwd=tmp_path, code=1)
    assert "eng.txt is missing" in refused.stderr
