"""Letters about requests: to who asked, to who decides, and to the author of a text that was taken out."""

from flask import render_template
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from annotator.accounts import actions as accounts
from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.mail import actions as mail
from annotator.rights.mending import mails as mending
from annotator.rights.models import Request, Withdrawal
from annotator.rights.requests import queries
from annotator.web.extensions import settings
from annotator.web.pages import public_address


def received(session: Session, request: Request, key: str | None) -> None:
    """Confirm a request to who asked, with the way to follow it; and tell those who decide that one waits."""
    if key is not None:
        address = public_address("requests.follow", public_id=request.public_id, key=key)
    else:
        address = public_address("requests.own", public_id=request.public_id)
    _to_asker(session, request, _("We have your request"), "received", address=address)
    waits(session, request)


def waits(session: Session, request: Request) -> None:
    """Tell those who decide that a request waits, or that somebody asked once more."""
    for person in queries.maintainers(session):
        mail.write(
            session,
            person=person,
            subject=_("A request about a text waits"),
            body=render_template(
                "rights/requests/mail/waits.txt",
                handle=person.handle,
                request=request,
                address=public_address("desk.decide", public_id=request.public_id),
            ),
        )


def answered(session: Session, request: Request) -> None:
    """Say how it was decided, or that it takes longer; the link of the first letter shows it too."""
    subjects = {"accepted": _("We do what you asked"), "refused": _("We said no"), "received": _("It takes longer")}
    _to_asker(session, request, subjects[request.state], "answered")


def taken_out(session: Session, request: Request, withdrawals: list[Withdrawal]) -> None:
    """Tell authors that a text of theirs was taken out after a request: by whom it was asked is not said.

    Authors of texts that were set aside with it are told too.
    """
    mending.tell(session, settings().public_url)
    for withdrawal in withdrawals:
        author = session.get(Person, withdrawal.person_id) if withdrawal.person_id is not None else None
        if author is None or author.left_at is not None or withdrawal.annotation_id is None:
            continue
        annotation = session.get_one(Annotation, withdrawal.annotation_id)
        mail.write(
            session,
            person=author,
            subject=_("A text of yours was taken out"),
            body=render_template(
                "rights/requests/mail/taken_out.txt",
                handle=author.handle,
                kind=request.kind,
                text=public_address("contributions.show", public_id=annotation.public_id),
                address=public_address("requests.ask"),
            ),
        )


def credit_gone(session: Session, people: set[int]) -> None:
    """Tell people that the name which they chose is not printed any more."""
    for person_id in sorted(people):
        person = session.get_one(Person, person_id)
        if person.left_at is None:
            address = public_address("requests.ask")
            body = render_template("rights/requests/mail/credit_gone.txt", handle=person.handle, address=address)
            mail.write(session, person=person, subject=_("The name beside your texts"), body=body)


def _to_asker(session: Session, request: Request, subject: str, template: str, **facts: object) -> None:
    person = session.get(Person, request.person_id) if request.person_id is not None else None
    if person is not None and person.left_at is not None:
        return
    if person is None and (not request.contact or not accounts.may_write_to(session, email=request.contact)):
        return
    body = render_template(f"rights/requests/mail/{template}.txt", request=request, **facts)
    if person is not None:
        mail.write(session, person=person, subject=subject, body=body)
    else:
        mail.write(session, address=request.contact, subject=subject, body=body)
