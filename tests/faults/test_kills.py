"""A web worker is killed while people hand in: what they were told is kept is kept, once, and no promise is broken.

``ANNOTATOR_TEST_KILLS`` is how many are killed on each database; ``make faults`` kills two hundred.
"""

import os
import random
import threading
import time
from collections import Counter
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from annotator.accounts import tokens
from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.database import open_session
from annotator.permissions import OPERATOR, Scope
from annotator.projects.models import Project
from tests.databases import Database
from tests.faults.crew import Ground, a_ground
from tests.faults.invariants import broken
from tests.faults.serving import Worker, kill_one, serving, until

KILLS = int(os.environ.get("ANNOTATOR_TEST_KILLS") or 10)
PEOPLE = 8


@pytest.fixture
def ground(database: Database) -> Ground:
    """People, and more work than they can do meanwhile."""
    with open_session(database.engine, writes=True) as session:
        return a_ground(session, people=PEOPLE, pool=400 * KILLS)


def with_tokens(database: Database, ground: Ground, port: int) -> list[Worker]:
    """Give every person a token."""
    with open_session(database.engine, writes=True) as session:
        slug = session.get_one(Project, ground.project).slug
        secrets = [
            tokens.make(
                session, actor=OPERATOR, person=session.get_one(Person, person), name="a test", scopes=[Scope.WORK]
            )[1]
            for person in ground.people
        ]
        session.commit()
    return [Worker(port, secret, slug, "yor_Latn") for secret in secrets]


def are_handing_in(people: list[Worker], more_than: int) -> bool:
    """Say whether enough has been acknowledged, and somebody waits for an answer; or something is wrong."""
    enough = sum(len(person.acknowledged) for person in people) >= more_than + PEOPLE
    return any(person.faults for person in people) or (enough and any(person.submitting for person in people))


def test_a_killed_worker_loses_nothing_that_was_acknowledged(
    database: Database, ground: Ground, tmp_path: Path
) -> None:
    lottery, stop = random.Random(KILLS), threading.Event()  # noqa: S311  # a story, no secret
    with serving(tmp_path, database.url) as server:
        people = with_tokens(database, ground, server.port)
        threads = [threading.Thread(target=person.works, args=(stop,)) for person in people]
        for thread in threads:
            thread.start()
        try:
            for _ in range(KILLS):
                so_far = sum(len(person.acknowledged) for person in people)
                until(partial(are_handing_in, people, so_far), "work to be handed in")
                time.sleep(lottery.random() / 50)  # at any moment of what is under way
                kill_one(server, lottery)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
    faults = [fault for person in people for fault in person.faults]
    assert not faults, faults[0]
    seen = sum((person.seen for person in people), Counter[str]())
    assert seen["broken submit"], "nobody was handing in when it happened"
    acknowledged = Counter(annotation for person in people for annotation in person.acknowledged.values())
    with open_session(database.engine, writes=False) as session:
        there = Counter(session.scalars(select(Annotation.public_id)))
        unkept = broken(session.connection())
    assert there == acknowledged, f"{there - acknowledged} too many, {acknowledged - there} lost"
    assert not unkept, unkept
    print(f"{KILLS} killed; {len(there)} annotations; {dict(seen)}")  # noqa: T201  # `make faults` shows it
