"""The form that says what of a pool comes first, and what waits."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional

from annotator.prompts.steering.queries import Parts
from annotator.prompts.steering.rules import LEAST, MOST
from annotator.web.i18n import show_date


class SteeringForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Some prompts, and their priority."""

    part = SelectField(_("Which prompts"), [InputRequired(_("Choose a source or an import."))])
    priority = IntegerField(
        _("Priority"),
        [Optional(), NumberRange(LEAST, MOST, _("A whole number from %(min)s to %(max)s, please."))],
        description=_(
            "Higher comes first: people are given prompts with 10 before those with 0. 0 is usual, below 0 comes last."
        ),
    )

    def offer(self, parts: Parts) -> None:
        """Fill the list to choose from."""
        self.part.choices = [
            SelectChoice("", gettext("Choose")),
            *(
                SelectChoice(f"source:{source.id}", gettext("Everything from %(source)s", source=source.name))
                for source, _standing in parts.sources
            ),
            *(
                SelectChoice(
                    f"import:{batch.id}",
                    gettext(
                        "Import %(number)s of %(day)s: %(source)s",
                        number=batch.id,
                        day=show_date(batch.at),
                        source=source.name,
                    ),
                )
                for batch, source, _standing in parts.imports
            ),
        ]
