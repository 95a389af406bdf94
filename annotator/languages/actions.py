"""Add and name languages, say what a person speaks, appoint and retire ambassadors."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.audit import actions as audit
from annotator.errors import Conflict, Invalid, NotFound
from annotator.languages import queries, rules, varieties
from annotator.languages.models import AmbassadorTerm, Language, Speaker
from annotator.ledger import actions as ledger
from annotator.permissions import Actor, Permission, may, permit
from annotator.text import clean


def sync(session: Session, *, actor: Actor) -> list[Language]:
    """Add the varieties of our table that are not here yet and return them; names that people edited stay."""
    permit(actor, Permission.LANGUAGE_ADD)
    here = set(session.scalars(select(Language.code)))
    now = clock.now()
    added = [
        Language(
            code=row.code,
            iso639_3=row.iso639_3,
            script=row.script,
            variety=None,
            english_name=row.english_name,
            autonym=row.autonym,
            added_at=now,
        )
        for row in varieties.known()
        if row.code not in here
    ]
    session.add_all(added)
    session.flush()
    if added:
        audit.record(
            session, actor=actor, action="languages.sync", object_kind="language", object_id=None, added=len(added)
        )
    return added


def add(
    session: Session,
    *,
    actor: Actor,
    script: str,
    english_name: str,
    iso639_3: str = rules.UNCODED,
    variety: str | None = None,
    autonym: str | None = None,
) -> Language:
    """Add a language or a variety and return it; one without an ISO code is ``mis`` and named by its variety.

    Raises Invalid for a code, script, variety or name that cannot be used, Conflict ``language_exists`` or
    ``language_name_taken``.
    """
    permit(actor, Permission.LANGUAGE_ADD)
    iso639_3, script = iso639_3.strip().lower(), script.strip().title()
    variety = (variety or "").strip().lower() or None
    code = rules.checked_code(iso639_3, script, variety)
    english, own = _names(english_name, autonym)
    if session.scalars(select(Language.id).where(Language.code == code)).first() is not None:
        raise Conflict("language_exists", known=code)
    _refuse_taken_name(session, english, script)
    language = Language(
        code=code,
        iso639_3=iso639_3,
        script=script,
        variety=variety,
        english_name=english,
        autonym=own,
        added_at=clock.now(),
    )
    session.add(language)
    session.flush()
    audit.record(session, actor=actor, action="language.add", object_kind="language", object_id=language.id, code=code)
    return language


def rename(session: Session, *, actor: Actor, language: Language, english_name: str, autonym: str | None) -> Language:
    """Change a language's names; an empty autonym means that nobody has said it yet.

    Raises Invalid ``language_name_missing`` or ``language_name_long``, Conflict ``language_name_taken``.
    """
    permit(actor, Permission.LANGUAGE_EDIT, language_id=language.id)
    english, own = _names(english_name, autonym)
    if english != language.english_name:
        _refuse_taken_name(session, english, language.script)
    changed = [
        name for name, value in (("english_name", english), ("autonym", own)) if value != getattr(language, name)
    ]
    language.english_name, language.autonym = english, own
    session.flush()
    audit.record(
        session, actor=actor, action="language.rename", object_kind="language", object_id=language.id, changed=changed
    )
    return language


def protect(session: Session, *, actor: Actor, language: Language, reason: str) -> None:
    """Shield the community of a language: from now on nothing points at its people (rights-model §2.8).

    The reason stands in the audit log alone, which nobody outside reads. Raises Invalid ``protect_reason_missing`` or
    ``protect_reason_long``, Conflict ``protected_already``.
    """
    _switch(session, actor, language, reason, protected=True)


def unprotect(session: Session, *, actor: Actor, language: Language, reason: str) -> None:
    """End the shield; raises as ``protect`` does, and Conflict ``protected_not``."""
    _switch(session, actor, language, reason, protected=False)


def _switch(session: Session, actor: Actor, language: Language, reason: str, *, protected: bool) -> None:
    permit(actor, Permission.LANGUAGE_PROTECT, language_id=language.id)
    said = clean(reason)
    if not said:
        raise Invalid("protect_reason_missing")
    if len(said) > rules.LONGEST_REASON:
        raise Invalid("protect_reason_long", longest=rules.LONGEST_REASON)
    ledger.queue_up(session)
    session.refresh(language, with_for_update=True)
    if language.protected is protected:
        raise Conflict("protected_already" if protected else "protected_not", language=language.english)
    language.protected_at = clock.now() if protected else None
    what = "protected" if protected else "unprotected"
    ledger.append(session, type=f"language.{what}", payload={"language": language.code, "by": actor.name})
    audit.record(
        session, actor=actor, action=f"language.{what}", object_kind="language", object_id=language.id, reason=said
    )


def set_speaker(
    session: Session,
    *,
    actor: Actor,
    person: Person,
    language: Language,
    reads: bool,
    writes: bool,
    reviews: bool,
    level: str,
    variety: str | None = None,
) -> Speaker:
    """Say what a person reads, writes and reviews; who writes or reviews a language reads it too.

    Oneself, or whoever may add people. Raises Invalid ``speaker_level_wrong``, ``speaker_nothing`` or
    ``speaker_variety_long``.
    """
    _permit_profile(actor, person)
    if level not in rules.LEVELS:
        raise Invalid("speaker_level_wrong", value=level, levels=rules.LEVELS)
    if not (reads or writes or reviews):
        raise Invalid("speaker_nothing", language=language.english)
    own_variety = clean(variety)
    if own_variety and len(own_variety) > rules.LONGEST_VARIETY_OF_A_SPEAKER:
        raise Invalid("speaker_variety_long", most=rules.LONGEST_VARIETY_OF_A_SPEAKER)
    speaker = queries.speaker(session, person.id, language.id)
    if speaker is None:
        speaker = Speaker(person_id=person.id, language_id=language.id)
        session.add(speaker)
    speaker.reads, speaker.writes, speaker.reviews = True, writes, reviews
    speaker.level, speaker.variety = level, own_variety
    session.flush()
    audit.record(
        session, actor=actor, action="speaker.set", object_kind="person", object_id=person.id,
        language=language.code, writes=writes, reviews=reviews, level=level,
    )  # fmt: skip
    return speaker


def remove_speaker(session: Session, *, actor: Actor, person: Person, language: Language) -> None:
    """Take a language off a person's profile; what they wrote in it stays theirs.

    Raises NotFound ``speaker_unknown``.
    """
    _permit_profile(actor, person)
    speaker = queries.speaker(session, person.id, language.id)
    if speaker is None:
        raise NotFound("speaker_unknown", language=language.english)
    session.delete(speaker)
    session.flush()
    audit.record(
        session, actor=actor, action="speaker.remove", object_kind="person", object_id=person.id, language=language.code
    )


def appoint(
    session: Session, *, actor: Actor, person: Person, language: Language, until: datetime | None = None
) -> AmbassadorTerm:
    """Make a person ambassador of a language, from now and for a year unless ``until`` says otherwise.

    Raises Conflict ``term_stands`` when they are already, Invalid ``term_past`` or ``term_too_long``.
    """
    permit(actor, Permission.AMBASSADOR_APPOINT, language_id=language.id)
    now = clock.now()
    standing = queries.standing_terms(session, person=person, language=language, at=now)
    if standing:
        raise Conflict(
            "term_stands", handle=person.handle, language=language.english, until=standing[0].ends_at.date().isoformat()
        )
    term = AmbassadorTerm(
        person_id=person.id,
        language_id=language.id,
        starts_at=now,
        ends_at=rules.term_end(now, until),
        appointed_by=actor.name,
    )
    session.add(term)
    session.flush()
    _write_down(session, actor, term, language, "granted")
    return term


def retire(session: Session, *, actor: Actor, person: Person, language: Language) -> AmbassadorTerm:
    """End a person's standing term in a language now; their decisions stay.

    Raises NotFound ``term_unknown``.
    """
    permit(actor, Permission.AMBASSADOR_APPOINT, language_id=language.id)
    now = clock.now()
    standing = queries.standing_terms(session, person=person, language=language, at=now)
    if not standing:
        raise NotFound("term_unknown", handle=person.handle, language=language.english)
    term = standing[0]
    term.retired_at = now
    session.flush()
    _write_down(session, actor, term, language, "revoked")
    return term


def _write_down(session: Session, actor: Actor, term: AmbassadorTerm, language: Language, what: str) -> None:
    """Put the beginning or the end of a term into the audit and, being about power, into the ledger."""
    ledger.append(
        session,
        type=f"role.{what}",
        person_id=term.person_id,
        payload={
            "role": "ambassador",
            "language": language.code,
            "until": term.ends_at.date().isoformat(),
            "by": actor.name,
        },
    )
    audit.record(
        session, actor=actor, action="ambassador.appoint" if what == "granted" else "ambassador.retire",
        object_kind="person", object_id=term.person_id, language=language.code, term=term.id,
    )  # fmt: skip


def _permit_profile(actor: Actor, person: Person) -> None:
    if not may(actor, Permission.PEOPLE_ADD):
        permit(actor, Permission.PROFILE_CHANGE, owner_id=person.id)


def _names(english_name: str, autonym: str | None) -> tuple[str, str | None]:
    """Return both names as they are stored: on one line, in NFC."""
    english, own = " ".join((clean(english_name) or "").split()), " ".join((clean(autonym) or "").split())
    if not english:
        raise Invalid("language_name_missing")
    if max(len(english), len(own)) > rules.LONGEST_NAME:
        raise Invalid("language_name_long", most=rules.LONGEST_NAME)
    return english, own or None


def _refuse_taken_name(session: Session, english: str, script: str) -> None:
    """Two varieties in one script must not be called the same."""
    wanted = rules.fold(english)
    for other in queries.all_languages(session):
        if other.script == script and rules.fold(other.english_name) == wanted:
            raise Conflict("language_name_taken", name=english, known=other.code)
