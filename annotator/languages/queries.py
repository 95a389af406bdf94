"""Find languages by any of their names, and the people who stand for them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, bindparam, cast, exists, func, literal_column, or_, select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts import queries as accounts
from annotator.accounts.models import Person, Role, Token
from annotator.accounts.tokens import sha256_of
from annotator.database import UTCDateTime, table_of
from annotator.errors import NotFound
from annotator.languages import rules, varieties
from annotator.languages.models import AmbassadorTerm, Language, Speaker
from annotator.permissions import Actor
from annotator.ready import Ready

_COMMA: Any = literal_column("','")
_NOW = bindparam("now", type_=UTCDateTime())
_tokens, _roles, _terms = table_of(Token).c, table_of(Role).c, table_of(AmbassadorTerm).c
# Made once, and of columns: every request of a script asks this, and nothing else, to know who it is.
_HOLDER = Ready(
    select(
        _tokens.id,
        _tokens.scopes,
        _tokens.person_id,
        exists()
        .where(_roles.person_id == _tokens.person_id, _roles.role == "maintainer", _roles.revoked_at.is_(None))
        .label("maintainer"),
        select(func.aggregate_strings(cast(_terms.language_id, String), _COMMA))
        .where(
            _terms.person_id == _tokens.person_id,
            _terms.starts_at <= _NOW,
            _terms.ends_at > _NOW,
            or_(_terms.retired_at.is_(None), _terms.retired_at > _NOW),
        )
        .scalar_subquery()
        .label("terms"),
    ).where(
        _tokens.sha256 == bindparam("sha256"),
        _tokens.revoked_at.is_(None),
        or_(_tokens.expires_at.is_(None), _tokens.expires_at > _NOW),
    )
)


@dataclass(frozen=True)
class Holder:
    """Whose token this is, as an actor with the roles of this moment, and what it may be used for."""

    token_id: int
    scopes: frozenset[str]
    actor: Actor


def all_languages(session: Session) -> list[Language]:
    """Return every language, by English name and script."""
    return list(session.scalars(select(Language).order_by(Language.english_name, Language.script, Language.code)))


def search(session: Session, query: str) -> list[Language]:
    """Return the languages that ``query`` finds in any name, code or script; all of them for an empty query.

    Those where its words begin a word come first: ``ede`` finds Èdè Yorùbá before Nederlands.
    """
    found = [language for language in all_languages(session) if rules.is_found(query, _names(language))]
    return sorted(found, key=lambda language: not rules.is_found(query, _names(language), at_beginnings=True))


def by_code(session: Session, code: str) -> Language:
    """Return the language with exactly our code.

    Raises NotFound ``language_unknown``, with the nearest codes.
    """
    found = _with_code(session, code)
    if found is None:
        raise _unknown(session, code)
    return found


def resolve(session: Session, value: str) -> Language:
    """Return the language that a code means: ours, one of our table (``zho-TW``, ``yor``), or a BCP 47 tag.

    Raises NotFound: ``language_not_added`` (known to us, not in this installation), ``language_ambiguous`` (it could
    mean several) or ``language_unknown``. Nothing is guessed.
    """
    wanted = re.sub("[-_]+", "-", value.strip().lower())
    ours = varieties.by_other_code().get(wanted) or _as_code(wanted)
    found = _with_code(session, ours) if ours else None
    if found is not None:
        return found
    languages = all_languages(session)
    same_tag = [language for language in languages if language.bcp47.lower() == wanted]
    if len(same_tag) == 1:
        return same_tag[0]
    if not same_tag and ours in {row.code for row in varieties.known()}:
        raise NotFound("language_not_added", value=value, known=ours)
    several = same_tag or [
        language for language in languages if wanted in {language.iso639_3, rules.primary_subtag(language.iso639_3)}
    ]
    if several:
        raise NotFound("language_ambiguous", value=value, near=[language.code for language in several])
    raise _unknown(session, value)


def actor_for(session: Session, person: Person) -> Actor:
    """Return what ``person`` is at this moment: a maintainer or not, ambassador of which languages."""
    ambassador_of = frozenset(term.language_id for term in standing_terms(session, person=person))
    return Actor(
        person_id=person.id, maintainer=accounts.is_maintainer(session, person.id), ambassador_of=ambassador_of
    )


def holder_of(session: Session, secret: str) -> Holder | None:
    """Return whose token this is, in one statement; None for one that is unknown, revoked or over."""
    sha256 = sha256_of(secret)
    if sha256 is None:
        return None
    found = _HOLDER.first(session, {"sha256": sha256, "now": clock.now()})
    if found is None:
        return None
    token_id, scopes, person_id, maintainer, terms = found
    ambassador_of = frozenset(map(int, terms.split(","))) if terms else frozenset[int]()
    return Holder(token_id, frozenset(scopes), Actor(person_id, maintainer=maintainer, ambassador_of=ambassador_of))


def standing_terms(
    session: Session, *, person: Person | None = None, language: Language | None = None, at: datetime | None = None
) -> list[AmbassadorTerm]:
    """Return the ambassadors' terms that stand at a moment (now), by language; of one person or language if given."""
    moment = at or clock.now()
    query = (
        select(AmbassadorTerm)
        .join(AmbassadorTerm.language)
        .where(AmbassadorTerm.starts_at <= moment, AmbassadorTerm.ends_at > moment)
        .where(AmbassadorTerm.retired_at.is_(None) | (AmbassadorTerm.retired_at > moment))
        .order_by(Language.code, AmbassadorTerm.id)
    )
    if person is not None:
        query = query.where(AmbassadorTerm.person_id == person.id)
    if language is not None:
        query = query.where(AmbassadorTerm.language_id == language.id)
    return list(session.scalars(query))


def spoken_by(session: Session, person_id: int) -> list[Speaker]:
    """Return what a person reads, writes or reviews, by English name."""
    query = select(Speaker).join(Speaker.language).where(Speaker.person_id == person_id)
    return list(session.scalars(query.order_by(Language.english_name, Language.code)))


def speaker(session: Session, person_id: int, language_id: int) -> Speaker | None:
    """Return what a person says of their own command of a language, or None."""
    return session.get(Speaker, (person_id, language_id))


def _with_code(session: Session, code: str) -> Language | None:
    return session.scalar(_WITH_CODE, {"code": code})


_WITH_CODE = select(Language).where(Language.code == bindparam("code"))


def _as_code(wanted: str) -> str | None:
    """Return ``yor-latn-ekiti`` as ``yor_Latn_ekiti``, or None when it is not of that form."""
    iso639_3, _, rest = wanted.partition("-")
    script, _, variety = rest.partition("-")
    code = rules.make_code(iso639_3, script.title(), variety)
    return code if rules.CODE.fullmatch(code) else None


def _names(language: Language) -> Sequence[str | None]:
    return (language.autonym, language.english, language.name, language.code, language.bcp47, language.script_name)


def _unknown(session: Session, value: str) -> NotFound:
    names = [(language.code, name) for language in all_languages(session) for name in _names(language) if name]
    near = rules.nearest(value, names)
    return NotFound("language_unknown_near" if near else "language_unknown", value=value, near=near)
