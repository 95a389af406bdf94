"""The reference: two transactions for each cycle, nobody claims what another has, and an empty table is no figure."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine, inspect, text

from annotator.bench import raw
from annotator.bench.ground import ground
from tests.bench.conftest import Place


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw, "FEWEST_ROWS", 1)


def test_every_claim_is_one_row_and_one_answer(place: Place) -> None:
    with ground(place.url) as made:
        raw.prepare(made.dsn, rows=20_000)
        one = raw.on_postgres if raw.is_postgres(made.dsn) else raw.on_sqlite
        begin = time.monotonic() + 0.3
        with ThreadPoolExecutor(4) as crew:
            done = sum(crew.map(lambda _number: one(made.dsn, begin, begin + 0.5), range(4)))
        engine = create_engine(made.url)
        with engine.connect() as connection:
            claimed = connection.scalar(text("select count(*) from raw_items where claimed_at is not null"))
            answers = connection.scalar(text("select count(*) from raw_answers"))
            different = connection.scalar(text("select count(distinct item_id) from raw_answers"))
            journal = None if raw.is_postgres(made.dsn) else connection.scalar(text("pragma journal_mode"))
        engine.dispose()
    assert claimed == answers == different
    assert 0 < done < claimed  # those of the warm-up are not counted
    assert journal in {None, "wal"}


def test_two_processes_give_one_rate_and_leave_nothing(place: Place) -> None:
    with ground(place.url) as made:
        assert raw.measure(made.dsn, rows=20_000, seconds=0.5) > 0
        engine = create_engine(made.url)
        assert not [name for name in inspect(engine).get_table_names() if name.startswith("raw")]
        engine.dispose()


def test_a_drained_table_is_no_figure(place: Place, capfd: pytest.CaptureFixture[str]) -> None:
    with ground(place.url) as made, pytest.raises(raw.Drained):
        raw.measure(made.dsn, rows=3, seconds=0.1)
    assert "Drained" in capfd.readouterr().err
