"""How long it takes to find the rights, lanes and fallbacks of many rows, each with a chain of three authors behind it.

Run as ``python -m annotator.bench.chains URL`` it measures a database that is there; ``measure`` makes one first.
"""

import json
import resource
import subprocess
import sys
import time

from sqlalchemy import insert
from sqlalchemy.orm import Session

from annotator import clock, models
from annotator.annotations.models import Annotation, Revision
from annotator.bench import filling, texts
from annotator.bench.ground import BenchError, ground
from annotator.consent.queries import current_document
from annotator.consent.rules import Lane
from annotator.database import make_engine, open_session
from annotator.languages.queries import by_code
from annotator.projects.queries import by_slug
from annotator.releases import pool, selection
from annotator.releases.rules import Policy

PEOPLE, IN_CHAIN, AT_ONCE = 300, 3, 1_000
_KB_IN_MB = 1024


def fill(session: Session, rows: int) -> None:
    """Make chains of three items: one person's text, two others' edits of it; each item accepted and counted."""
    members = [member.person_id for member in filling.join(session, PEOPLE)]
    project, language = by_slug(session, filling.SLUG), by_code(session, texts.LANGUAGE)
    document_id, now = current_document(session, "terms").id, clock.now()
    for begin in range(0, rows // IN_CHAIN, AT_ONCE):
        many = min(AT_ONCE, rows // IN_CHAIN - begin)
        parents: list[int | None] = [None] * many
        firsts: list[int] = []
        for step in range(IN_CHAIN):
            authors = [members[(begin + number + step * 7) % PEOPLE] for number in range(many)]
            items = session.scalars(
                insert(Annotation).returning(Annotation.id, sort_by_parameter_order=True),
                [
                    {
                        "project_id": project.id, "language_id": language.id, "author_id": author, "kind": "original",
                        "state": "accepted", "ai_assisted": "no", "document_id": document_id, "created_at": now,
                        "submitted_at": now,
                    }
                    for author in authors
                ],
            ).all()  # fmt: skip
            words = {"completion": "a b c d"} | ({"instruction": "q"} if step == 0 else {})
            rows_of = [
                {
                    "annotation_id": item, "number": 1, "author_id": author, "role": "author", "parent_id": parent,
                    "link": "edit" if step else None, "created_at": now, "accepted_at": now, "instruction": None,
                    "shares": None if step == 0 else {"completion": _runs(firsts[number], parent or 0, step)}, **words,
                }
                for number, (item, author, parent) in enumerate(zip(items, authors, parents, strict=True))
            ]  # fmt: skip
            made = session.scalars(insert(Revision).returning(Revision.id, sort_by_parameter_order=True), rows_of).all()
            firsts, parents = (list(made) if step == 0 else firsts), list(made)
        session.flush()


def _runs(first: int, parent: int, step: int) -> list[list[int]]:
    return [[first, 3], [-1, 1]] if step == 1 else [[first, 2], [parent, 1], [-1, 1]]


def find(url: str) -> dict[str, float]:
    """Find what would go out, and return how many rows that is, the seconds, and the peak of memory in megabytes."""
    if not models.__name__:  # every table is known
        raise AssertionError
    with open_session(make_engine(url), writes=False) as session:
        project, at = by_slug(session, filling.SLUG), clock.now()
        begin, cpu = time.perf_counter(), time.process_time()
        found = selection.select(
            pool.read(session, project, known=at),
            project_id=project.id, key=project.key, at=at, earlier=selection.Earlier(),
            policy=Policy(release_unreviewed=False, lanes=frozenset(Lane)),
        )  # fmt: skip
        seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KB_IN_MB
    return {
        "rows": len(found.rows),
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu, 2),
        "peak_mb": round(peak, 1),
    }


def measure(database_url: str | None, *, rows: int, keep: bool) -> dict[str, float]:
    """Make a database with so many rows, and measure in a process of its own. Raises BenchError when that fails."""
    with ground(database_url, keep=keep) as place:
        with open_session(make_engine(place.url), writes=True) as session:
            filling.found(session)
            fill(session, rows)
            session.commit()
        command = [sys.executable, "-m", "annotator.bench.chains", place.url]
        done = subprocess.run(command, env=place.environment(), stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603  # our own interpreter
        if done.returncode:
            message = f"The measurement ended with {done.returncode}."
            raise BenchError(message)
        found: dict[str, float] = json.loads(done.stdout)
        return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(find(sys.argv[1])))
