"""Hand in work, and mend it until it is reviewed."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from annotator import clock
from annotator.annotations import queries, rules
from annotator.annotations.models import Annotation, Revision
from annotator.annotations.rules import Texts, Written
from annotator.annotations.storing import store
from annotator.assignments import actions as assignments
from annotator.assignments import caps
from annotator.assignments import queries as assignment_queries
from annotator.assignments.models import Assignment
from annotator.assignments.rules import LIVE
from annotator.audit import actions as audit
from annotator.consent import queries as consent
from annotator.consent.rules import is_practice
from annotator.errors import Conflict, Forbidden, Invalid, NotFound
from annotator.languages.models import Language
from annotator.permissions import Actor, Permission, permit
from annotator.projects.models import Project
from annotator.prompts.models import Prompt
from annotator.quality.language import check as check_language

AI_ANSWERS = ("no", "yes", "not asked")
MISSING = {"instruction": "instruction_missing", "completion": "completion_missing"}


def submit(
    session: Session, *, actor: Actor, assignment: Assignment, written: Written, key: str | None = None
) -> Annotation:
    """Make an annotation of a reserved prompt and end the reservation.

    ``key`` is the sender's own name for this submission: sent again with the same words, it is the same annotation.
    A late submission is kept while a place is free; else raises Conflict ``place_taken`` and the draft stays.
    Raises Conflict ``already_submitted``, ``submission_key_used`` or ``text_withdrawn``, Invalid for texts and ratings
    that are missing.
    """
    permit(actor, Permission.ASSIGNMENT_USE, owner_id=assignment.person_id, state=assignment.state)
    prompt = assignments.lock(session, assignment)
    if assignment.state == "submitted":
        earlier = queries.of_assignment(session, assignment)
        if key is None or earlier is None or earlier.submission_key != key:
            raise Conflict("already_submitted")
        starting = rules.texts_of_prompt(prompt, session.get(Revision, prompt.revision_id or 0))
        return _same(earlier, _fields_of_answer(prompt.kind, starting, written), written)
    start = session.get(Revision, prompt.revision_id) if prompt.revision_id else None
    if start is not None and rules.taken_back(start):
        raise Conflict("text_withdrawn")
    if assignment.state not in (*LIVE, "expired"):
        raise Conflict("assignment_over", state=assignment.state)
    starting = rules.texts_of_prompt(prompt, start)
    fields = _fields_of_answer(prompt.kind, starting, written)
    at = clock.now()
    author = _author(session, actor, language=prompt.language, written=written, at=at)
    if assignment.place is None and not author["practice"]:
        # Late, or begun as practice work: neither holds a place.
        if not assignments.retake_place(session, assignment):
            raise Conflict("place_taken")
    elif author["practice"]:
        assignments.free_place(session, assignment)
    if assignment.state != "assigned":
        assignments.drop_draft(session, assignment)
    of_answer, made = _made(prompt, written, fields, starting, of_contribution=start is not None)
    annotation = store(
        session,
        actor=actor,
        at=at,
        annotation={
            **author,
            **of_answer,
            "project_id": prompt.project_id,
            "kind": prompt.kind,
            "prompt_id": prompt.id,
            "assignment_id": assignment.id,
            "submission_key": key,
        },
        revision={
            **_checked(fields, prompt.language),
            **made,
            "parent_id": prompt.revision_id,
        },
    )
    if made["link"] == "edit":  # an answer is all its author's own: nothing to count, nothing to store
        _count(annotation, starting, start, fields)
    set_committed_value(assignment, "state", "submitted")
    set_committed_value(assignment, "ended_at", annotation.submitted_at)
    set_committed_value(annotation, "language", prompt.language)
    return annotation


def _count(annotation: Annotation, starting: Texts, start: Revision | None, fields: Mapping[str, str]) -> None:
    """Note whose the tokens of a re-annotation are; a rating alone has none."""
    if fields:
        annotation.revisions[0].shares = rules.shares_of(starting, start, fields)


def _made(
    prompt: Prompt, written: Written, fields: Mapping[str, str], starting: Texts, *, of_contribution: bool
) -> tuple[dict[str, object], dict[str, object]]:
    """Return what an annotation says beside its text, and how its text was made from the prompt's."""
    if prompt.kind != "reannotate":
        return {}, {"link": rules.link_of_answer(prompt.answer_link, written.link)}
    # A rating of somebody's text holds no text of its own: there is nothing to review.
    nothing_to_review = not fields and of_contribution
    rated: dict[str, object] = {
        "rating_prompt": written.rating_prompt,
        "rating_completion": written.rating_completion,
        "already_good": not fields,
        "state": "accepted" if nothing_to_review else "in_review",
    }
    return rated, {"link": "edit", "edit_distance": rules.distance(starting, rules.edited(starting, fields))}


