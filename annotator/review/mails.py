"""What an author is told by letter about a review."""

from flask import render_template
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from annotator.mail import actions as mail
from annotator.review.forms import REASON_WORDS
from annotator.review.models import Review
from annotator.review.rules import Reason
from annotator.web.pages import public_address


def changes_requested(session: Session, review: Review) -> None:
    """Ask the author for changes; the reviewer is not named."""
    annotation = review.annotation
    mail.write(
        session,
        person=annotation.author,
        subject=_("A reader asks for changes to your text"),
        body=render_template(
            "review/mail/changes_requested.txt",
            handle=annotation.author.handle,
            language=annotation.language.english,
            reasons=[REASON_WORDS[Reason(reason)] for reason in review.reasons],
            note=review.note,
            address=public_address("contributions.show", public_id=annotation.public_id),
        ),
    )
