"""The journal outside the database: ids only, caught up after a crash, and done again on an older database, once."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import app, clock, serving
from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.commands import copies
from annotator.languages.models import Language
from annotator.ledger import queries as ledger
from annotator.permissions import OPERATOR
from annotator.projects.models import Project
from annotator.rights import actions as rights
from annotator.rights.erasing import journal
from annotator.rights.erasing.jobs import replay, tidy
from annotator.rights.erasing.words import erase
from annotator.rights.leaving import actions as leaving
from annotator.rights.leaving import queries
from annotator.rights.leaving.jobs import leave_due
from annotator.rights.models import Departure, Withdrawal
from annotator.settings import Settings
from tests.databases import Database
from tests.rights.test_needles import restored
from tests.stories import World, a_contributor, a_world, actor_of

Back = Callable[[], None]


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


@pytest.fixture
def ada(world: World) -> Person:
    ada = a_contributor(world.session, world.language, attribution="handle")
    world.writes(ada, "A question of hers?", "An answer of hers.")
    world.session.commit()
    return ada


@pytest.fixture
def restore(world: World, ada: Person, database: Database, settings: Settings) -> Back:
    """Remember the database as it is now; called, put it back."""
    assert ada
    file = settings.journal.parent / "backup"
    copies.write(database.engine, file)

    def back() -> None:
        world.session.close()
        restored(database, file)

    return back


def withdraw(world: World, ada: Person) -> Withdrawal:
    made = rights.withdraw(world.session, actor=actor_of(world.session, ada), person=ada)
    world.session.commit()
    return made


def states(database: Database) -> list[tuple[str, str]]:
    with Session(database.engine) as session:
        chosen = select(Annotation).order_by(Annotation.id)
        return [(one.state, one.revisions[0].completion or "") for one in session.scalars(chosen)]


def test_it_holds_ids_and_is_caught_up_once(world: World, ada: Person, database: Database, settings: Settings) -> None:
    made = withdraw(world, ada)
    for _ in range(2):
        tidy(database.engine, settings)
    (line,) = [json.loads(one) for one in journal.path_of(settings).read_text(encoding="utf-8").splitlines()]
    annotation = world.session.scalars(select(Annotation)).one()
    assert (line["kind"], line["id"], line["state"]) == ("withdrawal", made.public_id, "suspended")
    assert (line["annotations"], line["person"]) == ([annotation.public_id], ada.public_id)
    content = journal.path_of(settings).read_text(encoding="utf-8")
    assert not [word for word in (ada.email, ada.handle, "of hers") if word in content]
    assert replay(database.engine, settings) == 0


def test_what_was_taken_back_after_the_backup_is_hidden_again(
    world: World, ada: Person, database: Database, settings: Settings, restore: Back
) -> None:
    made = withdraw(world, ada)
    promised = (made.public_id, made.undo_until, made.due_at)
    tidy(database.engine, settings)
    restore()
    assert states(database) == [("in_review", "An answer of hers.")]
    assert replay(database.engine, settings) == 1
    assert replay(database.engine, settings) == 0
    assert states(database) == [("withdrawn", "An answer of hers.")]
    again = world.session.scalars(select(Withdrawal)).one()
    assert (again.public_id, again.undo_until, again.due_at) == promised
    assert ledger.verify(world.session).broken_at is None


def test_what_was_undone_is_not_hidden_again(
    world: World, ada: Person, database: Database, settings: Settings, restore: Back
) -> None:
    made = withdraw(world, ada)
    tidy(database.engine, settings)
    rights.undo(world.session, actor=actor_of(world.session, ada), withdrawal=made)
    world.session.commit()
    tidy(database.engine, settings)
    restore()
    assert replay(database.engine, settings) == 0
    assert states(database) == [("in_review", "An answer of hers.")]


def test_an_undo_after_the_backup_is_done_again(
    world: World, ada: Person, database: Database, settings: Settings
) -> None:
    made = withdraw(world, ada)
    tidy(database.engine, settings)
    file = settings.journal.parent / "backup"
    copies.write(database.engine, file)
    rights.undo(world.session, actor=actor_of(world.session, ada), withdrawal=made)
    world.session.commit()
    tidy(database.engine, settings)
    world.session.close()
    restored(database, file)
    assert states(database)[0][0] == "withdrawn"
    assert replay(database.engine, settings) == 1
    assert states(database) == [("in_review", "An answer of hers.")]


def test_what_was_erased_is_erased_again_and_only_that(
    world: World, ada: Person, database: Database, settings: Settings, restore: Back
) -> None:
    ids = (ada.id, world.language.id, world.project.id)
    made = withdraw(world, ada)
    with time_machine.travel(clock.now() + timedelta(days=4), tick=False):
        erase(world.session, made, settings=settings)
        world.session.commit()
    # A crash between the commit and the journal: the next sweep writes it.
    tidy(database.engine, settings)
    restore()
    language, project = world.session.get_one(Language, ids[1]), world.session.get_one(Project, ids[2])
    anew = World(world.session, language, project)
    anew.writes(world.session.get_one(Person, ids[0]), "New since?", "Written after the backup was restored.")
    world.session.commit()
    assert replay(database.engine, settings) > 0
    assert states(database) == [("withdrawn", ""), ("in_review", "Written after the backup was restored.")]
    assert replay(database.engine, settings) == 0


def test_who_left_behind_texts_keeps_the_code(
    world: World, ada: Person, database: Database, settings: Settings, restore: Back
) -> None:
    asked = leaving.ask(world.session, actor=actor_of(world.session, ada), person=ada, manner="unnamed")
    code, stand_in, email = asked.code or "", asked.departure.stand_in, ada.email
    world.session.commit()
    with time_machine.travel(clock.now() + timedelta(days=4), tick=False):
        assert leave_due(database.engine, settings) == 1
    restore()
    assert replay(database.engine, settings) == 2
    assert world.session.scalar(select(Person).where(Person.email == email)) is None
    found = queries.by_code(world.session, code)
    assert found is not None
    assert found.public_id == stand_in
    assert states(database) == [("in_review", "An answer of hers.")]


def test_who_was_leaving_is_leaving_again(
    world: World, ada: Person, database: Database, settings: Settings, restore: Back
) -> None:
    leaving.ask(world.session, actor=OPERATOR, person=ada, manner="take")
    world.session.commit()
    tidy(database.engine, settings)
    restore()
    assert replay(database.engine, settings) == 2
    assert states(database)[0][0] == "withdrawn"
    departure = world.session.scalars(select(Departure)).one()
    assert departure.withdrawal_id == world.session.scalars(select(Withdrawal.id)).one()
    again = world.session.get_one(Person, departure.person_id)
    assert again.leaving_at is not None


@pytest.mark.usefixtures("runner")
def test_every_start_looks_first(
    world: World, ada: Person, database: Database, settings: Settings, restore: Back
) -> None:
    made = withdraw(world, ada)
    assert made.state == "suspended"

    def web() -> None:
        app.wsgi().extensions["annotator.engine"].dispose()

    for start in (web, serving._ready):  # noqa: SLF001  # what `serve` and `worker` do first
        tidy(database.engine, settings)
        restore()
        assert states(database)[0][0] == "in_review"
        start()
        assert states(database)[0][0] == "withdrawn"


def test_a_journal_of_another_database_does_nothing(
    world: World, ada: Person, database: Database, settings: Settings
) -> None:
    assert world
    journal.path_of(settings).parent.mkdir(parents=True)
    line = {
        "kind": "withdrawal", "id": "x", "state": "erased", "annotations": ["y"], "edits": [["z", 1]], "scope": "text",
        "cause": "withdrawn", "person": None, "requested_at": "2026-01-01T00:00:00+00:00",
        "undo_until": "2026-01-01T00:00:00+00:00", "due_at": "2026-01-01T00:00:00+00:00",
    }  # fmt: skip
    other = {"kind": "departure", "id": "d", "state": "done", "person": "nobody here", "manner": "take",
             "stand_in": None, "withdrawal": None, "asked_at": "2026-01-01T00:00:00+00:00",
             "undo_until": "2026-01-01T00:00:00+00:00", "code_sha256": None}  # fmt: skip
    text = "\n".join([json.dumps(line), json.dumps(other), "[]", '{"kind": "withdra', ""])
    journal.path_of(settings).write_text(text, encoding="utf-8")
    assert replay(database.engine, settings) == 0
    assert states(database) == [("in_review", "An answer of hers.")]
    assert ada.leaving_at is None
