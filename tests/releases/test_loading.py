"""What is published is loaded first, the way people load it; a card that leads elsewhere is refused."""

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from annotator.errors import Conflict
from annotator.permissions import OPERATOR
from annotator.releases import actions, card, loading, verify
from annotator.settings import Settings
from tests.releases.scenes import Scene, a_scene


@pytest.fixture
def scene(session: Session, settings: Settings) -> Scene:
    return a_scene(session, settings)


def spoil(folder: Path, old: str, new: str) -> None:
    card = folder / "README.md"
    text = card.read_text(encoding="utf-8")
    assert old in text
    card.write_text(text.replace(old, new), encoding="utf-8")


def test_a_folder_loads_in_every_config_and_leaves_nothing_behind(
    scene: Scene, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import datasets  # noqa: PLC0415  # slow to import

    for name in ("HF_DATASETS_CACHE", "HF_MODULES_CACHE", "DOWNLOADED_DATASETS_PATH", "EXTRACTED_DATASETS_PATH"):
        monkeypatch.setattr(datasets.config, name, tmp_path / "home")
    before = (datasets.config.HF_HUB_OFFLINE, datasets.logging.get_verbosity(), datasets.are_progress_bars_disabled())
    scene.publish("1.0.0")
    folder = scene.folder("1.0.0")
    assert set(loading.promised(folder)) == {
        "default", "open", "sharealike", "noncommercial", "reviews", "contributors", "rights_profiles",
    }  # fmt: skip
    assert sum(loading.promised(folder)["default"].values()) == 4
    capfd.readouterr()
    assert loading.fault(folder) is None
    assert loading.fault(scene.folder("1.0.0", "gated")) is None
    assert capfd.readouterr() == ("", "")
    assert [path.name for path in folder.parent.iterdir()] == ["1.0.0"]
    assert not (tmp_path / "home").exists()
    after = (datasets.config.HF_HUB_OFFLINE, datasets.logging.get_verbosity(), datasets.are_progress_bars_disabled())
    assert after == before


def test_a_card_that_leads_elsewhere_is_found(scene: Scene, tmp_path: Path) -> None:
    scene.publish("1.0.0")
    for number, (old, new, told) in enumerate(
        [
            ("path: data/open/", "path: data/noncommercial/", "default: "),
            ("path: data/sharealike/", "path: data/nowhere/", "sharealike: "),
            ("config_name: reviews", "config_name: opinions", "opinions"),
        ]
    ):
        folder = tmp_path / f"copy-{number}"
        shutil.copytree(scene.folder("1.0.0"), folder)
        spoil(folder, old, new)
        assert told in (loading.fault(folder) or "")


def test_a_manifest_that_promises_other_rows_is_found(scene: Scene, tmp_path: Path) -> None:
    scene.publish("1.0.0")
    folder = tmp_path / "copy"
    shutil.copytree(scene.folder("1.0.0"), folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    next(file for file in manifest["files"] if file["path"].startswith("reviews/"))["rows"] += 1
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert "reviews" in (loading.fault(folder) or "")


def test_what_does_not_load_is_not_published(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    write = card.readme
    monkeypatch.setattr(card, "readme", lambda folder: write(folder).replace("data/open/", "data/noncommercial/"))
    monkeypatch.setattr(verify, "verify", lambda *_: {"ok": True, "checks": []})  # which may find it too
    with pytest.raises(Conflict) as refusal:
        actions.publish(
            scene.session, actor=OPERATOR, project=scene.world.project, version="1.0.0", settings=scene.settings
        )
    assert (refusal.value.code, refusal.value.facts["check"]) == ("release_does_not_verify", "loads")
    assert not list(scene.folder("1.0.0").parent.iterdir())
