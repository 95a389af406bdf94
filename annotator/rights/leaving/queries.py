"""Who is leaving, what they would leave behind, and whose texts a claim code leads to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
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
    found = queries.reach(session, person, annotation=None, language=None)
    credit = exists().where(ConsentEvent.person_id == person.id, ConsentEvent.attribution.in_(("handle", "named")))
    return Belongings(len(found.annotations), len(found.edits), bool(session.scalar(select(credit))))


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


def texts_of(session: Session, stand_in: Person, *, limit: int = 200) -> tuple[list[Annotation], int]:
    """Return texts that somebody left behind, oldest first, and how many there are in all."""
    own = (Annotation.author_id == stand_in.id, Annotation.withdrawn_at.is_(None))
    total = session.scalar(select(func.count()).select_from(Annotation).where(*own)) or 0
    return list(session.scalars(select(Annotation).where(*own).order_by(Annotation.id).limit(limit))), total
