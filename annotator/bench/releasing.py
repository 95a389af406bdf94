"""A release that is built while people work: a pool of accepted texts, and the command that publishes it."""

import math
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, insert, text
from sqlalchemy.orm import Session

from annotator import clock
from annotator.annotations.models import Annotation, Revision
from annotator.bench import machine, texts
from annotator.bench.client import Person, Wait
from annotator.bench.filling import SLUG, Member
from annotator.bench.ground import Ground
from annotator.bench.notes import Notes, Span
from annotator.consent.queries import current_document
from annotator.languages.queries import by_code
from annotator.projects.queries import by_slug
from annotator.review.models import Review

VERSION = "1.0.0"
AT_ONCE = 1_000
BETWEEN_LOOKS = 0.25
PATIENCE = 30 * 60.0

PUBLISHED = """
    select count(*) from releases join release_rows on release_rows.release_id = releases.id
    where releases.version = :version and releases.state = 'published'
"""


def accept(session: Session, members: Sequence[Member], rows: int, progress: Callable[[int], None]) -> None:
    """Put so many accepted originals into the project, each written by one of the people and accepted by another.

    Straight into the tables: what is measured is what becomes of them, and the program's actions would take hours.
    """
    project, language = by_slug(session, SLUG), by_code(session, texts.LANGUAGE)
    document_id, chance = current_document(session, "terms").id, random.Random(rows)  # noqa: S311  # words of texts
    for begin in range(0, rows, AT_ONCE):
        now = clock.now()
        authors = [members[number % len(members)].person_id for number in range(begin, min(begin + AT_ONCE, rows))]
        reviewers = [members[(number + 1) % len(members)].person_id for number in range(begin, begin + len(authors))]
        annotations = _ids(session, Annotation, [
            {
                "project_id": project.id, "language_id": language.id, "author_id": author_id, "kind": "original",
                "state": "accepted", "ai_assisted": "no", "document_id": document_id, "created_at": now,
                "submitted_at": now,
            }
            for author_id in authors
        ])  # fmt: skip
        revisions = _ids(session, Revision, [
            {
                "annotation_id": annotation_id, "number": 1, "author_id": author_id, "role": "author",
                "instruction": texts.prompt(texts.PROMPTS - 1 - begin - number), "completion": texts.answer(chance),
                "created_at": now, "accepted_at": now,
            }
            for number, (annotation_id, author_id) in enumerate(zip(annotations, authors, strict=True))
        ])  # fmt: skip
        _ids(session, Review, [
            {
                "annotation_id": annotation_id, "revision_id": revision_id, "reviewer_id": reviewer_id,
                "outcome": "accepted", "reasons": [], "at": now,
            }
            for annotation_id, revision_id, reviewer_id in zip(annotations, revisions, reviewers, strict=True)
        ])  # fmt: skip
        progress(begin + len(authors))


def _ids(session: Session, table: Any, rows: list[dict[str, Any]]) -> list[int]:  # noqa: ANN401  # one of our models
    """Insert rows and return their numbers, in the same order."""
    return list(session.scalars(insert(table).returning(table.id, sort_by_parameter_order=True), rows))


@dataclass
class Publication:
    """When the release was asked for and when it stood, how many rows it has, and what went wrong."""

    span: Span | None = None
    rows: int = 0
    why_not: str | None = None


def publish(place: Ground, engine: Engine, cores: int | None, publication: Publication, notes: Notes) -> Person:
    """Publish by the program's own command once it is measured; people go on at least until the release stands."""
    measured = notes.span
    yield Wait(measured.begin)
    notes.span = Span(measured.begin, math.inf)
    begin, log = time.monotonic(), place.folder / "release.log"
    with log.open("wb") as stream, machine.held_to(cores):
        process = subprocess.Popen(  # noqa: S603  # our own interpreter and arguments
            [sys.executable, "-m", "annotator", "releases", "publish", SLUG, VERSION],
            cwd=place.folder,
            env=place.environment(),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    try:
        while publication.rows == 0 and process.returncode in {None, 0} and time.monotonic() < begin + PATIENCE:
            yield Wait(time.monotonic() + BETWEEN_LOOKS)
            if process.poll() == 0:
                publication.rows = _published(engine)
    finally:
        process.kill()  # nothing, where it has ended
        process.wait()
    if publication.rows == 0:
        publication.why_not = log.read_text(encoding="utf-8", errors="replace")[-2000:] or "not within half an hour"
    publication.span = Span(begin, time.monotonic())
    notes.span = Span(measured.begin, max(measured.end, publication.span.end))


def _published(engine: Engine) -> int:
    """Return how many rows the published release has; 0 while it does not stand."""
    with engine.connect() as connection:
        return int(connection.scalar(text(PUBLISHED), {"version": VERSION}) or 0)
