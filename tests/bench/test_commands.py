"""`annotator bench` as people start it: what it prints, how it ends, and that nothing is left when it is stopped."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from annotator.bench import claiming, importing, machine
from annotator.bench.ground import BenchError
from annotator.cli import main
from tests.bench.conftest import Place
from tests.conftest import CHECKOUT

PATIENCE = 90.0


def test_imports_are_one_json_object_or_a_table(place: Place) -> None:
    arguments = ["bench", "import", "--prompts", "100", "--database-url", place.url]
    said = CliRunner().invoke(main, [*arguments, "--json"])
    assert said.exit_code == 0, said.output
    assert json.loads(said.stdout)["added_again"] == 0
    said = CliRunner().invoke(main, arguments)
    assert said.exit_code == 0, said.output
    assert "100 rows in one JSONL file" in said.stdout


def test_figures_that_are_not_to_be_trusted_end_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {
        "cycles_per_second": 1, "errors": 3, "duplicates": 0, "lost": 1, "missing": 0,
    }  # fmt: skip
    monkeypatch.setattr(claiming, "run", lambda _plan: facts)
    said = CliRunner().invoke(main, ["bench", "claim", "--json"])
    assert said.exit_code == 1
    assert json.loads(said.stdout) == facts
    assert "3 errors, 1 lost" in said.stderr


def test_what_cannot_be_run_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        message = "No database can be made."
        raise BenchError(message)

    monkeypatch.setattr(importing, "measure", fail)
    said = CliRunner().invoke(main, ["bench", "import"])
    assert (said.exit_code, said.stderr) == (1, "No database can be made.\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--seconds", "5"], ["--people", "0"], ["--prompts", "3"], ["--pace", "0"], ["--release", "100"],
        ["--release", "100", "--pace", "60", "--people", "1"],
    ],
)  # fmt: skip
def test_a_run_that_would_say_nothing_is_wrong_usage(arguments: list[str]) -> None:
    assert CliRunner().invoke(main, ["bench", "claim", *arguments]).exit_code == 2


def test_a_signal_ends_a_run_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    cleared = []

    def stopped(_plan: object) -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(10)
        finally:
            cleared.append(True)

    monkeypatch.setattr(claiming, "run", stopped)
    before = signal.getsignal(signal.SIGTERM)
    assert CliRunner().invoke(main, ["bench", "claim"]).exit_code == 1
    assert cleared == [True]
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_run_that_is_stopped_leaves_nothing(place: Place, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "annotator", "bench", "claim", "--prompts", "200", "--people", "2"]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(CHECKOUT), "TMPDIR": str(tmp_path)}
    with subprocess.Popen(  # noqa: S603  # our own interpreter and arguments
        [*command, "--database-url", place.url], cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True
    ) as running:
        end = time.monotonic() + PATIENCE
        while not (logs := list(tmp_path.glob("annotator-bench-*/server.log"))):
            assert time.monotonic() < end
            assert running.poll() is None, running.stderr.read() if running.stderr else ""
            time.sleep(0.1)
        time.sleep(1)
        folder = logs[0].parent
        assert machine.processes_in(folder)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=PATIENCE)
    assert running.returncode == 1, said
    assert "Traceback" not in said
    assert machine.processes_in(folder) == []
    assert place.left() == set()
