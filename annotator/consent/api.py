"""What may be done with one's texts, over HTTP: what stands, and a new decision."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Literal

from flask import current_app
from pydantic import AfterValidator, AwareDatetime, BaseModel

from annotator.consent import actions, queries, rules, scopes
from annotator.consent.models import ConsentEvent
from annotator.consent.outlook import KEY
from annotator.errors import Conflict, NotFound
from annotator.languages import queries as languages
from annotator.languages.api import UNKNOWN
from annotator.languages.models import Language
from annotator.permissions import Permission, Scope
from annotator.web.access import current_actor
from annotator.web.api.endpoints import Answer, Endpoint, room
from annotator.web.api.shapes import Body
from annotator.web.extensions import db_session

blueprint = room("consent")

Publish = Literal["no", "gated", "open"]
Attribution = Literal["none", "handle", "named"]


def _in_utc(moment: datetime) -> datetime:
    """Return the moment in UTC; one whose zone leads out of the calendar is malformed."""
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        message = "not a moment of the calendar"
        raise ValueError(message) from error


class RightsIn(Body):
    """What others may do with the texts; what is left out stays as it was."""

    publish: Publish | None = None
    derive: bool | None = None
    train: bool | None = None
    evaluate: bool | None = None
    research: bool | None = None
    commercial: bool | None = None


class Decision(Body):
    """What one allows from now on, for everything, for new texts in a language, or for one text.

    The first decision answers everything. custom takes rights. A name for the credit is needed with named. adult says
    that one is 18 or older. also_before widens earlier texts too; what narrows always reaches them. terms_version: the
    version of the terms that was read; it is refused when there is a newer one. wording: the language of the translation
    that stood beside the text that counts.
    """

    preset: Literal["open", "noncommercial", "gated", "practice", "custom"]
    attribution: Attribution | None = None
    rights: RightsIn | None = None
    credit_name: str | None = None
    adult: bool = False
    language: str | None = None
    annotation: str | None = None
    expires_at: Annotated[AwareDatetime, AfterValidator(_in_utc)] | None = None
    also_before: bool = False
    terms_version: int | None = None
    wording: str | None = None


class Rights(BaseModel):
    """What others may do with a text."""

    publish: Publish
    derive: bool
    train: bool
    evaluate: bool
    research: bool
    commercial: bool


class Stands(BaseModel):
    """What stands now for everything new (language and annotation null), for a language, or for one text.

    until is when the first of the grants runs out.
    """

    language: str | None
    annotation: str | None
    rights: Rights
    attribution: Attribution
    until: datetime | None


class DecisionMade(BaseModel):
    """A decision as it was recorded; rights that are null were not decided in it. ledger_seq is its entry in the ledger.

    wording is the language of the translation that was read; translation_wrong: it was wrong, so the decision counts as a
    denial until one decides for everything again.
    """

    at: datetime
    preset: str
    language: str | None
    annotation: str | None
    publish: Publish | None
    derive: bool | None
    train: bool | None
    evaluate: bool | None
    research: bool | None
    commercial: bool | None
    attribution: Attribution | None
    expires_at: datetime | None
    also_before: bool
    terms_version: int
    wording: str | None
    translation_wrong: bool
    ledger_seq: int


class Terms(BaseModel):
    """The wording that is in force, and the SHA-256 of its text."""

    version: int
    title: str
    sha256: str


class Consents(BaseModel):
    """What stands, and every decision, newest first. consented: there is one under the terms now in force."""

    consented: bool
    terms: Terms
    stands: list[Stands]
    decisions: list[DecisionMade]


@Endpoint(
    blueprint, "GET", "/consents", answers={200: Consents}, scope=Scope.READ, refuses={404: ("document_missing",)}
)
def show_consents() -> Consents:
    """Say what one allows, and what one has decided so far."""
    session, person_id = db_session(), current_actor().person_id or 0
    terms = queries.current_document(session, queries.TERMS)
    return Consents(
        consented=queries.standing(session, person_id),
        terms=Terms(version=terms.version, title=terms.title, sha256=terms.sha256),
        stands=[_stands(line) for line in scopes.stands(session, person_id)],
        decisions=[
            _decided(line.event, line.language, line.text_public_id) for line in scopes.history(session, person_id)
        ],
    )


@Endpoint(
    blueprint, "POST", "/consents", answers={201: DecisionMade},
    scope=Scope.RIGHTS, permission=Permission.CONSENT_CHANGE, body=Decision,
    refuses={
        404: ("consent_text_unknown", "document_missing", "translation_unknown", *UNKNOWN),
        409: ("consent_scope_too_early", "terms_newer", "translation_wrong"),
        422: (
            "consent_rights_missing", "consent_attribution_missing", "credit_name_missing", "credit_name_too_long",
            "consent_adult_missing", "consent_expiry_past", "consent_one_scope",
        ),
    },
    fields={
        **dict.fromkeys(UNKNOWN, "/language"),
        "consent_text_unknown": "/annotation",
        "consent_one_scope": "/annotation",
        "terms_newer": "/terms_version",
        "translation_unknown": "/wording",
        "translation_wrong": "/wording",
        "consent_rights_missing": "/rights",
        "consent_attribution_missing": "/attribution",
        "credit_name_missing": "/credit_name",
        "credit_name_too_long": "/credit_name",
        "consent_adult_missing": "/adult",
        "consent_expiry_past": "/expires_at",
    },
)  # fmt: skip
def decide_consent(body: Decision) -> Answer:
    """Decide what may be done with one's texts, from now on."""
    session, actor = db_session(), current_actor()
    if body.terms_version not in (None, queries.current_document(session, queries.TERMS).version):
        raise Conflict("terms_newer")
    text = None
    if body.annotation is not None:
        text = scopes.own_text(session, actor.person_id or 0, public_id=body.annotation)
        if text is None:
            raise NotFound("consent_text_unknown")
    language = languages.resolve(session, body.language) if body.language is not None else None
    event = actions.decide(
        session,
        actor=actor,
        preset=body.preset,
        attribution=body.attribution,
        rights=body.rights.model_dump() if body.rights else None,
        credit_name=body.credit_name,
        adult=body.adult,
        language=language,
        annotation_id=text.id if text else None,
        expires_at=body.expires_at,
        also_before=body.also_before,
        wording=body.wording,
    )
    current_app.extensions[KEY].follow(session, [event])
    return Answer(_decided(event, language, body.annotation), 201)


def _stands(line: scopes.Standing) -> Stands:
    return Stands(
        language=line.language.code if line.language else None,
        annotation=line.text.public_id if line.text else None,
        rights=Rights.model_validate(line.decisions.rights.as_dict()),
        attribution=line.decisions.attribution,
        until=line.decisions.until,
    )


def _decided(event: ConsentEvent, language: Language | None, public_id: str | None) -> DecisionMade:
    choices = _of(event, rules.SCALES)
    return DecisionMade.model_validate(
        {
            **choices,
            **_of(event, ("at", "preset", "expires_at", "also_before", "ledger_seq")),
            "language": language.code if language else None,
            "annotation": public_id,
            "terms_version": event.document.version,
            "wording": event.shown.language if event.shown else None,
            "translation_wrong": bool(event.wrong),
        }
    )


def _of(event: ConsentEvent, names: Iterable[str]) -> dict[str, object]:
    return {name: getattr(event, name) for name in names}
