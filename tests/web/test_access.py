"""Who is let in, where sign-in leads back to, and how a form survives a lost session."""

import re
from html import unescape

import pytest
from flask import Blueprint, Flask, request
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.accounts.rules import hash_password, new_stamp
from annotator.permissions import Permission
from annotator.web import access
from tests.makers import a_person
from tests.pages import Visitor

PASSWORD = "seven green bicycles"  # a test's own
POEM = 'Ọ̀rọ̀ mi kò gbọdọ̀ sọnù\nlaini ìdí kan, "àbí" <b>bẹ́ẹ̀ kọ́</b>?'


@pytest.fixture
def app(app: Flask) -> Flask:
    """The application with two pages of this test's own."""
    pages = Blueprint("tried", __name__)

    @pages.route("/tried", methods=["GET", "POST"])
    @access.signed_in_required
    def tried() -> dict[str, list[str]]:
        return {"text": request.form.getlist("text"), "reasons": request.form.getlist("reason")}

    @pages.get("/desk-of-somebody")
    @access.requires(Permission.REVIEW_QUEUE)
    def desk() -> str:
        return "in"

    app.register_blueprint(pages)
    return app


@pytest.fixture
def person(session: Session) -> Person:
    """Somebody who can sign in by password."""
    return a_person(session, password_hash=hash_password(PASSWORD), email_confirmed_at=None, stamp=new_stamp())


def confirmed(session: Session, person: Person) -> Person:
    person.email_confirmed_at = person.created_at
    session.commit()
    return person


def field(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, f"no field {name}"
    return unescape(found[1])


def test_a_visitor_signs_in_and_comes_back(client: Visitor, session: Session, person: Person) -> None:
    confirmed(session, person)
    asked = client.get("/tried?page=2")
    assert asked.status_code == 303
    page = client.visit(asked.location)
    sent = {"email": person.email, "password": PASSWORD, "next": field(page.source, "next")}
    answer = client.post("/sign-in", data=sent)
    assert (answer.status_code, answer.location) == (303, "/tried?page=2")
    assert client.get("/tried?page=2").status_code == 200


@pytest.mark.parametrize("token_is_checked", [False, True])
def test_a_form_sent_without_a_session_is_shown_and_sent_after_sign_in(
    app: Flask, client: Visitor, session: Session, person: Person, *, token_is_checked: bool
) -> None:
    app.config["WTF_CSRF_ENABLED"] = token_is_checked
    confirmed(session, person)
    sent = {"text": POEM, "reason": ["spelling", "too short"], "password": "never kept", "csrf_token": "old"}
    signed_out = client.post("/tried?item=7", data=sent, token=False)
    assert signed_out.status_code == 401
    assert POEM in unescape(signed_out.text), "what was typed is shown at once"
    assert "never kept" not in signed_out.text

    wrong = {"kept": field(signed_out.text, "kept"), "csrf_token": field(signed_out.text, "csrf_token")}
    failed = client.post("/sign-in", data={**wrong, "email": person.email, "password": "wrong wrong wrong"})
    assert failed.status_code == 422
    assert POEM in unescape(failed.text), "a slip in the password loses nothing"

    again = {"kept": field(failed.text, "kept"), "csrf_token": field(failed.text, "csrf_token")}
    page = client.post("/sign-in", data={**again, "email": person.email, "password": PASSWORD})
    assert page.status_code == 200
    assert POEM in unescape(page.text)
    action = re.search(r'action="(/tried[^"]*)"', page.text)
    assert action
    assert unescape(action[1]) == "/tried?item=7"
    fields = [
        (name, unescape(value)) for name, value in re.findall(r'hidden" name="([^"]+)" value="([^"]*)"', page.text)
    ]
    assert ("password", "never kept") not in fields
    form: dict[str, list[str]] = {}
    for name, value in fields:
        form.setdefault(name, []).append(value)
    arrived = client.post(unescape(action[1]), data=form)
    assert arrived.json == {"text": [POEM], "reasons": ["spelling", "too short"]}


def test_a_kept_form_survives_a_sign_in_by_letter(client: Visitor, session: Session, person: Person) -> None:
    confirmed(session, person)
    signed_out = client.post("/tried", data={"text": POEM})
    waiting = client.post("/sign-in/link", data={"email": person.email, "kept": field(signed_out.text, "kept")})
    assert POEM in unescape(waiting.text)
    client.sign_in(person)
    page = client.post("/sign-in/again", data={"kept": field(waiting.text, "kept")})
    assert unescape(field(page.text, "text")) == POEM


def test_a_stale_token_loses_nothing(app: Flask, client: Visitor, person: Person) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client.sign_in(person)
    page = client.post("/tried", data={"text": POEM, "csrf_token": "old"}, token=False)
    assert field(page.text, "text") == POEM
    sent = client.post("/tried", data={"text": POEM, "csrf_token": field(page.text, "csrf_token")})
    assert sent.json == {"text": [POEM], "reasons": []}


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}]
)
def test_a_form_from_another_site_is_not_offered_again(
    app: Flask, client: Visitor, person: Person, headers: dict[str, str]
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client.sign_in(person)
    answer = client.post("/tried", data={"text": "withdraw everything now please"}, headers=headers, token=False)
    assert answer.status_code == 400
    assert "withdraw everything" not in answer.text


def test_a_kept_form_of_somebody_elses_making_is_ignored(client: Visitor, session: Session, person: Person) -> None:
    confirmed(session, person)
    answer = client.post("/sign-in", data={"email": person.email, "password": PASSWORD, "kept": "forged.by.hand"})
    assert (answer.status_code, answer.location) == (303, "/")


def test_a_script_is_told_to_sign_in(client: Visitor) -> None:
    answer = client.post("/tried", data={"text": POEM}, headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert answer.json["code"] == "sign_in_needed"


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "evil.example",
        "http:/evil.example",
        "",
        None,
    ],
)
def test_nobody_is_led_to_another_site(address: str | None) -> None:
    assert access.safe_next(address) is None


@pytest.mark.parametrize("address", ["/", "/me", "/work/yor_Latn?kind=answer&x=%2F%2Fa", "/languages/ọ̀rọ̀"])
def test_a_page_of_ours_is_kept(address: str) -> None:
    assert access.safe_next(address) == address


def test_open_redirect_through_the_form(client: Visitor, session: Session, person: Person) -> None:
    confirmed(session, person)
    sent = {"email": person.email, "password": PASSWORD, "next": "//evil.example/x"}
    assert client.post("/sign-in", data=sent).location == "/"


def test_a_new_stamp_ends_the_session(client: Visitor, session: Session, person: Person) -> None:
    client.sign_in(person)
    assert client.get("/tried").status_code == 200
    person.stamp = new_stamp()
    session.commit()
    assert client.get("/tried").status_code == 303


def test_a_permission_on_a_route(client: Visitor, person: Person) -> None:
    client.sign_in(person)
    answer = client.get("/desk-of-somebody")
    assert answer.status_code == 403
