"""What somebody who leaves is told by letter."""

from flask import render_template
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.mail import actions as mail
from annotator.rights.mending import mails as mending
from annotator.rights.models import Departure
from annotator.web.extensions import settings
from annotator.web.pages import public_address


def asked(session: Session, person: Person, departure: Departure) -> None:
    """Say that somebody asked to leave: whose account was taken over can still undo it. The claim code is not in it.

    Authors of texts that were set aside with theirs are told too.
    """
    mending.tell(session, settings().public_url)
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
