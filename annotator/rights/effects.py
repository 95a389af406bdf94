"""What a choice does, counted from the person's real rows before it is saved (rights-model §2.3, experience §14)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.consent.models import ConsentEvent
from annotator.consent.outlook import Effects, Move
from annotator.consent.rules import SCALES, Lane, Rights
from annotator.database import chunks
from annotator.projects.models import Project
from annotator.releases import selection
from annotator.releases.models import Release, ReleaseRow
from annotator.releases.pool import Pool, around_person
from annotator.releases.rules import Policy
from annotator.releases.selection import Earlier
from annotator.releases.standing import Grant

_NEW = 2**62  # the id of an event that is not stored yet: it comes after all others
_FACTS = ("language_id", "annotation_id", "expires_at", *SCALES)

# Where a text stands: the lane, and what may be done with it there.
Places = dict[int, tuple[Lane, Rights]]


def of_choices(session: Session, person_id: int, proposed: Sequence[ConsentEvent]) -> list[Effects]:
    """Return what each of the proposed choices (none of them stored) would do by itself."""
    pool = around_person(session, person_id, known=clock.now())
    projects = _projects(session, pool)
    mine = {item.id for item in pool.items.values() if item.author_id == person_id}
    now = _places(pool, projects, pool.grants)
    then = [_places(pool, projects, [*pool.grants, (person_id, _grant(event))]) for event in proposed]
    changed = {one for places in then for one in mine if places.get(one) != now.get(one)}
    published = _published(session, changed & now.keys())
    return [_compared(now, places, mine, published) for places in then]


def _grant(event: ConsentEvent) -> Grant:
    facts: dict[str, Any] = {name: getattr(event, name) for name in _FACTS}
    return Grant(id=_NEW, at=event.at, also_before=bool(event.also_before), **facts)


def _projects(session: Session, pool: Pool) -> list[Project]:
    ids = {item.project_id for item in pool.items.values()}
    return list(session.scalars(select(Project).where(Project.id.in_(ids)).order_by(Project.id)))


def _places(pool: Pool, projects: Iterable[Project], grants: list[tuple[int, Grant]]) -> Places:
    """Return where each annotation would stand if every project made a release now."""
    asked = Pool(**{**vars(pool), "grants": grants})
    places: Places = {}
    for project in projects:
        found = selection.select(
            asked,
            project_id=project.id,
            key=project.key,
            policy=Policy(release_unreviewed=project.release_unreviewed, lanes=frozenset(project.lanes)),
            earlier=Earlier(),
            at=clock.now(),
        )
        places |= {one: (row.lane, row.rights) for one, row in found.rows.items()}
    return places


def _published(session: Session, ids: Iterable[int]) -> dict[int, set[str]]:
    """Return in which published releases these annotations stand."""
    result: dict[int, set[str]] = {}
    query = (
        select(ReleaseRow.annotation_id, Project.title, Release.version)
        .join(Release, Release.id == ReleaseRow.release_id)
        .join(Project, Project.id == Release.project_id)
        .where(Release.state == "published", Release.retired_at.is_(None))
    )
    for few in chunks(sorted(ids)):
        for one, title, version in session.execute(query.where(ReleaseRow.annotation_id.in_(few))):
            result.setdefault(one, set()).add(f"{title} {version}")
    return result


def _compared(now: Places, then: Places, mine: set[int], published: dict[int, set[str]]) -> Effects:
    changed = {one for one in now.keys() | then.keys() if now.get(one) != then.get(one)}
    moves = Counter((_lane(now, one), _lane(then, one)) for one in changed & mine)
    listed = [Move(before, after, texts) for (before, after), texts in moves.items()]
    out = {one: published[one] for one in changed & mine if one in published}
    return Effects(
        moves=tuple(
            sorted(listed, key=lambda move: (move.then is not None, -move.texts, move.now or "", move.then or ""))
        ),
        others=len(changed - mine),
        published=len(out),
        releases=tuple(sorted(set().union(*out.values()))) if out else (),
    )


def _lane(places: Places, one: int) -> str | None:
    return places[one][0].value if one in places else None
