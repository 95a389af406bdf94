"""What of a pool comes first, and what waits."""

import json
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.assignments import actions as assignments
from annotator.audit.models import AuditEvent
from annotator.database import open_session
from annotator.errors import DomainError, Forbidden
from annotator.permissions import OPERATOR, Actor
from annotator.prompts import actions as prompts
from annotator.prompts.models import ImportBatch, Prompt, Source
from annotator.prompts.steering import actions, queries, rules
from annotator.prompts.steering.queries import Part
from tests.databases import Database
from tests.makers import a_maintainer, a_person
from tests.pages import Visitor
from tests.stories import World, a_contributor, a_prompt, a_world, actor_of

Runner = Callable[..., Result]


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session, mix={"answer": 1})


def some(world: World, source: str, number: int, **changes: object) -> list[Prompt]:
    return [
        a_prompt(world.session, world.project, world.language, source_name=source, **changes) for _ in range(number)
    ]


def of(world: World, source: str) -> Part:
    return queries.part(world.session, world.project, source=source)


def done_by(world: World, person: Person, number: int) -> list[int]:
    """Let a person work through so many prompts; return their ids."""
    found = []
    for _ in range(number):
        held = world.claims(person)
        world.submits(person, held, completion="An answer.")
        found.append(held.prompt_id)
    return found


def ids(found: Sequence[Prompt]) -> set[int]:
    return {prompt.id for prompt in found}


def test_what_is_raised_comes_first(world: World) -> None:
    some(world, "usual", 6)
    new = some(world, "news", 3)
    assert actions.prioritise(world.session, actor=OPERATOR, part=of(world, "news"), priority=10) == 3
    assert set(done_by(world, a_contributor(world.session, world.language), 3)) == ids(new)


def test_what_is_lowered_comes_last(world: World) -> None:
    dull = some(world, "dull", 3)
    some(world, "usual", 6)
    actions.prioritise(world.session, actor=OPERATOR, part=of(world, "dull"), priority=-5)
    assert set(done_by(world, a_contributor(world.session, world.language), 9)[6:]) == ids(dull)


def test_who_has_passed_a_prompt_finds_it_when_it_is_raised(world: World) -> None:
    world.project.overlap = 2
    some(world, "usual", 8, free_places=2)
    person = a_contributor(world.session, world.language)
    done_by(world, person, 5)  # the cursor stands amid priority 0
    waiting = some(world, "late", 4, priority=-1, free_places=2)
    actions.prioritise(world.session, actor=OPERATOR, part=of(world, "late"), priority=3)
    assert set(done_by(world, person, 4)) == ids(waiting)
    assert len(done_by(world, person, 3)) == 3
    assert world.asks(person).assignment is None


def test_who_has_come_to_the_end_finds_what_is_raised_and_what_is_resumed(world: World) -> None:
    here = some(world, "usual", 2)
    later = some(world, "later", 3)
    actions.pause(world.session, actor=OPERATOR, part=of(world, "later"))
    person = a_contributor(world.session, world.language)
    assert set(done_by(world, person, 2)) == ids(here)
    assert world.asks(person).assignment is None, "the round is over"
    assert actions.resume(world.session, actor=OPERATOR, part=of(world, "later")) == 3
    assert set(done_by(world, person, 3)) == ids(later)


def test_the_moment_is_the_one_by_which_others_see_the_change(world: World) -> None:
    some(world, "usual", 3)
    before = clock.micros(clock.now())
    actions.prioritise(world.session, actor=OPERATOR, part=of(world, "usual"), priority=1)
    in_order = select(Prompt.reopened).order_by(Prompt.id)
    stamps = world.session.scalars(in_order).all()
    assert all(stamp and before - 1_000_000 <= stamp <= clock.micros(clock.now()) for stamp in stamps)
    assert len(set(stamps)) == 3, "in the order of the shuffle, not of their ids"
    actions.prioritise(world.session, actor=OPERATOR, part=of(world, "usual"), priority=-1)
    assert world.session.scalars(in_order).all() == stamps, "lowered: nobody has passed the new place"
    assert rules.time_to_change(100).total_seconds() == 0
    assert rules.time_to_change(1_000_000).total_seconds() == 500


def test_a_pause_lets_people_finish_what_they_have_begun(world: World) -> None:
    some(world, "usual", 1)
    person = a_contributor(world.session, world.language)
    held = world.claims(person)
    assert actions.pause(world.session, actor=OPERATOR, part=of(world, "usual")) == 1
    assert world.asks(a_contributor(world.session, world.language)).assignment is None
    assert world.submits(person, held, completion="An answer.").state == "in_review"


