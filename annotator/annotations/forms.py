"""The form of a piece of work: the same fields for all three kinds, those shown depend on the kind."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional
from wtforms.widgets import HiddenInput

from annotator.annotations.rules import Texts, Written
from annotator.assignments.models import Draft

_SCALE = [SelectChoice(str(number)) for number in range(1, 6)]
_AI_NOTE_MAX = 150


class WorkForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """What a contributor writes. Whether a text may be missing is decided by the action, in one place.

    So is how long it may be: a ``maxlength`` would make browsers cut a pasted text without a word.
    """

    instruction = TextAreaField(_("Question or task"), [Optional()])
    input = TextAreaField(_("Text that it is about"), [Optional()])
    completion = TextAreaField(_("A good answer"), [Optional()])
    rating_prompt = RadioField(_("How good is the question or task?"), [Optional()], choices=_SCALE)
    rating_completion = RadioField(_("How good is the answer so far?"), [Optional()], choices=_SCALE)
    ai_assisted = RadioField(
        _("Did a machine help you write this?"),
        [Optional()],
        choices=[SelectChoice("no", _("No")), SelectChoice("yes", _("Yes"))],
    )
    ai_note = StringField(_("If yes: what did it do?"), [Optional(), Length(max=_AI_NOTE_MAX)])
    version = IntegerField(widget=HiddenInput(), default=0)
    seen = HiddenField()

    def written(self, *, already_good: bool = False) -> Written:
        """Return what was written, as the actions take it; a field that the page did not show is None."""
        return Written(
            instruction=self.instruction.data if self.instruction.raw_data else None,
            input=self.input.data if self.input.raw_data else None,
            completion=self.completion.data if self.completion.raw_data else None,
            rating_prompt=_number(self.rating_prompt.data),
            rating_completion=_number(self.rating_completion.data),
            already_good=already_good,
            ai_assisted=self._ai_answer(),
        )

    def texts(self) -> dict[str, object]:
        """Return what a draft keeps."""
        return {
            "instruction": self.instruction.data or "",
            "input": self.input.data or "",
            "completion": self.completion.data or "",
            "rating_prompt": _number(self.rating_prompt.data),
            "rating_completion": _number(self.rating_completion.data),
            "ai_assisted": self._ai_answer(),
        }

    def fill_from_draft(self, draft: Draft) -> None:
        """Show what was written before."""
        self.instruction.data, self.input.data, self.completion.data = draft.instruction, draft.input, draft.completion
        self.rating_prompt.data = str(draft.rating_prompt) if draft.rating_prompt else None
        self.rating_completion.data = str(draft.rating_completion) if draft.rating_completion else None
        answer, _colon, note = (draft.ai_assisted or "not asked").partition(":")
        self.ai_assisted.data = None if answer == "not asked" else answer
        self.ai_note.data = note.strip()
        self.version.data = draft.version

    def fill_from_texts(self, texts: Texts) -> None:
        """Show the starting text, to be edited."""
        self.instruction.data, self.input.data, self.completion.data = texts.instruction, texts.input, texts.completion

    def _ai_answer(self) -> str:
        answer = self.ai_assisted.data
        if answer == "yes" and self.ai_note.data:
            return f"yes: {self.ai_note.data.strip()}"
        return answer or "not asked"


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isdigit() else None
