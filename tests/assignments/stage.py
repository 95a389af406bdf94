"""What the stories of ``test_machine`` are played on: a cast that is there before each, and what its people do, by ids."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.annotations import actions as annotations
from annotator.annotations.models import Annotation, Revision
from annotator.annotations.rules import Written
from annotator.assignments import actions
from annotator.assignments.models import Assignment, Draft
from annotator.languages import actions as languages
from annotator.languages.models import Language
from annotator.permissions import OPERATOR, Actor
from annotator.projects import actions as projects
from annotator.projects.models import Project
from annotator.prompts import actions as prompts
from annotator.prompts.models import Prompt
from annotator.prompts.steering import actions as steering
from annotator.prompts.steering.queries import Part
from annotator.review import actions as reviews
from annotator.rights import actions as rights
from tests.stories import a_contributor, a_language, a_world, actor_of, allow, an_ambassador

BEGIN = datetime(2030, 1, 1, tzinfo=UTC)
LICENSES = {"free": "CC0-1.0", "sharealike": "CC-BY-SA-4.0", "noncommercial": "CC-BY-NC-4.0", "closed": "LicenseRef-No"}
PUBLISH = ("no", "gated", "open")

T = TypeVar("T")


@dataclass(frozen=True)
class Cast:
    """Who and what is there before a story begins: ids, the same for every story on a database."""

    project: int
    own: int
    english: int
    people: tuple[int, ...]  # the last one also reviews

    @property
    def reviewer(self) -> int:
        """The ambassador of the language, who writes as well."""
        return self.people[-1]


def a_cast(session: Session) -> Cast:
    """Make three people who write a language, and a project without prompts in it."""
    world = a_world(session)
    english = a_language(session, "eng_Latn", "English")
    people = [a_contributor(session, world.language) for _ in range(2)]
    people.append(an_ambassador(session, world.language))
    return Cast(world.project.id, world.language.id, english.id, tuple(person.id for person in people))


class Scene:
    """One transaction of somebody's; everything that is done in it goes through the rooms' actions."""

    def __init__(self, session: Session, cast: Cast) -> None:
        """Look at the cast through this session."""
        self.session, self.cast = session, cast

    @property
    def project(self) -> Project:
        """The project."""
        return self.session.get_one(Project, self.cast.project)

    @property
    def language(self) -> Language:
        """The language of the work."""
        return self.session.get_one(Language, self.cast.own)

    def actor(self, person: int) -> Actor:
        """The person, with the roles of this moment."""
        return actor_of(self.session, self.session.get_one(Person, person))

    def assignment(self, assignment: int) -> tuple[Assignment, Actor]:
        """The assignment and its person."""
        found = self.session.get_one(Assignment, assignment)
        return found, self.actor(found.person_id)

    # ------------------------------------------------------------------------------------------ people

    def claims(self, person: int, kinds: Sequence[str] | None) -> actions.Claim:
        """Claim."""
        return actions.claim(
            self.session, actor=self.actor(person), project=self.project, language=self.language, kinds=kinds
        )

    def saves(self, assignment: int, words: str, version: int) -> int:
        """Save a draft and return its version."""
        found, actor = self.assignment(assignment)
        draft = actions.save_draft(
            self.session,
            actor=actor,
            project=self.project,
            language=self.language,
            assignment=found,
            texts={"completion": words},
            version=version,
        )
        return draft.version

    def does(self, verb: str, assignment: int, **more: str) -> None:
        """Skip, undo the skip, give back or renew."""
        found, actor = self.assignment(assignment)
        getattr(actions, verb)(self.session, actor=actor, assignment=found, **more)

    def sets_aside(self, assignment: int) -> None:
        """Skip in a trial, where nobody will miss the place."""
        self.session.execute(update(Assignment).where(Assignment.id == assignment).values(state="skipped"))

    def submits(self, assignment: int, words: str, key: str, *, good: bool) -> int:
        """Hand in, and return the annotation."""
        found, actor = self.assignment(assignment)
        reannotates = found.prompt.kind == "reannotate"
        written = Written(
            completion=None if good and reannotates else words,
            rating_prompt=4 if reannotates else None,
            rating_completion=4 if reannotates else None,
            already_good=good and reannotates,
        )
        return annotations.submit(self.session, actor=actor, assignment=found, written=written, key=key).id

    def writes(self, person: int, words: str) -> int:
        """Hand in something of one's own, and return the annotation."""
        return annotations.submit_original(
            self.session,
            actor=self.actor(person),
            project=self.project,
            language=self.language,
            written=Written(instruction=f"Why {words}?", completion=words),
        ).id

    def withdraws(self, person: int, annotation: int | None) -> None:
        """Take one text back, or everything."""
        rights.withdraw(
            self.session,
            actor=self.actor(person),
            person=self.session.get_one(Person, person),
            annotation=None if annotation is None else self.session.get_one(Annotation, annotation),
        )

    def decides(self, annotation: int, outcome: str) -> int | None:
        """Review as the ambassador; return the prompt that an acceptance has put into the pool."""
        found = self.session.get_one(Annotation, annotation)
        reasons = ["not_true"] if outcome == "declined" else []
        reviews.decide(
            self.session, actor=self.actor(self.cast.reviewer), annotation=found, outcome=outcome, reasons=reasons
        )
        return self.session.scalar(
            select(Prompt.id).join(Revision, Revision.id == Prompt.revision_id).where(Revision.annotation == found)
        )

    def allows(self, person: int, grants: dict[str, int], *, also_before: bool) -> None:
        """Decide for everything."""
        chosen = {name: PUBLISH[level] if name == "publish" else bool(level) for name, level in grants.items()}
        somebody = self.session.get_one(Person, person)
        allow(self.session, somebody, preset="custom", rights=chosen, attribution="none", also_before=also_before)

    def speaks(self, person: int, *, english: bool, own: bool) -> None:
        """Read English or not; write the language of the work, or only read it."""
        somebody = self.session.get_one(Person, person)
        wanted = {self.cast.own: own, self.cast.english: False} if english else {self.cast.own: own}
        for language, writes in wanted.items():
            languages.set_speaker(
                self.session,
                actor=OPERATOR,
                person=somebody,
                language=self.session.get_one(Language, language),
                reads=True,
                writes=writes,
                reviews=False,
                level="native",
            )

    def forgets_english(self, person: int) -> None:
        """Take English off the profile."""
        languages.remove_speaker(
            self.session,
            actor=OPERATOR,
            person=self.session.get_one(Person, person),
            language=self.session.get_one(Language, self.cast.english),
        )

    # ------------------------------------------------------------------------------------------ maintainers

    def settles(self, *, overlap: int, lanes: Sequence[str], pooled: bool, caps: tuple[int | None, int | None]) -> None:
        """Set the project up."""
        prompts.raise_overlap(self.session, actor=OPERATOR, project=self.project, overlap=overlap)
        projects.edit(
            self.session,
            actor=OPERATOR,
            project=self.project,
            lanes=list(lanes),
            reannotate_contributions=pooled,
            daily_cap=caps[0],
            total_cap=caps[1],
        )

    def raises_overlap(self, overlap: int) -> None:
        """Let more people work on each prompt."""
        prompts.raise_overlap(self.session, actor=OPERATOR, project=self.project, overlap=overlap)

    def prioritises(self, chosen: Iterable[int], priority: int) -> int:
        """Give some prompts a priority."""
        return steering.prioritise(self.session, actor=OPERATOR, part=self.part(chosen), priority=priority)

    def steers(self, verb: str, chosen: Iterable[int]) -> int:
        """Pause or resume some prompts, and return how many changed."""
        changed: int = getattr(steering, verb)(self.session, actor=OPERATOR, part=self.part(chosen))
        return changed

    def part(self, chosen: Iterable[int]) -> Part:
        """These prompts."""
        return Part(self.project, prompt_ids=tuple(sorted(chosen)))

    def pauses(self, *, pause: bool) -> None:
        """Pause or resume."""
        (projects.pause if pause else projects.resume)(self.session, actor=OPERATOR, project=self.project)

    def imports(self, kind: str, sources: str, reader: str, names: Sequence[str]) -> list[int]:
        """Import prompts and return them; their places in the shuffle come from their names, so that a story can be told again."""
        report = prompts.import_prompts(
            self.session,
            actor=OPERATOR,
            project=self.project,
            source=sources,
            license=LICENSES[sources],
            rows=[
                {"instruction": f"{name}?", **({"completion": f"{name}."} if kind == "reannotate" else {})}
                for name in names
            ],
            language=self.language,
            instruction_language=self.session.get_one(Language, self.cast.english) if reader == "english" else None,
        )
        assert report.landed
        of_this = select(Prompt).where(Prompt.batch_id == report.batch_id).order_by(Prompt.id)
        found = list(self.session.scalars(of_this))
        for prompt in found:
            prompt.shuffle = random.Random(prompt.instruction).getrandbits(31)  # noqa: S311  # a story, no secret
        return [prompt.id for prompt in found]

    def sweeps(self) -> tuple[int, int]:
        """End what is due, and forget what nobody can undo any more; return how many of each."""
        return actions.expire_due(self.session), actions.forget_skipped(self.session)

    # ------------------------------------------------------------------------------------------ what is there

    def assignments(self) -> dict[int, tuple[object, ...]]:
        """Return every assignment: person, prompt, state, place, lease, its draft's version."""
        query = select(
            Assignment.id,
            Assignment.person_id,
            Assignment.prompt_id,
            Assignment.state,
            Assignment.place,
            Assignment.lease_until,
            Draft.version,
        ).outerjoin(Draft, Draft.assignment_id == Assignment.id)
        return {row[0]: tuple(row[1:]) for row in self.session.execute(query)}

    def prompts(self) -> dict[int, tuple[object, ...]]:
        """Return every prompt: whether it is offered, and its free places."""
        return {
            row[0]: tuple(row[1:]) for row in self.session.execute(select(Prompt.id, Prompt.state, Prompt.free_places))
        }

    def annotations(self) -> dict[int, tuple[object, ...]]:
        """Return every annotation: author, prompt, state, whether it is practice."""
        query = select(Annotation.id, Annotation.author_id, Annotation.prompt_id, Annotation.state, Annotation.practice)
        return {row[0]: tuple(row[1:]) for row in self.session.execute(query)}
