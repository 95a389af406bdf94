"""Mend a text: its author's words under a new prompt, or with the gaps filled, as a new annotation in review (§2.7)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from annotator import clock
from annotator.annotations import queries as annotations
from annotator.annotations import rules, shares
from annotator.annotations.chain import PROMPT, REWORDED
from annotator.annotations.models import Annotation, Revision
from annotator.annotations.rules import FIELDS, Texts, Written
from annotator.annotations.shares import GAP, IMPORTED, OWN
from annotator.audit import actions as audit
from annotator.consent import queries as consent
from annotator.consent.models import ConsentEvent
from annotator.errors import Conflict, Forbidden, Invalid
from annotator.permissions import Actor, Permission, permit
from annotator.quality.language import check as check_language
from annotator.rights.mending import narrowing, queries

_MISSING = {"instruction": "instruction_missing", "completion": "completion_missing"}


@dataclass(frozen=True)
class Offer:
    """What is left of a text: its words with gaps where some were withdrawn, and whose their tokens are.

    ``gaps`` names the fields with a gap; ``runs`` has None where nobody counted. ``free``: all that is kept is its own
    author's, so that it can stand alone. ``narrowed``: nothing was withdrawn, its author allows less (decision 0105).
    """

    texts: Texts
    kept: tuple[str, ...]
    gaps: frozenset[str]
    runs: Mapping[str, shares.Runs | None]
    free: bool
    narrowed: bool


def offer(session: Session, annotation: Annotation) -> Offer:
    """Return what there is to mend; nothing of what was withdrawn, or may not be used so any more, is in it."""
    return offers(session, [annotation])[0]


def offers(session: Session, found: Sequence[Annotation]) -> list[Offer]:
    """Return what there is to mend in each of these texts."""
    annotations.load_lineage(session, [revision for annotation in found for revision in annotation.revisions])
    causes = narrowing.causes(session, found)
    return [_offer(annotation, *causes[annotation.id]) for annotation in found]


def _offer(annotation: Annotation, narrowed: bool, blamed: Collection[int]) -> Offer:  # noqa: FBT001  # as it was found
    own = rules.newest_own(annotation)
    kept = ("completion",) if annotation.set_aside_kind == "prompt" else FIELDS
    found, walk = rules.texts_of(own), rules.lineage(own)
    lost = {step.id for step in walk if step.withdrawn or step.id in blamed}
    cut = {step.id for step in walk if step.erased_at is not None}
    words: dict[str, str | None] = dict.fromkeys(FIELDS)
    runs: dict[str, shares.Runs | None] = {}
    gaps = set()
    for name in kept:
        value = getattr(found, name)
        counted = rules.runs_of(own, name, value)
        if counted is not None and value:
            before = {owner for owner, _number in counted}
            if before & lost:
                counted, value = shares.without(counted, value, lost, cut=cut)
                gaps.add(name)
        words[name], runs[name] = value, counted
    texts = rules.edited(found, {name: words[name] or "" for name in FIELDS})
    return Offer(texts, kept, frozenset(gaps), runs, _stands_alone(annotation, own, kept, runs), narrowed)


def _stands_alone(
    annotation: Annotation, own: Revision, kept: tuple[str, ...], runs: Mapping[str, shares.Runs | None]
) -> bool:
    """Say whether nobody else's words, nor an imported prompt's, are in what is kept, and it rewords nobody's text."""
    for step in rules.lineage(own):
        if step.link in REWORDED:
            return False
        if step.link == "completion":
            break
    authors = {step.id: step.author_id for step in rules.lineage(own)}
    for name in kept:
        counted = runs[name]
        if counted is None:  # of before shares were counted: only an answer is known to be all its author's
            if name != "completion" or annotation.revisions[0].link != "completion":
                return False
        elif any(owner == IMPORTED or authors.get(owner) != annotation.author_id for owner, _number in counted):
            return False
    return True


def mend(session: Session, *, actor: Actor, annotation: Annotation, written: Written) -> Annotation:
    """Give a text that waits a prompt of its own (its author or an ambassador), or fill its gaps (its author).

    It returns as a new annotation, which is reviewed; what was allowed for the text holds for it. Its old id is never
    used again. Raises Forbidden, also ``consent_needed``; Conflict ``not_waiting``; Invalid for what is missing or
    for a ``gap_left``.
    """
    session.refresh(annotation, with_for_update=True)
    permit(
        actor,
        Permission.ANNOTATION_MEND,
        owner_id=annotation.author_id,
        language_id=annotation.language_id,
        state=annotation.standing,
    )
    if not queries.is_waiting(annotation, clock.now()):
        raise Conflict("not_waiting")
    writer = actor.person_id or 0
    by_author = writer == annotation.author_id
    if not by_author and annotation.set_aside_kind != "prompt":
        raise Forbidden("not_permitted", permission=Permission.ANNOTATION_MEND.value)
    if not consent.standing(session, writer):
        raise Forbidden("consent_needed")
    left = offer(session, annotation)
    words = _words(annotation, left, written)
    new = _new(session, annotation)
    if by_author:
        _add(session, new, writer, words, _from_old(annotation, left, words), parent_id=_parent(annotation, left))
    else:
        _under_anothers_prompt(session, new, annotation, left, words, writer)
    _retire(session, annotation, new, narrowed=left.narrowed)
    audit.record(
        session, actor=actor, action="annotation.mended", object_kind="annotation", object_id=new.id,
        kind=str(annotation.set_aside_kind),
    )  # fmt: skip
    session.flush()
    session.refresh(new)
    return new


