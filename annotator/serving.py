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
from annotator.settings import Settings, SettingsError, load
from annotator.web.commandline import refuse

THREADS = 8
SECONDS_TO_STOP = 30
SECONDS_BETWEEN_STARTS = 5.0
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
    """Run gunicorn and one worker until a signal or the end of either server; return the exit status.

    A worker that dies is started again; a web server that ends, ends both.
    """
    web_command = [
        *(sys.executable, "-m", "gunicorn", "annotator.app:wsgi()"),
        *("--bind", bind, "--workers", str(workers), "--threads", str(THREADS), "--worker-class", "gthread"),
        *("--timeout", "60", "--graceful-timeout", "20", "--log-level", "warning"),
    ]
    worker_command = [sys.executable, "-m", "annotator", "worker"]
    stopping: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        stopping.append(number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    # Sessions of their own: a Ctrl+C reaches this process alone, which then ends them in order.
    web = subprocess.Popen(web_command, start_new_session=True)  # noqa: S603  # our own interpreter and arguments
    background = subprocess.Popen(worker_command, start_new_session=True)  # noqa: S603
    started = time.monotonic()
    try:
        while not stopping and web.poll() is None:
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
    engine.dispose()
    return settings
