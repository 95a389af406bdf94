"""The fields in which a document is written, and the reason why a translation was wrong."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import Length

from annotator.consent.wordings.rules import LONGEST_TITLE

KIND_WORDS: dict[str, LazyString] = {
    "terms": _("The terms"),
    "privacy": _("Your personal data"),
    "gated-terms": _("Terms for gated data"),
}


class WritingForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """A document as it is written. ``seen`` marks the draft that was opened, ``checked`` the one that was looked at."""

    title = StringField(_("Title"))
    body = TextAreaField(
        _("Text, in Markdown"),
        description=_("Headings begin with ##. Tables, lists and links can be used; HTML is left out."),
        render_kw={"rows": 24},
    )
    widens = BooleanField(
        _("It lets others do more than before"),
        default=True,
        description=_(
            "Keep this tick if in doubt. With it, everybody is asked again before they write more. Without it nobody is "
            "asked, and what they write stays under the version that they agreed to."
        ),
    )
    seen = HiddenField()
    checked = HiddenField()


class WrongForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Why a translation is wrong."""

    reason = StringField(
        _("What is wrong in it?"),
        [Length(max=LONGEST_TITLE)],
        description=_("A few words for the log. Do not name anybody."),
    )


class ConfirmForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """A button."""
