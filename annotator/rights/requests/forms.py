"""The forms of requests: to ask, to ask once more, to decide, and to purge."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, RadioField, SelectMultipleField, StringField, SubmitField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from annotator.rights.requests import rules

KIND_WORDS = {
    "described": _("A text tells something about me"),
    "copied": _("A text was copied from me or from somebody else"),
    "wrong_name": _("A name stands beside a text that somebody else wrote"),
    "minor": _("A text is by somebody under 18"),
    "other": _("Something else"),
}
STEP_WORDS = {
    "received": _("we have it"),
    "extended": _("it takes longer"),
    "accepted": _("we do what you asked"),
    "refused": _("we said no"),
    "appealed": _("you asked once more"),
    "closed": _("closed; what you wrote is erased"),
}


class RequestForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """What somebody asks, and where the text is."""

    kind = RadioField(
        _("What is it about?"),
        [InputRequired(_("Choose what it is about."))],
        choices=[SelectChoice(name, words) for name, words in KIND_WORDS.items()],
    )
    place = TextAreaField(
        _("Where is it?"),
        [InputRequired(_("Say where the text is, or paste its words.")), Length(max=rules.LONGEST_PLACE)],
        description=_("The number of the text, an address, or the words themselves."),
        render_kw={"dir": "auto"},
    )
    statement = TextAreaField(
        _("What is wrong, and what should we do?"),
        [InputRequired(_("Tell us what is wrong.")), Length(max=rules.LONGEST_STATEMENT)],
        description=_("Write in any language. Only the people who decide read it. We erase it when it is over."),
        render_kw={"dir": "auto"},
    )
    contact = EmailField(
        _("Your e-mail address, if you want a letter"),
        [Optional(), Length(max=320)],
        description=_("You need not give one: a link shows you the answer."),
        render_kw={"autocomplete": "email"},
    )
    key = HiddenField(default=rules.new_key)  # of the link; sent twice, the form makes one request
    submit = SubmitField(_("Send"))


class AppealForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Why somebody asks once more."""

    statement = TextAreaField(
        _("Why should we look again?"),
        [InputRequired(_("Write why.")), Length(max=rules.LONGEST_STATEMENT)],
        render_kw={"dir": "auto"},
    )
    again = SubmitField(_("Ask once more"))


class Checks(SelectMultipleField):  # type: ignore[misc]  # wtforms has no types
    """A list of boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class AcceptForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Which texts go; they are ticked on the page."""

    texts = Checks(_("Texts"), validate_choice=False)
    prompts = Checks(_("Prompts"), validate_choice=False)
    answer = TextAreaField(
        _("Words to the person who asked"),
        [Length(max=rules.LONGEST_ANSWER)],
        description=_("You may leave this empty."),
        render_kw={"dir": "auto"},
    )


class RefuseForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Why not."""

    why = TextAreaField(
        _("Why not"),
        [InputRequired(_("Write why. The person who asked reads it.")), Length(max=1000)],
        description=_("The person who asked reads this, and can ask once more."),
        render_kw={"dir": "auto"},
    )


class LaterForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Why it takes longer."""

    reason = TextAreaField(
        _("Why it takes longer"),
        [InputRequired(_("Write why. The person who asked reads it.")), Length(max=1000)],
        description=_("The person who asked reads this. It can be extended once."),
        render_kw={"dir": "auto"},
    )


class PurgeForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Whose texts and account go for ever; the address is typed twice."""

    email = EmailField(_("E-mail address of the account"), [InputRequired(_("Type the address."))])
    again = StringField(
        _("The same address once more"),
        [InputRequired(_("Type the address once more: this cannot be undone."))],
        description=_("This cannot be undone."),
        render_kw={"autocomplete": "off"},
    )
