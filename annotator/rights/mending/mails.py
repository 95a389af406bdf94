"""What an author is told when a text of theirs waits for mending: no name, no reason (rights-model §2.7)."""

from collections import Counter
from collections.abc import Iterable, Sequence

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.consent.models import ConsentEvent
from annotator.database import chunks
from annotator.mail import actions as mail
from annotator.rights.mending import narrowing
from annotator.rights.mending.actions import TO_TELL
from annotator.settings import Settings


def follow(session: Session, events: Sequence[ConsentEvent], *, settings: Settings) -> None:
    """Set aside what the choices of one person left without a lane, lift what they gave one back, and tell the authors.

    Pages and API call it through ``consent.outlook``, with choices that they have just recorded.
    """
    narrowing.follow(session, events, settings.rights)
    tell(session, settings.public_url)


def tell(session: Session, public_url: str) -> int:
    """Write one letter to each author whose texts this transaction has set aside, and return how many letters.

    Called by whoever commits a withdrawal or a choice; it needs no application, so that commands and jobs can call it
    too. What was withdrawn and what may not be used so any more are letters of their own.
    """
    return sum(
        _write(session, person_id, public_url, number, narrowed=narrowed)
        for key, narrowed in ((TO_TELL, False), (narrowing.TO_TELL, True))
        for person_id, number in sorted(_authors(session, session.info.pop(key, [])).items())
    )


def _authors(session: Session, ids: Iterable[int]) -> Counter[int]:
    """Return how many of these texts are by whom."""
    counted: Counter[int] = Counter()
    for few in chunks(ids):
        counted.update(session.scalars(select(Annotation.author_id).where(Annotation.id.in_(few))))
    return counted


def _write(session: Session, person_id: int, public_url: str, number: int, *, narrowed: bool) -> bool:
    """Write to one author, if they are still here, and say whether they are."""
    person = session.get_one(Person, person_id)
    if person.left_at is not None:
        return False
    page = f"{public_url.rstrip('/')}/rights/mending/"
    hello = _("Hello %(handle)s,", handle=person.handle)
    how = _("Your own words are still there. Open this page to write a new question, or to fill a gap:")
    body = f"{hello}\n\n{_what(number, narrowed=narrowed)}\n\n{how}\n{page}\n\n{_after(narrowed=narrowed)}\n"
    mail.write(session, person=person, subject=_("A text of yours waits for you"), body=body)
    return True


def _what(number: int, *, narrowed: bool) -> str:
    if narrowed and number == 1:
        said = _("A text of yours builds on another one. The author of that one no longer allows this use.")
    elif narrowed:
        said = _("%(n)s texts of yours build on words of somebody else, who no longer allows this use.", n=number)
    elif number == 1:
        said = _("A text that one of yours builds on was withdrawn.")
    else:
        said = _("A text was withdrawn that %(n)s of yours build on.", n=number)
    return str(said)


def _after(*, narrowed: bool) -> str:
    if narrowed:
        said = _(
            "Without new words your text stays out of later releases, unless the use is allowed again. You keep it here."
        )
    else:
        said = _("If nobody does so in time, your text stays out of later releases. You keep it here.")
    return str(said)
