"""Headers, cookies and static files."""

import re

import pytest
import time_machine
from flask import Flask, request
from sqlalchemy.orm import Session

from annotator.app import create_app
from annotator.settings import Settings
from annotator.web.extensions import limiter
from tests.makers import a_person
from tests.pages import Visitor


def test_every_answer_has_the_headers(client: Visitor) -> None:
    for path in ("/", "/nothing-here", "/sign-in"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


def test_cookies_are_closed_to_scripts_and_other_sites(client: Visitor) -> None:
    client.post("/sign-out")
    cookie = client.post("/sign-out").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_https_makes_cookies_secure(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"public_url": "https://annotator.example"}))
    answer = app.test_client().get("/sign-in", base_url="https://annotator.example")
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    assert answer.headers["Set-Cookie"].startswith("__Host-annotator=")
    assert "; Secure" in answer.headers["Set-Cookie"]
    assert "Domain=" not in answer.headers["Set-Cookie"]


def test_pages_of_a_signed_in_person_stay_out_of_shared_caches(client: Visitor, session: Session) -> None:
    client.sign_in(a_person(session))
    assert client.get("/").headers["Cache-Control"] == "private, no-cache"


def test_the_join_page_is_never_stored(client: Visitor) -> None:
    assert client.get("/join").headers["Cache-Control"] == "no-store"


def test_static_files_are_compressed_and_kept_for_a_year(client: Visitor) -> None:
    found = re.search(r'href="(/static/[0-9a-f]{12}/css/look\.css)"', client.get("/").text)
    assert found
    answer = client.get(found[1], headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert len(answer.data) < 9_000
    answer.close()


def test_static_files_of_another_version_are_not_served(client: Visitor) -> None:
    assert client.get("/static/000000000000/css/look.css").status_code == 404


def test_no_page_asks_another_server_for_anything(client: Visitor) -> None:
    for path in ("/", "/join", "/sign-in"):
        assert not re.findall(r'(?:src|href)="(?:https?:)?//', client.get(path).text)


def test_a_mistyped_static_file_is_found_at_once(app: Flask) -> None:
    asset = app.jinja_env.globals["asset"]
    with pytest.raises(FileNotFoundError, match=r"static/css/lok\.css"):
        asset("css/lok.css")  # type: ignore[operator]  # a function, put there by annotator.web.assets


@pytest.mark.parametrize(
    "path", ["/languages/%00", "/languages/?q=%00", "/projects/a%00b", "/join/languages?q=a&%00=b"]
)
def test_an_address_with_nul_is_a_page_that_is_not_there(client: Visitor, path: str) -> None:
    assert client.get(path).status_code == 404


def test_nul_is_dropped_from_what_is_typed(client: Visitor) -> None:
    answer = client.post("/sign-in", data={"email": "nobody\0@example.org", "password": "a long\0 password"})
    assert answer.status_code == 422
    assert "nobody@example.org" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("proxies", "address", "scheme"),
    [(0, "10.0.0.9", "http"), (1, "198.51.100.2", "https"), (2, "203.0.113.5", "http")],
)
def test_as_many_proxies_are_believed_as_the_operator_says(
    settings: Settings, proxies: int, address: str, scheme: str
) -> None:
    app = create_app(settings.model_copy(update={"trusted_proxies": proxies}))
    seen: list[tuple[str | None, str, str]] = []

    @app.before_request
    def _look() -> None:
        seen.append((request.remote_addr, request.scheme, request.host))

    app.test_client().get(
        "/sign-in",
        base_url="http://annotator.example",
        environ_base={"REMOTE_ADDR": "10.0.0.9"},
        headers={
            "X-Forwarded-For": "192.0.2.66, 203.0.113.5, 198.51.100.2",
            "X-Forwarded-Proto": "http, https",
            "X-Forwarded-Host": "evil.example",
        },
    )
    assert seen == [(address, scheme, "annotator.example")]


def test_doors_that_are_tried_by_guessing_are_counted(client: Visitor) -> None:
    limiter.reset()
    try:
        with time_machine.travel("2026-05-01 12:00:10+00:00", tick=False):
            answers = [client.post("/password", data={"email": ""}).status_code for _ in range(61)]
    finally:
        limiter.reset()
    assert answers == [422] * 60 + [429]
