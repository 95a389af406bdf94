"""Ask about annotations and revisions."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from annotator.annotations.models import Annotation, Revision
from annotator.assignments.models import Assignment
from annotator.errors import NotFound

PAGE = 30


def by_public_id(session: Session, public_id: str) -> Annotation:
    """Return the annotation with this id.

    Raises NotFound ``annotation_unknown``.
    """
    found = session.scalar(
        select(Annotation).where(Annotation.public_id == public_id).options(selectinload(Annotation.revisions))
    )
    if found is None:
        raise NotFound("annotation_unknown", id=public_id)
    return found


def of_assignment(session: Session, assignment: Assignment) -> Annotation | None:
    """Return what was made of a piece of work."""
    return session.scalar(select(Annotation).where(Annotation.assignment_id == assignment.id))


def by_submission_key(session: Session, author_id: int, key: str) -> Annotation | None:
    """Return what its author sent under this name before."""
    return session.scalar(select(Annotation).where(Annotation.author_id == author_id, Annotation.submission_key == key))


def written_by(
    session: Session, person_id: int, *, language_id: int | None = None, before_id: int | None = None
) -> list[Annotation]:
    """Return a page of a person's annotations, newest first, those before ``before_id``."""
    query = select(Annotation).where(Annotation.author_id == person_id)
    if language_id is not None:
        query = query.where(Annotation.language_id == language_id)
    if before_id is not None:
        query = query.where(Annotation.id < before_id)
    return list(
        session.scalars(query.options(selectinload(Annotation.revisions)).order_by(Annotation.id.desc()).limit(PAGE))
    )


def hold(session: Session, annotation_ids: Iterable[int]) -> None:
    """Keep these annotations, read anew, as they are until the transaction ends (PostgreSQL; SQLite has one writer)."""
    _lock(session, annotation_ids, read=True)


def take(session: Session, annotation_ids: Iterable[int]) -> None:
    """Lock these annotations, read anew, to change them."""
    _lock(session, annotation_ids, read=False)


def _lock(session: Session, annotation_ids: Iterable[int], *, read: bool) -> None:
    chosen = select(Annotation).where(Annotation.id.in_(annotation_ids)).order_by(Annotation.id)
    session.scalars(chosen.with_for_update(read=read).execution_options(populate_existing=True)).all()


def load_lineage(session: Session, revisions: Iterable[Revision]) -> None:
    """Load every ancestor of ``revisions`` and their annotations, one query a level, so that walking up asks nothing."""
    loaded = {revision.id for revision in revisions}
    wanted = {r.parent_id for r in revisions if r.parent_id is not None} - loaded
    while wanted:
        found = list(
            session.scalars(select(Revision).where(Revision.id.in_(wanted)).options(selectinload(Revision.annotation)))
        )
        loaded |= {revision.id for revision in found}
        wanted = {r.parent_id for r in found if r.parent_id is not None} - loaded
