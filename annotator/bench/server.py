"""The program under test: `annotator serve` as people start it, in a process of its own, with its log kept."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from annotator.bench import machine
from annotator.bench.ground import HOST, BenchError, Ground

SECONDS_TO_START = 60.0
SECONDS_TO_STOP = 45.0
_LINES_OF_LOG = 20


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    def tail(self) -> str:
        """Return the last lines of its log."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LINES_OF_LOG:])


@contextmanager
def serving(ground: Ground, *, workers: int, cores: int | None = None) -> Iterator[Server]:
    """Start the server over the ground, wait until all of it answers, and end it with all its processes at the end.

    ``cores`` holds it, and what it starts, to the first so many cores of this machine. Raises BenchError, with the
    log's last lines, when it does not start.
    """
    command = [sys.executable, "-m", "annotator", "serve", "--bind", f"{HOST}:{ground.port}", "--workers", str(workers)]
    log = ground.folder / "server.log"
    with log.open("wb") as stream, machine.held_to(cores):
        process = subprocess.Popen(  # noqa: S603  # our own interpreter and arguments
            command,
            cwd=ground.folder,
            env=ground.environment(),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a Ctrl+C here reaches us alone, and we end the server in order
        )
    server = Server(process, ground.port, log)
    try:
        _wait_until_it_answers(server)
        _wait_for_all(server, workers)
        yield server
    finally:
        _end(process, ground.folder)


def _wait_until_it_answers(server: Server) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end and server.process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://{HOST}:{server.port}/sign-in", timeout=5):
                return
        except urllib.error.HTTPError as error:
            message = f"The server answers with {error.code}.\n{server.tail()}"
            raise BenchError(message) from error
        except OSError:  # not yet
            time.sleep(0.1)
    message = f"The server did not start.\n{server.tail()}"
    raise BenchError(message)


def _wait_for_all(server: Server, workers: int) -> None:
    """Wait until every web process listens: whoever came before would keep to the first one for the whole run."""
    end = time.monotonic() + SECONDS_TO_START
    while machine.PROC.is_dir() and (there := machine.listeners(server.port)) < workers:
        if time.monotonic() > end or server.process.poll() is not None:
            message = f"Of {workers} web processes {there} came up.\n{server.tail()}"
            raise BenchError(message)
        time.sleep(0.1)


def _end(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    """End the server by its signal; what is left of it after that, by force."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS_TO_STOP)
    # Again and again: one that is ended may have been replaced by its parent a moment before that was ended too.
    end = time.monotonic() + SECONDS_TO_STOP
    while (left := machine.processes_in(folder)) and time.monotonic() < end:
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.poll()  # so that it does not stay behind as a name without a process
        time.sleep(0.05)
    process.wait()
