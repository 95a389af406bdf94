"""`annotator serve` and `annotator worker`: the web server, one worker beside it, and what keeps both alive."""

import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType

import click

from annotator.app import NO_KEY, check_schema, make_work
from annotator.database import make_engine
from annotator.rights.erasing.jobs import replay
from annotator.settings import Settings, SettingsError, load
from annotator.web.commandline import refuse

THREADS = 8
# glibc gives each thread a heap of its own, and what one has freed no other can use: two heaps save 20 MB a process.
ARENAS = 2
SECONDS_TO_STOP = 30
# The worker gives way to the people in front of the pages: a release may take a minute longer, a page may not.
NICENESS = 10
SECONDS_BETWEEN_STARTS = 5.0
# A web server that ends sooner after its first start has a reason that starting again does not mend.
SECONDS_TO_COME_UP = 2.0
HIGHEST_PORT = 65_535


@click.command("serve")
@click.option("--bind", default="127.0.0.1:8000", show_default=True, metavar="HOST:PORT", help="Where to listen.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Web processes.")
def serve(bind: str, workers: int) -> None:
    """Serve the pages, with one worker for letters and other background work."""
    settings = _ready()
    why_not = hindrance(bind)
    if why_not is not None:
        refuse(f"Nothing can be served at {bind} ({why_not}): give --bind another HOST:PORT, such as 127.0.0.1:8001.")
    click.echo(f"Annotator listens at http://{bind} (people reach it as {settings.public_url}). Ctrl+C ends it.")
    sys.exit(run_server(bind=bind, workers=workers))


@click.command("worker")
def worker() -> None:
    """Send letters and do what else is due, until a signal ends it."""
    settings = _ready()
    os.nice(NICENESS)
    make_work(settings, make_engine(settings.database_url)).work()


def hindrance(bind: str) -> str | None:
    """Return why nothing can listen at HOST:PORT (an IPv6 host in brackets), in a few words; None when it can.

    The web server itself would say so late, in many lines, and with the worker running already.
    """
    host, _colon, port = bind.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    host = host[1:-1] if bracketed else host
    if not host or (":" in host) != bracketed:
        return "it is not HOST:PORT"
    if not (port.isascii() and port.isdecimal() and len(port) <= len(str(HIGHEST_PORT))):
        return "the port is not a number"
    if not 1 <= int(port) <= HIGHEST_PORT:
        return f"a port is a number from 1 to {HIGHEST_PORT}"
    with socket.socket(socket.AF_INET6 if bracketed else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except (OSError, UnicodeError) as error:  # a host that no name server can be asked for is a UnicodeError
            return getattr(error, "strerror", None) or "there is no such host"
    return None


def run_server(*, bind: str, workers: int = 2) -> int:
    """Run granian and one worker until a signal; return the exit status.

    What dies is started again; only a web server that does not come up ends both. (granian starts its processes again
    by itself, but gives up where they die within seconds of it.)
    """
    host, _colon, port = bind.rpartition(":")
    web_command = [
        *(
            "env",
            f"MALLOC_ARENA_MAX={ARENAS}",
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--factory",
            "annotator.app:wsgi",
        ),
        *("--host", host.strip("[]"), "--port", port, "--http", "1", "--no-ws", "--log-level", "error"),
        *("--workers", str(workers), "--blocking-threads", str(THREADS), "--workers-kill-timeout", "20"),
        *("--respawn-failed-workers", "--respawn-interval", "1"),
    ]
    worker_command = [sys.executable, "-m", "annotator", "worker"]
    stopping: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        stopping.append(number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    # Sessions of their own: a Ctrl+C reaches this process alone, which then ends them in order.
    web = subprocess.Popen(web_command, start_new_session=True)  # noqa: S603  # our own interpreter and arguments
    background = subprocess.Popen(worker_command, start_new_session=True)  # noqa: S603
    started = web_started = time.monotonic()
    came_up = False
    try:
        while not stopping:
            came_up = came_up or time.monotonic() - web_started > SECONDS_TO_COME_UP
            if web.poll() is not None:
                if not came_up:
                    break
                click.echo("The web server ended and is started again.", err=True)
                web = subprocess.Popen(web_command, start_new_session=True)  # noqa: S603
                web_started = time.monotonic()
            if background.poll() is not None and time.monotonic() - started > SECONDS_BETWEEN_STARTS:
                click.echo("The worker ended and is started again.", err=True)
                background = subprocess.Popen(worker_command, start_new_session=True)  # noqa: S603
                started = time.monotonic()
            time.sleep(0.2)
        return 0 if stopping else (web.returncode or 0)
    finally:
        _end(web, signal.SIGTERM)
        _end(background, signal.SIGINT)  # Huey ends after the job at hand
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(child: "subprocess.Popen[bytes]", how: signal.Signals) -> None:
    if child.poll() is None:
        child.send_signal(how)
        try:
            child.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _ready() -> Settings:
    """Return the settings of an installation that may start.

    Raises SettingsError, which the command line says as one sentence.
    """
    settings = load()
    if not settings.secret_key:
        raise SettingsError(NO_KEY)
    engine = make_engine(settings.database_url)
    check_schema(engine)
    replay(engine, settings)  # a backup may have been put in place by other hands than `annotator restore`
    engine.dispose()
    return settings
