"""Freezing, building and publishing: what goes out, what is said about what does not, and what a crash leaves."""

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotator import clock, storage
from annotator.annotations.rules import Written
from annotator.errors import Conflict, Forbidden, Invalid
from annotator.ledger import queries as ledger
from annotator.ledger.models import LedgerEntry
from annotator.permissions import OPERATOR, Actor
from annotator.projects.models import Project
from annotator.releases import actions, verify
from annotator.releases.models import Release, ReleaseRow, RowChange
from annotator.settings import Settings
from tests import stories
from tests.releases.scenes import Scene, a_scene, published_twice, rows_of


@pytest.fixture
def scene(session: Session, settings: Settings) -> Scene:
    return a_scene(session, settings)


def holds(folder: Path, previous: Path | None = None) -> None:
    result = verify.verify(folder, previous)
    assert result["ok"], [check for check in result["checks"] if not check["ok"]]


def by_name(scene: Scene, folder: Path) -> dict[str, dict[str, Any]]:
    rows = {row["annotation_id"]: row for row in rows_of(folder)}
    return {name: rows[text.public_id] for name, text in scene.texts.items() if text.public_id in rows}


def test_a_decision_after_the_moment_of_the_freeze_does_not_count(scene: Scene, session: Session) -> None:
    before = actions.preview(session, actor=OPERATOR, project=scene.world.project).rows
    late = scene.world.writes(stories.a_contributor(session, scene.world.language), "Whose?", "Ours.")
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        scene.world.decides(stories.an_ambassador(session, scene.world.language), late)
    assert actions.preview(session, actor=OPERATOR, project=scene.world.project).rows == before
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        assert actions.preview(session, actor=OPERATOR, project=scene.world.project).rows == before + 1


def test_each_row_stands_in_the_lane_that_its_authors_and_sources_allow(scene: Scene) -> None:
    scene.publish("1.0.0")
    rows = by_name(scene, scene.folder("1.0.0"))
    assert {name: row["license"] for name, row in rows.items()} == {
        "original": "CC-BY-4.0",
        "better": "CC-BY-4.0",
        "kept": "CC-BY-4.0",
        "unpaid": "CC-BY-NC-4.0",
        "edited": "CC-BY-4.0",
        "alike": "CC-BY-SA-4.0",
    }
    gated = by_name(scene, scene.folder("1.0.0", "gated"))
    assert {name: row["license"] for name, row in gated.items()} == {"gated": "LicenseRef-Annotator-Gated-1.0"}
    holds(scene.folder("1.0.0"))
    holds(scene.folder("1.0.0", "gated"))


def test_a_row_says_where_it_came_from_and_who_wrote_it(scene: Scene) -> None:
    scene.publish("1.0.0")
    rows = by_name(scene, scene.folder("1.0.0"))
    ade, bola = scene.people["ade"], scene.people["bola"]
    better, original = rows["better"], rows["original"]
    assert (better["prompt"], better["completion"]) == ("Kí ni orúkọ ìlú yìí?", "Ìbàdàn ni orúkọ rẹ̀.")
    assert (better["parent_id"], better["parent_state"]) == (original["annotation_id"], "in_release")
    assert (better["link"], better["task_type"]) == ("edit", "reannotate")
    assert better["root_id"] == original["annotation_id"] == original["root_id"]
    assert (better["rating_prompt"], better["rating_completion"]) == (4.0, 3.0)
    assert better["edit_distance"] == scene.texts["better"].revisions[0].edit_distance > 0  # type: ignore[operator]  # None fails
    assert [author["role"] for author in better["authors"]] == ["author", "editor"]
    assert better["attribution_text"] == f"{ade.handle} and {bola.handle}"
    assert better["contributor_id"] == better["authors"][1]["contributor_id"]
    edited = rows["edited"]
    assert (edited["completion"], edited["review_status"]) == ("Ọjà ni mo ń lọ.", "accepted_with_edits")
    assert (edited["authors_uncredited"], edited["attribution_text"]) == (1, f"{ade.handle} and 1 other")
    alike = rows["alike"]
    assert (alike["source"], alike["source_licenses"]) == ("source CC-BY-SA-4.0", ["CC-BY-SA-4.0"])
    assert (alike["parent_state"], alike["contributor_id"], alike["attribution_text"]) == ("imported", None, None)
    assert {row["terms_sha256"] for row in rows.values()} == {scene.texts["kept"].document.sha256}


