"""A small HTTP/1.1 client that plays many people at once: one thread, and a connection for each that is kept alive.

It shares the machine with the server that it measures, so it must cost little. A person is a generator: it yields an
`Ask` and gets the `Answer` once it is whole, or yields a `Wait`. Nothing is ever tried twice.
"""

import json
import selectors
import socket
import time
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

PATIENCE = 30.0  # seconds until a request counts as unanswered
# Who waits for longer lets the connection go, before the server does: if both act at once, a request is lost to nobody's fault.
IDLE = 1.0
_AT_ONCE = 65_536


@dataclass(frozen=True, slots=True)
class Ask:
    """A request; bytes go as they are, any other ``body`` as JSON."""

    method: str
    path: str
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def written(self, host: str) -> bytes:
        """Return the request as it goes over the wire."""
        body = (
            self.body if isinstance(self.body, bytes) else b"" if self.body is None else json.dumps(self.body).encode()
        )
        headers = {"Host": host, "Content-Type": "application/json", "Content-Length": len(body), **self.headers}
        lines = (f"{self.method} {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()))
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, when it was asked for, and after how many seconds; status 0: nothing did, ``body`` says why."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    asked: float
    seconds: float

    def json(self) -> Any:  # noqa: ANN401  # whatever the server says
        """Return the body, which must be JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Wait:
    """A moment of ``time.monotonic`` until which a person asks for nothing."""

    until: float


Person = Generator[Ask | Wait, Answer, None]


class _Line:
    """A person and their connection: what came so far of an answer, when it was asked for, or when they wake up."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.socket: socket.socket | None = None
        self.received = b""
        self.asked: float | None = None
        self.wakes = 0.0
        self.over = False


class Crowd:
    """People who all talk to one server."""

    def __init__(self, host: str, port: int, people: Iterable[Person]) -> None:
        """Gather them; nothing is sent yet."""
        self._host, self._port = host, port
        self._lines = [_Line(person) for person in people]
        self._selector = selectors.DefaultSelector()

    def play(self) -> None:
        """Go on until every person has come to an end."""
        try:
            for line in self._lines:
                self._go_on(line, None)
            while living := [line for line in self._lines if not line.over]:
                due = min(line.wakes if line.asked is None else line.asked + PATIENCE for line in living)
                for key, _events in self._selector.select(max(0.0, due - time.monotonic())):
                    self._receive(key.data)
                self._look_at_the_clock(living)
        finally:
            for line in self._lines:
                line.person.close()
                self._hang_up(line)
            self._selector.close()

    def _look_at_the_clock(self, lines: Iterable[_Line]) -> None:
        now = time.monotonic()
        for line in lines:
            if line.asked is None and now >= line.wakes:
                self._go_on(line, None)
            elif line.asked is not None and now >= line.asked + PATIENCE:
                self._go_on(line, self._nothing(line, f"no answer within {PATIENCE:.0f} s"))

    def _go_on(self, line: _Line, answer: Answer | None) -> None:
        """Hand the answer to the person, and send what they ask next."""
        while True:
            line.asked, line.received = None, b""
            try:
                wish = next(line.person) if answer is None else line.person.send(answer)
            except StopIteration:
                line.over = True
                self._hang_up(line)
                return
            if isinstance(wish, Wait):
                line.wakes = wish.until
                if wish.until > time.monotonic() + IDLE:
                    self._hang_up(line)
                return
            line.asked = time.monotonic()
            try:
                self._open(line).sendall(wish.written(f"{self._host}:{self._port}"))
            except OSError as error:
                answer = self._nothing(line, str(error))
            else:
                return

    def _receive(self, line: _Line) -> None:
        """Read what has come, and go on once the answer is whole."""
        more, why = b"", "the connection broke off"
        try:
            more = self._open(line).recv(_AT_ONCE)
        except OSError as error:
            why = str(error)
        if line.asked is None:  # a server may end a connection that nobody uses; the next request opens another
            self._hang_up(line)
            return
        line.received += more
        answer = _read(line.received, line.asked)
        if answer is not None:
            if answer.status == 0 or answer.headers.get("connection", "").lower() == "close":
                self._hang_up(line)
            self._go_on(line, answer)
        elif not more:
            self._go_on(line, self._nothing(line, why))

    def _open(self, line: _Line) -> socket.socket:
        if line.socket is None:
            line.socket = socket.create_connection((self._host, self._port), PATIENCE)
            line.socket.setsockopt(
                socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
            )  # a request is one piece: do not hold it back
            self._selector.register(line.socket, selectors.EVENT_READ, line)
        return line.socket

    def _hang_up(self, line: _Line) -> None:
        if line.socket is not None:
            self._selector.unregister(line.socket)
            line.socket.close()
            line.socket = None

    def _nothing(self, line: _Line, why: str) -> Answer:
        """Give the connection up, and return what the person is told."""
        self._hang_up(line)
        asked = time.monotonic() if line.asked is None else line.asked
        return Answer(0, {}, why.encode(), asked, time.monotonic() - asked)


def _read(received: bytes, asked: float) -> Answer | None:
    """Return the answer if it is whole. One without a length has no end that we could see: it counts as none."""
    head, there, body = received.partition(b"\r\n\r\n")
    if not there:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    seconds, length = time.monotonic() - asked, headers.get("content-length")
    if length is None:
        return Answer(0, headers, f"an answer without a length: {first}".encode(), asked, seconds)
    return Answer(int(first.split()[1]), headers, body, asked, seconds) if len(body) >= int(length) else None
