"""Make of a row what the pool needs: its texts, their languages, its id; or say why it cannot be used."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from annotator import text
from annotator.errors import DomainError, Invalid
from annotator.languages import queries as languages
from annotator.languages.models import Language
from annotator.projects.models import Project
from annotator.prompts import rules
from annotator.prompts.columns import Columns
from annotator.prompts.models import Template
from annotator.prompts.rows import Problem, Record, Settled
from annotator.prompts.rules import Texts

# Once: json.dumps would make an encoder for each row. No row holds itself: readers make trees.
_dumps = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


class _RowError(Exception):
    """A row cannot be used: a code and its facts."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass
class Settler:
    """What an import says of all its rows, and how one row follows from it."""

    session: Session
    project: Project
    template: Template | None
    columns: Columns
    language: Language | None = None
    instruction_language: Language | None = None
    input_language: Language | None = None
    _known: dict[str, Language | _RowError] = field(default_factory=dict)
    _collected: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a translation whose sentences would be taken for sentences of the language they go into."""
        self._collected = frozenset(language.id for language in self.project.languages)
        if (
            self.template is not None
            and self.template.answer_link == "translation"
            and self.input_language is None
            and "input_language" not in self.columns.mapping
        ):
            raise Invalid("import_translation_from_what", template=self.template.name)

    def settle(self, record: Record) -> Settled | Problem:
        """Return the row ready for the pool, or the first thing that is wrong with it."""
        try:
            return self._settle(record)
        except _RowError as error:
            return Problem(record.file, record.line, error.code, error.facts)

    def _settle(self, record: Record) -> Settled:
        fields, metadata = self.columns.pick(record.values)
        if rules.unstorable(record.values):
            raise _RowError("row_unstorable")
        language = self._language(fields.get("language"), self.language)
        if language is None:
            raise _RowError("row_language_missing")
        if language.id not in self._collected:
            raise _RowError("row_language_not_in_project", language=language.code, project=self.project.slug)
        main = _text(fields, self.columns.main)
        if main is None:
            raise _RowError("row_empty", field=self.columns.main)
        completion = _text(fields, "completion")
        if self.template is None:
            texts = Texts(main, _text(fields, "input"), completion)
            about = self._language(fields.get("instruction_language"), self.instruction_language) or language
        else:
            texts = Texts(*rules.fill(self.template.body, main), completion)
            about = self.template.language
        over = self._language(fields.get("input_language"), self.input_language) or language
        return Settled(
            record.file,
            record.line,
            texts,
            language.id,
            about.id,
            over.id if texts.input is not None else None,
            _identity(fields.get("external_id")),
            _dumps({"file": record.file, "line": record.line, **({"metadata": metadata} if metadata else {})}),
        )

    def _language(self, value: object, otherwise: Language | None) -> Language | None:
        """Return the language that a row names, else the one given for all."""
        if value is None:
            return otherwise
        if not isinstance(value, str):
            raise _RowError("row_not_text", field="language")
        found = self._known.get(value)
        if found is None:
            try:
                found = languages.resolve(self.session, value)
            except DomainError as error:
                found = _RowError(error.code, **error.facts)
            self._known[value] = found
        if isinstance(found, _RowError):
            raise _RowError(found.code, **found.facts)
        return found


def _text(fields: Mapping[str, object], name: str) -> str | None:
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _RowError("row_not_text", field=name)
    settled = text.clean(value)
    if settled is not None and len(settled) > rules.LONGEST_TEXT:
        raise _RowError("row_text_long", field=name, longest=rules.LONGEST_TEXT)
    return settled


def _identity(value: object) -> str | None:
    """Return the external id as text; a whole number is one too."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise _RowError("row_not_text", field="external_id")
    settled = text.clean(str(value))
    if settled is not None and len(settled) > rules.LONGEST_ID:
        raise _RowError("row_id_long", longest=rules.LONGEST_ID)
    return settled
