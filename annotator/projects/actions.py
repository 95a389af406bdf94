"""Make a project, change its settings, pause, resume and close it."""

import secrets
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock, text
from annotator.audit import actions as audit
from annotator.errors import Conflict, Invalid
from annotator.languages.models import Language
from annotator.permissions import Actor, Permission, permit
from annotator.projects import rules
from annotator.projects.models import Project

KEY_BYTES = 32


def create(
    session: Session,
    *,
    actor: Actor,
    slug: str,
    title: str,
    languages: Sequence[Language],
    description: str = "",
    mix: Mapping[str, int] | None = None,
    overlap: int = 1,
    reviews: int = 1,
    release_unreviewed: bool = False,
    reannotate_contributions: bool = False,
    lanes: Iterable[str] | None = None,
    daily_cap: int | None = None,
    total_cap: int | None = None,
) -> Project:
    """Make a project, open at once.

    ``daily_cap`` and ``total_cap`` are how many texts one person may hand in per language, in any 24 hours and in
    all. Raises Forbidden, Invalid for a setting that cannot stand (see ``rules``) or without a language, and Conflict
    ``project_slug_taken``.
    """
    permit(actor, Permission.PROJECT_MANAGE)
    project = Project(
        slug=rules.checked_slug(slug),
        title=rules.checked_title(title),
        description=text.clean(description) or "",
        state="open",
        mix=rules.checked_mix(mix),
        overlap=rules.checked_overlap(overlap),
        reviews=rules.checked_reviews(reviews),
        release_unreviewed=release_unreviewed,
        reannotate_contributions=reannotate_contributions,
        lanes=rules.checked_lanes(lanes),
        daily_cap=rules.checked_cap(daily_cap),
        total_cap=rules.checked_cap(total_cap),
        # Contributor ids and splits are keyed hashes under it: never shown, never released (release-format §3.2).
        key=secrets.token_bytes(KEY_BYTES),
        created_at=clock.now(),
    )
    if not languages:
        raise Invalid("project_languages_missing")
    if session.scalar(select(Project.id).where(Project.slug == slug)) is not None:
        raise Conflict("project_slug_taken", slug=slug)
    project.languages = list({language.id: language for language in languages}.values())
    session.add(project)
    session.flush()
    audit.record(
        session,
        actor=actor,
        action="project.created",
        object_kind="project",
        object_id=project.id,
        languages=sorted(language.code for language in project.languages),
    )
    return project


def edit(
    session: Session,
    *,
    actor: Actor,
    project: Project,
    title: str | None = None,
    description: str | None = None,
    mix: Mapping[str, int] | None = None,
    reviews: int | None = None,
    release_unreviewed: bool | None = None,
    reannotate_contributions: bool | None = None,
    lanes: Iterable[str] | None = None,
    daily_cap: int | None = None,
    total_cap: int | None = None,
) -> Project:
    """Change settings; what is None stays, and a cap of 0 is taken away. The audit says which settings changed.

    The overlap is not among them: prompts hold places by it, so ``prompts.actions.raise_overlap`` changes both.
    """
    permit(actor, Permission.PROJECT_MANAGE)
    wanted = {
        "title": None if title is None else rules.checked_title(title),
        "description": None if description is None else text.clean(description) or "",
        "mix": None if mix is None else rules.checked_mix(mix),
        "reviews": None if reviews is None else rules.checked_reviews(reviews),
        "release_unreviewed": release_unreviewed,
        "reannotate_contributions": reannotate_contributions,
        "lanes": None if lanes is None else rules.checked_lanes(lanes),
    }
    given: dict[str, object] = {name: value for name, value in wanted.items() if value is not None}
    for name, cap in (("daily_cap", daily_cap), ("total_cap", total_cap)):
        if cap is not None:
            given[name] = rules.checked_cap(cap)
    changed = [name for name, value in given.items() if getattr(project, name) != value]
    for name in changed:
        setattr(project, name, given[name])
    if changed:
        session.flush()
        audit.record(
            session, actor=actor, action="project.edited", object_kind="project", object_id=project.id, changed=changed
        )
    return project


def add_languages(session: Session, *, actor: Actor, project: Project, languages: Iterable[Language]) -> list[Language]:
    """Let the project collect in these languages too; return those that are new to it."""
    permit(actor, Permission.PROJECT_MANAGE)
    known = {language.id for language in project.languages}
    new = list({language.id: language for language in languages if language.id not in known}.values())
    if new:
        project.languages.extend(new)
        session.flush()
        audit.record(
            session,
            actor=actor,
            action="project.languages_added",
            object_kind="project",
            object_id=project.id,
            languages=sorted(language.code for language in new),
        )
    return new


def pause(session: Session, *, actor: Actor, project: Project) -> Project:
    """Offer no work for now; what people have begun can be finished."""
    return _into(session, actor, project, "paused")


def resume(session: Session, *, actor: Actor, project: Project) -> Project:
    """Offer work again, also in a project that was closed."""
    return _into(session, actor, project, "open")


def close(session: Session, *, actor: Actor, project: Project) -> Project:
    """End the collecting; reviews, releases and withdrawals go on."""
    return _into(session, actor, project, "closed")


def _into(session: Session, actor: Actor, project: Project, state: str) -> Project:
    """Bring the project into ``state``; nothing happens, and nothing is noted, when it is there already."""
    permit(actor, Permission.PROJECT_MANAGE)
    before = project.state
    if before != state:
        project.state = state
        session.flush()
        audit.record(
            session,
            actor=actor,
            action="project.state_changed",
            object_kind="project",
            object_id=project.id,
            before=before,
            after=state,
        )
    return project
