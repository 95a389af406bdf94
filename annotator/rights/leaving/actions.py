"""Ask to leave, and undo it; ``carrying_out`` does it when the time to undo is over."""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts import queries as accounts
from annotator.accounts import rules as account_rules
from annotator.accounts import tokens
from annotator.accounts.models import Person, Role
from annotator.audit import actions as audit
from annotator.database import new_public_id
from annotator.errors import Conflict, Invalid
from annotator.languages.models import AmbassadorTerm
from annotator.ledger import actions as ledger
from annotator.permissions import Actor, Permission, permit
from annotator.rights import actions as rights
from annotator.rights import suspending
from annotator.rights.leaving import codes, queries
from annotator.rights.models import Departure, Withdrawal
from annotator.settings import RightsPolicy

MANNERS = ("take", "unnamed", "named")


@dataclass(frozen=True)
class Asked:
    """A departure, and the claim code of texts that stay, which nobody can read again."""

    departure: Departure
    code: str | None


def ask(
    session: Session,
    *,
    actor: Actor,
    person: Person,
    manner: str | None,
    policy: RightsPolicy = RightsPolicy(),  # noqa: B008  # frozen
) -> Asked:
    """Leave, with what becomes of the texts: ``take`` them along, leave them ``unnamed``, or ``named`` as they are.

    From this transaction on every session, token and role is over; until ``undo_until`` signing in can undo it. Whoever
    has no texts need not say a manner. Raises Forbidden; Invalid ``manner_missing``; Conflict ``leaving_already``,
    ``last_maintainer``.
    """
    permit(actor, Permission.ACCOUNT_LEAVE, owner_id=person.id)
    ledger.queue_up(session)
    session.refresh(person, with_for_update=True)
    if person.leaving_at is not None or person.left_at is not None:
        raise Conflict("leaving_already")
    behind = queries.belongings(session, person)
    if behind.any and manner not in MANNERS:
        raise Invalid("manner_missing")
    manner = (manner or "take") if behind.any else "take"
    if manner == "named" and not behind.credited:
        manner = "unnamed"
    now = clock.now()
    _end_roles(session, person)
    withdrawal, code = None, None
    if manner == "take" and behind.any:
        withdrawal = rights.withdraw(session, actor=actor, person=person, policy=policy)
    else:
        suspending.drop_unfinished(session, person, None)
    if manner != "take":
        code = codes.new()
    departure = Departure(
        person_id=person.id,
        manner=manner,
        asked_at=now,
        undo_until=now + policy.undo,
        withdrawal_id=withdrawal.id if withdrawal is not None else None,
        code_sha256=codes.sha256_of(code) if code is not None else None,
        # Credit that stays is counted under the same id as before.
        stand_in={"take": None, "unnamed": new_public_id(), "named": person.public_id}[manner],
    )
    session.add(departure)
    person.leaving_at = now
    person.stamp = account_rules.new_stamp()
    tokens.revoke_all(session, person=person)
    session.flush()
    ledger.append(session, type="person.leaving", person_id=person.id, payload={"manner": manner})
    audit.record(session, actor=actor, action="person.leaving", object_kind="person", object_id=person.id, how=manner)
    session.info.setdefault("wake", set()).add(rights.TIDY)
    return Asked(departure, code)


def _end_roles(session: Session, person: Person) -> None:
    """End roles and terms at once: what they showed is shown no longer. An undo does not bring them back."""
    now = clock.now()
    if accounts.is_maintainer(session, person.id):
        if accounts.count_of_role(session, "maintainer") == 1:
            raise Conflict("last_maintainer")
        session.execute(
            update(Role).where(Role.person_id == person.id, Role.revoked_at.is_(None)).values(revoked_at=now)
        )
        ledger.append(
            session, type="role.revoked", payload={"role": "maintainer", "by": "leaving"}, person_id=person.id
        )
    standing = select(AmbassadorTerm).where(AmbassadorTerm.person_id == person.id, AmbassadorTerm.retired_at.is_(None))
    for term in session.scalars(standing.where(AmbassadorTerm.ends_at > now)):
        term.retired_at = now
        ledger.append(
            session,
            type="role.revoked",
            payload={"role": "ambassador", "language": term.language.code, "by": "leaving"},
            person_id=person.id,
        )
    session.flush()


def undo(session: Session, *, actor: Actor, person: Person) -> Departure:
    """Stay after all: texts and grants are as before; roles, tokens and unfinished work stay gone.

    Raises Forbidden; Conflict ``not_leaving``, ``undo_over``.
    """
    permit(actor, Permission.ACCOUNT_LEAVE, owner_id=person.id)
    ledger.queue_up(session)
    session.refresh(person, with_for_update=True)
    departure = queries.open_departure(session, person)
    if departure is None:
        raise Conflict("not_leaving")
    if clock.now() >= departure.undo_until:
        raise Conflict("undo_over")
    withdrawal = session.get(Withdrawal, departure.withdrawal_id) if departure.withdrawal_id is not None else None
    if withdrawal is not None and withdrawal.state != "undone":
        rights.undo(session, actor=actor, withdrawal=withdrawal)
    departure.undone_at = clock.now()
    person.leaving_at = None
    session.flush()
    ledger.append(session, type="person.stayed", person_id=person.id, payload={"departure": departure.public_id})
    audit.record(session, actor=actor, action="person.stayed", object_kind="person", object_id=person.id)
    session.info.setdefault("wake", set()).add(rights.TIDY)
    return departure
