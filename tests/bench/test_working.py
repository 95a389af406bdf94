"""How people work, against a server of ours that behaves as a test wants: what is seen of one that does wrong."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from annotator.bench import working
from annotator.bench.filling import Member
from annotator.bench.ground import Ground

Reply = tuple[int, object]
PEOPLE = [Member(number, f"person{number}", "stamp", f"token{number}") for number in range(3)]
SIGN_IN = '<form><input type="hidden" name="csrf_token" value="abc"></form>'


class Fake:
    """A server that keeps to the API's form; a test replaces what it does by a function of the request's number."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self.seen: list[tuple[str, str, dict[str, str], str]] = []
        self.claims = self.submissions = 0
        self.claim: Callable[[int], Reply] = self.a_new_one
        self.submit: Callable[[int], Reply] = lambda _number: (201, {})
        self.delay = 0.0

    @staticmethod
    def a_new_one(number: int, prompt: str | None = None) -> Reply:
        return 201, {"id": number, "prompt": {"instruction": {"text": prompt or f"prompt {number}"}}}

    def reply(self, method: str, path: str, headers: dict[str, str], body: str) -> Reply:
        self.seen.append((method, path, headers, body))
        time.sleep(self.delay)
        if path.endswith("/assignments"):
            self.claims += 1
            return self.claim(self.claims)
        if path.endswith("/submit"):
            self.submissions += 1
            return self.submit(self.submissions)
        if path.startswith("/sign-in/sign-in/"):
            good = body == "csrf_token=abc" and headers.get("Cookie") == "session=1"
            return (200, SIGN_IN) if method == "GET" else (303 if good else 400, "")
        return (200, "<textarea></textarea>") if headers.get("Cookie") == "session=1" else (303, "")


@contextmanager
def serving(fake: Fake) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, said = fake.reply(self.command, self.path, dict(self.headers.items()), body)
            out = said.encode() if isinstance(said, str) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(out)))
            if self.path.startswith("/sign-in"):
                self.send_header("Set-Cookie", "session=1; HttpOnly; Path=/")
            self.end_headers()
            self.wfile.write(out)

        do_POST = do_GET  # noqa: N815  # the name that http.server calls

        def log_message(self, *_words: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = False
        block_on_close = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()


def full_speed(fake: Fake, folder: Path, overlap: int = 1) -> working.Seen:
    with serving(fake) as port:
        place = Ground("sqlite://", folder, port, "secret")
        return working.at_full_speed(place, PEOPLE, overlap=overlap, warm_up=0.1, seconds=0.4, pages=0.2)


def test_people_claim_hand_in_and_look(tmp_path: Path) -> None:
    fake = Fake()
    seen = full_speed(fake, tmp_path)
    assert seen.errors == {}
    assert seen.notes.duplicates == 0
    assert len(seen.notes.acknowledged) == fake.submissions > len(seen.notes.cycles) > 0
    claims = [one for one in fake.seen if one[1] == "/api/v1/projects/bench/assignments"]
    assert json.loads(claims[0][3]) == {"language": "swh_Latn", "kinds": ["answer"]}
    assert {one[2]["Authorization"] for one in claims} == {f"Bearer token{number}" for number in range(3)}
    submissions = [one for one in fake.seen if re.fullmatch(r"/api/v1/assignments/\d+/submit", one[1])]
    assert len({one[2]["Idempotency-Key"] for one in submissions}) == len(submissions)
    assert len({one[3] for one in submissions}) == len(submissions)
    assert {*json.loads(submissions[0][3])} == {"completion", "ai_assisted"}
    assert seen.pages is not None
    assert len(seen.pages.requests) > 0
    assert seen.cores("client") > 0


def test_the_same_work_for_everybody_is_a_duplicate(tmp_path: Path) -> None:
    fake = Fake()
    fake.claim = lambda number: fake.a_new_one(number, "always this")
    assert full_speed(fake, tmp_path).notes.duplicates > 0


@pytest.mark.parametrize(
    ("claim", "submit", "sort"),
    [
        ((503, "busy"), (201, {}), "claim: 503"),
        ((200, {"assignment": None, "reason": "done"}), (201, {}), "claim: nothing left to do"),
        (None, (409, {"code": "place_taken"}), "submit: 409"),
        (None, (200, {}), "submit: 200"),
    ],
)
def test_whatever_should_not_come_is_an_error(tmp_path: Path, claim: Reply | None, submit: Reply, sort: str) -> None:
    fake = Fake()
    if claim is not None:
        fake.claim = lambda _number: claim
    fake.submit = lambda _number: submit
    seen = full_speed(fake, tmp_path)
    assert seen.errors[sort] >= 3
    assert seen.notes.cycles == []
    assert seen.notes.acknowledged == {}
    assert fake.claims <= 3 * 3  # a breath after each


def test_at_a_pace_everybody_does_one_piece_of_work_in_each_span(tmp_path: Path) -> None:
    fake = Fake()
    fake.delay = 0.02
    with serving(fake) as port:
        place = Ground("sqlite://", tmp_path, port, "secret")
        seen = working.at_a_pace(place, PEOPLE, overlap=1, pace=0.6, seconds=1.8)
    assert seen.errors == {}
    assert len(seen.notes.cycles) == pytest.approx(3 * 1.8 / 0.6, abs=1)
    assert all(0.06 <= seconds < 0.3 for seconds in seen.notes.cycles)  # claim, page, submit, and no pause
    assert len(seen.notes.requests) == pytest.approx(3 * len(seen.notes.cycles), abs=3)
    assert [path for _, path, _, _ in fake.seen if path.startswith("/projects/bench/swh_Latn/work/")]
