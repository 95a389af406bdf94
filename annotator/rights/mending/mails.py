"""What an author is told when a text of theirs waits for mending: no name, no reason (rights-model §2.7)."""

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.database import chunks
from annotator.mail import actions as mail
from annotator.rights.mending.actions import TO_TELL


def tell(session: Session, public_url: str) -> int:
    """Write one letter to each author whose texts this transaction has set aside, and return how many letters.

    Called by whoever commits a withdrawal; it needs no application, so that commands and jobs can call it too.
    """
    ids = session.info.pop(TO_TELL, [])
    counted: dict[int, int] = {}
    for few in chunks(ids):
        chosen = select(Annotation.author_id).where(Annotation.id.in_(few))
        for author_id in session.scalars(chosen):
            counted[author_id] = counted.get(author_id, 0) + 1
    written = 0
    for author_id, number in sorted(counted.items()):
        person = session.get_one(Person, author_id)
        if person.left_at is not None:
            continue
        what = (
            _("A text that one of yours builds on was withdrawn.")
            if number == 1
            else _("A text was withdrawn that %(n)s of yours build on.", n=number)
        )
        how = _("Your own words are still there. Open this page to write a new question, or to fill a gap:")
        after = _("If nobody does so in time, your text stays out of later releases. You keep it here.")
        hello = _("Hello %(handle)s,", handle=person.handle)
        body = f"{hello}\n\n{what}\n\n{how}\n{public_url.rstrip('/')}/rights/mending/\n\n{after}\n"
        mail.write(session, person=person, subject=_("A text of yours waits for you"), body=body)
        written += 1
    return written
