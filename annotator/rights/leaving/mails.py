"""What somebody who leaves is told by letter."""

from flask import render_template
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.mail import actions as mail
from annotator.rights.models import Departure
from annotator.web.pages import public_address


def asked(session: Session, person: Person, departure: Departure) -> None:
    """Say that somebody asked to leave: whose account was taken over can still undo it. The claim code is not in it."""
    mail.write(
        session,
        person=person,
        subject=_("You asked to leave"),
        body=render_template(
            "rights/leaving/mail/asked.txt",
            handle=person.handle,
            departure=departure,
            address=public_address("leaving.leave"),
        ),
    )
