"""The form of a piece of work: the same fields for all three kinds, those shown depend on the kind."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional
from wtforms.widgets import HiddenInput

from annotator.annotations.models import Annotation
from annotator.annotations.rules import ANSWERS, FIELDS, Texts, Written
from annotator.assignments.models import Draft
from annotator.assignments.rules import SkipReason
from annotator.database import new_public_id
from annotator.text import clean

_SCALE = [SelectChoice(str(number)) for number in range(1, 6)]
_AI_NOTE_MAX = 150
_KEY_MAX = 80

# What a person fills in; a draft keeps it, and two versions of a text are told apart by it.
TYPED = (*FIELDS, "rating_prompt", "rating_completion", "ai_assisted", "ai_note")


LINK_WORDS = {
    "completion": _("An answer in my own words"),
    "translation": _("A translation"),
    "paraphrase": _("The same in other words"),
    "edit": _("A changed version of the text"),
}


def answer_choices() -> list[SelectChoice]:
    """Return what an answer can be to its prompt."""
    return [SelectChoice(link, LINK_WORDS[link]) for link in ANSWERS]


class LinkForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """How a text was made from the one that it began with."""

    link = RadioField(
        _("This text is"),
        [Optional()],
        choices=[SelectChoice(link, words) for link, words in LINK_WORDS.items()],
        description=_("A translation, or the same in other words, stays the work of both authors."),
    )

    @classmethod
    def of(cls, annotation: Annotation) -> "LinkForm | None":
        """Return the form for a text that was made from another one, else None."""
        link = annotation.revisions[0].link if annotation.revisions else None
        return cls(formdata=None, link=link) if link is not None and not annotation.already_good else None


class WorkForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """What a contributor writes. Whether a text may be missing is decided by the action, in one place.

    So is how long it may be: a ``maxlength`` would make browsers cut a pasted text without a word. ``version`` is the
    draft's that the page shows, ``key`` names the submission (sent twice, it is one), ``by`` is who opened the page.
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
    link = RadioField(_("What is your answer?"), [Optional()], choices=answer_choices)
    version = IntegerField(widget=HiddenInput(), default=0)
    key = HiddenField(validators=[Optional(), Length(max=_KEY_MAX)])
    by = HiddenField()

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
            link=self.link.data or None,
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

    def values(self) -> dict[str, str]:
        """Return what is filled in, by the names of the fields; line ends as scripts and databases have them."""
        return {name: (getattr(self, name).data or "").replace("\r\n", "\n") for name in TYPED}

    def holds_text(self) -> bool:
        """Say whether the page that sent this form had fields for texts at all."""
        return any(getattr(self, name).raw_data for name in FIELDS)

    def fill_from_draft(self, draft: Draft) -> None:
        """Show what was written before."""
        for name, value in values_of(draft).items():
            getattr(self, name).data = value or None
        self.go_on_from(draft)

    def fill_from_texts(self, texts: Texts) -> None:
        """Show the starting text, to be edited."""
        self.instruction.data, self.input.data, self.completion.data = texts.instruction, texts.input, texts.completion

    def go_on_from(self, draft: Draft | None) -> None:
        """Go on from this draft, or begin one: what is saved next replaces it."""
        self.version.data, self.version.raw_data = draft.version if draft else 0, None

    def sign(self, person_public_id: str, *, anew: bool = False) -> None:
        """Name the submission and who writes, where the page that was sent has not (or ``anew``)."""
        if anew or not self.key.data:
            self.key.data = new_public_id()
        self.by.data = self.by.data or person_public_id

    def _ai_answer(self) -> str:
        answer = self.ai_assisted.data
        if answer == "yes" and self.ai_note.data:
            return f"yes: {self.ai_note.data.strip()}"
        return answer or "not asked"


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isdigit() else None


def values_of(draft: Draft | None) -> dict[str, str]:
    """Return what a draft holds as ``WorkForm.values`` gives it, so that the two can be compared."""
    if draft is None:
        return dict.fromkeys(TYPED, "")
    answer, _colon, note = (draft.ai_assisted or "not asked").partition(":")
    return {
        **{name: (getattr(draft, name) or "").replace("\r\n", "\n") for name in FIELDS},
        "rating_prompt": str(draft.rating_prompt or ""),
        "rating_completion": str(draft.rating_completion or ""),
        "ai_assisted": "" if answer == "not asked" else answer,
        "ai_note": note.strip(),
    }


def wrote(values: dict[str, str], starting: Texts) -> bool:
    """Say whether these values hold words of the person's own: other texts than those that the page began with."""
    return any(clean(values[name]) and clean(values[name]) != clean(getattr(starting, name)) for name in FIELDS)


def would_lose(saved: dict[str, str], sent: dict[str, str], starting: Texts) -> bool:
    """Say whether words that are ``saved`` would be gone once ``sent`` takes their place."""
    for name in FIELDS:
        words = clean(saved[name]) or ""
        if words and words != clean(getattr(starting, name)) and words not in (clean(sent[name]) or ""):
            return True
    return False


def both(saved: dict[str, str], sent: dict[str, str]) -> dict[str, str]:
    """Return both versions in one: texts that differ stand one after the other, of the rest the one that was sent."""
    joined = {name: sent[name] or saved[name] for name in TYPED}
    for name in FIELDS:
        if saved[name] and sent[name] and saved[name] != sent[name]:
            joined[name] = f"{saved[name]}\n\n{sent[name]}"
    return joined


def skip_words() -> list[tuple[str, str]]:
    """Return the reasons for skipping, in words."""
    words = {
        SkipReason.UNCLEAR: gettext("not clear"),
        SkipReason.WRONG_LANGUAGE: gettext("another language"),
        SkipReason.OFFENSIVE: gettext("harmful"),
        SkipReason.PERSONAL_DATA: gettext("about a private person"),
        SkipReason.DO_NOT_KNOW: gettext("I do not know this"),
        SkipReason.OTHER: gettext("another reason"),
    }
    return [(reason.value, words[reason]) for reason in SkipReason]
