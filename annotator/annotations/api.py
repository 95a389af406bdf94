"""Work over HTTP: take a piece of work, write on it, hand it in; and texts of one's own."""

from collections.abc import Mapping
from datetime import datetime

from flask import url_for

from annotator import clock
from annotator.annotations import actions, models, work
from annotator.annotations.shapes import (
    Assignment,
    ClaimIn,
    Draft,
    DraftProblem,
    DraftPrompt,
    OriginalIn,
    PromptOut,
    Ratings,
    Saved,
    Source,
    Submission,
    Submitted,
    WorkIn,
)
from annotator.annotations.work import Begun, Work
from annotator.assignments import actions as assignments
from annotator.assignments import queries as assignment_queries
from annotator.assignments.api import NoWork, nothing
from annotator.assignments.models import Draft as SavedDraft
from annotator.errors import Conflict
from annotator.languages.api import UNKNOWN
from annotator.languages.models import Language
from annotator.languages.shapes import text_in, variety_of
from annotator.permissions import Permission, Scope
from annotator.projects.models import Project
from annotator.web.access import current_actor
from annotator.web.api.endpoints import Answer, Endpoint, room
from annotator.web.api.preconditions import IDEMPOTENCY_KEY, IF_MATCH, REPLAYED, etag, idempotency_key, version_seen
from annotator.web.api.problems import Refused
from annotator.web.extensions import db_session

blueprint = room("annotations")

CREATED = 201

# Which field of a body a refusal is about.
FIELDS: dict[str, str | Mapping[str, str]] = {
    "instruction_missing": "/prompt",
    "completion_missing": "/completion",
    "ai_assisted_unknown": "/ai_assisted",
    "rating_missing": {"rating_prompt": "/ratings/prompt", "rating_completion": "/ratings/completion"},
    "rating_out_of_range": {"rating_prompt": "/ratings/prompt", "rating_completion": "/ratings/completion"},
    "text_too_long": {"instruction": "/prompt", "input": "/prompt/input", "completion": "/completion"},
}
LANGUAGE_FIELD: dict[str, str | Mapping[str, str]] = dict.fromkeys((*UNKNOWN, "language_not_in_project"), "/language")
IN_TEXTS = ("instruction_missing", "completion_missing", "text_too_long")


@Endpoint(
    blueprint, "POST", "/projects/<slug>/assignments",
    scope=Scope.WORK, permission=Permission.WORK_CLAIM, body=ClaimIn,
    answers={201: Assignment, 200: (Assignment, NoWork)},
    refuses={403: ("consent_needed",), 404: ("project_unknown", "language_not_in_project", *UNKNOWN)},
    fields=LANGUAGE_FIELD,
)  # fmt: skip
def claim(slug: str, body: ClaimIn) -> Answer:
    """Take the next piece of work, or the one that is reserved already (200).

    Where there is none, "assignment" is null, and the rest says why.
    """
    session, actor = db_session(), current_actor()
    project, language = work.place(session, slug, body.language)
    got = assignments.claim(session, actor=actor, project=project, language=language, kinds=body.kinds)
    if got.assignment is None:
        return Answer(nothing(got))
    if got.fresh:
        return _answer(work.fresh(session, got.assignment, project), 201)
    return _answer(work.get(session, got.assignment.id, person_id=actor.person_id), 200)


@Endpoint(
    blueprint, "GET", "/assignments/<int:assignment_id>",
    scope=Scope.WORK, permission=Permission.ASSIGNMENT_USE, answers={200: Assignment},
    refuses={404: ("assignment_unknown",)},
)  # fmt: skip
def show_assignment(assignment_id: int) -> Answer:
    """Return a piece of work of one's own. The ETag is its draft's version, "0" without one."""
    return _answer(work.get(db_session(), assignment_id, person_id=current_actor().person_id), 200)


@Endpoint(
    blueprint, "PUT", "/assignments/<int:assignment_id>/draft",
    scope=Scope.WORK, permission=Permission.ASSIGNMENT_USE, body=WorkIn, headers=(IF_MATCH,),
    answers={200: Saved, 409: DraftProblem},
    refuses={
        400: ("if_match_malformed",),
        404: ("assignment_unknown",),
        409: ("draft_newer", "draft_gone", "already_submitted", "assignment_over"),
        428: ("if_match_missing",),
    },
)  # fmt: skip
def save_draft(assignment_id: int, body: WorkIn) -> Answer:
    """Keep what was written so far, in place of what was kept before, and renew the reservation.

    What is left out stands as the prompt has it. If-Match names the version that was seen ("0": none); where something
    newer was saved meanwhile, nothing is overwritten, and the refusal carries the newer draft.
    """
    session, actor = db_session(), current_actor()
    seen = version_seen()
    assignment = assignment_queries.get(session, assignment_id, person_id=actor.person_id)
    shown = work.get(session, assignment_id, person_id=actor.person_id)
    try:
        draft = assignments.save_draft(
            session,
            actor=actor,
            project=session.get_one(Project, assignment.project_id),
            language=session.get_one(Language, assignment.language_id),
            assignment=assignment,
            texts=_draft_texts(body, shown),
            version=seen,
        )
    except Conflict as error:
        if error.code == "draft_newer":
            raise _newer(work.get(session, assignment_id, person_id=actor.person_id).draft) from error
        raise
    saved = Saved(**_draft(draft).model_dump(), lease_until=assignment.lease_until)
    return Answer(saved, headers={"ETag": etag(draft.version)})


