"""Make the copies that people asked for, and delete those whose time is over."""

import fcntl
import hashlib
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO

from sqlalchemy import Engine, update

from annotator import clock
from annotator.accounts.models import Person
from annotator.database import open_session
from annotator.rights.models import PersonalExport
from annotator.rights.mydata import archive, mails, queries
from annotator.settings import Settings

log = logging.getLogger(__name__)

_FILE = re.compile(r"(?P<id>[0-9a-f-]{36})\.zip(\.part)?")


def file_of(settings: Settings, public_id: str) -> Path:
    """Return where the file of a copy lies."""
    return settings.personal / f"{public_id}.zip"


def run_due(engine: Engine, settings: Settings) -> int:
    """Delete what is over, make what was asked for, and return how many were made. Of two workers one does it."""
    with open_session(engine, writes=False) as session:
        wanted = queries.asked(session)
    if not wanted and not settings.personal.is_dir():
        return 0
    with _alone(settings.personal) as alone:
        if not alone:
            return 0
        sweep(engine, settings)
        return sum(_make(engine, settings, export_id) for export_id in wanted)


def sweep(engine: Engine, settings: Settings) -> None:
    """End the copies whose time is over, and delete every file that no copy stands behind."""
    with open_session(engine, writes=False) as session:
        ended, kept = bool(queries.over(session, clock.now())), queries.kept(session)
    if ended:  # nobody waits for a writer who has nothing to write
        with open_session(engine, writes=True) as session:
            for export in queries.over(session, clock.now()):
                export.state = "expired"
            session.commit()
            kept = queries.kept(session)
    for path in settings.personal.glob("*.zip*"):
        found = _FILE.fullmatch(path.name)
        if found and (found["id"] not in kept or path.suffix == ".part"):
            path.unlink(missing_ok=True)


def _make(engine: Engine, settings: Settings, export_id: int) -> bool:
    with open_session(engine, writes=False) as reader:
        export = reader.get(PersonalExport, export_id)
        if export is None or export.state != "asked":
            return False
        target = file_of(settings, export.public_id)
        person_id, steps = export.person_id, archive.total(reader, export.person_id)
        part = target.with_name(f"{target.name}.part")
        try:
            _say(engine, export_id, total=steps, done=0)
            with _private(part) as file:
                so_far = partial(_note_done, engine, export_id)
                archive.write(reader, person_id, file, settings=settings, progress=so_far)
        except Exception:
            log.exception("The copy of one's data %s could not be made.", export_id)
            part.unlink(missing_ok=True)
            _say(engine, export_id, state="failed")
            return False
    return _finish(engine, settings, export_id, part)


def _finish(engine: Engine, settings: Settings, export_id: int, part: Path) -> bool:
    """Put the file in place, unless the copy was ended meanwhile, and write to its person."""
    sha256, size = _sum(part), part.stat().st_size
    with open_session(engine, writes=True) as session:
        export = session.get(PersonalExport, export_id, with_for_update=True)
        if export is None or export.state != "asked":
            part.unlink(missing_ok=True)
            return False
        part.rename(file_of(settings, export.public_id))
        now = clock.now()
        export.state, export.done, export.ready_at = "ready", export.total, now
        export.expires_at, export.bytes, export.sha256 = now + settings.rights.export, size, sha256
        mails.ready(session, session.get_one(Person, export.person_id), export, settings)
        session.commit()
    return True


def _note_done(engine: Engine, export_id: int, done: int) -> None:
    _say(engine, export_id, done=done)


def _say(engine: Engine, export_id: int, **values: object) -> None:
    with open_session(engine, writes=True) as session:
        session.execute(update(PersonalExport).where(PersonalExport.id == export_id).values(**values))
        session.commit()


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    """Open a new file that only this account of the machine can read."""
    with suppress(FileNotFoundError):
        path.unlink()
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
        yield file


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Say whether nobody else works in the folder; the system lets go of what a dead process held."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)
