"""Progress on a terminal, and silence in a pipe."""

import io
import sys

import pytest

from annotator.web.commandline import progress


class Terminal(io.StringIO):
    """A terminal that keeps what was shown."""

    def isatty(self) -> bool:
        return True


def test_progress_shows_the_task_how_many_and_how_many_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with progress("Importing") as so_far:
        for done in (0, 5_000, 10_000):
            so_far(done)
        for done in (1_000, 2_500, 5_000):
            so_far(done, task="Showing all at once")
    shown = terminal.getvalue()
    assert "Showing all at once" in shown
    assert "5,000" in shown
    assert "/s" in shown


def test_a_pipe_gets_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("Importing") as so_far:
        so_far(5_000)
        so_far(1, task="Showing all at once")
    assert capsys.readouterr() == ("", "")
