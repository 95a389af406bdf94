"""The forms of the lookup: a text, a handle, a claim code; and the boxes beside one's own texts."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from annotator.rights.lookup import rules

_OFF = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class TextForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Words that may be in a dataset."""

    words = TextAreaField(
        _("The words"),
        [InputRequired(_("Paste the words.")), Length(max=rules.LONGEST)],
        description=_("A whole question or a whole answer. We do not keep what you paste."),
        render_kw={"dir": "auto"},
    )


class HandleForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """A handle."""

    handle = StringField(
        _("The handle"),
        [InputRequired(_("Type a handle.")), Length(max=80)],
        description=_("Only people who chose to be found are found."),
        render_kw=_OFF,
    )


class CodeForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """A claim code."""

    code = StringField(
        _("The claim code"),
        [InputRequired(_("Type the code.")), Length(max=80)],
        description=_("You got it when you left your texts here."),
        render_kw=_OFF,
    )


class TickedForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """The texts that are ticked on the page; the boxes stand in its template."""
