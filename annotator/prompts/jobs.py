"""Clear away what imports left: those that nobody took up again, and rows that wait though their import is over."""

from datetime import timedelta

from sqlalchemy import Engine, select

from annotator import clock
from annotator.database import open_session
from annotator.errors import Conflict
from annotator.permissions import OPERATOR
from annotator.prompts import actions, arriving, blocking
from annotator.prompts.models import ImportBatch
from annotator.settings import Settings

# Nobody can take up what has no fingerprint: a dry run that was interrupted. A long one touches it every few seconds.
TAKEN_UP_WITHIN, DRY_RUN_WITHIN = timedelta(days=14), timedelta(hours=6)


def tidy_imports(engine: Engine, _settings: Settings) -> int:
    """Give up imports that were left alone for long, take away what waits in vain, and return how many were cleared."""
    now = clock.now()
    with open_session(engine, writes=False) as session:
        old = list(
            session.scalars(
                select(ImportBatch.id)
                .where(ImportBatch.state == "arriving")
                .where(
                    (ImportBatch.touched_at < now - TAKEN_UP_WITHIN)
                    | ImportBatch.fingerprint.is_(None) & (ImportBatch.touched_at < now - DRY_RUN_WITHIN)
                )
            )
        )
    for batch_id in old:
        with open_session(engine, writes=True) as session:
            batch = session.get(ImportBatch, batch_id)
            try:
                if batch is not None:
                    actions.give_up_import(session, actor=OPERATOR, batch=batch)
            except Conflict:  # somebody was quicker
                continue
            session.commit()
    return clear(engine)


def forget_blocked(engine: Engine, _settings: Settings) -> None:
    """Forget which texts may not come in, once their time is over."""
    with open_session(engine, writes=False) as session:
        if not blocking.anything_due(session):
            return
    with open_session(engine, writes=True) as session:
        blocking.forget_due(session)
        session.commit()


def clear(engine: Engine) -> int:
    """Take away, in short transactions, what waits of imports that are over; return of how many."""
    with open_session(engine, writes=False) as session:
        over = arriving.to_sweep(session)
    for batch_id in over:
        more = True
        while more:
            with open_session(engine, writes=True) as session:
                more = arriving.sweep(session, batch_id)
                session.commit()
    return len(over)
