"""Tokens: made once, shown once, ended; and the page of one's own."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts import actions, tokens
from annotator.accounts.models import Person, Token
from annotator.audit.models import AuditEvent
from annotator.errors import Conflict, Forbidden, Invalid, NotFound
from annotator.languages import queries as languages
from annotator.mail.models import Letter
from annotator.permissions import OPERATOR, Actor, Scope
from tests.makers import a_language, a_maintainer, a_person, a_term
from tests.pages import Visitor
from tests.script import Script


def me(person: Person) -> Actor:
    return Actor(person_id=person.id)


def made(session: Session, person: Person, **changes: object) -> tuple[Token, str]:
    facts = {"name": "a script", "scopes": ["read"], **changes}
    return tokens.make(session, actor=me(person), person=person, **facts)  # type: ignore[arg-type]  # a test's own words


def test_only_a_hash_is_kept(session: Session) -> None:
    token, secret = made(session, a_person(session))
    assert re.fullmatch(r"ann_[A-Za-z0-9_-]{43}", secret)
    assert secret not in str(vars(token))
    assert token.sha256 == tokens.sha256_of(secret)
    assert made(session, token.person)[1] != secret


def test_a_token_names_its_person_with_the_roles_of_the_moment(session: Session) -> None:
    person = a_maintainer(session)
    here, there, over = (a_language(session, code) for code in ("yor_Latn", "hau_Latn", "arb_Arab"))
    a_term(session, person, here)
    a_term(session, person, there)
    a_term(session, person, over, retired_at=clock.now())
    _token, secret = made(session, person, scopes=["work", "read"])
    holder = languages.holder_of(session, secret)
    assert holder is not None
    assert holder.actor == languages.actor_for(session, person)
    assert holder.actor.ambassador_of == {here.id, there.id}
    assert holder.scopes == {"read", "work"}
    plain = languages.holder_of(session, made(session, a_person(session))[1])
    assert plain is not None
    assert (plain.actor.maintainer, plain.actor.ambassador_of) == (False, frozenset())


def test_what_it_lasts(session: Session) -> None:
    person = a_person(session)
    a_year, for_ever, a_day = (made(session, person, **more)[1] for more in ({}, {"days": None}, {"days": 1}))
    with time_machine.travel(clock.now() + timedelta(days=2)):
        assert languages.holder_of(session, a_day) is None
        assert languages.holder_of(session, a_year) is not None
        assert len(tokens.standing_of(session, person.id)) == 2
    with time_machine.travel(clock.now() + timedelta(days=366)):
        assert languages.holder_of(session, a_year) is None
        assert languages.holder_of(session, for_ever) is not None


def test_revoking_ends_it_at_once(session: Session) -> None:
    person = a_person(session)
    token, secret = made(session, person)
    kept = made(session, person)[1]
    tokens.revoke(session, actor=me(person), token=token)
    when = token.revoked_at
    tokens.revoke(session, actor=me(person), token=token)
    assert token.revoked_at == when
    assert languages.holder_of(session, secret) is None
    assert languages.holder_of(session, kept) is not None
    said = session.scalars(select(AuditEvent.action).where(AuditEvent.object_kind == "token")).all()
    assert sorted(said) == ["accounts.make_token", "accounts.make_token", "accounts.revoke_token"]


@pytest.mark.parametrize("by", ["a new password", "signing out everywhere"])
def test_what_ends_every_session_ends_every_token(session: Session, by: str) -> None:
    person, other = a_person(session), a_person(session)
    secret, untouched = made(session, person)[1], made(session, other)[1]
    if by == "a new password":
        actions.set_password(session, actor=me(person), person=person, password="seven green bicycles")
    else:
        actions.end_sessions(session, actor=me(person), person=person)
    assert languages.holder_of(session, secret) is None
    assert languages.holder_of(session, untouched) is not None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "  "}, "token_name_missing"),
        ({"name": "x" * 61}, "token_name_long"),
        ({"scopes": []}, "token_scopes_missing"),
        ({"scopes": ["read", "everything"]}, "token_scope_unknown"),
        ({"days": 0}, "token_days_wrong"),
        ({"days": 3651}, "token_days_wrong"),
    ],
)
def test_what_a_token_cannot_be(session: Session, changes: dict[str, object], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        made(session, a_person(session), **changes)
    assert refused.value.code == code


def test_nobody_has_too_many(session: Session) -> None:
    person = a_person(session)
    first, *_others = [made(session, person)[0] for _ in range(20)]
    with pytest.raises(Conflict) as refused:
        made(session, person)
    assert refused.value.code == "token_too_many"
    tokens.revoke(session, actor=me(person), token=first)
    made(session, person)
    made(session, a_person(session))


def test_a_token_is_its_persons_and_the_operators(session: Session) -> None:
    person, other = a_person(session), a_maintainer(session)
    token, _secret = tokens.make(session, actor=OPERATOR, person=person, name="x", scopes=list(Scope))
    for attempt in (
        lambda: tokens.make(session, actor=me(other), person=person, name="x", scopes=["read"]),
        lambda: tokens.revoke(session, actor=me(other), token=token),
    ):
        with pytest.raises(Forbidden):
            attempt()
    with pytest.raises(NotFound):
        tokens.the_token(session, token.id, person_id=other.id)


def test_the_page_shows_a_new_token_once(client: Visitor, session: Session) -> None:
    person = a_person(session)
    client.sign_in(person)
    page = client.visit("/me/tokens")
    assert "You have no tokens" in page.text
    sent = {"name": "laptop", "scopes": ["read", "work"], "days": "30"}
    page = client.send(page.form(button="Make the token"), sent)
    found = re.search(r"ann_[A-Za-z0-9_-]{43}", page.source)
    assert found
    token = tokens.standing_of(session, person.id)[0]
    assert (token.name, token.scopes) == ("laptop", ["read", "work"])
    assert token.expires_at is not None
    assert timedelta(days=29) < token.expires_at - clock.now() < timedelta(days=31)
    again = client.visit("/me/tokens")
    assert "ann_" not in again.source
    assert "laptop" in again.text
    Script(client, found[0]).get("/openapi.json", status=200)
    letter = session.scalars(select(Letter)).one()
    assert "laptop" in letter.body
    assert "ann_" not in letter.body


def test_the_page_is_not_kept_by_a_cache(client: Visitor, session: Session) -> None:
    client.sign_in(a_person(session))
    assert client.get("/me/tokens").headers["Cache-Control"] == "no-store"


def test_the_page_says_what_is_missing(client: Visitor, session: Session) -> None:
    person = a_person(session)
    client.sign_in(person)
    form = client.visit("/me/tokens").form(button="Make the token")
    assert "what it is for" in client.send(form, {"name": ""}, status=422).text
    page = client.send(form, {"name": "x" * 61, "scopes": ["read"], "days": "30"}, status=422)
    assert "at most 60 characters" in page.text
    assert tokens.standing_of(session, person.id) == []


def test_revoking_on_the_page(client: Visitor, session: Session) -> None:
    person, stranger = a_person(session), a_person(session)
    token, _secret = made(session, person)
    client.sign_in(stranger)
    assert client.post(f"/me/tokens/{token.id}/revoke").status_code == 404
    client.sign_in(person)
    page = client.visit("/me/tokens")
    page = client.send(page.form(f"/me/tokens/{token.id}/revoke"))
    assert "Revoked" in page.text
    assert tokens.standing_of(session, person.id) == []


def test_a_visitor_signs_in_first(client: Visitor) -> None:
    assert client.get("/me/tokens").status_code == 303
