"""Taking texts back over HTTP, and where that stands."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from annotator import clock
from annotator.accounts.models import Person
from annotator.annotations import queries as annotations
from annotator.annotations.models import Annotation
from annotator.errors import Invalid, NotFound
from annotator.languages import queries as languages
from annotator.languages.api import UNKNOWN
from annotator.languages.models import Language
from annotator.ledger import actions as ledger
from annotator.permissions import Permission, Scope
from annotator.rights import actions, mails, previewing, queries, rules
from annotator.rights.models import RightsEvent, Withdrawal
from annotator.web.access import current_actor
from annotator.web.api.endpoints import Answer, Endpoint, room
from annotator.web.api.shapes import Body
from annotator.web.extensions import db_session, settings

blueprint = room("rights")


class Withdrawn(BaseModel):
    """A text that was taken back: hidden at once, out of every later release, and named there as withdrawn."""

    id: str
    state: str
    withdrawn_at: datetime


class Scoped(Body):
    """What to take back: all one's texts in a language, or (everything: true) all of them."""

    language: str | None = None
    everything: bool = False


class Effects(BaseModel):
    """What taking this back would do now.

    Own texts and own edits; own texts by lane of a release that is served. Texts of others that build on them: those
    that stay, fall back to an older version, wait for their authors to mend them, or have nothing left.
    """

    texts: int
    edits: int
    lanes: dict[str, int]
    stay: int
    fall_back: int
    wait: int
    out: int


class Step(BaseModel):
    """One step of a request, when it was taken, and the reason where one was written for the person."""

    step: str
    at: datetime
    reason: str | None


class Request(BaseModel):
    """A withdrawal and where it stands. It can be undone until undo_until while can_be_undone; all is done by due_at."""

    id: str
    scope: str
    language: str | None
    state: str
    texts: int
    requested_at: datetime
    undo_until: datetime
    can_be_undone: bool
    due_at: datetime
    ledger_seq: int
    steps: list[Step]


class Requests(BaseModel):
    """One's withdrawals, newest first."""

    withdrawals: list[Request]


class Span(BaseModel):
    """How long something took, in days: of n (null: few), the median and the 95th percentile (null: of none yet)."""

    n: int | None
    median: float | None
    p95: float | None


class Figures(BaseModel):
    """The public figures of the queue; null where a count is small enough to point at somebody."""

    withdrawals: dict[str, int | None]
    requests: dict[str, int | None]
    to_erase: Span
    to_release: Span
    to_answer: Span
    overdue: int
    extended: int | None
    refused: int | None
    appeals: int | None
    holds: int
    minors: int | None


@Endpoint(
    blueprint, "DELETE", "/annotations/<public_id>", answers={200: Withdrawn},
    scope=Scope.RIGHTS, permission=Permission.ANNOTATION_WITHDRAW, refuses={404: ("annotation_unknown",)},
)  # fmt: skip
def withdraw(public_id: str) -> Withdrawn:
    """Take one of one's own texts back, at any time. Repeated, it answers the same."""
    session, actor = db_session(), current_actor()
    annotation = annotations.by_public_id(session, public_id)
    if annotation.author_id != actor.person_id:
        raise NotFound("annotation_unknown", id=public_id)
    ledger.queue_up(session)  # sent twice at once, the second waits for the first and answers the same
    session.refresh(annotation)
    if annotation.withdrawn_at is None:
        _withdraw(annotation=annotation)
    when = annotation.withdrawn_at
    if when is None:  # the action has just set it
        raise AssertionError
    return Withdrawn(id=annotation.public_id, state=annotation.state, withdrawn_at=when)


@Endpoint(
    blueprint, "GET", "/me/withdrawals", answers={200: Requests},
    scope=Scope.READ, permission=Permission.ANNOTATION_WITHDRAW,
)  # fmt: skip
def list_withdrawals() -> Requests:
    """Return everything that one took back, with each step."""
    found = queries.withdrawals_of(db_session(), current_actor().person_id or 0)
    steps = queries.events_of(db_session(), [one.id for one in found])
    return Requests(withdrawals=[_as_told(one, steps[one.id]) for one in found])


