"""Bring prompts into a project, and the templates that make them; ``pool`` has contributors' own texts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from annotator.audit import actions as audit
from annotator.consent.rules import SourceClass
from annotator.errors import Conflict, Invalid
from annotator.languages.models import Language
from annotator.languages.queries import by_code
from annotator.ledger import actions as ledger
from annotator.permissions import Actor, Permission, permit
from annotator.projects.models import Project
from annotator.projects.queries import collects_in
from annotator.projects.rules import checked_overlap
from annotator.prompts import arriving, importing, licenses, queries, rules, seeds
from annotator.prompts.columns import Columns
from annotator.prompts.importing import Import
from annotator.prompts.models import ImportBatch, Prompt, Template
from annotator.prompts.rows import LISTED, ImportReport, Noted, Row
from annotator.prompts.settling import Settler

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
    showing: Callable[[int], None] | None = None,
    taking_up: Callable[[datetime, int], None] | None = None,
    given: Sequence[tuple[str, str]] = (),
    keep: Callable[[], None] | None = None,
) -> ImportReport:
    """Add the rows to the project's pool: all of them or, if the report says ``landed`` is false, none.

    ``rows`` come from ``files.read`` or are mappings with the same columns. ``language`` is that of the
    completion where a row does not say; instruction and input are in it too unless something else is said. A row
    with a completion is there to be re-annotated, one without to be answered. ``template`` may be one that only this
    import brings in (``template_to_use``). ``skip_bad`` imports the others when rows cannot be used. ``dry_run`` does
    everything but show the rows. ``shown`` is how many problems of each sort the report keeps (None: all rows that
    cannot be used, and the first thousand of the other sorts).
    ``progress`` hears how many rows have been read and kept, ``showing`` how many of the new ones have been moved,
    ``taking_up`` when an import that is taken up was begun, and how many rows are in.

    Without ``keep`` all of it belongs to the caller's transaction. A large import gives a ``keep`` that commits: it is
    called after each part, which nobody sees, and after the last step, which shows all rows at once. ``given`` (name
    and SHA-256 of each file) then lets whoever brings the same files with the same choices take it up where it ended.

    Raises Forbidden, Invalid for what concerns the whole import, Conflict where the source has another licence or
    somebody else goes on with the same import (``import_not_ours``).
    """
    permit(actor, Permission.PROMPTS_IMPORT)
    license_id = licenses.checked(license)
    name = " ".join(source.split())
    if not name or len(name) > NAME_LENGTH or rules.unstorable(name):
        raise Invalid("source_name_invalid", longest=NAME_LENGTH)
    if language is not None and not collects_in(project, language):
        raise Invalid("import_language_not_in_project", language=language.code, project=project.slug)
    listed = LISTED if shown is None else shown
    report = ImportReport(dry_run, skip_bad, duplicates=Noted(listed), refused=Noted(shown), alike=Noted(listed))
    report.closed_source = licenses.class_of(license_id) is SourceClass.CLOSED
    settler = Settler(
        session,
        project,
        template,
        columns or Columns(with_template=template is not None),
        language,
        instruction_language,
        input_language,
    )
    options = {
        "files": [file for file, _digest in given],
        "source": name,
        "license": license_id,
        "languages": [one and one.code for one in (language, instruction_language, input_language)],
        "map": settler.columns.mapping,
        "template": template and [template.name, template.version],
        "skip_bad": skip_bad,
    }
    run = Import(
        session,
        actor,
        project,
        name,
        license_id,
        settler,
        report,
        add_template=partial(_brought_in, session, actor),
        keep=keep or session.flush,
        progress=progress or _silent,
        showing=showing,
        taking_up=taking_up,
    )
    if keep is not None:
        mark = arriving.fingerprint(options, [digest for _file, digest in given]) if given and not dry_run else None
        run.run(rows, options=options, mark=mark)
        return report
    with session.begin_nested() as nested:
        run.run(rows, options=options, mark=None)
        if not report.landed:
            nested.rollback()
    return report


def _silent(_rows: int) -> None:
    """Nobody listens."""


def give_up_import(session: Session, *, actor: Actor, batch: ImportBatch) -> None:
    """Give up an import that has not landed: what waits is taken away by ``jobs.tidy_imports``.

    Raises Forbidden, and Conflict ``import_over`` for one that has landed or was given up already.
    """
    permit(actor, Permission.PROMPTS_IMPORT)
    if not importing.give_up(session, batch.id):
        raise Conflict("import_over")
    audit.record(
        session,
        actor=actor,
        action="prompts.import_given_up",
        object_kind="import_batch",
        object_id=batch.id,
        project=batch.project_id,
        rows=batch.rows,
    )


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


def template_to_use(session: Session, name: str) -> Template:
    """Return the latest version of a template, or ours as it would be brought in, for ``import_prompts`` to do so.

    Raises NotFound ``template_unknown`` with the names there are.
    """
    seed = next((seed for seed in seeds.SEEDS if seed.name == name), None)
    if seed is None or queries.newest_template(session, name) is not None:
        return queries.the_template(session, name)
    language = by_code(session, seeds.LANGUAGE)
    return Template(
        name=name, version=1, body=seed.body, language_id=language.id, language=language, answer_link=seed.answer_link
    )


def _brought_in(session: Session, actor: Actor, template: Template) -> Template:
    """Return the template as it stands in the database, once an import lands that uses it."""
    return template if template.id is not None else template_named(session, actor=actor, name=template.name)


def raise_overlap(session: Session, *, actor: Actor, project: Project, overlap: int) -> None:
    """Let more people work on each prompt: the project's overlap, and the free places of its prompts.

    Everybody begins a new round: what was full when their cursor passed is open again (``assignments.claiming``).
    Raises Conflict ``overlap_not_lowered`` for a lower number: people may hold the places that would go.
    """
    permit(actor, Permission.PROJECT_MANAGE)
    ledger.queue_up(session)  # a withdrawal locks prompts in the order of a lineage: one after the other
    # Two at once would both add to the places. FOR NO KEY UPDATE: claims, whose rows point at the project, go on.
    session.refresh(project, with_for_update={"key_share": True})
    more = checked_overlap(overlap) - project.overlap
    if more < 0:
        raise Conflict("overlap_not_lowered", overlap=project.overlap)
    if more == 0:
        return
    project.overlap = overlap
    # In the order of ids, as whoever locks several prompts does.
    theirs = select(Prompt.id).where(Prompt.project_id == project.id).order_by(Prompt.id).with_for_update()
    session.execute(
        update(Prompt)
        .where(Prompt.id.in_(theirs))
        .values(free_places=Prompt.free_places + more)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    audit.record(
        session,
        actor=actor,
        action="project.overlap_raised",
        object_kind="project",
        object_id=project.id,
        overlap=overlap,
    )
