"""Publish a version in which rows are only left out: nothing is added, nothing else is edited, whatever is newer."""

from sqlalchemy import Engine

from annotator.database import open_session
from annotator.errors import Conflict
from annotator.permissions import OPERATOR, Actor
from annotator.projects import queries as projects
from annotator.releases import actions, freezing, jobs
from annotator.settings import Settings


def publish_removals(engine: Engine, settings: Settings, project_slug: str, *, actor: Actor = OPERATOR) -> int | None:
    """Publish what remains of a project's newest version as the next MAJOR one, and return the release's id.

    None when nothing has left it. Safe to run twice, and to be killed at any step: what was frozen is found again by
    the next call, or finished by the sweep. Raises what publishing raises.
    """
    for attempt in range(actions.TRIES):
        with open_session(engine, writes=True) as session:
            project = projects.by_slug(session, project_slug)
            release = freezing.freeze_removals(session, actor=actor, project=project, settings=settings)
            if release is None:
                return None
            release_id = release.id
            session.commit()
        try:
            jobs.publish_frozen(engine, settings, actor, release_id)
        except Conflict as error:
            if error.code != "release_outdated" or attempt == actions.TRIES - 1:
                raise
        else:
            return release_id
    raise AssertionError  # the loop returns or raises
