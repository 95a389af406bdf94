"""The form of a review."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional
from wtforms.widgets import HiddenInput

from annotator.annotations.rules import Texts, Written
from annotator.assignments.rules import SkipReason
from annotator.review.rules import Reason
from annotator.web.fields import ChecksField

REASON_WORDS = {
    Reason.NOT_TRUE: _("not true"),
    Reason.SPELLING: _("spelling"),
    Reason.TOO_SHORT: _("too short"),
    Reason.ANOTHER_VARIETY: _("another variety"),
    Reason.NOT_NATURAL: _("not natural"),
    Reason.PERSONAL_DATA: _("personal data"),
    Reason.HARMFUL: _("harmful"),
    Reason.OFF_TOPIC: _("does not answer"),
}


SKIP_WORDS = {
    SkipReason.UNCLEAR: _("not clear"),
    SkipReason.WRONG_LANGUAGE: _("another language"),
    SkipReason.OFFENSIVE: _("harmful"),
    SkipReason.PERSONAL_DATA: _("about a private person"),
    SkipReason.DO_NOT_KNOW: _("they do not know this"),
    SkipReason.OTHER: _("another reason"),
}


class ReviewForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """A decision, and the reviewer's own version when there is one."""

    instruction = TextAreaField(_("Question or task"), [Optional()])
    input = TextAreaField(_("Text that it is about"), [Optional()])
    completion = TextAreaField(_("Answer"), [Optional()])
    edit_needed = BooleanField(_("Without my edit this text must not go out (personal data, harm, not true)"))
    reasons = ChecksField(
        _("What should change?"),
        [Optional()],
        choices=[SelectChoice(reason.value, words) for reason, words in REASON_WORDS.items()],
    )
    note = TextAreaField(_("A note to the author"), [Optional(), Length(max=2000)])
    revision_id = IntegerField(widget=HiddenInput())

    def fill(self, texts: Texts, revision_id: int) -> None:
        """Show the text as it stands, to be edited."""
        self.instruction.data, self.input.data, self.completion.data = texts.instruction, texts.input, texts.completion
        self.revision_id.data = revision_id

    def written(self) -> Written:
        """Return the reviewer's version."""
        return Written(
            instruction=self.instruction.data if self.instruction.raw_data else None,
            input=self.input.data if self.input.raw_data else None,
            completion=self.completion.data if self.completion.raw_data else None,
        )
