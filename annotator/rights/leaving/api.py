"""Leaving over HTTP."""

from datetime import datetime

from pydantic import BaseModel

from annotator.accounts.models import Person
from annotator.permissions import Permission, Scope
from annotator.rights.leaving import actions, mails
from annotator.web.access import current_actor
from annotator.web.api.endpoints import Answer, Endpoint, room
from annotator.web.api.shapes import Body
from annotator.web.extensions import db_session, settings

blueprint = room("leaving")


class Manner(Body):
    """What becomes of one's texts: take (they are erased), unnamed, or named; whoever has no texts need not say."""

    manner: str | None = None


class Leaving(BaseModel):
    """One is leaving. Every session and token has ended; signing in until undo_until can undo it.

    The claim code is shown only this once, where texts stay.
    """

    manner: str
    undo_until: datetime
    claim_code: str | None


class Staying(BaseModel):
    """One stays."""

    undone_at: datetime | None


@Endpoint(
    blueprint, "POST", "/me/leave", body=Manner, answers={201: Leaving},
    scope=Scope.RIGHTS, permission=Permission.ACCOUNT_LEAVE,
    refuses={409: ("leaving_already", "last_maintainer"), 422: ("manner_missing",)},
    fields={"manner_missing": "manner"},
)  # fmt: skip
def leave(body: Manner) -> Answer:
    """Leave, and say what becomes of one's texts. A letter says until when it can be undone."""
    session = db_session()
    person = session.get_one(Person, current_actor().person_id)
    asked = actions.ask(session, actor=current_actor(), person=person, manner=body.manner, policy=settings().rights)
    mails.asked(session, person, asked.departure)
    return Answer(
        Leaving(manner=asked.departure.manner, undo_until=asked.departure.undo_until, claim_code=asked.code), 201
    )


@Endpoint(
    blueprint, "DELETE", "/me/leave", answers={200: Staying},
    scope=Scope.RIGHTS, permission=Permission.ACCOUNT_LEAVE,
    refuses={409: ("not_leaving", "undo_over")},
)  # fmt: skip
def stay() -> Staying:
    """Undo leaving, with a token that was made since; the page after signing in does the same."""
    session = db_session()
    person = session.get_one(Person, current_actor().person_id)
    return Staying(undone_at=actions.undo(session, actor=current_actor(), person=person).undone_at)
