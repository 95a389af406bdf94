"""Letters with links: to join, to sign in, to set a new password; and one that says that a token was made."""

from flask import render_template
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from annotator.accounts.models import Person, Token
from annotator.accounts.rules import LIFE, Purpose, sign_link
from annotator.mail import actions as mail
from annotator.web.extensions import settings
from annotator.web.pages import public_address


def join(session: Session, person: Person) -> None:
    """Welcome somebody new, with the link that confirms the address and signs in."""
    _write(session, person, Purpose.JOIN, _("Confirm your address and begin"))


def already_joined(session: Session, person: Person) -> None:
    """Tell somebody who joined a second time that the account is there, with a sign-in link."""
    _write(session, person, Purpose.SIGN_IN, _("You have an account already"), template="already_joined")


def sign_in(session: Session, person: Person, next_page: str | None = None) -> None:
    """Send a sign-in link that leads on to ``next_page``."""
    more = {"next": next_page} if next_page else {}
    _write(session, person, Purpose.SIGN_IN, _("Your sign-in link"), **more)


def reset(session: Session, person: Person) -> None:
    """Send a link to set a new password."""
    _write(session, person, Purpose.RESET, _("Set a new password"))


def token_made(session: Session, person: Person, token: Token) -> None:
    """Tell somebody that a token was made in their name: a hijacked account would show here."""
    body = render_template(
        "accounts/mail/token_made.txt",
        handle=person.handle,
        token=token,
        address=public_address("accounts.show_tokens"),
    )
    mail.write(session, person=person, subject=_("A token was made for your account"), body=body)


def _write(
    session: Session, person: Person, purpose: Purpose, subject: str, *, template: str = "", **more: str
) -> None:
    token = sign_link(settings().secret_key, purpose, person)
    if purpose is Purpose.RESET:
        address = public_address("accounts.new_password", token=token)
    else:
        address = public_address("accounts.open_link", token=token, purpose=purpose.value, **more)
    body = render_template(
        f"accounts/mail/{template or purpose.name.lower()}.txt",
        handle=person.handle,
        address=address,
        hours=int(LIFE[purpose].total_seconds() // 3600),
        settings=settings(),
    )
    mail.write(session, person=person, subject=subject, body=body)
