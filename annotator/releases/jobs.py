"""Publish without holding a writer's place while files are written; what a crash left frozen is finished by the sweep."""

import logging
from datetime import timedelta

from sqlalchemy import Engine, select

from annotator import clock
from annotator.database import open_session
from annotator.errors import Conflict, DomainError
from annotator.permissions import OPERATOR, Actor
from annotator.projects import queries as projects
from annotator.releases import actions, retiring
from annotator.releases.models import Release
from annotator.settings import Settings

log = logging.getLogger(__name__)

# Somebody is probably publishing what was frozen just now; what is older than the other was given up.
YOUNGEST, OLDEST = timedelta(minutes=5), timedelta(hours=2)


def publish(engine: Engine, settings: Settings, *, actor: Actor, slug: str, version: str, notes: str = "") -> int:
    """Freeze, build and publish in steps that are committed one by one; return the release's id.

    Between the steps nobody waits for us. Raises what ``actions.publish`` raises.
    """
    for attempt in range(actions.TRIES):
        with open_session(engine, writes=True) as session:
            project = projects.by_slug(session, slug)
            release_id = actions.freeze(
                session, actor=actor, project=project, version=version, notes=notes, settings=settings
            ).id
            session.commit()
        try:
            publish_frozen(engine, settings, actor, release_id)
        except Conflict as error:
            if error.code != "release_outdated" or attempt == actions.TRIES - 1:
                raise
        else:
            break
    return release_id


def publish_frozen(engine: Engine, settings: Settings, actor: Actor, release_id: int) -> None:
    """Build, check and publish a release that is frozen; no writer is held while files are written."""
    with (
        open_session(engine, writes=False) as reader,
        actions.build(reader, reader.get_one(Release, release_id), settings=settings) as built,
    ):
        reader.rollback()  # the writer must see what happened while we built
        with open_session(engine, writes=True) as session:
            release = session.get_one(Release, release_id)
            actions.finish(session, actor=actor, release=release, built=built, settings=settings)
            session.commit()


def publish_due(engine: Engine, settings: Settings) -> None:
    """Finish releases that were frozen and not published, because whoever published them was interrupted."""
    now = clock.now()
    with open_session(engine, writes=False) as session:
        due = list(
            session.scalars(
                select(Release.id)
                .where(
                    Release.state == "frozen",
                    Release.frozen_at < now - YOUNGEST,
                    Release.frozen_at > now - OLDEST,
                )
                .order_by(Release.id)
            )
        )
    for release_id in due:
        try:
            publish_frozen(engine, settings, OPERATOR, release_id)
        except DomainError as error:
            log.warning("Release %s was not published: %s.", release_id, error.code)


def clear_retired(engine: Engine, settings: Settings) -> None:
    """Delete what is left of the files of retired versions: whoever began was interrupted."""
    retiring.clear(engine, settings)
