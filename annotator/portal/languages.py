"""The list of languages and the page of a language: what waits there, who writes there, what came of it."""

from dataclasses import dataclass

from flask import render_template, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.assignments import queries as assignments
from annotator.errors import NotFound
from annotator.languages import queries as languages
from annotator.languages.models import Language, Speaker
from annotator.languages.rules import shown_count

# The list and the page belong to the blueprint of the room: one address, one name for links.
from annotator.languages.views import blueprint
from annotator.permissions import Permission, may
from annotator.projects import queries as projects
from annotator.projects.models import Project, ProjectLanguage
from annotator.prompts.models import Prompt
from annotator.releases.models import Release, ReleaseRow
from annotator.review import queries as reviews
from annotator.web.access import current_actor
from annotator.web.extensions import db_session, settings
from annotator.web.pages import see_other

__all__ = ["blueprint"]

# A page says "more than" from here on: counting a pool of millions to the end would cost more than it tells.
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Work:
    """What waits in one project: prompts to answer, and texts to improve; None where it asks for no such work."""

    project: Project
    answer: int | None
    reannotate: int | None
    original: bool


@dataclass(frozen=True)
class Published:
    """A project's latest release, and what it holds of a language."""

    release: Release
    texts: int | None
    people: int | None


@blueprint.get("/")
def index() -> str:
    """List the languages, those with work first; ``q`` searches in any name, code or script."""
    query = request.args.get("q", "").strip()
    found = languages.search(db_session(), query)
    busy = _collected_in(db_session())
    return render_template(
        "portal/languages.html",
        query=query,
        busy=[language for language in found if language.id in busy],
        quiet=[language for language in found if language.id not in busy],
        may_add=may(current_actor(), Permission.LANGUAGE_ADD),
        contact=settings().controller_contact,
    )


@blueprint.get("/<code>")
def show(code: str) -> str | AnyResponse:
    """Show a language; another code of it (``yor``, ``yo-Latn``, ``zho-TW``) leads to its page.

    A code that could mean several leads to these.
    """
    try:
        language = languages.resolve(db_session(), code)
    except NotFound as error:
        if error.code != "language_ambiguous":
            raise
        return see_other("languages.index", q=code)
    if language.code != code:
        return see_other("languages.show", code=language.code)
    actor = current_actor()
    speaker = languages.speaker(db_session(), actor.person_id, language.id) if actor.person_id else None
    return render_template(
        "portal/language.html",
        language=language,
        work=[work_in(db_session(), project, language) for project in projects.collecting(db_session(), language)],
        most_counted=MOST_COUNTED,
        in_review=_shown(reviews.waiting(db_session(), language=language), language),
        people=_shown(people_in(db_session(), language), language),
        ambassadors=ambassadors_of(db_session(), language),
        published=published_in(db_session(), language),
        small=settings().small_count,
        writes=speaker is not None and speaker.writes,
        is_ambassador=language.id in actor.ambassador_of,
        may_rename=may(actor, Permission.LANGUAGE_EDIT, language_id=language.id),
        may_protect=may(actor, Permission.LANGUAGE_PROTECT, language_id=language.id),
    )


def ambassadors_of(session: Session, language: Language) -> list[Person]:
    """Return who stands for a language, for everybody to see: nobody of a protected one."""
    return [] if language.protected else [one.person for one in languages.standing_terms(session, language=language)]


def _shown(n: int, language: Language) -> int | None:
    return shown_count(n, protected=language.protected, small=settings().small_count)


def work_in(session: Session, project: Project, language: Language) -> Work:
    """Return what anybody could take up in a project and a language, counted up to ``MOST_COUNTED``."""

    def count(kind: str) -> int | None:
        if not project.mix.get(kind):
            return None
        some = assignments.offered(project, language, [kind]).with_only_columns(Prompt.id).limit(MOST_COUNTED + 1)
        return session.scalar(select(func.count()).select_from(some.subquery())) or 0

    return Work(project, count("answer"), count("reannotate"), original=bool(project.mix.get("original")))


def people_in(session: Session, language: Language) -> int:
    """Return how many people say that they write a language."""
    return (
        session.scalar(
            select(func.count()).select_from(Speaker).where(Speaker.language_id == language.id, Speaker.writes)
        )
        or 0
    )


def published_in(session: Session, language: Language) -> list[Published]:
    """Return, for each project whose latest release holds texts of a language, how many, and by how many people."""
    newest = (
        select(func.max(Release.id)).where(Release.state == "published").group_by(Release.project_id).scalar_subquery()
    )
    rows = session.execute(
        select(Release, func.count(), func.count(Annotation.author_id.distinct()))
        .join(ReleaseRow, ReleaseRow.release_id == Release.id)
        .join(Annotation, Annotation.id == ReleaseRow.annotation_id)
        .where(Release.id.in_(newest), Annotation.language_id == language.id)
        .group_by(Release.id)
        .order_by(Release.published_at.desc(), Release.id.desc())
    )
    return [Published(release, _shown(texts, language), _shown(people, language)) for release, texts, people in rows]


def _collected_in(session: Session) -> set[int]:
    """Return the ids of the languages that open projects collect in."""
    return set(
        session.scalars(
            select(ProjectLanguage.language_id)
            .join(Project, Project.id == ProjectLanguage.project_id)
            .where(Project.state == "open")
        )
    )
