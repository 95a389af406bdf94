"""Addresses, handles, passwords and links."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from annotator.accounts import rules
from annotator.accounts.models import Person
from annotator.accounts.rules import Purpose
from annotator.errors import Invalid

SECRET = "a secret of this test"  # so it says
START = datetime(2026, 5, 1, 12, tzinfo=UTC)


def somebody() -> Person:
    return Person(public_id="6b1f0c62-0000-4000-8000-000000000001", stamp="a stamp")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  Ade@Example.ORG ", "ade@example.org"),
        ("ade+tag@example.org", "ade+tag@example.org"),
        ("ọlá@example.org", "ọlá@example.org"),
    ],
)
def test_an_address_has_one_form(typed: str, stored: str) -> None:
    assert rules.clean_email(typed) == stored


@pytest.mark.parametrize(
    "typed", ["", "ade", "ade@", "@example.org", "a b@example.org", "a@b@c.org", "a@x\nBcc: b@y.org"]
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.clean_email(typed)
    assert refused.value.code == "email_invalid"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Ade_W", "ade_w"),
        (" àbíkẹ́ ", "àbíkẹ́"),
        ("أمل", "أمل"),
        ("नमिता", "नमिता"),
        ("\uff21\uff44\uff45", "ade"),
        ("42nd", "42nd"),
    ],
)
def test_a_handle_may_be_of_any_script(typed: str, stored: str) -> None:
    assert rules.clean_handle(typed) == stored


@pytest.mark.parametrize("typed", ["", "a", "x" * 41, "ade w", "_ade", "ade<b>", "ade/../x", "a\u200bde", "ade\u202e"])
def test_a_handle_that_could_deceive_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.clean_handle(typed)
    assert refused.value.code == "handle_invalid"


def test_look_alikes_are_not_mixed() -> None:
    with pytest.raises(Invalid) as refused:
        rules.clean_handle("аde")  # noqa: RUF001  # the first letter is Cyrillic, which is the point
    assert refused.value.code == "handle_mixed"


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("too short", "password_short"),
        ("x" * 201, "password_long"),
        ("aaaaabbbbb", "password_weak"),
        ("ade@example.org", "password_weak"),
        ("ADE_OF_IBADAN", "password_weak"),
    ],
)
def test_passwords_that_are_guessed_first(password: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.check_password(password, email="ade@example.org", handle="ade_of_ibadan")
    assert refused.value.code == code


def test_a_password_fits_only_itself_however_the_keyboard_sends_it() -> None:
    hashed = rules.hash_password("ọ̀rọ̀ aṣínà mi")
    assert hashed.startswith("$argon2id$")
    assert rules.password_fits("o\u0323\u0300ro\u0323\u0300 as\u0323i\u0301na\u0300 mi", hashed)
    assert not rules.password_fits("oro asina mi", hashed)
    assert not rules.password_fits("anything at all", None)


def test_a_link_says_who_it_is_for() -> None:
    person = somebody()
    link = rules.read_link(SECRET, Purpose.SIGN_IN, rules.sign_link(SECRET, Purpose.SIGN_IN, person))
    assert (link.public_id, link.stamp) == (person.public_id, person.stamp)


def test_two_links_differ() -> None:
    person = somebody()
    assert rules.sign_link(SECRET, Purpose.RESET, person) != rules.sign_link(SECRET, Purpose.RESET, person)


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_link_lives_as_long_as_it_says(purpose: Purpose) -> None:
    with time_machine.travel(START, tick=False) as clock:
        token = rules.sign_link(SECRET, purpose, somebody())
        clock.shift(rules.LIFE[purpose])
        rules.read_link(SECRET, purpose, token)
        clock.shift(timedelta(seconds=1))
        with pytest.raises(Invalid, match="link_dead"):
            rules.read_link(SECRET, purpose, token)


@pytest.mark.parametrize(("made_for", "used_for"), [(Purpose.SIGN_IN, Purpose.RESET), (Purpose.JOIN, Purpose.SIGN_IN)])
def test_a_link_is_for_one_purpose(made_for: Purpose, used_for: Purpose) -> None:
    token = rules.sign_link(SECRET, made_for, somebody())
    with pytest.raises(Invalid, match="link_dead"):
        rules.read_link(SECRET, used_for, token)


def test_a_changed_link_is_dead() -> None:
    token = rules.sign_link(SECRET, Purpose.RESET, somebody())
    # Not the last letter: two of its bits are padding, so several letters there stand for the same signature.
    changed = token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]
    for forged in (changed, "x" + token, "", "…"):
        with pytest.raises(Invalid, match="link_dead"):
            rules.read_link(SECRET, Purpose.RESET, forged)
    with pytest.raises(Invalid, match="link_dead"):
        rules.read_link("another secret", Purpose.RESET, token)


@pytest.mark.parametrize("typed", ["admin\ufe0f", "ad\u034fmin", "admin\u115f", "\u3164admin"])
def test_a_handle_with_a_letter_that_shows_nothing_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.clean_handle(typed)
    assert refused.value.code == "handle_invalid"


def test_handles_that_look_the_same_are_the_same() -> None:
    # Two ways to write one Greek letter, which lower case would else leave apart.
    assert rules.clean_handle("\u03aa\u0301\u03b1") == rules.clean_handle("\u0390\u03b1")
