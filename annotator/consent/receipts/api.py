"""Receipts over HTTP."""

from datetime import datetime

from pydantic import BaseModel

from annotator.consent.receipts import queries
from annotator.permissions import Scope
from annotator.web.access import current_actor
from annotator.web.api.description import AnyObject
from annotator.web.api.endpoints import Endpoint, room
from annotator.web.extensions import db_session, settings

blueprint = room("receipts")


class ReceiptLine(BaseModel):
    """A receipt in the list; its number is that of its entry in the ledger."""

    ledger_seq: int
    ledger_hash: str
    type: str
    at: datetime


class Receipts(BaseModel):
    """One's receipts, newest first."""

    receipts: list[ReceiptLine]


@Endpoint(blueprint, "GET", "/receipts", answers={200: Receipts}, scope=Scope.READ)
def list_receipts() -> Receipts:
    """List one's receipts."""
    lines = queries.listed(db_session(), current_actor().person_id or 0)
    return Receipts(
        receipts=[ReceiptLine(ledger_seq=one.seq, ledger_hash=one.hash, type=one.type, at=one.at) for one in lines]
    )


@Endpoint(
    blueprint, "GET", "/receipts/<int:seq>", answers={200: AnyObject}, scope=Scope.READ,
    refuses={404: ("receipt_unknown",)},
)  # fmt: skip
def show_receipt(seq: int) -> AnyObject:
    """Read one of one's own receipts; its JSON Schema is at /receipts/schema.json."""
    person_id = current_actor().person_id or 0
    return AnyObject(queries.receipt(db_session(), person_id, seq, queries.party_of(settings())))
