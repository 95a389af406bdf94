"""Write to the log of daily work."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam
from sqlalchemy.orm import Session

from annotator import clock
from annotator.audit.models import AuditEvent
from annotator.database import table_of
from annotator.permissions import Actor


def record(
    session: Session, *, actor: Actor, action: str, object_kind: str, object_id: int | None, **facts: object
) -> None:
    """Add one line, in the caller's transaction. ``facts`` are ids, codes and numbers, never a person's text."""
    session.execute(
        _INSERT,
        {
            "at": clock.now(),
            "actor": actor.name,
            "action": action,
            "object_kind": object_kind,
            "object_id": object_id,
            "facts": facts,
        },
    )


# Nobody reads a line back in the transaction that writes it: a plain insert costs half of a tracked object.
_INSERT = table_of(AuditEvent).insert().inline()


def line(object_id: ColumnElement[int], *, action: str, object_kind: str) -> Any:  # noqa: ANN401  # an insert
    """Return the insert of one line, for ``ready.Together``; its parameters are those of ``said``."""
    return _INSERT.values(
        at=bindparam("audit_at"),
        actor=bindparam("audit_actor"),
        action=action,
        object_kind=object_kind,
        object_id=object_id,
        facts=bindparam("audit_facts"),
    )


def said(actor: Actor, at: datetime, **facts: object) -> dict[str, object]:
    """Return the parameters of ``line``."""
    return {"audit_at": at, "audit_actor": actor.name, "audit_facts": facts}
