"""The feed: what it says, when, about whom never; and that its chain tells whoever changed it."""

import json
from datetime import UTC, datetime, timedelta

import jsonschema
import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from annotator import clock
from annotator.consent.rules import Rights
from annotator.releases import chain, feed, usable
from annotator.releases.chain import Head, Standing
from annotator.releases.models import FeedEntry, Release
from annotator.settings import Settings
from tests import stories
from tests.pages import Visitor
from tests.releases.scenes import Scene, a_scene, rows_of
from tests.script import Script


def entries(session: Session) -> list[FeedEntry]:
    """Return the whole feed."""
    return feed.page(session, 0, 1000)


def published(session: Session, settings: Settings) -> Scene:
    scene = a_scene(session, settings)
    scene.publish("1.0.0")
    return scene


def ids(scene: Scene, *names: str) -> list[int]:
    return [scene.texts[name].id for name in names]


def test_a_publication_says_that_its_version_can_be_used(session: Session, settings: Settings) -> None:
    scene = published(session, settings)
    said = entries(session)
    assert [(e.op, e.folder, e.latest_usable_version, e.annotation_ids) for e in said] == [
        ("version", "gated", "1.0.0", []),
        ("version", "public", "1.0.0", []),
    ]
    assert usable.latest_usable(session) == {scene.world.project.slug: {"public": "1.0.0", "gated": "1.0.0"}}


def test_only_what_a_folder_held_is_said_and_once(session: Session, settings: Settings) -> None:
    scene = published(session, settings)
    never = scene.world.writes(scene.people["ade"], "Never published?", "Never.")
    said = feed.say_removed(session, [*ids(scene, "original", "gated"), never.id])
    assert said == feed.Said(2)
    removed = {e.folder: e.annotation_ids for e in entries(session) if e.op == "remove"}
    assert removed == {"public": [scene.texts["original"].public_id], "gated": [scene.texts["gated"].public_id]}
    assert feed.say_removed(session, ids(scene, "original")) == feed.Said(0)
    assert feed.say_redacted(session, ids(scene, "original")) == feed.Said(0), "removed is removed"


def test_an_entry_tells_a_month_and_no_day_no_person_no_reason(session: Session, settings: Settings) -> None:
    with time_machine.travel(datetime(2026, 12, 9, 10, tzinfo=UTC), tick=False):
        scene = published(session, settings)
        feed.say_removed(session, ids(scene, "original"))
        session.commit()
    (entry,) = [feed.members(e) for e in entries(session) if e.op == "remove"]
    assert (entry["month"], entry["due_by"]) == ("2026-12", "2027-01-31")
    assert set(entry) == {*chain.MEMBERS, "hash"}
    assert "2026-12-09" not in json.dumps(entry)
    assert scene.people["ade"].handle not in json.dumps(entry)


def test_a_few_wait_for_others_until_the_first_of_them_is_due(session: Session, settings: Settings) -> None:
    scene = published(session, settings)
    now = clock.now()
    first, second = ids(scene, "original", "kept")
    due = {first: now + timedelta(days=3), second: now + timedelta(days=6)}
    assert feed.say_removed(session, due, due=due) == feed.Said(0, frozenset(due))
    assert "remove" not in {e.op for e in entries(session)}
    with time_machine.travel(now + timedelta(days=3, minutes=1)):
        assert feed.say_removed(session, due, due=due) == feed.Said(2), "all that wait go with the first that is due"
    (entry,) = [e for e in entries(session) if e.op == "remove"]
    assert len(entry.annotation_ids) == 2


def test_those_of_enough_people_need_not_wait_and_are_said_in_no_order(
    session: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "BATCH", 3)
    monkeypatch.setattr(feed, "_shuffle", lambda mixed: mixed.sort(reverse=True))
    scene = published(session, settings)
    three = ids(scene, "original", "kept", "alike")
    later = dict.fromkeys([*ids(scene, "better"), *three], clock.now() + timedelta(days=6))
    of_two = ids(scene, "original", "kept", "better")
    assert feed.say_removed(session, of_two, due=later) == feed.Said(0, frozenset(of_two)), "three ids of two people"
    assert feed.say_removed(session, three, due=later) == feed.Said(3)
    (entry,) = [e for e in entries(session) if e.op == "remove"]
    assert entry.annotation_ids == sorted(entry.annotation_ids, reverse=True), "as it was shuffled, not as it was asked"


