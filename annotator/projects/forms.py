"""Forms of a project: what it is, and by which rules it collects."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from annotator.projects import rules
from annotator.projects.models import Project
from annotator.web.fields import ChecksField

_WHOLE_NUMBER = _("A whole number from %(min)s to %(max)s, please.")


def _weight(label: object) -> IntegerField:
    return IntegerField(label, [Optional(), NumberRange(0, rules.MOST_WEIGHT, _WHOLE_NUMBER)], default=1)


def _cap(label: object, description: object) -> IntegerField:
    return IntegerField(label, [Optional(), NumberRange(1, rules.MOST_TEXTS, _WHOLE_NUMBER)], description=description)


class RulesForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """What can be changed later."""

    title = StringField(
        _("Title"), [InputRequired(_("Say in a few words what is collected.")), Length(max=rules.TITLE_LENGTH)]
    )
    description = TextAreaField(
        _("Description"), description=_("What is collected, for whom, and why it is worth somebody's evening.")
    )
    original = _weight(_("Own prompts and completions"))
    answer = _weight(_("Completions for given prompts"))
    reannotate = _weight(_("Ratings and edits of given completions"))
    reviews = IntegerField(
        _("Acceptances that decide"),
        [InputRequired(_("Type a number.")), NumberRange(1, rules.MOST_REVIEWS, _WHOLE_NUMBER)],
        default=1,
        description=_("How many reviewers must accept a text before it counts as accepted."),
    )
    daily_cap = _cap(
        _("Texts a day"),
        _(
            "How many texts one person may hand in within 24 hours, in each language. Who has reached it is told when they "
            "can go on."
        ),
    )
    total_cap = _cap(
        _("Texts in all"),
        _("How many texts one person may hand in altogether, in each language. Other languages stay open to them."),
    )
    lanes = ChecksField(
        _("Lanes of its releases"),
        choices=[
            SelectChoice("open", _("Open (CC-BY)")),
            SelectChoice("sharealike", _("ShareAlike (CC-BY-SA)")),
            SelectChoice("noncommercial", _("Non-commercial (CC-BY-NC)")),
            SelectChoice("gated", _("Gated (after accepting terms)")),
        ],
        default=list(rules.LANES),
        description=_("Nobody is given work whose result could stand in none of these."),
    )
    reannotate_contributions = BooleanField(
        _("Offer accepted texts to others for improvement"), description=_("Only texts whose authors allow edits.")
    )
    release_unreviewed = BooleanField(
        _("Releases hold unreviewed texts too"),
        description=_("They are marked as unreviewed. Who joins is told. Meant for languages with too few reviewers."),
    )

    @property
    def settings(self) -> dict[str, Any]:
        """What the actions ``create`` and ``edit`` take."""
        return {
            "title": self.title.data or "",
            "description": self.description.data or "",
            "mix": {kind: self[kind].data or 0 for kind in rules.KINDS},
            "reviews": self.reviews.data,
            "daily_cap": self.daily_cap.data or 0,
            "total_cap": self.total_cap.data or 0,
            "lanes": self.lanes.data or [],
            "reannotate_contributions": self.reannotate_contributions.data,
            "release_unreviewed": self.release_unreviewed.data,
        }

    def show(self, project: Project) -> None:
        """Fill in what stands."""
        for name in self.settings.keys() - {"mix"}:
            self[name].data = getattr(project, name)
        for kind in rules.KINDS:
            self[kind].data = project.mix.get(kind, 0)


class ProjectForm(RulesForm):
    """A new project."""

    slug = StringField(
        _("Short name for addresses"),
        [InputRequired(_("Give it a short name, such as river-stories."))],
        description=_("Small letters a to z, digits and hyphens. It stays for ever: releases are found under it."),
        render_kw={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"},
    )
    languages = TextAreaField(
        _("Languages"),
        [InputRequired(_("Name at least one language."))],
        description=_("Codes or names, with commas or one a line: yor_Latn, Amharic. More can be added later."),
        render_kw={"rows": "3", "dir": "auto"},
    )
    overlap = IntegerField(
        _("People on each prompt"),
        [InputRequired(_("Type a number.")), NumberRange(1, rules.MOST_PEOPLE, _WHOLE_NUMBER)],
        default=1,
        description=_("How many people may work on the same prompt. It can be raised later."),
    )


class LanguagesForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """More languages."""

    languages = TextAreaField(
        _("Add languages"),
        [InputRequired(_("Name at least one language."))],
        description=_("Codes or names, with commas or one a line: yor_Latn, Amharic."),
        render_kw={"rows": "2", "dir": "auto"},
    )
