"""Legal holds: an authority's order stops erasing, never suspending; two people, for a while, counted in public (§2.8)."""

from datetime import UTC, date, datetime, time

from sqlalchemy.orm import Session

from annotator import clock
from annotator.audit import actions as audit
from annotator.errors import Conflict, Forbidden, Invalid
from annotator.ledger import actions as ledger
from annotator.permissions import Actor, Permission, permit
from annotator.rights.actions import clean_reason, note
from annotator.rights.models import Hold, Withdrawal
from annotator.settings import RightsPolicy


def end_of(last_day: date) -> datetime:
    """Return when a hold ends that an authority ordered until this day: with the day (UTC), not before it."""
    return datetime.combine(last_day, time.max, UTC)


def ask(
    session: Session,
    *,
    actor: Actor,
    withdrawal: Withdrawal,
    authority: str,
    reason: str,
    until: datetime,
    policy: RightsPolicy = RightsPolicy(),  # noqa: B008  # frozen
) -> Hold:
    """Ask for a hold in the name of an authority; it stands once somebody else confirms it.

    Raises Forbidden; Invalid ``reason_missing``, ``authority_missing``, ``hold_until``; Conflict ``erased_already``.
    """
    permit(actor, Permission.RIGHTS_DECIDE)
    now = clock.now()
    if withdrawal.erased_at is not None or withdrawal.state == "undone":
        raise Conflict("erased_already")
    if not authority.strip():
        raise Invalid("authority_missing")
    if not now < until <= now + policy.hold:
        raise Invalid("hold_until", days=policy.hold.days)
    made = Hold(
        withdrawal_id=withdrawal.id,
        authority=" ".join(authority.split())[:200],
        reason=clean_reason(reason),
        asked_at=now,
        asked_by=actor.name,
        until=until,
    )
    session.add(made)
    session.flush()
    note(session, withdrawal, actor, "hold asked")
    audit.record(session, actor=actor, action="hold.asked", object_kind="hold", object_id=made.id)
    return made


def confirm(session: Session, *, actor: Actor, hold: Hold) -> None:
    """Let a hold stand, as somebody else than who asked for it.

    Raises Forbidden ``hold_two_people``; Conflict ``hold_over``, ``erased_already``.
    """
    permit(actor, Permission.RIGHTS_DECIDE)
    ledger.queue_up(session)  # erasing does so too: either it is done, or it will see the hold
    session.refresh(hold, with_for_update=True)
    withdrawal = session.get_one(Withdrawal, hold.withdrawal_id, populate_existing=True)
    if actor.name == hold.asked_by:
        raise Forbidden("hold_two_people")
    if hold.lifted_at is not None or hold.confirmed_at is not None or hold.until <= clock.now():
        raise Conflict("hold_over")
    if withdrawal.erased_at is not None:
        raise Conflict("erased_already")
    hold.confirmed_at, hold.confirmed_by = clock.now(), actor.name
    ledger.append(session, type="hold.confirmed", payload={"hold": hold.public_id})
    note(session, withdrawal, actor, "on hold", reason=hold.authority)
    audit.record(session, actor=actor, action="hold.confirmed", object_kind="hold", object_id=hold.id)


def lift(session: Session, *, actor: Actor, hold: Hold) -> None:
    """End a hold; erasing goes on with the next sweep. Raises Forbidden; Conflict ``hold_over``."""
    permit(actor, Permission.RIGHTS_DECIDE)
    ledger.queue_up(session)
    session.refresh(hold, with_for_update=True)
    if hold.lifted_at is not None:
        raise Conflict("hold_over")
    hold.lifted_at = clock.now()
    ledger.append(session, type="hold.lifted", payload={"hold": hold.public_id})
    note(session, session.get_one(Withdrawal, hold.withdrawal_id), actor, "hold lifted")
    audit.record(session, actor=actor, action="hold.lifted", object_kind="hold", object_id=hold.id)
