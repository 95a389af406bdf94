"""What stands about people in a release: facts that five share, and nothing at all about those of a protected language."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.consent.about import actions as about
from annotator.errors import Conflict
from annotator.languages import actions as languages
from annotator.permissions import OPERATOR
from annotator.releases import actions, demographics, freezing, remains, removal, verify
from annotator.settings import Settings
from tests import stories
from tests.pages import Visitor
from tests.releases.scenes import Scene, a_scene, rows_of


def says(session: Session, person: Person, level: str = "row", **facts: str) -> None:
    levels = dict.fromkeys(facts, level)
    about.choose(session, actor=stories.actor_of(session, person), levels=levels, values=facts)


def crowd(session: Session, settings: Settings, n: int, **facts: str) -> Scene:
    """Return a scene in which so many people, credited by their handle, say the same about themselves."""
    scene = a_scene(session, settings)
    for number in range(n):
        person = scene.people[f"c{number}"] = stories.a_contributor(session, scene.world.language, attribution="handle")
        text = scene.texts[f"c{number}"] = scene.world.writes(person, f"Question {number}?", f"Answer {number}.")
        scene.world.decides(scene.people["ambassador"], text)
        says(session, person, **facts)
    session.commit()
    return scene


def shown(scene: Scene, version: str) -> dict[str, dict[str, str]]:
    """Return what stands about people in a release, by handle."""
    rows = rows_of(scene.folder(version), "contributors")
    return {
        row["credit_name"]: {name: row[name] for name in ("age_range", "gender", "country") if row[name]}
        for row in rows
        if any(row[name] for name in ("age_range", "gender", "country"))
    }


def holds(folder: Path, previous: Path | None = None) -> None:
    result = verify.verify(folder, previous)
    assert result["ok"], [check for check in result["checks"] if not check["ok"]]


def manifest_of(scene: Scene, version: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((scene.folder(version) / "manifest.json").read_text(encoding="utf-8"))
    return found


def test_facts_that_five_share_are_published_and_four_are_not(session: Session, settings: Settings) -> None:
    scene = crowd(session, settings, 5, gender="woman", country="NG")
    says(session, scene.people["ade"], gender="woman", country="BJ")
    says(session, scene.people["bola"], "aggregate", gender="woman", country="NG")
    session.commit()
    release = scene.publish("1.0.0")
    handles = {scene.people[f"c{n}"].handle for n in range(5)}
    found = shown(scene, "1.0.0")
    assert {name for name, facts in found.items() if facts == {"gender": "woman", "country": "NG"}} == handles
    assert scene.people["ade"].handle not in found, "hers would stand alone"
    assert scene.people["bola"].handle not in found, "who counts only in sums has nothing in the row"
    assert manifest_of(scene, "1.0.0")["counts"]["suppressed"] >= 2
    holds(scene.folder("1.0.0"))
    assert "woman" not in json.dumps(release.facts), "what it was stands in the files only"
    one = demographics.preview_of(session, scene.people["c0"])[0]
    assert (one.granted, one.shown) == ({"gender": "woman", "country": "NG"},) * 2
    lonely = demographics.preview_of(session, scene.people["ade"])[0]
    assert (lonely.granted, lonely.shown) == ({"gender": "woman", "country": "BJ"}, {})


def test_whoever_switches_a_fact_off_takes_the_group_below_five(session: Session, settings: Settings) -> None:
    scene = crowd(session, settings, 5, gender="man")
    scene.publish("1.0.0")
    assert len(shown(scene, "1.0.0")) == 5
    says(session, scene.people["c0"], "none", gender="")
    session.commit()
    scene.publish("1.0.1")
    assert shown(scene, "1.0.1") == {}
    holds(scene.folder("1.0.1"), scene.folder("1.0.0"))


def test_switching_off_while_a_release_is_built_keeps_it_back(session: Session, settings: Settings) -> None:
    scene = crowd(session, settings, 5, gender="man")
    project = scene.world.project
    release = actions.freeze(session, actor=OPERATOR, project=project, version="1.0.0", settings=settings)
    session.commit()
    with actions.build(session, release, settings=settings) as built:
        says(session, scene.people["c0"], "none", gender="")
        with pytest.raises(Conflict) as refused:
            actions.finish(session, actor=OPERATOR, release=release, built=built, settings=settings)
    assert refused.value.code == "release_outdated"
    session.commit()
    scene.publish("1.0.1")
    session.refresh(release)
    assert release.state == "abandoned"
    assert "man" not in json.dumps(release.facts["demographics"]), "what was never published is forgotten"


def test_a_version_without_removed_rows_shows_nothing_new_about_anybody(session: Session, settings: Settings) -> None:
    scene = crowd(session, settings, 6, gender="man")
    scene.publish("1.0.0")
    for n in range(6):
        says(session, scene.people[f"c{n}"], gender="man", country="NG")
    scene.withdraw("c0", "c0")
    slug = scene.world.project.slug
    session.commit()
    removal.publish_removals(scene.engine, settings, slug)
    found = shown(scene, "2.0.0")
    assert len(found) == 5
    assert all(facts == {"gender": "man"} for facts in found.values())
    holds(scene.folder("2.0.0"), scene.folder("1.0.0"))


def test_in_a_protected_language_nobody_is_shown_whatever_they_chose(session: Session, settings: Settings) -> None:
    scene = crowd(session, settings, 5, gender="man")
    scene.publish("1.0.0")
    assert len(shown(scene, "1.0.0")) == 5
    languages.protect(session, actor=OPERATOR, language=scene.world.language, reason="The community asked for it.")
    session.commit()
    scene.publish("2.0.0")
    for kind in ("public", "gated"):
        folder = scene.folder("2.0.0", kind)
        holds(folder, scene.folder("1.0.0", kind))
        everything = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.md"))
        everything += json.dumps([rows_of(folder, table) for table in ("data", "contributors", "reviews")])
        for person in scene.people.values():
            assert person.handle not in everything
        assert {row["contributor_id"] for row in rows_of(folder)} == {None}
        assert all(row["authors"] == [] and row["attribution_text"] is None for row in rows_of(folder))
        assert {row["reviewer_id"] for row in rows_of(folder, "reviews")} == {None}
        assert {row["contributor_id"] for row in rows_of(folder, "contributors")} == {None}
    told = manifest_of(scene, "2.0.0")
    assert told["selection"]["protected_languages"] == ["yor_Latn"]
    gated = json.loads((scene.folder("2.0.0", "gated") / "manifest.json").read_text(encoding="utf-8"))
    assert gated["counts"]["languages"] == {"yor_Latn": None}, "one row"
    assert "a few" in (scene.folder("2.0.0", "gated") / "README.md").read_text(encoding="utf-8")
    preview = demographics.preview_of(session, scene.people["c0"])[0]
    assert (preview.languages, preview.protected, preview.shown) == ([], ["yor_Latn"], {})


def test_the_page_of_a_release_bears_a_count_that_was_left_out(
    client: Visitor, session: Session, settings: Settings
) -> None:
    scene = crowd(session, settings, 0)
    languages.protect(session, actor=OPERATOR, language=scene.world.language, reason="The community asked for it.")
    for name in ("unpaid", "original", "kept"):
        scene.withdraw({"unpaid": "chidi", "original": "ade", "kept": "bola"}[name], name)
    session.commit()
    scene.publish("1.0.0")
    assert manifest_of(scene, "1.0.0")["counts"]["languages"] == {"yor_Latn": None}
    slug = scene.world.project.slug
    assert "yor_Latn" in client.visit(f"/projects/{slug}/releases/1.0.0").text


def test_a_version_of_removals_takes_the_names_of_a_language_that_was_protected_since(
    session: Session, settings: Settings
) -> None:
    scene = crowd(session, settings, 5, gender="man")
    scene.publish("1.0.0")
    languages.protect(session, actor=OPERATOR, language=scene.world.language, reason="The community asked for it.")
    scene.withdraw("ade", "original")
    slug = scene.world.project.slug
    session.commit()
    removal.publish_removals(scene.engine, settings, slug)
    assert {row["contributor_id"] for row in rows_of(scene.folder("2.0.0"))} == {None}
    assert {row["reviewer_id"] for row in rows_of(scene.folder("2.0.0"), "reviews")} == {None}
    holds(scene.folder("2.0.0"), scene.folder("1.0.0"))


@pytest.mark.parametrize(
    "meanwhile", ["a reviewer takes off their name", "a reviewer is called otherwise", "protected"]
)
def test_nobody_is_named_who_did_not_want_it_when_the_release_came_out(
    session: Session, settings: Settings, meanwhile: str
) -> None:
    scene = a_scene(session, settings)
    reviewer = stories.an_ambassador(session, scene.world.language)  # who has written nothing
    scene.world.decides(reviewer, scene.world.writes(scene.people["efe"], "Kí lo fẹ́?", "Omi."))
    if meanwhile == "protected":  # and nobody is credited, so that no row tells
        for person in scene.people.values():
            stories.allow(session, person, preset="open", attribution="none", also_before=True)
    else:
        reviewer.credit_name = "Adéọlá"
        stories.allow(session, reviewer, preset="open", attribution="named", also_before=True)
    session.commit()
    release = actions.freeze(session, actor=OPERATOR, project=scene.world.project, version="1.0.0", settings=settings)
    session.commit()
    with actions.build(session, release, settings=settings) as built:
        if meanwhile == "protected":
            languages.protect(session, actor=OPERATOR, language=scene.world.language, reason="They asked for it.")
        elif "called" in meanwhile:
            reviewer.credit_name = "Ade"
        else:
            stories.allow(session, reviewer, preset="open", attribution="none", also_before=True)
        session.flush()
        with pytest.raises(Conflict) as refused:
            actions.finish(session, actor=OPERATOR, release=release, built=built, settings=settings)
    assert refused.value.code == "release_outdated"


def test_a_version_of_removals_does_not_print_a_name_that_was_taken_off(session: Session, settings: Settings) -> None:
    scene = a_scene(session, settings)
    bola = scene.people["bola"]
    bola.credit_name = "Bọ́lá Adé"
    stories.allow(session, bola, preset="open", attribution="named", also_before=True)
    session.commit()
    scene.publish("1.0.0")
    assert any("Bọ́lá Adé" in (row["attribution_text"] or "") for row in rows_of(scene.folder("1.0.0")))
    bola.credit_name = None
    scene.withdraw("efe", "alike")
    slug = scene.world.project.slug
    session.commit()
    removal.publish_removals(scene.engine, settings, slug)
    folder = scene.folder("2.0.0")
    holds(folder, scene.folder("1.0.0"))
    assert "Bọ́lá" not in json.dumps([rows_of(folder, name) for name in ("data", "contributors")], ensure_ascii=False)
    redacted = {row["annotation_id"] for row in rows_of(folder, "withdrawn") if row["op"] == "redact_attribution"}
    assert scene.texts["kept"].public_id in redacted


def test_a_reviewer_who_takes_off_their_name_keeps_back_a_version_of_removals(
    session: Session, settings: Settings
) -> None:
    scene = a_scene(session, settings)
    reviewer = stories.an_ambassador(session, scene.world.language)
    reviewer.credit_name = "Adéọlá"
    stories.allow(session, reviewer, preset="open", attribution="named", also_before=True)
    scene.world.decides(reviewer, scene.world.writes(scene.people["efe"], "Kí lo fẹ́?", "Omi."))
    session.commit()
    scene.publish("1.0.0")
    scene.withdraw("ade", "original")
    project = scene.world.project
    release = freezing.freeze_removals(session, actor=OPERATOR, project=project, settings=settings)
    assert release is not None
    again = freezing.freeze_removals(session, actor=OPERATOR, project=project, settings=settings)
    assert again is release, "nothing has changed"
    reviewer.credit_name = "Ade"
    left = remains.remains(session, project, at=clock.now())
    assert not freezing.remains_so(session, release, left)
