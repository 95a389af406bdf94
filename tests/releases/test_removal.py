"""A version in which rows are only left out; what it leaves out, what it keeps as it was, and what a kill leaves."""

import shutil
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.annotations.models import Revision
from annotator.database import open_session
from annotator.errors import Conflict
from annotator.permissions import OPERATOR
from annotator.releases import actions, feed, freezing, jobs, journal, loading, removal, retiring, usable, verify
from annotator.releases.models import Release, RowChange
from annotator.settings import Settings
from tests import stories
from tests.databases import Database
from tests.releases.scenes import Scene, a_scene, rows_of


@pytest.fixture
def scene(session: Session, settings: Settings) -> Scene:
    made = a_scene(session, settings)
    made.publish("1.0.0")
    return made


def publish_removals(scene: Scene, database: Database) -> Release | None:
    slug = scene.world.project.slug
    scene.session.commit()
    found = removal.publish_removals(database.engine, scene.settings, slug)
    scene.session.expire_all()
    return scene.session.get_one(Release, found) if found else None


def rows_by_name(scene: Scene, version: str) -> dict[str, dict[str, Any]]:
    rows = {row["annotation_id"]: row for kind in ("public", "gated") for row in rows_of(scene.folder(version, kind))}
    return {name: rows[text.public_id] for name, text in scene.texts.items() if text.public_id in rows}


def test_only_what_no_longer_stands_is_left_out_and_nothing_is_new(scene: Scene, database: Database) -> None:
    before = rows_by_name(scene, "1.0.0")
    scene.texts["new"] = scene.world.writes(scene.people["efe"], "Kí lo fẹ́?", "Omi.")
    scene.world.decides(scene.people["ambassador"], scene.texts["new"])
    scene.withdraw("ade", "original")
    release = publish_removals(scene, database)
    assert release is not None
    assert (release.version, release.state) == ("2.0.0", "published")
    assert "Nothing was added" in release.notes
    after = rows_by_name(scene, "2.0.0")
    assert set(after) == set(before) - {"original", "better"}, "what was made from it falls with it; nothing new"
    assert all(after[name] == before[name] for name in after)
    for kind in ("public", "gated"):
        result = verify.verify(scene.folder("2.0.0", kind), scene.folder("1.0.0", kind))
        assert result["ok"], [check for check in result["checks"] if not check["ok"]]
    said = scene.session.scalars(select(RowChange).where(RowChange.release_id == release.id))
    gone = {scene.texts[name].public_id for name in ("original", "better")}
    assert {(change.op, change.annotation_public_id) for change in said} == {("remove", one) for one in gone}
    assert publish_removals(scene, database) is None, "twice does nothing"


def test_a_newer_text_and_a_louder_credit_wait_for_an_ordinary_release(scene: Scene, database: Database) -> None:
    kept, now = scene.texts["kept"], clock.now()
    newer = Revision(
        annotation_id=kept.id, number=2, author_id=kept.author_id, role="author", parent_id=kept.revisions[0].id,
        link="edit", completion="Èmi nìyí.", language_check={}, created_at=now, accepted_at=now,
    )  # fmt: skip
    scene.session.add(newer)
    stories.allow(
        scene.session, scene.people["bola"], preset="open", attribution="named", credit_name="Bola B.", also_before=True
    )
    scene.withdraw("ade", "original")
    assert publish_removals(scene, database) is not None
    after = rows_by_name(scene, "2.0.0")["kept"]
    assert (after["completion"], after["attribution_mode"]) == ("Èmi ni.", "handle")
    scene.publish("3.0.0")
    after = rows_by_name(scene, "3.0.0")["kept"]
    assert (after["completion"], after["attribution_mode"]) == ("Èmi nìyí.", "named")


def test_a_parent_that_left_is_called_removed(session: Session, settings: Settings, database: Database) -> None:
    """The re-annotation keeps nothing of the text that it was made from: its author said everything anew."""
    scene = a_scene(session, settings)
    scene.texts["anew"] = scene.reannotates("efe", "edited", instruction="Ta ni", completion="Rárá")
    scene.world.decides(scene.people["ambassador"], scene.texts["anew"])
    session.commit()
    scene.publish("1.0.0")
    assert rows_by_name(scene, "1.0.0")["anew"]["parent_state"] == "in_release"
    scene.withdraw("ade", "edited")
    assert publish_removals(scene, database) is not None
    row = rows_by_name(scene, "2.0.0")["anew"]
    assert (row["parent_id"], row["parent_state"]) == (scene.texts["edited"].public_id, "removed")
    assert verify.verify(scene.folder("2.0.0"), scene.folder("1.0.0"))["ok"]


