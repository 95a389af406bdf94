"""Write to the log of daily work."""

from sqlalchemy.orm import Session

from annotator import clock
from annotator.audit.models import AuditEvent
from annotator.permissions import Actor


def record(
    session: Session, *, actor: Actor, action: str, object_kind: str, object_id: int | None, **facts: object
) -> None:
    """Add one line, in the caller's transaction. ``facts`` are ids, codes and numbers, never a person's text."""
    session.add(
        AuditEvent(
            at=clock.now(),
            actor=actor.name,
            action=action,
            object_kind=object_kind,
            object_id=object_id,
            facts=facts,
        )
    )
