"""What nobody mended in time is out; and what a grant that soon ends leaves without a lane is offered to be mended."""

from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from annotator import clock
from annotator.database import open_session
from annotator.rights.mending import actions, mails, narrowing
from annotator.settings import Settings

# The sweep comes every minute; a grant that ends in thirty days can wait for an hour.
SELDOM = timedelta(hours=1)
_looked: WeakKeyDictionary[Engine, datetime] = WeakKeyDictionary()


def forget_due(engine: Engine, _settings: Settings) -> int:
    """Put out what is due, and return how many texts; safe to run twice."""
    with open_session(engine, writes=True) as session:
        count = actions.forget_due(session)
        session.commit()
    return count


def set_aside_ending(engine: Engine, settings: Settings) -> int:
    """Set aside what grants that soon end leave without a lane, and return how many letters; safe to run twice."""
    now = clock.now()
    if timedelta(0) <= now - _looked.get(engine, datetime.min.replace(tzinfo=now.tzinfo)) < SELDOM:
        return 0
    with open_session(engine, writes=False) as session:
        people = narrowing.ending(session)
    letters = 0
    for person_id in people:
        with open_session(engine, writes=True) as session:
            narrowing.run_out(session, person_id, settings.rights)
            letters += mails.tell(session, settings.public_url)
            session.commit()
    _looked[engine] = now
    return letters
