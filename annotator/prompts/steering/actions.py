"""Put prompts before or behind others, let them wait, and offer them again."""

from typing import Any, cast

from sqlalchemy import BigInteger, ColumnElement, CursorResult, case, func, literal, select, update
from sqlalchemy.orm import Session

from annotator import clock
from annotator.audit import actions as audit
from annotator.permissions import Actor, Permission, permit
from annotator.prompts.models import Prompt
from annotator.prompts.steering import rules
from annotator.prompts.steering.queries import Part

# What comes to the front together comes in the order of the shuffle, within this many microseconds.
_SPREAD = 1_000_000


def prioritise(session: Session, *, actor: Actor, part: Part, priority: int) -> int:
    """Give these prompts a priority (higher comes first, 0 is usual), and return how many had another one.

    Those that are raised come before people who have passed their place. Raises Forbidden, Invalid
    ``prompt_priority_invalid``.
    """
    permit(actor, Permission.PROJECT_MANAGE)
    priority = rules.checked_priority(priority)
    others = Prompt.priority != priority
    number = _locked(session, part, others)
    raised = case((Prompt.priority < priority, _seen_in(number)), else_=Prompt.reopened)
    changed = _change(session, part, others, priority=priority, reopened=raised)
    _note(session, actor, part, "prompts.prioritised", changed, priority=priority)
    return changed


def pause(session: Session, *, actor: Actor, part: Part) -> int:
    """Offer these prompts to nobody for now, and return how many were open; what people have begun can be finished."""
    permit(actor, Permission.PROJECT_MANAGE)
    _locked(session, part, Prompt.state == "open")
    changed = _change(session, part, Prompt.state == "open", state="paused")
    _note(session, actor, part, "prompts.paused", changed)
    return changed


def resume(session: Session, *, actor: Actor, part: Part) -> int:
    """Offer these prompts again where they were paused, also to people who have passed them; return how many were."""
    permit(actor, Permission.PROJECT_MANAGE)
    number = _locked(session, part, Prompt.state == "paused")
    changed = _change(session, part, Prompt.state == "paused", state="open", reopened=_seen_in(number))
    _note(session, actor, part, "prompts.resumed", changed)
    return changed


def _locked(session: Session, part: Part, condition: ColumnElement[bool]) -> int:
    """Lock the prompts that will change, by their ids, so that two changes cannot wait in a ring; return how many."""
    chosen = select(Prompt.id).where(part.condition, Prompt.project_id == part.project.id, condition)
    locked = chosen.order_by(Prompt.id).with_for_update().subquery()
    return session.scalar(select(func.count()).select_from(locked)) or 0


def _change(session: Session, part: Part, condition: ColumnElement[bool], **values: object) -> int:
    """Change them in one statement; what the session knows of prompts is read anew."""
    done = session.execute(
        update(Prompt)
        .where(part.condition, Prompt.project_id == part.project.id, condition)
        .values(values)
        .execution_options(synchronize_session=False)
    )
    for known in list(session.identity_map.values()):
        if isinstance(known, Prompt):
            session.expire(known)
    return cast("CursorResult[Any]", done).rowcount


def _seen_in(number: int) -> ColumnElement[int]:
    """When so many prompts were reopened, as ``Prompt.reopened`` says it: the moment by which others will see them."""
    moment = clock.micros(clock.now() + rules.time_to_change(number))
    return literal(moment, BigInteger) - Prompt.shuffle % _SPREAD


def _note(session: Session, actor: Actor, part: Part, action: str, changed: int, **facts: object) -> None:
    """Write the change to the audit, unless nothing changed."""
    if not changed:
        return
    kind, number = part.name
    if part.prompt_ids:
        facts["prompts"] = sorted(part.prompt_ids)
    audit.record(
        session,
        actor=actor,
        action=action,
        object_kind=kind,
        object_id=number,
        project=part.project.id,
        changed=changed,
        **facts,
    )
