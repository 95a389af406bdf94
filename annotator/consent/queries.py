"""Ask what people have decided, and under which documents."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import cast

from sqlalchemy import ColumnElement, and_, bindparam, func, select, true
from sqlalchemy.orm import Session, aliased

from annotator import clock
from annotator.consent import rules
from annotator.consent.models import ConsentEvent, Document
from annotator.consent.rules import Decisions, Text
from annotator.errors import Conflict, NotFound
from annotator.ready import Ready

TERMS = "terms"


def current_document(session: Session, kind: str, language: str = "") -> Document:
    """Return the newest authoritative version of ``kind`` that is in force, in ``language`` if it is translated.

    Raises NotFound ``document_missing``.
    """
    original = session.scalars(
        select(Document)
        .where(Document.kind == kind, Document.authoritative, Document.effective_from <= clock.now())
        .order_by(Document.version.desc())
        .limit(1)
    ).one_or_none()
    if original is None:
        raise NotFound("document_missing", kind=kind)
    return _in_language(session, original, language)


def document(session: Session, kind: str, version: int, language: str = "") -> Document:
    """Return one version of a document, in ``language`` where it is translated, else its authoritative text.

    Raises NotFound ``document_unknown``.
    """
    original = session.scalars(
        select(Document).where(Document.kind == kind, Document.version == version, Document.authoritative)
    ).one_or_none()
    if original is None:
        raise NotFound("document_unknown", kind=kind, version=version)
    return _in_language(session, original, language)


def _in_language(session: Session, original: Document, language: str) -> Document:
    """Return the translation of ``original``, or itself."""
    if original.language == language:
        return original
    same_version = (Document.kind == original.kind, Document.version == original.version)
    return session.scalars(select(Document).where(*same_version, Document.language == language)).first() or original


def beside(session: Session, original: Document, language: str | None) -> Document | None:
    """Return the translation that stands beside a text where consent is given; None when none was asked for.

    Raises NotFound ``translation_unknown``, Conflict ``translation_wrong``.
    """
    if not language or language == original.language:
        return None
    found = _in_language(session, original, language)
    if found.id == original.id:
        raise NotFound("translation_unknown", kind=original.kind, version=original.version, language=language)
    if found.wrong_at is not None:
        raise Conflict("translation_wrong", kind=original.kind, language=language)
    return found


def versions(session: Session, kind: str) -> list[Document]:
    """Return the authoritative texts of every version, newest first."""
    query = select(Document).where(Document.kind == kind, Document.authoritative).order_by(Document.version.desc())
    return list(session.scalars(query))


def asked_since(session: Session) -> int:
    """Return the version of the terms since which nothing was widened: who agreed to it or a later one is not asked again."""
    original = current_document(session, TERMS)
    newest = (
        select(func.max(Document.version))
        .where(Document.kind == TERMS, Document.authoritative, Document.effective_from <= clock.now())
        .where(Document.widens.is_not(False))
    )
    return session.scalar(newest) or original.version


def standing(session: Session, person_id: int) -> bool:
    """Say whether the person has decided for everything, under terms that were not widened since.

    A person who allowed nothing has decided too: that is practice work. Who read a wrong translation is asked again.
    """
    query = (
        select(and_(Document.kind == TERMS, Document.version >= asked_since(session)), ConsentEvent.wrong)
        .join(Document, Document.id == ConsentEvent.document_id)
        .where(_general(person_id))
        .order_by(ConsentEvent.at, ConsentEvent.id)
    )
    events = session.execute(query).all()
    return any(counts for counts, _wrong in events) and not events[-1].wrong


def misled(session: Session, person_id: int) -> list[ConsentEvent]:
    """Return the person's decisions beside a translation that was wrong, as far as they wait to be made anew."""
    events = events_of(session, [person_id])[person_id]
    found = {event.id for event in rules.unconfirmed(cast("list[rules.Event]", events))}
    return [event for event in events if event.id in found]


@dataclass(frozen=True)
class Agreed:
    """The terms that a person has agreed to, and what a text written now would start with.

    A text is given under the version that its author agreed to, never under one that they were not asked about.
    """

    document_id: int
    decisions: Decisions


_asked_since = (
    select(func.max(Document.version).label("version"))
    .where(Document.kind == TERMS, Document.authoritative, Document.effective_from <= bindparam("at"))
    .where(Document.widens.is_not(False))
    .subquery("asked_since")
)
_shown = aliased(Document)
_event = ConsentEvent.__table__
_AGREED = Ready(
    select(
        *(_event.c[name] for name in ("id", "at", "language_id", "annotation_id", "also_before", "expires_at")),
        *(_event.c[name] for name in rules.SCALES),
        and_(Document.kind == TERMS, Document.version >= _asked_since.c.version).label("counts"),
        _event.c.document_id,
        _shown.wrong_at.is_not(None).label("wrong"),
    )
    .join(Document, Document.id == _event.c.document_id)
    .join(_asked_since, true())
    .outerjoin(_shown, _shown.id == _event.c.shown_id)
    # A choice for one text says nothing of the next one.
    .where(_event.c.person_id == bindparam("person_id"), _event.c.annotation_id.is_(None))
    .order_by(_event.c.at, _event.c.id)
)


def agreed(session: Session, person_id: int, *, language_id: int, at: datetime) -> Agreed | None:
    """Return what stands for a text that the person writes in this language at ``at``; None without standing consent.

    The same as ``standing`` and ``decisions_for``, by one statement: claims and submissions
    ask it each time.
    """
    rows = _AGREED.all(session, {"person_id": person_id, "at": at})
    general = [row for row in rows if row.language_id is None]
    if not any(row.counts for row in general) or general[-1].wrong:
        return None
    if rows[-1].at <= at and all(row.expires_at is None for row in rows):
        return Agreed(general[-1].document_id, _settled(tuple(rows), language_id))
    return Agreed(
        general[-1].document_id, rules.decisions(cast("list[rules.Event]", rows), Text(language_id, at), at=at)
    )


@lru_cache(maxsize=4096)
def _settled(rows: tuple[rules.Event, ...], language_id: int) -> Decisions:
    """Return what choices without an end, oldest first, add up to for whatever is written after them."""
    at = rows[-1].at
    return rules.decisions(rows, Text(language_id, at), at=at)


def has_decided(session: Session, person_id: int) -> bool:
    """Say whether the person has ever decided for everything, under any version."""
    return session.scalar(select(ConsentEvent.id).where(_general(person_id)).limit(1)) is not None


def _general(person_id: int) -> ColumnElement[bool]:
    """Return the condition of an event for everything."""
    return and_(
        ConsentEvent.person_id == person_id,
        ConsentEvent.language_id.is_(None),
        ConsentEvent.annotation_id.is_(None),
    )


def events_of(session: Session, person_ids: Iterable[int]) -> dict[int, list[ConsentEvent]]:
    """Return each person's events, oldest first; a person without any has an empty list. One query."""
    result: dict[int, list[ConsentEvent]] = {person_id: [] for person_id in person_ids}
    query = select(ConsentEvent).where(ConsentEvent.person_id.in_(result)).order_by(ConsentEvent.at, ConsentEvent.id)
    for event in session.scalars(query):
        result[event.person_id].append(event)
    return result


def decisions_for(session: Session, person_id: int, *, language_id: int, at: datetime) -> Decisions:
    """Return what a text that the person writes in this language at ``at`` would start with."""
    events = events_of(session, [person_id])[person_id]
    return rules.decisions(events, Text(language_id, at), at=at)
