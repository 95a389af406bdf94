"""Plain functions that make a row and what it cannot be without; every field can be changed by name.

Only for what a test is not about: what it is about goes through the rooms' actions.
"""

import itertools

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person, Role
from annotator.consent.rules import Lane
from annotator.languages.models import AmbassadorTerm, Language, Speaker
from annotator.projects.models import Project, ProjectLanguage

_numbers = itertools.count(1)


def a_person(session: Session, **changes: object) -> Person:
    """Return somebody with a confirmed address, 18 or older, no password and no roles."""
    number = next(_numbers)
    person = Person(
        **{
            "email": f"somebody{number}@example.org",
            "handle": f"somebody{number}",
            "stamp": f"stamp{number}",
            "email_confirmed_at": clock.now(),
            "adult_confirmed_at": clock.now(),
            "created_at": clock.now(),
            **changes,
        }
    )
    session.add(person)
    session.flush()
    return person


def a_maintainer(session: Session, **changes: object) -> Person:
    """Return a maintainer."""
    person = a_person(session, **changes)
    session.add(Role(person_id=person.id, role="maintainer", granted_at=clock.now(), granted_by="operator"))
    session.flush()
    return person


def a_language(session: Session, code: str = "yor_Latn", **changes: object) -> Language:
    """Return the language with this code; it is added if it is not there, named by its code if nothing is said."""
    found = session.scalar(select(Language).where(Language.code == code))
    if found is not None:
        return found
    iso639_3, script, *variety = code.split("_")
    language = Language(
        **{
            "code": code,
            "iso639_3": iso639_3,
            "script": script,
            "variety": "_".join(variety) or None,
            "english_name": code,
            "added_at": clock.now(),
            **changes,
        }
    )
    session.add(language)
    session.flush()
    return language


def speaks(session: Session, person: Person, language: Language, **changes: object) -> Speaker:
    """Say that the person reads, writes and reviews the language."""
    speaker = Speaker(
        person=person,
        language=language,
        **{"reads": True, "writes": True, "reviews": True, "level": "native", **changes},
    )
    session.add(speaker)
    session.flush()
    return speaker


def a_term(session: Session, person: Person, language: Language, **changes: object) -> AmbassadorTerm:
    """Make the person ambassador of the language for some years."""
    now = clock.now()
    term = AmbassadorTerm(
        person=person,
        language=language,
        **{
            "starts_at": now,
            "ends_at": now.replace(year=now.year + 4, day=1),
            "appointed_by": "operator",
            **changes,
        },
    )
    session.add(term)
    session.flush()
    return term


def a_project(session: Session, *languages: Language, **changes: object) -> Project:
    """Return an open project with all kinds of work, in these languages."""
    number = next(_numbers)
    project = Project(
        **{
            "slug": f"collection-{number}",
            "title": f"Collection {number}",
            "mix": {"original": 1, "answer": 1, "reannotate": 1},
            "lanes": [lane.value for lane in Lane],
            "key": number.to_bytes(32),
            "created_at": clock.now(),
            **changes,
        }
    )
    session.add(project)
    session.flush()
    for language in languages:
        session.add(ProjectLanguage(project_id=project.id, language_id=language.id))
    session.flush()
    return project
