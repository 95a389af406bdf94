"""The three questions, and what stands behind "choose in detail"."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from annotator.consent.actions import CREDIT_NAME_LENGTH, CUSTOM
from annotator.consent.rules import PRESETS, RIGHTS, Rights
from annotator.web.wording import WORDS

PRESET_WORDS: dict[str, LazyString] = {
    "open": _("Open"),
    "noncommercial": _("Non-commercial"),
    "gated": _("Gated"),
    "practice": _("Practice"),
    CUSTOM: _("Chosen one by one"),
}
PUBLISH_WORDS: dict[str, LazyString] = {
    "no": _("to nobody"),
    "gated": _("to people who accept the project's terms"),
    "open": _("to everybody"),
}
RIGHT_WORDS: dict[str, LazyString] = {
    "derive": _("change it and build on it"),
    "train": _("train models with it"),
    "evaluate": _("test models with it"),
    "research": _("use it for other research"),
    "commercial": _("do so also to earn money"),
}
ATTRIBUTION_WORDS: dict[str, LazyString] = {
    "none": _("Not at all"),
    "handle": _("By my handle"),
    "named": _("By my name"),
}
LANE_WORDS: dict[str, LazyString] = {
    "open": _("the open lane"),
    "sharealike": _("the ShareAlike lane"),
    "noncommercial": _("the non-commercial lane"),
    "gated": _("the gated lane"),
}
YES_NO = [SelectChoice("yes", _("Yes")), SelectChoice("no", _("No"))]
EVERYTHING = "everything"


def offered(words: Mapping[str, object]) -> list[SelectChoice]:
    """Return choices by value and label."""
    return [SelectChoice(value, label) for value, label in words.items()]


def preset_of(rights: Rights) -> str:
    """Return the preset that has exactly these rights, or ``custom``."""
    return next((name for name, granted in PRESETS.items() if granted == rights), CUSTOM)


class Answer(RadioField):  # type: ignore[misc]  # wtforms has no types
    """A choice that may stay open: the action says what is missing, in one place for pages and scripts."""

    def pre_validate(self, form: FlaskForm) -> None:
        """Refuse only what is not offered."""
        if self.data:
            super().pre_validate(form)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take what was sent; nothing is None."""
        self.data = valuelist[0] if valuelist and valuelist[0] else None


class Ticks(SelectMultipleField):  # type: ignore[misc]  # wtforms has no types
    """Several choices as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _yes_no(label: LazyString) -> Answer:
    """Return the field of one grant."""
    return Answer(label, choices=YES_NO)


class QuestionsForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """What others may do, how one is credited, whether one is an adult. Nothing is chosen beforehand."""

    preset = Answer(
        _("What may others do with what you write?"),
        choices=offered(PRESET_WORDS),
    )
    publish = Answer(_("It may leave this platform"), choices=offered(PUBLISH_WORDS))
    derive = _yes_no(_("Others may change it and build on it"))
    train = _yes_no(_("Others may train models with it"))
    evaluate = _yes_no(_("Others may test models with it"))
    research = _yes_no(_("Others may use it for other research"))
    commercial = _yes_no(_("All of this also to earn money"))
    expires_on = DateField(
        _("Last day (leave empty for no end)"),
        [Optional()],
        description=_("After this day your texts go into no new release. It counts for earlier texts too."),
    )
    attribution = Answer(_("How do you want to be credited?"), choices=offered(ATTRIBUTION_WORDS))
    credit_name = StringField(
        _("Your name, as it shall be printed"),
        [Length(max=CREDIT_NAME_LENGTH)],
        description=_("Only needed if you want to be credited by name."),
        render_kw={"autocomplete": "name", "maxlength": CREDIT_NAME_LENGTH, "dir": "auto"},
    )
    adult = BooleanField(_("I am 18 or older"))

    def without_age(self) -> Self:
        """Leave the question of age out: it was answered before."""
        del self.adult
        return self

    # The action refuses the same, one thing at a time; a form names all that is open at once.
    def validate_preset(self, field: Answer) -> None:
        """Refuse no choice, and a ready one with grants chosen one by one: it is not clear which is meant."""
        if not field.data and not self._chosen():
            raise ValidationError(WORDS["consent_preset_missing"])
        if field.data not in {None, CUSTOM} and self._chosen():
            raise ValidationError(
                _("You picked a ready choice and also single grants. Pick “choose each grant myself”, or clear them.")
            )

    def validate_attribution(self, field: Answer) -> None:
        """Refuse no choice."""
        if not field.data:
            raise ValidationError(WORDS["consent_attribution_missing"])

    def validate_credit_name(self, field: StringField) -> None:
        """Refuse credit by name without a name."""
        if self.attribution.data == "named" and not (field.data or "").strip():
            raise ValidationError(WORDS["credit_name_missing"])

    def validate_adult(self, field: BooleanField) -> None:
        """Refuse everybody else."""
        if not field.data:
            raise ValidationError(WORDS["consent_adult_missing"])

    def answers(self) -> dict[str, Any]:
        """Return the answers as the arguments of ``consent.actions.propose``."""
        chosen = self._chosen()
        preset = self.preset.data or (CUSTOM if chosen else "")
        return {
            "preset": preset,
            "rights": chosen if preset == CUSTOM else None,
            "attribution": self.attribution.data,
            "expires_at": _end_of(self.expires_on.data),
        }

    def of_the_person(self) -> dict[str, Any]:
        """Return what ``consent.actions.decide`` takes beside the answers."""
        return {"credit_name": self.credit_name.data, "adult": "adult" in self and self.adult.data}

    def _chosen(self) -> dict[str, Any]:
        """Return the grants that were answered one by one."""
        given = {name: self[name].data for name in RIGHTS if self[name].data}
        return {name: value if name == "publish" else value == "yes" for name, value in given.items()}


def _end_of(day: date | None) -> datetime | None:
    """Return the moment at which ``day`` is over, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), UTC) if day else None


class ChangeForm(QuestionsForm):
    """The same questions later: for everything, a language or one text, and for earlier texts too if ticked.

    ``seen`` says which effects were shown before; ``widen`` names what "also before" would skip and shall not.
    """

    scope = SelectField(_("This is about"))
    also_before = BooleanField(
        _("Also what I wrote before"),
        description=_(
            "Without this tick, allowing more counts for new texts only. Allowing less always counts for all."
        ),
    )
    seen = HiddenField()
    widen = Ticks(_("Change these too"))
