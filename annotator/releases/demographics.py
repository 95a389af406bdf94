"""What people let stand in their row about themselves: read from their choices, published only where k people share it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.consent.models import ConsentEvent, Demographic, PersonalChoice
from annotator.consent.rules import Text, decisions
from annotator.database import chunks
from annotator.languages.models import Language
from annotator.projects.models import Project
from annotator.releases import anonymity, rules
from annotator.releases.anonymity import FIELDS, Granted
from annotator.releases.models import Release, ReleaseRow
from annotator.releases.queries import FOLDERS, folder_of

Frozen = dict[str, dict[str, Any]]


def granted(session: Session, people: Iterable[int] | None = None) -> dict[int, dict[str, str]]:
    """Return what each of these people (None: everybody) lets stand in their row now: their latest choice is ``row``."""
    result: dict[int, dict[str, str]] = {}
    latest = (
        select(func.max(PersonalChoice.id).label("id"))
        .where(PersonalChoice.topic.in_(FIELDS))
        .group_by(PersonalChoice.person_id, PersonalChoice.topic)
        .subquery()
    )
    chosen = (
        select(Demographic.person_id, Demographic.field, Demographic.value)
        .join(
            PersonalChoice,
            (PersonalChoice.person_id == Demographic.person_id) & (PersonalChoice.topic == Demographic.field),
        )
        .join(latest, latest.c.id == PersonalChoice.id)
        .join(Person, Person.id == Demographic.person_id)
        .where(PersonalChoice.level == "row", Person.left_at.is_(None))
    )
    batches = [None] if people is None else list(chunks(sorted(set(people))))
    for few in batches:
        asked = chosen if few is None else chosen.where(Demographic.person_id.in_(few))
        for person_id, name, value in session.execute(asked):
            result.setdefault(person_id, {})[name] = value
    return result


@dataclass
class Shown:
    """Who is credited in one folder: contributor id -> person, and the languages of their rows."""

    people: dict[str, int]
    languages: dict[str, set[str]]


class Gathering:
    """Gathers from frozen rows who is credited where, row by row."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._folders = {folder: Shown({}, {}) for folder in FOLDERS}

    def add(self, lane: str, facts: Mapping[str, Any]) -> None:
        """Take in one frozen row."""
        shown = self._folders[folder_of(lane)]
        for person_id, told, *_rest in facts["by"]:
            if told is not None:
                shown.people[told] = person_id
                shown.languages.setdefault(told, set()).add(facts["language"])

    def frozen(self, session: Session, k: int, *, before: Frozen | None = None) -> Frozen:
        """Return what a release freezes of them: by folder the facts by contributor id, and how many were left out.

        ``before``: show nothing that this earlier release did not show.
        """
        result: Frozen = {}
        people = {person for shown in self._folders.values() for person in shown.people.values()}
        let = granted(session, people)
        for folder, shown in self._folders.items():
            asked = {
                told: Granted(person, frozenset(shown.languages[told]), let.get(person, {}))
                for told, person in shown.people.items()
            }
            if before is not None:
                known = before.get(folder, {}).get("facts", {})
                asked = {
                    told: Granted(one.person, one.languages, _both(one.facts, known.get(told, {})))
                    for told, one in asked.items()
                }
            found = anonymity.publishable(asked, k)
            result[folder] = {"facts": found.facts, "suppressed": found.suppressed}
        return result


def still_let(session: Session, release: Release) -> bool:
    """Say whether everybody about whom a frozen release says something still lets it stand."""
    told = {one: facts for of in release.facts.get("demographics", {}).values() for one, facts in of["facts"].items()}
    if not told:
        return True
    people: dict[str, int] = {}
    rows = select(ReleaseRow.facts).where(ReleaseRow.release_id == release.id)
    for facts in session.scalars(rows.execution_options(yield_per=1_000)):
        people.update({by[1]: by[0] for by in facts["by"] if by[1] in told})
    let = granted(session, people.values())
    return all(one in people and facts.items() <= let.get(people[one], {}).items() for one, facts in told.items())


def without_values(frozen: Frozen) -> Frozen:
    """Return which facts a release showed, and no longer what they were.

    That stands in its files. Here it would outlive the choice: a fact is gone as soon as it is switched off.
    """
    return {
        folder: {**of, "facts": {told: dict.fromkeys(facts) for told, facts in of["facts"].items()}}
        for folder, of in frozen.items()
    }


def _both(now: Mapping[str, str], before: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for name, value in now.items() if name in before}


@dataclass(frozen=True)
class Preview:
    """What the next release of a project would show about a person, if it were made now: facts, and why others are not.

    ``granted`` is what they let stand; ``shown`` what would be published, since at least ``k`` people share it.
    """

    project: str
    languages: list[str]
    protected: list[str]
    granted: dict[str, str]
    shown: dict[str, str]
    k: int


def preview_of(session: Session, person: Person, *, k: int = rules.K) -> list[Preview]:
    """Return what the public would see about a person in each project's next release; writes nothing.

    From the people of whom accepted texts stand and who are credited; it is an estimate, for what goes out is counted
    anew at each release. A person who is not credited, or whose languages are all protected, is shown nowhere.
    """
    let = granted(session)
    result = []
    mine = select(Annotation.project_id).where(Annotation.author_id == person.id, Annotation.withdrawn_at.is_(None))
    for project in session.scalars(select(Project).where(Project.id.in_(mine)).order_by(Project.slug)):
        credited, protected = _credited(session, project, {*let, person.id})
        asked = {
            str(one): Granted(one, frozenset(languages), let.get(one, {}))
            for one, languages in credited.items()
            if languages
        }
        found = anonymity.publishable(asked, max(k, rules.K))
        result.append(
            Preview(
                project.slug,
                sorted(credited.get(person.id, ())),
                sorted(protected.get(person.id, ())),
                dict(let.get(person.id, {})),
                found.facts.get(str(person.id), {}),
                max(k, rules.K),
            )
        )
    return result


def _credited(session: Session, project: Project, people: set[int]) -> tuple[dict[int, set[str]], dict[int, set[str]]]:
    """Return in which languages these people have accepted texts under a credit, and in which protected ones any."""
    credited: dict[int, set[str]] = {}
    protected: dict[int, set[str]] = {}
    now = clock.now()
    for few in chunks(sorted(people)):
        events: dict[int, list[ConsentEvent]] = {}
        for event in session.scalars(select(ConsentEvent).where(ConsentEvent.person_id.in_(few))):
            events.setdefault(event.person_id, []).append(event)
        texts = (
            select(Annotation.author_id, Language.id, Language.code, Language.protected_at)
            .join(Language, Language.id == Annotation.language_id)
            .where(
                Annotation.project_id == project.id,
                Annotation.author_id.in_(few),
                Annotation.state.in_(("accepted", "accepted_with_edits")),
                Annotation.practice.is_(False),
            )
            .distinct()
        )
        for person_id, language_id, code, shielded in session.execute(texts):
            if shielded is not None:
                protected.setdefault(person_id, set()).add(code)
            elif decisions(events.get(person_id, ()), Text(language_id, now), at=now).attribution != "none":
                credited.setdefault(person_id, set()).add(code)
    return credited, protected
