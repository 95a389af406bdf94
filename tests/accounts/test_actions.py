"""Joining, counting tries, links that work once, roles."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts import actions, queries, rules
from annotator.accounts.models import Attempt, Person
from annotator.accounts.rules import Purpose
from annotator.audit.models import AuditEvent
from annotator.errors import Conflict, DomainError, Forbidden, Invalid
from annotator.ledger.models import LedgerEntry
from annotator.permissions import OPERATOR, VISITOR, Actor
from tests.makers import a_person

SECRET = "a secret of this test"  # so it says
PASSWORD = "seven green bicycles"


def sign_up(session: Session, **changes: object) -> actions.Joined:
    asked: dict[str, object] = {"email": "ade@example.org", "handle": "ade", "password": PASSWORD, **changes}
    return actions.sign_up(session, actor=VISITOR, controller_is_known=True, **asked)  # type: ignore[arg-type]  # a test's own mix


def refusal(error: pytest.ExceptionInfo[DomainError]) -> str:
    return error.value.code


def test_sign_up_makes_an_account_that_waits_for_its_address(session: Session) -> None:
    joined = sign_up(session, email=" Ade@Example.org", handle="Ade")
    assert joined.new
    assert (joined.person.email, joined.person.handle) == ("ade@example.org", "ade")
    assert joined.person.email_confirmed_at is None
    assert joined.person.password_hash is not None
    assert PASSWORD not in joined.person.password_hash
    assert session.scalars(select(AuditEvent.action)).all() == ["accounts.sign_up"]


def test_nobody_joins_while_nobody_answers_for_the_data(session: Session) -> None:
    with pytest.raises(Forbidden) as error:
        actions.sign_up(session, actor=VISITOR, email="a@example.org", handle="ade", controller_is_known=False)
    assert refusal(error) == "sign_up_closed"
    assert queries.everybody(session) == []


def test_a_second_sign_up_changes_nothing_of_a_confirmed_account(session: Session) -> None:
    first = sign_up(session).person
    first.email_confirmed_at = clock.now()
    before = (first.handle, first.password_hash, first.stamp)
    again = sign_up(session, email="ADE@example.org", handle="thief", password="another long password")
    assert again.person is first
    assert not again.new
    assert (first.handle, first.password_hash, first.stamp) == before


def test_an_address_that_was_never_confirmed_starts_afresh(session: Session) -> None:
    first = sign_up(session, handle="squatter").person
    old_link = rules.sign_link(SECRET, Purpose.JOIN, first)
    again = sign_up(session, handle="ade", password=None)
    assert again.new
    assert again.person.id == first.id
    assert (again.person.handle, again.person.password_hash) == ("ade", None)
    with pytest.raises(Invalid, match="link_dead"):
        actions.find_by_link(session, secret=SECRET, purpose=Purpose.JOIN, token=old_link)


@pytest.mark.parametrize("handle", ["ade", "ADE", "\uff21de"])
def test_a_handle_belongs_to_one_person(session: Session, handle: str) -> None:
    sign_up(session)
    with pytest.raises(Conflict) as error:
        sign_up(session, email="other@example.org", handle=handle)
    assert refusal(error) == "handle_taken"


def test_only_stewards_add_people(session: Session) -> None:
    for actor in (VISITOR, Actor(person_id=1), Actor(person_id=1, ambassador_of=frozenset({1}))):
        with pytest.raises(Forbidden):
            actions.add(session, actor=actor, email="b@example.org", handle="bisi")
    person = actions.add(session, actor=OPERATOR, email="b@example.org", handle="bisi")
    assert person.email_confirmed_at is not None
    assert person.password_hash is None


def test_an_address_is_added_once(session: Session) -> None:
    actions.add(session, actor=OPERATOR, email="b@example.org", handle="bisi")
    with pytest.raises(Conflict) as error:
        actions.add(session, actor=OPERATOR, email="B@EXAMPLE.ORG", handle="another")
    assert refusal(error) == "email_taken"


def test_tries_are_counted_and_then_refused_until_time_has_passed(session: Session) -> None:
    person = a_person(session, email="ade@example.org")
    with time_machine.travel(clock.now(), tick=False) as now:
        for _ in range(rules.TRIES_PER_ADDRESS):
            assert actions.begin_sign_in(session, email="Ade@example.org", place="10.0.0.1") is person
        with pytest.raises(Forbidden) as error:
            actions.begin_sign_in(session, email="ade@example.org", place="10.9.9.9")
        assert refusal(error) == "too_many_tries"
        assert actions.begin_sign_in(session, email="somebody.else@example.org", place="10.0.0.1") is None
        now.shift(rules.TRIES_WITHIN + timedelta(seconds=1))
        assert actions.begin_sign_in(session, email="ade@example.org", place="10.0.0.1") is person


def test_one_place_cannot_try_many_addresses(session: Session) -> None:
    for number in range(rules.TRIES_PER_PLACE):
        actions.begin_sign_in(session, email=f"person{number}@example.org", place="10.0.0.1")
    with pytest.raises(Forbidden):
        actions.begin_sign_in(session, email="one.more@example.org", place="10.0.0.1")
    actions.begin_sign_in(session, email="one.more@example.org", place="10.0.0.2")


def test_what_is_counted_names_nobody(session: Session) -> None:
    actions.begin_sign_in(session, email="ade@example.org", place="10.0.0.1")
    keys = session.scalars(select(Attempt.key)).all()
    assert len(keys) == 2  # the address and the place
    assert not [key for key in keys if "ade" in key or "10.0" in key]


def test_a_successful_sign_in_forgets_the_slips_before_it(session: Session) -> None:
    person = a_person(session, email="ade@example.org")
    for _ in range(rules.TRIES_PER_ADDRESS - 1):
        actions.begin_sign_in(session, email=person.email, place="10.0.0.1")
    actions.signed_in(session, person=person, email="ADE@example.org")
    for _ in range(rules.TRIES_PER_ADDRESS):
        actions.begin_sign_in(session, email=person.email, place="10.0.0.1")


def test_a_mailbox_cannot_be_flooded(session: Session) -> None:
    with time_machine.travel(clock.now(), tick=False) as now:
        allowed = [actions.may_write_to(session, email="ade@example.org") for _ in range(8)]
        assert allowed == [True] * rules.LETTERS_PER_ADDRESS + [False] * 3
        assert actions.may_write_to(session, email="bisi@example.org")
        now.shift(rules.LETTERS_WITHIN + timedelta(seconds=1))
        assert actions.may_write_to(session, email="ade@example.org")


def use(
    session: Session, person: Person, purpose: Purpose, token: str, joined_here: str | None = None
) -> actions.UsedLink:
    used = actions.use_link(session, secret=SECRET, purpose=purpose, token=token, joined_here=joined_here)
    assert used.person.id == person.id
    return used


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_link_works_once_and_confirms_the_address(session: Session, purpose: Purpose) -> None:
    person = a_person(session)
    token = rules.sign_link(SECRET, purpose, person)
    actions.find_by_link(session, secret=SECRET, purpose=purpose, token=token)
    stamp = person.stamp
    use(session, person, purpose, token)
    assert person.email_confirmed_at is not None
    assert person.stamp == stamp, "a sign-in elsewhere does not end this session"
    for look in (actions.find_by_link, lambda s, **link: actions.use_link(s, joined_here=None, **link)):
        with pytest.raises(Invalid, match="link_dead"):
            look(session, secret=SECRET, purpose=purpose, token=token)


def test_links_made_before_a_new_password_are_dead(session: Session) -> None:
    person = a_person(session)
    token = rules.sign_link(SECRET, Purpose.SIGN_IN, person)
    actions.set_password(session, actor=Actor(person_id=person.id), person=person, password=PASSWORD)
    with pytest.raises(Invalid, match="link_dead"):
        actions.find_by_link(session, secret=SECRET, purpose=Purpose.SIGN_IN, token=token)


@pytest.mark.parametrize(("joined_here", "kept"), [("this browser", True), ("another browser", False), (None, False)])
def test_a_password_counts_only_where_the_letter_is_read(
    session: Session, joined_here: str | None, *, kept: bool
) -> None:
    person = sign_up(session).person
    here = person.public_id if joined_here == "this browser" else joined_here
    used = use(session, person, Purpose.JOIN, rules.sign_link(SECRET, Purpose.JOIN, person), here)
    assert (person.password_hash is not None) is kept
    assert used.password_dropped is not kept


def test_a_confirmed_persons_password_stays_when_they_sign_in_by_letter(session: Session) -> None:
    person = a_person(session, password_hash="a hash", email_confirmed_at=clock.now())
    use(session, person, Purpose.SIGN_IN, rules.sign_link(SECRET, Purpose.SIGN_IN, person))
    assert person.password_hash == "a hash"


def test_only_oneself_changes_ones_password_and_handle(session: Session) -> None:
    person, other = a_person(session), a_person(session)
    for actor in (VISITOR, Actor(person_id=other.id), Actor(person_id=other.id, maintainer=True)):
        with pytest.raises(Forbidden):
            actions.set_password(session, actor=actor, person=person, password=PASSWORD)
        with pytest.raises(Forbidden):
            actions.change_handle(session, actor=actor, person=person, handle="other")
        with pytest.raises(Forbidden):
            actions.end_sessions(session, actor=actor, person=person)


def test_a_role_is_given_and_taken_back_and_the_ledger_says_so(session: Session) -> None:
    person, other = a_person(session), a_person(session)
    actions.grant_role(session, actor=OPERATOR, person=other, role="maintainer")
    actions.grant_role(session, actor=OPERATOR, person=person, role="maintainer")
    actions.grant_role(session, actor=OPERATOR, person=person, role="maintainer")
    assert queries.is_maintainer(session, person.id)
    actions.revoke_role(session, actor=OPERATOR, person=person, role="maintainer")
    assert not queries.is_maintainer(session, person.id)
    assert session.scalars(select(LedgerEntry.type).order_by(LedgerEntry.seq)).all() == [
        "role.granted",
        "role.granted",
        "role.revoked",
    ]
    with pytest.raises(Conflict) as error:
        actions.revoke_role(session, actor=OPERATOR, person=person, role="maintainer")
    assert refusal(error) == "role_not_held"
    with pytest.raises(Conflict) as error:
        actions.revoke_role(session, actor=OPERATOR, person=other, role="maintainer")
    assert refusal(error) == "last_maintainer"


def test_an_unknown_role_is_refused(session: Session) -> None:
    with pytest.raises(Invalid) as error:
        actions.grant_role(session, actor=OPERATOR, person=a_person(session), role="king")
    assert refusal(error) == "role_unknown"


def test_old_tries_are_forgotten(session: Session) -> None:
    with time_machine.travel(clock.now(), tick=False) as now:
        actions.may_write_to(session, email="ade@example.org")
        now.shift(rules.ATTEMPTS_KEPT + timedelta(minutes=1))
        actions.may_write_to(session, email="bisi@example.org")
        assert actions.forget_attempts(session) == 1
        assert len(session.scalars(select(Attempt)).all()) == 1
