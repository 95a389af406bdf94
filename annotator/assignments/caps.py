"""How much one person may hand in per language of a project, so that nobody floods a language alone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, column, false, null, select, table
from sqlalchemy.orm import Session

from annotator.database import UTCDateTime
from annotator.errors import Conflict
from annotator.projects.models import Project

# What a daily cap counts: the last 24 hours, so that no midnight anywhere in the world is the right one.
DAY = timedelta(hours=24)

# What was handed in stands in a higher room, which this one may not import.
_TEXTS = table(
    "annotations",
    column("author_id"),
    column("project_id"),
    column("language_id"),
    column("practice"),
    column("withdrawn_at", UTCDateTime()),
    column("created_at", UTCDateTime()),
)


@dataclass(frozen=True)
class Cap:
    """A person has handed in as much as one person may; until ``until``, or (None) for good."""

    until: datetime | None

    @property
    def refusal(self) -> Conflict:
        """What is said to somebody who hands in more: ``cap_reached``, or ``cap_reached_in_all``."""
        return Conflict("cap_reached_in_all") if self.until is None else Conflict("cap_reached", until=self.until)


def reached(session: Session, *, project: Project, person_id: int, language_id: int, now: datetime) -> Cap | None:
    """Return the cap of the project that this person has reached in a language, or None.

    Withdrawn and practice work does not count, a declined text does. One statement, and none where the project has
    no caps. It reads the index backwards from the newest text up to the cap, never a longer history (only what does
    not count is read besides).
    """
    if project.daily_cap is None and project.total_cap is None:
        return None
    theirs = (
        _TEXTS.c.author_id == person_id,
        _TEXTS.c.project_id == project.id,
        _TEXTS.c.language_id == language_id,
        _TEXTS.c.practice == false(),
        _TEXTS.c.withdrawn_at.is_(None),
    )
    in_all, today = session.execute(
        select(
            _counted_back(project.total_cap, *theirs),
            _counted_back(project.daily_cap, *theirs, _TEXTS.c.created_at > now - DAY),
        )
    ).one()
    if in_all is not None:
        return Cap(until=None)
    return None if today is None else Cap(until=today + DAY)


def _counted_back(cap: int | None, *conditions: ColumnElement[bool]) -> ScalarSelect[datetime] | ColumnElement[None]:
    """When the text was handed in that is ``cap`` texts back from now; null while there are fewer."""
    if cap is None:
        return null()
    newest = select(_TEXTS.c.created_at).where(*conditions).order_by(_TEXTS.c.created_at.desc())
    return newest.limit(1).offset(cap - 1).scalar_subquery()
