"""Keep the numbers under which published texts are found: those of new releases in, those of retired ones out."""

from collections.abc import Sequence

from sqlalchemy import Engine, delete, exists, insert, or_, select
from sqlalchemy.orm import Session, aliased, selectinload

from annotator import clock
from annotator.annotations import queries as annotations
from annotator.annotations.models import Revision
from annotator.annotations.rules import texts_of
from annotator.database import open_session
from annotator.releases.models import Release, ReleaseRow
from annotator.rights.lookup import rules
from annotator.rights.models import LookupKey
from annotator.settings import Settings

AT_ONCE = 200


def keep_keys(engine: Engine, _settings: Settings) -> int:
    """Bring the keys up to date, some rows in a transaction; return how many releases had something to do."""
    with open_session(engine, writes=False) as session:
        due = session.execute(
            select(Release.id, Release.retired_at.is_not(None))
            .where(
                Release.state == "published",
                or_(
                    Release.keyed_at.is_(None) & Release.retired_at.is_(None),
                    Release.keyed_at.is_not(None) & Release.retired_at.is_not(None),
                ),
            )
            .order_by(Release.id)
        ).all()
    for release_id, retired in due:
        if retired:
            _forget(engine, release_id)
        else:
            _add(engine, release_id)
    return len(due)


def _add(engine: Engine, release_id: int) -> None:
    last = 0
    while True:
        with open_session(engine, writes=True) as session:
            rows = session.execute(
                select(ReleaseRow.annotation_id, ReleaseRow.revision_id)
                .where(
                    ReleaseRow.release_id == release_id,
                    ReleaseRow.annotation_id > last,
                    ReleaseRow.lane != "gated",
                    ~exists().where(LookupKey.revision_id == ReleaseRow.revision_id),
                )
                .order_by(ReleaseRow.annotation_id)
                .limit(AT_ONCE)
            ).all()
            if not rows:
                session.get_one(Release, release_id).keyed_at = clock.now()
                session.commit()
                return
            _add_keys(session, [row.revision_id for row in rows])
            session.commit()
            last = rows[-1].annotation_id


def _add_keys(session: Session, revision_ids: Sequence[int]) -> None:
    query = select(Revision).where(Revision.id.in_(revision_ids)).options(selectinload(Revision.annotation))
    found = session.scalars(query).all()
    annotations.load_lineage(session, found)
    keys = []
    for one in found:
        texts = texts_of(one)
        numbers = rules.keys_of(texts.instruction, texts.input, texts.completion, own=one.completion is not None)
        keys += [{"key": key, "revision_id": one.id} for key in numbers]
    if keys:
        session.execute(insert(LookupKey), keys)


def _forget(engine: Engine, release_id: int) -> None:
    """Delete the keys of what stands in no release any more that is served."""
    row, held = aliased(ReleaseRow), aliased(ReleaseRow)
    still = (
        exists()
        .where(held.annotation_id == row.annotation_id, held.revision_id == row.revision_id)
        .where(held.release_id == Release.id, held.lane != "gated")
        .where(Release.state == "published", Release.retired_at.is_(None))
    )
    gone = select(row.revision_id).where(row.release_id == release_id, ~still)
    with open_session(engine, writes=True) as session:
        session.execute(
            delete(LookupKey).where(LookupKey.revision_id.in_(gone)).execution_options(synchronize_session=False)
        )
        session.get_one(Release, release_id).keyed_at = None
        session.commit()
