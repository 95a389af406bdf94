"""End reservations whose time is over, so that others can have the work."""

from sqlalchemy import Engine

from annotator.assignments import actions
from annotator.database import open_session
from annotator.settings import Settings


def expire_due(engine: Engine, _settings: Settings) -> int:
    """End what is due, in short transactions, and return how many."""
    total = 0
    while True:
        with open_session(engine, writes=True) as session:
            ended = actions.expire_due(session)
            session.commit()
        total += ended
        if not ended:
            return total


def forget_skipped(engine: Engine, _settings: Settings) -> int:
    """Forget what was typed before skips that can no longer be undone, and return how many."""
    with open_session(engine, writes=True) as session:
        forgotten = actions.forget_skipped(session)
        session.commit()
    return forgotten
