"""Leaving on pages, over HTTP and by command; and the page of claim codes."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts import tokens
from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.annotations.rules import Written
from annotator.mail.models import Letter
from annotator.rights.leaving.jobs import leave_due
from annotator.rights.models import Departure, Withdrawal
from annotator.settings import Settings
from tests.conftest import Runner
from tests.databases import Database
from tests.pages import Visitor
from tests.stories import World, a_contributor, a_world, actor_of, an_ambassador


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


@pytest.fixture
def ada(world: World) -> Person:
    return a_contributor(world.session, world.language, attribution="handle")


@pytest.fixture
def carried_out(world: World, database: Database, settings: Settings) -> Callable[[], None]:
    def after_the_window() -> None:
        world.session.commit()
        with time_machine.travel(clock.now() + timedelta(hours=73), tick=False):
            assert leave_due(database.engine, settings) == 1
        world.session.expire_all()

    return after_the_window


def test_leaving_asks_and_signing_in_can_undo_it(client: Visitor, world: World, ada: Person) -> None:
    made = world.writes(ada)
    client.sign_in(ada)
    assert "/me/leave" in client.visit("/me").source
    page = client.visit("/me/leave")
    wrong = client.send(page.form(button="Leave"), status=422)
    assert "Say what becomes of your texts" in wrong.source
    page = client.send(page.form(button="Leave"), manner="take")
    assert "signed out everywhere" in page.source
    assert made.state == "withdrawn"
    letters = world.session.scalars(select(Letter.subject)).all()
    assert "You asked to leave" in letters
    assert client.get("/me").status_code == 303  # nobody is signed in any more
    client.sign_in(world.session.get_one(Person, ada.id))
    for path in ("/", "/me", "/mine/", "/consent", "/me/tokens"):
        assert client.get(path).headers["Location"].endswith("/me/leave"), path
    page = client.visit("/me/leave")
    client.send(page.form(button="Undo, and stay"))
    world.session.expire_all()
    assert made.state == "in_review"
    client.visit("/me")


def test_when_the_time_to_undo_is_over_no_button_says_otherwise(client: Visitor, world: World, ada: Person) -> None:
    world.writes(ada)
    client.sign_in(ada)
    client.post("/me/leave", data={"manner": "take"})
    with time_machine.travel(clock.now() + timedelta(hours=73), tick=False):
        client.sign_in(world.session.get_one(Person, ada.id))
        page = client.visit("/me/leave")
        assert "The time to undo it is over" in page.text
        assert "Undo, and stay" not in page.source


def test_it_asks_for_a_fresh_sign_in(client: Visitor, ada: Person) -> None:
    client.sign_in(ada)
    with client.session_transaction() as cookie:
        cookie["signed_in_at"] = (clock.now() - timedelta(hours=13)).isoformat()
    assert "again=1" in client.get("/me/leave").headers["Location"]
    assert client.post("/me/leave").status_code == 401
    assert ada.leaving_at is None


def test_texts_that_stay_are_found_with_the_code(
    client: Visitor, world: World, ada: Person, carried_out: Callable[[], None]
) -> None:
    made = [world.writes(ada, f"Question {n}?", f"Answer {n}.") for n in range(2)]
    ids = [one.id for one in made]
    client.sign_in(ada)
    answer = client.post("/me/leave", data={"manner": "unnamed"})
    assert answer.headers["Cache-Control"] == "no-store"
    code = re.search(r'<code id="code"[^>]*>([A-Z2-7-]+)</code>', answer.get_data(as_text=True))
    assert code
    handle = ada.handle
    carried_out()
    assert "No texts belong to this code" in client.post("/claim", data={"code": "AAAA"}).get_data(as_text=True)
    form = client.visit("/claim").form(button="Show my texts")
    shown = client.send(form, code=code.group(1).lower())
    assert "Question 0?" in shown.source
    assert handle not in shown.source
    first = world.session.get_one(Annotation, ids[0])
    taken = client.post("/claim/withdraw", data={"code": code.group(1), "annotation": first.public_id})
    assert "Question 0?" not in taken.get_data(as_text=True)
    states = select(Annotation.state).order_by(Annotation.id)
    assert world.session.scalars(states).all() == ["withdrawn", "in_review"]
    client.post("/claim/withdraw", data={"code": code.group(1)})
    assert world.session.scalars(states).all() == ["withdrawn", "withdrawn"]
    request = world.session.scalars(select(Withdrawal.public_id).order_by(Withdrawal.id)).first()
    assert request is not None
    assert request in client.send(client.visit("/claim").form(button="Show my texts"), code=code.group(1)).source
    client.post("/claim/undo", data={"code": code.group(1), "withdrawal": request})
    world.session.expire_all()
    assert "in_review" in world.session.scalars(states).all()


def test_a_code_opens_its_own_texts_only(
    client: Visitor, world: World, ada: Person, carried_out: Callable[[], None]
) -> None:
    other = world.writes(a_contributor(world.session, world.language), "Not hers?", "No.")
    world.writes(ada)
    client.sign_in(ada)
    answer = client.post("/me/leave", data={"manner": "unnamed"}).get_data(as_text=True)
    code = re.search(r'<code id="code"[^>]*>([A-Z2-7-]+)</code>', answer)
    carried_out()
    assert code
    client.post("/claim/withdraw", data={"code": code.group(1), "annotation": other.public_id})
    assert other.state == "in_review"
    client.post("/claim/withdraw", data={"code": "A" * 26})
    assert other.state == "in_review"


def test_who_left_only_edits_behind_can_take_them_back(
    client: Visitor, world: World, ada: Person, carried_out: Callable[[], None]
) -> None:
    reader = an_ambassador(world.session, world.language)
    text = world.writes(ada)
    world.decides(reader, text, "accepted_with_edits", written=Written(completion="A better answer."))
    client.sign_in(reader)
    assert "Take everything back" in client.visit("/rights/").text
    answer = client.post("/me/leave", data={"manner": "unnamed"}).get_data(as_text=True)
    code = re.search(r'<code id="code"[^>]*>([A-Z2-7-]+)</code>', answer)
    carried_out()
    assert code
    page = client.send(client.visit("/claim").form(button="Show my texts"), code=code.group(1))
    assert "Edits of yours in texts of others: 1." in page.text
    page = client.send(page.form(button="Take all of them back"))
    assert "You have taken all of them back" in page.text
    world.session.expire_all()
    assert text.revisions[-1].withdrawn_at is not None


def test_over_http(client: Visitor, world: World, ada: Person) -> None:
    world.writes(ada)
    _token, secret = tokens.make(
        world.session, actor=actor_of(world.session, ada), person=ada, name="mine", scopes=["rights"]
    )
    signed = {"Authorization": f"Bearer {secret}"}
    assert client.delete("/api/v1/me/leave", headers=signed).json["code"] == "not_leaving"  # type: ignore[index]  # a refusal is JSON
    assert client.post("/api/v1/me/leave", json={}, headers=signed).status_code == 422
    said = client.post("/api/v1/me/leave", json={"manner": "unnamed"}, headers=signed)
    assert said.status_code == 201
    assert said.json is not None
    assert len(said.json["claim_code"].replace("-", "")) == 26
    assert client.get("/api/v1/me", headers=signed).status_code == 401
    _token, again = tokens.make(
        world.session, actor=actor_of(world.session, ada), person=ada, name="new", scopes=["rights"]
    )
    undone = client.delete("/api/v1/me/leave", headers={"Authorization": f"Bearer {again}"})
    assert undone.status_code == 200
    assert world.session.get_one(Person, ada.id).leaving_at is None


def test_by_command(runner: Runner, world: World, ada: Person) -> None:
    world.writes(ada)
    assert "take" in runner("people", "leave", ada.email, code=1).stderr
    facts = json.loads(runner("people", "leave", ada.email, "--manner", "unnamed", "--json").output)
    assert facts["manner"] == "unnamed"
    assert facts["claim_code"]
    assert world.session.scalars(select(Departure.public_id)).one() == facts["departure"]