def test_already_good_is_a_rating_of_the_text_and_no_row(scene: Scene) -> None:
    scene.publish("1.0.0")
    folder = scene.folder("1.0.0")
    assert scene.texts["rating"].public_id not in {row["annotation_id"] for row in rows_of(folder)}
    ratings = [row for row in rows_of(folder, "reviews") if row["kind"] == "rating"]
    assert {(row["annotation_id"], row["rating_name"], row["rating"]) for row in ratings} == {
        (scene.texts["kept"].public_id, "prompt", 4.0),
        (scene.texts["kept"].public_id, "completion", 3.0),
    }


def test_already_good_of_an_imported_text_is_a_row_with_distance_0(scene: Scene) -> None:
    prompt = stories.a_prompt(scene.session, scene.world.project, scene.world.language, completion="Good as it is.")
    text = scene.submits("efe", prompt, already_good=True)
    scene.world.decides(scene.people["ambassador"], text)
    scene.publish("1.0.0")
    row = next(r for r in rows_of(scene.folder("1.0.0")) if r["annotation_id"] == text.public_id)
    assert (row["edit_distance"], row["completion"], row["parent_state"]) == (0, "Good as it is.", "imported")


def test_a_withdrawn_text_takes_what_was_made_from_it_along_and_a_narrowed_grant_moves_a_row(
    session: Session, settings: Settings
) -> None:
    scene = published_twice(session, settings)
    first, second = scene.folder("1.0.0"), scene.folder("2.0.0")
    holds(second, previous=first)
    rows = by_name(scene, second)
    assert set(rows) == {"kept", "unpaid", "edited", "alike", "new"}
    assert rows["kept"]["license"] == "CC-BY-NC-4.0"
    said = {(row["annotation_id"], row["op"], row["lane"]) for row in rows_of(second, "withdrawn")}
    assert said == {
        (scene.texts["original"].public_id, "remove", None),
        (scene.texts["better"].public_id, "remove", None),
        (scene.texts["kept"].public_id, "restrict", "noncommercial"),
    }
    diff = json.loads((second / "diff.json").read_text(encoding="utf-8"))
    assert diff["added"] == [scene.texts["new"].public_id]
    assert {entry["annotation_id"]: entry["code"] for entry in diff["removed"]} == {
        scene.texts["original"].public_id: "removed",
        scene.texts["better"].public_id: "removed",
    }
    assert diff["changed"] == [{"annotation_id": scene.texts["kept"].public_id, "code": "restricted"}]
    assert rows["new"]["release_added"] == "2.0.0"
    assert rows["kept"]["release_added"] == "1.0.0"


def test_a_row_that_leaves_for_the_gated_folder_is_told_in_the_public_one(scene: Scene) -> None:
    scene.publish("1.0.0")
    stories.allow(scene.session, scene.people["chidi"], preset="gated", attribution="none")
    scene.publish("2.0.0")
    public, gated = scene.folder("2.0.0"), scene.folder("2.0.0", "gated")
    holds(public, scene.folder("1.0.0"))
    holds(gated, scene.folder("1.0.0", "gated"))
    [entry] = rows_of(public, "withdrawn")
    assert (entry["annotation_id"], entry["op"], entry["lane"]) == (
        scene.texts["unpaid"].public_id, "restrict", "gated",
    )  # fmt: skip
    assert rows_of(gated, "withdrawn") == []
    scene.withdraw("chidi", "unpaid")
    scene.publish("3.0.0")
    holds(scene.folder("3.0.0"), public)
    assert [row["op"] for row in rows_of(scene.folder("3.0.0"), "withdrawn")] == ["restrict", "remove"]
    assert [row["op"] for row in rows_of(scene.folder("3.0.0", "gated"), "withdrawn")] == ["remove"]


