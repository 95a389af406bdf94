"""A release loads the way people load it: `datasets.load_dataset(folder, config)`, with no network."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from sqlalchemy.orm import Session

from annotator.releases import verify
from annotator.releases.tables import TABLES, arrow_schema, card_features
from annotator.settings import Settings
from tests import stories
from tests.releases.scenes import Scene, a_scene, published_twice, rows_of

LOAD = """
import json, sys
import datasets
folder = sys.argv[1]
found = {}
for config in [None, *datasets.get_dataset_config_names(folder)]:
    loaded = datasets.load_dataset(folder, config)
    found[str(config)] = {
        split: [one.num_rows, sorted(one.features), one.to_list()[0] if config is None else None]
        for split, one in loaded.items()
    }
print(json.dumps(found, default=str))
"""


def loaded(folder: Path, cache: Path) -> dict[str, dict[str, list[Any]]]:
    """Load every config in a process of its own, which is told that there is no network."""
    done = subprocess.run(  # noqa: S603  # our own words
        [sys.executable, "-c", LOAD, str(folder)], check=True, capture_output=True, text=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(cache), "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"},
    )  # fmt: skip
    found: dict[str, dict[str, list[Any]]] = json.loads(done.stdout.splitlines()[-1])
    return found


def card_of(folder: Path) -> dict[str, Any]:
    """Return the card's YAML."""
    facts: dict[str, Any] = yaml.safe_load((folder / "README.md").read_text(encoding="utf-8").split("---\n")[1])
    return facts


def test_every_listed_config_loads_and_holds_what_the_card_says(
    session: Session, settings: Settings, tmp_path: Path
) -> None:
    scene = published_twice(session, settings)
    for version, kind in (("1.0.0", "public"), ("2.0.0", "public"), ("2.0.0", "gated")):
        folder = scene.folder(version, kind)
        card = card_of(folder)
        found = loaded(folder, tmp_path / "cache" / version / kind)
        assert set(found) == {"None", *(config["config_name"] for config in card["configs"])}
        for info in card["dataset_info"]:
            told = {split["name"]: split["num_examples"] for split in info["splits"]}
            assert {split: one[0] for split, one in found[info["config_name"]].items()} == told
            table = info["config_name"] if info["config_name"] in TABLES else "annotations"
            assert all(one[1] == sorted(c.name for c in TABLES[table]) for one in found[info["config_name"]].values())
        first = "gated" if kind == "gated" else "open"
        assert found["None"] == {split: [*one[:2], one[2]] for split, one in found["None"].items()}
        assert {s: one[0] for s, one in found["None"].items()} == {s: one[0] for s, one in found[first].items()}
        row = next(iter(found["None"].values()))[2]
        assert row["license"] == card["dataset_info"][0]["splits"][0].get("license", row["license"])


def test_the_most_open_lane_with_rows_is_the_default(session: Session, settings: Settings, tmp_path: Path) -> None:
    world = stories.a_world(session, reannotate_contributions=True)
    scene = Scene(world, settings)
    person = stories.a_contributor(session, world.language, preset="noncommercial")
    world.decides(stories.an_ambassador(session, world.language), world.writes(person))
    scene.publish("1.0.0")
    card = card_of(scene.folder("1.0.0"))
    assert card["license"] == "cc-by-nc-4.0"
    assert [config["config_name"] for config in card["configs"]][:2] == ["default", "noncommercial"]
    found = loaded(scene.folder("1.0.0"), tmp_path / "cache")
    assert sum(one[0] for one in found["None"].values()) == 1
    assert "open" not in found


def test_an_empty_release_lists_no_config(session: Session, settings: Settings) -> None:
    scene = Scene(stories.a_world(session), settings)
    scene.publish("1.0.0")
    assert "configs" not in card_of(scene.folder("1.0.0"))


def test_the_cards_features_are_what_datasets_itself_would_write() -> None:
    import datasets  # noqa: PLC0415  # slow to import

    for columns in TABLES.values():
        own = datasets.Features.from_arrow_schema(arrow_schema(columns))._to_yaml_list()  # noqa: SLF001  # no public way
        assert card_features(columns) == own


def test_rows_fit_the_schemas_in_the_folder(session: Session, settings: Settings) -> None:
    scene = published_twice(session, settings)
    folder = scene.folder("2.0.0")
    for table in TABLES:
        schema = json.loads((folder / f"schema/{table}.schema.json").read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        for row in rows_of(folder, "data" if table == "annotations" else table):
            validator.validate(row)


def test_the_checker_knows_the_same_columns_by_its_own_list() -> None:
    assert {table: [column.name for column in columns] for table, columns in TABLES.items()} == verify.COLUMNS


@pytest.fixture
def papers(session: Session, settings: Settings) -> tuple[Scene, Path]:
    scene = a_scene(session, settings)
    stories.allow(
        session, scene.people["ade"], preset="open", attribution="named", credit_name="_Adé_ <b>", also_before=True
    )
    scene.publish("1.0.0", "The **first** one.")
    return scene, scene.folder("1.0.0")


def test_the_papers_say_what_they_must(papers: tuple[Scene, Path]) -> None:
    scene, folder = papers
    citation = yaml.safe_load((folder / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["authors"][0] == {"name": f"The contributors of {scene.world.project.title}"}
    assert {"name": "_Adé_ <b>"} in citation["authors"]
    assert {"alias": scene.people["bola"].handle} in citation["authors"]
    assert (citation["type"], citation["version"]) == ("dataset", "1.0.0")
    contributors = (folder / "CONTRIBUTORS.md").read_text(encoding="utf-8")
    assert r"\_Adé\_ \<b\>" in contributors
    assert "A few more people wrote texts" in contributors
    assert "The **first** one." in (folder / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "data/sharealike/  CC-BY-SA-4.0" in (folder / "LICENSE").read_text(encoding="utf-8")
    notice = (folder / "LICENSES" / "CC-BY-SA-4.0.txt").read_text(encoding="utf-8")
    assert "SPDX-License-Identifier: CC-BY-SA-4.0" in notice
    assert "https://creativecommons.org/licenses/by-sa/4.0/" in notice


def test_small_counts_are_left_out_and_counted(papers: tuple[Scene, Path]) -> None:
    _scene, folder = papers
    [line] = [row for row in rows_of(folder, "contributors") if row["contributor_id"] is None]
    assert (line["n_rows"], line["n_contributors"], line["languages"]) == (None, None, ["yor_Latn"])
    profiles = rows_of(folder, "rights_profiles")
    assert {row["n_rows"] for row in profiles} == {None}
    counts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["counts"]
    assert counts["contributors_by_mode"]["none"] is None
    assert counts["suppressed"] == 2 + len(profiles) + 1


def test_five_uncredited_people_are_counted(session: Session, settings: Settings) -> None:
    world = stories.a_world(session)
    scene, ambassador = Scene(world, settings), stories.an_ambassador(session, world.language)
    for _ in range(5):
        world.decides(ambassador, world.writes(stories.a_contributor(session, world.language)))
    scene.publish("1.0.0")
    [line] = rows_of(scene.folder("1.0.0"), "contributors")
    assert (line["n_rows"], line["n_contributors"]) == (5, 5)
    [profile] = rows_of(scene.folder("1.0.0"), "rights_profiles")
    assert profile["n_rows"] == 5
    assert verify.verify(scene.folder("1.0.0"))["ok"]
