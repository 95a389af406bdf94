"""Tokens: what a script signs in with. Make one, list them, revoke them.

A token is shown once, when it is made; only its SHA-256 is kept. It is 32 random bytes, so a fast hash is enough:
there is nothing to guess.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person, Token
from annotator.audit import actions as audit
from annotator.errors import Conflict, Invalid, NotFound
from annotator.permissions import Actor, Permission, Scope, permit

# Recognisable, so that a search for leaked secrets finds one that was published by mistake.
PREFIX = "ann_"
LENGTH = len(PREFIX) + 43  # 32 bytes in URL-safe Base64 without padding
MOST_TOKENS = 20  # that one person may have at a time
LONGEST_NAME = 60
DAYS = 365
MOST_DAYS = 3650


def sha256_of(secret: str) -> str | None:
    """Return what is kept of a token; None for what cannot be one."""
    if len(secret) != LENGTH or not secret.startswith(PREFIX):
        return None
    return hashlib.sha256(secret.encode()).hexdigest()


def make(
    session: Session,
    *,
    actor: Actor,
    person: Person,
    name: str,
    scopes: Iterable[str],
    days: int | None = DAYS,
) -> tuple[Token, str]:
    """Make a token for ``person`` and return it with the secret, which nobody can read again.

    It ends after ``days`` (None: when it is revoked). Raises Invalid ``token_name_missing``, ``token_name_long``,
    ``token_scopes_missing``, ``token_scope_unknown`` or ``token_days_wrong``; Conflict ``token_too_many``.
    """
    permit(actor, Permission.TOKEN_CHANGE, owner_id=person.id)
    name, scopes = " ".join(name.split()), list(scopes)
    if not name:
        raise Invalid("token_name_missing")
    if len(name) > LONGEST_NAME:
        raise Invalid("token_name_long", longest=LONGEST_NAME)
    if not scopes:
        raise Invalid("token_scopes_missing", known=[scope.value for scope in Scope])
    for scope in scopes:
        if scope not in list(Scope):
            raise Invalid("token_scope_unknown", scope=scope, known=[one.value for one in Scope])
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise Invalid("token_days_wrong", most=MOST_DAYS)
    # Two tokens asked for at once queue here, so that the second is counted after the first.
    session.execute(select(Person.id).where(Person.id == person.id).with_for_update())
    count = select(func.count()).select_from(Token).where(Token.person_id == person.id, _standing())
    if session.execute(count).scalar_one() >= MOST_TOKENS:
        raise Conflict("token_too_many", most=MOST_TOKENS)
    secret, now = PREFIX + secrets.token_urlsafe(32), clock.now()
    token = Token(
        person_id=person.id,
        name=name,
        sha256=hashlib.sha256(secret.encode()).hexdigest(),
        scopes=[scope.value for scope in Scope if scope in scopes],
        created_at=now,
        expires_at=now + timedelta(days=days) if days is not None else None,
    )
    session.add(token)
    session.flush()
    audit.record(
        session, actor=actor, action="accounts.make_token", object_kind="token", object_id=token.id, scopes=token.scopes
    )
    return token, secret


def standing_of(session: Session, person_id: int) -> list[Token]:
    """Return the tokens of a person that still work, newest first."""
    query = select(Token).where(Token.person_id == person_id, _standing()).order_by(Token.id.desc())
    return list(session.scalars(query))


def the_token(session: Session, token_id: int, *, person_id: int) -> Token:
    """Return the person's own token.

    Raises NotFound ``token_unknown`` also for another person's.
    """
    token = session.get(Token, token_id)
    if token is None or token.person_id != person_id:
        raise NotFound("token_unknown")
    return token


def revoke(session: Session, *, actor: Actor, token: Token) -> None:
    """End a token with this transaction; one that has ended already stays as it was."""
    permit(actor, Permission.TOKEN_CHANGE, owner_id=token.person_id)
    if token.revoked_at is not None:
        return
    token.revoked_at = clock.now()
    session.flush()
    audit.record(session, actor=actor, action="accounts.revoke_token", object_kind="token", object_id=token.id)


def revoke_all(session: Session, *, person: Person) -> None:
    """End every token of a person, as a part of ending everything that they are signed in with."""
    ending = update(Token).where(Token.person_id == person.id, Token.revoked_at.is_(None))
    session.execute(ending.values(revoked_at=clock.now()))


def _standing() -> ColumnElement[bool]:
    """The token was not revoked and has not come to its end."""
    return Token.revoked_at.is_(None) & or_(Token.expires_at.is_(None), Token.expires_at > clock.now())