def test_a_text_comes_back_when_its_author_allows_it_again_and_the_list_says_so(scene: Scene) -> None:
    scene.publish("1.0.0")
    unpaid, chidi = scene.texts["unpaid"], scene.people["chidi"]
    stories.allow(scene.session, chidi, preset="practice", attribution=None, annotation_id=unpaid.id)
    scene.publish("2.0.0")
    [entry] = rows_of(scene.folder("2.0.0"), "withdrawn")
    assert (entry["op"], entry["lane"]) == ("restrict", None)
    stories.allow(scene.session, chidi, preset="open", attribution=None, annotation_id=unpaid.id)
    scene.publish("2.1.0")
    holds(scene.folder("2.1.0"), scene.folder("2.0.0"))
    assert [(row["op"], row["lane"]) for row in rows_of(scene.folder("2.1.0"), "withdrawn")] == [
        ("restrict", None), ("restrict", "open"),
    ]  # fmt: skip
    assert by_name(scene, scene.folder("2.1.0"))["unpaid"]["release_added"] == "1.0.0"


def test_an_answer_whose_question_was_taken_back_is_set_aside_and_stays_its_authors(scene: Scene) -> None:
    pool = stories.a_prompt(scene.session, scene.world.project, scene.world.language)
    pool.instruction, pool.source_id, pool.revision_id = None, None, scene.texts["kept"].revisions[0].id
    pool.instruction_language_id = None
    scene.session.flush()
    answer = scene.texts["answer"] = scene.submits("ade", pool, completion="Another answer.")
    scene.world.decides(scene.people["ambassador"], answer)
    scene.publish("1.0.0")
    row = by_name(scene, scene.folder("1.0.0"))["answer"]
    assert (row["prompt"], row["link"]) == ("Ta ló wà níbẹ̀?", "completion")
    assert row["parent_id"] == scene.texts["kept"].public_id
    scene.withdraw("bola", "kept")
    assert actions.preview(scene.session, actor=OPERATOR, project=scene.world.project).out["set_aside"] == 1
    scene.publish("2.0.0")
    diff = json.loads((scene.folder("2.0.0") / "diff.json").read_text(encoding="utf-8"))
    assert {"annotation_id": answer.public_id, "code": "suspended"} in diff["removed"]
    assert answer.state == "accepted"


def test_credit_that_is_taken_back_is_told(scene: Scene) -> None:
    scene.publish("1.0.0")
    stories.allow(scene.session, scene.people["bola"], preset="open", attribution="none")
    scene.publish("2.0.0")
    folder = scene.folder("2.0.0")
    holds(folder, scene.folder("1.0.0"))
    redacted = {row["annotation_id"] for row in rows_of(folder, "withdrawn") if row["op"] == "redact_attribution"}
    assert redacted == {scene.texts[name].public_id for name in ("kept", "better")}
    assert by_name(scene, folder)["kept"]["attribution_text"] is None
    assert scene.people["bola"].handle not in (folder / "CONTRIBUTORS.md").read_text(encoding="utf-8")


def test_named_and_by_handle_are_two_contributors_who_cannot_be_told_to_be_one(scene: Scene) -> None:
    bola = scene.people["bola"]
    stories.allow(scene.session, bola, preset="open", attribution="named", credit_name="Bọ́lá Adé")
    named = scene.texts["named"] = scene.world.writes(bola, "Orúkọ?", "Bọ́lá.")
    scene.world.decides(scene.people["ambassador"], named)
    scene.publish("1.0.0")
    rows = by_name(scene, scene.folder("1.0.0"))
    assert (rows["named"]["attribution_text"], rows["kept"]["attribution_text"]) == ("Bọ́lá Adé", bola.handle)
    assert rows["named"]["contributor_id"] != rows["kept"]["contributor_id"]
    holds(scene.folder("1.0.0"))


