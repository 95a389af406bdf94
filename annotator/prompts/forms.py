"""The form of an import, and the one that raises a project's overlap."""

from collections.abc import Iterable

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange

from annotator.languages.models import Language
from annotator.projects.rules import MOST_PEOPLE
from annotator.prompts.models import Template
from annotator.prompts.seeds import SEEDS

_WHOLE_NUMBER = _("A whole number from %(min)s to %(max)s, please.")


class ImportForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """A file of prompts, and what its columns mean."""

    file = FileField(
        _("File"),
        [FileRequired(_("Choose a file."))],
        description=_(
            "JSONL, JSON, CSV, TSV or Parquet with columns instruction, input, completion, language, id; or TXT."
        ),
        render_kw={"accept": ".jsonl,.ndjson,.json,.csv,.tsv,.parquet,.txt"},
    )
    source = StringField(
        _("Where the texts come from"),
        [InputRequired(_("Say where the texts come from."))],
        description=_("It stands beside every row that is made of them."),
        render_kw={"dir": "auto"},
    )
    license = StringField(
        _("Licence of the source"),
        [InputRequired(_("Name the licence; texts without one cannot be passed on."))],
        description=_(
            "Its SPDX id, such as CC0-1.0, CC-BY-4.0 or CC-BY-SA-4.0; LicenseRef-NAME for one without an id."
        ),
        render_kw={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"},
    )
    language = SelectField(_("Language of the answers"))
    template = SelectField(
        _("Template"), description=_("Makes prompts of sentences: one a line of a TXT file, or a column called text.")
    )
    instruction_language = SelectField(_("Language of the instructions"))
    input_language = SelectField(_("Language of the inputs, or of a template's sentences"))
    mapping = TextAreaField(
        _("Columns with other names"),
        description=_("One a line, FIELD=COLUMN; a dot leads deeper: completion=instances.0.output"),
        render_kw={"rows": "3", "dir": "ltr", "autocapitalize": "none", "spellcheck": "false"},
    )
    skip_bad = BooleanField(_("Leave out rows that cannot be used, and import the others"))

    def offer(self, *, collected: Iterable[Language], known: Iterable[Language], templates: Iterable[Template]) -> None:
        """Fill the lists to choose from."""
        self.language.choices = [SelectChoice("", gettext("Each row says it")), *map(_named, collected)]
        every = [_named(language) for language in known]
        self.instruction_language.choices = [SelectChoice("", gettext("The same as the answers")), *every]
        self.input_language.choices = [SelectChoice("", gettext("The same as the answers")), *every]
        # Those that the program ships come in when they are first used.
        bodies = {seed.name: seed.body for seed in SEEDS} | {one.name: one.body for one in templates}
        self.template.choices = [
            SelectChoice("", gettext("None: the rows hold instructions")),
            *(SelectChoice(name, f"{name}: {body[:60]}") for name, body in sorted(bodies.items())),
        ]


class OverlapForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """How many people may work on each prompt."""

    overlap = IntegerField(
        _("People on each prompt"),
        [InputRequired(_("Type a number.")), NumberRange(1, MOST_PEOPLE, _WHOLE_NUMBER)],
        description=_("It can be raised, not lowered: people may hold the places that would go."),
    )


def _named(language: Language) -> SelectChoice:
    shown = language.name if language.name == language.english else f"{language.name} ({language.english})"
    return SelectChoice(language.code, f"{shown} · {language.code}")
