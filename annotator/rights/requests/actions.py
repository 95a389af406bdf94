"""Ask about a text, decide, ask once more, and forget what was asked when it is over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from annotator import clock, text
from annotator.accounts.models import Person
from annotator.accounts.rules import clean_email
from annotator.annotations.models import Annotation
from annotator.assignments import actions as assignments
from annotator.audit import actions as audit
from annotator.errors import Conflict, Forbidden, Invalid, NotFound
from annotator.ledger import actions as ledger
from annotator.permissions import Actor, Permission, permit
from annotator.projects.models import Project
from annotator.prompts import blocking, pool
from annotator.prompts.models import Prompt
from annotator.prompts.rules import Texts
from annotator.releases import feed
from annotator.releases.models import ReleaseRow
from annotator.rights import actions as rights
from annotator.rights.actions import clean_reason
from annotator.rights.erasing import scrubbing
from annotator.rights.models import Request, RightsEvent, Withdrawal
from annotator.rights.requests import queries, rules
from annotator.settings import RightsPolicy, Settings


@dataclass(frozen=True)
class Asked:
    """A request, and the key of its link, which nobody can read again; None where its person is signed in.

    ``again``: it had been sent before, and nothing was done.
    """

    request: Request
    key: str | None
    again: bool = False


def ask(
    session: Session,
    *,
    actor: Actor,
    kind: str,
    statement: str | None,
    place: str | None,
    contact: str | None = None,
    key: str | None = None,
    policy: RightsPolicy = RightsPolicy(),  # noqa: B008  # frozen
) -> Asked:
    """Ask about a text; nobody needs an account for that.

    ``key`` is of the form, and of the link that follows it (None: a new one). The same words under the same key, or by the
    same person, are the same request for as long as it is not decided: whoever presses twice asks once.

    Raises Invalid ``request_kind_unknown``, ``statement_missing``, ``statement_too_long``, ``place_missing``,
    ``place_too_long``, ``email_invalid``.
    """
    if kind not in rules.KINDS:
        raise Invalid("request_kind_unknown")
    said = _statement(statement)
    where = _place(place)
    address = clean_email(contact) if contact and contact.strip() else None
    ledger.queue_up(session)  # of two that are sent at once, the second sees the first
    now = clock.now()
    if actor.person_id is not None:
        key = None
    elif key is None or not rules.is_key(key):
        key = rules.new_key()
    key_sha256 = rules.sha256_of(key) if key is not None else None
    for one in queries.waiting_of(session, actor.person_id, key_sha256):
        if (one.kind, one.statement, one.place) == (kind, said, where):
            return Asked(one, key, again=True)
    made = Request(
        kind=kind,
        statement=said,
        place=where,
        contact=address,
        key_sha256=key_sha256,
        person_id=actor.person_id,
        received_at=now,
        due_at=now + policy.answer,
    )
    session.add(made)
    session.flush()
    _step(session, actor, made, "received", at=now)
    return Asked(made, key)


def _statement(value: str | None) -> str:
    said = text.clean(value)
    if not said:
        raise Invalid("statement_missing")
    if len(said) > rules.LONGEST_STATEMENT:
        raise Invalid("statement_too_long", longest=rules.LONGEST_STATEMENT)
    return said


def _place(value: str | None) -> str:
    said = text.clean(value)
    if not said:
        raise Invalid("place_missing")
    if len(said) > rules.LONGEST_PLACE:
        raise Invalid("place_too_long", longest=rules.LONGEST_PLACE)
    return said


def accept(
    session: Session,
    *,
    actor: Actor,
    request: Request,
    settings: Settings,
    annotations: Sequence[Annotation] = (),
    prompts: Sequence[Prompt] = (),
    answer: str | None = None,
) -> list[Withdrawal]:
    """Do what was asked: take these texts out (of a wrong name: the credit), and blank these imported prompts.

    Whatever answers a blanked prompt goes with it. Authors keep their credit elsewhere, and hear that a text went.
    Raises Forbidden ``not_permitted`` or ``appeal_other_person``; Conflict ``request_decided``; Invalid
    ``request_texts_missing``.
    """
    _may_decide(session, actor, request)
    chosen = [one for one in annotations if one.withdrawn_at is None]
    meant = chosen if request.kind == "wrong_name" else [*chosen, *prompts]  # no name stands beside a prompt
    if request.kind != "other" and not meant:
        raise Invalid("request_texts_missing")
    made: list[Withdrawal] = []
    if request.kind == "wrong_name":
        _drop_credit(session, chosen)
    else:
        standing = [*chosen, *_answers_to(session, prompts)]
        for one in {annotation.id: annotation for annotation in standing}.values():
            cause = rules.CAUSES[request.kind]
            made.append(
                rights.take_down(
                    session, actor=actor, cause=cause, annotation=one, request_id=request.id, policy=settings.rights
                )
            )
        if prompts:
            scrubbing.mark(settings)
            session.info.setdefault("wake", set()).add(rights.TIDY)
        for prompt in prompts:
            _blank(session, prompt, clock.now() + settings.rights.block)
    request.state, request.decided_at, request.decided_by = "accepted", clock.now(), actor.name
    request.answer = text.clean(answer)
    _step(session, actor, request, "accepted")
    return made


def _answers_to(session: Session, prompts: Sequence[Prompt]) -> list[Annotation]:
    query = select(Annotation).where(Annotation.prompt_id.in_([one.id for one in prompts]))
    return list(session.scalars(query.where(Annotation.withdrawn_at.is_(None)).order_by(Annotation.id)))


def _blank(session: Session, prompt: Prompt, blocked_until: datetime) -> None:
    """Close an imported prompt, end the work begun on it, and erase its words: no import brings them back for a while.

    One that shows a contributor's text ends with that text.
    """
    pool.close(session, prompt)
    assignments.give_up(session, prompt)
    if prompt.revision_id is None:
        whole = Texts(prompt.instruction or "", prompt.input, prompt.completion)
        project = session.get_one(Project, prompt.project_id)
        blocking.block(session, project, [whole, whole._replace(completion=None)], blocked_until)
        prompt.instruction, prompt.input = "", None
        prompt.completion = "" if prompt.completion is not None else None
        prompt.text_hash, prompt.likeness, prompt.facts = token_hex(32), None, {}
    session.flush()


def _drop_credit(session: Session, chosen: Sequence[Annotation]) -> None:
    """Take the name away from who writes under it; their handle is credited instead, where they chose a name."""
    people = sorted({one.author_id for one in chosen})
    session.execute(update(Person).where(Person.id.in_(people)).values(credit_name=None))
    session.flush()
    printed = (
        select(ReleaseRow.annotation_id)
        .join(Annotation, Annotation.id == ReleaseRow.annotation_id)
        .where(Annotation.author_id.in_(people), ReleaseRow.facts["attribution_mode"].as_string() == "named")
    )
    feed.say_redacted(session, session.scalars(printed.distinct()).all())


def refuse(session: Session, *, actor: Actor, request: Request, reason: str) -> None:
    """Say no, and why. Raises as :func:`accept` does, and Invalid ``reason_missing`` or ``reason_too_long``."""
    _may_decide(session, actor, request)
    said = clean_reason(reason)
    request.state, request.decided_at, request.decided_by = "refused", clock.now(), actor.name
    request.answer = said
    _step(session, actor, request, "refused", reason=said)


def extend(
    session: Session,
    *,
    actor: Actor,
    request: Request,
    reason: str,
    policy: RightsPolicy = RightsPolicy(),  # noqa: B008  # frozen
) -> None:
    """Promise a later day, once, with a reason. Raises Forbidden; Conflict ``request_decided``, ``extended_already``."""
    permit(actor, Permission.RIGHTS_DECIDE)
    _lock(session, request)
    said = clean_reason(reason)
    if request.state != "received":
        raise Conflict("request_decided")
    if request.extended_until is not None:
        raise Conflict("extended_already")
    request.extended_until = request.due_at + policy.extend
    _step(session, actor, request, "extended", reason=said)


def appeal(
    session: Session,
    *,
    actor: Actor,
    request: Request,
    statement: str | None,
    key: str | None = None,
    policy: RightsPolicy = RightsPolicy(),  # noqa: B008  # frozen
) -> None:
    """Ask once more after a refusal: somebody else decides then.

    Raises NotFound ``request_unknown`` for whoever is neither its person nor has its key; Conflict ``appeal_over``;
    Invalid ``statement_missing`` or ``statement_too_long``.
    """
    if key is not None:
        queries.with_key(session, request.public_id, key)
    elif request.person_id is None or request.person_id != actor.person_id:
        raise NotFound("request_unknown")
    _lock(session, request)
    now = clock.now()
    if not rules.may_appeal(request, now):
        raise Conflict("appeal_over")
    request.appeal = _statement(statement)
    request.appealed_at, request.state, request.due_at = now, "received", now + policy.answer
    _step(session, actor, request, "appealed")


def close_due(session: Session) -> int:
    """Close what is over, erase what was written in it, and return how many."""
    ledger.queue_up(session)  # an appeal at the last moment is waited for, and seen
    now = clock.now()
    due = queries.over(session, now)
    close(session, due, at=now)
    return len(due)


def close(session: Session, requests: Iterable[Request], *, at: datetime) -> None:
    """Close these, and erase what was written in them."""
    for request in requests:
        request.state = "closed"
        request.statement = request.place = request.contact = request.appeal = request.answer = None
        session.add(RightsEvent(request_id=request.id, at=at, actor="operator", step="closed"))
        session.execute(update(RightsEvent).where(RightsEvent.request_id == request.id).values(reason=None))
    session.flush()


def _may_decide(session: Session, actor: Actor, request: Request) -> None:
    permit(actor, Permission.RIGHTS_DECIDE)
    _lock(session, request)
    if request.state != "received":
        raise Conflict("request_decided")
    if request.appealed_at is None or actor.name != queries.last_refuser(session, request):
        return
    if any(f"person:{one.id}" != actor.name for one in queries.maintainers(session)):
        raise Forbidden("appeal_other_person")


def _lock(session: Session, request: Request) -> None:
    ledger.queue_up(session)  # the ledger before rows, as everywhere
    session.refresh(request, with_for_update=True)


def _step(
    session: Session,
    actor: Actor,
    request: Request,
    step: str,
    *,
    reason: str | None = None,
    at: datetime | None = None,
) -> None:
    """Write down a step: in the request, in the ledger without any words, and in the log."""
    ledger.append(
        session,
        type=f"request.{step}",
        person_id=request.person_id,
        payload={"request": request.public_id, "kind": request.kind},
    )
    session.add(RightsEvent(request_id=request.id, at=at or clock.now(), actor=actor.name, step=step, reason=reason))
    session.flush()
    audit.record(session, actor=actor, action=f"request.{step}", object_kind="request", object_id=request.id)
