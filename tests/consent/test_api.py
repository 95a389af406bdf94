"""Rights over HTTP: what stands, and new decisions."""

from datetime import timedelta
from typing import Any, get_args

import pytest
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.consent import queries, rules
from annotator.consent.api import Attribution, Decision, Publish, RightsIn
from tests.pages import Visitor
from tests.script import Script
from tests.stories import World, a_contributor, a_world

FIRST = {"preset": "open", "attribution": "none", "adult": True}


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


@pytest.fixture
def person(session: Session, world: World) -> Person:
    return a_contributor(session, world.language, preset=None)


@pytest.fixture
def script(client: Visitor, session: Session, person: Person) -> Script:
    return Script.of(client, session, person)


def test_the_shapes_are_those_of_the_rules() -> None:
    assert get_args(Publish) == rules.SCALES["publish"]
    assert get_args(Attribution) == rules.SCALES["attribution"]
    assert set(get_args(Decision.model_fields["preset"].annotation)) == {*rules.PRESETS, "custom"}
    assert set(RightsIn.model_fields) == set(rules.RIGHTS)


def test_before_the_first_decision_nothing_is_allowed(script: Script) -> None:
    said = script.get("/consents", status=200).json
    assert (said["consented"], said["decisions"]) == (False, [])
    assert said["stands"][0]["rights"]["publish"] == "no"
    assert said["terms"]["version"] >= 1


def test_deciding_for_everything_a_language_and_a_text(
    session: Session, world: World, person: Person, script: Script
) -> None:
    terms = script.get("/consents", status=200).json["terms"]["version"]
    first = script.post("/consents", {**FIRST, "terms_version": terms}, status=201).json
    assert (first["publish"], first["commercial"], first["terms_version"]) == ("open", True, terms)
    annotation = world.writes(person)
    language = {"preset": "noncommercial", "language": "yor_Latn"}
    assert script.post("/consents", language, status=201).json["language"] == "yor_Latn"
    text = {"preset": "custom", "rights": {"publish": "gated"}, "annotation": annotation.public_id}
    made = script.post("/consents", text, status=201).json
    assert (made["annotation"], made["publish"], made["train"]) == (annotation.public_id, "gated", None)
    said = script.get("/consents", status=200).json
    assert said["consented"] is True
    assert [(one["language"], one["annotation"], one["rights"]["publish"]) for one in said["stands"]] == [
        (None, None, "open"),
        ("yor_Latn", None, "open"),
        (None, annotation.public_id, "gated"),
    ]
    assert [one["preset"] for one in said["decisions"]] == ["custom", "noncommercial", "open"]
    assert queries.standing(session, person.id)


def test_an_end_date_is_a_moment_with_a_zone(script: Script) -> None:
    later = (clock.now() + timedelta(days=90)).replace(microsecond=0)
    made = script.post("/consents", {**FIRST, "expires_at": later.isoformat()}, status=201).json
    assert clock.parse(made["expires_at"]) == later
    for wrong in ("2030-01-01", "2030-01-01T00:00:00", "9999-12-31T23:59:59-14:00", "soon", 1893456000):
        said = script.post("/consents", {**FIRST, "expires_at": wrong}, status=422).json
        assert [one["pointer"] for one in said["errors"]] == ["/expires_at"]


@pytest.mark.parametrize(
    ("changes", "status", "code", "pointer"),
    [
        ({"preset": "everything"}, 422, "body_invalid", "/preset"),
        ({"preset": "custom"}, 422, "consent_rights_missing", "/rights"),
        ({"preset": "custom", "rights": {"publish": "maybe"}}, 422, "body_invalid", "/rights/publish"),
        ({"attribution": None}, 422, "consent_attribution_missing", "/attribution"),
        ({"attribution": "named"}, 422, "credit_name_missing", "/credit_name"),
        ({"attribution": "named", "credit_name": "x" * 121}, 422, "credit_name_too_long", "/credit_name"),
        ({"adult": False}, 422, "consent_adult_missing", "/adult"),
        ({"expires_at": "2001-01-01T00:00:00Z"}, 422, "consent_expiry_past", "/expires_at"),
        ({"language": "yor_Latn"}, 409, "consent_scope_too_early", None),
        ({"language": "nonsense"}, 404, "language_unknown", "/language"),
        ({"annotation": "nothing"}, 404, "consent_text_unknown", "/annotation"),
        ({"terms_version": 0}, 409, "terms_newer", "/terms_version"),
    ],
)
def test_what_cannot_be_decided(
    session: Session,
    person: Person,
    script: Script,
    *,
    changes: dict[str, Any],
    status: int,
    code: str,
    pointer: str | None,
) -> None:
    said = script.post("/consents", {**FIRST, **changes}, status=status).json
    assert said["code"] == code
    assert [one["pointer"] for one in said.get("errors", [])] == ([pointer] if pointer else [])
    assert not queries.has_decided(session, person.id)


def test_somebody_elses_text_is_unknown(session: Session, world: World, script: Script) -> None:
    script.post("/consents", FIRST, status=201)
    annotation = world.writes(a_contributor(session, world.language))
    body = {"preset": "practice", "annotation": annotation.public_id}
    assert script.post("/consents", body, status=404).json["code"] == "consent_text_unknown"
    own = {"preset": "practice", "annotation": annotation.public_id, "language": "yor_Latn"}
    assert script.post("/consents", own, status=404).json["code"] == "consent_text_unknown"


def test_a_language_and_a_text_at_once(world: World, person: Person, script: Script) -> None:
    script.post("/consents", FIRST, status=201)
    annotation = world.writes(person)
    body = {"preset": "practice", "annotation": annotation.public_id, "language": "yor_Latn"}
    assert script.post("/consents", body, status=422).json["code"] == "consent_one_scope"


def test_scopes(client: Visitor, session: Session, person: Person) -> None:
    reader = Script.of(client, session, person, scopes=("read",))
    reader.get("/consents", status=200)
    assert reader.post("/consents", FIRST, status=403).json["code"] == "scope_missing"
