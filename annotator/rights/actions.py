"""Take a text back: suspended in the same transaction, undone while there is time, and what people decide about it."""

from datetime import datetime

from sqlalchemy.orm import Session

from annotator import clock, text
from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.audit import actions as audit
from annotator.errors import Conflict, Invalid, NotFound
from annotator.languages.models import Language
from annotator.ledger import actions as ledger
from annotator.permissions import Actor, Permission, permit
from annotator.rights import queries, rules, suspending
from annotator.rights.mending import actions as mending
from annotator.rights.models import RightsEvent, Withdrawal
from annotator.rights.queries import Reach
from annotator.settings import RightsPolicy

LONGEST_REASON = 1000
# Writes the journal: what was taken back must not come back with a backup that was made before.
TIDY = "annotator.rights.erasing.jobs:tidy"


def withdraw(
    session: Session,
    *,
    actor: Actor,
    person: Person,
    annotation: Annotation | None = None,
    language: Language | None = None,
    policy: RightsPolicy = RightsPolicy(),  # noqa: B008  # frozen
) -> Withdrawal:
    """Withdraw one text, all texts in a language, or (neither given) everything that ``person`` wrote.

    From this transaction on the texts are shown to nobody but their author and stand in no new release; work
    that others made from them falls back, is set aside or stays out; their places in the pool open again. Until
    ``undo_until`` :func:`undo` puts all of it back. Raises Invalid ``nothing_to_withdraw``, NotFound for another
    person's text, Forbidden for another actor.
    """
    ledger.queue_up(session)  # one withdrawal after the other: two that reach each other's texts would wait in a ring
    if annotation is not None:
        if annotation.author_id != person.id:
            raise NotFound("annotation_unknown", id=annotation.public_id)
        session.refresh(annotation, with_for_update=True)
        permit(actor, Permission.ANNOTATION_WITHDRAW, owner_id=annotation.author_id, state=annotation.standing)
    else:
        permit(actor, Permission.ANNOTATION_WITHDRAW, owner_id=person.id, state="in_review")
    reach = queries.reach(session, person, annotation=annotation, language=language)
    if not reach.annotations and not reach.edits:
        raise Invalid("nothing_to_withdraw")
    made = take(
        session,
        actor=actor,
        reach=reach,
        policy=policy,
        person_id=person.id,
        scope="text" if annotation else "language" if language else "everything",
        language=language,
        annotation=annotation,
    )
    if annotation is None:
        suspending.drop_unfinished(session, person, language)
    return made


def take_down(
    session: Session,
    *,
    actor: Actor,
    cause: str,
    annotation: Annotation,
    request_id: int | None = None,
    policy: RightsPolicy = RightsPolicy(),  # noqa: B008  # frozen
) -> Withdrawal:
    """Take a text out by a decision about a request: copied, described, a minor's.

    Raises Forbidden; Conflict ``withdrawn_already``.
    """
    permit(actor, Permission.RIGHTS_DECIDE)
    ledger.queue_up(session)
    session.refresh(annotation, with_for_update=True)
    if annotation.withdrawn_at is not None:
        raise Conflict("withdrawn_already")
    return take(
        session,
        actor=actor,
        reach=Reach([annotation], []),
        policy=policy,
        person_id=annotation.author_id,
        scope="text",
        annotation=annotation,
        cause=cause,
        request_id=request_id,
    )


