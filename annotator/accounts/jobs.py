"""Forget what was counted only to slow down guessing."""

from sqlalchemy import Engine

from annotator.accounts import actions
from annotator.database import open_session
from annotator.settings import Settings


def forget_attempts(engine: Engine, _settings: Settings) -> int:
    """Delete old tries and return how many."""
    with open_session(engine, writes=True) as session:
        count = actions.forget_attempts(session)
        session.commit()
    return count
