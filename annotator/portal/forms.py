"""Joining, one's own page, and the languages a person uses: chosen one by one, with or without JavaScript.

Each chosen language is a hidden ``language`` field with its code, and beside it ``writes-CODE``, ``reviews-CODE``,
``level-CODE`` and ``variety-CODE``. The buttons ``add``, ``remove`` and ``find`` change the list and keep the rest.
"""

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import PasswordInput

from annotator.accounts.rules import LONGEST_HANDLE, LONGEST_PASSWORD
from annotator.errors import NotFound
from annotator.languages import queries as languages
from annotator.languages.models import Language, Speaker
from annotator.languages.rules import LEVELS, LONGEST_VARIETY_OF_A_SPEAKER
from annotator.text import clean

LEVEL_WORDS: dict[str, LazyString] = {
    "native": _("I grew up with it"),
    "fluent": _("I speak it like my own"),
    "good": _("I speak it well"),
    "learning": _("I am learning it"),
}
MOST_LANGUAGES = 20


class JoinForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Who joins."""

    email = EmailField(
        _("E-mail"),
        [InputRequired(_("Type your e-mail address.")), Length(max=320)],
        description=_("For signing in and for letters about your own texts. Nobody else sees it."),
        render_kw={"autocomplete": "email"},
    )
    handle = StringField(
        _("Handle"),
        [InputRequired(_("Choose a handle.")), Length(max=LONGEST_HANDLE)],
        description=_("What others see here: letters of any script or digits. It need not be your name."),
        render_kw={"autocomplete": "nickname", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _("Password, if you want one"),
        [Optional(), Length(max=LONGEST_PASSWORD)],
        # Kept while languages are added without JavaScript; the page is never stored.
        widget=PasswordInput(hide_value=False),
        description=_("At least 10 characters. Leave it empty to sign in by a link in a letter each time."),
        render_kw={"autocomplete": "new-password"},
    )


class HandleForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """A new handle."""

    handle = StringField(_("Handle"), [InputRequired(_("Choose a handle.")), Length(max=LONGEST_HANDLE)])


@dataclass
class Chosen:
    """A language as it stands in the form."""

    language: Language
    writes: bool = True
    reviews: bool = False
    level: str = ""
    variety: str | None = None
    wrong: LazyString | None = None

    def check(self) -> bool:
        """Say whether it can be saved; what is wrong stands in ``wrong``."""
        if self.level not in LEVELS:
            self.wrong = _("Say how well you know this language.")
        elif self.variety and len(self.variety) > LONGEST_VARIETY_OF_A_SPEAKER:
            self.wrong = _("That is long for a variety. Shorten it, please.")
        return self.wrong is None


def chosen_in(session: Session, sent: MultiDict[str, str]) -> list[Chosen]:
    """Return the languages in what was sent, each once, after its ``add`` or ``remove`` button; unknown codes are left out."""
    codes = list(dict.fromkeys([*sent.getlist("language"), *sent.getlist("add")]))
    gone, new = set(sent.getlist("remove")), set(sent.getlist("add")) - set(sent.getlist("language"))
    found = []
    for code in codes[:MOST_LANGUAGES]:
        try:
            language = languages.by_code(session, code)
        except NotFound:
            continue
        if code in gone:
            continue
        if code in new:
            found.append(Chosen(language))
            continue
        found.append(
            Chosen(
                language,
                writes=f"writes-{code}" in sent,
                reviews=f"reviews-{code}" in sent,
                level=sent.get(f"level-{code}", ""),
                variety=clean(sent.get(f"variety-{code}")),
            )
        )
    return found


def chosen_of(spoken: list[Speaker]) -> list[Chosen]:
    """Return the languages that a person has on their page."""
    return [Chosen(s.language, writes=s.writes, reviews=s.reviews, level=s.level, variety=s.variety) for s in spoken]


def is_only_a_change(sent: MultiDict[str, str]) -> bool:
    """Say whether a button of the list was pressed, not the form's own."""
    return any(name in sent for name in ("add", "remove", "find"))
