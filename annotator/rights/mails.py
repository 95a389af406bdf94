"""What a person is told by letter when texts were taken back."""

from flask import render_template
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.mail import actions as mail
from annotator.rights.mending import mails as mending
from annotator.rights.models import Withdrawal
from annotator.web.extensions import settings
from annotator.web.pages import public_address


def confirmed(session: Session, person: Person, withdrawal: Withdrawal) -> None:
    """Confirm a withdrawal to its author: a hijacked account would show here, while there is time to undo it.

    Authors of texts that were set aside with it are told too.
    """
    mending.tell(session, settings().public_url)
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


def extended(session: Session, withdrawal: Withdrawal, reason: str) -> None:
    """Say that a request takes longer, and why."""
    person = session.get(Person, withdrawal.person_id) if withdrawal.person_id is not None else None
    if person is None or person.left_at is not None:
        return
    mail.write(
        session,
        person=person,
        subject=_("Your request takes longer"),
        body=render_template(
            "rights/mail/extended.txt",
            handle=person.handle,
            withdrawal=withdrawal,
            reason=reason,
            address=public_address("rights.index"),
        ),
    )
