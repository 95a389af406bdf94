"""Who I am, and my texts, over HTTP."""

import pytest
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from tests.makers import a_maintainer
from tests.pages import Visitor
from tests.script import Script
from tests.stories import World, a_contributor, a_language, a_prompt, a_world, an_ambassador


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


@pytest.fixture
def person(session: Session, world: World) -> Person:
    return a_contributor(session, world.language)


@pytest.fixture
def script(client: Visitor, session: Session, person: Person) -> Script:
    return Script.of(client, session, person)


def test_me(client: Visitor, session: Session, world: World, person: Person, script: Script) -> None:
    said = script.get("/me", status=200).json
    assert said == {
        "id": person.public_id,
        "handle": person.handle,
        "email": person.email,
        "maintainer": False,
        "ambassador_of": [],
        "languages": [
            {
                "code": "yor_Latn", "lang": "yo-Latn", "dir": "ltr",
                "reads": True, "writes": True, "reviews": True, "level": "native",
            }
        ],
        "consented": True,
    }  # fmt: skip
    ambassador = an_ambassador(session, world.language, preset=None)
    said = Script.of(client, session, ambassador).get("/me", status=200).json
    assert [one["code"] for one in said["ambassador_of"]] == ["yor_Latn"]
    assert said["consented"] is False
    assert Script.of(client, session, a_maintainer(session)).get("/me", status=200).json["maintainer"] is True


def test_one_of_my_texts(session: Session, world: World, person: Person, script: Script) -> None:
    annotation = world.writes(person, "Kí ni?", "Èyí ni.")
    world.decides(
        an_ambassador(session, world.language), annotation, "changes_requested", note="Túbọ̀ gùn", reasons=["too_short"]
    )
    said = script.get(f"/annotations/{annotation.public_id}", status=200).json
    assert said["prompt"]["instruction"] == {"text": "Kí ni?", "language": "yor_Latn", "lang": "yo-Latn", "dir": "ltr"}
    assert (said["completion"]["text"], said["state"], said["revision"]) == ("Èyí ni.", "changes_requested", 1)
    review = said["reviews"][0]
    assert (review["outcome"], review["reasons"], review["note"]) == ("changes_requested", ["too_short"], "Túbọ̀ gùn")
    assert "reviewer" not in str(said)
    assert (said["releases"], said["project"]) == ([], world.project.slug)


def test_mending_a_text(world: World, person: Person, script: Script) -> None:
    annotation = world.writes(person, "Kí ni?", "Èyí ni.")
    path = f"/annotations/{annotation.public_id}"
    said = script.send("PATCH", path, {"completion": "Èyí ni o."}, status=200).json
    assert (said["completion"]["text"], said["prompt"]["instruction"]["text"], said["revision"]) == (
        "Èyí ni o.", "Kí ni?", 2,
    )  # fmt: skip
    said = script.send("PATCH", path, {"prompt": {"instruction": "Kí ni èyí?", "input": "Abala"}}, status=200).json
    assert (said["prompt"]["input"]["text"], said["revision"]) == ("Abala", 3)
    assert script.send("PATCH", path, {}, status=422).json["code"] == "nothing_changed_yet"
    emptied = script.send("PATCH", path, {"completion": ""}, status=422).json
    assert [(one["pointer"], one["code"]) for one in emptied["errors"]] == [("/completion", "completion_missing")]
    wrong = script.send("PATCH", path, data=b"completion=x", content_type="text/plain", status=415)
    assert wrong.headers["Accept-Patch"] == "application/json"


