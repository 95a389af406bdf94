"""The forms of leaving, and of claiming texts that were left behind."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, StringField, SubmitField
from wtforms.validators import InputRequired, Length, Optional

from annotator.rights.leaving.queries import Belongings

MANNERS = {
    "take": _("Take them with me: they are erased"),
    "unnamed": _("Leave them here, without my name"),
    "named": _("Leave them here, with the credit they have now"),
}


class LeaveForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """What becomes of the texts; none is chosen for anybody."""

    manner = RadioField(_("What shall become of your texts?"), [Optional()])
    submit = SubmitField(_("Leave"))

    def offer(self, behind: Belongings) -> None:
        """Offer what there is to choose: credit can only stay where some was given."""
        self.manner.choices = [
            (value, words) for value, words in MANNERS.items() if behind.credited or value != "named"
        ]


class StayForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """One button."""

    submit = SubmitField(_("Undo, and stay"))


class ClaimForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """A claim code."""

    code = StringField(
        _("Claim code"),
        [InputRequired(_("Type the code that you were given when you left.")), Length(max=80)],
        description=_("Letters and numbers in groups. Spaces and capitals do not matter."),
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "dir": "ltr"},
    )


class ClaimedForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """What to do with texts that a code leads to: take one back, or all, or undo that."""

    code = HiddenField(validators=[InputRequired(), Length(max=80)])
    annotation = HiddenField()
    withdrawal = HiddenField()
