"""Write ``my-data.zip``: one JSON file for each kind, a page to read, and what is needed to check it; as a stream."""

import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.annotations.models import Annotation
from annotator.consent.receipts.queries import party_of
from annotator.languages import queries as languages
from annotator.rights.mydata import page, parts, receipts, texts
from annotator.rights.mydata.parts import Facts, Part, Source
from annotator.settings import Settings

# Said after so many texts.
EVERY = 100


@dataclass(frozen=True)
class Kind:
    """A file of the archive: its name, what it holds, and whether the page shows it too."""

    name: str
    read: Part
    shown: bool = True


KINDS = (
    Kind("profile", parts.profile),
    Kind("languages", parts.languages),
    Kind("roles", parts.roles),
    Kind("contributions", texts.contributions),
    Kind("edits", texts.edits),
    Kind("drafts", parts.drafts),
    Kind("skips", parts.skips),
    Kind("reviews-given", parts.reviews_given),
    Kind("reviews-received", parts.reviews_received),
    Kind("grants", parts.grants),
    Kind("personal-choices", parts.personal_choices),
    Kind("receipts", receipts.receipts, shown=False),
    Kind("proofs", parts.proofs, shown=False),
    Kind("withdrawals", parts.withdrawals),
    Kind("requests", parts.requests),
    Kind("releases", parts.releases),
    Kind("told", parts.told),
    Kind("tokens", parts.tokens),
    Kind("letters", parts.letters),
    Kind("activity", parts.activity, shown=False),
)

Progress = Callable[[int], None]


def total(session: Session, person_id: int) -> int:
    """Return how many steps there will be: each kind, and each text."""
    count = select(func.count()).select_from(Annotation).where(Annotation.author_id == person_id)
    return len(KINDS) + (session.scalar(count) or 0)


def write(
    session: Session,
    person_id: int,
    target: IO[bytes],
    *,
    settings: Settings,
    progress: Progress = lambda _done: None,
) -> None:
    """Write the archive of a person to ``target``.

    ``session`` is for this alone, and only reads: what was written down is forgotten as it goes. ``progress`` hears
    how many steps are done.
    """
    source = Source(session, person_id, {one.id: one for one in languages.all_languages(session)}, party_of(settings))
    steps, counts = _Steps(progress), dict[str, int]()
    # The page is made beside the files, in a file without a name: a crash leaves nothing behind.
    with tempfile.TemporaryFile() as written, ZipFile(target, "w", ZIP_DEFLATED, allowZip64=True) as archive:
        written.write(page.head().encode())
        for kind in KINDS:
            counts[kind.name] = _write_kind(archive, written, kind, source, steps)
        written.write(page.foot().encode())
        written.seek(0)
        with archive.open("my-data.html", "w", force_zip64=True) as entry:
            shutil.copyfileobj(written, entry)
        archive.writestr("README.txt", page.readme(counts, clock.now()))
        archive.writestr("check.py", (Path(__file__).parent / "check.py").read_text(encoding="utf-8"))


class _Steps:
    """Counts, and says so now and then."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._done = progress, 0

    def one_more(self, *, say: bool) -> None:
        self._done += 1
        if say or self._done % EVERY == 0:
            self._progress(self._done)


def _write_kind(archive: ZipFile, written: IO[bytes], kind: Kind, source: Source, steps: _Steps) -> int:
    count = 0
    if kind.shown:
        written.write(page.begin(kind.name).encode())
    with archive.open(f"{kind.name}.json", "w", force_zip64=True) as entry:
        for count, facts in enumerate(kind.read(source), 1):
            entry.write((b",\n" if count > 1 else b"[\n") + _line(facts))
            if kind.shown:
                written.write(page.block(facts).encode())
            if kind.name == "contributions":
                steps.one_more(say=False)
        entry.write(b"\n]\n" if count else b"[]\n")
    if kind.shown:
        written.write(page.end(count).encode())
    steps.one_more(say=True)
    return count


def _line(facts: Facts) -> bytes:
    return json.dumps(facts, ensure_ascii=False).encode()
