"""What a claim and a submission cost: so many statements and so many rows, whatever the pool and whatever was done."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from annotator import clock
from annotator.annotations import actions as annotations
from annotator.annotations.rules import Written
from annotator.assignments import actions, queries, walk
from annotator.database import new_public_id, open_session
from annotator.languages.models import Language
from annotator.permissions import Actor
from annotator.projects.models import Project
from annotator.prompts.models import Prompt
from tests.databases import Database
from tests.faults.plans import Ran, plans_of, running
from tests.stories import a_contributor, a_prompt, a_world

MANY = 100_000
OTHERS = 2_000
DONE = 5_000
# Rows (PostgreSQL) or steps of its machine (SQLite) of one claim. A walk over the pool or the history is many times that.
LITTLE = {"postgresql": 200, "sqlite": 8_000}
# The same where much of what comes next was done before: a claim looks at so many prompts, and then says so.
MUCH = {"postgresql": 60_000, "sqlite": 3_000_000}

_NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :many)"


class Desk:
    """One person at one project; every act is a request with a session of its own."""

    def __init__(self, database: Database, *, prompts: int) -> None:
        """Make the project, its person and its pool."""
        self.database, self.engine = database, database.engine
        with open_session(self.engine, writes=True) as session:
            world = a_world(session, overlap=2, mix={"answer": 1})
            self.person = a_contributor(session, world.language).id
            self.project, self.language = world.project.id, world.language.id
            multiply(session, a_prompt(session, world.project, world.language), prompts - 1)
            session.commit()
        self.analyze()

    def analyze(self, *dialects: str) -> None:
        """Let the database know what is in its tables, as PostgreSQL finds out by itself, and SQLite never does."""
        if self.database.dialect not in (dialects or ("postgresql",)):
            return
        with open_session(self.engine, writes=True) as session:
            session.execute(text("ANALYZE"))
            session.commit()

    def claims(self, session: Session) -> tuple[actions.Claim, Ran]:
        """Claim, and return what ran."""
        project, language = session.get_one(Project, self.project), session.get_one(Language, self.language)
        with running(session) as ran:
            claim = actions.claim(session, actor=Actor(self.person), project=project, language=language)
            session.flush()
        return claim, ran

    def works(self) -> tuple[int, int]:
        """Claim and hand in, and return how many statements each took."""
        with open_session(self.engine, writes=True) as session:
            claim, claimed = self.claims(session)
            session.commit()
            assert claim.fresh
            assert claim.assignment is not None
        with open_session(self.engine, writes=True) as session:
            assignment = queries.get(session, claim.assignment.id, person_id=self.person)
            written, key = Written(completion="An answer."), new_public_id()
            with running(session) as submitted:
                annotations.submit(session, actor=Actor(self.person), assignment=assignment, written=written, key=key)
                session.flush()
            session.commit()
        return len(claimed.statements), len(submitted.statements)

    def cost_of_a_claim(self) -> tuple[actions.Claim, int]:
        """Claim, and return how many rows or steps it took."""
        with open_session(self.engine, writes=True) as session:
            _claim, ran = self.claims(session)
            session.rollback()
            cost = ran.steps
            if self.database.dialect == "postgresql":
                cost = sum(plans_of(session.connection(), *one)[0].rows for one in ran.statements)
                session.rollback()
            claim, _again = self.claims(session)
            session.commit()
        return claim, cost

    def others_hold(self, number: int) -> None:
        """Let other people have one prompt each."""
        with open_session(self.engine, writes=True) as session:
            multiply_person(session, self.person, number)
            session.execute(
                text(
                    "INSERT INTO assignments"
                    " (prompt_id, person_id, project_id, language_id, place, state, assigned_at, lease_until)"
                    " SELECT prompts.id, people.id, project_id, language_id, 0, 'assigned', :now, :later"
                    " FROM people JOIN prompts ON prompts.id = people.id WHERE people.id > :me"
                ),
                _moments() | {"me": self.person},
            )
            session.execute(text("UPDATE prompts SET free_places = 1 WHERE id IN (SELECT prompt_id FROM assignments)"))
            session.commit()
        self.analyze()

    def has_done(self, number: int) -> None:
        """Let the person have done the next ``number`` prompts from where they start."""
        start = walk._starting_place(self.project, self.language, self.person)  # noqa: SLF001  # where the walk begins
        with open_session(self.engine, writes=True) as session:
            session.execute(
                text(
                    "INSERT INTO assignments"
                    " (prompt_id, person_id, project_id, language_id, state, assigned_at, lease_until, ended_at)"
                    " SELECT id, :me, project_id, language_id, 'submitted', :now, :later, :now FROM prompts"
                    " WHERE id NOT IN (SELECT prompt_id FROM assignments WHERE person_id = :me)"
                    " ORDER BY CASE WHEN shuffle > :start THEN 0 ELSE 1 END, shuffle, id LIMIT :many"
                ),
                _moments() | {"me": self.person, "start": start, "many": number},
            )
            session.commit()
        self.analyze()


def _moments() -> dict[str, object]:
    """Return now and an hour later, as both databases store them when they are asked by plain SQL."""
    return {"now": f"{clock.now():%Y-%m-%d %H:%M:%S.%f+00}", "later": f"{clock.now() + timedelta(hours=1):%F %T.%f+00}"}


def multiply(session: Session, like: Prompt, many: int) -> None:
    """Put ``many`` more prompts like this one into the pool, all over the shuffle, by one statement."""
    own = {"shuffle": "n % 1000 * 2147483 + n / 1000", "text_hash": "'many ' || n"}
    names = [column.name for column in Prompt.__table__.columns if column.name != "id"]
    _multiply(session, "prompts", names, own=own, like=like.id, many=many)


def multiply_person(session: Session, like: int, many: int) -> None:
    """Add ``many`` people who have signed up and agreed to nothing."""
    own = {name: f"'{name} ' || n" for name in ("public_id", "email", "handle", "stamp")}
    _multiply(session, "people", [*own, "created_at"], own=own, like=like, many=many)


def _multiply(session: Session, table: str, names: list[str], *, own: dict[str, str], like: int, many: int) -> None:
    chosen = ", ".join(own.get(name, f"{table}.{name}") for name in names)
    session.execute(
        text(
            f"{_NUMBERS} INSERT INTO {table} ({', '.join(names)}) "  # noqa: S608  # names of our own columns
            f"SELECT {chosen} FROM {table} CROSS JOIN numbers WHERE {table}.id = :like"
        ),
        {"many": many, "like": like},
    )


def test_the_number_of_statements_is_fixed(database: Database) -> None:
    few, many = Desk(database, prompts=10), Desk(database, prompts=2_000)
    counts = [Counter(few.works() for _ in range(8)), Counter(many.works() for _ in range(51))]
    ((usual, _times),), ((same, times),) = (count.most_common(1) for count in counts)
    assert usual == same, "whatever the pool"
    assert times >= 49, "whatever was done"
    for count in counts:
        unusual = [cost for cost in count.elements() if cost != usual]
        assert len(unusual) <= 2, "a walk begins once, and comes around to its beginning once"
        assert all(claim <= usual[0] + 4 and submission == usual[1] for claim, submission in unusual)


@pytest.fixture
def large(database: Database) -> Desk:
    """A hundred thousand prompts; other people are at some of them."""
    desk = Desk(database, prompts=MANY)
    desk.others_hold(OTHERS)
    return desk


def test_the_index_leads_to_the_next_prompt(large: Desk) -> None:
    large.works()
    large.analyze("postgresql", "sqlite")
    with open_session(large.engine, writes=True) as session:
        claim, ran = large.claims(session)
        assert claim.fresh
        session.rollback()
        plans = {one[0]: plans_of(session.connection(), *one) for one in ran.statements}
        session.rollback()
    assert "ix__prompts__open" in {index for found in plans.values() for plan in found for index in plan.indexes}
    for statement, found in plans.items():
        for plan in found:
            assert not plan.read_whole & {"prompts", "assignments", "people"}, statement
    assert large.cost_of_a_claim()[1] <= LITTLE[large.database.dialect]


def test_a_long_history_lies_on_the_way_once(large: Desk) -> None:
    large.works()
    large.has_done(DONE)
    claim, cost = large.cost_of_a_claim()
    assert claim.assignment is not None
    assert cost <= MUCH[large.database.dialect]
    with open_session(large.engine, writes=True) as session:
        actions.release(session, actor=Actor(large.person), assignment=session.merge(claim.assignment))
        session.commit()
    claim, cost = large.cost_of_a_claim()
    assert claim.fresh
    assert cost <= LITTLE[large.database.dialect]


def test_when_others_have_everything_that_is_found_out_soon(large: Desk) -> None:
    with open_session(large.engine, writes=True) as session:
        session.execute(update(Prompt).values(free_places=0))
        session.commit()
    large.analyze()
    claim, cost = large.cost_of_a_claim()
    assert claim.reason == "reserved"
    assert cost <= LITTLE[large.database.dialect]


def test_when_everything_is_done_that_is_found_out_in_parts(large: Desk) -> None:
    large.has_done(MANY - 1)
    for _ in range(20):
        claim, cost = large.cost_of_a_claim()
        assert cost <= MUCH[large.database.dialect]
        if claim.fresh:
            break
        assert (claim.reason, claim.retry_at is None) == ("reserved", False), "more can be looked at, and at once"
    assert claim.fresh, "there is one left"
    large.has_done(1)
    assert large.cost_of_a_claim()[0].fresh is False