def _words(annotation: Annotation, left: Offer, written: Written) -> dict[str, str]:
    """Return every text of the new annotation: what was written, and what is kept where nothing was."""
    sent = rules.changed(None, written)
    words = {name: sent.get(name, "") for name in PROMPT}
    words["completion"] = left.texts.completion or ""
    if annotation.set_aside_kind == "spans":
        words = {name: sent.get(name, getattr(left.texts, name) or "") for name in FIELDS}
    for name in left.gaps:
        if GAP in words[name]:
            raise Invalid("gap_left", field=name, gap=GAP)
    for name, code in _MISSING.items():
        if not words[name]:
            raise Invalid(code)
    # Made from another text, it would have that one's words where it has none.
    return {name: words.get(name) or "" for name in FIELDS if words.get(name) or not left.free}


def _parent(annotation: Annotation, left: Offer) -> int | None:
    """Return what the new text is made from: where others' words are in it, what the old one was made from."""
    return None if left.free else annotation.revisions[0].parent_id


def _from_old(annotation: Annotation, left: Offer, words: Mapping[str, str]) -> dict[str, Any]:
    """Return link and shares of a text made of what is kept; both null for one that stands alone."""
    if left.free:
        return {"link": None, "shares": None}
    own = {step.id for step in annotation.revisions if step.author_id == annotation.author_id}
    counted: dict[str, Any] = {}
    for name, value in words.items():
        if name not in left.kept:
            counted[name] = shares.whole(OWN, value)
            continue
        before = left.runs[name]
        traced = shares.trace(before, getattr(left.texts, name), value) if before is not None else None
        if traced is not None:
            counted[name] = shares.as_runs(
                OWN if owner in own else owner for owner, number in traced for _ in range(number)
            )
    return {"link": annotation.revisions[0].link or "edit", "shares": counted}


def _under_anothers_prompt(  # noqa: PLR0917  # all of them are what a mended text is made of
    session: Session, new: Annotation, old: Annotation, left: Offer, words: Mapping[str, str], writer: int
) -> None:
    """Write an ambassador's prompt, given under the item's own terms as an edit is, and the author's answer to it."""
    asked = {name: words[name] for name in PROMPT if name in words}
    beneath = {
        "link": None if left.free else "edit",
        "shares": None if left.free else {name: shares.whole(OWN, value) for name, value in asked.items()},
    }
    prompt = _add(session, new, writer, asked, beneath, parent_id=_parent(old, left), role="reviewer")
    completion = {"completion": words["completion"]}
    answered = {"link": "completion", "shares": None} if left.free else _from_old(old, left, completion)
    _add(session, new, old.author_id, completion, answered, parent_id=prompt.id)


def _new(session: Session, old: Annotation) -> Annotation:
    """Make the new annotation in the place of the old one; what was allowed for the old text holds for it."""
    assignment_id, old.assignment_id = old.assignment_id, None
    session.flush()
    new = Annotation(
        project_id=old.project_id, language_id=old.language_id, author_id=old.author_id, kind="original",
        assignment_id=assignment_id, state="in_review", ai_assisted=old.ai_assisted, document_id=old.document_id,
        # Rights are counted from when a text was given: a later, wider choice must not reach it by way of mending.
        created_at=old.created_at, submitted_at=clock.now(),
    )  # fmt: skip
    session.add(new)
    session.flush()
    names = [c.key for c in ConsentEvent.__table__.columns if c.key not in {"id", "annotation_id"}]
    chosen = select(ConsentEvent).where(ConsentEvent.annotation_id == old.id).order_by(ConsentEvent.id)
    for event in session.scalars(chosen).all():
        session.add(ConsentEvent(annotation_id=new.id, **{name: getattr(event, name) for name in names}))
    session.flush()
    return new


def _add(
    session: Session,
    new: Annotation,
    author_id: int,
    words: Mapping[str, str],
    made: Mapping[str, Any],
    *,
    parent_id: int | None,
    role: str = "author",
) -> Revision:
    number = session.scalar(select(func.count(Revision.id)).where(Revision.annotation_id == new.id)) or 0
    checked = dict(check_language(words["completion"], new.language)) if words.get("completion") else {}
    revision = Revision(
        annotation_id=new.id, number=number + 1, author_id=author_id, role=role, parent_id=parent_id,
        created_at=clock.now(), language_check=checked, **words, **made,
    )  # fmt: skip
    session.add(revision)
    session.flush()
    return revision


def _retire(session: Session, old: Annotation, new: Annotation, *, narrowed: bool) -> None:
    """Let the old row go: withdrawn with what it was set aside for, or out for good, as ``replaced``.

    That is where others build on it, for its words are still behind theirs, and where nothing was withdrawn. Its author
    can take it back like any other.
    """
    own = {step.id for step in old.revisions}
    others = queries.made_from(session, own) - {old.id, new.id}
    standing = select(Annotation.id).where(Annotation.id.in_(others), Annotation.withdrawn_at.is_(None)).limit(1)
    old.set_aside_until = None
    if narrowed or (others and session.scalar(standing) is not None):
        old.set_aside_kind = "replaced"
        return
    now = clock.now()
    cause = max((step.withdrawal_id or 0 for one in old.revisions for step in rules.lineage(one)), default=0)
    old.set_aside_kind, old.state_before, old.state = "mended", old.state, "withdrawn"
    old.withdrawn_at, old.withdrawal_id = now, cause or None
    session.execute(
        update(Revision)
        .where(Revision.annotation_id == old.id, Revision.role == "author", Revision.withdrawn_at.is_(None))
        .values(withdrawn_at=now, withdrawal_id=cause or None)
    )
