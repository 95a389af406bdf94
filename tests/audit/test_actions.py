"""The log of daily work: who, what, on what, when; in the caller's transaction or not at all."""

from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator.audit import actions
from annotator.audit.models import AuditEvent
from annotator.permissions import OPERATOR, VISITOR, Actor


@pytest.mark.parametrize(
    ("actor", "name"), [(OPERATOR, "operator"), (VISITOR, "visitor"), (Actor(person_id=7, maintainer=True), "person:7")]
)
def test_it_says_who_did_what_to_what_and_when(session: Session, actor: Actor, name: str) -> None:
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with time_machine.travel(moment, tick=False):
        actions.record(
            session, actor=actor, action="thing.done", object_kind="thing", object_id=3, count=2, codes=["a"]
        )
    session.flush()
    event = session.scalars(select(AuditEvent)).one()
    assert (event.actor, event.action, event.object_kind, event.object_id) == (name, "thing.done", "thing", 3)
    assert event.facts == {"count": 2, "codes": ["a"]}
    assert event.at == moment


def test_it_goes_with_the_transaction(session: Session) -> None:
    actions.record(session, actor=OPERATOR, action="thing.done", object_kind="thing", object_id=None)
    session.flush()
    session.rollback()
    assert session.scalars(select(AuditEvent)).all() == []
