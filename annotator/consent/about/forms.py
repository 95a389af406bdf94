"""The page "About me": for each field a value and how far it may be used, and the switches."""

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from annotator.consent.about import rules
from annotator.consent.about.queries import About
from annotator.consent.forms import Answer, offered
from annotator.web.i18n import page_locale

FIELD_WORDS: dict[str, LazyString] = {
    "age_range": _("My age"),
    "gender": _("My gender"),
    "country": _("My country"),
}
LEVEL_WORDS: dict[str, LazyString] = {
    "none": _("Nobody uses it"),
    "aggregate": _("Only in counts"),
    "row": _("Beside my texts"),
}
GENDER_WORDS: dict[str, LazyString] = {
    "woman": _("woman"),
    "man": _("man"),
    "nonbinary": _("non-binary"),
}
SWITCH_WORDS: dict[str, LazyString] = {
    "mail.news": _("Letters with news about the project"),
    "mail.reminders": _("Letters that remind me of work that I began"),
    "leaderboard": _("My handle in lists of who has done much"),
    "findable": _("Others can find my page by my handle"),
}
TOPIC_WORDS = {**FIELD_WORDS, **SWITCH_WORDS}
ALL_LEVEL_WORDS = {**LEVEL_WORDS, "yes": _("Yes")}
_ANOTHER = "another"
_NAMES = {topic: topic.replace(".", "_") for topic in rules.TOPICS}


def _level(label: LazyString) -> Answer:
    return Answer(label, choices=offered(LEVEL_WORDS))


def _said(words: Mapping[str, object]) -> list[SelectChoice]:
    """Return the values of a field, after the one that says nothing."""
    return offered({"": _("not said"), **words})


class AboutForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Everything is off until it is switched on; ``seen`` marks what was shown of the public view."""

    age_range_value = SelectField(FIELD_WORDS["age_range"], choices=_said({age: age for age in rules.AGES}))
    age_range = _level(_("Who may use my age?"))
    gender_value = SelectField(
        FIELD_WORDS["gender"],
        choices=_said({**GENDER_WORDS, _ANOTHER: _("another word")}),
    )
    gender_word = StringField(
        _("Another word for it"),
        [Length(max=rules.LONGEST_VALUE)],
        render_kw={"dir": "auto", "maxlength": rules.LONGEST_VALUE, "autocomplete": "off"},
    )
    gender = _level(_("Who may use my gender?"))
    country_value = SelectField(FIELD_WORDS["country"])
    country = _level(_("Who may use my country?"))
    mail_news = BooleanField(SWITCH_WORDS["mail.news"])
    mail_reminders = BooleanField(SWITCH_WORDS["mail.reminders"])
    leaderboard = BooleanField(SWITCH_WORDS["leaderboard"])
    findable = BooleanField(SWITCH_WORDS["findable"])
    seen = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # as in FlaskForm
        """Offer the countries in the language of the page."""
        super().__init__(*args, **kwargs)
        self.country_value.choices = _said(rules.countries(page_locale()))

    def show(self, about: About) -> None:
        """Fill in what stands."""
        for topic, name in _NAMES.items():
            level = about.levels[topic]
            self[name].data = level if topic in rules.FIELDS else level == rules.YES
        for field in rules.FIELDS:
            value = about.values.get(field, "")
            self[f"{field}_value"].data = value
            if field == "gender" and value and value not in rules.GENDERS:
                self.gender_value.data, self.gender_word.data = _ANOTHER, value

    def levels(self) -> dict[str, str]:
        """Return the level of each topic; a field without an answer is off."""
        on = {topic: rules.YES if self[_NAMES[topic]].data else rules.NONE for topic in rules.SWITCHES}
        return {**{field: self[field].data or rules.NONE for field in rules.FIELDS}, **on}

    def values(self) -> dict[str, str | None]:
        """Return what was said in each field."""
        said = {field: self[f"{field}_value"].data or None for field in rules.FIELDS}
        if said["gender"] == _ANOTHER:
            said["gender"] = self.gender_word.data or None
        return said
