"""Taking a text back over HTTP."""

from datetime import timedelta
from threading import Thread

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.database import open_session
from annotator.mail.models import Letter
from annotator.rights import actions as rights
from annotator.rights import holds
from annotator.rights.models import Withdrawal
from tests.databases import Database
from tests.makers import a_maintainer
from tests.pages import Visitor
from tests.script import Script
from tests.stories import a_contributor, a_world, actor_of, an_ambassador


def test_taking_back_at_any_time_once_and_again(client: Visitor, session: Session) -> None:
    world = a_world(session)
    person = a_contributor(session, world.language)
    waiting, accepted = world.writes(person), world.writes(person, "Another?", "Another.")
    world.decides(an_ambassador(session, world.language), accepted)
    script = Script.of(client, session, person)
    for annotation in (waiting, accepted):
        path = f"/annotations/{annotation.public_id}"
        first = script.send("DELETE", path, status=200)
        assert (first.json["id"], first.json["state"]) == (annotation.public_id, "withdrawn")
        again = script.send("DELETE", path, status=200)
        assert again.json == first.json
        assert script.get(path, status=200).json["withdrawn_at"] == first.json["withdrawn_at"]
    assert session.scalar(select(func.count()).select_from(Withdrawal)) == 2
    assert session.scalar(select(func.count()).select_from(Letter)) == 2, "each is confirmed once, by letter"


def test_sent_twice_at_once_it_answers_the_same(client: Visitor, session: Session, database: Database) -> None:
    world = a_world(session)
    person = a_contributor(session, world.language)
    annotation = world.writes(person)
    script = Script.of(client, session, person)
    path, codes = f"/annotations/{annotation.public_id}", list[int]()
    with open_session(database.engine, writes=True) as first:
        theirs = first.get_one(Person, person.id)
        again = Thread(target=lambda: codes.append(script.send("DELETE", path).status_code))
        rights.withdraw(
            first, actor=actor_of(first, theirs), person=theirs, annotation=first.get_one(Annotation, annotation.id)
        )
        again.start()
        again.join(1)
        first.commit()
    again.join(20)
    assert codes == [200]


def test_it_needs_the_scope_of_rights(client: Visitor, session: Session) -> None:
    world = a_world(session)
    person = a_contributor(session, world.language)
    annotation = world.writes(person)
    script = Script.of(client, session, person, scopes=("read", "work", "review"))
    assert script.send("DELETE", f"/annotations/{annotation.public_id}", status=403).json["code"] == "scope_missing"
    assert session.scalar(select(func.count()).select_from(Withdrawal)) == 0


def test_a_text_that_somebody_took_back_is_nobody_elses_business(client: Visitor, session: Session) -> None:
    world = a_world(session)
    author, stranger = a_contributor(session, world.language), a_contributor(session, world.language)
    annotation = world.writes(author)
    Script.of(client, session, author).send("DELETE", f"/annotations/{annotation.public_id}", status=200)
    said = Script.of(client, session, stranger).send("DELETE", f"/annotations/{annotation.public_id}", status=404)
    assert said.json["code"] == "annotation_unknown"


def test_a_language_or_everything_with_its_effects_and_undo(client: Visitor, session: Session) -> None:
    world = a_world(session)
    person = a_contributor(session, world.language)
    annotation = world.writes(person)
    script = Script.of(client, session, person)
    assert script.post("/me/withdrawals", {}, status=422).json["code"] == "withdraw_what"
    both = {"language": world.language.code, "everything": True}
    assert script.post("/me/withdrawals", both, status=422).json["code"] == "withdraw_what"
    effects = script.post("/me/withdrawals/preview", {"language": "yor_Latn"}, status=200).json
    assert effects == {"texts": 1, "edits": 0, "lanes": {}, "stay": 0, "fall_back": 0, "wait": 0, "out": 0}
    assert annotation.state == "in_review", "looking changes nothing"
    made = script.post("/me/withdrawals", {"language": "yor_Latn"}, status=201).json
    assert (made["state"], made["can_be_undone"]) == ("suspended", True)
    assert [step["step"] for step in made["steps"]] == ["received", "suspended"]
    assert script.get("/me/withdrawals", status=200).json["withdrawals"] == [made]
    stranger = Script.of(client, session, a_contributor(session, world.language))
    assert stranger.post(f"/me/withdrawals/{made['id']}/undo", status=404).json["code"] == "withdrawal_unknown"
    undone = script.post(f"/me/withdrawals/{made['id']}/undo", status=200).json
    assert (undone["state"], undone["can_be_undone"]) == ("undone", False)
    session.refresh(annotation)
    assert annotation.state == "in_review"
    assert script.post(f"/me/withdrawals/{made['id']}/undo", status=409).json["code"] == "undo_over"


def test_who_ordered_a_hold_is_not_told_to_the_person(client: Visitor, session: Session) -> None:
    world = a_world(session)
    person = a_contributor(session, world.language)
    world.writes(person)
    script = Script.of(client, session, person)
    made = script.post("/me/withdrawals", {"everything": True}, status=201).json
    withdrawal, until = session.scalars(select(Withdrawal)).one(), clock.now() + timedelta(days=9)
    asking, second = (actor_of(session, a_maintainer(session)) for _ in "12")
    hold = holds.ask(session, actor=asking, withdrawal=withdrawal, authority="Court 7", reason="A case", until=until)
    holds.confirm(session, actor=second, hold=hold)
    rights.extend(session, actor=asking, withdrawal=withdrawal, reason="It takes longer.")
    (seen,) = script.get("/me/withdrawals", status=200).json["withdrawals"]
    assert (seen["id"], [step["step"] for step in seen["steps"]][-2:]) == (made["id"], ["on hold", "extended"])
    assert [step["reason"] for step in seen["steps"] if step["reason"]] == ["It takes longer."]


def test_everybody_may_see_the_figures(client: Visitor, session: Session) -> None:
    world = a_world(session)
    person = a_contributor(session, world.language)
    world.writes(person)
    Script.of(client, session, person).post("/me/withdrawals", {"everything": True}, status=201)
    found = Script(client).get("/rights/figures", status=200).json
    assert found["withdrawals"] == {"suspended": None}
    assert found["overdue"] == 0
    assert found["to_erase"] == {"n": 0, "median": None, "p95": None}
    session.scalars(select(Withdrawal)).one().erased_at = clock.now()
    session.commit()
    took = Script(client).get("/rights/figures", status=200).json["to_erase"]
    assert (took["n"], took["median"]) == (None, 0.0), "few are not counted here either"
    assert "half of them within 0.0 days" in client.visit("/rights/figures").text
