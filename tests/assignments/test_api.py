"""Reservations over HTTP: skip, undo, give back, renew; once more changes nothing."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.assignments.models import Assignment
from annotator.assignments.rules import SkipReason
from annotator.audit.models import AuditEvent
from tests.pages import Visitor
from tests.script import Script
from tests.stories import World, a_contributor, a_prompt, a_world


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


@pytest.fixture
def script(client: Visitor, session: Session, world: World) -> Script:
    return Script.of(client, session, a_contributor(session, world.language))


@pytest.fixture
def number(session: Session, world: World, script: Script) -> int:
    """A reservation of the script's person."""
    a_prompt(session, world.project, world.language)
    body = {"language": world.language.code}
    return int(script.post(f"/projects/{world.project.slug}/assignments", body, status=201).json["id"])


def n_events(session: Session, action: str) -> int | None:
    return session.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.action == action))


def test_skipping_once_and_again(session: Session, script: Script, number: int) -> None:
    first = script.post(f"/assignments/{number}/skip", {"reason": "unclear"}, status=200)
    assert (first.json["id"], first.json["state"], first.json["skip_reason"]) == (number, "skipped", "unclear")
    again = script.post(f"/assignments/{number}/skip", {"reason": "offensive"}, status=200)
    assert again.json == first.json
    assert n_events(session, "assignment.skipped") == 1
    assert session.get_one(Assignment, number).place is None


def test_skipping_needs_a_reason_that_there_is(script: Script, number: int) -> None:
    for body in ({}, {"reason": "bored"}, {"reason": None}):
        said = script.post(f"/assignments/{number}/skip", body, status=422)
        assert said.json["errors"][0]["pointer"] == "/reason"
    assert {reason.value for reason in SkipReason} >= {"unclear", "other"}


def test_undoing_a_skip(script: Script, number: int) -> None:
    script.send("PUT", f"/assignments/{number}/draft", {"completion": "Ọ̀rọ̀"}, headers={"If-Match": '"0"'}, status=200)
    script.post(f"/assignments/{number}/skip", {"reason": "other"}, status=200)
    back = script.post(f"/assignments/{number}/undo-skip", status=200)
    assert (back.json["state"], back.json["skip_reason"]) == ("draft", None)
    assert script.get(f"/assignments/{number}", status=200).json["draft"]["completion"] == "Ọ̀rọ̀"
    script.post(f"/assignments/{number}/skip", {"reason": "other"}, status=200)
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        said = script.post(f"/assignments/{number}/undo-skip", status=409)
    assert said.json["code"] == "undo_too_late"


def test_giving_back_once_and_again(session: Session, script: Script, number: int) -> None:
    first = script.post(f"/assignments/{number}/release", status=200)
    assert first.json["state"] == "released"
    assert script.post(f"/assignments/{number}/release", status=200).json == first.json
    assert n_events(session, "assignment.released") == 1
    said = script.post(f"/assignments/{number}/skip", {"reason": "other"}, status=409)
    assert said.json["code"] == "assignment_over"


def test_renewing_begins_the_hour_anew(script: Script, number: int) -> None:
    with time_machine.travel(clock.now() + timedelta(minutes=40)):
        renewed = script.post(f"/assignments/{number}/renew", status=200)
    lease = clock.parse(renewed.json["lease_until"])
    assert lease is not None
    assert lease > clock.now() + timedelta(minutes=95)
    script.post(f"/assignments/{number}/release", status=200)
    assert script.post(f"/assignments/{number}/renew", status=409).json["code"] == "assignment_over"


def test_what_was_handed_in_is_over(script: Script, number: int) -> None:
    script.post(f"/assignments/{number}/submit", {"completion": "Ìdáhùn"}, status=201)
    for path, body in (("skip", {"reason": "other"}), ("release", None), ("renew", None)):
        assert script.post(f"/assignments/{number}/{path}", body, status=409).json["code"] == "assignment_over"
    late = script.send(
        "PUT", f"/assignments/{number}/draft", {"completion": "x"}, headers={"If-Match": '"0"'}, status=409
    )
    assert late.json["code"] == "already_submitted"
