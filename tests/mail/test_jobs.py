"""Sending: into a folder, over SMTP to a server of this test's own, and past a server that is away."""

import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from annotator.mail import actions
from annotator.mail.jobs import send_due
from annotator.mail.models import Letter
from annotator.mail.transport import sender_of, transport_of
from annotator.settings import Settings, SettingsError

BODY = "Ẹ káàbọ̀!\n.\nA line with one full stop must not end the letter.\nhttp://localhost/sign-in/sign-in/" + "x" * 200


@pytest.fixture
def letter(session: Session) -> Letter:
    """A letter that is due."""
    written = actions.write(session, address="ade@example.org", subject="Ìwé fún ọ", body=BODY, language="yo")
    session.commit()
    return written


def engine_of(session: Session) -> Engine:
    bind = session.get_bind()
    assert isinstance(bind, Engine)
    return bind


def read(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_letters_as_files(session: Session, settings: Settings, letter: Letter) -> None:
    assert send_due(engine_of(session), settings) == 1
    assert send_due(engine_of(session), settings) == 0, "a second run finds nothing to do"
    files = list(Path(settings.mail_url.removeprefix("dir:")).iterdir())
    assert [path.suffix for path in files] == [".eml"]
    message = read(files[0].read_bytes())
    assert (message["To"], message["Subject"]) == ("ade@example.org", "Ìwé fún ọ")
    assert message["From"] == "rights@example.org"
    assert message["Content-Language"] == "yo"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().replace("\r\n", "\n").strip() == BODY
    session.refresh(letter)
    assert letter.sent_at is not None
    assert letter.body == ""


class Smtp(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as one letter needs."""

    def handle(self) -> None:
        """Speak with one client."""
        self.say("220 test")
        while line := self.rfile.readline().strip().upper():
            if line.startswith(b"DATA"):
                self.say("354 go on")
                lines = []
                while (part := self.rfile.readline()) != b".\r\n":
                    lines.append(part.removeprefix(b".") if part.startswith(b"..") else part)
                self.server.letters.append(b"".join(lines))  # type: ignore[attr-defined]  # set by the fixture
            self.say("221 bye" if line.startswith(b"QUIT") else "250 ok")

    def say(self, line: str) -> None:
        """Answer."""
        self.wfile.write(line.encode() + b"\r\n")


@pytest.fixture
def smtp() -> Iterator[socketserver.ThreadingTCPServer]:
    """An SMTP server on this machine."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Smtp) as server:
        server.letters = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.usefixtures("letter")
def test_letters_over_smtp(session: Session, settings: Settings, smtp: socketserver.ThreadingTCPServer) -> None:
    over_smtp = settings.model_copy(update={"mail_url": f"smtp://127.0.0.1:{smtp.server_address[1]}"})
    assert send_due(engine_of(session), over_smtp) == 1
    (content,) = smtp.letters  # type: ignore[attr-defined]
    assert read(content).get_content().replace("\r\n", "\n").strip() == BODY


def test_a_password_never_leaves_without_encryption(
    session: Session, settings: Settings, letter: Letter, smtp: socketserver.ThreadingTCPServer
) -> None:
    with_password = settings.model_copy(update={"mail_url": f"smtp://me:secret@127.0.0.1:{smtp.server_address[1]}"})
    assert send_due(engine_of(session), with_password) == 0
    session.refresh(letter)
    assert letter.problem is not None
    assert "no encryption" in letter.problem
    assert smtp.letters == []  # type: ignore[attr-defined]


def test_a_server_that_is_away_costs_no_letter(session: Session, settings: Settings, letter: Letter) -> None:
    away = settings.model_copy(update={"mail_url": "smtp://127.0.0.1:9"})
    assert send_due(engine_of(session), away) == 0
    session.refresh(letter)
    assert (letter.sent_at, letter.tries, letter.body) == (None, 1, BODY)
    assert letter.problem is not None
    assert session.scalars(select(Letter)).one().next_try_at > letter.written_at


@pytest.mark.parametrize("url", ["", "http://example.org", "smtp://", "instance/mail"])
def test_a_wrong_setting_is_named(url: str) -> None:
    with pytest.raises(SettingsError, match="ANNOTATOR_MAIL_URL"):
        transport_of(url)


def test_letters_come_from_the_controller_where_that_is_an_address(settings: Settings) -> None:
    assert sender_of(settings) == "rights@example.org"
    page = settings.model_copy(update={"controller_contact": "https://example.org", "public_url": "https://a.example"})
    assert sender_of(page) == "no-reply@a.example"
