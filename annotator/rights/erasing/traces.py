"""What else speaks of erased texts or of people who left: letters, the rows of releases, printed credit."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Text, delete, or_, select, update
from sqlalchemy import cast as as_type
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.annotations.models import Annotation, Revision
from annotator.database import chunks
from annotator.mail.models import Letter
from annotator.projects.models import Project
from annotator.releases import ids
from annotator.releases.models import Release, ReleaseRow
from annotator.review.models import Review

# What of a frozen row names somebody, or leads to somebody.
_NAMING = ("contributor_id", "attribution_text", "ai_assisted", "rating_prompt", "rating_completion", "edit_distance")


def authors_of(session: Session, annotations: Sequence[int], revisions: Sequence[int]) -> set[int]:
    """Return who wrote these."""
    found: set[int] = set()
    for few in chunks(annotations):
        found.update(session.scalars(select(Annotation.author_id).where(Annotation.id.in_(few))))
    for few in chunks(revisions):
        found.update(session.scalars(select(Revision.author_id).where(Revision.id.in_(few))))
    return found


def readers_of(session: Session, annotations: Sequence[int]) -> set[int]:
    """Return who reviewed these."""
    found: set[int] = set()
    for few in chunks(annotations):
        chosen = select(Review.reviewer_id).where(Review.annotation_id.in_(few), Review.reviewer_id.is_not(None))
        found.update(cast("Iterable[int]", session.scalars(chosen)))
    return found


def forget_letters(session: Session, people: Collection[int], *, until: datetime) -> None:
    """Delete letters that these people should have had until then: they may quote a text or a note about it.

    Letters that left say nothing any more; what has not left for so long has been given up, or holds what is gone.
    """
    for few in chunks(people):
        session.execute(
            delete(Letter).where(Letter.person_id.in_(few), Letter.written_at <= until, Letter.sent_at.is_(None))
        )


def redact_rows(session: Session, annotations: Sequence[int], nobody_id: int) -> None:
    """Take out of the frozen rows of these texts who is behind them, and out of old releases the credit that only they gave."""
    told: dict[int, set[str]] = {}
    for few in chunks(annotations):
        for row in session.scalars(select(ReleaseRow).where(ReleaseRow.annotation_id.in_(few))):
            told.setdefault(row.release_id, set()).update(_credits_of(row.facts))
            row.facts = _without_people(row.facts, nobody_id)
        session.flush()
    for release_id, named in told.items():
        release = session.get_one(Release, release_id)
        _forget_credit(session, release, {one for one in named if not _is_named(session, release_id, one)})


def _without_people(facts: dict[str, Any], nobody_id: int) -> dict[str, Any]:
    left = {name: value for name, value in facts.items() if name not in _NAMING}
    reviews = [{**review, "reviewer_id": None} for review in facts["reviews"]]
    return {
        **left, "attribution_mode": "none", "authors": [], "authors_uncredited": len(facts["by"]), "by": [],
        "own": nobody_id, "reviews": reviews,
    }  # fmt: skip


def contributor_ids(session: Session, person: Person) -> dict[int, set[str]]:
    """Return under which ids a person can be credited, by project."""
    return {
        project.id: {ids.contributor_id(project.key, person.public_id, mode) for mode in ("handle", "named")}
        for project in session.scalars(select(Project))
    }


def redact_person(session: Session, person: Person, stand_in_id: int, *, credit_stays: bool) -> set[int]:
    """Let every frozen row lead to the stand-in, and (unless it stays) forget the printed credit.

    Returns the texts that published releases credit the person for. Their contributor ids stay in the rows, so that
    the next release says that a credit went; nobody can make them again without the person's own id, which is gone.
    """
    told = {one for named in contributor_ids(session, person).values() for one in named}
    credited: set[int] = set()
    text = as_type(ReleaseRow.facts, Text)
    marks = [f"[{person.id}, ", f'"own": {person.id},', *sorted(told)]
    published = {release.id for release in session.scalars(select(Release)) if release.state == "published"}
    for row in session.scalars(select(ReleaseRow).where(or_(*(text.contains(mark) for mark in marks)))):
        facts = dict(row.facts)
        facts["by"] = [[stand_in_id if one[0] == person.id else one[0], *one[1:]] for one in facts["by"]]
        if facts["own"] == person.id:
            facts["own"] = stand_in_id
        if not credit_stays and told & _credits_of(facts):
            facts.pop("attribution_text", None)
            if row.release_id in published:
                credited.add(row.annotation_id)
        row.facts = facts
    session.flush()
    if credit_stays:
        return set()
    for release in session.scalars(select(Release)):
        _forget_credit(session, release, told)
    return credited


def _credits_of(facts: dict[str, Any]) -> set[str]:
    return {by[1] for by in facts["by"] if by[1]} | {r["reviewer_id"] for r in facts["reviews"] if r.get("reviewer_id")}


def _is_named(session: Session, release_id: int, one: str) -> bool:
    chosen = select(ReleaseRow.annotation_id).where(
        ReleaseRow.release_id == release_id, as_type(ReleaseRow.facts, Text).contains(one)
    )
    return session.scalars(chosen.limit(1)).first() is not None


def _forget_credit(session: Session, release: Release, gone: Collection[str]) -> None:
    credits_left = {told: credit for told, credit in release.facts.get("credits", {}).items() if told not in gone}
    if len(credits_left) != len(release.facts.get("credits", {})):
        session.execute(
            update(Release).where(Release.id == release.id).values(facts={**release.facts, "credits": credits_left})
        )
        session.expire(release)