def test_a_credit_that_was_taken_back_is_gone_too(scene: Scene, database: Database) -> None:
    stories.allow(scene.session, scene.people["ade"], preset="open", attribution="none")
    scene.withdraw("bola", "kept")
    release = publish_removals(scene, database)
    assert release is not None
    rows = rows_by_name(scene, "2.0.0")
    assert rows["original"]["contributor_id"] is None
    assert rows["original"]["attribution_text"] is None
    assert rows["original"]["completion"] == "Ìbàdàn ni."
    assert scene.people["ade"].handle not in (scene.folder("2.0.0") / "CONTRIBUTORS.md").read_text()
    said = scene.session.scalars(select(RowChange).where(RowChange.release_id == release.id))
    assert ("redact_attribution", scene.texts["original"].public_id) in {(c.op, c.annotation_public_id) for c in said}
    assert verify.verify(scene.folder("2.0.0"), scene.folder("1.0.0"))["ok"]


def test_a_row_that_may_stand_only_in_a_narrower_lane_is_left_out_and_told_so(scene: Scene, database: Database) -> None:
    stories.allow(scene.session, scene.people["bola"], preset="noncommercial", attribution="handle")
    release = publish_removals(scene, database)
    assert release is not None
    assert "kept" not in rows_by_name(scene, "2.0.0")
    said = scene.session.scalars(select(RowChange).where(RowChange.release_id == release.id))
    told = {change.annotation_public_id: (change.op, change.lane) for change in said}
    assert told[scene.texts["kept"].public_id] == ("restrict", "noncommercial")
    scene.publish("2.1.0")
    assert rows_by_name(scene, "2.1.0")["kept"]["license"] == "CC-BY-NC-4.0", "the next ordinary one holds it there"
    assert verify.verify(scene.folder("2.1.0"), scene.folder("2.0.0"))["ok"]


def test_inside_the_undo_window_a_row_is_nowhere_and_not_gone_for_good(scene: Scene, database: Database) -> None:
    scene.withdraw("ade", "original", definite=False)
    release = publish_removals(scene, database)
    assert release is not None
    said = scene.session.scalars(select(RowChange).where(RowChange.release_id == release.id))
    assert {(change.op, change.lane) for change in said} == {("restrict", None)}
    assert set(release.facts["diff"]["public"]["removed"].values()) == {"suspended"}
    feed.say_removed(scene.session, [scene.texts["original"].id])
    scene.session.commit()
    scene.publish("2.0.1")
    newest = scene.session.scalars(select(RowChange).order_by(RowChange.id.desc())).first()
    assert newest is not None
    assert newest.op == "remove"


