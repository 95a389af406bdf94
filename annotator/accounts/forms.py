"""The forms of signing in."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import InputRequired, Length

from annotator.accounts.rules import LONGEST_PASSWORD

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
