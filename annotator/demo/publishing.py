"""The demo's two releases, and what it says about the pool."""

from annotator.demo import people
from annotator.demo.story import Stage
from annotator.prompts import queries as prompts
from annotator.releases import actions as releases
from annotator.settings import Settings

FIRST = "The first release: texts in sixteen languages, by contributors with different wishes."
SECOND = (
    "One text was taken back by its author and is no longer here, nor is a re-annotation of it. "
    "One author allowed less than before: that text, and a re-annotation of it, changed lane. New texts were added."
)


def publish(stage: Stage, settings: Settings, version: str, notes: str) -> None:
    """Publish a release as the demo's maintainer."""
    releases.publish(
        stage.session,
        actor=stage.actor(people.MAINTAINER.handle),
        project=stage.project,
        version=version,
        notes=notes,
        settings=settings,
    )


def languages_with_prompts(stage: Stage) -> int:
    """Return in how many language varieties the project offers prompts."""
    return sum(1 for pool in prompts.pools(stage.session, stage.project) if pool.answer or pool.reannotate)
