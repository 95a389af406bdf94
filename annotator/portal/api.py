"""What gathers several rooms: who I am here, and one of my texts with what became of it."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from annotator.accounts.models import Person
from annotator.annotations import actions, links, models, queries
from annotator.annotations.api import FIELDS, IN_TEXTS
from annotator.annotations.rules import Written, newest_own, texts_for
from annotator.annotations.shapes import PromptIn, PromptOut, Ratings, texts_of
from annotator.consent import queries as consent
from annotator.errors import NotFound
from annotator.languages import queries as languages
from annotator.languages.models import Language
from annotator.languages.shapes import Text, Variety, text_in, variety_of
from annotator.permissions import Permission, Scope, may
from annotator.portal import queries as portal
from annotator.review import queries as reviews
from annotator.web.access import current_actor
from annotator.web.api.endpoints import Endpoint, room
from annotator.web.api.shapes import Body
from annotator.web.extensions import db_session

blueprint = room("portal")


class Spoken(Variety):
    """A language and what the person does in it."""

    reads: bool
    writes: bool
    reviews: bool
    level: str


class Me(BaseModel):
    """The token's owner. consented: they have decided about their rights under the terms now in force."""

    id: str
    handle: str
    email: str
    maintainer: bool
    ambassador_of: list[Variety]
    languages: list[Spoken]
    consented: bool


class ReviewSeen(BaseModel):
    """What a reviewer decided; who it was is not said."""

    outcome: str
    reasons: list[str]
    note: str | None
    at: datetime


class Published(BaseModel):
    """A release that holds the text: in which lane, under which licence (SPDX)."""

    project: str
    version: str
    lane: str
    license: str


class Annotation(BaseModel):
    """One of one's texts as one wrote it last, what reviewers said, and the releases that hold it.

    revision counts the versions of the text, reviewers' included. practice: it is its author's alone. already_good: a
    text was confirmed as it was. language_check is a machine's hint about the language of the completion; people decide.
    """

    id: str
    project: str
    kind: str
    state: str
    practice: bool
    already_good: bool
    language: Variety
    prompt: PromptOut
    completion: Text | None
    ratings: Ratings
    ai_assisted: str
    language_check: str | None
    revision: int
    submitted_at: datetime
    withdrawn_at: datetime | None
    reviews: list[ReviewSeen]
    releases: list[Published]


class RevisionIn(Body):
    """The next version of one's text; what is left out stays. A prompt that is only a string is the instruction."""

    prompt: str | PromptIn | None = None
    completion: str | None = None


class LinkIn(Body):
    """How a text was made from the one that it began with."""

    link: Literal["edit", "translation", "paraphrase", "completion"]


class LinkOut(BaseModel):
    """The link as it stands now."""

    id: str
    link: str


@Endpoint(blueprint, "GET", "/me", answers={200: Me}, scope=Scope.READ, refuses={404: ("document_missing",)})
def me() -> Me:
    """Say whose token this is, and what they may do here."""
    session, actor = db_session(), current_actor()
    person = session.get_one(Person, actor.person_id)
    looked_after = sorted((session.get_one(Language, one) for one in actor.ambassador_of), key=lambda one: one.code)
    return Me(
        id=person.public_id,
        handle=person.handle,
        email=person.email,
        maintainer=actor.maintainer,
        ambassador_of=[variety_of(language) for language in looked_after],
        languages=[
            Spoken(
                **variety_of(one.language).model_dump(),
                reads=one.reads,
                writes=one.writes,
                reviews=one.reviews,
                level=one.level,
            )
            for one in languages.spoken_by(session, person.id)
        ],
        consented=consent.standing(session, person.id),
    )


@Endpoint(
    blueprint, "GET", "/annotations/<public_id>", answers={200: Annotation},
    scope=Scope.READ, permission=Permission.ANNOTATION_READ, refuses={404: ("annotation_unknown",)},
)  # fmt: skip
def show_annotation(public_id: str) -> Annotation:
    """Return one of one's own texts."""
    return _described(own(public_id))


