"""The one button of the page “My data”."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SubmitField


class AskForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Ask for a copy."""

    submit = SubmitField(_("Make my copy"))
