"""Carry out what was taken back, once its undo window has closed: feed, erasing, releases; each step commits alone.

Killed at any point, the next sweep finds what is left: every step asks the database what is due, and does nothing twice.
"""

import logging

from sqlalchemy import Engine

from annotator import clock
from annotator.database import open_session
from annotator.errors import DomainError
from annotator.ledger import actions as ledger
from annotator.releases import removal, retiring
from annotator.rights import carrying, queries, rules
from annotator.rights.erasing import words
from annotator.rights.erasing.jobs import tidy
from annotator.rights.models import Withdrawal
from annotator.settings import Settings

log = logging.getLogger(__name__)


def run_due(engine: Engine, settings: Settings) -> None:
    """Do everything about withdrawals that is due now."""
    with open_session(engine, writes=False) as session:
        if not carrying.definite(session, clock.now()):
            return
    with open_session(engine, writes=True) as session:
        carrying.say(session, clock.now())
        session.commit()
    erase_due(engine, settings)
    release_due(engine, settings)
    with open_session(engine, writes=True) as session:
        carrying.settle(session, clock.now())
        session.commit()
    tidy(engine, settings)


def erase_due(engine: Engine, settings: Settings) -> int:
    """Erase the words of each withdrawal whose time has come and that no hold keeps; return of how many.

    One that fails keeps no other waiting: it is reported, and tried again with the next run.
    """
    with open_session(engine, writes=False) as session:
        due = carrying.erasable(session, clock.now())
    count = 0
    for withdrawal_id in due:
        try:
            with open_session(engine, writes=True) as session:
                ledger.queue_up(session)  # a hold that is being confirmed is waited for, and seen
                withdrawal = session.get_one(Withdrawal, withdrawal_id, with_for_update=True)
                if withdrawal.id not in carrying.erasable(session, clock.now()):
                    continue
                words.erase(session, withdrawal, settings=settings)
                session.commit()
        except Exception:
            log.exception("The words of withdrawal %s could not be erased.", withdrawal_id)
        else:
            count += 1
    return count


def release_due(engine: Engine, settings: Settings) -> None:
    """Publish versions without the rows that must go, and retire those that hold them."""
    with open_session(engine, writes=False) as session:
        now = clock.now()
        due = carrying.releases_due(session, now)
        hurried = carrying.hurried(session, now)
    for slug, texts in sorted(due.items()):
        try:
            if slug in hurried:
                retiring.retire(engine, settings, slug, revision_ids=hurried[slug], at_once=True)
            removal.publish_removals(engine, settings, slug)
            retiring.retire(engine, settings, slug, revision_ids=texts)
        except DomainError as error:  # tried again in a minute; what is late is counted in public
            log.warning("The releases of %s still hold withdrawn rows: %s.", slug, error.code)


def overdue(engine: Engine) -> int:
    """Return how many withdrawals are past the day that was promised."""
    with open_session(engine, writes=False) as session:
        now = clock.now()
        return sum(rules.is_overdue(one, now) for one in queries.unfinished(session))
