"""`annotator bench claim`: fill a database, start the server, let people work over HTTP, count, compare."""

import math
import sys
from dataclasses import dataclass
from functools import partial
from statistics import fmean
from typing import Any

import click
from sqlalchemy import Engine

from annotator.bench import evidence, filling, importing, machine, raw, releasing, working
from annotator.bench.evidence import Evidence
from annotator.bench.filling import Member
from annotator.bench.ground import BenchError, Ground, ground
from annotator.bench.machine import Memory
from annotator.bench.releasing import Publication
from annotator.bench.server import serving
from annotator.bench.working import Seen
from annotator.database import make_engine, open_session
from annotator.web.commandline import progress

# The most cycles a second that the pool is made to last for, twice over.
FASTEST = 1_000


@dataclass(frozen=True)
class Plan:
    """How a run is to be. Times in seconds; ``pace``: how many one piece of work takes a person (None: no pause at all).

    ``release``: of how many accepted texts a release is published meanwhile; only at a pace, by two people or more.
    """

    database_url: str | None = None
    prompts: int = 10_000
    people: int = 8
    seconds: float = 20.0
    warm_up: float = 5.0
    pages: float = 5.0
    reference: float = raw.SECONDS
    workers: int = 2
    cores: int | None = None
    pace: float | None = None
    release: int | None = None
    keep: bool = False

    @property
    def overlap(self) -> int:
        """How many people may work on a prompt, so that twice the cycles there can be do not drain the pool."""
        cycles = (self.seconds + self.warm_up) * FASTEST
        return min(self.people, math.ceil(2 * cycles / self.prompts))


def run(plan: Plan) -> dict[str, Any]:
    """Run it and return the figures by name, in the order in which they are shown.

    Raises BenchError when it could not be run.
    """
    with ground(plan.database_url, keep=plan.keep) as place:
        engine = make_engine(place.url)
        try:
            return _run(plan, place, engine)
        finally:
            engine.dispose()


def _run(plan: Plan, place: Ground, engine: Engine) -> dict[str, Any]:
    members = fill(plan, place, engine)
    before = _reference(plan, place)
    publication = Publication()
    with serving(place, workers=plan.workers, cores=plan.cores) as server, machine.watched(place.folder) as memory:
        _tell(f"People are at work; measured for {plan.seconds:g} s")
        seen = _work(plan, place, engine, members, publication)
        if server.process.poll() is not None:
            seen.notes.error("server: it ended", server.tail())
    with engine.connect() as connection:
        found = evidence.gather(connection, seen.notes.acknowledged)
    return _facts(plan, seen, found, memory, publication, references=(before, _reference(plan, place))) | {
        **filling.conditions(engine),
        "machine": machine.described(),
        "what_went_wrong": {**seen.words, **found.duplicates, **found.missing},
    }


def _work(plan: Plan, place: Ground, engine: Engine, members: list[Member], publication: Publication) -> Seen:
    """Let the people work as the plan says."""
    if plan.pace is None:
        return working.at_full_speed(
            place, members, overlap=plan.overlap, warm_up=plan.warm_up, seconds=plan.seconds, pages=plan.pages
        )
    meanwhile = partial(releasing.publish, place, engine, plan.cores, publication) if plan.release else None
    seen = working.at_a_pace(
        place, members, overlap=plan.overlap, pace=plan.pace, seconds=plan.seconds, meanwhile=meanwhile
    )
    if publication.why_not is not None:
        seen.notes.error("release: not published", publication.why_not)
    return seen


def _facts(
    plan: Plan,
    seen: Seen,
    found: Evidence,
    memory: Memory,
    publication: Publication,
    *,
    references: tuple[float, float],
) -> dict[str, Any]:
    figures, reference = seen.notes.figures(), fmean(references)
    facts = {
        **figures,
        "errors": seen.errors.total(),
        "duplicates": seen.notes.duplicates + sum(found.duplicates.values()),
        "lost": found.lost,
        "missing": sum(found.missing.values()),
        "raw_claims_per_second": round(reference, 1),
        "raw_before_and_after": [round(one, 1) for one in references],
        "ratio_to_raw": round(figures["cycles_per_second"] / reference, 5),
        "page_requests_per_second": None,
        "page_p95_ms": None,
        "web_process_mb": _whole(memory.web),
        "worker_mb": _whole(memory.worker),
        "all_processes_mb": _whole(memory.together),
        "server_cores": round(seen.cores("server"), 3),
        "people_cores": round(seen.cores("client"), 3),
        "all_cores": round(seen.cores("machine"), 3),
        "server_ms_per_cycle": seen.server_ms_per_cycle,
        "prompts": plan.prompts,
        "people": plan.people,
        "overlap": plan.overlap,
        "seconds": round(seen.notes.span.seconds, 1),
        "warm_up_seconds": plan.pace or plan.warm_up,
        "annotations": found.annotations,
        "pace_seconds": plan.pace,
        "workers": plan.workers,
        "held_to_cores": plan.cores,
    }
    if seen.pages is not None:
        looked = seen.pages.times_of_requests(seen.pages.span)
        facts["page_requests_per_second"] = round(looked["requests"] / plan.pages, 1)
        facts["page_p95_ms"] = looked["request_p95_ms"]
    if publication.span is not None:
        meanwhile = seen.notes.times_of_requests(publication.span)
        facts |= {"release_rows": publication.rows, "release_seconds": round(publication.span.seconds, 1)}
        facts |= {f"release_{name}": value for name, value in meanwhile.items()}
    return facts


def _tell(what: str) -> None:
    """Say on a terminal what goes on; a bar that moves would take its share of the machine."""
    if sys.stderr.isatty():
        click.echo(f"{what} …", err=True)


def _reference(plan: Plan, place: Ground) -> float:
    _tell("Measuring the reference")
    try:
        return raw.measure(place.dsn, rows=plan.prompts, seconds=plan.reference)
    except raw.Drained as error:
        message = "The reference ran out of rows: give more --prompts."
        raise BenchError(message) from error


def _whole(megabytes: float | None) -> int | None:
    return None if megabytes is None else math.ceil(megabytes)


def fill(plan: Plan, place: Ground, engine: Engine) -> list[Member]:
    """Make the project, import the prompts by the program's own command, and let the people join."""
    with open_session(engine, writes=True) as session:
        filling.found(session, overlap=plan.overlap)
        session.commit()
    file = place.folder / "prompts.jsonl"
    with progress("Writing prompts") as so_far:
        importing.write_rows(file, plan.prompts, repeats=False, progress=so_far)
    imported = importing.run(place, file)
    if imported.added != plan.prompts:
        message = f"Of {plan.prompts:,} prompts {imported.added:,} came in."
        raise BenchError(message)
    with open_session(engine, writes=True) as session, progress("Welcoming people") as so_far:
        members = []
        for number, member in enumerate(filling.join(session, plan.people), start=1):
            members.append(member)
            so_far(number)
        session.commit()
    if plan.release:
        with open_session(engine, writes=True) as session, progress("Writing accepted texts") as so_far:
            releasing.accept(session, members, plan.release, so_far)
            session.commit()
    filling.settle(engine)
    return members
