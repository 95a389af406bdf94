"""`bench import`, small: a real file through the real command, and the same file again."""

import json
from pathlib import Path

import pytest

from annotator.bench import importing, texts
from annotator.bench.ground import BenchError, Ground
from annotator.bench.reporting import imported, wrong
from tests.bench.conftest import Place

PROMISED = {"seconds", "peak_memory_mb", "rows_per_second", "added_again", "seconds_again", "reference_seconds"}


def test_the_figures_are_there_and_fit_each_other(place: Place) -> None:
    facts = importing.measure(place.url, rows=300)
    assert set(facts) >= PROMISED
    assert (facts["added"], facts["duplicates"], facts["added_again"]) == (297, 3, 0)
    assert wrong(facts) is None
    assert facts["rows_per_second"] == pytest.approx(300 / facts["seconds"], rel=0.05)
    assert 0 < facts["cpu_seconds"] < 60
    assert 20 < facts["peak_memory_mb"] < 500
    assert 0 < facts["reference_seconds"] < facts["seconds"]
    assert f"{facts['seconds']:,} s" in imported(facts)
    assert place.left() == set()


def test_a_second_time_that_adds_is_seen(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    run = importing.run

    def another_file(made: Ground, file: Path) -> importing.Imported:
        done = run(made, file)
        lines = file.read_text(encoding="utf-8").splitlines()
        lines[0] = json.dumps({"instruction": "Habari mpya kabisa"})
        file.write_text("\n".join(lines), encoding="utf-8")
        return done

    monkeypatch.setattr(importing, "run", another_file)
    facts = importing.measure(place.url, rows=100)
    assert facts["added_again"] == 1
    assert "1 added again" in (wrong(facts) or "")


def test_an_import_that_is_refused_says_so(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "prompt", lambda _number: "")
    with pytest.raises(BenchError, match="ended with 1"):
        importing.measure(place.url, rows=100)
    assert place.left() == set()
