"""The server under test: it answers, it ends, and one that does not start says why."""

import os
import sys
import urllib.request

import pytest

from annotator.bench import machine
from annotator.bench.ground import BenchError, ground
from annotator.bench.server import serving
from tests.bench.conftest import Place


def test_it_answers_and_ends_with_all_its_processes(place: Place) -> None:
    with ground(place.url) as made:
        with serving(made, workers=1, cores=1) as server:
            with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/sign-in", timeout=30) as answer:
                assert answer.status == 200
            running = machine.processes_in(made.folder)
            assert len(running) >= 4  # `serve`, the web server and one of its processes, the worker
            assert {len(os.sched_getaffinity(pid)) for pid in running} == {1}
        assert machine.processes_in(made.folder) == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the processes share a socket, and nothing says so")
def test_nobody_comes_before_every_web_process_listens(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    found, listeners = [0, 1], machine.listeners
    monkeypatch.setattr(machine, "listeners", lambda port: found.pop(0) if found else listeners(port))
    with ground(place.url) as made, serving(made, workers=2) as server:
        assert found == []
        assert listeners(server.port) == 2


def test_what_is_left_of_one_that_was_killed_is_ended_too(place: Place) -> None:
    with ground(place.url) as made:
        with serving(made, workers=1) as server:
            server.process.kill()
            server.process.wait()
            assert machine.processes_in(made.folder) != []  # the web server goes on without its parent
        assert machine.processes_in(made.folder) == []


def test_one_that_does_not_start_says_why(place: Place) -> None:
    with ground(place.url) as made:
        settings = made.folder / "annotator.toml"
        settings.write_text(settings.read_text(encoding="utf-8") + "nonsense = 1\n", encoding="utf-8")
        with pytest.raises(BenchError, match="nonsense"), serving(made, workers=1):
            pytest.fail("it started")
        assert machine.processes_in(made.folder) == []
