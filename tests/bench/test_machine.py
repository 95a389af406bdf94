"""What the kernel says of processes: which they are, how much they worked, how much memory they took."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from annotator.bench import machine

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux says it in /proc")


@contextmanager
def a_process(folder: Path, code: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", f"{code}\nprint(1, flush=True)\nimport time\ntime.sleep(60)"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # our own words
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def test_processes_are_found_by_their_working_folder(tmp_path: Path) -> None:
    assert machine.processes_in(tmp_path) == []
    with a_process(tmp_path, "pass") as one, a_process(tmp_path, "pass") as other, a_process(Path("/"), "pass"):
        assert sorted(machine.processes_in(tmp_path)) == sorted([one.pid, other.pid])
    assert machine.processes_in(tmp_path) == []


def test_sockets_that_listen_are_counted_and_no_others() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            assert machine.listeners(port) == 1
    assert machine.listeners(port) == 0


def test_the_peak_of_memory_is_seen_also_after_it_was_given_back(tmp_path: Path) -> None:
    with a_process(tmp_path, "x = bytearray(200_000_000); del x"), machine.watched(tmp_path) as memory:
        pass
    assert memory.web is not None
    assert 190 < memory.web < 300
    assert memory.together is not None
    assert 0 < memory.together < 100
    assert memory.worker is None


def test_work_is_counted(tmp_path: Path) -> None:
    before = machine.work_so_far(tmp_path)
    with a_process(tmp_path, "import time; end = time.process_time() + 0.5\nwhile time.process_time() < end: pass"):
        after = machine.work_so_far(tmp_path)
    assert before.server == 0
    assert 0.5 <= after.server < 5
    assert after.machine - before.machine >= 0.4
    assert after.at > before.at


def test_what_is_started_meanwhile_is_held_to_a_core(tmp_path: Path) -> None:
    before = os.sched_getaffinity(0)
    with machine.held_to(1), a_process(tmp_path, "pass") as held:
        assert len(os.sched_getaffinity(held.pid)) == 1
    assert os.sched_getaffinity(0) == before
    with machine.held_to(None), a_process(tmp_path, "pass") as free:
        assert os.sched_getaffinity(free.pid) == before


def test_nothing_is_said_of_processes_that_have_ended() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    time.sleep(0.01)
    assert machine.arguments(process.pid) == []
    assert machine.kilobytes(process.pid, "status", "VmHWM") == 0
