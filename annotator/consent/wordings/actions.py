"""Write a document, adopt it, confirm a translation as a native reader, and say that one was wrong."""

from sqlalchemy.orm import Session

from annotator import clock, text
from annotator.accounts.models import Person
from annotator.audit import actions as audit
from annotator.consent import actions as consent
from annotator.consent.models import Document, DocumentDraft
from annotator.consent.wordings import queries, rules
from annotator.errors import Conflict, Forbidden, Invalid, NotFound
from annotator.ledger import actions as ledger
from annotator.permissions import Actor, Permission, permit


def save_draft(
    session: Session, *, actor: Actor, kind: str, language: str, title: str, body: str, seen: str | None = None
) -> DocumentDraft:
    """Keep what is being written of a kind in a language, and return it.

    ``seen`` marks the draft that the writer saw (``rules.sum_of``): when somebody else has saved another one since,
    nothing is overwritten; nor where it was adopted since. None overwrites.

    Raises Invalid ``document_kind``, ``document_language``, ``document_too_long`` or ``document_empty``; Conflict
    ``draft_newer`` or ``draft_adopted``.
    """
    permit(actor, Permission.DOCUMENT_ADOPT)
    _check_kind(kind)
    title, body = " ".join((text.clean(title) or "").split()), (text.clean(body) or "") + "\n"
    if not rules.is_tag(language):
        raise Invalid("document_language", language=language)
    if len(title) > rules.LONGEST_TITLE or len(body) > rules.LONGEST_BODY:
        raise Invalid("document_too_long", title=rules.LONGEST_TITLE, body=rules.LONGEST_BODY)
    if not title and not body.strip():
        raise Invalid("document_empty", kind=kind)
    ledger.queue_up(session)  # of two that save or adopt at once, the second sees what the first did
    draft = queries.draft(session, kind, language)
    if draft is None:
        if seen:
            raise Conflict("draft_adopted", kind=kind, language=language)
        draft = DocumentDraft(kind=kind, language=language, writers=[])
        session.add(draft)
    else:
        session.refresh(draft, with_for_update=True)
        stored = rules.sum_of(draft.title, draft.body)
        if seen is not None and stored not in {seen, rules.sum_of(title, body)}:
            raise Conflict("draft_newer", kind=kind, language=language)
    draft.title, draft.body = title, body
    draft.saved_at, draft.saved_by = clock.now(), actor.name
    draft.writers = sorted({*draft.writers, actor.name})
    session.flush()
    return draft


def adopt_draft(
    session: Session, *, actor: Actor, kind: str, language: str, seen: str, widens: bool = True
) -> Document:
    """Put a draft in force: the next version, or the translation of the newest one. The draft is gone then.

    ``seen`` marks the draft that was read before (``rules.sum_of``). ``widens``: the terms let others do more than
    before, so that everybody is asked again; the first version always does, and a translation never.

    Raises NotFound ``draft_unknown``, Conflict ``draft_newer`` or ``document_immutable``, Invalid ``document_empty``.
    """
    permit(actor, Permission.DOCUMENT_ADOPT)
    ledger.queue_up(session)
    draft = _the_draft(session, kind, language)
    session.refresh(draft, with_for_update=True)
    if rules.sum_of(draft.title, draft.body) != seen:
        raise Conflict("draft_newer", kind=kind, language=language)
    becomes = queries.next_of(session, kind, language)
    document = consent.adopt(
        session,
        actor=actor,
        kind=kind,
        version=becomes.version,
        language=language,
        title=draft.title,
        body=draft.body,
        authoritative=becomes.authoritative,
        widens=widens,
        writers=draft.writers,
    )
    session.delete(draft)
    session.flush()
    return document


def confirm(session: Session, *, actor: Actor, document: Document, reader: Person | None = None) -> None:
    """Note that a native reader read a translation beside the text that counts, and that both say the same.

    The reader is the actor; the command line names one. Confirming twice changes nothing.

    Raises Invalid ``document_not_translation``, Conflict ``translation_wrong``, Forbidden ``document_reader_needed``.
    """
    reader_id = reader.id if reader is not None and actor.operator else actor.person_id
    wrote = f"person:{reader_id}" in (document.writers or [])
    permit(actor, Permission.DOCUMENT_CONFIRM, owner_id=actor.person_id if wrote else None)
    if document.authoritative:
        raise Invalid("document_not_translation", kind=document.kind, language=document.language)
    if document.wrong_at is not None:
        raise Conflict("translation_wrong", kind=document.kind, language=document.language)
    if reader_id is None or not queries.reads_it(session, reader_id, document):
        raise Forbidden("document_reader_needed", language=document.language)
    if document.confirmed_at is not None:
        return
    document.confirmed_at, document.confirmed_by = clock.now(), f"person:{reader_id}"
    _record(session, actor, "document.confirmed", document, reader=document.confirmed_by)


def mark_wrong(session: Session, *, actor: Actor, document: Document, reason: str) -> list[int]:
    """Say that a translation does not say what the text that counts says; return the ids of those who read it.

    From now on their decisions beside it count as denials (``consent.rules.decisions``), until they decide anew; it is
    shown nowhere where consent is given. A right translation comes with the next version. Twice changes nothing.

    Raises Invalid ``document_not_translation`` or ``reason_missing``.
    """
    permit(actor, Permission.DOCUMENT_ADOPT)
    if document.authoritative:
        raise Invalid("document_not_translation", kind=document.kind, language=document.language)
    said = text.clean(reason)
    if said is None:
        raise Invalid("reason_missing")
    if document.wrong_at is not None:
        return []
    people = queries.shown_to(session, document)
    document.wrong_at = clock.now()
    _record(session, actor, "document.wrong", document, reason=said[: rules.LONGEST_TITLE], people=len(people))
    return people


def _record(session: Session, actor: Actor, action: str, document: Document, **facts: object) -> None:
    """Write a step of a document into the ledger and the log."""
    named = {"kind": document.kind, "version": document.version, "language": document.language}
    ledger.append(session, type=action, payload=named, document_sha256=document.sha256)
    audit.record(session, actor=actor, action=action, object_kind="document", object_id=document.id, **named, **facts)


def _check_kind(kind: str) -> None:
    if kind not in consent.KINDS:
        raise Invalid("document_kind", kind=kind, kinds=consent.KINDS)


def _the_draft(session: Session, kind: str, language: str) -> DocumentDraft:
    _check_kind(kind)
    draft = queries.draft(session, kind, language)
    if draft is None:
        raise NotFound("draft_unknown", kind=kind, language=language)
    return draft
