"""Which texts wait for mending, and what builds on texts that are withdrawn."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, selectinload

from annotator import clock
from annotator.annotations.models import Annotation, Revision
from annotator.database import chunks
from annotator.errors import NotFound

KINDS = ("prompt", "spans")


def taken_by(session: Session, withdrawal_id: int) -> set[int]:
    """Return the revisions that a withdrawal took back, alone or with their annotation."""
    owned = select(Annotation.id).where(Annotation.withdrawal_id == withdrawal_id)
    chosen = select(Revision.id).where(or_(Revision.withdrawal_id == withdrawal_id, Revision.annotation_id.in_(owned)))
    return set(session.scalars(chosen))


def made_from(session: Session, revision_ids: Collection[int]) -> set[int]:
    """Return the annotations with revisions that were made from these, at any remove; a query for each step."""
    seen, found = set(revision_ids), set()
    frontier = sorted(seen)
    while frontier:
        below: set[int] = set()
        for few in chunks(frontier):
            for id_, annotation_id in session.execute(
                select(Revision.id, Revision.annotation_id).where(Revision.parent_id.in_(few))
            ):
                below.add(id_)
                found.add(annotation_id)
        frontier = sorted(below - seen)
        seen |= below
    return found


def marked(session: Session, ids: Iterable[int], *, also_of: int | None = None) -> dict[int, str]:
    """Return those of the annotations that are marked, with the mark.

    Left out are withdrawn ones, but for those that the withdrawal ``also_of`` took.
    """
    found: dict[int, str] = {}
    standing: ColumnElement[bool] = Annotation.withdrawn_at.is_(None)
    if also_of is not None:
        standing = or_(standing, Annotation.withdrawal_id == also_of)
    for few in chunks(sorted(ids)):
        chosen = select(Annotation.id, Annotation.set_aside_kind).where(
            Annotation.id.in_(few), Annotation.set_aside_kind.is_not(None), standing
        )
        found.update((id_, kind) for id_, kind in session.execute(chosen) if kind is not None)
    return found


def waiting_of(session: Session, person_id: int) -> list[Annotation]:
    """Return a person's texts that wait for mending, the most urgent first."""
    chosen = select(Annotation).where(
        Annotation.author_id == person_id, Annotation.set_aside_until > clock.now(), Annotation.withdrawn_at.is_(None)
    )
    return list(
        session.scalars(
            chosen.options(selectinload(Annotation.revisions)).order_by(Annotation.set_aside_until, Annotation.id)
        )
    )


def waiting_in(session: Session, language_id: int, *, not_of: int, limit: int = 30) -> list[Annotation]:
    """Return the texts of others in a language that wait for a prompt, the most urgent first."""
    chosen = select(Annotation).where(*_for_ambassadors(language_id, not_of))
    return list(
        session.scalars(
            chosen.options(selectinload(Annotation.revisions))
            .order_by(Annotation.set_aside_until, Annotation.id)
            .limit(limit)
        )
    )


def _for_ambassadors(language_id: int, not_of: int) -> tuple[ColumnElement[bool], ...]:
    return (
        Annotation.language_id == language_id,
        Annotation.set_aside_kind == "prompt",
        Annotation.set_aside_until > clock.now(),
        Annotation.withdrawn_at.is_(None),
        Annotation.practice.is_(False),
        Annotation.author_id != not_of,
    )


def waiting(session: Session, public_id: str) -> Annotation:
    """Return a text that waits for mending; raise NotFound ``not_waiting`` for any other."""
    found = session.scalar(
        select(Annotation).where(Annotation.public_id == public_id).options(selectinload(Annotation.revisions))
    )
    if found is None or not is_waiting(found, clock.now()):
        raise NotFound("not_waiting")
    return found


def is_waiting(annotation: Annotation, now: datetime) -> bool:
    """Say whether a text can be mended."""
    until = annotation.set_aside_until
    return annotation.withdrawn_at is None and until is not None and until > now and annotation.set_aside_kind in KINDS
