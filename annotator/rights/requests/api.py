"""Requests about texts over HTTP, by anybody: no token is asked for."""

from datetime import datetime
from typing import Literal

from flask import request
from limits import parse
from pydantic import BaseModel, Field

from annotator.errors import NotFound
from annotator.permissions import VISITOR
from annotator.rights.models import Request
from annotator.rights.requests import actions, mails, queries, rules
from annotator.web.api.doors import count
from annotator.web.api.endpoints import PREFIX, Answer, Endpoint, Header, room
from annotator.web.api.shapes import Body
from annotator.web.extensions import db_session, settings
from annotator.web.pages import public_address

blueprint = room("requests")

TO_ASK, TO_FOLLOW = parse("20/hour"), parse("120/minute")
Kind = Literal["described", "copied", "wrong_name", "minor", "other"]


class Question(Body):
    """What somebody asks about a text: what it is about, where the text is (an id, an address, its words), what is wrong."""

    kind: Kind
    place: str = Field(max_length=rules.LONGEST_PLACE)
    statement: str = Field(max_length=rules.LONGEST_STATEMENT)
    contact: str | None = Field(default=None, max_length=320)


class QuestionAsked(BaseModel):
    """A request that we have. key is said once: who has it can see the answer. link is the page for people."""

    id: str
    due_at: datetime
    key: str
    link: str


class QuestionStep(BaseModel):
    """One step of a request."""

    step: str
    at: datetime


class QuestionSeen(BaseModel):
    """Where a request stands; texts is how many were taken out because of it."""

    id: str
    kind: str
    state: str
    due_at: datetime
    answer: str | None
    texts: int
    steps: list[QuestionStep]


@Endpoint(
    blueprint, "POST", "/requests", public=True, body=Question, answers={201: QuestionAsked},
    refuses={422: ("statement_missing", "place_missing", "email_invalid"), 429: ("too_many_requests",)},
    fields={"statement_missing": "/statement", "place_missing": "/place", "email_invalid": "/contact"},
)  # fmt: skip
def ask_about_text(body: Question) -> Answer:
    """Ask about a text: it tells something about somebody, was copied, has a wrong name, or is by a minor."""
    count(TO_ASK, "requests")
    asked = actions.ask(
        db_session(),
        actor=VISITOR,
        kind=body.kind,
        statement=body.statement,
        place=body.place,
        contact=body.contact,
        policy=settings().rights,
    )
    mails.received(db_session(), asked.request, asked.key)
    made, key = asked.request, asked.key or ""
    said = QuestionAsked(
        id=made.public_id,
        due_at=made.due_at,
        key=key,
        link=public_address("requests.follow", public_id=made.public_id, key=key),
    )
    headers = {"Location": f"{PREFIX}/requests/{made.public_id}", "Cache-Control": "no-store"}
    return Answer(said, 201, headers=headers)


@Endpoint(
    blueprint, "GET", "/requests/<public_id>", public=True, answers={200: QuestionSeen},
    headers=(Header("Request-Key", "The key that came with the request", required=True),),
    refuses={404: ("request_unknown",), 429: ("too_many_requests",)},
)  # fmt: skip
def follow_request(public_id: str) -> Answer:
    """Say where a request stands."""
    count(TO_FOLLOW, "requests-follow")
    key = request.headers.get("Request-Key", "")
    if not key:
        raise NotFound("request_unknown")
    return Answer(_seen(queries.with_key(db_session(), public_id, key)), headers={"Cache-Control": "no-store"})


def _seen(found: Request) -> QuestionSeen:
    session = db_session()
    return QuestionSeen(
        id=found.public_id,
        kind=found.kind,
        state=found.state,
        due_at=rules.promised(found),
        answer=found.answer,
        texts=len(queries.withdrawals_of(session, found)),
        steps=[QuestionStep(step=one.step, at=one.at) for one in queries.steps_of(session, found)],
    )
