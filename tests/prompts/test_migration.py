"""Imports from before there were parts have landed, in the order of their ids."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from annotator import migrate
from annotator.database import make_engine
from tests import databases

# Three imports into two projects, as version 0003 of the database kept them.
BEFORE = (
    """
    INSERT INTO projects (id, slug, title, description, state, mix, overlap, reviews, release_unreviewed,
                          reannotate_contributions, lanes, key, created_at) VALUES
    (1, 'a', 'A', '', 'open', '{}', 1, 1, false, false, '[]', 'k', '2025-01-01 00:00:00'),
    (2, 'b', 'B', '', 'open', '{}', 1, 1, false, false, '[]', 'k', '2025-01-01 00:00:00')
    """,
    "INSERT INTO sources (id, project_id, name, license) VALUES (1, 1, 'Ours', 'CC0-1.0')",
    """
    INSERT INTO import_batches (id, project_id, source_id, actor, at, added, duplicates) VALUES
    (1, 1, 1, 'operator', '2025-01-01 00:00:00', 3, 4),
    (2, 2, 1, 'operator', '2025-01-02 00:00:00', 3, 4),
    (3, 1, 1, 'operator', '2025-01-03 00:00:00', 3, 4)
    """,
)
ARRIVING = """
    INSERT INTO import_batches (id, project_id, actor, at, touched_at, state, seen_seq, options, rows, added,
                                duplicates, refused, alike)
    VALUES (4, 1, 'operator', '2025-01-04 00:00:00', '2025-01-04 00:00:00', 'arriving', 3, '{}', 0, 0, 0, 0, 0)
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database."""
    if request.param == "sqlite":
        made = make_engine(f"sqlite:///{tmp_path}/empty.db")
        yield made
        made.dispose()
    else:
        with databases.postgres_database(f"annotator_imports_{os.getpid()}", empty=True) as database:
            yield database.engine


def put(engine: Engine, *statements: str) -> None:
    with engine.execution_options(writes=True).begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_imports_so_far_have_landed_and_unfinished_ones_do_not_go_back(engine: Engine) -> None:
    migrate.upgrade(engine, "0003")
    put(engine, *BEFORE)
    migrate.upgrade(engine, "0004")
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT id, state, landed_seq, rows, refused, fingerprint FROM import_batches ORDER BY id")
        ).all()
    assert [tuple(row) for row in found] == [(number, "landed", number, 7, 0, None) for number in (1, 2, 3)]
    put(engine, ARRIVING)
    migrate.downgrade(engine, "0003")
    with engine.connect() as connection:
        assert list(connection.scalars(text("SELECT id FROM import_batches ORDER BY id"))) == [1, 2, 3]
