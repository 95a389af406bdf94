"""Many people at work at once: what each does next is a lottery, what they were told is written down.

``python -m tests.faults.crew URL GROUND NUMBER`` is one process of several; it prints what it was told as JSON.
"""

import json
import random
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, func, insert, select, update
from sqlalchemy.orm import Session

from annotator import clock, database
from annotator import models as _models  # noqa: F401  # foreign keys by name need every table
from annotator.accounts.models import Person
from annotator.annotations import actions as annotations
from annotator.annotations.models import Annotation
from annotator.annotations.rules import Written
from annotator.assignments import actions
from annotator.assignments.models import Assignment
from annotator.assignments.rules import LIVE
from annotator.database import make_engine, open_session
from annotator.errors import DomainError
from annotator.languages.models import Language
from annotator.languages.queries import actor_for
from annotator.permissions import OPERATOR, Actor
from annotator.projects.models import Project
from annotator.prompts import actions as prompts
from annotator.prompts.models import Prompt
from annotator.prompts.steering import actions as steering
from annotator.prompts.steering.queries import Part
from annotator.review import actions as reviews
from annotator.rights import actions as rights
from tests.stories import a_contributor, a_prompt, a_world, allow, an_ambassador

# Whether everything holds is asked here, and not how fast: nobody is turned away for having waited on a slow machine.
PATIENCE_MS = 120_000
OPEN = {"publish": "open"} | dict.fromkeys(("derive", "train", "evaluate", "research", "commercial"), True)

# What people may be told when others were quicker; anything else is a fault.
QUICKER = frozenset({
    "already_submitted", "assignment_over", "decided_already", "draft_gone", "draft_newer", "nothing_to_withdraw", "not_permitted",
    "place_taken", "text_withdrawn", "undo_too_late",
})  # fmt: skip


@dataclass(frozen=True)
class Ground:
    """Where they work: ids of a project, its language, its people and its reviewer."""

    project: int
    language: int
    people: tuple[int, ...]
    reviewer: int

    @property
    def moody(self) -> tuple[int, ...]:
        """Those who change their mind about whether others may build on their words."""
        return self.people[-5:]


@dataclass
class Told:
    """What people were told: the annotations that were acknowledged, how often what was done, and every fault."""

    submitted: list[int] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, other: "Told") -> None:
        """Add what others were told."""
        self.submitted += other.submitted
        self.done += other.done
        self.faults += other.faults


def a_ground(session: Session, *, people: int, pool: int, overlap: int = 2) -> Ground:
    """Make people, and a pool that is small enough for them to get in each other's way."""
    world = a_world(session, overlap=overlap, reannotate_contributions=True)
    crowd = [a_contributor(session, world.language) for _ in range(people)]
    reviewer = an_ambassador(session, world.language)
    fill(session, a_prompt(session, world.project, world.language), pool - 1)
    session.commit()
    return Ground(world.project.id, world.language.id, tuple(person.id for person in crowd), reviewer.id)


