"""How a letter leaves: over SMTP (``smtp://``, ``smtps://``), or as a file in a folder (``dir:``)."""

import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, make_msgid
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from annotator.mail.models import Letter
from annotator.settings import Settings, SettingsError

Transport = Callable[[EmailMessage], None]

SECONDS = 20


def message_of(letter: Letter, sender: str) -> EmailMessage:
    """Return the letter as a message: plain text, marked as written by a program, in its language."""
    message = EmailMessage(policy=SMTP_POLICY)
    message["From"] = sender
    message["To"] = letter.address
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = make_msgid(idstring=f"letter{letter.id}", domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body, cte="quoted-printable")
    message["Content-Language"] = letter.language  # after the content, which clears such headers
    return message


def sender_of(settings: Settings) -> str:
    """Return the address letters come from: the controller's where it is one, else a no-reply of this server."""
    contact = settings.controller_contact.removeprefix("mailto:")
    if "@" in contact and " " not in contact:
        return contact
    return f"no-reply@{urlsplit(settings.public_url).hostname or 'localhost'}"


def transport_of(mail_url: str) -> Transport:
    """Return what sends a message to where ``mail_url`` says.

    Raises SettingsError for an address that is neither ``smtp://``, ``smtps://`` nor ``dir:``.
    """
    if mail_url.startswith("dir:"):
        return _into(Path(mail_url.removeprefix("dir:")))
    parts = urlsplit(mail_url)
    if parts.scheme in {"smtp", "smtps"} and parts.hostname:
        return _over_smtp(parts)
    message = "The setting ANNOTATOR_MAIL_URL is wrong: it should be smtp://user:password@host:port or dir:FOLDER."
    raise SettingsError(message)


def _into(folder: Path) -> Transport:
    def send(message: EmailMessage) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        name = str(message["Message-ID"]).strip("<>").replace("/", "_")
        part = folder / f"{name}.part"
        part.write_bytes(message.as_bytes())
        part.rename(folder / f"{name}.eml")  # a reader of the folder never sees half a letter

    return send


def _over_smtp(parts: SplitResult) -> Transport:
    host, user = parts.hostname or "", unquote(parts.username or "")

    def send(message: EmailMessage) -> None:
        context = ssl.create_default_context()
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS, context=context)
        else:
            server = smtplib.SMTP(host, parts.port or 25, timeout=SECONDS)
        with server:
            if parts.scheme == "smtp":
                server.ehlo()
                if server.has_extn("starttls"):
                    server.starttls(context=context)
                elif user:
                    refusal = f"{host} offers no encryption, and a password is never sent without"
                    raise smtplib.SMTPNotSupportedError(refusal)
            if user:
                server.login(user, unquote(parts.password or ""))
            server.send_message(message)

    return send
