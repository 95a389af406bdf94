"""What nobody mended in time is out for good."""

from sqlalchemy import Engine

from annotator.database import open_session
from annotator.rights.mending import actions
from annotator.settings import Settings


def forget_due(engine: Engine, _settings: Settings) -> int:
    """Put out what is due, and return how many texts; safe to run twice."""
    with open_session(engine, writes=True) as session:
        count = actions.forget_due(session)
        session.commit()
    return count
