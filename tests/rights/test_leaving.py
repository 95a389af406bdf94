"""Leaving in three ways: the person is gone, what stays stays computable, and nobody else loses a word."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts import actions as accounts
from annotator.accounts import tokens
from annotator.accounts.models import Person, Token
from annotator.annotations.models import Annotation
from annotator.annotations.rules import Written
from annotator.app import JOBS
from annotator.consent import queries as consent
from annotator.errors import Conflict, Forbidden, Invalid
from annotator.languages import queries as languages
from annotator.ledger import queries as ledger
from annotator.ledger.models import LedgerKey, LedgerPayload
from annotator.mail import actions as mail
from annotator.mail.models import Letter
from annotator.permissions import OPERATOR
from annotator.projects.models import Project
from annotator.releases import actions as releases
from annotator.releases import loading
from annotator.releases.models import FeedEntry, Release, RowChange
from annotator.review.models import Review
from annotator.rights import actions as rights
from annotator.rights.erasing import standins
from annotator.rights.leaving import actions, codes, jobs, queries
from annotator.rights.leaving.carrying_out import carry_out
from annotator.rights.leaving.jobs import leave_due
from annotator.rights.models import ClaimCode, Departure, PersonalExport, Request, Withdrawal
from annotator.rights.mydata import jobs as copies
from annotator.rights.queries import figures
from annotator.rights.requests import actions as requests
from annotator.rights.requests.queries import steps_of
from annotator.settings import Settings
from tests.databases import Database
from tests.stories import World, a_contributor, a_prompt, a_world, actor_of, an_ambassador

OVER = timedelta(hours=73)


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session, reannotate_contributions=True)


@pytest.fixture
def ada(world: World) -> Person:
    return a_contributor(world.session, world.language, attribution="handle")


def leave(world: World, person: Person, manner: str | None = "take") -> actions.Asked:
    return actions.ask(world.session, actor=actor_of(world.session, person), person=person, manner=manner)


def later(world: World, database: Database, settings: Settings, by: timedelta = OVER) -> int:
    """Let time pass, and the job run."""
    world.session.commit()
    with time_machine.travel(clock.now() + by, tick=False):
        done = leave_due(database.engine, settings)
    world.session.expire_all()
    return done


def gone(world: World, person_id: int) -> bool:
    world.session.expunge_all()
    return world.session.get(Person, person_id) is None


def test_everything_ends_at_once(world: World) -> None:
    reader = an_ambassador(world.session, world.language)
    tokens.make(world.session, actor=actor_of(world.session, reader), person=reader, name="mine", scopes=["read"])
    before = reader.stamp
    leave(world, reader, None)
    assert reader.stamp != before
    assert all(token.revoked_at for token in world.session.scalars(select(Token)))
    assert languages.standing_terms(world.session, person=reader) == []
    with pytest.raises(Conflict, match="leaving_already"):
        leave(world, reader)


def test_who_has_texts_says_what_becomes_of_them(world: World, ada: Person) -> None:
    world.writes(ada)
    for manner in (None, "", "somehow"):
        with pytest.raises(Invalid, match="manner_missing"):
            leave(world, ada, manner)
    assert ada.leaving_at is None


def test_nobody_leaves_for_somebody_else(world: World, ada: Person) -> None:
    other = a_contributor(world.session)
    with pytest.raises(Forbidden):
        actions.ask(world.session, actor=actor_of(world.session, other), person=ada, manner="take")


def test_the_last_maintainer_cannot_leave(world: World, ada: Person) -> None:
    accounts.grant_role(world.session, actor=OPERATOR, person=ada, role="maintainer")
    with pytest.raises(Conflict, match="last_maintainer"):
        leave(world, ada)


def test_undo_brings_texts_and_grants_back(world: World, ada: Person, database: Database, settings: Settings) -> None:
    made = world.writes(ada)
    leave(world, ada)
    assert made.state == "withdrawn"
    actions.undo(world.session, actor=actor_of(world.session, ada), person=ada)
    assert (made.state, made.withdrawn_at, ada.leaving_at) == ("in_review", None, None)
    assert later(world, database, settings) == 0
    assert not gone(world, ada.id)
    with pytest.raises(Conflict, match="not_leaving"):
        actions.undo(world.session, actor=OPERATOR, person=world.session.get_one(Person, ada.id))


def test_undo_ends_after_72_hours(world: World, ada: Person) -> None:
    leave(world, ada)
    with (
        time_machine.travel(clock.now() + timedelta(hours=72, seconds=1), tick=False),
        pytest.raises(Conflict, match="undo_over"),
    ):
        actions.undo(world.session, actor=actor_of(world.session, ada), person=ada)


def test_taken_along(world: World, ada: Person, database: Database, settings: Settings) -> None:
    a_prompt(world.session, world.project, world.language, priority=9)
    mine, answered = world.writes(ada), world.submits(ada, world.claims(ada), completion="An answer of mine.")
    ids, person_id = (mine.id, answered.id), ada.id
    leave(world, ada)
    assert later(world, database, settings, timedelta(hours=71)) == 0
    assert later(world, database, settings) == 1
    assert gone(world, person_id)
    for one in (world.session.get_one(Annotation, id_) for id_ in ids):
        assert (one.author.public_id, one.state, one.revisions[0].completion) == (standins.NOBODY, "withdrawn", None)
    assert world.session.get(LedgerKey, person_id) is None
    assert world.session.scalars(select(LedgerPayload).where(LedgerPayload.person_id == person_id)).all() == []
    assert ledger.verify(world.session).broken_at is None
    assert world.session.scalars(select(ClaimCode)).all() == []
    assert later(world, database, settings) == 0


def test_left_without_a_name(world: World, ada: Person, database: Database, settings: Settings) -> None:
    reader = an_ambassador(world.session, world.language)
    made = world.writes(ada)
    world.decides(reader, made)
    asked = leave(world, ada, "unnamed")
    ids, handle, public_id = (made.id, ada.id, world.language.id), ada.handle, ada.public_id
    assert later(world, database, settings) == 1
    assert gone(world, ids[1])
    stays = world.session.get_one(Annotation, ids[0])
    assert (stays.state, stays.revisions[0].completion) == ("accepted", "An answer.")
    stand_in = stays.author
    assert stays.revisions[0].author_id == stand_in.id
    assert stand_in.public_id not in {public_id, standins.NOBODY}
    assert (stand_in.left_at is not None, stand_in.credit_name) == (True, None)
    assert handle not in (stand_in.handle, stand_in.email)
    decided = consent.decisions_for(world.session, stand_in.id, language_id=ids[2], at=clock.now())
    assert decided.rights.publish == "open"
    assert decided.attribution == "none"
    assert asked.code is not None
    assert queries.by_code(world.session, asked.code) is stand_in
    assert asked.code.replace("-", "") not in str(world.session.scalars(select(ClaimCode.sha256)).all())


def test_left_with_the_credit_that_was_given(world: World, ada: Person, database: Database, settings: Settings) -> None:
    ada.credit_name = "Ada the Writer"
    made = world.writes(ada)
    email, handle, public_id, id_ = ada.email, ada.handle, ada.public_id, made.id
    leave(world, ada, "named")
    assert later(world, database, settings) == 1
    stand_in = world.session.get_one(Annotation, id_).author
    # Credited by handle: the handle stays, and no more of the name than was printed.
    assert (stand_in.handle, stand_in.credit_name, stand_in.public_id) == (handle, None, public_id)
    assert (stand_in.left_at is not None, stand_in.email != email, stand_in.password_hash) == (True, True, None)


def test_credit_goes_from_the_next_release_and_the_feed_says_so(
    world: World, ada: Person, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "fault", lambda _folder: None)
    other = a_contributor(world.session, world.language, attribution="handle")
    reader = an_ambassador(world.session, world.language)
    made, kept = world.writes(ada), world.writes(other, "Another?", "Another.")
    for one in (made, kept):
        world.decides(reader, one)

    def publish(version: str) -> Release:
        project = world.session.get_one(Project, project_id)
        released = releases.publish(world.session, actor=OPERATOR, project=project, version=version, settings=settings)
        world.session.commit()
        return released

    project_id, public_id, names = world.project.id, made.public_id, (ada.handle, other.handle)
    first = publish("1.0.0")
    assert names[0] in str(first.facts)
    leave(world, ada, "unnamed")
    assert later(world, database, settings) == 1
    world.session.expire_all()
    said = world.session.scalars(select(FeedEntry).where(FeedEntry.op == "redact_attribution")).one()
    assert said.annotation_ids == [public_id]
    second = publish("2.0.0")
    folder = releases.place_of(settings, "public", second.project.slug, "2.0.0")
    content = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert names[0].encode() not in content
    assert names[1].encode() in content
    changes = world.session.scalars(select(RowChange).where(RowChange.release_id == second.id)).all()
    assert [(one.annotation_public_id, one.op) for one in changes] == [(public_id, "redact_attribution")]
    assert names[0] not in str(world.session.get_one(Release, first.id).facts)


def test_a_reviewer_who_leaves_takes_no_text_out(
    world: World, ada: Person, database: Database, settings: Settings
) -> None:
    reader = an_ambassador(world.session, world.language)
    plain, edited = world.writes(ada, "One?", "One."), world.writes(ada, "Two?", "Two.")
    world.decides(reader, plain)
    world.decides(reader, edited, "accepted_with_edits", written=Written(completion="Two, better."))
    ids = (plain.id, edited.id, reader.id)
    leave(world, reader, "unnamed")
    assert later(world, database, settings) == 1
    assert gone(world, ids[2])
    one, two = (world.session.get_one(Annotation, id_) for id_ in ids[:2])
    assert (one.state, two.state) == ("accepted", "accepted_with_edits")
    assert two.revisions[1].completion == "Two, better."
    assert two.revisions[1].author.left_at is not None
    assert set(world.session.scalars(select(Review.reviewer_id))) == {None}


def test_a_hold_keeps_the_person_until_it_is_over(
    world: World, ada: Person, database: Database, settings: Settings
) -> None:
    from annotator.rights import holds  # noqa: PLC0415  # of this test only
    from tests.makers import a_maintainer  # noqa: PLC0415

    made = world.writes(ada)
    leave(world, ada)
    first, second = (actor_of(world.session, a_maintainer(world.session)) for _ in range(2))
    withdrawal = world.session.scalars(select(Withdrawal)).one()
    hold = holds.ask(
        world.session, actor=first, withdrawal=withdrawal, authority="A court", reason="A case",
        until=clock.now() + timedelta(days=100),
    )  # fmt: skip
    holds.confirm(world.session, actor=second, hold=hold)
    ids = (ada.id, made.id)
    assert later(world, database, settings) == 0
    assert world.session.get_one(Annotation, ids[1]).state == "withdrawn"
    holds.lift(world.session, actor=first, hold=hold)
    assert later(world, database, settings) == 1
    assert gone(world, ids[0])


def test_what_was_asked_is_closed_and_not_counted_as_answered(
    world: World, ada: Person, database: Database, settings: Settings
) -> None:
    actor = actor_of(world.session, ada)
    asked = requests.ask(world.session, actor=actor, kind="described", statement="That is me.", place="A place.")
    request_id = asked.request.id
    leave(world, ada, None)
    assert later(world, database, settings) == 1
    request = world.session.get_one(Request, request_id)
    assert (request.state, request.statement, request.place, request.person_id) == ("closed", None, None, None)
    assert [one.step for one in steps_of(world.session, request)] == ["received", "closed"]
    assert figures(world.session, clock.now(), small=1).to_answer.n == 0, "nobody answered"


def test_a_departure_that_fails_keeps_nobody_else_waiting(
    world: World, ada: Person, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = a_contributor(world.session, world.language)
    first, ids = leave(world, ada, None).departure.id, (ada.id, other.id)
    leave(world, other, None)

    def fails(session: Session, departure: Departure, *, settings: Settings) -> bool:
        if departure.id == first:
            raise ZeroDivisionError
        return carry_out(session, departure, settings=settings)

    monkeypatch.setattr(jobs, "carry_out", fails)
    assert later(world, database, settings) == 1
    assert (gone(world, ids[0]), gone(world, ids[1])) == (False, True)
    monkeypatch.undo()
    assert later(world, database, settings) == 1
    assert gone(world, ids[0])


def test_the_file_of_their_data_goes_after_the_departure_and_not_with_one_that_fails(
    world: World, ada: Person, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = PersonalExport(person_id=ada.id, state="ready", asked_at=clock.now(), expires_at=clock.now() + OVER)
    world.session.add(export)
    leave(world, ada)
    file = copies.file_of(settings, export.public_id)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"words")

    def fails(session: Session, departure: Departure, *, settings: Settings) -> bool:
        assert carry_out(session, departure, settings=settings)
        raise ZeroDivisionError

    monkeypatch.setattr(jobs, "carry_out", fails)
    assert later(world, database, settings) == 0
    assert file.exists(), "what was rolled back has deleted nothing"
    monkeypatch.undo()
    assert later(world, database, settings) == 1
    copies.run_due(database.engine, settings)
    assert not file.exists()
    names = list(JOBS)
    assert names.index("annotator.rights.leaving.jobs:leave_due") < names.index("annotator.rights.mydata.jobs:run_due")


def test_texts_left_behind_are_taken_back_with_the_code(
    world: World, ada: Person, database: Database, settings: Settings
) -> None:
    made = world.writes(ada)
    code, id_ = leave(world, ada, "unnamed").code, made.id
    later(world, database, settings)
    stand_in = queries.by_code(world.session, f" {(code or '').lower()} ")
    assert stand_in is not None
    rights.withdraw(world.session, actor=actor_of(world.session, stand_in), person=stand_in)
    assert world.session.get_one(Annotation, id_).state == "withdrawn"


def test_nobody_writes_to_who_has_left(world: World, ada: Person, database: Database, settings: Settings) -> None:
    made = world.writes(ada)
    reader, id_ = an_ambassador(world.session, world.language), made.id
    leave(world, ada, "unnamed")
    assert later(world, database, settings) == 1
    world.decides(reader, world.session.get_one(Annotation, id_), "declined", reasons=["off_topic"], note="No.")
    mail.write(world.session, person=world.session.get_one(Annotation, id_).author, subject="You", body="Hello")
    assert not [one for one in world.session.scalars(select(Letter.address)) if one.endswith("left.invalid")]


def test_a_code_is_128_bits_and_forgives_how_it_is_typed() -> None:
    made = {codes.new() for _ in range(200)}
    assert len(made) == 200
    one = made.pop()
    assert len(one.replace("-", "")) * 5 >= 128
    assert codes.sha256_of(one) == codes.sha256_of(one.lower().replace("-", " ")) is not None
    assert codes.sha256_of(one.replace("O", "0").replace("I", "1")) == codes.sha256_of(one)
    assert codes.sha256_of(one[:-1]) is None
    assert codes.sha256_of("") is None


def test_who_has_nothing_just_leaves(world: World, database: Database, settings: Settings) -> None:
    person = a_contributor(world.session, world.language)
    asked = leave(world, person, None)
    assert (asked.code, asked.departure.withdrawal_id) == (None, None)
    id_ = person.id
    assert later(world, database, settings) == 1
    assert gone(world, id_)
    departure = world.session.scalars(select(Departure)).one()
    assert (departure.person_id, departure.done_at is not None) == (None, True)