@pytest.mark.parametrize("killed", ["before the build", "in the build", "before the commit"])
def test_a_kill_at_any_step_is_mended_by_the_next_run(
    scene: Scene, database: Database, monkeypatch: pytest.MonkeyPatch, killed: str
) -> None:
    scene.withdraw("ade", "original")
    place = {"before the build": (jobs, "publish_frozen"), "in the build": (loading, "fault")}
    where, name = place.get(killed, (journal, "after_commit"))

    def die(*_arguments: object, **_named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(where, name, die)
        with pytest.raises(KeyboardInterrupt):
            publish_removals(scene, database)
    scene.session.expire_all()
    frozen = scene.session.scalars(select(Release).where(Release.version == "2.0.0")).one()
    assert frozen.state == "frozen"
    assert usable.latest_usable(scene.session)[scene.world.project.slug]["public"] == "1.0.0"
    release = publish_removals(scene, database)
    assert release is not None
    assert (release.id, release.state) == (frozen.id, "published")
    assert verify.verify(scene.folder("2.0.0"), scene.folder("1.0.0"))["ok"]


def test_the_sweep_finishes_what_was_frozen(scene: Scene, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.withdraw("ade", "original")
    release = freezing.freeze_removals(
        scene.session, actor=OPERATOR, project=scene.world.project, settings=scene.settings
    )
    assert release is not None
    scene.session.commit()
    monkeypatch.setattr(jobs, "YOUNGEST", jobs.YOUNGEST * 0)
    jobs.publish_due(database.engine, scene.settings)
    scene.session.refresh(release)
    assert release.state == "published"


def test_who_takes_something_back_while_it_is_built_is_not_in_it(scene: Scene, database: Database) -> None:
    scene.withdraw("ade", "original")
    project, settings = scene.world.project, scene.settings
    release = freezing.freeze_removals(scene.session, actor=OPERATOR, project=project, settings=settings)
    assert release is not None
    scene.session.commit()
    with actions.build(scene.session, release, settings=settings) as built:
        scene.withdraw("bola", "kept")
        with pytest.raises(Conflict) as refused:
            actions.finish(scene.session, actor=OPERATOR, release=release, built=built, settings=settings)
    assert refused.value.code == "release_outdated"
    scene.session.commit()
    assert publish_removals(scene, database) is not None
    assert "kept" not in rows_by_name(scene, "2.0.0")


# --- retiring


def everything(scene: Scene, version: str, kind: str = "public") -> set[str]:
    place = scene.folder(version, kind)
    return {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}


def retire(scene: Scene, database: Database, *names: str, at_once: bool = False) -> list[str]:
    chosen, slug = [scene.texts[name].id for name in names], scene.world.project.slug
    scene.session.commit()
    found = retiring.retire(database.engine, scene.settings, slug, chosen, at_once=at_once)
    scene.session.expire_all()
    return found


def test_an_older_version_is_retired_once_a_newer_one_without_the_row_is_served(
    scene: Scene, database: Database
) -> None:
    scene.withdraw("ade", "original")
    feed.say_removed(scene.session, [scene.texts["original"].id])
    assert retire(scene, database) == [], "nothing newer yet"
    assert publish_removals(scene, database) is not None
    assert retire(scene, database) == ["1.0.0"]
    for kind in ("public", "gated"):
        assert everything(scene, "1.0.0", kind) == set(retiring.KEPT)
    assert scene.people["bola"].handle not in (scene.folder("1.0.0") / "CITATION.cff").read_text()
    assert retire(scene, database) == []
    first = scene.session.scalars(select(Release).where(Release.version == "1.0.0")).one()
    assert retiring.withdrawn_rows(scene.session, first) == 2
    assert usable.latest_usable(scene.session)[scene.world.project.slug]["public"] == "2.0.0"
    scene.texts["new"] = scene.world.writes(scene.people["efe"], "Kí lo fẹ́?", "Omi.")
    scene.world.decides(scene.people["ambassador"], scene.texts["new"])
    scene.session.commit()
    scene.publish("2.1.0")


def test_a_cause_that_cannot_wait_retires_at_once_and_the_next_version_is_built_without_it(
    scene: Scene, database: Database
) -> None:
    scene.withdraw("ade", "original")
    feed.say_removed(scene.session, [scene.texts["original"].id])
    assert retire(scene, database, "original", at_once=True) == ["1.0.0"]
    assert usable.latest_usable(scene.session)[scene.world.project.slug]["public"] is None
    assert everything(scene, "1.0.0") == set(retiring.KEPT)
    release = publish_removals(scene, database)
    assert release is not None
    assert verify.verify(scene.folder("2.0.0"))["ok"]
    assert usable.latest_usable(scene.session)[scene.world.project.slug]["public"] == "2.0.0"


def test_a_killed_retirement_is_completed_by_the_sweep(
    scene: Scene, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.withdraw("ade", "original")
    publish_removals(scene, database)

    def die(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", die)
        with pytest.raises(KeyboardInterrupt):
            retire(scene, database, "original")
    assert len(everything(scene, "1.0.0")) > len(retiring.KEPT)
    jobs.clear_retired(database.engine, scene.settings)
    assert everything(scene, "1.0.0") == set(retiring.KEPT)
    assert len(everything(scene, "2.0.0")) > len(retiring.KEPT), "others are not touched"
    with open_session(database.engine, writes=False) as other:
        assert other.scalars(select(Release).where(Release.version == "1.0.0")).one().retired_at is not None
