"""`annotator releases …`, as a person and as a script calls it."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import func, select

from annotator.releases.models import Release
from annotator.settings import Settings
from tests.conftest import Runner
from tests.releases.forging import Forgery, forge
from tests.releases.scenes import Scene, a_scene


@pytest.fixture
def scene(runner: Runner, session, settings: Settings) -> Scene:  # type: ignore[no-untyped-def]  # noqa: ANN001, ARG001  # the runner moves to its own folder first
    return a_scene(session, settings)


def test_preview_says_what_is_in_and_what_is_out_and_why(runner: Runner, scene: Scene) -> None:
    slug = scene.world.project.slug
    shown = runner("releases", "preview", slug).stdout
    assert f"{slug} 1.0.0 (first release): 7 rows" in shown
    assert "open: 4 rows in 1 languages" in shown
    assert "out: 1 · not accepted yet" in shown
    told = json.loads(runner("releases", "preview", slug, "--json").stdout)
    assert (told["version"], told["rows"], told["out"]) == ("1.0.0", 7, {"not_accepted": 1})
    assert told["lanes"]["open"] == {"yor_Latn": 4}


def test_publish_list_verify_and_diff(runner: Runner, scene: Scene, tmp_path: Path) -> None:
    slug = scene.world.project.slug
    notes = tmp_path / "notes.md"
    notes.write_text("What is new.", encoding="utf-8")
    done = json.loads(runner("releases", "publish", slug, "1.0.0", "--notes", str(notes), "--json").stdout)
    first = scene.folder("1.0.0")
    assert (done["state"], done["version"]) == ("published", "1.0.0")
    scene.withdraw("ade", "original")
    shown = runner("releases", "publish", slug, "2.0.0").stdout
    second = scene.folder("2.0.0")
    assert str(second) in shown
    listed = json.loads(runner("releases", "list", "--json").stdout)
    assert [one["version"] for one in listed] == ["2.0.0", "1.0.0"]
    assert "2.0.0" in runner("releases", "list").stdout
    digest = listed[0]["manifest_sha256"]["public"]
    held = runner("releases", "verify", str(second), "--previous", str(first), "--manifest-sha256", digest)
    assert "every promise holds" in held.stdout
    found = json.loads(runner("releases", "diff", str(first), str(second), "--json").stdout)
    gone = {scene.texts["original"].public_id, scene.texts["better"].public_id}
    assert (set(found["removed"]), found["added"], found["changed"]) == (gone, [], [])
    assert "0 added, 2 removed, 0 changed" in runner("releases", "diff", str(first), str(second)).stdout


def test_diff_names_the_columns(runner: Runner, scene: Scene) -> None:
    runner("releases", "publish", scene.world.project.slug, "1.0.0")
    copy = Path(shutil.copytree(scene.folder("1.0.0"), scene.folder("1.0.0").parent / "copy"))
    kept = scene.texts["kept"].public_id
    forge(copy, lambda forgery: forgery.row(kept).update(completion="Other.") or None)
    found = json.loads(runner("releases", "diff", str(scene.folder("1.0.0")), str(copy), "--json").stdout)
    assert found["changed"] == [{"annotation_id": kept, "columns": ["completion"]}]


def test_a_dry_run_checks_everything_and_leaves_nothing(runner: Runner, scene: Scene) -> None:
    slug = scene.world.project.slug
    told = json.loads(runner("releases", "publish", slug, "1.0.0", "--dry-run", "--json").stdout)
    assert told["dry_run"] is True
    assert set(told["manifest_sha256"]) == {"public", "gated"}
    assert scene.session.scalar(select(func.count()).select_from(Release)) == 0
    assert not scene.folder("1.0.0").exists()
    assert list(scene.folder("1.0.0").parent.iterdir()) == []
    refused = runner("releases", "publish", slug, "one", "--dry-run", code=1)
    assert "is not a version number" in refused.stderr


def test_refusals_are_one_sentence_with_the_remedy(runner: Runner, scene: Scene, tmp_path: Path) -> None:
    slug = scene.world.project.slug
    runner("releases", "publish", slug, "1.0.0")
    again = runner("releases", "publish", slug, "1.0.0", code=1)
    assert "published already" in again.stderr
    unfit = runner("releases", "publish", slug, "2.0.0", code=1)
    assert "1.0.1" in unfit.stderr
    assert "no-such-project" in runner("releases", "preview", "no-such-project", code=1).stderr
    nothing, empty = str(tmp_path / "nothing"), tmp_path / "empty"
    empty.mkdir()
    (empty / "a picture.png").write_bytes(b"\x89PNG")
    there = str(scene.folder("1.0.0"))
    no_folder = [
        runner("releases", "verify", nothing, code=1),
        runner("releases", "verify", there, "--previous", nothing, code=1),
        runner("releases", "diff", there, nothing, code=1),
    ]
    assert all(f"{nothing} is not a folder: name the folder of a release" in one.stderr for one in no_folder)
    no_release = [
        runner("releases", "verify", str(empty), code=1),
        runner("releases", "verify", there, "--previous", str(empty), code=1),
        runner("releases", "diff", str(empty), there, code=1),
    ]
    assert all(
        f"{empty} is not a release folder: such a folder holds SHA256SUMS, manifest.json" in one.stderr
        for one in no_release
    )
    no_notes = [
        runner("releases", "publish", slug, "1.0.1", "--notes", str(path), code=1)
        for path in (nothing, empty, empty / "a picture.png")
    ]
    assert all("name the file that says what changed, or leave --notes out" in one.stderr for one in no_notes)
    for result in (again, unfit, *no_folder, *no_release, *no_notes):
        assert len(result.stderr.strip().splitlines()) == 1
        assert result.stdout == ""


def test_verify_names_what_is_wrong(runner: Runner, scene: Scene) -> None:
    runner("releases", "publish", scene.world.project.slug, "1.0.0")
    folder = scene.folder("1.0.0")
    good = json.loads(runner("releases", "verify", str(folder), "--json").stdout)
    assert (good["ok"], good["release"]) == (True, f"{scene.world.project.slug} 1.0.0")
    assert {"name", "ok", "detail"} == set(good["checks"][0])
    (folder / "LICENSE").write_text("Take it all.", encoding="utf-8")
    bad = runner("releases", "verify", str(folder), "--json", code=1)
    assert json.loads(bad.stdout)["ok"] is False
    assert "LICENSE was changed" in bad.stderr


def test_a_sum_that_is_none_is_wrong_usage_and_another_sum_is_told(runner: Runner, scene: Scene) -> None:
    runner("releases", "publish", scene.world.project.slug, "1.0.0")
    folder = str(scene.folder("1.0.0"))
    wrong = runner("releases", "verify", folder, "--manifest-sha256", "12ab", code=2)
    assert "'12ab' is not a SHA-256" in wrong.stderr
    other = runner("releases", "verify", folder, "--manifest-sha256", "0" * 64, code=1)
    assert f"which differs from the given one, {'0' * 64}" in other.stderr


def test_verify_compares_the_checker_in_the_folder_with_its_own(runner: Runner, scene: Scene) -> None:
    runner("releases", "publish", scene.world.project.slug, "1.0.0")
    folder = scene.folder("1.0.0")
    (folder / "verify.py").write_text("print('every promise holds')\n", encoding="utf-8")
    Forgery(folder).seal()
    assert "verify.py in the folder is not" in runner("releases", "verify", str(folder), code=1).stderr


def test_the_feed_is_followed_and_a_change_is_told(runner: Runner, scene: Scene) -> None:
    runner("releases", "publish", scene.world.project.slug, "1.0.0")
    shown = runner("releases", "feed").stdout
    assert "The feed holds: 2 entries" in shown
    told = json.loads(runner("releases", "feed", "--json").stdout)
    assert (told["ok"], told["entries"]) == (True, 2)
    assert told["latest_usable_version"] == {scene.world.project.slug: {"public": "1.0.0", "gated": "1.0.0"}}
    release = scene.session.scalars(select(Release)).one()
    release.facts = {**release.facts, "feed": {"seq": 9, "head": "0" * 64}}
    scene.session.commit()
    refused = runner("releases", "feed", code=1)
    assert "does not hold at entry 3 (missing)" in refused.stderr


def test_a_release_of_an_older_program_is_checked_by_the_checker_that_came_with_it(
    runner: Runner, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    from annotator.releases import programs  # noqa: PLC0415  # here only

    runner("releases", "publish", scene.world.project.slug, "1.0.0")
    folder = scene.folder("1.0.0")
    older = b"def verify(folder, previous=None, manifest_sha256=None):\n    return {'ok': True, 'release': 'old', 'checks': []}\n"
    (folder / "verify.py").write_bytes(older)
    assert "is not the one" in runner("releases", "verify", str(folder), code=1).stderr
    digest = hashlib.sha256(older).hexdigest()
    monkeypatch.setitem(programs.OLDER, digest, ("verify.py", "annotator-release/1"))
    assert "old: every promise holds" in runner("releases", "verify", str(folder)).stdout
    monkeypatch.setitem(programs.OLDER, digest, ("apply_withdrawals.py", "annotator-release/1"))
    assert "is not the one" in runner("releases", "verify", str(folder), code=1).stderr, "another program's sum"


def test_verify_compares_the_program_that_applies_withdrawals_too(runner: Runner, scene: Scene) -> None:
    runner("releases", "publish", scene.world.project.slug, "1.0.0")
    folder = scene.folder("1.0.0")
    forge(folder, lambda forgery: forgery.paper("apply_withdrawals.py", lambda text: text + "\n# and more\n"))
    assert (
        "apply_withdrawals.py in the folder is not the one" in runner("releases", "verify", str(folder), code=1).stderr
    )
