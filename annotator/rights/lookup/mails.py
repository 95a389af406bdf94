"""The letter about several texts that were taken back at once."""

from flask import render_template
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.mail import actions as mail
from annotator.rights import mails
from annotator.rights.mending import mails as mending
from annotator.rights.models import Withdrawal
from annotator.web.extensions import settings
from annotator.web.pages import public_address


def confirmed(session: Session, person: Person, withdrawals: list[Withdrawal]) -> None:
    """Confirm what was taken back, in one letter; authors of texts that were set aside with it are told too."""
    if len(withdrawals) == 1:
        mails.confirmed(session, person, withdrawals[0])
        return
    mending.tell(session, settings().public_url)
    mail.write(
        session,
        person=person,
        subject=_("You took texts back"),
        body=render_template(
            "rights/lookup/confirmed.txt",
            handle=person.handle,
            withdrawals=withdrawals,
            first=withdrawals[0],
            address=public_address("rights.index"),
        ),
    )
