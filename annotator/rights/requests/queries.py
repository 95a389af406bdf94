"""Requests and their steps, and the texts that one is about."""

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from annotator import text
from annotator.accounts.models import Person, Role
from annotator.annotations import queries as annotations
from annotator.annotations.models import Annotation, Revision
from annotator.annotations.rules import Texts, newest_own, texts_of
from annotator.errors import NotFound
from annotator.prompts.models import Prompt
from annotator.rights.models import Request, RightsEvent, Withdrawal
from annotator.rights.requests import rules

MOST_FOUND = 30
# Fewer letters would find half of everything.
SHORTEST = 4
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Found:
    """A text that a request may be about, with its words in full."""

    annotation: Annotation
    texts: Texts


def by_public_id(session: Session, public_id: str) -> Request:
    """Return a request; raise NotFound ``request_unknown``."""
    found = session.scalar(select(Request).where(Request.public_id == public_id))
    if found is None:
        raise NotFound("request_unknown")
    return found


def with_key(session: Session, public_id: str, key: str) -> Request:
    """Return the request that a secret link leads to; raise NotFound ``request_unknown`` for every other."""
    found = session.scalar(select(Request).where(Request.public_id == public_id))
    kept = (found.key_sha256 if found is not None else None) or "0" * 64
    if not hmac.compare_digest(kept, rules.sha256_of(key)) or found is None:
        raise NotFound("request_unknown")
    return found


def of_its_person(session: Session, public_id: str, person_id: int) -> Request:
    """Return a person's own request; raise NotFound ``request_unknown`` for every other."""
    found = by_public_id(session, public_id)
    if found.person_id != person_id:
        raise NotFound("request_unknown")
    return found


def of_person(session: Session, person_id: int) -> list[Request]:
    """Return what a person asked, newest first."""
    return list(session.scalars(select(Request).where(Request.person_id == person_id).order_by(Request.id.desc())))


def waiting_of(session: Session, person_id: int | None, key_sha256: str | None) -> list[Request]:
    """Return what waits for a decision and was asked by a person or, without one, under a key."""
    whose = Request.person_id == person_id if person_id is not None else Request.key_sha256 == key_sha256
    return list(session.scalars(select(Request).where(Request.state == "received", whose)))


def open_ones(session: Session, at: datetime) -> list[Request]:
    """Return what waits for a decision: overdue first, then by the day that was promised."""
    waiting = session.scalars(select(Request).where(Request.state == "received")).all()
    return sorted(waiting, key=lambda one: (not rules.is_overdue(one, at), rules.promised(one), one.id))


def decided_ones(session: Session) -> list[Request]:
    """Return what was decided and not closed yet, newest first."""
    query = select(Request).where(Request.state.in_(("accepted", "refused")))
    return list(session.scalars(query.order_by(Request.decided_at.desc())))


def over(session: Session, at: datetime) -> list[Request]:
    """Return what is to be closed."""
    return [one for one in decided_ones(session) if rules.is_over(one, at)]


def steps_of(session: Session, request: Request) -> list[RightsEvent]:
    """Return the steps of a request, oldest first."""
    query = select(RightsEvent).where(RightsEvent.request_id == request.id)
    return list(session.scalars(query.order_by(RightsEvent.id)))


def withdrawals_of(session: Session, request: Request) -> list[Withdrawal]:
    """Return what was taken out because of a request."""
    return list(session.scalars(select(Withdrawal).where(Withdrawal.request_id == request.id).order_by(Withdrawal.id)))


def last_refuser(session: Session, request: Request) -> str | None:
    """Return who refused it last, as the log names them."""
    query = select(RightsEvent.actor).where(RightsEvent.request_id == request.id, RightsEvent.step == "refused")
    return session.scalars(query.order_by(RightsEvent.id.desc()).limit(1)).first()


def maintainers(session: Session) -> list[Person]:
    """Return who decides about requests."""
    standing = select(Role.person_id).where(Role.role == "maintainer", Role.revoked_at.is_(None))
    query = select(Person).where(Person.id.in_(standing), Person.left_at.is_(None))
    return list(session.scalars(query.order_by(Person.id)))


def find(session: Session, words: str) -> tuple[list[Found], list[Prompt]]:
    """Return texts that are named by their ids in ``words``, or hold ``words`` as they stand; and imported prompts.

    Only for those who decide: it shows texts that nobody else may see. What was taken back is not found.
    """
    named = _ID.findall(words.lower())
    plain = text.clean(words) or ""  # as texts are kept
    if named:
        chosen = select(Annotation.id).where(Annotation.public_id.in_(named))
        return _texts(session, session.scalars(chosen).all()), []
    if len(plain) < SHORTEST:
        return [], []
    holding = or_(*(column.contains(plain, autoescape=True) for column in _COLUMNS))
    query = select(Revision.annotation_id).where(holding, Revision.withdrawn_at.is_(None))
    prompts = session.scalars(
        select(Prompt)
        .where(or_(*(column.contains(plain, autoescape=True) for column in _PROMPTS)))
        .order_by(Prompt.id)
        .limit(MOST_FOUND)
    ).all()
    answers = select(Annotation.id).where(Annotation.prompt_id.in_([one.id for one in prompts]))
    ids = [*session.scalars(query.distinct().limit(MOST_FOUND)), *session.scalars(answers.limit(MOST_FOUND))]
    return _texts(session, ids), list(prompts)


_COLUMNS = (Revision.instruction, Revision.input, Revision.completion)
_PROMPTS = (Prompt.instruction, Prompt.input, Prompt.completion)


def _texts(session: Session, ids: Sequence[int]) -> list[Found]:
    query = select(Annotation).where(Annotation.id.in_(ids), Annotation.withdrawn_at.is_(None))
    found = session.scalars(query.options(selectinload(Annotation.revisions)).order_by(Annotation.id)).all()
    annotations.load_lineage(session, [one for annotation in found for one in annotation.revisions])
    return [Found(one, texts_of(newest_own(one))) for one in found]
