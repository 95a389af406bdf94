"""Ask what people let be known about them."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from annotator.consent.about.rules import NONE, TOPICS
from annotator.consent.models import Demographic, PersonalChoice


@dataclass(frozen=True)
class About:
    """What stands for a person: the level of each topic, and the values of the fields that are on."""

    levels: dict[str, str]
    values: dict[str, str]


def about(session: Session, person_id: int) -> About:
    """Return what stands; a topic that was never decided is off."""
    chosen = _latest(PersonalChoice.person_id == person_id)
    levels = dict.fromkeys(TOPICS, NONE) | {one.topic: one.level for one in session.scalars(chosen)}
    values = select(Demographic.field, Demographic.value).where(Demographic.person_id == person_id)
    return About(levels, {row.field: row.value for row in session.execute(values)})


def allow(session: Session, topic: str, person_ids: Iterable[int] | None = None) -> set[int]:
    """Return who has switched a topic on, of these people or (None) of all: who may be written to, shown, found."""
    of_them = [PersonalChoice.person_id.in_(list(person_ids))] if person_ids is not None else []
    chosen = _latest(PersonalChoice.topic == topic, *of_them).where(PersonalChoice.level != NONE)
    return {one.person_id for one in session.scalars(chosen)}


def history(session: Session, person_id: int) -> list[PersonalChoice]:
    """Return every choice, newest first."""
    query = select(PersonalChoice).where(PersonalChoice.person_id == person_id)
    return list(session.scalars(query.order_by(PersonalChoice.id.desc())))


def _latest(*about_whom: ColumnElement[bool]) -> Select[PersonalChoice]:
    newest = (
        select(func.max(PersonalChoice.id)).where(*about_whom).group_by(PersonalChoice.person_id, PersonalChoice.topic)
    )
    return select(PersonalChoice).where(PersonalChoice.id.in_(newest))