def test_a_version_that_holds_what_was_removed_cannot_be_used(session: Session, settings: Settings) -> None:
    scene = published(session, settings)
    scene.texts["new"] = scene.world.writes(scene.people["efe"], "Kí lo fẹ́?", "Omi.")
    scene.world.decides(scene.people["ambassador"], scene.texts["new"])
    session.commit()
    scene.publish("1.1.0")
    slug = scene.world.project.slug
    feed.say_removed(session, ids(scene, "new"))
    assert usable.latest_usable(session)[slug]["public"] == "1.0.0", "the older one never held it"
    feed.say_removed(session, ids(scene, "kept"))
    assert usable.latest_usable(session)[slug] == {"public": None, "gated": "1.1.0"}


def test_a_narrowed_grant_is_said_by_the_release_that_follows_it(session: Session, settings: Settings) -> None:
    scene = published(session, settings)
    stories.allow(session, scene.people["bola"], preset="noncommercial", attribution="none")
    session.commit()
    scene.publish("2.0.0")
    said = [e for e in entries(session) if e.op != "version"]
    restricted = next(e for e in said if e.op == "restrict")
    assert (restricted.lane, restricted.purposes_removed) == ("noncommercial", ["commercial"])
    assert set(restricted.annotation_ids) == {scene.texts["kept"].public_id, scene.texts["better"].public_id}
    assert "redact_attribution" in {e.op for e in said}
    assert {e.since_version for e in said} == {"2.0.0"}
    assert entries(session)[-1].latest_usable_version == "2.0.0"


def test_what_was_said_before_is_not_said_again_by_the_release(session: Session, settings: Settings) -> None:
    scene = published(session, settings)
    feed.say_redacted(session, ids(scene, "kept"))
    stories.allow(session, scene.people["bola"], preset="open", attribution="none")
    session.commit()
    scene.publish("2.0.0")
    told = [e for e in entries(session) if scene.texts["kept"].public_id in e.annotation_ids]
    assert [(e.op, e.since_version) for e in told] == [("redact_attribution", None)]


def test_the_last_entry_says_all_that_a_row_lost_and_none_that_it_has_again(
    session: Session, settings: Settings
) -> None:
    scene = published(session, settings)
    slug = scene.world.project.slug

    def decides(version: str, **rights: bool) -> tuple[list[str], str | None]:
        choice = {"preset": "custom", "attribution": "handle", "also_before": True, "rights": rights}
        stories.allow(session, scene.people["dayo"], **choice)
        session.commit()
        scene.publish(version)
        told = [e for e in entries(session) if scene.texts["gated"].public_id in e.annotation_ids]
        return told[-1].purposes_removed, usable.latest_usable(session)[slug]["gated"]

    assert decides("2.0.0", research=False) == (["research"], "2.0.0")
    assert decides("3.0.0", derive=False) == (["research", "derive"], "3.0.0"), "a copy of 1.0.0 reads the last one"
    assert decides("4.0.0", research=True) == (["derive"], "4.0.0"), (
        "it may be used for that again, and the version too"
    )
    assert decides("5.0.0", derive=True) == ([], "5.0.0")


def test_what_was_said_to_be_removed_goes_into_no_release_whatever_stands(session: Session, settings: Settings) -> None:
    scene = published(session, settings)
    feed.say_removed(session, ids(scene, "kept"))  # and it was not withdrawn, or came back
    session.commit()
    scene.publish("2.0.0")
    public_id = scene.texts["kept"].public_id
    assert public_id not in {row["annotation_id"] for row in rows_of(scene.folder("2.0.0"))}
    told = {row["annotation_id"]: row["op"] for row in rows_of(scene.folder("2.0.0"), "withdrawn")}
    assert told[public_id] == "remove"


def test_a_version_that_was_retired_is_never_the_one_to_use(session: Session, settings: Settings) -> None:
    scene = published(session, settings)
    session.scalars(select(Release)).one().retired_at = clock.now()
    session.flush()
    assert usable.latest_usable(session)[scene.world.project.slug] == {"public": None, "gated": None}


