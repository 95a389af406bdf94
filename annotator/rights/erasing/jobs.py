"""Keep the journal, scrub the disk after erasing, and do again what a restored backup does not know."""

import logging

from sqlalchemy import Engine

from annotator.database import open_session
from annotator.ledger import actions as ledger
from annotator.rights.erasing import journal, replaying, scrubbing
from annotator.settings import Settings

log = logging.getLogger(__name__)


def tidy(engine: Engine, settings: Settings) -> None:
    """Write what the journal lacks, then let the files hold nothing that was erased."""
    with open_session(engine, writes=False) as session:
        journal.catch_up(session, settings)
    scrubbing.scrub_due(engine, settings)


def replay(engine: Engine, settings: Settings) -> int:
    """Do again what is missing, one transaction for each line, before anything is served; return how many lines.

    Where nothing is missing it costs two statements. What the journal names and the database has not is nothing to do.
    """
    lines = journal.known(settings)
    if not lines:
        return 0
    with open_session(engine, writes=False) as session:
        there = journal.shown(session)
    missing = [key for key in lines if key not in there]
    count = 0
    if missing:
        with open_session(engine, writes=True) as session:
            ledger.queue_up(session)
            for key in missing:
                if replaying.again(session, key, lines, settings):
                    session.commit()
                    ledger.queue_up(session)
                    count += 1
    if count:
        log.warning("A backup was restored: %s steps of the journal of erasures were done again.", count)
    return count