def test_what_is_closed_stays_closed(world: World) -> None:
    (closed,) = some(world, "usual", 1, state="closed")
    for act in (actions.pause, actions.resume):
        assert act(world.session, actor=OPERATOR, part=of(world, "usual")) == 0
        assert closed.state == "closed"


def test_an_import_and_single_prompts_are_parts_too(world: World) -> None:
    rows = [{"instruction": "One?"}, {"instruction": "Two?"}]
    report = prompts.import_prompts(
        world.session, actor=OPERATOR, project=world.project, source="Books", license="CC0-1.0", rows=rows,
        language=world.language,
    )  # fmt: skip
    (other,) = some(world, "Books", 1, license="CC0-1.0")
    part = queries.part(world.session, world.project, batch_id=report.batch_id)
    assert actions.prioritise(world.session, actor=OPERATOR, part=part, priority=2) == 2
    assert actions.prioritise(world.session, actor=OPERATOR, part=part, priority=2) == 0
    assert other.priority == 0
    single = Part(world.project, prompt_ids=(other.id,))
    assert actions.prioritise(world.session, actor=OPERATOR, part=single, priority=5) == 1
    assert other.priority == 5
    noted = world.session.scalars(select(AuditEvent).where(AuditEvent.action == "prompts.prioritised")).all()
    assert [(one.object_kind, one.object_id, one.facts["changed"]) for one in noted] == [
        ("import_batch", report.batch_id, 2),
        ("project", world.project.id, 1),
    ]
    assert noted[1].facts == {"project": world.project.id, "priority": 5, "changed": 1, "prompts": [other.id]}


def test_another_project_is_left_alone(world: World) -> None:
    other = a_world(world.session)
    theirs = a_prompt(world.session, other.project, other.language)
    foreign = world.session.get_one(Source, theirs.source_id)
    for part in (Part(world.project, source=foreign), Part(world.project, prompt_ids=(theirs.id,))):
        assert actions.prioritise(world.session, actor=OPERATOR, part=part, priority=2) == 0
    assert theirs.priority == 0


def test_what_cannot_be(world: World) -> None:
    some(world, "usual", 1)
    asked: list[tuple[Callable[[], object], str]] = [
        (lambda: of(world, "nowhere"), "source_unknown"),
        (lambda: queries.part(world.session, world.project, batch_id=999), "import_unknown"),
        (lambda: queries.part(world.session, world.project), "steering_nothing_chosen"),
        (lambda: queries.part(world.session, world.project, source="usual", batch_id=1), "steering_nothing_chosen"),
        (
            lambda: actions.prioritise(world.session, actor=OPERATOR, part=of(world, "usual"), priority=1001),
            "prompt_priority_invalid",
        ),
    ]
    for ask, code in asked:
        with pytest.raises(DomainError) as refusal:
            ask()
        assert refusal.value.code == code


def test_only_maintainers_steer(world: World) -> None:
    (prompt,) = some(world, "usual", 1)
    part = of(world, "usual")
    for actor in (Actor(person_id=1), Actor(person_id=1, ambassador_of=frozenset({world.language.id}))):
        with pytest.raises(Forbidden):
            actions.prioritise(world.session, actor=actor, part=part, priority=2)
        for act in (actions.pause, actions.resume):
            with pytest.raises(Forbidden):
                act(world.session, actor=actor, part=part)
    assert (prompt.priority, prompt.state) == (0, "open")


def test_a_change_takes_two_statements_whatever_its_size_and_locks_by_id(world: World) -> None:
    some(world, "usual", 40)
    part = of(world, "usual")
    seen: list[str] = []
    engine = world.session.get_bind().engine

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if "FROM prompts" in statement or statement.startswith("UPDATE"):
            seen.append(" ".join(statement.split()))

    event.listen(engine, "before_cursor_execute", note)
    actions.prioritise(world.session, actor=OPERATOR, part=part, priority=2)
    event.remove(engine, "before_cursor_execute", note)
    locks, change = seen
    assert change.startswith("UPDATE prompts SET")
    assert "ORDER BY prompts.id" in locks
    assert engine.dialect.name == "sqlite" or "FOR UPDATE" in locks


def test_a_prompt_that_somebody_takes_meanwhile_loses_nothing(world: World, database: Database) -> None:
    """The change waits for the claim, and the claim's place stays taken."""
    (prompt,) = some(world, "usual", 1)
    person = a_contributor(world.session, world.language)
    world.session.commit()
    changed: list[int] = []

    def change() -> None:
        with open_session(database.engine, writes=True) as other:
            part = Part(
                other.get_one(type(world.project), world.project.id), source=other.scalars(select(Source)).one()
            )
            changed.append(actions.prioritise(other, actor=OPERATOR, part=part, priority=7))
            other.commit()

    thread = threading.Thread(target=change)
    held = world.claims(person)
    thread.start()
    thread.join(0.3)
    assert thread.is_alive()
    world.session.commit()
    thread.join()
    assert changed == [1]
    world.session.refresh(prompt, ["priority", "free_places"])
    assert (prompt.priority, prompt.free_places) == (7, 0)
    assignments.release(world.session, actor=actor_of(world.session, person), assignment=held)


