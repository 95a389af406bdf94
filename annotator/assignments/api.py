"""What a script does with a reservation besides writing (keep it, skip it, give it back), and why there may be none."""

from collections.abc import Callable
from datetime import datetime

from flask_babel import LazyString, lazy_gettext
from pydantic import BaseModel

from annotator.assignments import actions, queries
from annotator.assignments.claiming import Claim
from annotator.assignments.models import Assignment
from annotator.assignments.rules import Empty, SkipReason
from annotator.errors import Conflict
from annotator.permissions import Permission, Scope
from annotator.web.access import current_actor
from annotator.web.api.endpoints import Endpoint, room
from annotator.web.api.shapes import Body
from annotator.web.extensions import db_session

blueprint = room("assignments")


class Reservation(BaseModel):
    """Where a piece of work stands. lease_until is when it goes back to the pool unless something is saved."""

    id: int
    state: str
    lease_until: datetime
    skip_reason: str | None


class NoWork(BaseModel):
    """There is nothing to do: why (a code and a sentence), when to try again if time helps, and what to do next.

    ``waiting`` is how many texts wait for review (at most 100 are counted), where that is the reason.
    """

    assignment: None
    reason: str
    detail: str
    next: str
    retry_at: datetime | None
    waiting: int | None


class Skip(Body):
    """Why somebody would rather not do this one."""

    reason: SkipReason


WHY: dict[Empty, tuple[LazyString, LazyString]] = {
    Empty.PAUSED: (
        lazy_gettext("This project is paused: its maintainers have stopped handing out work for now."),
        lazy_gettext("Look for another project, or come back later."),
    ),
    Empty.NO_WORK: (
        lazy_gettext("There is no work of this kind in this language here yet."),
        lazy_gettext("Write something of your own, where the project takes that."),
    ),
    Empty.NOT_A_WRITER: (
        lazy_gettext("You have not said that you write this language."),
        lazy_gettext("Say on your page that you write it; work comes at once."),
    ),
    Empty.NOT_A_READER: (
        lazy_gettext("The work left here has instructions in languages that you do not read."),
        lazy_gettext("If you do read them, add them on your page."),
    ),
    Empty.CONSENT: (
        lazy_gettext("What is left here could not be published under what you allow."),
        lazy_gettext("You need not change anything: write something of your own, or look at what you allow."),
    ),
    Empty.CAP: (
        lazy_gettext("You have handed in as much as one person may in this language here."),
        lazy_gettext("Where “retry_at” names a time, come back then; other languages and projects are open to you."),
    ),
    Empty.RESERVED: (
        lazy_gettext("All of it is reserved by others just now."),
        lazy_gettext("Try again when the first reservation runs out, which “retry_at” names."),
    ),
    Empty.REVIEWS: (
        lazy_gettext("Everything is written; what others wrote here waits for review."),
        lazy_gettext("Work comes back when texts are accepted. If you are an ambassador, review them."),
    ),
    Empty.DONE: (
        lazy_gettext("You have done everything that is open to you here. Thank you."),
        lazy_gettext("New work appears when prompts are added, or when other people's texts are accepted."),
    ),
}
_NO_WORDS = (lazy_gettext("There is nothing to do here just now."), lazy_gettext("Come back later."))


@Endpoint(
    blueprint, "POST", "/assignments/<int:assignment_id>/skip",
    scope=Scope.WORK, permission=Permission.ASSIGNMENT_USE, body=Skip, answers={200: Reservation},
    refuses={404: ("assignment_unknown",), 409: ("assignment_over",)},
)  # fmt: skip
def skip(assignment_id: int, body: Skip) -> Reservation:
    """Give the prompt back for good: it does not come again to this person.

    Repeated, it answers the same; the reason stays the first. It can be undone for some minutes.
    """
    assignment = _mine(assignment_id)
    _unless(
        assignment,
        "skipped",
        lambda: actions.skip(db_session(), actor=current_actor(), assignment=assignment, reason=body.reason.value),
    )
    return _said(assignment)


@Endpoint(
    blueprint, "POST", "/assignments/<int:assignment_id>/undo-skip",
    scope=Scope.WORK, permission=Permission.ASSIGNMENT_USE, answers={200: Reservation},
    refuses={404: ("assignment_unknown",), 409: ("undo_too_late", "place_taken", "assignment_over")},
)  # fmt: skip
def undo_skip(assignment_id: int) -> Reservation:
    """Take a skip back, for some minutes after it: the prompt is reserved again, with what was written.

    Work that was reserved in its stead and not begun goes back to the pool.
    """
    assignment = _mine(assignment_id)
    actions.undo_skip(db_session(), actor=current_actor(), assignment=assignment)
    return _said(assignment)


@Endpoint(
    blueprint, "POST", "/assignments/<int:assignment_id>/release",
    scope=Scope.WORK, permission=Permission.ASSIGNMENT_USE, answers={200: Reservation},
    refuses={404: ("assignment_unknown",), 409: ("assignment_over",)},
)  # fmt: skip
def release(assignment_id: int) -> Reservation:
    """Give the prompt back for now; it may come again. The draft is dropped. Repeated, it answers the same."""
    assignment = _mine(assignment_id)
    _unless(
        assignment,
        "released",
        lambda: actions.release(db_session(), actor=current_actor(), assignment=assignment),
    )
    return _said(assignment)


@Endpoint(
    blueprint, "POST", "/assignments/<int:assignment_id>/renew",
    scope=Scope.WORK, permission=Permission.ASSIGNMENT_USE, answers={200: Reservation},
    refuses={404: ("assignment_unknown",), 409: ("assignment_over", "place_taken")},
)  # fmt: skip
def renew(assignment_id: int) -> Reservation:
    """Let the reservation begin anew; one that has run out is taken again where a place is free."""
    assignment = _mine(assignment_id)
    actions.renew(db_session(), actor=current_actor(), assignment=assignment)
    return _said(assignment)


def _mine(assignment_id: int) -> Assignment:
    return queries.get(db_session(), assignment_id, person_id=current_actor().person_id)


def _unless(assignment: Assignment, state: str, act: Callable[[], None]) -> None:
    """Act; where that was done already, once more changes nothing and is no refusal."""
    try:
        act()
    except Conflict as error:
        if error.code != "assignment_over" or assignment.state != state:
            raise


def _said(assignment: Assignment) -> Reservation:
    return Reservation(
        id=assignment.id,
        state=assignment.state,
        lease_until=assignment.lease_until,
        skip_reason=assignment.skip_reason,
    )


def nothing(claim: Claim) -> NoWork:
    """Return why a claim found nothing."""
    why, what_next = WHY.get(claim.reason or Empty.DONE, _NO_WORDS)
    return NoWork(
        assignment=None,
        reason=claim.reason or "done",
        detail=str(why),
        next=str(what_next),
        retry_at=claim.retry_at,
        waiting=claim.waiting,
    )
