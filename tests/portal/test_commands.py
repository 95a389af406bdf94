"""`annotator people`."""

import json

from sqlalchemy.orm import Session

from annotator.accounts import queries as accounts
from annotator.accounts.rules import password_fits
from annotator.languages import queries as languages
from tests.conftest import Runner
from tests.makers import a_language


def test_adding_somebody_with_languages_and_a_role(runner: Runner, session: Session) -> None:
    a_language(session, "yor_Latn")
    a_language(session, "arb_Arab")
    said = runner(
        *("people", "add", "Ade@Example.org", "--name", "Ade", "--languages", "yor_Latn,arb_Arab"),
        *("--reviews", "yor_Latn", "--role", "maintainer", "--password", "--json"),
    )
    facts = json.loads(said.stdout)
    assert facts["languages"] == ["arb_Arab", "yor_Latn"]
    assert facts["roles"] == ["maintainer"]
    person = accounts.the_person(session, "ade@example.org")
    assert person.email_confirmed_at is not None
    assert password_fits(facts["password"], person.password_hash)
    spoken = {
        one.language.code: (one.writes, one.reviews, one.level) for one in languages.spoken_by(session, person.id)
    }
    assert spoken == {"yor_Latn": (True, True, "native"), "arb_Arab": (True, False, "native")}


def test_without_a_password_none_is_made(runner: Runner, session: Session) -> None:
    said = runner("people", "add", "ade@example.org", "--name", "ade")
    assert said.stdout == "Added ade <ade@example.org>.\n"
    assert accounts.the_person(session, "ade@example.org").password_hash is None


def test_a_refusal_is_one_sentence_and_adds_nobody(runner: Runner, session: Session) -> None:
    a_language(session, "yor_Latn")
    for arguments, words in (
        (["not an address", "--name", "ade"], "is not an e-mail address"),
        (["a@example.org", "--name", "a b"], "cannot be a handle"),
        (["a@example.org", "--name", "ade", "--languages", "xxx_Latn"], "xxx_Latn"),
        (["a@example.org", "--name", "ade", "--role", "king"], "There is no role “king”"),
    ):
        said = runner("people", "add", *arguments, code=1)
        assert words in said.stderr
        assert len(said.stderr.strip().splitlines()) == 1
        assert said.stdout == ""
    assert accounts.everybody(session) == []


def test_an_address_is_added_once(runner: Runner) -> None:
    runner("people", "add", "ade@example.org", "--name", "ade")
    assert "already" in runner("people", "add", "ADE@example.org", "--name", "other", code=1).stderr


def test_listing(runner: Runner) -> None:
    assert "Nobody yet" in runner("people", "list").stdout
    runner("people", "add", "ade@example.org", "--name", "ade", "--role", "maintainer")
    assert runner("people", "list").stdout == "ade  <ade@example.org>  maintainer\n"
    assert json.loads(runner("people", "list", "--json").stdout)[0]["handle"] == "ade"


def test_a_token_is_printed_once_and_works(runner: Runner, session: Session) -> None:
    runner("people", "add", "ade@example.org", "--name", "ade")
    said = runner("people", "token", "Ade@example.org")
    assert said.stderr == ""
    secret = said.stdout.strip()
    holder = languages.holder_of(session, secret)
    assert holder is not None
    assert holder.actor.person_id == accounts.the_person(session, "ade@example.org").id
    assert holder.scopes == {"read", "work", "review", "rights"}
    narrow = ("--name", "reader", "--scopes", "read", "--days", "0", "--json")
    facts = json.loads(runner("people", "token", "ade@example.org", *narrow).stdout)
    assert (facts["name"], facts["scopes"], facts["expires_at"]) == ("reader", ["read"], None)
    assert languages.holder_of(session, facts["token"]) is not None


def test_a_token_that_cannot_be_made(runner: Runner) -> None:
    runner("people", "add", "ade@example.org", "--name", "ade")
    assert "no account" in runner("people", "token", "nobody@example.org", code=1).stderr
    assert "There is no scope “all”" in runner("people", "token", "ade@example.org", "--scopes", "all", code=1).stderr
    runner("people", "token", "ade@example.org", "--days", "-1", code=2)
