"""Bring prompts into a project, and the templates that make them; ``pool`` has contributors' own texts."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from annotator.audit import actions as audit
from annotator.consent.rules import SourceClass
from annotator.errors import Conflict, Invalid
from annotator.languages.models import Language
from annotator.languages.queries import by_code
from annotator.permissions import Actor, Permission, permit
from annotator.projects.models import Project
from annotator.projects.queries import collects_in
from annotator.projects.rules import checked_overlap
from annotator.prompts import landing, licenses, queries, rules, seeds
from annotator.prompts.columns import Columns
from annotator.prompts.models import Prompt, Source, Template
from annotator.prompts.rows import ImportReport, Noted, Problem, Record, Row, Settled
from annotator.prompts.settling import Settler

BATCH = 1_000
SHOWN = 20
NAME_LENGTH = 120


def import_prompts(
    session: Session,
    *,
    actor: Actor,
    project: Project,
    source: str,
    license: str,  # noqa: A002  # the field's own word; the builtin is not for programs
    rows: Iterable[Row | Mapping[str, object]],
    columns: Columns | None = None,
    language: Language | None = None,
    instruction_language: Language | None = None,
    input_language: Language | None = None,
    template: Template | None = None,
    skip_bad: bool = False,
    dry_run: bool = False,
    shown: int | None = SHOWN,
    progress: Callable[[int], None] | None = None,
) -> ImportReport:
    """Add the rows to the project's pool: all of them or, if the report says ``landed`` is false, none.

    ``rows`` come from ``files.read`` or are mappings with the same columns. ``language`` is that of the
    completion where a row does not say; instruction and input are in it too unless something else is said. A row
    with a completion is there to be re-annotated, one without to be answered. ``skip_bad`` imports the others
    when rows cannot be used. ``dry_run`` does everything and takes it back. ``shown`` is how many problems of
    each sort the report keeps (None: all). ``progress`` hears the number of rows so far.

    Raises Forbidden, Invalid for what concerns the whole import, Conflict where the source has another licence.
    """
    permit(actor, Permission.PROMPTS_IMPORT)
    license_id = licenses.checked(license)
    source_class = licenses.class_of(license_id)
    name = " ".join(source.split())
    if not name or len(name) > NAME_LENGTH or rules.unstorable(name):
        raise Invalid("source_name_invalid", longest=NAME_LENGTH)
    if language is not None and not collects_in(project, language):
        raise Invalid("import_language_not_in_project", language=language.code, project=project.slug)
    report = ImportReport(dry_run, skip_bad, Noted(shown), Noted(shown), Noted(shown))
    report.closed_source = source_class is SourceClass.CLOSED
    settler = Settler(
        session,
        project,
        template,
        columns or Columns(with_template=template is not None),
        language,
        instruction_language,
        input_language,
    )
    nested = session.begin_nested()
    try:
        found = _source(session, project, name, license_id)
        batch = landing.begin(session, project=project, source=found, actor_name=actor.name)
        way = landing.Landing(session, project, found, template, batch, source_class, report)
        for part in _batches(_settled(settler, rows, report, progress)):
            way.land(part)
        settler.columns.check_found()
    except BaseException:
        nested.rollback()
        raise
    if dry_run or not report.fits:
        nested.rollback()
        return report
    batch.added, batch.duplicates = report.added, report.duplicates.count
    nested.commit()
    report.landed, report.batch_id = True, batch.id
    audit.record(
        session,
        actor=actor,
        action="prompts.imported",
        object_kind="import_batch",
        object_id=batch.id,
        project=project.id,
        source=found.id,
        added=report.added,
        duplicates=report.duplicates.count,
        refused=report.refused.count,
    )
    return report


def _settled(
    settler: Settler,
    rows: Iterable[Row | Mapping[str, object]],
    report: ImportReport,
    progress: Callable[[int], None] | None,
) -> Iterator[Settled]:
    """Yield the rows that can be used; note the others."""
    for row in rows:
        report.rows += 1
        if isinstance(row, Mapping):
            row = Record("rows", report.rows, row)  # noqa: PLW2901  # the same row, with its place
        settled = row if isinstance(row, Problem) else settler.settle(row)
        if isinstance(settled, Problem):
            report.refused.add(settled)
        else:
            yield settled
        if progress is not None and report.rows % BATCH == 0:
            progress(report.rows)
    if progress is not None:
        progress(report.rows)


def _batches(rows: Iterator[Settled]) -> Iterator[list[Settled]]:
    part: list[Settled] = []
    for row in rows:
        part.append(row)
        if len(part) == BATCH:
            yield part
            part = []
    yield part


def _source(session: Session, project: Project, name: str, license_id: str) -> Source:
    """Return the project's source of this name, made if it is new."""
    found = session.scalar(select(Source).where(Source.project_id == project.id, Source.name == name))
    if found is None:
        found = Source(project_id=project.id, name=name, license=license_id)
        session.add(found)
        session.flush()
    elif found.license != license_id:
        raise Conflict("source_license_differs", source=name, license=found.license, given=license_id)
    return found