@Endpoint(
    blueprint, "POST", "/me/withdrawals/preview", body=Scoped, answers={200: Effects},
    scope=Scope.RIGHTS, permission=Permission.ANNOTATION_WITHDRAW, refuses={404: UNKNOWN},
)  # fmt: skip
def preview(body: Scoped) -> Effects:
    """Say what taking back a language, or (without one) everything would do; changes nothing."""
    session = db_session()
    person = session.get_one(Person, current_actor().person_id)
    found = previewing.preview(session, person, language=_language(body), policy=settings().rights)
    return Effects.model_validate(found, from_attributes=True)


@Endpoint(
    blueprint, "POST", "/me/withdrawals", body=Scoped, answers={201: Request},
    scope=Scope.RIGHTS, permission=Permission.ANNOTATION_WITHDRAW,
    refuses={404: UNKNOWN, 422: ("nothing_to_withdraw", "withdraw_what")},
)  # fmt: skip
def withdraw_scope(body: Scoped) -> Answer:
    """Take back all one's texts in a language, or everything. It can be undone for a while."""
    language = _language(body)
    if (language is None) is not body.everything:
        raise Invalid("withdraw_what")
    return Answer(_told(_withdraw(language=language)), 201)


@Endpoint(
    blueprint, "POST", "/me/withdrawals/<public_id>/undo", answers={200: Request},
    scope=Scope.RIGHTS, permission=Permission.ANNOTATION_WITHDRAW,
    refuses={404: ("withdrawal_unknown",), 409: ("undo_over",)},
)  # fmt: skip
def undo(public_id: str) -> Request:
    """Put back what a withdrawal hid, while its time to undo runs."""
    session = db_session()
    withdrawal = queries.by_public_id(session, public_id)
    actions.undo(session, actor=current_actor(), withdrawal=withdrawal)
    return _told(withdrawal)


@Endpoint(blueprint, "GET", "/rights/figures", answers={200: Figures}, public=True)
def figures() -> Figures:
    """Return how many requests there are, how long they take, and what is overdue."""
    found = queries.figures(db_session(), clock.now(), small=settings().rights.small_count)
    return Figures.model_validate(found, from_attributes=True)


def _withdraw(*, annotation: Annotation | None = None, language: Language | None = None) -> Withdrawal:
    session, actor = db_session(), current_actor()
    person = session.get_one(Person, actor.person_id)
    made = actions.withdraw(
        session, actor=actor, person=person, annotation=annotation, language=language, policy=settings().rights
    )
    mails.confirmed(session, person, made)
    return made


def _language(body: Scoped) -> Language | None:
    return languages.resolve(db_session(), body.language) if body.language is not None else None


def _told(withdrawal: Withdrawal) -> Request:
    return _as_told(withdrawal, queries.events_of(db_session(), [withdrawal.id])[withdrawal.id])


def _as_told(withdrawal: Withdrawal, steps: Sequence[RightsEvent]) -> Request:
    session = db_session()
    language = session.get(Language, withdrawal.language_id) if withdrawal.language_id is not None else None
    return Request(
        id=withdrawal.public_id,
        scope=withdrawal.scope,
        language=language.code if language else None,
        state=withdrawal.state,
        texts=withdrawal.n_texts,
        requested_at=withdrawal.requested_at,
        undo_until=withdrawal.undo_until,
        can_be_undone=withdrawal.cause == "withdrawn" and rules.can_be_undone(withdrawal, clock.now()),
        due_at=withdrawal.extended_until or withdrawal.due_at,
        ledger_seq=withdrawal.ledger_seq,
        steps=[
            Step(step=one.step, at=one.at, reason=rules.reason_for_the_person(one.step, one.reason)) for one in steps
        ],
    )
