"""`annotator check`: configuration, database, worker, disk, mail; what is wrong and how to mend it."""

import os
import shutil
import smtplib
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import click
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError

from annotator import clock, migrate
from annotator import models as _models  # noqa: F401  # the schema is compared with every table
from annotator.app import make_work
from annotator.commands.findings import Finding, show
from annotator.consent.models import Document
from annotator.database import make_engine, open_session
from annotator.languages.models import Language
from annotator.mail.models import Letter
from annotator.mail.rules import MOST_TRIES
from annotator.settings import Settings, load
from annotator.web.commandline import refuse, report

SHORTEST_KEY = 32
UNSEEN_AFTER = timedelta(minutes=2)
LITTLE_SPACE, TOO_LITTLE_SPACE = 2**30, 2**27
SECONDS_FOR_MAIL = 5
_SECRET = frozenset({"secret_key"})


@click.command("check")
@click.option("--settings", "list_settings", is_flag=True, help="List every setting with its meaning, and end.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON value.")
def check(*, list_settings: bool, as_json: bool) -> None:
    """Look at the whole installation; exit status 1 when something is wrong."""
    if list_settings:
        _list_settings(as_json=as_json)
        return
    settings = load()
    findings = list(_findings(settings))
    wrong = [one for one in findings if one.state == "wrong"]
    if as_json:
        report({"ok": not wrong, "checks": [asdict(one) for one in findings]})
    else:
        show(findings)
    if wrong:
        refuse(f"{len(wrong)} of {len(findings)} things are wrong; each line above says how to mend it.")


def _list_settings(*, as_json: bool) -> None:
    """Print every setting: its name, what it means, what it is without being set, and what it is here."""
    settings = load()
    rows = [
        {
            "name": f"ANNOTATOR_{name.upper()}",
            "meaning": field.description,
            "default": str(field.default),
            "value": "(set)" if name in _SECRET and getattr(settings, name) else _shown(getattr(settings, name)),
        }
        for name, field in Settings.model_fields.items()
    ]
    if as_json:
        report(rows)
        return
    click.echo('Read from the environment, then from annotator.toml in this folder (there: database_url = "…").\n')
    for row in rows:
        click.echo(f"{row['name']}\n    {row['meaning']}.\n    here: {row['value'] or '(empty)'}")


def _shown(value: object) -> str:
    """Return a value without the password that an address may hold."""
    parts = urlsplit(str(value))
    return str(value).replace(f":{parts.password}@", ":…@") if parts.password else str(value)


def _findings(settings: Settings) -> Iterator[Finding]:
    yield from _configuration(settings)
    engine = make_engine(settings.database_url)
    try:
        sound = True
        for one in migrate.check(engine):
            sound = sound and one.ok
            yield Finding(f"db {one.name}", "fine" if one.ok else "wrong", one.detail)
        if sound:
            yield from _contents(engine)
            yield from _worker(settings, engine)
    except OperationalError as error:
        yield Finding("database", "wrong", f"it does not answer: {str(error.orig).strip().splitlines()[0]}")
    finally:
        engine.dispose()
    yield from _disk(settings)
    yield _mail(settings.mail_url)


def _configuration(settings: Settings) -> Iterator[Finding]:
    if len(settings.secret_key) >= SHORTEST_KEY:
        yield Finding("secret key", "fine", "set")
    else:
        what = "too short" if settings.secret_key else "missing"
        yield Finding("secret key", "wrong", f"{what}: `annotator init` makes one of {SHORTEST_KEY} letters or more")
    if settings.controller_is_known:
        yield Finding("controller", "fine", settings.controller_name)
    else:
        names = "ANNOTATOR_CONTROLLER_NAME, _CONTACT and _JURISDICTION"
        yield Finding("controller", "note", f"nobody can join until {names} say who answers for personal data")
    if urlsplit(settings.public_url).scheme == "http" and urlsplit(settings.public_url).hostname not in {
        "127.0.0.1", "localhost", "::1",
    }:  # fmt: skip
        yield Finding("address", "note", f"{settings.public_url} is not https: passwords travel in the open")
    else:
        yield Finding("address", "fine", settings.public_url)


def _contents(engine: Engine) -> Iterator[Finding]:
    with open_session(engine, writes=False) as session:
        languages = session.scalar(select(func.count()).select_from(Language)) or 0
        documents = session.scalar(select(func.count()).select_from(Document)) or 0
    if languages and documents:
        yield Finding("contents", "fine", f"{languages} languages, {documents} documents")
    else:
        yield Finding("contents", "wrong", "no languages or no documents yet: run `annotator init`")


def _worker(settings: Settings, engine: Engine) -> Iterator[Finding]:
    seen = make_work(settings, engine).last_seen()
    with open_session(engine, writes=False) as session:
        late = Letter.sent_at.is_(None) & (Letter.next_try_at < clock.now() - UNSEEN_AFTER)
        waiting = session.scalar(select(func.count()).where(late, Letter.tries < MOST_TRIES)) or 0
        given_up = session.scalar(select(func.count()).where(Letter.sent_at.is_(None), Letter.tries >= MOST_TRIES)) or 0
    start = "`annotator serve` brings one, `annotator worker` is one"
    if seen is not None and clock.now() - seen < UNSEEN_AFTER:
        yield Finding("worker", "fine", "alive")
    elif waiting:
        yield Finding("worker", "wrong", f"none is alive, and {waiting} letters wait: {start}")
    else:
        yield Finding("worker", "note", f"none is alive, and nothing waits for one: {start}")
    if given_up:
        yield Finding(
            "letters", "note", f"{given_up} could not be sent and were given up: look at the mail server's log"
        )


def _disk(settings: Settings) -> Iterator[Finding]:
    for name in ("exports", "exports_gated", "personal", "journal"):
        label, folder = name.replace("_", " "), Path(getattr(settings, name))
        there = next(place for place in (folder.resolve(), *folder.resolve().parents) if place.exists())
        free = shutil.disk_usage(there).free
        space = f"{free / 2**30:.1f} GiB free"
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            yield Finding(label, "wrong", f"{folder} cannot be written: change its owner or ANNOTATOR_{name.upper()}")
        elif free < TOO_LITTLE_SPACE:
            yield Finding(label, "wrong", f"{folder}: only {space}; make room")
        else:
            yield Finding(label, "note" if free < LITTLE_SPACE else "fine", f"{folder}, {space}")


def _mail(mail_url: str) -> Finding:
    if mail_url.startswith("dir:"):
        return Finding(
            "mail", "note", f"letters are files in {mail_url.removeprefix('dir:')}: nobody gets them by mail"
        )
    parts = urlsplit(mail_url)
    secure = parts.scheme == "smtps"
    port = parts.port or (465 if secure else 25)
    kind = smtplib.SMTP_SSL if secure else smtplib.SMTP
    try:
        with kind(parts.hostname or "", port, timeout=SECONDS_FOR_MAIL) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        return Finding(
            "mail", "wrong", f"{parts.hostname}:{port} does not answer ({error}): look at ANNOTATOR_MAIL_URL"
        )
    return Finding("mail", "fine", f"{parts.hostname}:{port} answers")