def add_template(
    session: Session, *, actor: Actor, name: str, body: str, language: Language, answer_link: str = "completion"
) -> Template:
    """Return the template: the newest version if it says just this, else a new version.

    ``language`` is that of the body; ``answer_link`` is what an answer is to the sentence (completion,
    translation, paraphrase). Raises Forbidden, and Invalid for a name, body or link that cannot stand.
    """
    permit(actor, Permission.PROMPTS_IMPORT)
    name, settled = rules.checked_template(name, body, answer_link)
    newest = queries.newest_template(session, name)
    if newest and (newest.body, newest.language_id, newest.answer_link) == (settled, language.id, answer_link):
        return newest
    template = Template(
        name=name, version=newest.version + 1 if newest else 1, body=settled, language=language, answer_link=answer_link
    )
    session.add(template)
    session.flush()
    audit.record(
        session,
        actor=actor,
        action="template.added",
        object_kind="template",
        object_id=template.id,
        name=name,
        version=template.version,
    )
    return template


def sync_templates(session: Session, *, actor: Actor) -> list[Template]:
    """Bring in the templates that the program ships, where nobody has one of that name; return the new ones.

    Raises NotFound when the language of the wording has not been added.
    """
    language = by_code(session, seeds.LANGUAGE)
    return [
        add_template(
            session, actor=actor, name=seed.name, body=seed.body, language=language, answer_link=seed.answer_link
        )
        for seed in seeds.SEEDS
        if queries.newest_template(session, seed.name) is None
    ]


def template_named(session: Session, *, actor: Actor, name: str) -> Template:
    """Return the latest version of a template; one that the program ships is brought in when it is first asked for.

    Raises NotFound ``template_unknown`` with the names there are.
    """
    if queries.newest_template(session, name) is None and name in {seed.name for seed in seeds.SEEDS}:
        sync_templates(session, actor=actor)
    return queries.the_template(session, name)


def raise_overlap(session: Session, *, actor: Actor, project: Project, overlap: int) -> None:
    """Let more people work on each prompt: the project's overlap, and the free places of its prompts.

    Raises Conflict ``overlap_not_lowered`` for a lower number: people may hold the places that would go.
    """
    permit(actor, Permission.PROJECT_MANAGE)
    more = checked_overlap(overlap) - project.overlap
    if more < 0:
        raise Conflict("overlap_not_lowered", overlap=project.overlap)
    if more == 0:
        return
    project.overlap = overlap
    session.execute(
        update(Prompt)
        .where(Prompt.project_id == project.id)
        .values(free_places=Prompt.free_places + more)
        .execution_options(synchronize_session="fetch")
    )
    audit.record(
        session,
        actor=actor,
        action="project.overlap_raised",
        object_kind="project",
        object_id=project.id,
        overlap=overlap,
    )