def _same(earlier: Annotation, fields: Mapping[str, str], written: Written) -> Annotation:
    """Return the annotation that was made of this submission before; raise Conflict where it says something else now."""
    first = earlier.revisions[0]
    before = {name: getattr(first, name) for name in rules.FIELDS if getattr(first, name) is not None}
    rated = (earlier.rating_prompt, earlier.rating_completion)
    if before != fields or (
        earlier.kind == "reannotate" and rated != (written.rating_prompt, written.rating_completion)
    ):
        raise Conflict("submission_key_used")
    return earlier


def _fields_of_answer(kind: str, starting: Texts, written: Written) -> dict[str, str]:
    """Return the texts to store for a reserved prompt, or raise Invalid with what is missing."""
    if kind == "answer":
        completion = rules.changed(None, Written(completion=written.completion))
        if not completion.get("completion"):
            raise Invalid("completion_missing")
        return completion
    if written.already_good:
        for name in ("rating_prompt", "rating_completion"):
            if getattr(written, name) is not None:
                rules.require_rating(name, getattr(written, name))
        return {}
    rules.require_rating("rating_prompt", written.rating_prompt)
    rules.require_rating("rating_completion", written.rating_completion)
    fields = rules.changed(starting, written)
    if not fields:
        raise Invalid("nothing_changed")
    _refuse_emptied(fields)
    return fields


def _refuse_emptied(fields: Mapping[str, str]) -> None:
    """Raise Invalid when a text that every annotation needs would be left empty."""
    for name, code in MISSING.items():
        if fields.get(name) == "":
            raise Invalid(code)


def submit_original(
    session: Session,
    *,
    actor: Actor,
    project: Project,
    language: Language,
    written: Written,
    key: str | None = None,
) -> Annotation:
    """Make an annotation of somebody's own prompt and completion; needs no reservation.

    ``key`` as for ``submit``. Raises NotFound ``language_not_in_project``, Forbidden ``consent_needed``, Conflict
    ``project_paused`` or ``submission_key_used``, Invalid ``instruction_missing`` or ``completion_missing``.
    """
    permit(actor, Permission.WORK_CLAIM)
    speaks = assignment_queries.queue_up(session, actor.person_id or 0, project=project, language=language)
    fields = {name: value for name, value in rules.changed(None, written).items() if value}
    earlier = queries.by_submission_key(session, actor.person_id or 0, key) if key is not None else None
    if earlier is not None:
        if (earlier.project_id, earlier.language_id) != (project.id, language.id):
            raise Conflict("submission_key_used")
        return _same(earlier, fields, written)
    if not speaks.collected:
        raise NotFound("language_not_in_project", language=language.english, project=project.title)
    if project.state != "open":
        raise Conflict("project_paused", project=project.title)
    if not project.mix.get("original"):
        raise Invalid("kind_not_offered", project=project.title)
    for name, code in MISSING.items():
        if name not in fields:
            raise Invalid(code)
    at = clock.now()
    author = _author(session, actor, language=language, written=written, at=at)
    cap = caps.reached(session, project=project, person_id=actor.person_id or 0, language_id=language.id, now=at)
    if cap is not None and not author["practice"]:
        raise cap.refusal
    annotation = store(
        session,
        actor=actor,
        at=at,
        annotation={
            **author,
            "project_id": project.id,
            "kind": "original",
            "submission_key": key,
        },
        revision=_checked(fields, language),
    )
    assignments.drop_original_draft(session, person_id=annotation.author_id, project=project, language=language)
    set_committed_value(annotation, "language", language)
    return annotation


