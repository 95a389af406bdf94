"""What people are told by letter when the translation that they read was wrong; the command line sends it too."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.consent.models import Document
from annotator.consent.wordings.rules import name_of
from annotator.mail import actions as mail

_SUBJECT = _("A translation that you read was wrong: please decide anew")
_GREETING = _("Hello %(handle)s,")
_WHAT = _(
    "You made a choice about your texts and read the terms in a translation (%(language)s). That translation was wrong. "
    "We are sorry."
)
_THEN = _(
    "To be safe, your texts stay out of new releases as if you had said no. Nothing is lost. Please read the right text "
    "and choose again; then your choice counts:"
)
_ELSE = _("If you do nothing, your texts stay out.")


def wrong(session: Session, document: Document, people: Iterable[int], public_url: str) -> None:
    """Ask those who read the translation to decide anew, on the page of the three questions."""
    for person_id in people:
        person = session.get_one(Person, person_id)
        if person.left_at is not None:
            continue
        parts = (
            str(_GREETING) % {"handle": person.handle},
            str(_WHAT) % {"language": name_of(document.language)},
            f"{_THEN}\n{public_url.rstrip('/')}/consent/first",
            str(_ELSE),
        )
        mail.write(session, person=person, subject=str(_SUBJECT), body="\n\n".join(parts) + "\n")