@Endpoint(
    blueprint, "PUT", "/annotations/<public_id>/link", answers={200: LinkOut},
    scope=Scope.WORK, permission=Permission.ANNOTATION_LINK, body=LinkIn,
    refuses={
        404: ("annotation_unknown",), 409: ("link_by_ambassador",), 422: ("link_of_original", "link_shares_words"),
    },
    fields={"link_of_original": "/link", "link_shares_words": "/link", "link_by_ambassador": "/link"},
)  # fmt: skip
def correct_link(public_id: str, body: LinkIn) -> LinkOut:
    """Correct how a text was made from the one that it began with; one's own, or as an ambassador of its language."""
    session, actor = db_session(), current_actor()
    annotation = queries.by_public_id(session, public_id)
    facts = {
        "owner_id": annotation.author_id,
        "language_id": annotation.language_id,
        "state": annotation.standing,
    }
    if not may(actor, Permission.ANNOTATION_LINK, **facts):
        raise NotFound("annotation_unknown", id=public_id)
    links.correct(session, actor=actor, annotation=annotation, link=body.link)
    return LinkOut(id=public_id, link=body.link)


@Endpoint(
    blueprint, "PATCH", "/annotations/<public_id>", answers={200: Annotation},
    scope=Scope.WORK, permission=Permission.ANNOTATION_REVISE, body=RevisionIn,
    refuses={404: ("annotation_unknown",), 409: ("text_withdrawn", "text_set_aside"), 422: ("nothing_changed_yet", *IN_TEXTS)},
    fields=FIELDS,
)  # fmt: skip
def revise_annotation(public_id: str, body: RevisionIn) -> Annotation:
    """Mend one of one's texts until it is decided; it goes (back) into review."""
    annotation = own(public_id)
    instruction, input_ = texts_of(body.prompt)
    written = Written(instruction=instruction, input=input_, completion=body.completion)
    actions.revise(db_session(), actor=current_actor(), annotation=annotation, written=written)
    return _described(annotation)


def own(public_id: str) -> models.Annotation:
    """Return one of the actor's own texts.

    Raises NotFound ``annotation_unknown`` also for another's: ids say nothing to strangers.
    """
    annotation = queries.by_public_id(db_session(), public_id)
    if annotation.author_id != current_actor().person_id:
        raise NotFound("annotation_unknown", id=public_id)
    return annotation


def _described(annotation: models.Annotation) -> Annotation:
    session = db_session()
    queries.load_lineage(session, annotation.revisions)
    newest = newest_own(annotation)
    shown = texts_for(newest, annotation.author_id)
    published = portal.releases_holding(session, [annotation.id]).get(annotation.id, [])
    return Annotation(
        id=annotation.public_id,
        project=annotation.project.slug,
        kind=annotation.kind,
        state=annotation.state,
        practice=annotation.practice,
        already_good=annotation.already_good,
        language=variety_of(annotation.language),
        prompt=PromptOut(
            instruction=text_in(shown.instruction_language, shown.instruction),
            input=text_in(shown.input_language, shown.input),
        ),
        completion=text_in(shown.completion_language, shown.completion),
        ratings=Ratings(prompt=annotation.rating_prompt, completion=annotation.rating_completion),
        ai_assisted=annotation.ai_assisted,
        language_check=newest.language_check.get("verdict"),
        revision=len(annotation.revisions),
        submitted_at=annotation.submitted_at,
        withdrawn_at=annotation.withdrawn_at,
        reviews=[
            ReviewSeen(outcome=one.outcome, reasons=one.reasons, note=one.note, at=one.at)
            for one in reviews.reviews_of(session, annotation)
        ],
        releases=[
            Published(project=release.project.slug, version=release.version, lane=row.lane, license=row.license)
            for release, row in published
        ],
    )
