"""The outbox: a letter leaves with its transaction, is tried again, and is forgotten once sent."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.mail import actions
from annotator.mail.models import Letter
from annotator.mail.rules import LEASE, MOST_TRIES, wait_after
from tests.makers import a_person


def a_letter(session: Session, **changes: str) -> Letter:
    return actions.write(session, **{"address": "ade@example.org", "subject": "Hello", "body": "Text", **changes})  # type: ignore[arg-type]  # a test's own mix


def test_a_letter_leaves_with_its_transaction_or_not_at_all(session: Session) -> None:
    a_letter(session)
    session.rollback()
    assert actions.take_due(session) == []


def test_a_letter_to_a_person(session: Session) -> None:
    person = a_person(session)
    letter = actions.write(session, person=person, subject="Hello", body="Text")
    assert (letter.person_id, letter.address) == (person.id, person.email)
    assert session.info["wake"] == {"annotator.mail.jobs:send_due"}


def test_a_subject_cannot_begin_a_new_header(session: Session) -> None:
    assert a_letter(session, subject="Hello\r\nBcc: all@example.org").subject == "Hello Bcc: all@example.org"


def test_a_letter_needs_somebody(session: Session) -> None:
    with pytest.raises(ValueError, match="a person or an address"):
        a_letter(session, address="")


def test_a_taken_letter_is_left_alone_until_its_lease_is_over(session: Session) -> None:
    with time_machine.travel(clock.now(), tick=False) as now:
        letter = a_letter(session)
        assert actions.take_due(session) == [letter]
        assert actions.take_due(session) == []
        now.shift(LEASE)
        assert actions.take_due(session) == [letter]


def test_what_was_sent_is_forgotten(session: Session) -> None:
    letter = a_letter(session, body="a secret link")
    actions.sent(letter)
    session.flush()
    assert (letter.subject, letter.body) == ("", "")
    assert actions.take_due(session) == []


def test_a_failure_waits_longer_each_time_and_ends(session: Session) -> None:
    with time_machine.travel(clock.now(), tick=False) as now:
        letter = a_letter(session)
        for tries in range(1, MOST_TRIES + 1):
            assert actions.take_due(session) == [letter]
            actions.failed(letter, "the server is away")
            assert letter.tries == tries
            now.shift(wait_after(tries) - timedelta(seconds=1))
            assert actions.take_due(session) == []
            now.shift(timedelta(seconds=1))
        assert actions.take_due(session) == []
        now.shift(timedelta(days=31))
        assert actions.forget_old(session) == 1
        assert session.scalars(select(Letter)).all() == []


def test_letters_that_wait_are_not_forgotten(session: Session) -> None:
    with time_machine.travel(clock.now(), tick=False) as now:
        letter = a_letter(session)
        now.shift(timedelta(days=31))
        assert actions.forget_old(session) == 0
        assert actions.take_due(session) == [letter]


def test_waits() -> None:
    waits = [wait_after(tries) for tries in range(1, 8)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(minutes=1), timedelta(hours=6))
