"""`annotator serve`: pages and letters from one command, both ended by one signal."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from annotator import serving as serving_module
from annotator.database import make_engine, open_session
from annotator.mail import actions as mail
from annotator.migrate import upgrade
from tests.conftest import Runner

CHECKOUT = Path(__file__).resolve().parents[2]
PATIENCE = 90.0


def until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"waited {PATIENCE:.0f} s for {what}"
        time.sleep(0.1)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An installation of its own."""
    url = f"sqlite:///{tmp_path}/annotator.db"
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
    return {
        **os.environ,
        "PYTHONPATH": str(CHECKOUT),  # the checkout itself, not a version that may be installed beside it
        "ANNOTATOR_DATABASE_URL": url,
        "ANNOTATOR_SECRET_KEY": "not a secret: this is a test",
        "ANNOTATOR_MAIL_URL": f"dir:{tmp_path}/mail",
    }


@contextmanager
def serving(folder: Path, environment: dict[str, str], port: int) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "annotator", "serve", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    with subprocess.Popen(  # noqa: S603  # our own interpreter and arguments
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()  # not kill: it has children to end
                process.communicate(timeout=PATIENCE)


def a_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
            return "Annotator" in answer.read().decode()
    except OSError:  # refused, reset, or too slow yet
        return False


def test_pages_and_letters_until_a_signal(tmp_path: Path, environment: dict[str, str]) -> None:
    # Nobody wakes the worker about this letter: the sweep at its start finds it, as it would the next minute's.
    engine = make_engine(environment["ANNOTATOR_DATABASE_URL"])
    with open_session(engine, writes=True) as session:
        mail.write(session, address="ade@example.org", subject="Hello", body="Text")
        session.commit()
    engine.dispose()
    port = a_free_port()
    with serving(tmp_path, environment, port) as process:
        until(lambda: answers(port) or process.poll() is not None, "the first page")
        assert process.poll() is None, process.stdout.read() if process.stdout else ""
        until(lambda: list(tmp_path.glob("mail/*.eml")) != [], "the letter")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert not answers(port)


def test_an_old_schema_is_refused_in_one_sentence(tmp_path: Path, environment: dict[str, str]) -> None:
    environment["ANNOTATOR_DATABASE_URL"] = f"sqlite:///{tmp_path}/empty.db"
    for command in (["serve", "--bind", f"127.0.0.1:{a_free_port()}"], ["worker"]):
        said = subprocess.run(  # noqa: S603  # our own interpreter and arguments
            [sys.executable, "-m", "annotator", *command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert said.returncode == 1
        assert "annotator" in said.stderr
        assert len(said.stderr.strip().splitlines()) == 1


def test_a_place_where_nothing_can_listen_is_refused_before_anything_starts(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def started(**_place: object) -> int:
        pytest.fail("the servers were started")

    monkeypatch.setattr(serving_module, "run_server", started)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for bind, reason in (
            ("999", "not HOST:PORT"),
            (":8000", "not HOST:PORT"),
            ("::1:8000", "not HOST:PORT"),
            ("127.0.0.1:web", "not a number"),
            ("127.0.0.1:99999", "from 1 to 65535"),
            (f"127.0.0.1:{port}", "in use"),
            ("203.0.113.7:8000", "assign"),
            ("a..b:8000", "not known"),
        ):
            said = runner("serve", "--bind", bind, code=1)
            assert reason in said.stderr, bind
            assert "--bind" in said.stderr
            assert len(said.stderr.strip().splitlines()) == 1
            assert said.stdout == ""


def test_a_free_place_is_free(monkeypatch: pytest.MonkeyPatch, runner: Runner) -> None:
    monkeypatch.setattr(serving_module, "run_server", lambda **_place: 0)
    assert "listens at" in runner("serve", "--bind", f"127.0.0.1:{a_free_port()}").stdout
