"""Texts that were taken back do not come in again for a while: kept as keyed hashes, which say nothing of text or person."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Select, delete, exists, select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.database import AT_ONCE, chunks
from annotator.projects.models import Project
from annotator.prompts.models import Arrival, BlockedText
from annotator.prompts.rules import Texts

# Ids in one statement: below SQLite's 32,766 and psycopg's 65,535 parameters.


def block(session: Session, project: Project, texts: Iterable[Texts], until: datetime) -> int:
    """Let none of these texts be imported into the project until then, and return how many are blocked.

    A text is instruction, input and completion together; who wants to keep out a prompt whatever its answer gives it
    without a completion as well. What is blocked for longer already stays so.
    """
    keys = {key_of(project, one.fingerprint) for one in texts}
    known = {row.key: row for few in chunks(keys) for row in session.scalars(_rows(project, few))}
    for key in sorted(keys):
        if key not in known:
            session.add(BlockedText(project_id=project.id, key=key, until=until))
        elif known[key].until < until:
            known[key].until = until
    session.flush()
    return len(keys)


def key_of(project: Project, fingerprint: str) -> str:
    """Return the keyed hash of a text: nobody without the project's key can try out texts."""
    return hmac.new(project.key, b"blocked:" + fingerprint.encode(), hashlib.sha256).hexdigest()


def blocked(session: Session, project: Project, fingerprints: Iterable[str]) -> set[str]:
    """Return which of these fingerprints are of blocked texts. Where the project blocks none it is one question."""
    now = clock.now()
    anything = exists().where(BlockedText.project_id == project.id, BlockedText.until > now)
    if not session.scalar(select(anything)):
        return set()
    by_key = {key_of(project, one): one for one in fingerprints}
    return {
        by_key[row.key]
        for few in chunks(by_key)
        for row in session.scalars(_rows(project, few).where(BlockedText.until > now))
    }


def blocked_arrivals(session: Session, project: Project, batch_id: int) -> list[int]:
    """Return the numbers of waiting rows whose text was blocked since they came."""
    now = clock.now()
    if not session.scalar(select(exists().where(BlockedText.project_id == project.id, BlockedText.until > now))):
        return []
    waiting = select(Arrival.number, Arrival.text_hash).where(Arrival.batch_id == batch_id)
    keys = select(BlockedText.key).where(BlockedText.project_id == project.id, BlockedText.until > now)
    bad = set(session.scalars(keys))
    found = session.execute(waiting.execution_options(yield_per=AT_ONCE))
    return [number for number, text_hash in found if key_of(project, text_hash) in bad]


def anything_due(session: Session) -> bool:
    """Say whether there are blocks whose time is over."""
    return bool(session.scalar(select(exists().where(BlockedText.until <= clock.now()))))


def forget_due(session: Session) -> None:
    """Forget blocks whose time is over."""
    session.execute(delete(BlockedText).where(BlockedText.until <= clock.now()))


def _rows(project: Project, keys: list[str]) -> Select[BlockedText]:
    return select(BlockedText).where(BlockedText.project_id == project.id, BlockedText.key.in_(keys))
