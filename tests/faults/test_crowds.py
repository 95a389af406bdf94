"""Fifty threads, and four processes, at work on one pool: nobody is refused for a wrong reason, no promise is broken."""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import asdict

import pytest
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from annotator.annotations.models import Annotation
from annotator.assignments.models import Assignment
from annotator.database import make_engine, open_session
from annotator.prompts.models import Prompt, PromptAuthor
from tests.databases import CHECKOUT, Database
from tests.faults.crew import PATIENCE_MS, Ground, Hand, Told, a_ground, let_work
from tests.faults.invariants import broken

PEOPLE = 50
PROCESSES = 4
TURNS = 4
BESIDES = ("sweeps", "withdraws", "decides", "steers", "allows")
EVERYTHING = {
    "claim",
    "save",
    "submit",
    "skip",
    "release",
    "undo",
    "renew",
    "expire",
    "withdraw",
    "decide",
    "steer",
    "overlap",
    "allow",
}


@pytest.fixture
def ground(database: Database) -> Ground:
    """Fifty people and a pool that they nearly empty."""
    with open_session(database.engine, writes=True) as session:
        return a_ground(session, people=PEOPLE, pool=120)


def check(database: Database, ground: Ground, told: Told) -> None:
    """See that what they were told is so, that every promise holds, and that nobody has lost sight of any work."""
    assert not told.faults, f"{len(told.faults)} faults; the first: {told.faults[0]}"
    assert set(told.done) >= EVERYTHING, "the story is too short"
    assert not [what for what, times in Counter(told.submitted).items() if times > 1], "one annotation for two"
    with open_session(database.engine, writes=True) as session:
        faults = broken(session.connection())
        assert not faults, faults
        there = set(session.scalars(select(Annotation.id)))
        assert there == set(told.submitted), "what was acknowledged is there, and nothing else"
        for person in ground.people[:3]:
            looks_through(session, Hand(database.engine, ground, person, "looks through"))


def looks_through(session: Session, hand: Hand) -> None:
    """Let a person claim and skip until nothing is left; then nothing may be left that they could do."""
    while (assignment := hand.claims(session)) is not None:
        hand.skips(session, assignment)
    left = could_do(session, hand.ground, hand.person)
    session.rollback()
    assert not left, f"person {hand.person} is told there is nothing to do, and {left} would suit"


def could_do(session: Session, ground: Ground, person: int) -> list[int]:
    """Return the prompts that suit, by brute force: all sources here are free, and these authors allow everything."""
    done = select(Assignment.prompt_id).where(
        Assignment.person_id == person, Assignment.state.in_(("assigned", "draft", "submitted", "skipped"))
    )
    own = exists().where(PromptAuthor.prompt_id == Prompt.id, PromptAuthor.person_id.in_((person, *ground.moody)))
    query = select(Prompt.id).where(
        Prompt.project_id == ground.project,
        Prompt.state == "open",
        Prompt.free_places > 0,
        Prompt.id.not_in(done),
        ~own,
    )
    return list(session.scalars(query))


def test_fifty_threads(database: Database, ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotator.database.SQLITE_BUSY_MS", PATIENCE_MS)
    engine = make_engine(database.url)
    told = let_work(engine, ground, ground.people, turns=TURNS, name="thread", besides=BESIDES)
    engine.dispose()
    check(database, ground, told)


def test_four_processes(database: Database, ground: Ground) -> None:
    command = [sys.executable, "-m", "tests.faults.crew", database.url, json.dumps(asdict(ground))]
    processes = [
        subprocess.Popen(  # noqa: S603  # our own interpreter and arguments
            [*command, str(number), str(PROCESSES)],
            cwd=CHECKOUT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    told = Told()
    for process in processes:
        said, complained = process.communicate(timeout=300)
        assert process.returncode == 0, complained
        facts = json.loads(said)
        told.add(Told(facts["submitted"], Counter(facts["done"]), facts["faults"]))
    check(database, ground, told)
