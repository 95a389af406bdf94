"""The client that plays many people: whole answers, kept connections, and every way in which nothing comes back."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from annotator.bench import client
from annotator.bench.client import Answer, Ask, Crowd, Person, Wait

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Kind: plain\r\n\r\nhi"
Behaviour = Callable[[socket.socket, int], None]


@contextmanager
def a_server(behave: Behaviour) -> Iterator[tuple[int, list[bytes]]]:
    """Serve every connection in a thread by ``behave(connection, its number)``; give the port and what was read."""
    requests: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threads = []

        def serve(connection: socket.socket, number: int) -> None:
            with connection:
                while True:
                    try:
                        got = connection.recv(65_536)
                        if not got:
                            return
                        requests.append(got)
                        behave(connection, number)
                    except OSError:
                        return

        def accept() -> None:
            for number in range(1_000):
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                threads.append(threading.Thread(target=serve, args=(connection, number)))
                threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        yield listening.getsockname()[1], requests
        listening.shutdown(socket.SHUT_RDWR)
        accepting.join()
        for thread in threads:
            thread.join()


def one(*wishes: Ask | Wait, got: list[Answer]) -> Person:
    for wish in wishes:
        answer = yield wish
        if isinstance(wish, Ask):
            got.append(answer)


def play(port: int, *wishes: Ask | Wait) -> list[Answer]:
    got: list[Answer] = []
    Crowd("127.0.0.1", port, [one(*wishes, got=got)]).play()
    return got


def test_a_request_says_what_it_is_and_the_answer_is_read_whole() -> None:
    def in_pieces(connection: socket.socket, _number: int) -> None:
        for piece in (OK[:5], OK[5:30], OK[30:-1], OK[-1:]):
            connection.sendall(piece)
            time.sleep(0.01)

    with a_server(in_pieces) as (port, requests):
        [answer] = play(port, Ask("POST", "/x", {"a": "ñ"}, {"Authorization": "Bearer me"}))
    assert (answer.status, answer.body, answer.headers["x-kind"]) == (200, b"hi", "plain")
    assert answer.seconds >= 0.03
    head, _, body = requests[0].partition(b"\r\n\r\n")
    assert head.splitlines()[0] == b"POST /x HTTP/1.1"
    assert f"Host: 127.0.0.1:{port}".encode() in head
    assert b"Authorization: Bearer me" in head
    assert f"Content-Length: {len(body)}".encode() in head
    assert body == rb'{"a": "\u00f1"}'


def test_a_connection_is_kept() -> None:
    numbers = []

    def behave(connection: socket.socket, number: int) -> None:
        numbers.append(number)
        connection.sendall(OK)

    with a_server(behave) as (port, _):
        answers = play(port, Ask("GET", "/1"), Ask("GET", "/2"), Wait(time.monotonic() + 0.05), Ask("GET", "/3"))
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert numbers == [0, 0, 0]


def test_a_connection_that_ends_while_nobody_uses_it_is_no_error() -> None:
    came = []

    def once(connection: socket.socket, number: int) -> None:
        came.append((number, time.monotonic()))
        connection.sendall(OK)
        connection.shutdown(socket.SHUT_RDWR)

    until = time.monotonic() + 0.3
    with a_server(once) as (port, _):
        answers = play(port, Ask("GET", "/1"), Wait(until), Ask("GET", "/2"))
    assert [answer.status for answer in answers] == [200, 200]
    assert [number for number, _ in came] == [0, 1]
    assert came[1][1] >= until  # nor does it wake anybody


def test_who_waits_for_long_lets_the_connection_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "IDLE", 0.05)
    numbers = []

    def behave(connection: socket.socket, number: int) -> None:
        numbers.append(number)
        connection.sendall(OK)

    with a_server(behave) as (port, _):
        play(port, Ask("GET", "/1"), Wait(time.monotonic() + 0.2), Ask("GET", "/2"))
    assert numbers == [0, 1]


def test_a_server_that_says_close_gets_a_new_connection() -> None:
    numbers = []

    def once(connection: socket.socket, number: int) -> None:
        numbers.append(number)
        connection.sendall(OK.replace(b"X-Kind: plain", b"Connection: close"))

    with a_server(once) as (port, _):
        assert [answer.status for answer in play(port, Ask("GET", "/1"), Ask("GET", "/2"))] == [200, 200]
    assert numbers == [0, 1]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"", "broke off"),
        (OK[:-1], "broke off"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", "broke off"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "without a length"),
    ],
)
def test_half_an_answer_is_none(said: bytes, why: str) -> None:
    def behave(connection: socket.socket, _number: int) -> None:
        connection.sendall(said)
        connection.shutdown(socket.SHUT_RDWR)

    with a_server(behave) as (port, _):
        [answer] = play(port, Ask("GET", "/"))
    assert answer.status == 0
    assert why in answer.body.decode()


def test_nothing_is_tried_twice() -> None:
    def silent(connection: socket.socket, _number: int) -> None:
        connection.shutdown(socket.SHUT_RDWR)

    with a_server(silent) as (port, requests):
        answers = play(port, Ask("GET", "/1"), Ask("GET", "/2"))
    assert [answer.status for answer in answers] == [0, 0]
    assert len(requests) == 2


def test_patience_comes_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PATIENCE", 0.2)
    with a_server(lambda _connection, _number: None) as (port, _):
        [answer] = play(port, Ask("GET", "/"))
    assert answer.status == 0
    assert b"no answer within" in answer.body
    assert 0.2 <= answer.seconds < 2


def test_where_nobody_listens_everybody_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    answers = play(port, Ask("GET", "/"), Ask("GET", "/"))
    assert [answer.status for answer in answers] == [0, 0]
    assert b"refused" in answers[0].body


def test_people_do_not_wait_for_each_other() -> None:
    together = threading.Barrier(5, timeout=10)

    def behave(connection: socket.socket, _number: int) -> None:
        together.wait()  # nobody gets an answer until all five have asked
        connection.sendall(OK)

    got: list[Answer] = []
    with a_server(behave) as (port, _):
        Crowd("127.0.0.1", port, [one(Ask("GET", "/"), Ask("GET", "/"), got=got) for _ in range(5)]).play()
    assert [answer.status for answer in got] == [200] * 10


def test_people_wait_as_long_as_they_say() -> None:
    begin = time.monotonic()
    Crowd("127.0.0.1", 1, [one(Wait(begin + 0.15), got=[]), one(Wait(begin + 0.1), Wait(begin + 0.2), got=[])]).play()
    assert 0.2 <= time.monotonic() - begin < 2