def take(
    session: Session,
    *,
    actor: Actor,
    reach: Reach,
    policy: RightsPolicy = RightsPolicy(),  # noqa: B008  # frozen
    person_id: int,
    scope: str,
    language: Language | None = None,
    annotation: Annotation | None = None,
    cause: str = "withdrawn",
    request_id: int | None = None,
) -> Withdrawal:
    """Take everything within reach out, for whoever has asked whether that is permitted."""
    now = clock.now()
    ends = rules.undo_until(cause, now, policy)
    entry = ledger.append(
        session,
        type="text.withdrawn" if cause == "withdrawn" else "text.revoked",
        person_id=person_id,
        payload={
            "scope": scope,
            "cause": cause,
            "language": language.code if language else None,
            "annotations": [own.public_id for own in reach.annotations],
            "edits": len(reach.edits),
        },
    )
    made = Withdrawal(
        person_id=person_id,
        scope=scope,
        language_id=language.id if language else None,
        annotation_id=annotation.id if annotation else None,
        state="suspended",
        n_texts=len(reach.annotations) + len(reach.edits),
        requested_at=now,
        requested_by=actor.name,
        ledger_seq=entry.seq,
        cause=cause,
        request_id=request_id,
        undo_until=ends,
        due_at=rules.due_at(ends, policy),
    )
    session.add(made)
    session.flush()
    note(session, made, actor, "received", at=now)
    suspending.suspend(session, made, reach, now)
    mending.set_aside(session, made, policy)
    note(session, made, actor, "suspended", at=now)
    audit.record(
        session, actor=actor, action="rights.withdrawn", object_kind="withdrawal", object_id=made.id, scope=scope
    )
    session.info.setdefault("wake", set()).add(TIDY)
    return made


def undo(session: Session, *, actor: Actor, withdrawal: Withdrawal) -> None:
    """Put back everything that a withdrawal hid; drafts and reservations that it ended stay gone.

    Raises NotFound for another person's, Forbidden, Conflict ``undo_over``.
    """
    if withdrawal.person_id is None or (not actor.operator and withdrawal.person_id != actor.person_id):
        raise NotFound("withdrawal_unknown")
    ledger.queue_up(session)
    session.refresh(withdrawal, with_for_update=True)
    # Somebody else's decision about a copied or a minor's text is not undone by its author, but by an appeal.
    permit(actor, Permission.ANNOTATION_WITHDRAW, owner_id=withdrawal.person_id, state="in_review")
    if withdrawal.cause != "withdrawn" or not rules.can_be_undone(withdrawal, clock.now()):
        raise Conflict("undo_over")
    mending.lift(session, withdrawal)
    suspending.restore(session, withdrawal)
    withdrawal.state, withdrawal.closed_at = "undone", clock.now()
    ledger.append(
        session,
        type="withdrawal.undone",
        person_id=withdrawal.person_id,
        payload={"withdrawal": withdrawal.public_id},
    )
    note(session, withdrawal, actor, "undone")
    audit.record(session, actor=actor, action="rights.undone", object_kind="withdrawal", object_id=withdrawal.id)
    session.info.setdefault("wake", set()).add(TIDY)


def extend(
    session: Session,
    *,
    actor: Actor,
    withdrawal: Withdrawal,
    reason: str,
    policy: RightsPolicy = RightsPolicy(),  # noqa: B008  # frozen
) -> None:
    """Promise a later day, once, with a reason that its person reads; what is hidden stays hidden.

    Raises Forbidden; Invalid ``reason_missing``; Conflict ``extended_already``, ``withdrawal_over``.
    """
    permit(actor, Permission.RIGHTS_DECIDE)
    ledger.queue_up(session)
    session.refresh(withdrawal, with_for_update=True)
    if withdrawal.state in {"undone", "refused", "closed"}:
        raise Conflict("withdrawal_over")
    if withdrawal.extended_until is not None:
        raise Conflict("extended_already")
    said = clean_reason(reason)
    withdrawal.extended_until = withdrawal.due_at + policy.extend
    ledger.append(session, type="withdrawal.extended", payload={"withdrawal": withdrawal.public_id})
    note(session, withdrawal, actor, "extended", reason=said)
    audit.record(session, actor=actor, action="rights.extended", object_kind="withdrawal", object_id=withdrawal.id)


def clean_reason(value: str | None) -> str:
    """Return a reason in NFC without outer white space; raise Invalid ``reason_missing`` or ``reason_too_long``."""
    said = text.clean(value) or ""
    if not said:
        raise Invalid("reason_missing")
    if len(said) > LONGEST_REASON:
        raise Invalid("reason_too_long", longest=LONGEST_REASON)
    return said


def note(
    session: Session,
    withdrawal: Withdrawal,
    actor: Actor,
    step: str,
    *,
    reason: str | None = None,
    at: datetime | None = None,
) -> None:
    """Write down one step of a withdrawal."""
    session.add(
        RightsEvent(withdrawal_id=withdrawal.id, at=at or clock.now(), actor=actor.name, step=step, reason=reason)
    )
    session.flush()
