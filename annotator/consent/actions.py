"""Adopt a document; decide what others may do with what one writes."""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock, text
from annotator.accounts.models import Person
from annotator.audit import actions as audit
from annotator.consent import queries, rules, scopes
from annotator.consent.models import ConsentEvent, Document
from annotator.errors import Conflict, Invalid, NotFound
from annotator.languages.models import Language
from annotator.ledger import actions as ledger
from annotator.permissions import Actor, Permission, permit

KINDS = ("terms", "privacy", "gated-terms")
CUSTOM = "custom"
CREDIT_NAME_LENGTH = 120
JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"


def adopt(
    session: Session,
    *,
    actor: Actor,
    kind: str,
    version: int,
    language: str,
    title: str,
    body: str,
    authoritative: bool,
    widens: bool = True,
    writers: Iterable[str] | None = None,
) -> Document:
    """Put a wording in force from now on; its body never changes. Adopting the very same one again changes nothing.

    One language of a version is authoritative, and comes first; the others are its translations. ``widens``: it lets
    others do more than the version before, so everybody is asked again; the first version always does. ``writers`` are
    the names of the actors who wrote it (the adopting one, if nothing is said). Raises Invalid
    ``document_kind``, ``document_empty``, ``document_version_old`` or ``document_no_original``, Conflict
    ``document_immutable`` or ``document_two_originals``.
    """
    permit(actor, Permission.DOCUMENT_ADOPT)
    ledger.queue_up(session)  # of two that adopt at once, the second sees what the first has adopted
    if kind not in KINDS:
        raise Invalid("document_kind", kind=kind, kinds=KINDS)
    body = body.replace("\r\n", "\n")
    if not body.strip() or not title.strip() or not language:
        raise Invalid("document_empty", kind=kind)
    sha256 = hashlib.sha256(body.encode()).hexdigest()
    known = list(session.scalars(select(Document).where(Document.kind == kind)))
    for other in known:
        if (other.version, other.language) == (version, language):
            if other.sha256 == sha256:
                return other
            raise Conflict("document_immutable", kind=kind, version=version, language=language)
    originals = {other.version: other for other in known if other.authoritative}
    if authoritative and version in originals:
        raise Conflict("document_two_originals", kind=kind, version=version, language=originals[version].language)
    if authoritative and version <= max(originals, default=0):
        raise Invalid("document_version_old", kind=kind, version=version, newest=max(originals))
    if not authoritative and version not in originals:
        raise Invalid("document_no_original", kind=kind, version=version)
    document = Document(
        kind=kind,
        version=version,
        language=language,
        title=title.strip(),
        body=body,
        sha256=sha256,
        authoritative=authoritative,
        effective_from=clock.now(),
        widens=(widens or not originals) if authoritative else None,
        writers=sorted(writers or {actor.name}),
    )
    session.add(document)
    session.flush()
    facts = {"kind": kind, "version": version, "language": language, "authoritative": authoritative}
    if document.widens is not None:
        facts["widens"] = document.widens
    ledger.append(session, type="document.adopted", payload=facts, document_sha256=sha256)
    audit.record(
        session, actor=actor, action="document.adopted", object_kind="document", object_id=document.id, **facts
    )
    return document


def load_seed_documents(session: Session, actor: Actor) -> list[Document]:
    """Adopt the wordings that the program brings, each one that this installation has no version of; safe to run again.

    What a maintainer has adopted stays: neither an equal version nor an older one replaces it.
    """
    permit(actor, Permission.DOCUMENT_ADOPT)
    adopted = []
    for facts in sorted(map(_read, _seed_files()), key=lambda f: (f["kind"], f["version"], not f["authoritative"])):
        newest = max((d.version for d in queries.versions(session, facts["kind"])), default=0)
        if facts["version"] < newest or _has(session, facts):
            continue
        adopted.append(adopt(session, actor=actor, **facts))
    return adopted


def _seed_files() -> list[Traversable]:
    """Return the files of the wordings that the program brings."""
    folder = resources.files("annotator.consent") / "documents"
    return [file for file in folder.iterdir() if file.name.endswith(".md")]


def _read(file: Traversable) -> dict[str, Any]:
    """Return the facts of a wording's file: its front matter, and the body under it."""
    _, head, body = file.read_text(encoding="utf-8").split("---\n", 2)
    return {**yaml.safe_load(head), "body": body}


def _has(session: Session, facts: Mapping[str, Any]) -> bool:
    """Say whether this installation has a wording of this kind, version and language."""
    key = (Document.kind == facts["kind"], Document.version == facts["version"])
    query = select(Document.id).where(*key, Document.language == facts["language"])
    return session.scalar(query) is not None


