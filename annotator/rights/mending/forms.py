"""The form that gives a text new words where others were withdrawn."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import Optional

from annotator.annotations.rules import Texts, Written


class MendForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """A question of one's own, and (where gaps are filled) the answer."""

    instruction = TextAreaField(_("Question or task"), [Optional()])
    input = TextAreaField(_("Text that it is about"), [Optional()])
    completion = TextAreaField(_("Answer"), [Optional()])

    def fill(self, texts: Texts) -> None:
        """Show what is left."""
        self.instruction.data, self.input.data, self.completion.data = texts.instruction, texts.input, texts.completion

    def written(self) -> Written:
        """Return what was written; a field that the page did not show is None."""
        return Written(
            instruction=self.instruction.data if self.instruction.raw_data else None,
            input=self.input.data if self.input.raw_data else None,
            completion=self.completion.data if self.completion.raw_data else None,
        )
