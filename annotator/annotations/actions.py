"""Hand in work, and mend it until it is reviewed."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from annotator import clock
from annotator.annotations import rules
from annotator.annotations.models import Annotation, Revision
from annotator.annotations.rules import Texts, Written
from annotator.assignments import actions as assignments
from annotator.assignments.models import Assignment
from annotator.assignments.rules import LIVE
from annotator.audit import actions as audit
from annotator.consent import queries as consent
from annotator.consent.rules import is_practice
from annotator.errors import Conflict, Forbidden, Invalid, NotFound
from annotator.languages.models import Language
from annotator.permissions import Actor, Permission, permit
from annotator.projects.models import Project
from annotator.quality.language import check as check_language

AI_ANSWERS = ("no", "yes", "not asked")
MISSING = {"instruction": "instruction_missing", "completion": "completion_missing"}


def submit(session: Session, *, actor: Actor, assignment: Assignment, written: Written) -> Annotation:
    """Make an annotation of a reserved prompt and end the reservation.

    A late submission is kept while a place is free; else raises Conflict ``place_taken`` and the draft stays.
    Raises Conflict ``already_submitted`` or ``text_withdrawn``, Invalid for texts and ratings that are missing.
    """
    permit(actor, Permission.ASSIGNMENT_USE, owner_id=assignment.person_id, state=assignment.state)
    prompt = assignments.lock(session, assignment)
    project = session.get_one(Project, prompt.project_id)
    if assignment.state == "submitted":
        raise Conflict("already_submitted")
    start = session.get(Revision, prompt.revision_id) if prompt.revision_id else None
    if start is not None and rules.taken_back(start):
        raise Conflict("text_withdrawn")
    if assignment.state not in (*LIVE, "expired"):
        raise Conflict("assignment_over", state=assignment.state)
    starting = rules.texts_of_prompt(prompt, start)
    fields = _fields_of_answer(prompt.kind, starting, written)
    annotation = _new(
        session,
        actor,
        project=project,
        language=prompt.language,
        kind=prompt.kind,
        written=written,
        assignment=assignment,
    )
    if assignment.place is None and not annotation.practice:
        # Late, or begun as practice work: neither holds a place.
        if not assignments.retake_place(session, assignment, project):
            raise Conflict("place_taken")
    elif annotation.practice:
        assignments.free_place(session, assignment)
    session.add(annotation)
    revision = _append(
        session,
        annotation,
        author_id=annotation.author_id,
        fields=fields,
        parent=start,
        link="edit" if prompt.kind == "reannotate" else prompt.answer_link,
    )
    if prompt.kind == "reannotate":
        annotation.rating_prompt, annotation.rating_completion = written.rating_prompt, written.rating_completion
        annotation.already_good = not fields
        revision.edit_distance = rules.distance(starting, rules.texts_of(revision))
        if annotation.already_good and start is not None:
            # A rating of somebody's text holds no text of its own: there is nothing to review.
            annotation.state = "accepted"
    assignment.state = "submitted"
    assignments.drop_draft(
        session, person_id=annotation.author_id, project=project, language=prompt.language, assignment=assignment
    )
    _record(session, actor, annotation, "annotation.submitted")
    return annotation


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
    session: Session, *, actor: Actor, project: Project, language: Language, written: Written
) -> Annotation:
    """Make an annotation of somebody's own prompt and completion; needs no reservation.

    Raises NotFound ``language_not_in_project``, Forbidden ``consent_needed``, Conflict ``project_paused``,
    Invalid ``instruction_missing`` or ``completion_missing``.
    """
    permit(actor, Permission.WORK_CLAIM)
    if language not in project.languages:
        raise NotFound("language_not_in_project", language=language.english, project=project.title)
    if project.state != "open":
        raise Conflict("project_paused", project=project.title)
    if not project.mix.get("original"):
        raise Invalid("kind_not_offered", project=project.title)
    fields = {name: value for name, value in rules.changed(None, written).items() if value}
    for name, code in MISSING.items():
        if name not in fields:
            raise Invalid(code)
    annotation = _new(session, actor, project=project, language=language, kind="original", written=written)
    session.add(annotation)
    _append(session, annotation, author_id=annotation.author_id, fields=fields, parent=None, link=None)
    assignments.drop_draft(session, person_id=annotation.author_id, project=project, language=language, assignment=None)
    _record(session, actor, annotation, "annotation.submitted")
    return annotation


def revise(session: Session, *, actor: Actor, annotation: Annotation, written: Written) -> Revision:
    """Add the author's next revision, until the annotation is decided; it goes (back) into review.

    Raises Forbidden when it is decided or not the actor's, Invalid ``nothing_changed`` or for a missing text.
    """
    session.refresh(annotation, with_for_update=True)
    permit(actor, Permission.ANNOTATION_REVISE, owner_id=annotation.author_id, state=annotation.state)
    newest = rules.newest_own(annotation)
    if rules.taken_back(newest):
        raise Conflict("text_withdrawn")
    before = rules.texts_of(newest)
    allowed = {"answer": {"completion"}}.get(annotation.kind, set(rules.FIELDS))
    fields = {name: value for name, value in rules.changed(before, written).items() if name in allowed}
    if not fields:
        raise Invalid("nothing_changed_yet")
    _refuse_emptied(fields)
    revision = _append(session, annotation, author_id=annotation.author_id, fields=fields, parent=newest, link="edit")
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
    revision = _append(
        session, annotation, author_id=reviewer_id, fields=fields, parent=parent, link="edit", role="reviewer"
    )
    revision.edit_needed = needed
    if annotation.kind == "reannotate":
        revision.edit_distance = rules.distance(starting_texts(session, annotation), rules.texts_of(revision))
    return revision


def _new(
    session: Session,
    actor: Actor,
    *,
    project: Project,
    language: Language,
    kind: str,
    written: Written,
    assignment: Assignment | None = None,
) -> Annotation:
    """Return a new annotation of the actor's, under the terms that they agreed to; not yet in the session."""
    person_id = actor.person_id
    if person_id is None or not consent.standing(session, person_id):
        raise Forbidden("consent_needed")
    if written.ai_assisted.split(":")[0] not in AI_ANSWERS:
        raise Invalid("ai_assisted_unknown")
    now = clock.now()
    rights = consent.decisions_for(session, person_id, language_id=language.id, at=now).rights
    return Annotation(
        project_id=project.id,
        language_id=language.id,
        author_id=person_id,
        prompt_id=assignment.prompt_id if assignment else None,
        assignment_id=assignment.id if assignment else None,
        kind=kind,
        state="in_review",
        practice=is_practice(rights),
        ai_assisted=written.ai_assisted,
        document_id=consent.current_document(session, "terms").id,
        created_at=now,
        submitted_at=now,
    )


def _append(
    session: Session,
    annotation: Annotation,
    *,
    author_id: int,
    fields: Mapping[str, str],
    parent: Revision | None,
    link: str | None,
    role: str = "author",
) -> Revision:
    """Add a revision with these texts of its own, and what the language check says of the completion."""
    session.flush()
    revision = Revision(
        annotation=annotation,
        number=len(annotation.revisions) + 1,
        author_id=author_id,
        role=role,
        parent=parent,
        link=link,
        created_at=clock.now(),
        language_check=check_language(fields["completion"], annotation.language) if fields.get("completion") else {},
        **fields,
    )
    session.add(revision)
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