def test_how_the_parts_stand(world: World) -> None:
    some(world, "A", 2, priority=3)
    some(world, "A", 1, state="paused")
    some(world, "B", 1, state="closed")
    world.session.add(Source(project_id=world.project.id, name="unused", license="CC0-1.0"))
    found = queries.parts(world.session, world.project)
    assert [
        (source.name, standing.prompts, standing.paused, standing.closed, standing.priorities)
        for source, standing in found.sources
    ] == [("A", 3, 1, 0, {0, 3}), ("B", 1, 0, 1, {0})]
    assert found.imports == []


def an_import(world: World, *instructions: str) -> ImportBatch:
    report = prompts.import_prompts(
        world.session, actor=OPERATOR, project=world.project, source="Books", license="CC0-1.0",
        rows=[{"instruction": one} for one in instructions], language=world.language,
    )  # fmt: skip
    return world.session.get_one(ImportBatch, report.batch_id)


def test_the_commands(runner: Runner, world: World) -> None:
    batch = an_import(world, "One?", "Two?")
    slug = world.project.slug
    told = runner("prompts", "sources", slug).stdout.splitlines()
    assert told[0] == "Books  2 prompts, 0 paused, 0 closed, priority 0"
    assert told[1].startswith(f"import {batch.id} of ")
    facts = json.loads(runner("prompts", "sources", slug, "--json").stdout)
    assert facts["imports"][0]["number"] == batch.id
    asked = ("prompts", "prioritise", slug, "--source", "Books", "--priority", "4")
    assert runner(*asked).stdout == "2 prompts are now at priority 4 that had another one.\n"
    assert json.loads(runner(*asked, "--json").stdout) == {"changed": 0, "priority": 4}
    assert runner("prompts", "pause", slug, "--batch", str(batch.id)).stdout == "2 prompts are paused.\n"
    assert set(world.session.scalars(select(Prompt.state))) == {"paused"}
    assert json.loads(runner("prompts", "resume", slug, "--batch", str(batch.id), "--json").stdout) == {"changed": 2}
    assert "no source “X”" in runner("prompts", "pause", slug, "--source", "X", code=1).stderr
    assert "no import number 99" in runner("prompts", "pause", slug, "--batch", "99", code=1).stderr
    assert "--source NAME or --batch N" in runner("prompts", "resume", slug, code=2).stderr
    assert "--source NAME or --batch N" in runner(*asked, "--batch", "1", code=2).stderr


def test_the_page(client: Visitor, world: World) -> None:
    batch = an_import(world, "One?", "Two?")
    address = f"/projects/{world.project.slug}/order/"
    client.sign_in(a_maintainer(world.session))
    assert address in client.visit(f"/projects/{world.project.slug}/settings").source
    page = client.visit(address)
    assert f"Import {batch.id} of" in page
    source = world.session.scalars(select(Source)).one()

    def send(code: int = 200, **fields: Any) -> str:  # noqa: ANN401  # what a form takes
        sent = client.post(address, data=fields, follow_redirects=True)
        assert sent.status_code == code, sent.text
        return sent.text

    assert "2 prompts have a new place." in send(part=f"source:{source.id}", priority="9", do="prioritise")
    assert set(world.session.scalars(select(Prompt.priority))) == {9}
    assert "2 prompts are paused." in send(part=f"import:{batch.id}", do="pause")
    assert world.session.scalar(select(func.count()).where(Prompt.state == "paused")) == 2
    assert "2 prompts are offered again." in send(part=f"import:{batch.id}", do="resume")
    assert "Type a number." in send(422, part=f"import:{batch.id}", do="prioritise")
    assert "from -1000 to 1000" in send(422, part=f"import:{batch.id}", priority="2000", do="prioritise")
    for part in ("", "source:999", "import:x"):
        send(422, part=part, priority="1")


def test_the_page_is_for_maintainers_and_has_a_word_for_an_empty_pool(client: Visitor, world: World) -> None:
    address = f"/projects/{world.project.slug}/order/"
    assert client.get(address).status_code == 303
    client.sign_in(a_person(world.session))
    client.visit(address, status=403)
    client.sign_in(a_maintainer(world.session))
    assert "Nothing was imported yet" in client.visit(address)