def decide(
    session: Session,
    *,
    actor: Actor,
    preset: str,
    attribution: str | None,
    rights: Mapping[str, Any] | None = None,
    credit_name: str | None = None,
    adult: bool = False,
    language: Language | None = None,
    annotation_id: int | None = None,
    expires_at: datetime | None = None,
    also_before: bool = False,
    wording: str | None = None,
) -> ConsentEvent:
    """Record what the actor allows from now on, for everything, a language or one of their texts, and return it.

    ``preset`` is one of ``rules.PRESETS`` or ``custom`` with ``rights`` (names and values of ``rules.RIGHTS``). The
    first decision answers everything; later ones may leave a right out, and a smaller scope the credit too: what is
    left out stays as it was. ``wording`` is the language of the translation of the terms that stood beside the text that
    counts (None: none did).

    Raises Forbidden ``not_permitted``; Invalid ``consent_preset_missing``, ``consent_right_unknown``,
    ``consent_rights_missing``, ``consent_attribution_missing``, ``credit_name_missing``, ``credit_name_too_long``,
    ``consent_adult_missing``, ``consent_expiry_past``, ``consent_one_scope``; Conflict ``consent_scope_too_early``,
    ``translation_wrong``; NotFound ``consent_text_unknown``, ``document_missing``, ``translation_unknown``.
    """
    permit(actor, Permission.CONSENT_CHANGE, owner_id=actor.person_id)
    ledger.queue_up(session)  # of two that decide at once, the second is no first decision
    event = propose(
        session,
        actor=actor,
        preset=preset,
        attribution=attribution,
        rights=rights,
        language=language,
        annotation_id=annotation_id,
        expires_at=expires_at,
        also_before=also_before,
        wording=wording,
    )
    person = session.get_one(Person, event.person_id)
    name = _credit_name(credit_name)
    if event.attribution == "named" and not (name or person.credit_name):
        raise Invalid("credit_name_missing")
    if not adult and person.adult_confirmed_at is None:
        raise Invalid("consent_adult_missing")
    person.credit_name = name or person.credit_name
    person.adult_confirmed_at = person.adult_confirmed_at or event.at
    general = event.language_id is None and event.annotation_id is None
    first = general and not queries.standing(session, person.id)
    event.ledger_seq = ledger.append(
        session,
        type="consent.given" if first else "consent.changed",
        payload=_payload(session, event),
        person_id=person.id,
        document_sha256=event.document.sha256,
    ).seq
    session.add(event)
    session.flush()
    audit.record(
        session,
        actor=actor,
        action="consent.decided",
        object_kind="consent_event",
        object_id=event.id,
        preset=preset,
        ledger_seq=event.ledger_seq,
    )
    return event


def propose(
    session: Session,
    *,
    actor: Actor,
    preset: str,
    attribution: str | None,
    rights: Mapping[str, Any] | None = None,
    language: Language | None = None,
    annotation_id: int | None = None,
    expires_at: datetime | None = None,
    also_before: bool = False,
    wording: str | None = None,
) -> ConsentEvent:
    """Return the event that :func:`decide` would record, without recording it, so that its effects can be shown.

    Raises what ``decide`` raises, but for what concerns the person (name and age).
    """
    permit(actor, Permission.CONSENT_CHANGE, owner_id=actor.person_id)
    person_id = actor.person_id or 0
    now = clock.now()
    general = language is None and annotation_id is None
    decided_before = queries.has_decided(session, person_id)
    granted = _granted(preset, rights, every=general and not decided_before)
    if attribution not in {*rules.SCALES["attribution"], None} or (general and attribution is None):
        raise Invalid("consent_attribution_missing")
    if expires_at is not None and expires_at <= now:
        raise Invalid("consent_expiry_past")
    if language is not None and annotation_id is not None:
        raise Invalid("consent_one_scope")
    if not general and not decided_before:
        raise Conflict("consent_scope_too_early")
    if annotation_id is not None and scopes.own_text(session, person_id, annotation_id=annotation_id) is None:
        raise NotFound("consent_text_unknown")
    terms = queries.current_document(session, queries.TERMS)
    return ConsentEvent(
        person_id=person_id,
        at=now,
        document=terms,
        shown=queries.beside(session, terms, wording),
        language_id=language.id if language else None,
        annotation_id=annotation_id,
        preset=preset,
        attribution=attribution,
        expires_at=expires_at,
        also_before=also_before,
        **granted,
    )


def _granted(preset: str, rights: Mapping[str, Any] | None, *, every: bool) -> dict[str, Any]:
    """Return the level of each right that is decided; with ``every``, none may be left out."""
    if preset in rules.PRESETS:
        return rules.PRESETS[preset].as_dict()
    if preset != CUSTOM:
        raise Invalid("consent_preset_missing")
    chosen = {name: value for name, value in (rights or {}).items() if value is not None}
    for name, value in chosen.items():
        if name not in rules.RIGHTS or value not in rules.SCALES[name]:
            raise Invalid("consent_right_unknown", right=name)
    missing = [name for name in rules.RIGHTS if name not in chosen]
    if missing and (every or not chosen):
        raise Invalid("consent_rights_missing", rights=missing)
    return chosen


def _credit_name(value: str | None) -> str | None:
    """Return the name as it will be printed: one line in NFC, nothing in it that is unseen or turns the line around.

    Joiners stay where they join: names in Persian and in Indic scripts are written with them.
    """
    seen = [sign for sign in text.clean(value) or "" if sign.isspace() or sign in JOINERS or _is_seen(sign)]
    name = " ".join("".join(seen).split())
    if len(name) > CREDIT_NAME_LENGTH:
        raise Invalid("credit_name_too_long", longest=CREDIT_NAME_LENGTH)
    return name if name.strip(f"{JOINERS} ") else None


def _is_seen(sign: str) -> bool:
    """Say whether a sign is no control (Cc) and no format character (Cf, which all bidirectional controls are)."""
    return unicodedata.category(sign) not in {"Cc", "Cf"}


def _payload(session: Session, event: ConsentEvent) -> dict[str, Any]:
    """Return what the ledger commits to: ids and choices, and the wordings that the person was shown."""
    shown = {kind: queries.current_document(session, kind).sha256 for kind in KINDS}
    return {
        "preset": event.preset,
        "choices": {name: value for name in rules.SCALES if (value := getattr(event, name)) is not None},
        "language_id": event.language_id,
        "annotation_id": event.annotation_id,
        "expires_at": event.expires_at.isoformat() if event.expires_at else None,
        "also_before": event.also_before,
        "documents": shown,
        "shown": event.shown.sha256 if event.shown else None,
    }
