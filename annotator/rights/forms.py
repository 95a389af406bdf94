"""The form that takes texts back."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, SubmitField


class WithdrawForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """One button; what it reaches stands on the page."""

    scope = HiddenField()
    submit = SubmitField(_("Yes, take it back"))
