"""The form that publishes a release, and words for why an annotation is not in it."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

NOTES_LENGTH = 5_000

# What ``releases.rules.CODES`` maps to the closed codes, as a maintainer reads it.
REASONS: dict[str, LazyString] = {
    "withdrawn": _("taken back by their authors"),
    "fallen": _("made from a text that was taken back"),
    "removed_before": _("removed in an earlier release; their ids are never used again"),
    "set_aside": _("waiting for new words, because something that they build on was taken back"),
    "publish": _("their authors allow no release"),
    "purpose": _("their authors allow no purpose"),
    "sharealike": _("made from a ShareAlike source, and their authors do not allow everything that its licence allows"),
    "noncommercial": _("made from a non-commercial source, and their authors allow gated use only"),
    "expiring": _("what their authors allow ends within 30 days"),
    "source": _("made from a source whose licence allows no release, or from sources that exclude each other"),
    "declined": _("declined in review"),
    "not_accepted": _("not accepted yet"),
    "edit_needed": _("waiting: an edit that was needed may not go out, and the text may not go out without it"),
    "lane": _("in a lane that this project's releases do not hold"),
    "split": _("their authors' wishes do not fit the split that their lineage stands in"),
}


class PublishForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Which version, and what changed."""

    version = StringField(_("Version"), [InputRequired(_("Write the version number, such as 1.0.0.")), Length(max=30)])
    notes = TextAreaField(
        _("What changed"), [Length(max=NOTES_LENGTH)],
        description=_("Stands in the changelog, for everybody to read. Say nothing about who took a text back."),
    )  # fmt: skip
