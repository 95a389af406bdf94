"""Small settings that several rooms' tests share: people who have consented, a project with prompts, an ambassador.

Everything that has an action is done by the action, as the platform itself would do it.
"""

import itertools
from dataclasses import dataclass

from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.annotations import actions as annotations
from annotator.annotations.models import Annotation
from annotator.annotations.rules import Written
from annotator.assignments import actions as assignments
from annotator.assignments.models import Assignment
from annotator.consent import actions as consent
from annotator.languages import queries as languages
from annotator.languages.models import AmbassadorTerm, Language, Speaker
from annotator.permissions import OPERATOR, Actor
from annotator.projects import actions as projects
from annotator.projects.models import Project
from annotator.prompts.models import Prompt, Source
from annotator.review import actions as reviews
from annotator.review.models import Review

_numbers = itertools.count(1)


def a_language(session: Session, code: str = "yor_Latn", name: str = "Yoruba") -> Language:
    """Return the language with this code, made when it is not there."""
    found = session.query(Language).filter_by(code=code).one_or_none()
    if found is None:
        iso, script = code.split("_")[:2]
        found = Language(code=code, iso639_3=iso, script=script, english_name=name, added_at=clock.now())
        session.add(found)
        session.flush()
    return found


def a_contributor(
    session: Session, *speaks: Language, preset: str | None = "open", attribution: str = "none", **rights: object
) -> Person:
    """Return a person who reads and writes these languages and has consented (not, when ``preset`` is None)."""
    number = next(_numbers)
    person = Person(
        email=f"person{number}@example.org",
        handle=f"person{number}",
        stamp=f"stamp{number}",
        email_confirmed_at=clock.now(),
        created_at=clock.now(),
    )
    session.add(person)
    session.flush()
    for language in speaks:
        session.add(
            Speaker(person_id=person.id, language_id=language.id, reads=True, writes=True, reviews=True, level="native")
        )
    session.flush()
    if preset is not None:
        allow(session, person, preset=preset, attribution=attribution, adult=True, **rights)
    return person


def allow(session: Session, person: Person, **choices: object) -> None:
    """Decide as the person."""
    if choices.get("preset") == "custom" or set(choices) & {"rights"}:
        choices.setdefault("preset", "custom")
    consent.decide(session, actor=actor_of(session, person), **choices)  # type: ignore[arg-type]  # a test's own words


def an_ambassador(session: Session, language: Language, *, preset: str | None = "open") -> Person:
    """Return a contributor who is ambassador of the language for a year."""
    person = a_contributor(session, language, preset=preset)
    now = clock.now()
    session.add(
        AmbassadorTerm(
            person_id=person.id,
            language_id=language.id,
            starts_at=now,
            ends_at=now.replace(year=now.year + 1, day=1),
            appointed_by="operator",
        )
    )
    session.flush()
    return person


def actor_of(session: Session, person: Person) -> Actor:
    """Return the person as an actor, with the roles of this moment."""
    return languages.actor_for(session, person)


def a_project(session: Session, *spoken: Language, **settings: object) -> Project:
    """Return an open project that offers all kinds of work."""
    number = next(_numbers)
    return projects.create(
        session,
        actor=OPERATOR,
        languages=list(spoken),
        **{  # type: ignore[arg-type]  # a test's own words
            "slug": f"project-{number}",
            "title": f"Project {number}",
            "mix": {"original": 1, "answer": 1, "reannotate": 1},
            **settings,
        },
    )


def a_prompt(session: Session, project: Project, language: Language, **changes: object) -> Prompt:
    """Return an imported prompt, to answer, or (with a completion) to re-annotate."""
    number = next(_numbers)
    license_id = changes.pop("license", "CC0-1.0")
    source_class = changes.pop("source_class", "free")
    source_name = str(changes.pop("source_name", f"source {license_id}"))
    source = session.query(Source).filter_by(project_id=project.id, name=source_name).one_or_none()
    source = source or Source(project_id=project.id, name=source_name, license=str(license_id))
    session.add(source)
    session.flush()
    facts: dict[str, object] = {
        "project_id": project.id,
        "language_id": language.id,
        "kind": "reannotate" if changes.get("completion") else "answer",
        "instruction": f"Question {number}?",
        "instruction_language_id": language.id,
        "source_id": source.id,
        "answer_link": "completion",
        "source_class": source_class,
        "shuffle": number * 7919 % 2**31,
        "free_places": project.overlap,
        "text_hash": f"{number:064d}",
        "created_at": clock.now(),
        **changes,
    }
    prompt = Prompt(**facts)
    session.add(prompt)
    session.flush()
    return prompt


@dataclass
class World:
    """One language, one project, and shorthands for what its people do."""

    session: Session
    language: Language
    project: Project

    def claims(self, person: Person, **more: object) -> Assignment:
        """The person claims, and gets something."""
        claim = self.asks(person, **more)
        assert claim.assignment is not None, claim.reason
        return claim.assignment

    def asks(self, person: Person, **more: object) -> assignments.Claim:
        """The person claims, and gets whatever there is."""
        where = {"project": self.project, "language": self.language, **more}
        return assignments.claim(self.session, actor=actor_of(self.session, person), **where)  # type: ignore[arg-type]

    def submits(self, person: Person, assignment: Assignment, **texts: object) -> Annotation:
        """The person hands in a reserved piece of work."""
        return annotations.submit(
            self.session,
            actor=actor_of(self.session, person),
            assignment=assignment,
            written=Written(**texts),  # type: ignore[arg-type]
        )

    def writes(self, person: Person, instruction: str = "A question?", completion: str = "An answer.") -> Annotation:
        """The person writes something of their own."""
        return annotations.submit_original(
            self.session,
            actor=actor_of(self.session, person),
            project=self.project,
            language=self.language,
            written=Written(instruction=instruction, completion=completion),
        )

    def decides(self, person: Person, annotation: Annotation, outcome: str = "accepted", **more: object) -> Review:
        """An ambassador decides."""
        return reviews.decide(
            self.session,
            actor=actor_of(self.session, person),
            annotation=annotation,
            outcome=outcome,
            **more,  # type: ignore[arg-type]
        )


def a_world(session: Session, code: str = "yor_Latn", **settings: object) -> World:
    """Return a world: a language, and a project that collects in it."""
    from annotator.consent import queries  # noqa: PLC0415  # only to see whether documents are there
    from annotator.errors import NotFound  # noqa: PLC0415

    try:
        queries.current_document(session, "terms")
    except NotFound:
        consent.load_seed_documents(session, OPERATOR)
    language = a_language(session, code)
    return World(session, language, a_project(session, language, **settings))
