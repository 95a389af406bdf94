"""Reviewing over HTTP."""

import pytest
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.mail.models import Letter
from annotator.review.models import Review
from tests.pages import Visitor
from tests.script import Script
from tests.stories import World, a_contributor, a_language, a_project, a_prompt, a_world, an_ambassador


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


@pytest.fixture
def author(session: Session, world: World) -> Person:
    return a_contributor(session, world.language)


@pytest.fixture
def ambassador(session: Session, world: World) -> Person:
    return an_ambassador(session, world.language)


@pytest.fixture
def script(client: Visitor, session: Session, ambassador: Person) -> Script:
    return Script.of(client, session, ambassador)


def following(script: Script, world: World) -> object:
    path = f"/projects/{world.project.slug}/reviews/claim"
    return script.post(path, {"language": world.language.code}, status=200).json["annotation"]


def test_the_queue_leads_on(session: Session, world: World, author: Person, ambassador: Person, script: Script) -> None:
    assert following(script, world) is None
    elsewhere = World(session, world.language, a_project(session, world.language))
    elsewhere.writes(author, "Elsewhere?", "Elsewhere.")
    first, second = world.writes(author, "One?", "One."), world.writes(author, "Two?", "Two.")
    world.writes(ambassador, "Mine?", "Mine.")
    said = following(script, world)
    assert isinstance(said, dict)
    assert (said["id"], said["revision"], said["kind"], said["start"]) == (first.public_id, 1, "original", None)
    assert said["prompt"]["instruction"]["text"] == "One?"
    assert author.handle not in str(said)
    path = f"/annotations/{first.public_id}/reviews"
    made = script.post(path, {"outcome": "accepted", "revision": 1}, status=201).json
    assert (made["annotation"], made["outcome"], made["state"]) == (first.public_id, "accepted", "accepted")
    again = script.post(path, {"outcome": "accepted"}, status=409)
    assert again.json["code"] == "decided_already"
    said = following(script, world)
    assert isinstance(said, dict)
    assert said["id"] == second.public_id
    script.post(f"/annotations/{second.public_id}/reviews", {"outcome": "accepted"}, status=201)
    assert following(script, world) is None


def test_a_reannotation_comes_with_what_it_started_from(
    session: Session, world: World, author: Person, script: Script
) -> None:
    a_prompt(session, world.project, world.language, completion="Àtijọ́")
    rated = {"rating_prompt": 4, "rating_completion": 2}
    world.submits(author, world.claims(author), completion="Tuntun", **rated)
    said = following(script, world)
    assert isinstance(said, dict)
    assert (said["start"]["completion"]["text"], said["completion"]["text"]) == ("Àtijọ́", "Tuntun")


def test_accepting_with_edits(session: Session, world: World, author: Person, script: Script) -> None:
    annotation = world.writes(author, "One?", "One.")
    path = f"/annotations/{annotation.public_id}/reviews"
    for body, code, pointer in (
        ({"outcome": "accepted_with_edits"}, "edit_missing", "/completion"),
        ({"outcome": "accepted", "completion": "Ọ̀kan."}, "edit_not_wanted", "/completion"),
        ({"outcome": "accepted_with_edits", "completion": " "}, "edit_empties_text", None),
        ({"outcome": "declined"}, "decline_needs_reason", "/reasons"),
        ({"outcome": "changes_requested"}, "changes_need_reason", "/reasons"),
        ({"outcome": "wonderful"}, "body_invalid", "/outcome"),
        ({"outcome": "declined", "reasons": ["ugly"]}, "body_invalid", "/reasons/0"),
        ({"outcome": "changes_requested", "note": "x" * 2001}, "body_invalid", "/note"),
    ):
        said = script.post(path, body, status=422).json
        assert said["code"] == code
        assert [one["pointer"] for one in said.get("errors", [])] == ([pointer] if pointer else [])
    sent = {"outcome": "accepted_with_edits", "completion": "Ọ̀kan.", "edit_needed": True}
    assert script.post(path, sent, status=201).json["state"] == "accepted_with_edits"
    session.expire_all()
    assert annotation.revisions[-1].completion == "Ọ̀kan."
    assert annotation.revisions[-1].edit_needed is True


def test_asking_for_changes_writes_to_the_author(
    client: Visitor, session: Session, world: World, author: Person, script: Script
) -> None:
    annotation = world.writes(author)
    path = f"/annotations/{annotation.public_id}/reviews"
    script.post(path, {"outcome": "changes_requested", "note": "Túbọ̀ gùn"}, status=201)
    assert session.query(Letter).one().person_id == author.id
    mine = Script.of(client, session, author)
    mine.send("PATCH", f"/annotations/{annotation.public_id}", {"completion": "Longer."}, status=200)
    said = following(script, world)
    assert isinstance(said, dict)
    assert (said["revision"], said["reviews"][0]["note"]) == (2, "Túbọ̀ gùn")
    stale = script.post(path, {"outcome": "accepted", "revision": 1}, status=409).json
    assert (stale["code"], stale["errors"][0]["pointer"]) == ("revision_newer", "/revision")
    script.post(path, {"outcome": "accepted", "revision": 2}, status=201)


def test_others_decisions_show_after_ones_own(client: Visitor, session: Session, author: Person) -> None:
    world = a_world(session, reviews=2)
    other = Script.of(client, session, an_ambassador(session, world.language))
    script = Script.of(client, session, an_ambassador(session, world.language))
    annotation = world.writes(author)
    other.post(f"/annotations/{annotation.public_id}/reviews", {"outcome": "accepted"}, status=201)
    said = following(script, world)
    assert isinstance(said, dict)
    assert said["reviews"] == []


def test_who_is_no_ambassador_here_reviews_nothing(
    client: Visitor, session: Session, world: World, author: Person
) -> None:
    annotation = world.writes(author)
    contributor = Script.of(client, session, a_contributor(session, world.language))
    foreign = Script.of(client, session, an_ambassador(session, a_language(session, "hau_Latn", "Hausa")))
    path, body = f"/projects/{world.project.slug}/reviews/claim", {"language": "yor_Latn"}
    for script in (contributor, foreign):
        assert script.post(path, body, status=403).json["code"] == "not_permitted"
    review = f"/annotations/{annotation.public_id}/reviews"
    assert contributor.post(review, {"outcome": "accepted"}, status=403).json["code"] == "not_permitted"
    unknown = foreign.post("/annotations/nothing/reviews", {"outcome": "accepted"}, status=404).json
    assert foreign.post(review, {"outcome": "accepted"}, status=404).json == unknown
    assert session.query(Review).count() == 0


def test_own_and_practice_work_is_not_judged(
    session: Session, world: World, ambassador: Person, script: Script
) -> None:
    own = world.writes(ambassador)
    said = script.post(f"/annotations/{own.public_id}/reviews", {"outcome": "accepted"}, status=403)
    assert said.json["code"] == "not_permitted"
    practice = world.writes(a_contributor(session, world.language, preset="practice"))
    said = script.post(f"/annotations/{practice.public_id}/reviews", {"outcome": "accepted"}, status=404)
    assert said.json["code"] == "annotation_unknown"
