"""Close the requests that are over, and erase what was written in them."""

from sqlalchemy import Engine

from annotator import clock
from annotator.database import open_session
from annotator.rights.erasing import scrubbing
from annotator.rights.requests import actions, queries
from annotator.settings import Settings


def close_due(engine: Engine, settings: Settings) -> int:
    """Close what is over, and return how many."""
    with open_session(engine, writes=False) as session:
        if not queries.over(session, clock.now()):
            return 0
    scrubbing.mark(settings)
    with open_session(engine, writes=True) as session:
        count = actions.close_due(session)
        session.commit()
    return count
