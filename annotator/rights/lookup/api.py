"""Am I in this dataset? The same over HTTP."""

from flask import request
from limits import parse
from pydantic import BaseModel, Field

from annotator.permissions import Permission, Scope
from annotator.rights.api import Effects
from annotator.rights.lookup import queries, rules
from annotator.web.access import current_actor
from annotator.web.addresses import MOST_DIGITS
from annotator.web.api.doors import count
from annotator.web.api.endpoints import Answer, Endpoint, room
from annotator.web.api.shapes import Body
from annotator.web.extensions import db_session, settings

blueprint = room("lookup")

RATE = parse("30/minute")
_NOT_STORED = {"Cache-Control": "no-store"}


class WordsIn(Body):
    """A text that may be in a dataset."""

    words: str = Field(min_length=1, max_length=rules.LONGEST)


class HandleIn(Body):
    """A handle."""

    handle: str = Field(min_length=1, max_length=80)


class CodeIn(Body):
    """A claim code."""

    code: str = Field(min_length=1, max_length=80)


class TickedIn(Body):
    """Texts of one's own."""

    annotations: list[str] = Field(min_length=1, max_length=queries.PAGE)


class PublishedIn(BaseModel):
    """A version of a dataset, a lane and its licence. rows: how many texts, where that is said."""

    project: str
    version: str
    lane: str
    license: str
    rows: int | None


class NearIn(PublishedIn):
    """Where a text stands that is like the one that was asked about: alike is from 0.8 to 1."""

    alike: float


class WordsFound(BaseModel):
    """Where a text stands as it is (case counts, white space does not), and where texts stand that are like it.

    Near are only texts that begin or end with the same letters; a text that was changed at both ends is not found.
    Gated lanes, and languages that are protected, are never looked through.
    """

    found: bool
    exact: list[PublishedIn]
    near: list[NearIn]


class PlacesFound(BaseModel):
    """Where texts stand. Empty: there are none, or none that we may tell of; which of the two is not said."""

    places: list[PublishedIn]


class OwnText(BaseModel):
    """One of one's texts, and every release that holds it."""

    annotation: str
    state: str
    language: str
    releases: list[PublishedIn]


class OwnTexts(BaseModel):
    """A page of one's texts that are not taken back, newest first; ask for what comes before next, null on the last page."""

    texts: list[OwnText]
    next: int | None


@Endpoint(
    blueprint, "POST", "/lookup/text", public=True, body=WordsIn, answers={200: WordsFound},
    refuses={429: ("too_many_requests",)},
)  # fmt: skip
def lookup_text(body: WordsIn) -> Answer:
    """Say whether a text stands in a public lane of a release that is served; nobody is named."""
    count(RATE, "lookup")
    found = queries.pasted(db_session(), body.words)
    said = WordsFound(
        found=bool(found.exact),
        exact=[_told(place) for place in found.exact],
        near=[NearIn(**vars(place), alike=round(alike, 2)) for place, alike in found.near],
    )
    return Answer(said, headers=_NOT_STORED)


@Endpoint(
    blueprint, "POST", "/lookup/handle", public=True, body=HandleIn, answers={200: PlacesFound},
    refuses={429: ("too_many_requests",)},
)  # fmt: skip
def lookup_handle(body: HandleIn) -> Answer:
    """Say in which releases somebody is credited who chose to be findable."""
    count(RATE, "lookup")
    return Answer(_places(queries.by_handle(db_session(), body.handle)), headers=_NOT_STORED)


@Endpoint(
    blueprint, "POST", "/lookup/code", public=True, body=CodeIn, answers={200: PlacesFound},
    refuses={429: ("too_many_requests",)},
)  # fmt: skip
def lookup_code(body: CodeIn) -> Answer:
    """Say in which releases the texts stand that a claim code leads to."""
    count(RATE, "lookup")
    return Answer(_places(queries.by_code(db_session(), body.code)), headers=_NOT_STORED)


@Endpoint(
    blueprint, "GET", "/me/releases", answers={200: OwnTexts}, scope=Scope.READ,
    permission=Permission.ANNOTATION_WITHDRAW, query={"before": "The number that the page before gave as next"},
)  # fmt: skip
def lookup_own() -> OwnTexts:
    """Return one's texts, each with every release that holds it."""
    written = request.args.get("before", "")
    before = int(written) if written.isdecimal() and len(written) <= MOST_DIGITS else None
    found = queries.own_texts(db_session(), current_actor().person_id or 0, before_id=before)
    return OwnTexts(
        texts=[
            OwnText(
                annotation=one.annotation.public_id,
                state=one.annotation.state,
                language=one.annotation.language.code,
                releases=[_told(place) for place in one.places],
            )
            for one in found
        ],
        next=found[-1].annotation.id if len(found) == queries.PAGE else None,
    )


@Endpoint(
    blueprint, "POST", "/me/releases/preview", body=TickedIn, answers={200: Effects}, scope=Scope.RIGHTS,
    permission=Permission.ANNOTATION_WITHDRAW, refuses={404: ("annotation_unknown",)},
)  # fmt: skip
def preview_ticked(body: TickedIn) -> Effects:
    """Say what taking some of one's texts back would do; changes nothing."""
    found = queries.ticked(db_session(), current_actor().person_id or 0, body.annotations)
    return Effects.model_validate(queries.effects(db_session(), found, policy=settings().rights), from_attributes=True)


def _places(found: list[queries.Place]) -> PlacesFound:
    return PlacesFound(places=[_told(place) for place in found])


def _told(place: queries.Place) -> PublishedIn:
    return PublishedIn(**vars(place))