def test_how_a_text_was_made_is_corrected(
    client: Visitor, session: Session, world: World, person: Person, script: Script
) -> None:
    a_prompt(session, world.project, world.language)
    made = world.submits(person, world.claims(person), completion="Èyí ni.")
    path = f"/annotations/{made.public_id}/link"
    assert script.send("PUT", path, {"link": "translation"}, status=200).json == {
        "id": made.public_id, "link": "translation",
    }  # fmt: skip
    world.decides(an_ambassador(session, world.language), made)
    assert script.send("PUT", path, {"link": "completion"}, status=409).json["code"] == "link_by_ambassador"
    stranger = Script.of(client, session, a_contributor(session, world.language))
    assert stranger.send("PUT", path, {"link": "edit"}, status=404).json["code"] == "annotation_unknown"
    ambassador = Script.of(client, session, an_ambassador(session, world.language))
    assert ambassador.send("PUT", path, {"link": "completion"}, status=200).json["link"] == "completion"
    original = world.writes(person)
    said = script.send("PUT", f"/annotations/{original.public_id}/link", {"link": "edit"}, status=422).json
    assert said["errors"][0]["pointer"] == "/link"


def test_a_decided_text_is_mended_no_more(session: Session, world: World, person: Person, script: Script) -> None:
    annotation = world.writes(person)
    world.decides(an_ambassador(session, world.language), annotation)
    said = script.send("PATCH", f"/annotations/{annotation.public_id}", {"completion": "x"}, status=403)
    assert said.json["code"] == "not_permitted"


@pytest.mark.parametrize("role", ["stranger", "ambassador", "maintainer"])
def test_somebody_elses_text_is_not_there(
    client: Visitor, session: Session, world: World, person: Person, role: str
) -> None:
    annotation = world.writes(person)
    other = {
        "stranger": lambda: a_contributor(session, world.language),
        "ambassador": lambda: an_ambassador(session, world.language),
        "maintainer": lambda: a_maintainer(session),
    }[role]()
    script = Script.of(client, session, other)
    for method, body in (("GET", None), ("PATCH", {"completion": "mine"}), ("DELETE", None)):
        said = script.send(method, f"/annotations/{annotation.public_id}", body, status=404).json
        assert said == script.send(method, "/annotations/nothing", body, status=404).json
        assert said["code"] == "annotation_unknown"
    session.expire_all()
    assert session.get_one(Annotation, annotation.id).state == "in_review"


def test_a_text_in_a_release_says_where(session: Session, world: World, person: Person, script: Script) -> None:
    from annotator.permissions import OPERATOR  # noqa: PLC0415  # this test alone publishes
    from annotator.releases.models import Release, ReleaseRow  # noqa: PLC0415

    annotation = world.writes(person)
    release = Release(
        project_id=world.project.id, version="1.0.0", state="published", frozen_at=annotation.created_at,
        frozen_by=OPERATOR.name, published_at=annotation.created_at, ledger_seq=1, ledger_head="0" * 64,
    )  # fmt: skip
    session.add(release)
    session.flush()
    session.add(
        ReleaseRow(
            release_id=release.id, annotation_id=annotation.id, revision_id=annotation.revisions[0].id, lane="open",
            license="CC-BY-4.0", split="train", root_id="x", row_sha256="0" * 64, release_added="1.0.0", facts={},
        )
    )  # fmt: skip
    said = script.get(f"/annotations/{annotation.public_id}", status=200).json
    assert said["releases"] == [
        {"project": world.project.slug, "version": "1.0.0", "lane": "open", "license": "CC-BY-4.0"}
    ]


def test_a_text_in_a_script_from_right_to_left(client: Visitor, session: Session) -> None:
    world = a_world(session, "arb_Arab")
    reader = a_contributor(session, world.language, a_language(session, "yor_Latn"))
    prompt = a_prompt(session, world.project, world.language)
    made = world.submits(reader, world.claims(reader), completion="جواب")
    said = Script.of(client, session, reader).get(f"/annotations/{made.public_id}", status=200).json
    assert said["completion"] == {"text": "جواب", "language": "arb_Arab", "lang": "ar-Arab", "dir": "rtl"}
    assert said["prompt"]["instruction"]["text"] == prompt.instruction