def test_a_grant_that_ends_within_30_days_is_not_frozen(scene: Scene) -> None:
    chidi = scene.people["chidi"]
    soon = clock.now() + timedelta(days=29)
    later = clock.now() + timedelta(days=31)
    for name, end in (("soon", soon), ("later", later)):
        text = scene.texts[name] = scene.world.writes(chidi, f"{name}?", "Yes.")
        scene.world.decides(scene.people["ambassador"], text)
        stories.allow(scene.session, chidi, preset="open", attribution=None, annotation_id=text.id, expires_at=end)
    preview = actions.preview(scene.session, actor=OPERATOR, project=scene.world.project)
    assert preview.out["expiring"] == 1
    scene.publish("1.0.0")
    rows = by_name(scene, scene.folder("1.0.0"))
    assert "soon" not in rows
    assert rows["later"]["license"] == "CC-BY-4.0"


def test_practice_declined_and_unreviewed_texts_stay(scene: Scene) -> None:
    practice = stories.a_contributor(scene.session, scene.world.language, preset="practice")
    scene.texts["practice"] = scene.world.writes(practice, "For me?", "Yes.")
    scene.texts["declined"] = scene.world.writes(scene.people["ade"], "Spam?", "Spam.")
    scene.world.decides(scene.people["ambassador"], scene.texts["declined"], "declined", reasons=["harmful"])
    preview = actions.preview(scene.session, actor=OPERATOR, project=scene.world.project)
    assert preview.out == {"declined": 1, "not_accepted": 1}
    scene.publish("1.0.0")
    assert not {"practice", "declined"} & set(by_name(scene, scene.folder("1.0.0")))


def test_a_project_may_release_what_nobody_reviewed_and_marks_it(session: Session, settings: Settings) -> None:
    scene = a_scene(session, settings, release_unreviewed=True)
    scene.publish("1.0.0")
    holds(scene.folder("1.0.0"))
    statuses = {row["prompt"]: row["review_status"] for row in rows_of(scene.folder("1.0.0"))}
    assert statuses["Not reviewed?"] == "unreviewed"
    assert statuses["Ta ló wà níbẹ̀?"] == "accepted"


def test_an_edit_that_was_needed_never_leaves_the_text_out_without_it(scene: Scene) -> None:
    text = scene.texts["needed"] = scene.world.writes(scene.people["efe"], "Whose number?", "Call 0800 1234.")
    scene.world.decides(
        scene.people["ambassador"], text, "accepted_with_edits", written=Written(completion="Call [PHONE]."),
        edit_needed=True,
    )  # fmt: skip
    scene.publish("1.0.0")
    assert by_name(scene, scene.folder("1.0.0"))["needed"]["completion"] == "Call [PHONE]."
    scene.withdraw("ambassador")
    scene.publish("2.0.0")
    rows = by_name(scene, scene.folder("2.0.0"))
    assert "needed" not in rows
    assert rows["edited"]["completion"] == "Ọjà ni mo n lọ", "an edit that was not needed falls back to the text before"


def test_a_lineage_keeps_its_split_and_says_the_same_in_two_releases(session: Session, settings: Settings) -> None:
    scene = published_twice(session, settings)
    before = {row["annotation_id"]: (row["split"], row["root_id"]) for row in rows_of(scene.folder("1.0.0"))}
    after = {row["annotation_id"]: (row["split"], row["root_id"]) for row in rows_of(scene.folder("2.0.0"))}
    shared = before.keys() & after.keys()
    assert {one: before[one] for one in shared} == {one: after[one] for one in shared}


def test_rows_without_train_stand_in_test_and_rows_without_evaluate_in_train(scene: Scene) -> None:
    for name, rights in (
        ("no train", {"train": False}),
        ("no evaluate", {"evaluate": False}),
        ("neither", {"train": False, "evaluate": False}),
    ):
        wishes = {"publish": "open", "derive": True, "train": True, "evaluate": True, "research": True,
                  "commercial": True, **rights}  # fmt: skip
        person = stories.a_contributor(scene.session, scene.world.language, preset="custom", rights=wishes)
        text = scene.texts[name] = scene.world.writes(person, f"{name}?", "Yes.")
        scene.world.decides(scene.people["ambassador"], text)
    preview = actions.preview(scene.session, actor=OPERATOR, project=scene.world.project)
    assert preview.out["split"] == 1
    scene.publish("1.0.0")
    rows = by_name(scene, scene.folder("1.0.0", "gated"))
    assert {name: row["split"] for name, row in rows.items() if " " in name} == {
        "no train": "test", "no evaluate": "train",
    }  # fmt: skip
    holds(scene.folder("1.0.0", "gated"))


