"""What a withdrawal would reach."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.annotations.models import Annotation, Revision
from annotator.languages.models import Language
from annotator.rights.models import Withdrawal


@dataclass(frozen=True)
class Reach:
    """A person's own annotations in the scope, and their edits in other people's annotations."""

    annotations: list[Annotation]
    edits: list[Revision]


def reach(session: Session, person: Person, *, annotation: Annotation | None, language: Language | None) -> Reach:
    """Return what is not withdrawn yet in the scope: one text, a language, or (both None) everything."""
    if annotation is not None:
        return Reach([annotation] if annotation.withdrawn_at is None else [], [])
    own = select(Annotation).where(Annotation.author_id == person.id, Annotation.withdrawn_at.is_(None))
    edits = (
        select(Revision)
        .join(Annotation)
        .where(
            Revision.author_id == person.id,
            Revision.role == "reviewer",
            Revision.withdrawn_at.is_(None),
            Annotation.author_id != person.id,
        )
    )
    if language is not None:
        own = own.where(Annotation.language_id == language.id)
        edits = edits.where(Annotation.language_id == language.id)
    return Reach(list(session.scalars(own.order_by(Annotation.id))), list(session.scalars(edits.order_by(Revision.id))))


def built_on(session: Session, annotations: list[Annotation]) -> int:
    """Return how many standing annotations of other people start from these: they are set aside with them."""
    ids = [annotation.id for annotation in annotations]
    fallen: set[int] = set()
    frontier = set(ids)
    while frontier:
        parents = select(Revision.id).where(Revision.annotation_id.in_(frontier))
        found = set(
            session.scalars(
                select(Revision.annotation_id).where(
                    Revision.parent_id.in_(parents), Revision.annotation_id.not_in(ids)
                )
            )
        )
        frontier = found - fallen
        fallen |= found
    if not fallen:
        return 0
    standing = select(Annotation.id).where(Annotation.id.in_(fallen), Annotation.withdrawn_at.is_(None))
    return len(list(session.scalars(standing)))


def withdrawals_of(session: Session, person_id: int) -> list[Withdrawal]:
    """Return a person's withdrawals, newest first."""
    return list(
        session.scalars(select(Withdrawal).where(Withdrawal.person_id == person_id).order_by(Withdrawal.id.desc()))
    )
