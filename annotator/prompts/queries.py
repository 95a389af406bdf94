"""Ask about prompts, their sources and templates."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotator.errors import NotFound
from annotator.languages.models import Language
from annotator.projects.models import Project
from annotator.prompts import seeds
from annotator.prompts.models import ImportBatch, Prompt, Source, Template


def newest_template(session: Session, name: str) -> Template | None:
    """Return the latest version of the template of this name, or None."""
    return session.scalar(select(Template).where(Template.name == name).order_by(Template.version.desc()).limit(1))


def templates(session: Session) -> Sequence[Template]:
    """Return the latest version of every template, by name."""
    latest = select(Template.name, func.max(Template.version).label("version")).group_by(Template.name).subquery()
    return session.scalars(
        select(Template)
        .join(latest, (Template.name == latest.c.name) & (Template.version == latest.c.version))
        .order_by(Template.name)
    ).all()


def the_template(session: Session, name: str) -> Template:
    """Return the latest version of the template; raise NotFound ``template_unknown`` with the names there are."""
    found = newest_template(session, name)
    if found is None:
        known = {*session.scalars(select(Template.name).distinct()), *(seed.name for seed in seeds.SEEDS)}
        raise NotFound("template_unknown", name=name, known=known)
    return found


def sources(session: Session, project: Project) -> Sequence[Source]:
    """Return where the project's prompts came from, by name."""
    return session.scalars(select(Source).where(Source.project_id == project.id).order_by(Source.name)).all()


def batches(session: Session, project: Project, *, limit: int = 20) -> Sequence[tuple[ImportBatch, Source]]:
    """Return the project's latest imports that have landed, newest first, each with its source."""
    return session.execute(
        select(ImportBatch, Source)
        .join(Source, Source.id == ImportBatch.source_id)
        .where(ImportBatch.project_id == project.id, ImportBatch.landed_seq.is_not(None))
        .order_by(ImportBatch.landed_seq.desc())
        .limit(limit)
    ).all()


def unfinished(session: Session, project: Project | None = None) -> Sequence[ImportBatch]:
    """Return the imports, of one project or all, that can be taken up (or are at work at this moment), oldest first."""
    query = select(ImportBatch).where(ImportBatch.state == "arriving", ImportBatch.fingerprint.is_not(None))
    if project is not None:
        query = query.where(ImportBatch.project_id == project.id)
    return session.scalars(query.order_by(ImportBatch.id)).all()


def import_of(session: Session, project: Project, batch_id: int) -> ImportBatch:
    """Return an import of the project; raise NotFound ``import_unknown``."""
    found = session.get(ImportBatch, batch_id)
    if found is None or found.project_id != project.id:
        raise NotFound("import_unknown", number=batch_id)
    return found


@dataclass(frozen=True)
class Pool:
    """How many prompts a project offers in a language: to answer, and to re-annotate; open ones only."""

    language: Language
    answer: int
    reannotate: int


def pools(session: Session, project: Project) -> list[Pool]:
    """Return what the project offers in each of its languages, by the code of the language."""
    counted = session.execute(
        select(Prompt.language_id, Prompt.kind, func.count())
        .where(Prompt.project_id == project.id, Prompt.state == "open")
        .group_by(Prompt.language_id, Prompt.kind)
    )
    numbers = {(language_id, kind): number for language_id, kind, number in counted}
    return [
        Pool(language, numbers.get((language.id, "answer"), 0), numbers.get((language.id, "reannotate"), 0))
        for language in project.languages
    ]
