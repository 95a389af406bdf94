"""What the database is asked after a run finds every fault that it is asked for."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from annotator.bench import evidence
from tests.databases import Database

# Tables without constraints stand before the real ones, which would not take such rows.
BARE = (
    "create temp table projects (id int, overlap int)",
    "create temp table prompts (id int, project_id int, free_places int)",
    "create temp table assignments (id int, prompt_id int, place int)",
    "create temp table annotations (id int, assignment_id int, prompt_id int, author_id int, project_id int, submission_key text)",
    "create temp table revisions (annotation_id int, language_check json)",
    "create temp table audit (action text, object_kind text, object_id int)",
    "create temp table consent_events (person_id int)",
    # Sound: two people on prompt 1, of whom one has handed in; one of two places of prompt 2 is left.
    "insert into projects values (1, 2)",
    "insert into prompts values (1, 1, 0), (2, 1, 1)",
    "insert into assignments values (1, 1, 0), (2, 1, 1), (3, 2, 0)",
    "insert into annotations values (1, 1, 1, 7, 1, 'a'), (2, 3, 2, 7, 1, 'b'), (3, null, null, 7, 1, null)",
    """insert into revisions values (1, '{"verdict": "plausible"}'), (2, '{"verdict": "cannot judge"}')""",
    "insert into audit values ('annotation.submitted', 'annotation', 1), ('annotation.submitted', 'annotation', 2)",
    """
    insert into audit values ('assignment.claimed', 'assignment', 1), ('assignment.claimed', 'assignment', 2),
        ('assignment.claimed', 'assignment', 3)
    """,
    "insert into consent_events values (7)",
)
ACKNOWLEDGED = {"a": 1, "b": 3}


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.engine.connect() as made:
        for statement in BARE:
            made.execute(text(statement))
        yield made


def test_sound_rows_have_no_fault(connection: Connection) -> None:
    assert evidence.gather(connection, ACKNOWLEDGED) == evidence.Evidence(0, {}, {}, 2)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("insert into annotations values (9, 1, null, 7, 1, 'z')", "more than one annotation of a reservation"),
        ("insert into annotations values (9, 2, 1, 7, 1, 'z')", "more than one annotation of a prompt by a person"),
        (
            "insert into annotations values (8, 4, 1, 8, 1, 'y'), (9, 5, 1, 9, 1, 'z')",
            "more annotations of a prompt than people may work on it",
        ),
        ("update assignments set place = 0 where id = 2", "more than one reservation of a place"),
        ("update prompts set free_places = 0 where id = 2", "prompts whose free places are not those that are left"),
        ("update prompts set free_places = 2 where id = 2", "prompts whose free places are not those that are left"),
    ],
)
def test_every_kind_of_duplicate_is_found(connection: Connection, statement: str, fault: str) -> None:
    connection.execute(text(statement))
    assert evidence.gather(connection, ACKNOWLEDGED).duplicates[fault] == 1


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (
            "delete from audit where object_kind = 'annotation' and object_id = 2",
            "annotations without an event of the audit",
        ),
        (
            "delete from audit where object_kind = 'assignment' and object_id = 2",
            "reservations without an event of the audit",
        ),
        (
            "update revisions set language_check = '{}' where annotation_id = 2",
            "annotations whose language was not checked",
        ),
        ("update annotations set author_id = 8 where id = 2", "annotations by people without consent"),
    ],
)
def test_everything_that_must_be_there_is_asked_for(connection: Connection, statement: str, fault: str) -> None:
    connection.execute(text(statement))
    assert evidence.gather(connection, ACKNOWLEDGED).missing == {fault: 1}


def test_what_was_acknowledged_must_be_there_as_it_was_sent(connection: Connection) -> None:
    assert evidence.gather(connection, {**ACKNOWLEDGED, "c": 3}).lost == 1
    assert evidence.gather(connection, {**ACKNOWLEDGED, "b": 2}).lost == 1
