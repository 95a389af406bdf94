"""Send the letters that are due."""

import logging
import smtplib

from sqlalchemy import Engine

from annotator.database import open_session
from annotator.mail import actions
from annotator.mail.transport import message_of, sender_of, transport_of
from annotator.settings import Settings

log = logging.getLogger(__name__)


def send_due(engine: Engine, settings: Settings) -> int:
    """Send what is due, one transaction per letter, and return how many left.

    A letter is taken before it is sent and noted after: a crash in between sends it twice rather than never.
    """
    transport, sender, count = transport_of(settings.mail_url), sender_of(settings), 0
    with open_session(engine, writes=True) as session:
        actions.forget_old(session)
        letters = actions.take_due(session)
        session.commit()
        for letter in letters:
            try:
                transport(message_of(letter, sender))
            except (OSError, smtplib.SMTPException, ValueError) as error:
                actions.failed(letter, f"{type(error).__name__}: {error}")
                problem = type(error).__name__
                log.warning("Letter %s was not sent at try %s: %s.", letter.id, letter.tries, problem)
            else:
                actions.sent(letter)
                count += 1
            session.commit()
    return count
