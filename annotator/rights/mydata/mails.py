"""The letter that a copy of one's data is ready. A job writes it, outside any request."""

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.mail import actions as mail
from annotator.rights.models import PersonalExport
from annotator.settings import Settings

PAGE = "/rights/data/"


def ready(session: Session, person: Person, export: PersonalExport, settings: Settings) -> None:
    """Say where the copy lies and until when; the address leads to nobody who is not signed in as the person."""
    until = export.expires_at.date().isoformat() if export.expires_at else ""
    paragraphs = [
        _("Hello %(handle)s,", handle=person.handle),
        _("The copy of your data is ready. You can fetch it until %(day)s. Then we delete it.", day=until),
        settings.public_url + PAGE,
        _("You did not ask for it? Then somebody else is signed in as you. Change your password, and write to us."),
    ]
    mail.write(session, person=person, subject=_("Your data is ready"), body="\n\n".join(paragraphs) + "\n")
