"""A minor was found: everything of theirs goes at once, and cannot be undone (rights-model §2.8)."""

from datetime import datetime

from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts import rules as accounts
from annotator.accounts import tokens
from annotator.accounts.models import Person
from annotator.audit import actions as audit
from annotator.errors import Conflict
from annotator.ledger import actions as ledger
from annotator.permissions import Actor, Permission, permit
from annotator.rights import actions as rights
from annotator.rights import queries, rules, suspending
from annotator.rights.leaving.queries import open_departure
from annotator.rights.models import Departure, Withdrawal
from annotator.rights.queries import Reach
from annotator.settings import RightsPolicy

# Carries departures out; this one can be carried out at once.
LEAVE = "annotator.rights.leaving.jobs:leave_due"


def purge(
    session: Session,
    *,
    actor: Actor,
    person: Person,
    policy: RightsPolicy = RightsPolicy(),  # noqa: B008  # frozen
) -> Withdrawal | None:
    """Take out everything that a minor wrote, and their account; None where there was no text.

    Suspended now; jobs erase the words and the account, and take the releases down, without any time to undo.
    Raises Forbidden; Conflict ``purge_maintainer`` (take the role away first), ``left_already``.
    """
    permit(actor, Permission.RIGHTS_DECIDE)
    ledger.queue_up(session)
    session.refresh(person, with_for_update=True)
    if person.left_at is not None:
        raise Conflict("left_already")
    if any(role.revoked_at is None for role in person.roles):
        raise Conflict("purge_maintainer")
    now = clock.now()
    _hurry(session, person, now, policy)
    found = queries.reach(session, person, annotation=None, language=None)
    taken = _take(session, actor, person, found, policy) if found.annotations or found.edits else None
    suspending.drop_unfinished(session, person, None)
    before = open_departure(session, person)
    if before is not None:  # they were leaving already: now nothing of it can be undone
        before.manner, before.undo_until, before.code_sha256, before.stand_in = "take", now, None, None
        before.withdrawal_id = taken.id if taken is not None else before.withdrawal_id
    else:
        withdrawal_id = taken.id if taken is not None else None
        session.add(
            Departure(person_id=person.id, manner="take", asked_at=now, undo_until=now, withdrawal_id=withdrawal_id)
        )
    person.leaving_at, person.stamp, person.password_hash = now, accounts.new_stamp(), None
    tokens.revoke_all(session, person=person)
    ledger.append(session, type="person.purged", person_id=person.id, payload={"cause": "minor"})
    audit.record(session, actor=actor, action="person.purged", object_kind="person", object_id=person.id)
    session.info.setdefault("wake", set()).update({LEAVE, rights.TIDY})
    session.flush()
    return taken


def _hurry(session: Session, person: Person, now: datetime, policy: RightsPolicy) -> None:
    """Let what they had taken back themselves, or others had taken out, wait for nothing any more."""
    for one in queries.withdrawals_of(session, person.id):
        if one.closed_at is None:  # neither done nor undone
            one.cause, one.undo_until = "minor", min(one.undo_until, now)
            one.due_at = min(one.due_at, rules.due_at(now, policy))


def _take(session: Session, actor: Actor, person: Person, found: Reach, policy: RightsPolicy) -> Withdrawal:
    return rights.take(
        session, actor=actor, reach=found, policy=policy, person_id=person.id, scope="everything", cause="minor"
    )
