"""Who is leaving, what they would leave behind, and whose texts a claim code leads to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, selectinload

from annotator.accounts.models import Person
from annotator.annotations import queries as annotations
from annotator.annotations.models import Annotation
from annotator.consent.models import ConsentEvent
from annotator.rights import queries
from annotator.rights.leaving import codes
from annotator.rights.models import ClaimCode, Departure


@dataclass(frozen=True)
class Belongings:
    """What somebody who leaves would leave behind: texts, edits of others' texts; and whether any credit was given."""

    texts: int
    edits: int
    credited: bool

    @property
    def any(self) -> bool:
        """Whether there is something to decide about."""
        return bool(self.texts or self.edits)


def belongings(session: Session, person: Person) -> Belongings:
    """Return what a person would leave behind."""
    credit = exists().where(ConsentEvent.person_id == person.id, ConsentEvent.attribution.in_(("handle", "named")))
    texts = session.scalar(queries.own_of(person.id).with_only_columns(func.count()))
    edits = session.scalar(queries.edits_of(person.id).with_only_columns(func.count()))
    return Belongings(texts or 0, edits or 0, bool(session.scalar(select(credit))))


def open_departure(session: Session, person: Person) -> Departure | None:
    """Return how the person is leaving, or None."""
    chosen = select(Departure).where(
        Departure.person_id == person.id, Departure.undone_at.is_(None), Departure.done_at.is_(None)
    )
    return session.scalars(chosen.order_by(Departure.id.desc()).limit(1)).first()


def due(session: Session, at: datetime) -> list[int]:
    """Return the departures that nobody can undo any more and that were not carried out, the first first."""
    chosen = select(Departure.id).where(
        Departure.undo_until <= at, Departure.undone_at.is_(None), Departure.done_at.is_(None)
    )
    return list(session.scalars(chosen.order_by(Departure.id)))


def by_code(session: Session, code: str) -> Person | None:
    """Return the stand-in that a claim code leads to, or None; one statement, whatever was typed."""
    sha256 = codes.sha256_of(code) or ""
    chosen = select(Person).join(ClaimCode, ClaimCode.person_id == Person.id).where(ClaimCode.sha256 == sha256)
    return session.scalars(chosen.limit(1)).first()


def texts_of(session: Session, stand_in: Person, *, limit: int = 200) -> list[Annotation]:
    """Return texts that somebody left behind, oldest first, with all that is needed to read them."""
    needed = selectinload(Annotation.revisions), selectinload(Annotation.prompt)
    own = queries.own_of(stand_in.id).options(*needed).order_by(Annotation.id).limit(limit)
    found = list(session.scalars(own))
    annotations.load_lineage(session, [one for annotation in found for one in annotation.revisions])
    return found