def fill(session: Session, like: Prompt, number: int) -> None:
    """Put ``number`` more prompts like this one into the pool, all over the shuffle; every third has a completion."""
    row = {c.name: getattr(like, c.name) for c in Prompt.__table__.columns if c.name != "id"}
    more = [
        {
            **row,
            "kind": "answer" if i % 3 else "reannotate",
            "completion": None if i % 3 else "A completion.",
            "shuffle": (i + 1) * (2**31 // (number + 2)),
            "text_hash": f"many {i}",
        }
        for i in range(number)
    ]
    session.execute(insert(Prompt), more)


class Hand:
    """One person's browser, or somebody who does the same thing again and again; a transaction for each act."""

    def __init__(self, engine: Engine, ground: Ground, person: int, seed: str) -> None:
        """Sit down."""
        self.engine, self.ground, self.person, self.told = engine, ground, person, Told()
        self.lottery = random.Random(seed)  # noqa: S311  # a story, no secret

    def works(self, turns: int) -> None:
        """Claim and do something about it, again and again."""
        for _ in range(turns):
            assignment = self.does("claim", self.claims)
            if assignment is None:
                continue
            for _ in range(self.lottery.randint(1, 3)):
                verb = self.lottery.choice(["save", "save", "renew", "submit", "submit", "submit", "skip", "release"])
                if self.does(verb, getattr(self, f"{verb}s"), assignment) is None or verb == "submit":
                    break
            if self.lottery.random() < 0.3:  # some think better of it
                self.does("undo", self.undoes, assignment)

    def sweeps(self, turns: int) -> None:
        """Let the time of some reservations be over, and end them."""
        for _ in range(turns):
            self.does("hour", self._lets_an_hour_pass)
            self.does("expire", actions.expire_due)

    def withdraws(self, turns: int) -> None:
        """Take back somebody's text, sometimes all of theirs."""
        for _ in range(turns):
            self.does("withdraw", self._takes_back)

    def decides(self, turns: int) -> None:
        """Accept some texts, which enter the pool, and decline others, which frees their places."""
        for _ in range(turns):
            self.does("decide", self._judges)

    def steers(self, turns: int) -> None:
        """Put some prompts before others, let some wait for a while, and let one more person work on each."""
        for turn in range(turns):
            self.does("steer", self._steers)
            if turn % 4 == 0:
                self.does("overlap", self._raises_the_overlap)
        self.does("steer", self._lets_nothing_wait)

    def allows(self, turns: int) -> None:
        """Decide anew whether others may build on one's words."""
        for _ in range(turns):
            self.does("allow", self._decides_anew)

    def does(self, what: str, act: Callable[..., Any], *more: object) -> Any:  # noqa: ANN401  # what the act returns
        """Do one thing as a request does: a session, one action, a commit."""
        try:
            with open_session(self.engine, writes=True) as session:
                result = act(session, *more)
                session.commit()
        except DomainError as error:
            self.told.done[error.code] += 1
            if error.code not in QUICKER:
                self.told.faults.append(f"{what}: {error.code} {error.facts}")
            return None
        except Exception:  # noqa: BLE001  # whatever else happens is a fault, and is told
            self.told.faults.append(f"{what}: {traceback.format_exc()}")
            return None
        self.told.done[what] += 1
        if what == "submit":
            self.told.submitted.append(result)
        return result

    # ------------------------------------------------------------------------------------------ what one transaction does

    def _actor(self, session: Session, person: int | None = None) -> Actor:
        return actor_for(session, session.get_one(Person, person or self.person))

    def _assignment(self, session: Session, assignment: int) -> dict[str, Any]:
        return {"actor": self._actor(session), "assignment": session.get_one(Assignment, assignment)}

    def claims(self, session: Session) -> int | None:
        claim = actions.claim(
            session,
            actor=self._actor(session),
            project=session.get_one(Project, self.ground.project),
            language=session.get_one(Language, self.ground.language),
        )
        return claim.assignment.id if claim.assignment else None

    def saves(self, session: Session, assignment: int) -> bool:
        actions.save_draft(
            session,
            **self._assignment(session, assignment),
            project=session.get_one(Project, self.ground.project),
            language=session.get_one(Language, self.ground.language),
            texts={"completion": "So far"},
            version=self.lottery.choice([0, 1]),
        )
        return True

    def renews(self, session: Session, assignment: int) -> bool:
        actions.renew(session, **self._assignment(session, assignment))
        return True

    def skips(self, session: Session, assignment: int) -> bool:
        actions.skip(session, **self._assignment(session, assignment), reason="unclear")
        return True

    def undoes(self, session: Session, assignment: int) -> bool:
        actions.undo_skip(session, **self._assignment(session, assignment))
        return True

    def releases(self, session: Session, assignment: int) -> bool:
        actions.release(session, **self._assignment(session, assignment))
        return True

    def submits(self, session: Session, assignment: int) -> int:
        facts = self._assignment(session, assignment)
        words = f"An answer, {self.lottery.random()}."
        written = Written(completion=words, rating_prompt=4, rating_completion=3)
        return annotations.submit(session, **facts, written=written, key=f"{self.person} {words}").id

    def _lets_an_hour_pass(self, session: Session) -> None:
        live = select(Assignment.id).where(Assignment.state.in_(LIVE)).order_by(func.random()).limit(2)
        for assignment in session.scalars(live).all():
            long_ago = clock.now() - timedelta(minutes=1)
            session.execute(update(Assignment).where(Assignment.id == assignment).values(lease_until=long_ago))
            session.commit()

    def _takes_back(self, session: Session) -> None:
        standing = select(Annotation).where(Annotation.withdrawn_at.is_(None)).order_by(func.random()).limit(1)
        found = session.scalar(standing)
        if found is not None:
            everything = self.lottery.random() < 0.2  # mostly one text
            person = session.get_one(Person, found.author_id)
            rights.withdraw(
                session,
                actor=self._actor(session, person.id),
                person=person,
                annotation=None if everything else found,
            )

    def _steers(self, session: Session) -> None:
        some = session.scalars(select(Prompt.id).order_by(func.random()).limit(self.lottery.choice([5, 60]))).all()
        part = Part(session.get_one(Project, self.ground.project), prompt_ids=tuple(some))
        verb = self.lottery.choice(["prioritise", "pause", "resume"])
        if verb == "prioritise":
            steering.prioritise(session, actor=OPERATOR, part=part, priority=self.lottery.randint(-1, 1))
        else:
            getattr(steering, verb)(session, actor=OPERATOR, part=part)

    def _lets_nothing_wait(self, session: Session) -> None:
        every = tuple(session.scalars(select(Prompt.id)))
        part = Part(session.get_one(Project, self.ground.project), prompt_ids=every)
        steering.resume(session, actor=OPERATOR, part=part)

    def _raises_the_overlap(self, session: Session) -> None:
        project = session.get_one(Project, self.ground.project)
        prompts.raise_overlap(session, actor=OPERATOR, project=project, overlap=project.overlap + 1)

    def _decides_anew(self, session: Session) -> None:
        person = session.get_one(Person, self.lottery.choice(self.ground.moody))
        grants = OPEN | {"derive": self.lottery.random() < 0.5}
        allow(session, person, preset="custom", rights=grants, attribution="none", also_before=True)

    def _judges(self, session: Session) -> None:
        waiting = select(Annotation).where(Annotation.state == "in_review").order_by(func.random()).limit(1)
        found = session.scalar(waiting)
        if found is not None:
            outcome = self.lottery.choice(["accepted", "accepted", "declined"])
            reasons = ["not_true"] if outcome == "declined" else []
            reviewer = self._actor(session, self.ground.reviewer)
            reviews.decide(session, actor=reviewer, annotation=found, outcome=outcome, reasons=reasons)


def let_work(
    engine: Engine, ground: Ground, people: Iterable[int], *, turns: int, name: str, besides: Sequence[str] = ()
) -> Told:
    """Let all of them work at once, each in a thread, and others who sweep, withdraw and decide ``besides``."""
    jobs = [(Hand(engine, ground, person, f"{name} {person}"), "works", turns) for person in people]
    jobs += [(Hand(engine, ground, ground.reviewer, f"{name} {verb}"), verb, 4 * turns) for verb in besides]
    begin = threading.Barrier(len(jobs))

    def run(hand: Hand, verb: str, times: int) -> None:
        begin.wait()
        getattr(hand, verb)(times)

    threads = [threading.Thread(target=run, args=job, name=job[1]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = Told()
    for hand, _verb, _times in jobs:
        told.add(hand.told)
    return told


def main(url: str, ground: str, number: int, processes: int) -> None:
    """Be one process of several: its share of the people, and one of those who work besides."""
    place = Ground(**json.loads(ground))
    database.SQLITE_BUSY_MS = PATIENCE_MS
    engine = make_engine(url)
    people = place.people[number::processes]
    besides = (["sweeps", "steers"], ["withdraws"], ["decides"], ["allows"])[number % 4]
    told = let_work(engine, place, people, turns=4, name=f"process {number}", besides=besides)
    engine.dispose()
    sys.stdout.write(json.dumps({"submitted": told.submitted, "done": told.done, "faults": told.faults}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
