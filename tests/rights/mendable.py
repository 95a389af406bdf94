"""Texts that others can mend: Ada asks, Ben answers or rewrites, and somebody reads it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.annotations.models import Annotation
from annotator.annotations.rules import Written
from annotator.assignments.models import Assignment
from annotator.consent import actions as consent
from annotator.mail.models import Letter
from annotator.permissions import OPERATOR
from annotator.prompts.models import Prompt
from annotator.releases import actions as releases
from annotator.rights import actions as rights
from annotator.rights.mending import mails, mends
from annotator.rights.models import Withdrawal
from annotator.settings import Settings
from tests import stories
from tests.releases.scenes import Scene

ANSWER = "Mo wa dada, o se pupo"
# What its author is told of a narrowing, on pages and in the letter.
NO_LONGER = "no longer allows this use"


def a_scene(session: Session, settings: Settings) -> Scene:
    """Return a world where Ada has asked something, and Ben and an ambassador can go on from there."""
    world = stories.a_world(session, reannotate_contributions=True, overlap=40)
    made = Scene(world, settings)
    made.people["ada"] = stories.a_contributor(session, world.language, attribution="handle")
    made.people["ben"] = stories.a_contributor(session, world.language)
    made.people["reader"] = stories.an_ambassador(session, world.language)
    made.texts["asked"] = world.writes(made.people["ada"], "Bawo ni o se wa", "Daadaa ni, mo dupe")
    world.decides(made.people["reader"], made.texts["asked"])
    return made


def prompt_of(scene: Scene) -> Prompt:
    """Ask Ada's question in the pool: nobody offers one by itself yet."""
    asked = scene.texts["asked"].revisions[0].id
    found = scene.session.scalar(select(Prompt).where(Prompt.revision_id == asked, Prompt.kind == "answer"))
    if found is not None:
        return found
    prompt = stories.a_prompt(scene.session, scene.world.project, scene.world.language)
    prompt.instruction, prompt.source_id, prompt.revision_id = None, None, asked
    prompt.instruction_language_id = None
    scene.session.flush()
    return prompt


def answer(scene: Scene, who: str, words: str = ANSWER) -> Annotation:
    """Answer Ada's question, on a place of one's own."""
    prompt, person, now = prompt_of(scene), scene.people[who], clock.now()
    held = scene.session.scalar(select(func.count(Assignment.id)).where(Assignment.prompt_id == prompt.id))
    assignment = Assignment(
        prompt=prompt, person_id=person.id, project_id=prompt.project_id, language_id=prompt.language_id,
        place=held, state="assigned", assigned_at=now, lease_until=now + timedelta(hours=1),
    )  # fmt: skip
    prompt.free_places -= 1
    scene.session.add(assignment)
    scene.session.flush()
    made = scene.world.submits(person, assignment, completion=words)
    scene.world.decides(scene.people["reader"], made)
    return made


def mend(scene: Scene, who: str, annotation: Annotation, **words: str) -> Annotation:
    actor = stories.actor_of(scene.session, scene.people[who])
    return mends.mend(scene.session, actor=actor, annotation=annotation, written=Written(**words))  # type: ignore[arg-type]  # a test's own words


def reasons(scene: Scene) -> dict[str, int]:
    scene.session.expire_all()
    return releases.preview(scene.session, actor=OPERATOR, project=scene.world.project).out


def last(scene: Scene) -> Withdrawal:
    return scene.session.scalars(select(Withdrawal).order_by(Withdrawal.id.desc())).first() or pytest.fail("none")


def spans(scene: Scene) -> Annotation:
    """Ben rewrote nearly everything of Ada's; one of ten words in the answer is hers, and the question is his."""
    text = "Daadaa ti a wa loni pelu gbogbo awon ara ile"
    made = scene.reannotates("ben", "asked", instruction="Kini oruko yin", completion=text)
    scene.world.decides(scene.people["reader"], made)
    return made


def decides(scene: Scene, who: str, preset: str = "practice", **more: Any) -> None:  # noqa: ANN401  # a choice
    """Decide as pages and API do: what follows is in the same transaction, and letters are written."""
    person = scene.people[who]
    event = consent.decide(
        scene.session, actor=stories.actor_of(scene.session, person), preset=preset, attribution="none", **more
    )
    mails.follow(scene.session, [event], settings=scene.settings)
    scene.session.expire_all()


def undo(scene: Scene, who: str) -> None:
    rights.undo(scene.session, actor=stories.actor_of(scene.session, scene.people[who]), withdrawal=last(scene))
    scene.session.expire_all()


def letters(scene: Scene, who: str) -> list[Letter]:
    chosen = select(Letter).where(Letter.person_id == scene.people[who].id).order_by(Letter.id)
    return list(scene.session.scalars(chosen))


def mark(annotation: Annotation) -> tuple[str | None, datetime | None]:
    return annotation.set_aside_kind, annotation.set_aside_until
