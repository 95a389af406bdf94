"""What the kernel says of the processes under test: which they are, how much they worked, how much memory they took.

On Linux; elsewhere it says nothing, and the figures are empty.
"""

import os
import platform
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PROC = Path("/proc")
_LISTENING = "0A"  # the state of a socket in /proc/net/tcp
SECONDS_BETWEEN_LOOKS = 1.0
_KB_IN_MB = 1024


def processes_in(folder: Path) -> list[int]:
    """Return the processes whose working folder this is: a server and all it started, whoever their parent is now."""
    found = []
    for link in PROC.glob("[0-9]*/cwd"):
        try:
            if link.readlink() == folder:
                found.append(int(link.parent.name))
        except OSError:  # it has ended meanwhile, or is somebody else's
            continue
    return found


def arguments(pid: int) -> list[str]:
    """Return the words of a process's command line; none when it has ended."""
    return _read(pid, "cmdline").split("\0")[:-1]


def kilobytes(pid: int, file: str, name: str) -> int:
    """Return a figure such as VmHWM in ``status`` or Pss in ``smaps_rollup``; 0 when the process has ended."""
    lines = _read(pid, file).splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), 0)


def listeners(port: int) -> int:
    """Return how many sockets of this machine wait for connections at a TCP port of IPv4; 0 where the system says nothing."""
    lines = [line.split() for line in _read("net", "tcp").splitlines()[1:]]
    return sum(words[1].endswith(f":{port:04X}") and words[3] == _LISTENING for words in lines)


def _read(pid: int | str, file: str) -> str:
    try:
        return (PROC / str(pid) / file).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def described() -> str:
    """Return what this machine is, as far as a figure hangs on it."""
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.machine()}"


@dataclass(frozen=True)
class Work:
    """Seconds of work of all cores up to a moment: by the processes in a folder, by this one, by the whole machine."""

    at: float
    server: float
    client: float
    machine: float


def work_so_far(folder: Path) -> Work:
    """Return what was worked so far; only what this process did where the system says no more."""
    tick = os.sysconf("SC_CLK_TCK")
    server = 0
    for pid in processes_in(folder):
        # The name in brackets may hold anything; user and system time are the 12th and 13th word after it.
        words = _read(pid, "stat").rpartition(")")[2].split()
        server += sum(map(int, words[11:13]))
    # user nice system idle iowait irq softirq steal …: what is neither idle nor waiting is work, of others too
    machine = [int(word) for word in _read("", "stat").partition("\n")[0].split()[1:9]]
    busy = sum(machine) - sum(machine[3:5])
    return Work(time.monotonic(), server / tick, time.process_time(), busy / tick)


@contextmanager
def held_to(cores: int | None) -> Iterator[None]:
    """Hold what is started meanwhile by this thread to so many of this machine's cores; to all of them for None."""
    if cores is None or not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:cores])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@dataclass
class Memory:
    """The most memory that the processes in a folder took, in MB; None where the system does not say.

    ``web`` is the highest peak of resident memory of one web process, ``worker`` that of the background worker;
    ``together`` is the highest sum over all processes, with what they share counted once (PSS).
    """

    folder: Path
    web: float | None = None
    worker: float | None = None
    together: float | None = None
    _over: threading.Event = field(default_factory=threading.Event)

    def look(self) -> None:
        """Look at the processes once."""
        total = 0
        for pid in processes_in(self.folder):
            words, peak = arguments(pid), kilobytes(pid, "status", "VmHWM") / _KB_IN_MB
            total += kilobytes(pid, "smaps_rollup", "Pss")
            if words[-1:] == ["worker"]:
                self.worker = max(self.worker or 0, peak)
            elif peak and words[1:3] != ["-m", "annotator"]:  # neither `serve` itself nor another of our commands
                self.web = max(self.web or 0, peak)
        if total:
            self.together = max(self.together or 0, total / _KB_IN_MB)

    def watch(self) -> None:
        """Look again and again, until ``end``."""
        while not self._over.wait(SECONDS_BETWEEN_LOOKS):
            self.look()

    def end(self) -> None:
        """Let ``watch`` come to an end."""
        self._over.set()


@contextmanager
def watched(folder: Path) -> Iterator[Memory]:
    """Look at the memory of the processes in a folder once a second, in a thread of its own, and again at the end."""
    memory = Memory(folder)
    thread = threading.Thread(target=memory.watch)
    thread.start()
    try:
        yield memory
        memory.look()
    finally:
        memory.end()
        thread.join()
