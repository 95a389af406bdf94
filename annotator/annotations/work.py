"""A reserved piece of work as a script sees it: everything in one statement, for it is asked for at every claim."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, bindparam, select
from sqlalchemy.orm import Session

from annotator.annotations import queries
from annotator.annotations.models import Annotation, Revision
from annotator.annotations.rules import taken_back, texts_of
from annotator.assignments.models import Assignment, Draft
from annotator.database import table_of
from annotator.errors import NotFound
from annotator.languages import queries as language_queries
from annotator.languages import rules as languages
from annotator.languages.models import Language
from annotator.projects import queries as projects
from annotator.projects.models import Project
from annotator.prompts.models import Prompt, Source
from annotator.ready import Columns, Ready


@dataclass(frozen=True)
class Variety:
    """What a text needs to know of its language."""

    code: str
    bcp47: str
    direction: str


@dataclass(frozen=True)
class Said:
    """A text, if there is one, and its language."""

    text: str | None
    language: Variety


@dataclass(frozen=True)
class Begun:
    """What somebody has written so far."""

    instruction: str
    input: str
    completion: str
    rating_prompt: int | None
    rating_completion: int | None
    ai_assisted: str | None
    version: int
    saved_at: datetime


@dataclass(frozen=True)
class Work:
    """A piece of work: what the prompt shows, what was begun, where it came from.

    ``taken_back``: the words that it starts from were taken back by their author, so they are shown to nobody.
    """

    id: int
    state: str
    lease_until: datetime
    project: str
    kind: str
    instruction: Said
    input: Said
    completion: Said
    taken_back: bool
    source: tuple[str, str] | None
    draft: Begun | None
    annotation: str | None


_assignments, _prompts, _sources = table_of(Assignment).c, table_of(Prompt).c, table_of(Source).c
_drafts, _languages = table_of(Draft).c, table_of(Language)
_completion_in, _instruction_in, _input_in = (_languages.alias(name) for name in ("completion", "instruction", "input"))
_BEGUN = (
    _drafts.instruction, _drafts.input, _drafts.completion, _drafts.rating_prompt, _drafts.rating_completion,
    _drafts.ai_assisted, _drafts.version, _drafts.saved_at,
)  # fmt: skip
_VARIETY = ("code", "iso639_3", "script", "variety")

# Made once, and of columns: nothing of it is an object that could change.
_WORK = (
    select(
        _assignments.id, _assignments.state, _assignments.lease_until, table_of(Project).c.slug,
        _prompts.kind, _prompts.instruction, _prompts.input, _prompts.completion, _prompts.revision_id,
        _sources.name, _sources.license, table_of(Annotation).c.public_id,
        *(
            language.c[column].label(f"{language.name}_{column}")
            for language in (_completion_in, _instruction_in, _input_in)
            for column in _VARIETY
        ),
        *(column.label(f"draft_{column.key}") for column in _BEGUN),
    )
    .join_from(table_of(Assignment), table_of(Prompt), _prompts.id == _assignments.prompt_id)
    .join(table_of(Project), table_of(Project).c.id == _assignments.project_id)
    .join(_completion_in, _completion_in.c.id == _assignments.language_id)
    .outerjoin(_instruction_in, _instruction_in.c.id == _prompts.instruction_language_id)
    .outerjoin(_input_in, _input_in.c.id == _prompts.input_language_id)
    .outerjoin(table_of(Source), _sources.id == _prompts.source_id)
    .outerjoin(table_of(Draft), _drafts.assignment_id == _assignments.id)
    .outerjoin(table_of(Annotation), table_of(Annotation).c.assignment_id == _assignments.id)
    .where(_assignments.id == bindparam("id"), _assignments.person_id == bindparam("person_id"))
)  # fmt: skip
_PROJECT, _LANGUAGE = Columns(Project), Columns(Language)
_PLACE = Ready(
    select(*_PROJECT.labels, *_LANGUAGE.labels)
    .join_from(table_of(Project), table_of(Language), _languages.c.code == bindparam("code"))
    .where(table_of(Project).c.slug == bindparam("slug"))
)


def place(session: Session, slug: str, code: str) -> tuple[Project, Language]:
    """Return the project and the language that are asked for, in one statement.

    Raises NotFound ``project_unknown``, or for the language what ``languages.resolve`` raises.
    """
    found = _PLACE.first(session, {"slug": slug, "code": code})
    if found is not None:
        return _PROJECT.loaded(session, found), _LANGUAGE.loaded(session, found)
    project = projects.by_slug(session, slug)
    return project, language_queries.resolve(session, code)


def get(session: Session, assignment_id: int, *, person_id: int | None) -> Work:
    """Return the person's own piece of work.

    Raises NotFound ``assignment_unknown`` also for another person's.
    """
    row = session.execute(_WORK, {"id": assignment_id, "person_id": person_id or 0}).mappings().one_or_none()
    if row is None:
        raise NotFound("assignment_unknown")
    completion_in = _variety(row, "completion")
    instruction_in = _variety(row, "instruction") if row["instruction_code"] else completion_in
    input_in = _variety(row, "input") if row["input_code"] else instruction_in
    texts = (
        Said(row["instruction"], instruction_in),
        Said(row["input"], input_in),
        Said(row["completion"], completion_in),
    )
    gone = False
    if row["revision_id"] is not None:
        texts, gone = _of_revision(session, row["revision_id"])
    return Work(
        id=row["id"],
        state=row["state"],
        lease_until=row["lease_until"],
        project=row["slug"],
        kind=row["kind"],
        instruction=texts[0],
        input=texts[1],
        completion=texts[2],
        taken_back=gone,
        source=(row["name"], row["license"]) if row["name"] is not None else None,
        draft=Begun(*(row[f"draft_{column.key}"] for column in _BEGUN)) if row["draft_version"] else None,
        annotation=row["public_id"],
    )


def _variety(row: RowMapping, name: str) -> Variety:
    """Return the language that stands in these columns."""
    code, iso639_3, script, variety = (row[f"{name}_{column}"] for column in _VARIETY)
    return Variety(code, languages.bcp47_tag(iso639_3, script, variety), languages.direction_of(script))


def fresh(session: Session, assignment: Assignment, project: Project) -> Work:
    """Return a piece of work that was claimed just now, of what the claim has loaded already."""
    prompt = assignment.prompt
    instruction_in = prompt.instruction_language or prompt.language
    texts = (
        _shown(prompt.instruction, instruction_in, gone=False),
        _shown(prompt.input, prompt.input_language or instruction_in, gone=False),
        _shown(prompt.completion, prompt.language, gone=False),
    )
    gone = False
    if prompt.revision_id is not None:
        texts, gone = _of_revision(session, prompt.revision_id)
    return Work(
        id=assignment.id,
        state=assignment.state,
        lease_until=assignment.lease_until,
        project=project.slug,
        kind=prompt.kind,
        instruction=texts[0],
        input=texts[1],
        completion=texts[2],
        taken_back=gone,
        source=(prompt.source.name, prompt.source.license) if prompt.source is not None else None,
        draft=None,
        annotation=None,
    )


def _of_revision(session: Session, revision_id: int) -> tuple[tuple[Said, Said, Said], bool]:
    """Return the texts of a pooled contribution, and whether they were taken back: then there are none."""
    revision = session.get_one(Revision, revision_id)
    queries.load_lineage(session, [revision])
    shown, gone = texts_of(revision), taken_back(revision)
    return (
        _shown(shown.instruction, shown.instruction_language, gone=gone),
        _shown(shown.input, shown.input_language, gone=gone),
        _shown(shown.completion, shown.completion_language, gone=gone),
    ), gone


def _shown(text: str | None, language: Language, *, gone: bool) -> Said:
    return Said(None if gone else text, Variety(language.code, language.bcp47, language.direction))
