"""Read a person's receipts from the ledger; other rooms ask here for those of their events."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.consent import scopes
from annotator.consent.models import ConsentEvent, Document, PersonalChoice
from annotator.consent.receipts import rules
from annotator.consent.receipts.rules import Entry, Notice, Party, Step
from annotator.errors import NotFound
from annotator.ledger.models import LedgerEntry, LedgerPayload
from annotator.settings import Settings


class Line(NamedTuple):
    """A receipt in a list."""

    seq: int
    type: str
    at: datetime
    hash: str


def listed(session: Session, person_id: int) -> list[Line]:
    """Return a person's receipts, newest first."""
    query = (
        select(LedgerEntry.seq, LedgerEntry.type, LedgerEntry.time, LedgerEntry.hash)
        .join(LedgerPayload, LedgerPayload.seq == LedgerEntry.seq)
        .where(LedgerPayload.person_id == person_id, LedgerEntry.type.in_(rules.TYPES))
        .order_by(LedgerEntry.seq.desc())
    )
    return [Line(row.seq, row.type, datetime.fromisoformat(row.time), row.hash) for row in session.execute(query)]


def receipt(session: Session, person_id: int, seq: int, party: Party) -> dict[str, Any]:
    """Return the receipt of one entry that is about this person, with its proof.

    Raises NotFound ``receipt_unknown``: also for somebody else's, and once its payload was erased.
    """
    found = session.get(LedgerEntry, seq)
    kept = session.get(LedgerPayload, seq)
    if found is None or kept is None or kept.person_id != person_id or found.type not in rules.TYPES:
        raise NotFound("receipt_unknown", number=seq)
    facts = {name: getattr(found, name) for name in Entry.__dataclass_fields__ if name not in {"salt", "payload"}}
    entry = Entry(**facts, salt=kept.salt, payload=kept.payload)
    notices = list(_notices(session, entry, party.url))
    return rules.receipt(entry, notices, _steps(session, entry, clock.now()), party)


def party_of(settings: Settings) -> Party:
    """Return who is in charge, from the settings."""
    return Party(
        settings.controller_name,
        settings.controller_contact,
        settings.controller_jurisdiction,
        settings.public_url.rstrip("/"),
        settings.rights.undo,
        settings.rights.erase,
    )


def _notices(session: Session, entry: Entry, url: str) -> Iterator[Notice]:
    """Yield the documents that the payload names by kind and SHA-256, and the translation beside the terms."""
    named: Mapping[str, str] = entry.payload.get("documents", {})
    sums = {*named.values(), entry.payload.get("shown"), entry.document_sha256} - {None}
    kinds = set(named) or {"terms", "privacy"}
    # A later version may have the very same text; what was shown then is the newest of that moment (told in seconds).
    until = datetime.fromisoformat(entry.time) + timedelta(seconds=1)
    query = select(Document).where(Document.sha256.in_(sums), Document.kind.in_(kinds), Document.effective_from < until)
    seen = set()
    for document in session.scalars(
        query.order_by(Document.authoritative.desc(), Document.kind, Document.version.desc())
    ):
        if document.sha256 in seen:
            continue
        seen.add(document.sha256)
        address = f"{url}/documents/{document.kind}/{document.version}?language={document.language}"
        yield Notice(
            document.kind,
            document.version,
            document.language,
            document.title,
            address,
            document.sha256,
            document.authoritative,
        )


def _steps(session: Session, entry: Entry, now: datetime) -> list[Step]:
    """Return what happened to it: the entry itself, its end, its withdrawal, and a translation that was wrong."""
    at, state = datetime.fromisoformat(entry.time), rules.first_state(entry.type, entry.payload)
    if entry.type == "personal.chosen":
        choice = session.scalars(select(PersonalChoice).where(PersonalChoice.ledger_seq == entry.seq)).one_or_none()
        return [Step(at, state), *(_ended(session, choice) if choice and state == rules.GIVEN else [])]
    event = session.scalars(select(ConsentEvent).where(ConsentEvent.ledger_seq == entry.seq)).one_or_none()
    if event is None:
        return [Step(at, state, rules.OTHER if state == rules.REVOKED else rules.PERSON)]
    steps = [Step(at, state, until=event.expires_at)]
    if state != rules.GIVEN:
        return steps
    if event.expires_at is not None and event.expires_at <= now:
        steps.append(Step(event.expires_at, rules.EXPIRED, rules.TIME))
    if event.shown is not None and event.shown.wrong_at is not None:
        steps.append(Step(event.shown.wrong_at, rules.REVOKED, rules.OTHER))
    denies = or_(ConsentEvent.publish == "no", and_(*(getattr(ConsentEvent, name).is_(False) for name in rules.USES)))
    later = (
        select(ConsentEvent.at)
        .where(ConsentEvent.person_id == event.person_id, ConsentEvent.id > event.id, denies)
        .where(_same_or_wider(session, event))
        .order_by(ConsentEvent.id)
    )
    steps += [Step(moment, rules.WITHDRAWN) for moment in session.scalars(later.limit(1))]
    return steps


def _same_or_wider(session: Session, event: ConsentEvent) -> ColumnElement[bool]:
    """Return the condition of an event whose scope holds that of ``event``: the same, a text's language, or everything."""
    text = scopes.own_text(session, event.person_id, annotation_id=event.annotation_id) if event.annotation_id else None
    language_id = text.language_id if text else event.language_id
    whole = ConsentEvent.annotation_id.is_(None) & (
        ConsentEvent.language_id.is_(None) | (ConsentEvent.language_id == language_id)
    )
    return whole | (ConsentEvent.annotation_id == event.annotation_id) if event.annotation_id else whole


def _ended(session: Session, choice: PersonalChoice) -> list[Step]:
    """Return the moment at which a personal choice was switched off again."""
    later = (
        select(PersonalChoice.at)
        .where(PersonalChoice.person_id == choice.person_id, PersonalChoice.topic == choice.topic)
        .where(PersonalChoice.id > choice.id, PersonalChoice.level == "none")
        .order_by(PersonalChoice.id)
    )
    return [Step(moment, rules.WITHDRAWN) for moment in session.scalars(later.limit(1))]
