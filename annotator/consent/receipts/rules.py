"""A receipt with the fields of ISO/IEC TS 27560, made of facts; pure functions.

Status is named in the terms of the W3C Data Privacy Vocabulary. What a person agreed to is in the notices that a receipt
points at, by address and SHA-256; here are codes only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

SCHEMA_VERSION = "annotator-receipt-1 (ISO/IEC TS 27560:2023)"
DPV = "https://w3id.org/dpv#"
GIVEN, REFUSED, WITHDRAWN, REVOKED, EXPIRED = (
    f"{DPV}Consent{word}" for word in ("Given", "Refused", "Withdrawn", "Revoked", "Expired")
)
PERSON, OTHER, TIME = "data subject", "controller", "time"

# Entries of the ledger that have a receipt, with the state that each stands for by itself. Choices say it themselves.
TYPES: Mapping[str, str | None] = {
    "consent.given": None,
    "consent.changed": None,
    "personal.chosen": None,
    "text.withdrawn": WITHDRAWN,
    "text.revoked": REVOKED,
    "withdrawal.undone": GIVEN,
    "person.leaving": WITHDRAWN,
    "person.stayed": GIVEN,
}
USES = ("train", "evaluate", "research")  # without any of them nothing may leave
RECIPIENTS = {"open": ["everybody"], "gated": ["people who accepted the gated terms"], "no": []}
# Articles 15 to 18, 20, 21 and 77 of the GDPR, which many laws follow.
RIGHTS = ("access", "rectification", "erasure", "restriction", "portability", "objection", "complaint")


@dataclass(frozen=True)
class Notice:
    """A document that was shown: the text that counts, or the translation beside it."""

    kind: str
    version: int
    language: str
    title: str
    url: str
    sha256: str
    counts: bool


@dataclass(frozen=True)
class Step:
    """Something that happened to a consent, when, and through whom."""

    at: datetime
    state: str
    by: str = PERSON
    until: datetime | None = None


@dataclass(frozen=True)
class Party:
    """Who is in charge, and the numbers that an installation may set."""

    name: str
    contact: str
    jurisdiction: str
    url: str
    undo: timedelta
    erase: timedelta
    backups: timedelta = timedelta(days=90)


@dataclass(frozen=True)
class Entry:
    """The entry of the ledger, with the parts that can be erased."""

    seq: int
    hash: str
    prev: str
    time: str
    type: str
    subject_ref: str | None
    document_sha256: str | None
    commitment: str
    salt: bytes
    payload: Mapping[str, Any]


def first_state(type_: str, payload: Mapping[str, Any]) -> str:
    """Return the state that an entry stands for at its own moment."""
    fixed = TYPES[type_]
    if fixed is not None:
        return fixed
    if type_ == "personal.chosen":
        return GIVEN if payload["level"] != "none" else WITHDRAWN
    choices = payload["choices"]
    # What is left out stays as it was, so it denies nothing.
    if choices.get("publish") != "no" and not all(choices.get(name) is False for name in USES):
        return GIVEN
    return REFUSED if type_ == "consent.given" else WITHDRAWN


def receipt(entry: Entry, notices: Iterable[Notice], steps: Iterable[Step], party: Party) -> dict[str, Any]:
    """Return the receipt of an entry, as its JSON Schema describes it."""
    return {
        "schema_version": SCHEMA_VERSION,
        "schema": f"{party.url}/receipts/schema.json",
        "record_id": f"{party.url}/receipts/{entry.seq}",
        "pii_principal_id": entry.subject_ref,
        "privacy_notices": [vars(notice) for notice in notices],
        "purposes": _purposes(entry),
        "pii_categories": _categories(entry),
        "pii_controllers": [
            {
                "party_name": party.name,
                "party_contact": party.contact,
                "party_url": party.url,
                "party_role": f"{DPV}DataController",
            }
        ],
        "collection_method": "asked of the person, on a page or through the API with the person's token",
        "storage_locations": [party.jurisdiction],
        "retention": {
            "until": "taken back, or the account is left",
            "undo": _duration(party.undo),
            "erased_within": _duration(party.undo + party.erase),
            "backups": _duration(party.backups),
        },
        "jurisdictions": [party.jurisdiction],
        "recipients": _recipients(entry),
        "withdrawal_method": {
            "change": f"{party.url}/{'me/about' if entry.type == 'personal.chosen' else 'consent'}",
            "take_back": f"{party.url}/rights/",
        },
        "privacy_rights": list(RIGHTS),
        "events": [
            {
                "event_time": step.at.isoformat(timespec="seconds"),
                "event_state": step.state,
                "entity": step.by,
                "valid_until": step.until.isoformat(timespec="seconds") if step.until else None,
            }
            for step in sorted(steps, key=lambda step: step.at)
        ],
        "ledger_seq": entry.seq,
        "ledger_hash": entry.hash,
        "ledger_entry": {
            "seq": entry.seq,
            "prev": entry.prev,
            "time": entry.time,
            "type": entry.type,
            "subject_ref": entry.subject_ref,
            "document_sha256": entry.document_sha256,
            "commitment": entry.commitment,
        },
        "proof": {
            "commitment": entry.commitment,
            "salt": entry.salt.hex(),
            "payload": dict(entry.payload),
            "method": "commitment = SHA-256(salt || JCS(payload)); ledger_hash = SHA-256(JCS(ledger_entry)); JCS: RFC 8785",
        },
    }


def _purposes(entry: Entry) -> list[dict[str, Any]]:
    """Return each purpose that was decided about, and whether it is granted."""
    if entry.type == "personal.chosen":
        granted = entry.payload["level"]
        return [{"purpose": entry.payload["topic"], "granted": granted, "lawful_basis": f"{DPV}Consent"}]
    choices = entry.payload.get("choices", {})
    return [
        {
            "purpose": name,
            "granted": choices[name],
            "lawful_basis": f"{DPV}Consent" if name == "attribution" else "licence",
        }
        for name in choices
    ]


def _categories(entry: Entry) -> list[str]:
    """Return which personal data it is about."""
    if entry.type == "personal.chosen":
        return [entry.payload["topic"]]
    credit = {"named": ["name"], "handle": ["handle"]}.get(entry.payload.get("choices", {}).get("attribution", ""), [])
    return ["texts", "language of the texts", "month of the texts", *credit]


def _recipients(entry: Entry) -> list[str]:
    if entry.type == "personal.chosen":
        return RECIPIENTS["open"] if entry.payload["level"] in {"row", "aggregate"} else []
    return RECIPIENTS.get(entry.payload.get("choices", {}).get("publish", "no"), [])


def _duration(value: timedelta) -> str:
    """Return an ISO 8601 duration, in hours."""
    return f"PT{int(value.total_seconds() // 3600)}H"