@pytest.mark.parametrize(
    ("standing", "lane", "purposes", "allowed"),
    [
        (Standing("remove"), "gated", (), False),
        (Standing("restrict", "noncommercial"), "open", (), False),
        (Standing("restrict", "noncommercial"), "gated", (), True),
        (Standing("restrict", "gated", frozenset({"train"})), "gated", ("train",), False),
        (Standing("restrict", "gated", frozenset({"train"})), "gated", ("research",), True),
        (Standing("restrict", None), "gated", (), False),
    ],
)
def test_where_a_row_may_stand(standing: Standing, lane: str, purposes: tuple[str, ...], *, allowed: bool) -> None:
    assert standing.allows(lane, purposes) is allowed


def test_the_lanes_of_the_feed_are_those_of_verify() -> None:
    from annotator.releases import verify  # noqa: PLC0415  # here only

    assert {lane: frozenset(lanes) for lane, lanes in verify.NO_WIDER.items()} == chain.NO_WIDER
    assert set(Rights.__dataclass_fields__) >= set(verify.PURPOSES)


def test_the_chain_holds_and_tells_who_changed_it(session: Session, settings: Settings) -> None:
    scene = published(session, settings)
    feed.say_removed(session, ids(scene, "original"))
    session.commit()
    said = [feed.members(entry) for entry in entries(session)]
    assert feed.verify(session) == chain.Verdict(3, Head(3, said[-1]["hash"]))
    for name, value in (("annotation_ids", ["x"]), ("op", "version"), ("dataset", "other"), ("due_by", None)):
        changed = [*said[:2], {**said[2], name: value}]
        assert chain.check(changed).reason == "hash", name
    assert chain.check([said[0], said[2]]).reason == "missing"
    assert chain.check(said[:2], [Head(3, said[2]["hash"])]).reason == "missing", "cut at its end"
    anew = [{**said[0], "month": "2020-01"}]
    anew[0]["hash"] = chain.entry_hash(anew[0])
    assert chain.check(anew, [Head(1, said[0]["hash"])]).reason == "head", "written anew"
    both = [Head(1, said[0]["hash"]), Head(1, anew[0]["hash"])]
    assert chain.check(anew, both).reason == "head", "also where a later release noted the new one"


def test_the_database_refuses_to_change_the_feed(session: Session, settings: Settings) -> None:
    from sqlalchemy.exc import DatabaseError  # noqa: PLC0415  # here only

    published(session, settings)
    for statement in ("UPDATE feed SET op = 'remove'", "DELETE FROM feed"):
        with pytest.raises(DatabaseError, match="refused"), session.begin_nested():
            session.execute(text(statement))


def test_the_feed_over_http(
    client: Visitor, session: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from annotator.releases import api  # noqa: PLC0415  # needs Flask

    scene = published(session, settings)
    feed.say_removed(session, ids(scene, "original"))
    session.commit()
    script, slug = Script(client), scene.world.project.slug
    answer = script.get("/withdrawals", status=200)
    page = answer.json
    assert [entry["seq"] for entry in page["entries"]] == [1, 2, 3]
    assert page["latest_usable_version"] == {slug: {"public": None, "gated": "1.0.0"}}
    assert page["head"] == {"seq": 3, "hash": page["entries"][2]["hash"]}
    assert page["next"] is None
    assert chain.check(page["entries"]).reason is None, "whoever reads it can check it"
    schema = json.loads((scene.folder("1.0.0") / "schema" / "feed.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(page, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**page, "entries": [{**page["entries"][0], "person": "ada"}]}, schema)
    again = client.get("/api/v1/withdrawals", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    monkeypatch.setattr(api, "PAGE", 2)
    first = script.get("/withdrawals?after=0", status=200).json
    assert (len(first["entries"]), first["next"]) == (2, 2)
    assert [entry["seq"] for entry in script.get("/withdrawals?after=2", status=200).json["entries"]] == [3]
    assert script.get("/withdrawals?after=x", status=422).json["code"] == "feed_after_invalid"
    versions = script.get("/latest-usable-version", status=200).json
    assert versions == {"latest_usable_version": {slug: {"public": None, "gated": "1.0.0"}}}
