"""Ask what people have decided, and under which documents."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.consent import rules
from annotator.consent.models import ConsentEvent, Document
from annotator.consent.rules import Decisions, Text
from annotator.errors import NotFound

TERMS = "terms"


def current_document(session: Session, kind: str, language: str = "en") -> Document:
    """Return the newest authoritative version of ``kind`` that is in force, in ``language`` where it is translated.

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


def document(session: Session, kind: str, version: int, language: str = "en") -> Document:
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


def versions(session: Session, kind: str) -> list[Document]:
    """Return the authoritative texts of every version, newest first."""
    query = select(Document).where(Document.kind == kind, Document.authoritative).order_by(Document.version.desc())
    return list(session.scalars(query))


def standing(session: Session, person_id: int) -> bool:
    """Say whether the person has decided for everything under the terms that are now in force.

    A person who allowed nothing has decided too: that is practice work.
    """
    current = current_document(session, TERMS)
    query = (
        select(ConsentEvent.id)
        .join(Document, Document.id == ConsentEvent.document_id)
        .where(_general(person_id), Document.kind == TERMS, Document.version == current.version)
        .limit(1)
    )
    return session.scalar(query) is not None


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