@pytest.mark.parametrize(
    ("change", "unfit", "fits"),
    [("nothing", ["2.0.0", "1.1.0", "1.0.2"], "1.0.1"), ("added", ["2.0.0", "1.0.1"], "1.1.0"),
     ("withdrawn", ["1.1.0", "1.0.1", "3.0.0"], "2.0.0")],
)  # fmt: skip
def test_a_number_that_does_not_fit_is_refused_and_the_one_that_fits_is_named(
    scene: Scene, change: str, unfit: list[str], fits: str
) -> None:
    scene.publish("1.0.0")
    if change == "added":
        scene.world.decides(scene.people["ambassador"], scene.world.writes(scene.people["efe"], "New?", "New."))
    if change == "withdrawn":
        scene.withdraw("ade", "original")
    scene.session.commit()
    for version in unfit:
        with pytest.raises(Conflict) as refusal:
            scene.publish(version)
        assert (refusal.value.code, refusal.value.facts["fits"]) == ("release_version_unfit", fits)
        assert scene.session.scalar(select(func.count()).where(Release.version == version)) == 0
    scene.publish(fits)
    holds(scene.folder(fits), scene.folder("1.0.0"))


def test_bad_and_used_numbers_are_refused(scene: Scene) -> None:
    for version in ("1.0", "v1.0.0", "01.0.0", "1.0.0-rc1", "", "1.0.0\n", "9999999.0.0"):
        with pytest.raises(Invalid, match="release_version_malformed"):
            scene.publish(version)
    scene.publish("0.3.0")
    with pytest.raises(Conflict, match="release_published_already"):
        scene.publish("0.3.0")


def test_only_maintainers_and_the_operator_preview_and_publish(scene: Scene) -> None:
    for actor in (Actor(), Actor(person_id=scene.people["ade"].id),
                  stories.actor_of(scene.session, scene.people["ambassador"])):  # fmt: skip
        with pytest.raises(Forbidden):
            actions.preview(scene.session, actor=actor, project=scene.world.project)
        with pytest.raises(Forbidden):
            actions.publish(
                scene.session, actor=actor, project=scene.world.project, version="1.0.0", settings=scene.settings
            )
    assert not scene.folder("1.0.0").exists()


