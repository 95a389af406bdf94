"""Join, sign in, change a password, get and lose roles."""

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts import queries, rules, tokens
from annotator.accounts.models import Attempt, Person, Role
from annotator.audit import actions as audit
from annotator.errors import Conflict, Forbidden, Invalid
from annotator.ledger import actions as ledger
from annotator.permissions import Actor, Permission, permit

ROLES = ("maintainer",)


@dataclass(frozen=True)
class Joined:
    """What came of a sign-up; only the letter to the address may depend on ``new``, never the page."""

    person: Person
    new: bool


@dataclass(frozen=True)
class UsedLink:
    """Whom a link signed in, and whether a password that nobody vouched for was dropped."""

    person: Person
    password_dropped: bool


def sign_up(
    session: Session, *, actor: Actor, email: str, handle: str, password: str | None = None, controller_is_known: bool
) -> Joined:
    """Make an account that waits for its address to be confirmed.

    An address that has one already is returned as it is (``new`` false); one that was never confirmed starts afresh,
    so that nobody can sit on somebody else's address.
    Raises Forbidden ``sign_up_closed``; Invalid for the address, the handle or the password; Conflict ``handle_taken``.
    """
    if not controller_is_known:
        raise Forbidden("sign_up_closed")
    email, handle = rules.clean_email(email), rules.clean_handle(handle)
    password_hash = None
    if password:
        rules.check_password(password, email=email, handle=handle)
        password_hash = rules.hash_password(password)
    person = queries.by_email(session, email)
    if person is not None and person.email_confirmed_at is not None:
        _check_handle(session, handle, own=None)
        return Joined(person, new=False)
    _check_handle(session, handle, own=person)
    if person is None:
        person = _insert(session, email=email, handle=handle, password_hash=password_hash)
    else:
        person.handle, person.password_hash = handle, password_hash
        _end_everything(session, person)
    audit.record(session, actor=actor, action="accounts.sign_up", object_kind="person", object_id=person.id)
    return Joined(person, new=True)


def add(session: Session, *, actor: Actor, email: str, handle: str, password: str | None = None) -> Person:
    """Make an account for somebody, its address taken as confirmed.

    Raises Invalid as :func:`sign_up` does; Conflict ``email_taken`` or ``handle_taken``.
    """
    permit(actor, Permission.PEOPLE_ADD)
    email, handle = rules.clean_email(email), rules.clean_handle(handle)
    password_hash = None
    if password:
        rules.check_password(password, email=email, handle=handle)
        password_hash = rules.hash_password(password)
    if queries.by_email(session, email) is not None:
        raise Conflict("email_taken", email=email)
    _check_handle(session, handle, own=None)
    person = _insert(session, email=email, handle=handle, password_hash=password_hash)
    person.email_confirmed_at = clock.now()
    audit.record(session, actor=actor, action="accounts.add", object_kind="person", object_id=person.id)
    return person


