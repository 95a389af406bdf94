"""Work over HTTP: claim, draft, submit; originals; what a repeat does."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.assignments.api import WHY
from annotator.assignments.models import Assignment, Draft
from annotator.assignments.rules import Empty
from annotator.languages.models import Speaker
from tests import stories
from tests.pages import Visitor
from tests.script import Said, Script
from tests.stories import World, a_contributor, a_language, a_prompt, a_world, an_ambassador

KEY = {"Idempotency-Key": "7f0d1e2a one"}


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


@pytest.fixture
def person(session: Session, world: World) -> Person:
    return a_contributor(session, world.language)


@pytest.fixture
def script(client: Visitor, session: Session, person: Person) -> Script:
    return Script.of(client, session, person)


def claims(script: Script, world: World, status: int = 201, **more: object) -> Any:  # noqa: ANN401  # JSON
    body = {"language": world.language.code, **more}
    return script.post(f"/projects/{world.project.slug}/assignments", body, status=status).json


def n_annotations(session: Session) -> int | None:
    return session.scalar(select(func.count()).select_from(Annotation))


def test_a_claim_gives_the_prompt_with_its_languages(session: Session, world: World, script: Script) -> None:
    arabic = a_language(session, "arb_Arab", "Arabic")
    script_person = session.scalars(select(Person)).one()
    session.add(  # the person reads Arabic too, so the prompt is offered
        Speaker(
            person_id=script_person.id, language_id=arabic.id, reads=True, writes=False, reviews=False, level="good"
        )
    )
    a_prompt(
        session, world.project, world.language, instruction="لخص", instruction_language_id=arabic.id,
        input="Ọ̀rọ̀ kan", input_language_id=world.language.id, source_name="river", license="CC-BY-4.0",
    )  # fmt: skip
    made = claims(script, world)
    assert made["prompt"] == {
        "instruction": {"text": "لخص", "language": "arb_Arab", "lang": "ar-Arab", "dir": "rtl"},
        "input": {"text": "Ọ̀rọ̀ kan", "language": "yor_Latn", "lang": "yo-Latn", "dir": "ltr"},
    }
    assert made["language"] == {"code": "yor_Latn", "lang": "yo-Latn", "dir": "ltr"}
    assert (made["kind"], made["state"], made["completion"], made["draft"]) == ("answer", "assigned", None, None)
    assert made["source"] == {"name": "river", "license": "CC-BY-4.0"}
    assert made["project"] == world.project.slug
    assert made["taken_back"] is False
    lease = clock.parse(made["lease_until"])
    assert lease is not None
    assert lease > clock.now() + timedelta(minutes=58)


def test_a_second_claim_gives_the_same_and_says_so(session: Session, world: World, script: Script) -> None:
    a_prompt(session, world.project, world.language)
    a_prompt(session, world.project, world.language)
    body = {"language": "yor_Latn"}
    first = script.post(f"/projects/{world.project.slug}/assignments", body, status=201)
    again = script.post(f"/projects/{world.project.slug}/assignments", body, status=200)
    assert again.json == first.json
    assert first.headers["ETag"] == again.headers["ETag"] == '"0"'
    shown = script.get(first.headers["Location"].removeprefix("/api/v1"), status=200)
    assert shown.json == first.json
    assert "Location" not in again.headers


def test_kinds_are_chosen(session: Session, world: World, script: Script) -> None:
    a_prompt(session, world.project, world.language)
    a_prompt(session, world.project, world.language, completion="Bẹ́ẹ̀ ni")
    made = claims(script, world, kinds=["reannotate"])
    assert made["kind"] == "reannotate"
    assert made["completion"]["text"] == "Bẹ́ẹ̀ ni"
    body = {"language": "yor_Latn", "kinds": ["original"]}
    refused = script.post(f"/projects/{world.project.slug}/assignments", body, status=422)
    assert refused.json["errors"][0]["pointer"] == "/kinds/0"


def test_where_there_is_nothing_the_answer_says_why_and_what_next(world: World, script: Script) -> None:
    said = claims(script, world, status=200)
    assert (said["assignment"], said["reason"], said["retry_at"]) == (None, "no_work", None)
    assert said["detail"]
    assert said["next"]


def test_every_reason_has_words() -> None:
    assert set(WHY) == set(Empty)


def test_reserved_by_others_says_until_when(client: Visitor, session: Session, world: World, script: Script) -> None:
    a_prompt(session, world.project, world.language)
    other = Script.of(client, session, a_contributor(session, world.language))
    held = claims(other, world)
    said = claims(script, world, status=200)
    assert said["reason"] == "reserved"
    assert clock.parse(said["retry_at"]) == clock.parse(held["lease_until"])


def test_other_names_of_a_language_are_understood(session: Session, world: World, script: Script) -> None:
    a_prompt(session, world.project, world.language)
    body = {"language": "yo-Latn"}
    made = script.post(f"/projects/{world.project.slug}/assignments", body, status=201)
    assert made.json["language"]["code"] == "yor_Latn"


@pytest.mark.parametrize(
    ("slug", "language", "code"),
    [
        ("nowhere", "yor_Latn", "project_unknown"),
        (None, "hau_Latn", "language_not_in_project"),
        (None, "nonsense", "language_unknown"),
        (None, "", "language_unknown"),
    ],
)
def test_what_is_not_there(
    session: Session, world: World, script: Script, *, slug: str | None, language: str, code: str
) -> None:
    a_language(session, "hau_Latn", "Hausa")
    said = script.post(f"/projects/{slug or world.project.slug}/assignments", {"language": language}, status=404).json
    assert said["code"] == code
    assert slug or said["errors"][0]["pointer"] == "/language"


def test_without_consent_there_is_no_work(client: Visitor, session: Session, world: World) -> None:
    script = Script.of(client, session, a_contributor(session, world.language, preset=None))
    for path, body in (("assignments", {}), ("annotations", {"prompt": "A?", "completion": "B."})):
        sent = {"language": "yor_Latn", **body}
        said = script.post(f"/projects/{world.project.slug}/{path}", sent, status=403).json
        assert said["code"] == "consent_needed"


def test_somebody_elses_work_is_not_there(client: Visitor, session: Session, world: World, script: Script) -> None:
    a_prompt(session, world.project, world.language)
    stranger = Script.of(client, session, a_contributor(session, world.language))
    number = claims(script, world)["id"]
    for method, path, body in (
        ("GET", "", None),
        ("PUT", "/draft", {"completion": "x"}),
        ("POST", "/submit", {"completion": "x"}),
        ("POST", "/skip", {"reason": "other"}),
        ("POST", "/undo-skip", None),
        ("POST", "/release", None),
        ("POST", "/renew", None),
    ):
        headers = {"If-Match": '"0"'} if method == "PUT" else {}
        said = stranger.send(method, f"/assignments/{number}{path}", body, headers=headers, status=404).json
        unknown = stranger.send(method, f"/assignments/999999{path}", body, headers=headers, status=404).json
        assert said == unknown
        assert said["code"] == "assignment_unknown"


def test_submitting_an_answer(session: Session, world: World, person: Person, script: Script) -> None:
    a_prompt(session, world.project, world.language)
    number = claims(script, world)["id"]
    body = {"completion": "  Ìdáhùn mi ni èyí  ", "ai_assisted": "yes: it listed synonyms"}
    answer = script.post(f"/assignments/{number}/submit", body, status=201)
    made = session.scalars(select(Annotation)).one()
    assert answer.json["id"] == made.public_id
    assert answer.headers["Location"] == f"/api/v1/annotations/{made.public_id}"
    assert (made.author_id, made.state, made.ai_assisted) == (person.id, "in_review", "yes: it listed synonyms")
    assert made.revisions[0].completion == "Ìdáhùn mi ni èyí"
    assert script.get(f"/assignments/{number}", status=200).json["annotation"] == made.public_id
    again = script.post(f"/assignments/{number}/submit", body, status=409)
    assert again.json["code"] == "already_submitted"


def test_a_reannotation(session: Session, world: World, script: Script) -> None:
    a_prompt(session, world.project, world.language, input="Abala", completion="Ìdáhùn àtijọ́")
    number = claims(script, world)["id"]
    path = f"/assignments/{number}/submit"
    assert _faults(script.post(path, {"completion": "Tuntun"}, status=422)) == {"/ratings/prompt": "rating_missing"}
    rated = {"ratings": {"prompt": 4, "completion": 2}}
    assert script.post(path, rated, status=422).json["code"] == "nothing_changed"
    emptied = {**rated, "completion": " "}
    assert _faults(script.post(path, emptied, status=422)) == {"/completion": "completion_missing"}
    sent = {**rated, "prompt": {"instruction": "Kí ni èyí?", "input": ""}, "completion": "Tuntun"}
    script.post(path, sent, status=201)
    made = session.scalars(select(Annotation)).one()
    first = made.revisions[0]
    assert (made.rating_prompt, made.rating_completion) == (4, 2)
    assert (first.instruction, first.input, first.completion) == ("Kí ni èyí?", "", "Tuntun")


def test_a_prompt_that_is_a_string_leaves_the_input(session: Session, world: World, script: Script) -> None:
    a_prompt(session, world.project, world.language, input="Abala", completion="Ìdáhùn")
    number = claims(script, world)["id"]
    sent = {"ratings": {"prompt": 3, "completion": 3}, "prompt": "Kí ni èyí?"}
    script.post(f"/assignments/{number}/submit", sent, status=201)
    first = session.scalars(select(Annotation)).one().revisions[0]
    assert (first.instruction, first.input, first.completion) == ("Kí ni èyí?", None, None)


def test_already_good(session: Session, world: World, script: Script) -> None:
    a_prompt(session, world.project, world.language, completion="Ìdáhùn")
    number = claims(script, world)["id"]
    script.post(f"/assignments/{number}/submit", {"already_good": True}, status=201)
    assert session.scalars(select(Annotation)).one().already_good is True


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, {"/completion": "completion_missing"}),
        ({"completion": "   "}, {"/completion": "completion_missing"}),
        ({"completion": "a" * 20_001}, {"/completion": "text_too_long"}),
        ({"completion": "a", "ratings": {"prompt": 6}}, {"/ratings/prompt": "out_of_range"}),
        ({"completion": "a", "ratings": {"completion": 0}}, {"/ratings/completion": "out_of_range"}),
        ({"completion": "a", "ai_assisted": "perhaps"}, {"/ai_assisted": "malformed"}),
        ({"completion": "a", "ai_assisted": "yes: " + "x" * 151}, {"/ai_assisted": "malformed"}),
        ({"completion": "a", "complete": "b"}, {"/complete": "unknown_field"}),
    ],
)
def test_what_cannot_be_handed_in(
    session: Session, world: World, script: Script, body: dict[str, object], faults: dict[str, str]
) -> None:
    a_prompt(session, world.project, world.language)
    number = claims(script, world)["id"]
    assert _faults(script.post(f"/assignments/{number}/submit", body, status=422)) == faults
    assert n_annotations(session) == 0
    assert session.get_one(Assignment, number).state == "assigned"


def _faults(answer: Said) -> dict[str, str]:
    return {one["pointer"]: one["code"] for one in answer.json["errors"]}


def test_sent_twice_under_one_key_it_is_one(session: Session, world: World, script: Script) -> None:
    a_prompt(session, world.project, world.language)
    number = claims(script, world)["id"]
    path, body = f"/assignments/{number}/submit", {"completion": "Ìdáhùn"}
    first = script.post(path, body, headers=KEY, status=201)
    again = script.post(path, body, headers=KEY, status=201)
    assert again.json == first.json
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    other = script.post(path, {"completion": "Òmíràn"}, headers=KEY, status=409)
    assert other.json["code"] == "submission_key_used"
    assert n_annotations(session) == 1


def test_an_original_sent_twice_is_one(session: Session, world: World, script: Script) -> None:
    path = f"/projects/{world.project.slug}/annotations"
    body = {"language": "yor_Latn", "prompt": {"instruction": "Kí ni?", "input": "Abala"}, "completion": "Èyí ni."}
    first = script.post(path, body, headers=KEY, status=201)
    again = script.post(path, body, headers=KEY, status=201)
    assert again.json == first.json
    assert (first.json["kind"], first.json["assignment"]) == ("original", None)
    assert again.headers["Idempotent-Replayed"] == "true"
    other = script.post(path, {**body, "completion": "Òmíràn."}, headers=KEY, status=409)
    assert other.json["code"] == "submission_key_used"
    script.post(path, body, headers={"Idempotency-Key": "another"}, status=201)
    assert n_annotations(session) == 2


def test_a_key_is_ones_own(client: Visitor, session: Session, world: World, script: Script) -> None:
    other = Script.of(client, session, a_contributor(session, world.language))
    path = f"/projects/{world.project.slug}/annotations"
    body = {"language": "yor_Latn", "prompt": "Kí ni?", "completion": "Èyí ni."}
    script.post(path, body, headers=KEY, status=201)
    assert "Idempotent-Replayed" not in other.post(path, body, headers=KEY, status=201).headers
    assert n_annotations(session) == 2


@pytest.mark.parametrize("key", ["", "x" * 81, "ẹ", "a\tb"])
def test_a_key_that_is_none(session: Session, world: World, script: Script, key: str) -> None:
    body = {"language": "yor_Latn", "prompt": "Kí ni?", "completion": "Èyí ni."}
    path = f"/projects/{world.project.slug}/annotations"
    said = script.post(path, body, headers={"Idempotency-Key": key.encode().decode("latin-1")}, status=400)
    assert said.json["code"] == "idempotency_key_malformed"
    assert n_annotations(session) == 0


def test_an_original_that_does_not_fit(world: World, script: Script) -> None:
    path = f"/projects/{world.project.slug}/annotations"
    body = {"language": "yor_Latn", "prompt": " ", "completion": "Èyí ni."}
    assert _faults(script.post(path, body, status=422)) == {"/prompt": "instruction_missing"}
    assert _faults(script.post(path, {"language": "yor_Latn", "prompt": "a"}, status=422)) == {"/completion": "missing"}
    world.project.mix = {"answer": 1}
    assert script.post(path, {**body, "prompt": "Kí ni?"}, status=422).json["code"] == "kind_not_offered"
    world.project.state = "paused"
    assert script.post(path, {**body, "prompt": "Kí ni?"}, status=409).json["code"] == "project_paused"


def test_a_draft_is_kept_and_nothing_newer_is_overwritten(session: Session, world: World, script: Script) -> None:
    a_prompt(session, world.project, world.language)
    number = claims(script, world)["id"]
    path = f"/assignments/{number}/draft"
    assert script.send("PUT", path, {"completion": "a"}, status=428).json["code"] == "if_match_missing"
    for wrong in ("0", "*", '"x"', '"0", "1"', '"99999999999999999999"'):
        said = script.send("PUT", path, {"completion": "a"}, headers={"If-Match": wrong}, status=400)
        assert said.json["code"] == "if_match_malformed"
    assert script.send("PUT", path, {"completion": "a"}, headers={"If-Match": '"3"'}, status=409).json["code"] == (
        "draft_gone"
    )
    with time_machine.travel(clock.now() + timedelta(minutes=30)):
        first = script.send("PUT", path, {"completion": "Ọ̀kan"}, headers={"If-Match": '"0"'}, status=200)
    assert (first.json["version"], first.json["completion"], first.headers["ETag"]) == (1, "Ọ̀kan", '"1"')
    lease = clock.parse(first.json["lease_until"])
    assert lease is not None
    assert lease > clock.now() + timedelta(minutes=80)
    second = script.send("PUT", path, {"completion": "Èjì"}, headers={"If-Match": 'W/"1"'}, status=200)
    assert second.headers["ETag"] == '"2"'
    late = script.send("PUT", path, {"completion": "Mine"}, headers={"If-Match": '"1"'}, status=409)
    assert late.json["code"] == "draft_newer"
    assert (late.json["draft"]["version"], late.json["draft"]["completion"]) == (2, "Èjì")
    assert late.headers["ETag"] == '"2"'
    shown = script.get(f"/assignments/{number}", status=200)
    assert (shown.json["state"], shown.headers["ETag"]) == ("draft", '"2"')
    assert shown.json["draft"] == {**late.json["draft"]}
    late = script.send("PUT", path, {"completion": "Mine"}, headers={"If-Match": '"0"'}, status=409)
    assert late.json["draft"]["version"] == 2


def test_a_draft_of_a_reannotation_keeps_what_it_starts_from(session: Session, world: World, script: Script) -> None:
    """The page shows a draft as it is: a text that a script left out must not look as if it had been taken out."""
    prompt = a_prompt(session, world.project, world.language, input="Abala", completion="Ìdáhùn")
    number = claims(script, world)["id"]
    sent = {"completion": "Tuntun", "ratings": {"prompt": 5}}
    saved = script.send("PUT", f"/assignments/{number}/draft", sent, headers={"If-Match": '"0"'}, status=200).json
    assert saved["prompt"] == {"instruction": prompt.instruction, "input": "Abala"}
    assert (saved["completion"], saved["ratings"]) == ("Tuntun", {"prompt": 5, "completion": None})
    kept = session.scalars(select(Draft)).one()
    assert (kept.instruction, kept.input, kept.completion) == (prompt.instruction, "Abala", "Tuntun")


def test_work_whose_words_were_taken_back_shows_none(client: Visitor, session: Session) -> None:
    from annotator.rights import actions as rights  # noqa: PLC0415  # this test alone takes something back

    world = a_world(session, reannotate_contributions=True)
    author, reader = a_contributor(session, world.language), a_contributor(session, world.language)
    annotation = world.writes(author)
    world.decides(an_ambassador(session, world.language), annotation)
    script = Script.of(client, session, reader)
    made = claims(script, world)
    assert (made["prompt"]["instruction"]["text"], made["completion"]["text"]) == ("A question?", "An answer.")
    assert made["source"] is None
    session.get_one(Assignment, made["id"]).state = "expired"  # who holds it would lose it with the words
    rights.withdraw(session, actor=stories.actor_of(session, author), person=author, annotation=annotation)
    shown = script.get(f"/assignments/{made['id']}", status=200).json
    assert (shown["taken_back"], shown["prompt"]["instruction"], shown["completion"]) == (True, None, None)


def test_a_text_of_ones_own_needs_the_scope_of_work(
    client: Visitor, session: Session, world: World, person: Person
) -> None:
    script = Script.of(client, session, person, scopes=("read",))
    body = {"language": "yor_Latn", "prompt": "Kí ni?", "completion": "Èyí ni."}
    said = script.post(f"/projects/{world.project.slug}/annotations", body, status=403)
    assert said.json["code"] == "scope_missing"
