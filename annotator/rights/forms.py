"""The forms that take texts back, and those of the people who answer for the queue."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, StringField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length


class WithdrawForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """One button; what it reaches stands on the page."""

    submit = SubmitField(_("Yes, take it back"))


class UndoForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """One button, one for each withdrawal that can still be undone."""

    submit = SubmitField(_("Undo"))


class ExtendForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Why more time is needed."""

    reason = TextAreaField(
        _("Why it takes longer"),
        [InputRequired(_("Write why. The person who asked reads it.")), Length(max=1000)],
        description=_("The person who asked reads this. It can be extended once."),
    )
    submit = SubmitField(_("Extend"))


class HoldForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """In whose name erasing waits, why, and how long."""

    authority = StringField(
        _("Authority"),
        [InputRequired(_("Name the authority that ordered it.")), Length(max=200)],
        description=_("Such as a court, with the number of its order."),
    )
    reason = TextAreaField(_("Why"), [InputRequired(_("Write why.")), Length(max=1000)])
    until = DateField(_("Last day"), [InputRequired(_("Choose a day."))])
    submit = SubmitField(_("Ask for a hold"))
