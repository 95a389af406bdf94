"""A project with a text in every lane, lineages, credits and a rating; and what happens to it before a second release."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.annotations.rules import Written
from annotator.assignments.models import Assignment
from annotator.permissions import OPERATOR
from annotator.prompts.models import Prompt
from annotator.releases import actions
from annotator.releases.models import Release
from annotator.rights import actions as rights
from annotator.settings import Settings
from tests import stories
from tests.stories import World


@dataclass
class Scene:
    """The world of the scene, its people and annotations by name."""

    world: World
    settings: Settings
    people: dict[str, Person] = field(default_factory=dict)
    texts: dict[str, Annotation] = field(default_factory=dict)

    @property
    def engine(self) -> Engine:
        """The database of the scene."""
        return cast("Engine", self.session.get_bind())

    @property
    def session(self) -> Session:
        """The session of the scene."""
        return self.world.session

    def publish(self, version: str, notes: str = "") -> Release:
        """Publish as the operator, and commit as an edge does."""
        release = actions.publish(
            self.session, actor=OPERATOR, project=self.world.project, version=version, notes=notes,
            settings=self.settings,
        )  # fmt: skip
        self.session.commit()
        return release

    def folder(self, version: str, kind: str = "public") -> Path:
        """Return where a release lies."""
        return actions.place_of(self.settings, kind, self.world.project.slug, version)

    def withdraw(self, who: str, text: str | None = None, *, definite: bool = True) -> None:
        """Take back one text, or everything, of a person; ``definite``: so long ago that nobody can undo it."""
        person = self.people[who]
        rights.withdraw(
            self.session, actor=stories.actor_of(self.session, person), person=person,
            annotation=self.texts[text] if text else None,
        )  # fmt: skip
        if definite:
            for annotation in self.session.scalars(select(Annotation).where(Annotation.withdrawn_at.is_not(None))):
                annotation.erased_at = clock.now()
            self.session.flush()

    def reannotates(self, who: str, text: str, **written: object) -> Annotation:
        """Re-annotate the newest revision of a text as somebody who was given it."""
        annotation = self.texts[text]
        prompt = self.session.scalars(
            select(Prompt).where(Prompt.revision_id == annotation.revisions[-1].id, Prompt.kind == "reannotate")
        ).one()
        return self.submits(who, prompt, **{"rating_prompt": 4, "rating_completion": 3, **written})

    def submits(self, who: str, prompt: Prompt, **written: object) -> Annotation:
        """Do this very prompt; which one a person is given is the business of other tests."""
        now = clock.now()
        person = self.people[who]
        assignment = Assignment(
            prompt=prompt, person_id=person.id, project_id=prompt.project_id, language_id=prompt.language_id,
            place=0, state="assigned", assigned_at=now, lease_until=now + timedelta(hours=1),
        )  # fmt: skip
        prompt.free_places -= 1
        self.session.add(assignment)
        self.session.flush()
        return self.world.submits(person, assignment, **written)


def a_scene(session: Session, settings: Settings, **project: object) -> Scene:
    """Return the scene before its first release."""
    world = stories.a_world(session, **{"reannotate_contributions": True, **project})  # type: ignore[arg-type]  # a test's own words
    scene = Scene(world, settings)
    for who, preset, credit in (
        ("ade", "open", "handle"),
        ("bola", "open", "handle"),
        ("chidi", "noncommercial", "none"),
        ("dayo", "gated", "handle"),
        ("efe", "open", "none"),
    ):
        scene.people[who] = stories.a_contributor(session, world.language, preset=preset, attribution=credit)
    ambassador = scene.people["ambassador"] = stories.an_ambassador(session, world.language)

    def accepted(name: str, annotation: Annotation, outcome: str = "accepted", **more: object) -> None:
        scene.texts[name] = annotation
        world.decides(ambassador, annotation, outcome, **more)

    accepted("original", world.writes(scene.people["ade"], "Kí ni orúkọ ìlú yìí?", "Ìbàdàn ni."))
    accepted("better", scene.reannotates("bola", "original", completion="Ìbàdàn ni orúkọ rẹ̀."))
    accepted("kept", world.writes(scene.people["bola"], "Ta ló wà níbẹ̀?", "Èmi ni."))
    accepted("unpaid", world.writes(scene.people["chidi"], "Ẹ káàárọ̀?", "Ẹ kú àárọ̀."))
    accepted("gated", world.writes(scene.people["dayo"], "Ṣé dáadáa ni?", "Dáadáa ni."))
    accepted(
        "edited",
        world.writes(scene.people["ade"], "Níbo lo ń lọ?", "Ọjà ni mo n lọ"),
        outcome="accepted_with_edits",
        written=Written(completion="Ọjà ni mo ń lọ."),
    )
    scene.texts["rating"] = scene.reannotates("efe", "kept", already_good=True)
    prompt = stories.a_prompt(session, world.project, world.language, license="CC-BY-SA-4.0", source_class="sharealike")
    accepted("alike", scene.submits("efe", prompt, completion="Ó dára."))  # fmt: skip
    world.writes(scene.people["efe"], "Not reviewed?", "Not yet.")
    session.commit()
    return scene


def published_twice(session: Session, settings: Settings, **project: object) -> Scene:
    """Return the scene after two releases: a text and what was made from it are gone, one has changed lane."""
    scene = a_scene(session, settings, **project)
    scene.publish("1.0.0", "The first.")
    scene.withdraw("ade", "original")
    stories.allow(session, scene.people["bola"], preset="noncommercial", attribution="handle")
    scene.texts["new"] = scene.world.writes(scene.people["efe"], "Kí lo fẹ́?", "Omi.")
    scene.world.decides(scene.people["ambassador"], scene.texts["new"])
    session.commit()
    scene.publish("2.0.0", "The second.")
    return scene


def rows_of(folder: Path, table: str = "data") -> list[dict[str, Any]]:
    """Return the rows of a table of a release; ``data`` are the annotations of all lanes."""
    import pyarrow.parquet as pq  # noqa: PLC0415  # slow to import

    return [
        row for path in sorted((folder / table).rglob("*.parquet")) for row in pq.ParquetFile(path).read().to_pylist()
    ]
