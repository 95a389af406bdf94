"""The forms of signing in, and of tokens."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from annotator.accounts.rules import LONGEST_PASSWORD
from annotator.accounts.tokens import DAYS
from annotator.permissions import Scope
from annotator.web.fields import ChecksField

_EMAIL_MISSING = _("Type your e-mail address.")
_PASSWORD_MISSING = _("Type your password, or have a sign-in link sent to you.")


class SignInForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """Address and password; ``next`` and ``kept`` say what the person came from."""

    email = EmailField(
        _("E-mail"), [InputRequired(_EMAIL_MISSING), Length(max=320)], render_kw={"autocomplete": "username"}
    )
    password = PasswordField(
        _("Password"),
        [InputRequired(_PASSWORD_MISSING), Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()
    kept = HiddenField()


class AddressForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """An address to which a link is sent."""

    email = EmailField(
        _("E-mail"), [InputRequired(_EMAIL_MISSING), Length(max=320)], render_kw={"autocomplete": "email"}
    )
    next = HiddenField()
    kept = HiddenField()


class NewPasswordForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """A new password."""

    password = PasswordField(
        _("New password"),
        [InputRequired(_("Type the new password."))],
        description=_("At least 10 characters. Several words are easier to keep in mind than one strange one."),
        render_kw={"autocomplete": "new-password"},
    )


SCOPE_WORDS = {
    Scope.READ: _("read: my facts, my texts, my choices"),
    Scope.WORK: _("work: take work, write, hand in, mend"),
    Scope.REVIEW: _("review: decide about texts, if I am an ambassador"),
    Scope.RIGHTS: _("rights: change what I allow, take texts back"),
}


class TokenForm(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """A new token: what it is for, what it may be used for, how long it lasts."""

    name = StringField(
        _("Name"),
        [InputRequired(_("Give the token a name that tells you later what it is for."))],
        description=_("Such as “backup script on my laptop”."),
    )
    scopes = ChecksField(
        _("It may be used to"),
        [InputRequired(_("Say what the token may be used for."))],
        choices=[SelectChoice(scope.value, words) for scope, words in SCOPE_WORDS.items()],
    )
    days = RadioField(
        _("It lasts"),
        choices=[
            SelectChoice("30", _("30 days")),
            SelectChoice("90", _("90 days")),
            SelectChoice("365", _("a year")),
            SelectChoice("0", _("until I revoke it")),
        ],
        default=str(DAYS),
    )
