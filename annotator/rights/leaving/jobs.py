"""Carry out the departures that are due."""

import logging

from sqlalchemy import Engine

from annotator import clock
from annotator.database import open_session
from annotator.rights.erasing import journal
from annotator.rights.leaving import queries
from annotator.rights.leaving.carrying_out import carry_out
from annotator.rights.mending import mails as mending
from annotator.rights.models import Departure
from annotator.settings import Settings

log = logging.getLogger(__name__)


def leave_due(engine: Engine, settings: Settings) -> int:
    """Carry out what nobody can undo any more, one transaction each; return how many. Safe to run twice.

    One that fails keeps nobody else waiting: it is reported, and tried again with the next run.
    """
    with open_session(engine, writes=False) as session:
        due = queries.due(session, clock.now())
        if due:
            journal.catch_up(session, settings)  # the journal knows who leaves before the database forgets it
    count = 0
    for departure_id in due:
        try:
            with open_session(engine, writes=True) as session:
                done = carry_out(session, session.get_one(Departure, departure_id), settings=settings)
                mending.tell(session, settings.public_url)
                session.commit()
                journal.catch_up(session, settings)
        except Exception:
            log.exception("The departure %s could not be carried out.", departure_id)
        else:
            count += done
    return count
