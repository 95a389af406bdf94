"""Signing in and out, by password and by letter, and what no answer may give away."""

import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts import rules
from annotator.accounts.models import Person
from annotator.mail.models import Letter
from tests.makers import a_person
from tests.pages import Visitor

PASSWORD = "seven green bicycles"  # a test's own


@pytest.fixture
def person(session: Session) -> Person:
    """Somebody with a confirmed address and a password."""
    return a_person(
        session,
        email="ade@example.org",
        handle="ade",
        password_hash=rules.hash_password(PASSWORD),
        email_confirmed_at=clock.now(),
    )


def the_link(session: Session) -> str:
    """Return the path of the link in the only letter, and throw the letter away."""
    letter = session.scalars(select(Letter)).one()
    found = re.search(r"http://\S+", letter.body)
    assert found
    session.delete(letter)
    parts = urlsplit(found[0])
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def is_signed_in(client: Visitor) -> bool:
    return client.get("/me").status_code == 200  # OK


@pytest.mark.usefixtures("person")
def test_sign_in_and_out(client: Visitor) -> None:
    home = client.send(client.visit("/sign-in").form(button="Sign in"), email="ADE@example.org", password=PASSWORD)
    assert home.path == "/"
    assert is_signed_in(client)
    assert "private" in client.get("/me").headers["Cache-Control"]
    client.send(client.visit("/me").form(button="Sign out"))
    assert not is_signed_in(client)


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client: Visitor, person: Person) -> None:
    pages = []
    for email in (person.email, "nobody@example.org"):
        form = client.visit("/sign-in").form(button="Sign in")
        page = client.send(form, status=422, email=email, password="wrong wrong wrong")
        assert page.one("input", id="email").get("value") == email, "what was typed stays"
        pages.append(re.sub(r'name="csrf_token" value="[^"]*"', "", page.source).replace(email, ""))
    assert pages[0] == pages[1]
    assert "do not fit together" in pages[0]
    assert not is_signed_in(client)


def test_an_unconfirmed_address_does_not_sign_in_by_password(client: Visitor, person: Person) -> None:
    person.email_confirmed_at = None
    form = client.visit("/sign-in").form(button="Sign in")
    client.send(form, status=422, email=person.email, password=PASSWORD)
    assert not is_signed_in(client)


def test_tries_run_out_in_every_process_at_once(client: Visitor, person: Person) -> None:
    for _ in range(rules.TRIES_PER_ADDRESS):
        client.post("/sign-in", data={"email": person.email, "password": "wrong wrong wrong"})
    page = client.send(
        client.visit("/sign-in").form(button="Sign in"), status=422, email=person.email, password=PASSWORD
    )
    assert "Too many tries. Wait 15 minutes" in page.text
    assert not is_signed_in(client)


def test_a_link_signs_in_once_and_leads_on(client: Visitor, session: Session, person: Person) -> None:
    asked = client.visit("/sign-in/link?next=/me")
    client.send(asked.form(), email=person.email)
    link = the_link(session)
    looked = client.visit(link)
    assert not is_signed_in(client), "opening a link does nothing yet: mail scanners open links too"
    arrived = client.send(looked.form(button="Sign in"))
    assert arrived.path == "/me"
    client.post("/sign-out")
    assert client.get(link).status_code == 422  # used
    assert client.post(link).status_code == 422
    assert not is_signed_in(client)


@pytest.mark.parametrize("path", ["/sign-in/link", "/password"])
def test_the_answer_does_not_say_whether_an_address_has_an_account(
    client: Visitor, session: Session, person: Person, path: str
) -> None:
    pages = [client.send(client.visit(path).form(), email=email).source for email in (person.email, "no@example.org")]
    assert pages[0].replace(person.email, "") == pages[1].replace("no@example.org", "")
    assert [letter.address for letter in session.scalars(select(Letter))] == [person.email]


def test_a_reset_sets_the_password_and_ends_other_sessions(client: Visitor, session: Session, person: Person) -> None:
    elsewhere = client.application.test_client()
    assert isinstance(elsewhere, Visitor)
    elsewhere.sign_in(person)
    client.send(client.visit("/password").form(), email=person.email)
    link = the_link(session)
    short = client.send(client.visit(link).form(), status=422, password="short")
    assert "at least 10 characters" in short.text
    client.send(short.form(button="Set the password"), password="eight blue bicycles")
    assert is_signed_in(client)
    assert not is_signed_in(elsewhere)
    assert client.get(link).status_code == 422  # used
    client.post("/sign-out")
    client.send(client.visit("/sign-in").form(button="Sign in"), email=person.email, password="eight blue bicycles")
    assert is_signed_in(client)


def test_changing_the_password_keeps_this_browser_and_ends_the_others(client: Visitor, person: Person) -> None:
    elsewhere = client.application.test_client()
    assert isinstance(elsewhere, Visitor)
    elsewhere.sign_in(person)
    client.sign_in(person)
    page = client.send(client.visit("/password/change").form(button="Set the password"), password="eight blue bicycles")
    assert page.path == "/me"
    assert is_signed_in(client)
    assert not is_signed_in(elsewhere)


def test_signing_out_everywhere(client: Visitor, person: Person) -> None:
    elsewhere = client.application.test_client()
    assert isinstance(elsewhere, Visitor)
    elsewhere.sign_in(person)
    client.sign_in(person)
    client.send(client.visit("/me").form(button="Sign out on every device"))
    assert not is_signed_in(client)
    assert not is_signed_in(elsewhere)


def test_letters_hold_links_to_the_public_address_whatever_the_host_header_says(
    client: Visitor, session: Session, person: Person
) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = False  # a token is bound to its host, and would hide the question
    client.post("/sign-in/link", data={"email": person.email}, headers={"Host": "evil.example"})
    body = unescape(session.scalars(select(Letter.body)).one())
    assert "evil.example" not in body
    assert "http://localhost/sign-in/sign-in/" in body


@pytest.mark.parametrize("path", ["/sign-in/join/nonsense", "/sign-in/reset/nonsense", "/password/nonsense"])
def test_a_dead_link_says_so(client: Visitor, path: str) -> None:
    assert "This link has been used or is too old" in client.visit(path, status=422).text


def test_whoever_is_signed_in_does_not_sign_in_again(client: Visitor, person: Person) -> None:
    client.sign_in(person)
    assert client.get("/sign-in?next=/me").location == "/me"
    assert client.get("/join").location == "/me"