def revise(session: Session, *, actor: Actor, annotation: Annotation, written: Written) -> Revision:
    """Add the author's next revision, until the annotation is decided; it goes (back) into review.

    Raises Forbidden when it is decided or not the actor's, Invalid ``nothing_changed`` or for a missing text, Conflict
    ``text_withdrawn``, and ``text_set_aside`` for what only its mending gives new words.
    """
    session.refresh(annotation, with_for_update=True)
    permit(actor, Permission.ANNOTATION_REVISE, owner_id=annotation.author_id, state=annotation.state)
    newest = rules.newest_own(annotation)
    if rules.taken_back(newest):
        raise Conflict("text_withdrawn")
    if annotation.set_aside_kind is not None:
        raise Conflict("text_set_aside")
    before = rules.texts_of(newest)
    allowed = {"answer": {"completion"}}.get(annotation.kind, set(rules.FIELDS))
    fields = {name: value for name, value in rules.changed(before, written).items() if name in allowed}
    if not fields:
        raise Invalid("nothing_changed_yet")
    _refuse_emptied(fields)
    revision = _append(session, annotation, author_id=annotation.author_id, fields=fields, parent=newest)
    if annotation.kind == "reannotate":
        revision.edit_distance = rules.distance(starting_texts(session, annotation), rules.texts_of(revision))
        annotation.already_good = False
    annotation.state, annotation.submitted_at = "in_review", revision.created_at
    _record(session, actor, annotation, "annotation.revised")
    return revision


def starting_texts(session: Session, annotation: Annotation) -> Texts:
    """Return what a re-annotation started from: the prompt as it was handed out."""
    if annotation.prompt is None:
        return rules.texts_of(annotation.revisions[0])
    start = session.get(Revision, annotation.prompt.revision_id) if annotation.prompt.revision_id else None
    return rules.texts_of_prompt(annotation.prompt, start)


def append_reviewers_edit(
    session: Session,
    annotation: Annotation,
    *,
    parent: Revision,
    reviewer_id: int,
    fields: Mapping[str, str],
    needed: bool,
) -> Revision:
    """Add a reviewer's edit of ``parent`` as a revision of its own in the lineage; called by the review room only."""
    revision = _append(session, annotation, author_id=reviewer_id, fields=fields, parent=parent, role="reviewer")
    revision.edit_needed = needed
    if annotation.kind == "reannotate":
        revision.edit_distance = rules.distance(starting_texts(session, annotation), rules.texts_of(revision))
    return revision


def _author(session: Session, actor: Actor, *, language: Language, written: Written, at: datetime) -> dict[str, object]:
    """Return the columns of a new annotation that say whose it is, in which language, under which terms.

    Raises Forbidden ``consent_needed``, Invalid ``ai_assisted_unknown``.
    """
    agreed = consent.agreed(session, actor.person_id or 0, language_id=language.id, at=at)
    if actor.person_id is None or agreed is None:
        raise Forbidden("consent_needed")
    if written.ai_assisted.split(":")[0] not in AI_ANSWERS:
        raise Invalid("ai_assisted_unknown")
    return {
        "author_id": actor.person_id,
        "language_id": language.id,
        "practice": is_practice(agreed.decisions.rights),
        "document_id": agreed.document_id,
        "ai_assisted": written.ai_assisted,
    }


def _checked(fields: Mapping[str, str], language: Language) -> dict[str, object]:
    """Return the texts of a revision, and what the language check says of the completion."""
    return {
        **fields,
        "language_check": check_language(fields["completion"], language) if fields.get("completion") else {},
    }


def _append(
    session: Session,
    annotation: Annotation,
    *,
    author_id: int,
    fields: Mapping[str, str],
    parent: Revision,
    role: str = "author",
) -> Revision:
    """Add an edit of ``parent`` with these texts of its own, whose their tokens are, and what the language check says."""
    revision = Revision(
        number=len(annotation.revisions) + 1,
        author_id=author_id,
        role=role,
        parent=parent,
        link="edit",
        shares=rules.shares_of(rules.texts_of(parent), parent, fields),
        created_at=clock.now(),
        **_checked(fields, annotation.language),
    )
    annotation.revisions.append(revision)
    session.flush()
    return revision


def _record(session: Session, actor: Actor, annotation: Annotation, action: str) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        object_kind="annotation",
        object_id=annotation.id,
        practice=annotation.practice,
        kind=annotation.kind,
    )
