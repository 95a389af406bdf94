"""Reviewing over HTTP: the next text of the queue, and the decision about one."""

from datetime import datetime

from pydantic import BaseModel, Field

from annotator.annotations import actions as annotation_actions
from annotator.annotations import models, work
from annotator.annotations import queries as annotations
from annotator.annotations.api import CREATED, LANGUAGE_FIELD
from annotator.annotations.rules import Texts, Written, began_hidden, newest_own, newest_standing, texts_of
from annotator.annotations.shapes import PromptIn, PromptOut
from annotator.annotations.shapes import texts_of as texts_sent
from annotator.errors import Conflict, NotFound
from annotator.languages.api import UNKNOWN
from annotator.languages.rules import shown_time
from annotator.languages.shapes import Text, Variety, text_in, variety_of
from annotator.permissions import Permission, Scope, may, permit
from annotator.review import actions, mails, queries
from annotator.review.rules import Outcome, Reason
from annotator.web.access import current_actor
from annotator.web.api.endpoints import Answer, Endpoint, room
from annotator.web.api.shapes import Body
from annotator.web.extensions import db_session

blueprint = room("review")

MOST_OF_A_NOTE = 2000


class NextIn(Body):
    """In which language."""

    language: str


class Start(BaseModel):
    """What a re-annotation started from."""

    prompt: PromptOut
    completion: Text | None


class Review(BaseModel):
    """What a reviewer decided about a version of a text."""

    outcome: str
    reasons: list[str]
    note: str | None
    at: datetime


class ToReview(BaseModel):
    """A text that waits for review; whose it is, is not said.

    revision is the version of the author's that is judged: send it back with the decision. start is what a
    re-annotation started from. reviews are of earlier versions, and one's own.
    """

    id: str
    kind: str
    project: str
    language: Variety
    revision: int
    prompt: PromptOut
    completion: Text | None
    start: Start | None
    already_good: bool
    ai_assisted: str
    language_check: str | None
    submitted_at: datetime
    reviews: list[Review]


class NextReview(BaseModel):
    """The next text to review, or null when nothing waits for this reviewer."""

    annotation: ToReview | None


class ReviewIn(Body):
    """A decision. Changes need a reason or a note; declining needs a reason; accepted_with_edits needs an edit.

    edit_needed: without the edit the text must not go out. revision: the version that was seen.
    """

    outcome: Outcome
    reasons: list[Reason] = Field([], max_length=len(Reason))
    note: str | None = Field(None, max_length=MOST_OF_A_NOTE)
    prompt: str | PromptIn | None = None
    completion: str | None = None
    edit_needed: bool = False
    revision: int | None = None


class ReviewMade(BaseModel):
    """The decision, and the state of the text that it led to."""

    id: str
    annotation: str
    outcome: str
    state: str


@Endpoint(
    blueprint, "POST", "/projects/<slug>/reviews/claim", answers={200: NextReview},
    scope=Scope.REVIEW, permission=Permission.REVIEW_QUEUE, body=NextIn,
    refuses={404: ("project_unknown", *UNKNOWN)}, fields=LANGUAGE_FIELD,
)  # fmt: skip
def next_review(slug: str, body: NextIn) -> NextReview:
    """Return the next text of the queue: what came back to this reviewer first, then the oldest.

    Nothing is reserved: who decides first, decides first.
    """
    session, actor = db_session(), current_actor()
    project, language = work.place(session, slug, body.language)
    permit(actor, Permission.REVIEW_QUEUE, language_id=language.id)
    waiting = queries.queue(session, language=language, reviewer_id=actor.person_id or 0, limit=1, project=project)
    return NextReview(annotation=_described(waiting[0]) if waiting else None)


@Endpoint(
    blueprint, "POST", "/annotations/<public_id>/reviews", answers={201: ReviewMade},
    scope=Scope.REVIEW, permission=Permission.REVIEW_QUEUE, body=ReviewIn,
    refuses={
        403: ("consent_needed",),
        404: ("annotation_unknown",),
        409: ("decided_already", "reviewed_already", "revision_newer", "text_withdrawn"),
        422: (
            "decline_needs_reason", "changes_need_reason", "edit_missing", "edit_not_wanted", "edit_empties_text",
            "text_too_long",
        ),
    },
    fields={
        "decline_needs_reason": "/reasons",
        "changes_need_reason": "/reasons",
        "edit_missing": "/completion",
        "edit_not_wanted": "/completion",
        "revision_newer": "/revision",
    },
)  # fmt: skip
def decide_review(public_id: str, body: ReviewIn) -> Answer:
    """Decide about a text, as an ambassador of its language."""
    session, actor = db_session(), current_actor()
    annotation = annotations.by_public_id(session, public_id)
    if not may(
        actor,
        Permission.ANNOTATION_READ,
        owner_id=annotation.author_id,
        language_id=annotation.language_id,
        state=annotation.standing,
    ):
        raise NotFound("annotation_unknown", id=public_id)
    judged = newest_own(annotation)
    if body.revision not in (None, judged.number):
        raise Conflict("revision_newer")
    instruction, input_ = texts_sent(body.prompt)
    made = actions.decide(
        session,
        actor=actor,
        annotation=annotation,
        outcome=body.outcome.value,
        reasons=[reason.value for reason in body.reasons],
        note=body.note,
        written=Written(instruction=instruction, input=input_, completion=body.completion),
        edit_needed=body.edit_needed,
        revision_id=judged.id,
    )
    if made.outcome == Outcome.CHANGES_REQUESTED:
        mails.changes_requested(session, made)
    return Answer(
        ReviewMade(id=made.public_id, annotation=public_id, outcome=made.outcome, state=annotation.state), CREATED
    )


def _described(annotation: models.Annotation) -> ToReview:
    session, reviewer_id = db_session(), current_actor().person_id
    annotations.load_lineage(session, annotation.revisions)
    judged = newest_own(annotation)
    shown = texts_of(newest_standing(annotation) or judged)
    beside = annotation.kind == "reannotate" and not began_hidden(annotation)
    starting = annotation_actions.starting_texts(session, annotation) if beside else None
    return ToReview(
        id=annotation.public_id,
        kind=annotation.kind,
        project=annotation.project.slug,
        language=variety_of(annotation.language),
        revision=judged.number,
        prompt=_prompt(shown),
        completion=text_in(shown.completion_language, shown.completion),
        start=Start(prompt=_prompt(starting), completion=text_in(starting.completion_language, starting.completion))
        if starting
        else None,
        already_good=annotation.already_good,
        ai_assisted=annotation.ai_assisted,
        language_check=judged.language_check.get("verdict"),
        submitted_at=shown_time(annotation.submitted_at, protected=annotation.language.protected),
        reviews=[
            Review(
                outcome=one.outcome,
                reasons=one.reasons,
                note=one.note,
                at=shown_time(one.at, protected=annotation.language.protected),
            )
            for one in queries.reviews_of(session, annotation)
            # Others' decisions about this very version would bias: they show after one's own.
            if one.revision_id != judged.id or one.reviewer_id == reviewer_id
        ],
    )


def _prompt(texts: Texts) -> PromptOut:
    return PromptOut(
        instruction=text_in(texts.instruction_language, texts.instruction),
        input=text_in(texts.input_language, texts.input),
    )
