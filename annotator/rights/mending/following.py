"""What a choice does to texts of others, once it is recorded; the application hands it to the room of consent."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from annotator.consent.models import ConsentEvent
from annotator.rights.mending import mails, narrowing
from annotator.settings import Settings


def follow(session: Session, events: Sequence[ConsentEvent], *, settings: Settings) -> None:
    """Set aside what the choices of one person left without a lane, lift what they gave one back, and tell the authors."""
    narrowing.follow(session, events, settings.rights)
    mails.tell(session, settings.public_url)
