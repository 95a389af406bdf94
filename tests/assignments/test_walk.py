"""How a person walks through the pool: each prompt once, by an index, at a cost that does not grow."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.orm import Session

from annotator import clock
from annotator.assignments import actions
from annotator.assignments.models import Cursor
from annotator.database import open_session
from annotator.languages.models import Speaker
from annotator.permissions import OPERATOR
from annotator.prompts import actions as prompts
from annotator.prompts.models import ImportBatch, Prompt
from tests.databases import Database
from tests.faults.plans import plans_of, running
from tests.stories import World, a_contributor, a_language, a_prompt, a_world, actor_of

MANY = 3000


def many_prompts(world: World, number: int) -> None:
    """Put that many prompts on the shelf, by sets."""
    made = a_prompt(world.session, world.project, world.language)
    row = {c.name: getattr(made, c.name) for c in Prompt.__table__.columns if c.name != "id"}
    world.session.execute(
        insert(Prompt),
        [
            {**row, "shuffle": i * (2**31 // number), "text_hash": f"many {i}", "external_id": None}
            for i in range(number - 1)
        ],
    )


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    """Collect the SQL that runs meanwhile."""
    seen: list[str] = []
    engine = session.get_bind().engine

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_a_round_offers_every_prompt_once(session: Session) -> None:
    world = a_world(session, overlap=3)
    person = a_contributor(session, world.language)
    there = {a_prompt(session, world.project, world.language).id for _ in range(12)}
    done = set()
    for _ in there:
        assignment = world.claims(person)
        done.add(assignment.prompt_id)
        world.submits(person, assignment, completion="An answer.")
    assert done == there
    assert world.asks(person).reason == "done"
    cursors = select(Cursor.priority).where(Cursor.person_id == person.id)
    assert set(session.scalars(cursors)) == {None}, "every round is over"


def test_people_start_at_different_places(session: Session) -> None:
    world = a_world(session)
    many_prompts(world, 200)
    first = {world.claims(a_contributor(session, world.language)).prompt_id for _ in range(8)}
    assert len(first) == 8
    assert max(first) - min(first) > 8, "they do not queue up at one end"


def test_what_was_reopened_behind_the_cursor_is_found(session: Session) -> None:
    world = a_world(session)
    one, two = a_contributor(session, world.language), a_contributor(session, world.language)
    a_prompt(session, world.project, world.language)
    held = world.claims(two)
    assert world.asks(one).reason == "reserved"
    actions.skip(session, actor=actor_of(session, two), assignment=held, reason="unclear")
    assert world.claims(one).prompt_id == held.prompt_id


def test_a_new_import_behind_the_cursor_is_found(session: Session) -> None:
    world = a_world(session)
    person = a_contributor(session, world.language)
    first = a_prompt(session, world.project, world.language)
    world.submits(person, world.claims(person), completion="An answer.")
    assert world.asks(person).reason == "done"
    facts = {"state": "landed", "landed_seq": 1, "touched_at": clock.now()}
    session.add(
        ImportBatch(project_id=world.project.id, source_id=first.source_id, actor="operator", at=clock.now(), **facts)
    )
    new = a_prompt(session, world.project, world.language)
    assert world.claims(person).prompt_id == new.id


def test_who_reads_more_languages_now_is_offered_more(session: Session) -> None:
    world = a_world(session)
    english = a_language(session, "eng_Latn", "English")
    prompt = a_prompt(session, world.project, world.language, instruction_language_id=english.id)
    person = a_contributor(session, world.language)
    assert world.asks(person).reason == "not_a_reader"
    session.add(
        Speaker(person_id=person.id, language_id=english.id, reads=True, writes=False, reviews=False, level="good")
    )
    session.flush()
    assert world.claims(person).prompt_id == prompt.id


@pytest.mark.parametrize("already", [0, 300])
def test_a_claim_asks_as_many_questions_whatever_the_pool_and_the_person(session: Session, already: int) -> None:
    world = a_world(session, overlap=2, mix={"answer": 1})
    person = a_contributor(session, world.language)
    many_prompts(world, 20 if not already else MANY)
    for _ in range(already // 100):  # some done, far fewer than would show a walk over them
        world.submits(person, world.claims(person), completion="An answer.")
    world.submits(person, world.claims(person), completion="An answer.")
    session.commit()
    actor = actor_of(session, person)
    with statements(session) as seen:
        actions.claim(session, actor=actor, project=world.project, language=world.language)
    # Person; consent; cursors; the prompt; reservation, place, cursor and audit, which PostgreSQL takes as one.
    assert len(seen) == (8 if session.get_bind().dialect.name == "sqlite" else 5), seen


def test_the_index_answers(session: Session) -> None:
    world = a_world(session, mix={"answer": 1})
    many_prompts(world, MANY)
    person = a_contributor(session, world.language)
    session.commit()
    session.execute(text("ANALYZE"))
    with running(session) as ran:
        world.claims(person)
    (look,) = [each for each in ran.statements if "prompts.shuffle, prompts.id) >" in each[0]]
    for plan in plans_of(session.connection(), *look):
        assert "ix__prompts__open" in plan.indexes
        assert "prompts" not in plan.read_whole


@pytest.mark.parametrize("overlap", [1, 2])
def test_what_others_were_taking_and_gave_up_is_not_lost(database: Database, session: Session, overlap: int) -> None:
    """On PostgreSQL the others are still at it while one works on; SQLite has one writer, so there they end first."""
    world = a_world(session, overlap=overlap, mix={"answer": 1})
    one, two = a_contributor(session, world.language), a_contributor(session, world.language)
    there = {a_prompt(session, world.project, world.language).id for _ in range(3)}
    session.commit()
    mine: set[int] = set()

    def work_on() -> None:
        assignment = world.claims(one)
        mine.add(assignment.prompt_id)
        world.submits(one, assignment, completion="An answer.")

    with open_session(database.engine, writes=True) as other:
        elsewhere = World(other, other.merge(world.language), other.merge(world.project))
        taken = elsewhere.claims(other.merge(two)).prompt_id
        if database.dialect == "postgresql":
            work_on()
            work_on()
            assert taken not in mine
        other.rollback()
    session.commit()
    while len(mine) < len(there):
        work_on()
    assert mine == there


def test_what_was_full_when_the_cursor_passed_is_offered_when_the_overlap_is_raised(session: Session) -> None:
    world = a_world(session, overlap=1, mix={"answer": 1})
    one, two = a_contributor(session, world.language), a_contributor(session, world.language)
    there = {a_prompt(session, world.project, world.language).id for _ in range(3)}
    taken = world.claims(two)
    world.submits(two, taken, completion="An answer.")
    for _ in range(2):
        world.submits(one, world.claims(one), completion="An answer.")
    assert world.asks(one).reason == "done"
    prompts.raise_overlap(session, actor=OPERATOR, project=world.project, overlap=2)
    assert world.claims(one).prompt_id == taken.prompt_id
    assert taken.prompt_id in there
