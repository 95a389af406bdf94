"""What a person is told by letter when texts were taken back."""

from flask import render_template
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.mail import actions as mail
from annotator.rights.models import Withdrawal
from annotator.web.pages import public_address


def confirmed(session: Session, person: Person, withdrawal: Withdrawal) -> None:
    """Confirm a withdrawal to its author: a hijacked account would show here."""
    mail.write(
        session,
        person=person,
        subject=_("You took texts back"),
        body=render_template(
            "rights/mail/confirmed.txt",
            handle=person.handle,
            withdrawal=withdrawal,
            address=public_address("rights.index"),
        ),
    )