@Endpoint(
    blueprint, "POST", "/assignments/<int:assignment_id>/submit",
    scope=Scope.WORK, permission=Permission.ASSIGNMENT_USE, body=Submission, headers=(IDEMPOTENCY_KEY,),
    answers={201: Submitted},
    refuses={
        400: ("idempotency_key_malformed",),
        403: ("consent_needed",),
        404: ("assignment_unknown",),
        409: (
            "already_submitted", "submission_key_used", "assignment_over", "place_taken", "text_withdrawn",
            "cap_reached", "cap_reached_in_all",
        ),
        422: ("nothing_changed", "rating_missing", *IN_TEXTS),
    },
    fields=FIELDS,
)  # fmt: skip
def submit(assignment_id: int, body: Submission) -> Answer:
    """Hand in a piece of work."""
    session, actor = db_session(), current_actor()
    key, began = idempotency_key(), clock.now()
    assignment = assignment_queries.get(session, assignment_id, person_id=actor.person_id, to_change=True)
    annotation = actions.submit(session, actor=actor, assignment=assignment, written=body.as_written(), key=key)
    return _submitted(annotation, began)


@Endpoint(
    blueprint, "POST", "/projects/<slug>/annotations",
    scope=Scope.WORK, permission=Permission.WORK_CLAIM, body=OriginalIn, headers=(IDEMPOTENCY_KEY,),
    answers={201: Submitted},
    refuses={
        400: ("idempotency_key_malformed",),
        403: ("consent_needed",),
        404: ("project_unknown", "language_not_in_project", *UNKNOWN),
        409: ("project_paused", "submission_key_used", "cap_reached", "cap_reached_in_all"),
        422: ("kind_not_offered", *IN_TEXTS),
    },
    fields={**FIELDS, **LANGUAGE_FIELD},
)  # fmt: skip
def write(slug: str, body: OriginalIn) -> Answer:
    """Hand in a prompt and a completion of one's own; no reservation is needed."""
    session, actor = db_session(), current_actor()
    key, began = idempotency_key(), clock.now()
    project, language = work.place(session, slug, body.language)
    annotation = actions.submit_original(
        session, actor=actor, project=project, language=language, written=body.as_written(), key=key
    )
    return _submitted(annotation, began)


def _answer(shown: Work, status: int) -> Answer:
    """Return a piece of work as the answer, with its draft's version as the tag."""
    content = Assignment(
        id=shown.id,
        project=shown.project,
        kind=shown.kind,
        state=shown.state,
        language=variety_of(shown.completion.language),
        prompt=PromptOut(
            instruction=text_in(shown.instruction.language, shown.instruction.text),
            input=text_in(shown.input.language, shown.input.text),
        ),
        completion=text_in(shown.completion.language, shown.completion.text),
        source=Source(name=shown.source[0], license=shown.source[1]) if shown.source else None,
        lease_until=shown.lease_until,
        draft=_draft(shown.draft) if shown.draft else None,
        annotation=shown.annotation,
        taken_back=shown.taken_back,
    )
    headers = {"ETag": etag(shown.draft.version if shown.draft else 0)}
    if status == CREATED:
        headers["Location"] = url_for("annotations_api.show_assignment", assignment_id=shown.id)
    return Answer(content, status, headers)


def _draft_texts(body: WorkIn, shown: Work) -> dict[str, object]:
    """Return what a draft keeps. What a re-annotation leaves out is what it starts from, as the page would show it."""
    written = body.written()
    starts = shown.kind == "reannotate"
    texts = {
        name: given if given is not None else (getattr(shown, name).text if starts else None) or ""
        for name in ("instruction", "input", "completion")
        for given in (getattr(written, name),)
    }
    return {
        **texts,
        "rating_prompt": written.rating_prompt,
        "rating_completion": written.rating_completion,
        "ai_assisted": written.ai_assisted,
    }


def _draft(draft: Begun | SavedDraft) -> Draft:
    return Draft(
        version=draft.version,
        prompt=DraftPrompt(instruction=draft.instruction, input=draft.input),
        completion=draft.completion,
        ratings=Ratings(prompt=draft.rating_prompt, completion=draft.rating_completion),
        ai_assisted=draft.ai_assisted,
        saved_at=draft.saved_at,
    )


def _newer(draft: Begun | None) -> Refused:
    """Return the refusal that carries what was saved meanwhile (null: it was dropped)."""
    return Refused(
        409,
        "draft_newer",
        headers={"ETag": etag(draft.version if draft else 0)},
        members={"draft": _draft(draft).model_dump(mode="json") if draft else None},
    )


def _submitted(annotation: models.Annotation, began: datetime) -> Answer:
    """Return what was handed in; one that was there before this request began was sent under the same key."""
    content = Submitted(
        id=annotation.public_id,
        kind=annotation.kind,
        state=annotation.state,
        practice=annotation.practice,
        assignment=annotation.assignment_id,
        submitted_at=annotation.submitted_at,
    )
    again = REPLAYED if annotation.created_at < began else {}
    address = url_for("portal_api.show_annotation", public_id=annotation.public_id)
    return Answer(content, CREATED, {"Location": address, **again})