def test_the_ledger_and_the_journal_hold_the_manifests_sum(scene: Scene) -> None:
    before = ledger.head(scene.session)
    release = scene.publish("1.0.0")
    manifest = json.loads((scene.folder("1.0.0") / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["ledger"] == {"seq": before.seq, "head": before.hash}
    digest = storage.sha256_of(scene.folder("1.0.0") / "manifest.json")
    assert release.manifest_sha256["public"] == digest
    entry = scene.session.scalars(select(LedgerEntry).order_by(LedgerEntry.seq.desc())).first()
    assert entry is not None
    assert entry.type == "release.published"
    assert ledger.verify(scene.session).broken_at is None
    [line] = storage.lines(scene.settings.journal / actions.JOURNAL)
    assert (line["manifest_sha256"]["public"], line["ledger"]["head"]) == (digest, entry.hash)


def test_a_rollback_leaves_no_line_in_the_journal(scene: Scene) -> None:
    actions.publish(
        scene.session, actor=OPERATOR, project=scene.world.project, version="1.0.0", settings=scene.settings
    )
    scene.session.rollback()
    assert list(storage.lines(scene.settings.journal / actions.JOURNAL)) == []
    scene.session.refresh(scene.world.project)
    scene.publish("1.0.0")  # the folder that was left is known as ours, and made anew
    holds(scene.folder("1.0.0"))
    assert len(list(storage.lines(scene.settings.journal / actions.JOURNAL))) == 1


def test_two_builds_of_the_same_frozen_rows_are_the_same_bytes(
    session: Session, settings: Settings, tmp_path: Path
) -> None:
    scene = published_twice(session, settings)
    from annotator.releases import builder  # noqa: PLC0415  # only this test builds by hand

    scene.people["ade"].handle = "renamed"  # what is renamed later does not change what was frozen
    scene.world.project.title = "Renamed"
    session.commit()
    with time_machine.travel(clock.now() + timedelta(days=400)):
        for kind in ("public", "gated"):
            for version in ("1.0.0", "2.0.0"):
                release = session.scalars(select(Release).where(Release.version == version)).one()
                again = tmp_path / "again" / kind / version
                again.mkdir(parents=True)
                assert builder.build(session, release, kind, again) == release.manifest_sha256[kind]
                assert files(again) == files(scene.folder(version, kind))


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_no_other_time_than_frozen_at_stands_in_any_file(session: Session, settings: Settings) -> None:
    with time_machine.travel("2031-05-17T03:04:05+00:00", tick=True):
        scene = published_twice(session, settings)
    import re  # noqa: PLC0415

    moment = re.compile(r"\d{4}-\d{2}-\d{2}")
    for version in ("1.0.0", "2.0.0"):
        folder = scene.folder(version)
        stamp = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["frozen_at"]
        for path in folder.rglob("*"):
            if path.is_file() and path.suffix != ".parquet" and "schema" not in path.parts and path.suffix != ".py":
                found = set(moment.findall(path.read_text(encoding="utf-8")))
                assert found <= {stamp[:10]} | {"2020-12-00"}, path
        for table in ("data", "reviews", "contributors", "rights_profiles", "withdrawn"):
            assert not moment.search(json.dumps(rows_of(folder, table)))


def test_a_text_taken_back_between_freeze_and_publication_is_not_in_it(scene: Scene) -> None:
    session, project = scene.session, scene.world.project
    release = actions.freeze(session, actor=OPERATOR, project=project, version="1.0.0", settings=scene.settings)
    session.commit()
    with actions.build(session, release, settings=scene.settings) as built:
        scene.withdraw("ade", "original")
        with pytest.raises(Conflict, match="release_outdated"):
            actions.finish(session, actor=OPERATOR, release=release, built=built, settings=scene.settings)
    assert not scene.folder("1.0.0").exists()
    assert not list(scene.folder("1.0.0").parent.iterdir())
    session.commit()
    scene.publish("1.0.0")
    assert not {"original", "better"} & set(by_name(scene, scene.folder("1.0.0")))
    assert rows_of(scene.folder("1.0.0"), "withdrawn") == []


def test_a_credit_taken_back_between_freeze_and_publication_is_not_in_it(scene: Scene) -> None:
    release = actions.freeze(
        scene.session, actor=OPERATOR, project=scene.world.project, version="1.0.0", settings=scene.settings
    )
    stories.allow(scene.session, scene.people["bola"], preset="open", attribution="none")
    with (
        actions.build(scene.session, release, settings=scene.settings) as built,
        pytest.raises(Conflict, match="release_outdated"),
    ):
        actions.finish(scene.session, actor=OPERATOR, release=release, built=built, settings=scene.settings)


def test_what_was_frozen_is_finished_by_publishing_again(scene: Scene) -> None:
    release = actions.freeze(
        scene.session, actor=OPERATOR, project=scene.world.project, version="1.0.0", settings=scene.settings
    )
    scene.session.commit()
    frozen_at = release.frozen_at
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        assert scene.publish("1.0.0").frozen_at == frozen_at
    holds(scene.folder("1.0.0"))


def test_another_number_forgets_what_was_frozen_and_never_published(scene: Scene) -> None:
    scene.publish("1.0.0")
    scene.withdraw("ade", "original")
    actions.freeze(scene.session, actor=OPERATOR, project=scene.world.project, version="2.0.0", settings=scene.settings)
    with pytest.raises(Conflict, match="release_version_unfit"):
        actions.freeze(
            scene.session, actor=OPERATOR, project=scene.world.project, version="1.1.0", settings=scene.settings
        )
    scene.publish("2.0.0")
    assert scene.session.scalar(select(func.count()).select_from(RowChange)) == 2
    assert [row["op"] for row in rows_of(scene.folder("2.0.0"), "withdrawn")] == ["remove", "remove"]


def test_the_folder_that_a_crash_left_is_replaced_and_a_published_one_never(scene: Scene, session: Session) -> None:
    release = actions.freeze(
        session, actor=OPERATOR, project=scene.world.project, version="1.0.0", settings=scene.settings
    )
    session.commit()
    with actions.build(session, release, settings=scene.settings) as built:  # crash after the rename
        made, target, _digest = built.folders["public"]
        shutil.copytree(made, target)
    scene.withdraw("ade", "original")
    scene.publish("1.0.0")
    holds(scene.folder("1.0.0"))
    assert scene.texts["original"].public_id not in {row["annotation_id"] for row in rows_of(scene.folder("1.0.0"))}
    # A database that came back from an old backup does not know the release; the journal does.
    for model in (ReleaseRow, RowChange):
        session.query(model).delete()
    session.query(Release).delete()
    before = files(scene.folder("1.0.0"))
    scene.withdraw("efe")
    with pytest.raises(Conflict, match="release_folder_exists"):
        scene.publish("1.0.0")
    assert files(scene.folder("1.0.0")) == before


def test_a_foreign_folder_is_never_touched(scene: Scene) -> None:
    place = scene.folder("1.0.0")
    place.mkdir(parents=True)
    (place / "mine.txt").write_text("do not touch", encoding="utf-8")
    with pytest.raises(Conflict, match="release_folder_exists"):
        scene.publish("1.0.0")
    assert files(place) == {"mine.txt": b"do not touch"}
    assert [path.name for path in place.parent.iterdir()] == ["1.0.0"], "nothing half built stays"


def test_an_empty_project_has_a_release_that_verifies(session: Session, settings: Settings) -> None:
    world = stories.a_world(session)
    scene = Scene(world, settings)
    scene.publish("1.0.0")
    for kind in ("public", "gated"):
        holds(scene.folder("1.0.0", kind))
    assert rows_of(scene.folder("1.0.0")) == []
    assert len(list((scene.folder("1.0.0") / "data").rglob("*.parquet"))) == 9
    scene.publish("1.0.1")
    holds(scene.folder("1.0.1"), scene.folder("1.0.0"))


def test_a_project_without_the_gated_lane_has_no_gated_folder(session: Session, settings: Settings) -> None:
    scene = a_scene(session, settings, lanes=["open", "sharealike", "noncommercial"])
    preview = actions.preview(session, actor=OPERATOR, project=scene.world.project)
    assert preview.out["lane"] == 1
    release = scene.publish("1.0.0")
    assert set(release.manifest_sha256) == {"public"}
    assert not scene.settings.exports_gated.exists()


def test_the_gated_folder_holds_its_terms_in_full_and_their_sum(scene: Scene) -> None:
    from annotator.consent import queries  # noqa: PLC0415

    scene.publish("1.0.0")
    terms = queries.current_document(scene.session, "gated-terms")
    folder = scene.folder("1.0.0", "gated")
    assert terms.body.strip() in (folder / "LICENSES/LicenseRef-Annotator-Gated-1.0.txt").read_text(encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert terms.sha256 in {told["sha256"] for told in manifest["consent_documents"]}


def test_freezing_reads_in_a_fixed_number_of_queries(scene: Scene) -> None:
    from sqlalchemy import event  # noqa: PLC0415

    from annotator.releases import drafts  # noqa: PLC0415

    def queries() -> int:
        count = [0]

        def tick(*_: object) -> None:
            count[0] += 1

        engine = scene.session.get_bind()
        event.listen(engine, "before_cursor_execute", tick)
        draft = drafts.draft(scene.session, scene.world.project, at=clock.now())
        list(draft.frozen(scene.session, "1.0.0"))
        event.remove(engine, "before_cursor_execute", tick)
        return count[0]

    queries()
    before = queries()
    for number in range(12):
        text = scene.world.writes(scene.people["efe"], f"Number {number}?", "Yes.")
        scene.world.decides(scene.people["ambassador"], text)
    assert queries() == before


def test_project_key_never_leaves(scene: Scene) -> None:
    scene.publish("1.0.0")
    key = scene.session.get_one(Project, scene.world.project.id).key
    for content in files(scene.folder("1.0.0")).values():
        assert key not in content
        assert key.hex().encode() not in content
