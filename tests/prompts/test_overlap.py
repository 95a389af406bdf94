"""Raising the overlap while somebody else raises it too."""

from sqlalchemy.orm import Session

from annotator.database import open_session
from annotator.permissions import OPERATOR
from annotator.projects import queries as projects
from annotator.prompts import actions
from annotator.prompts.models import Prompt
from tests.databases import Database
from tests.stories import a_prompt, a_world


def test_two_who_raise_the_overlap_to_the_same_add_the_places_once(database: Database, session: Session) -> None:
    world = a_world(session, overlap=1)
    prompt = a_prompt(session, world.project, world.language)
    session.commit()  # this session still believes in an overlap of 1 when the other one has raised it
    with open_session(database.engine, writes=True) as other:
        actions.raise_overlap(other, actor=OPERATOR, project=projects.by_slug(other, world.project.slug), overlap=3)
        other.commit()
    assert world.project.overlap == 1
    actions.raise_overlap(session, actor=OPERATOR, project=world.project, overlap=3)
    session.commit()
    assert (world.project.overlap, session.get_one(Prompt, prompt.id, populate_existing=True).free_places) == (3, 3)
