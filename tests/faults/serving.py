"""The real server as a process of its own, and people who work at it over HTTP and do not give up when it breaks off."""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.databases import CHECKOUT

PATIENCE = 90.0
WORKERS = 2
BROKEN = (OSError, http.client.HTTPException)


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait for something; fail after ``PATIENCE`` seconds."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"waited {PATIENCE:.0f} s for {what}"
        time.sleep(0.05)


@dataclass(frozen=True)
class Server:
    """``annotator serve``, which runs the web server (a master and its workers) and one worker for the jobs."""

    port: int
    process: "subprocess.Popen[str]"

    def web_workers(self) -> list[int]:
        """Return the processes that answer requests, found below the one that this test has started."""
        masters = [child for child in children(self.process.pid) if "granian" in command_of(child)]
        return [worker for master in masters for worker in children(master)]

    def answers(self) -> bool:
        """Say whether it answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/health", timeout=10) as answer:
                return bool(answer.status == http.client.OK)
        except OSError:  # refused, reset, or too slow yet
            return False


def children(process: int) -> list[int]:
    """Return the processes that this one has started and that live."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:  # it has ended meanwhile
                continue
            if int(parent) == process and state != "Z":
                found.append(int(folder.name))
    return found


def command_of(process: int) -> str:
    """Return a process's command line."""
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except OSError:  # it has ended meanwhile
        return ""


@contextmanager
def serving(folder: Path, database_url: str) -> Iterator[Server]:
    """Serve a database from a working folder of its own; end every process of it afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    environment = {
        **os.environ,
        "PYTHONPATH": str(CHECKOUT),  # the checkout itself, not a version that may be installed beside it
        "ANNOTATOR_DATABASE_URL": database_url,
        "ANNOTATOR_SECRET_KEY": "not a secret: this is a test",
        "ANNOTATOR_MAIL_URL": f"dir:{folder}/mail",
        "ANNOTATOR_API_RATE": "0",
    }
    command = [sys.executable, "-m", "annotator", "serve", "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS)]
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(  # noqa: S603  # our own interpreter and arguments
            command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT, text=True
        )
    server = Server(port, process)
    try:
        until(lambda: server.answers() or process.poll() is not None, "the server")
        assert process.poll() is None, (folder / "server.log").read_text()
        yield server
    finally:
        if process.poll() is None:
            process.terminate()  # not kill: it has children to end
            process.wait(PATIENCE)


@dataclass
class Worker:
    """One person with a token: claims, hands in, and sends again what was not answered, under the same key."""

    port: int
    token: str
    place: str
    language: str
    acknowledged: dict[str, str] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    submitting: bool = False
    line: http.client.HTTPConnection | None = None

    def works(self, stop: threading.Event) -> None:
        """Work until told to stop; what was begun is brought to its end."""
        try:
            self._works(stop)
        finally:
            self.hang_up()

    def _works(self, stop: threading.Event) -> None:
        while not stop.is_set() and not self.faults:
            status, claim = self.sends(f"/projects/{self.place}/assignments", {"language": self.language})
            if status not in {200, 201} or not claim.get("id"):
                self.faults.append(f"claim: {status} {claim}")
                return
            words: dict[str, object] = {"completion": f"An answer to {claim['id']}.", "ai_assisted": "no"}
            if claim["kind"] == "reannotate":
                words |= {"ratings": {"prompt": 4, "completion": 3}}
            key = str(uuid.uuid4())
            self.submitting = True
            status, said = self.sends(f"/assignments/{claim['id']}/submit", words, key)
            self.submitting = False
            if status != http.client.CREATED:
                self.faults.append(f"submit: {status} {said}")
                return
            self.acknowledged[key] = said["id"]

    def sends(self, path: str, body: object, key: str | None = None) -> tuple[int, Any]:
        """Send, and again after a pause while the answer does not come."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self.line = self.line or http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
                self.line.request("POST", f"/api/v1{path}", json.dumps(body), headers)
                answer = self.line.getresponse()
                said = json.loads(answer.read())
            except BROKEN as error:
                self.seen["broken submit" if key else "broken claim"] += 1
                self.hang_up()
                if time.monotonic() > end:
                    self.faults.append(f"no answer in {PATIENCE:.0f} s: {error!r}")
                    return 0, {}
                time.sleep(0.02)
                continue
            if answer.getheader("Connection") == "close":
                self.hang_up()
            if answer.getheader("Idempotency-Replayed"):
                self.seen["kept, though the first answer was lost"] += 1
            return answer.status, said

    def hang_up(self) -> None:
        """Close the line."""
        if self.line is not None:
            self.line.close()
            self.line = None


def kill_one(server: Server, lottery: random.Random) -> None:
    """Kill one of the web server's workers, as a machine out of memory would."""
    until(lambda: len(server.web_workers()) == WORKERS, "both workers")
    os.kill(lottery.choice(server.web_workers()), signal.SIGKILL)