def begin_sign_in(session: Session, *, email: str, place: str) -> Person | None:
    """Count a try and return the person to check the password against; the caller commits before it checks.

    ``place`` is where the try comes from. Raises Forbidden ``too_many_tries``.
    """
    since = clock.now() - rules.TRIES_WITHIN
    limits = (("sign-in", email.strip(), rules.TRIES_PER_ADDRESS), ("sign-in-from", place, rules.TRIES_PER_PLACE))
    for what, whom, most in limits:
        if queries.attempts_since(session, rules.attempt_key(what, whom), since) >= most:
            raise Forbidden("too_many_tries", minutes=int(rules.TRIES_WITHIN.total_seconds() // 60))
    for what, whom, _most in limits:
        session.add(Attempt(key=rules.attempt_key(what, whom), at=clock.now()))
    session.flush()
    return queries.by_email(session, email)


def signed_in(session: Session, *, person: Person, email: str) -> None:
    """Forget the tries that led to a successful sign-in."""
    session.execute(delete(Attempt).where(Attempt.key == rules.attempt_key("sign-in", email.strip())))
    audit.record(
        session,
        actor=Actor(person_id=person.id),
        action="accounts.sign_in",
        object_kind="person",
        object_id=person.id,
        by="password",
    )


def may_write_to(session: Session, *, email: str) -> bool:
    """Count a letter that was asked for, and say whether it may go: a few an hour, or a mailbox could be flooded."""
    key = rules.attempt_key("letter", email.strip())
    if queries.attempts_since(session, key, clock.now() - rules.LETTERS_WITHIN) >= rules.LETTERS_PER_ADDRESS:
        return False
    session.add(Attempt(key=key, at=clock.now()))
    session.flush()
    return True


def find_by_link(session: Session, *, secret: str, purpose: rules.Purpose, token: str) -> tuple[Person, rules.Link]:
    """Return whom a link is for, without using it.

    Raises Invalid ``link_dead`` when it is too old, used, or made before the password was changed.
    """
    link = rules.read_link(secret, purpose, token)
    person = queries.by_public_id(session, link.public_id)
    if person is None or person.stamp != link.stamp:
        raise Invalid("link_dead")
    if queries.attempts_since(session, rules.attempt_key("link", link.nonce), None):
        raise Invalid("link_dead")
    return person, link


def use_link(session: Session, *, secret: str, purpose: rules.Purpose, token: str, joined_here: str | None) -> UsedLink:
    """Use a link up, confirm the address it was sent to, and say whom it signs in.

    Whoever typed the password at sign-up may not be who reads the letter. So at the first confirmation it stays only
    where ``joined_here``, the public id that this browser joined as, is the person's. Raises Invalid ``link_dead``.
    """
    person, _ = find_by_link(session, secret=secret, purpose=purpose, token=token)
    # Two clicks at once queue here, and the second finds the link used.
    session.execute(select(Person.id).where(Person.id == person.id).with_for_update())
    person, link = find_by_link(session, secret=secret, purpose=purpose, token=token)
    session.add(Attempt(key=rules.attempt_key("link", link.nonce), at=clock.now()))
    dropped = False
    if person.email_confirmed_at is None:
        person.email_confirmed_at = clock.now()
        dropped = person.password_hash is not None and joined_here != person.public_id
        if dropped:
            person.password_hash = None
    session.flush()
    audit.record(
        session,
        actor=Actor(person_id=person.id),
        action="accounts.sign_in",
        object_kind="person",
        object_id=person.id,
        by=purpose.value,
    )
    return UsedLink(person, password_dropped=dropped)


def set_password(session: Session, *, actor: Actor, person: Person, password: str | None) -> None:
    """Set, change or (None) remove the password; every session, link and token of the person ends.

    Raises Invalid ``password_short``, ``password_long`` or ``password_weak``.
    """
    permit(actor, Permission.PROFILE_CHANGE, owner_id=person.id)
    if password is not None:
        rules.check_password(password, email=person.email, handle=person.handle)
    person.password_hash = rules.hash_password(password) if password is not None else None
    _end_everything(session, person)
    audit.record(session, actor=actor, action="accounts.set_password", object_kind="person", object_id=person.id)


def end_sessions(session: Session, *, actor: Actor, person: Person) -> None:
    """End every session, link and token of the person."""
    permit(actor, Permission.PROFILE_CHANGE, owner_id=person.id)
    _end_everything(session, person)
    audit.record(session, actor=actor, action="accounts.end_sessions", object_kind="person", object_id=person.id)


def change_handle(session: Session, *, actor: Actor, person: Person, handle: str) -> None:
    """Change the handle.

    Raises Invalid ``handle_invalid`` or ``handle_mixed``; Conflict ``handle_taken``.
    """
    permit(actor, Permission.PROFILE_CHANGE, owner_id=person.id)
    handle = rules.clean_handle(handle)
    _check_handle(session, handle, own=person)
    person.handle = handle
    audit.record(session, actor=actor, action="accounts.change_handle", object_kind="person", object_id=person.id)


def grant_role(session: Session, *, actor: Actor, person: Person, role: str) -> Role:
    """Give a role of the whole platform; who has it already keeps it.

    Raises Invalid ``role_unknown``.
    """
    permit(actor, Permission.ROLE_GRANT)
    if role not in ROLES:
        raise Invalid("role_unknown", role=role, known=ROLES)
    standing = queries.standing_role(session, person.id, role)
    if standing is not None:
        return standing
    granted = Role(person_id=person.id, role=role, granted_at=clock.now(), granted_by=actor.name)
    session.add(granted)
    session.flush()
    ledger.append(session, type="role.granted", payload={"role": role, "by": actor.name}, person_id=person.id)
    audit.record(
        session, actor=actor, action="accounts.grant_role", object_kind="person", object_id=person.id, role=role
    )
    return granted


def revoke_role(session: Session, *, actor: Actor, person: Person, role: str) -> None:
    """Take a role back; the access it gave ends with this transaction.

    Raises Conflict ``role_not_held``; Conflict ``last_maintainer`` rather than leave the platform without one.
    """
    permit(actor, Permission.ROLE_GRANT)
    standing = queries.standing_role(session, person.id, role)
    if standing is None:
        raise Conflict("role_not_held", handle=person.handle, role=role)
    if role == "maintainer" and queries.count_of_role(session, role) == 1:
        raise Conflict("last_maintainer")
    standing.revoked_at = clock.now()
    session.flush()
    ledger.append(session, type="role.revoked", payload={"role": role, "by": actor.name}, person_id=person.id)
    audit.record(
        session, actor=actor, action="accounts.revoke_role", object_kind="person", object_id=person.id, role=role
    )


def forget_attempts(session: Session) -> int:
    """Delete counted tries and used links that are too old to matter; return how many."""
    old = delete(Attempt).where(Attempt.at < clock.now() - rules.ATTEMPTS_KEPT)
    return int(session.execute(old).rowcount)  # type: ignore[attr-defined]  # a DELETE gives a cursor result


def _end_everything(session: Session, person: Person) -> None:
    """End what the person is signed in with: who takes an account back must not leave a way in to somebody else."""
    person.stamp = rules.new_stamp()
    tokens.revoke_all(session, person=person)


def _check_handle(session: Session, handle: str, *, own: Person | None) -> None:
    found = queries.by_handle(session, handle)
    if found is not None and (own is None or found.id != own.id):
        raise Conflict("handle_taken", handle=handle)


def _insert(session: Session, *, email: str, handle: str, password_hash: str | None) -> Person:
    person = Person(
        email=email, handle=handle, password_hash=password_hash, stamp=rules.new_stamp(), created_at=clock.now()
    )
    try:
        with session.begin_nested():
            session.add(person)
    except IntegrityError as error:  # somebody took the address or the handle between our look and our write
        raise Conflict("handle_taken", handle=handle) from error
    return person
