"""Forms of a language: its names, and what a new one is."""

from typing import TypedDict

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length

from annotator.languages import scripts
from annotator.languages.rules import LONGEST_NAME, LONGEST_REASON, UNCODED, variety_from

_ENGLISH_MISSING = _("Type what the language is called in English.")
_TOO_LONG = _("At most %(max)d characters, please.")
_PLAIN_TYPING = {"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}


def _script_choices() -> list[tuple[str, object]]:
    named = [(code, f"{name} ({code})") for code, name in scripts.choices()]
    return [("", _("Choose …")), *named]


class NamesForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """What a language is called."""

    autonym = StringField(
        _("Its own name"),
        [Length(max=LONGEST_NAME, message=_TOO_LONG)],
        description=_("As its speakers write it, in its own script. Leave it empty if you are not sure."),
        render_kw={"dir": "auto", "autocomplete": "off"},
    )
    english_name = StringField(
        _("English name"),
        [InputRequired(_ENGLISH_MISSING), Length(max=LONGEST_NAME, message=_TOO_LONG)],
        render_kw={"autocomplete": "off"},
    )


class ProtectionForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Why a language is protected, or is not any more."""

    reason = TextAreaField(
        _("Why"),
        [InputRequired(_("Write why.")), Length(max=LONGEST_REASON, message=_TOO_LONG)],
        description=_("Only maintainers can read this. Name nobody."),
    )
    submit = SubmitField(_("Save"))


class CodeParts(TypedDict):
    """Arguments of ``actions.add``."""

    iso639_3: str
    script: str
    variety: str | None


class LanguageForm(NamesForm):
    """A language or a variety that is not here yet."""

    script = SelectField(
        _("Script"), [InputRequired(_("Choose the script that it is written in."))], choices=_script_choices
    )
    iso639_3 = StringField(
        _("ISO 639-3 code, if it has one"),
        description=_("Three letters, such as yor. Most languages have one; a language without is as welcome."),
        render_kw={**_PLAIN_TYPING, "class": "narrow-field"},
    )
    variety = StringField(
        _("Short name of the variety, if it is one of several"),
        description=_("Small letters a to z and digits, such as ekiti. It becomes part of the code and cannot change."),
        render_kw={**_PLAIN_TYPING, "class": "narrow-field"},
    )

    @property
    def code_parts(self) -> CodeParts:
        """What makes the code; a language without an ISO code is named by its English name if by nothing else."""
        iso639_3, variety = (self.iso639_3.data or "").strip(), (self.variety.data or "").strip()
        if not iso639_3 and not variety:
            variety = variety_from(self.english_name.data or "")
        return {"iso639_3": iso639_3 or UNCODED, "script": self.script.data, "variety": variety or None}
