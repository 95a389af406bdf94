"""Plays a story on the stage and in the model at once, and holds the one against the other after each act."""

import copy
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from typing import TypeVar

import time_machine
from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy.orm import Session

from annotator.assignments import claiming
from annotator.assignments.rules import SkipReason
from annotator.errors import DomainError
from annotator.prompts import pool
from tests.assignments.model import (
    GRANTS,
    KINDS,
    LEASE,
    LIVE,
    UNDO,
    Decision,
    Given,
    Held,
    Model,
    Piece,
    Share,
    Someone,
)
from tests.assignments.model import practice as is_practice
from tests.assignments.stage import BEGIN, Cast, Scene
from tests.databases import Database
from tests.faults.invariants import broken

T = TypeVar("T")


class Player(RuleBasedStateMachine):
    """One story. All of it happens inside a transaction that is rolled back: the next one finds the cast as it was."""

    def __init__(self, database: Database, cast: Cast) -> None:
        """Begin the transaction, and stop the clock."""
        super().__init__()
        self.cast, self.model, self.pace, self.words, self.turns = cast, Model(BEGIN), timedelta(), 0, 0
        self.exits = ExitStack()
        self.clock = self.exits.enter_context(time_machine.travel(BEGIN, tick=False))
        self.connection = self.exits.enter_context(database.engine.execution_options(writes=True).connect())
        self.exits.callback(self.connection.begin().rollback)
        for person in cast.people:
            self.model.people[person] = Someone(person, decided=[Decision(BEGIN, GRANTS["open"], also_before=False)])
        # Lotteries that come out the same each time a story is told.
        for lottery in (claiming._lottery, pool._lottery):  # noqa: SLF001  # nothing else knows of them
            lottery.seed(1)

    def teardown(self) -> None:
        """Take everything back."""
        self.exits.close()

    def does(self, act: Callable[[Scene], T], refusal: str | None = None) -> T | None:
        """Do it as a request would, in a transaction of its own; it must be refused for just this, or not at all."""
        with Session(self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            try:
                result = act(Scene(session, self.cast))
            except DomainError as error:
                session.rollback()
                if error.code != refusal:
                    raise
                return None
            assert refusal is None, f"not refused: {refusal}"
            session.commit()
            return result

    def passes(self, time: timedelta) -> None:
        """Move the clock."""
        self.model.now += time
        self.clock.move_to(self.model.now)

    def new_words(self) -> str:
        """Return a text that nobody has written yet."""
        self.words += 1
        return f"words {self.words}"

    def some_held(self, which: int, *states: str) -> Held:
        """Return an assignment: those in these states before all others, the youngest first."""
        ranked = sorted(self.model.held.values(), key=lambda one: (one.state in states, one.id), reverse=True)
        return ranked[which % len(ranked)]

    def some_given(self, which: int, *states: str) -> Given:
        """Return an annotation: those in these states before all others, the youngest first."""
        ranked = sorted(self.model.given.values(), key=lambda one: (one.state in states, one.id), reverse=True)
        return ranked[which % len(ranked)]

    def claim(self, person: int, kinds: Sequence[str] | None = None) -> Held | None:
        """Claim: the person gets their unfinished work, else a prompt that suits, else nothing and the right reason."""
        wanted, model = kinds or KINDS, self.model
        live, offers = model.live(person, wanted), model.offers(person, wanted)
        claim = self.does(lambda scene: scene.claims(person, kinds))
        assert claim is not None
        assert claim.fresh is (claim.assignment is not None and not live)
        if claim.assignment is None:
            assert not live, "unfinished work was not given back"
            said = claim.reason, claim.retry_at or claim.waiting
            return self.claim(person, kinds) if self.found_nothing(person, wanted, offers, said) else None
        got = claim.assignment
        if live:
            assert got.id == live[0].id, "not the oldest"
            return live[0]
        model.note_turned_down(person, wanted)
        assert got.prompt_id in offers, f"{got.prompt_id} does not suit, only {offers}"
        held = model.of(person, got.prompt_id) or Held(
            got.id, person, got.prompt_id, "assigned", place=None, since=model.now, until=model.now
        )
        assert held.id == got.id
        model.held[held.id] = held
        held.since = model.now
        model.keep(held)
        return held

    def found_nothing(self, person: int, kinds: Sequence[str], offers: set[int], said: tuple[object, object]) -> bool:
        """See that it is so, and that the reason is the right one; say whether the next claim begins another round."""
        model = self.model
        if model.stopped(person):
            assert said == model.stopped(person), said
            return False
        missed = {prompt for prompt in offers if not model.may_be_missed(person, prompt)}
        another_round = bool(missed) and all(model.is_of_another_round(person, prompt) for prompt in missed)
        assert another_round or not missed, f"{missed} would have suited, and the claim found nothing: {said}"
        model.note_turned_down(person, kinds)
        model.end_round(person, kinds)
        if not offers:
            right = model.why_nothing(person, kinds)
            assert said == right, f"said {said}, and it is {right}"
        return another_round

    def go_on(self, held: Held, then: str) -> None:
        """Do something with a piece of work."""
        if then in {"save", "save an older tab"}:
            self.save(held, held.typed + (then != "save"))
        elif then == "skip":
            self.skip(held)
        elif then == "give back":
            self.release(held)
        elif then == "renew":
            self.renew(held)
        elif then != "leave":
            given = self.submit(held, good=then == "already good")
            if given is not None and then in {"accepted", "declined"}:
                self.decide(given, then)

    def save(self, held: Held, seen: int) -> None:
        """Save from a tab that has seen this version of the draft."""
        refusal, words = self.model.refusal_to_save(held, seen), self.new_words()
        version = self.does(lambda scene: scene.saves(held.id, words, seen), refusal)
        if refusal is None:
            held.typed += 1
            assert version == held.typed
            if held.state in LIVE:
                held.state, held.until = "draft", self.model.now + LEASE

    def skip(self, held: Held) -> None:
        """Skip, for any reason; what was typed is kept for a while."""
        over = None if held.state in LIVE else "assignment_over"
        reasons = list(SkipReason)
        self.does(lambda scene: scene.does("skip", held.id, reason=reasons[held.id % len(reasons)]), over)
        if over is None:
            self.model.end(held, "skipped")

    def release(self, held: Held) -> None:
        """Give back for now."""
        over = None if held.state in LIVE else "assignment_over"
        self.does(lambda scene: scene.does("release", held.id), over)
        if over is None:
            self.model.end(held, "released")
            held.typed = 0

    def renew(self, held: Held) -> None:
        """Let the reservation begin anew, also one that has run out."""
        refusal = self.model.refusal_to_renew(held)
        self.does(lambda scene: scene.does("renew", held.id), refusal)
        if refusal is None and held.state in LIVE:
            held.until = self.model.now + LEASE
        elif refusal is None:
            self.model.keep(held)

    def submit(self, held: Held, *, good: bool) -> Given | None:
        """Hand in; a late submission is kept as long as a place is free."""
        model, words, piece = self.model, self.new_words(), self.model.prompts[held.prompt]
        key, refusal = f"key of {words}", model.refusal_to_submit(held)
        annotation = self.does(lambda scene: scene.submits(held.id, words, key, good=good), refusal)
        if annotation is None:
            return None
        practice = is_practice(model.grants_now(held.person))
        if held.place is None and not practice:
            held.place = min(model.free_places(held.prompt))
        held.state, held.place, held.typed = "submitted", None if practice else held.place, 0
        # A rating of somebody's text holds no text of its own: there is nothing to review.
        state = "accepted" if good and piece.kind == "reannotate" and not piece.batch else "in_review"
        shares = (Share(held.person, annotation, model.now), *piece.shares)
        given = Given(annotation, held.person, held.prompt, state, practice, model.now, shares, words, good)
        model.given[annotation] = given
        return given

    def write(self, person: int) -> Given | None:
        """Hand in something of one's own."""
        words, model, cap = self.new_words(), self.model, self.model.cap(person)
        refusal = "project_paused" if model.state != "open" else cap and cap[0]
        annotation = self.does(lambda scene: scene.writes(person, words), refusal)
        if annotation is None:
            return None
        practice, shares = is_practice(model.grants_now(person)), (Share(person, annotation, model.now),)
        given = Given(annotation, person, None, "in_review", practice, model.now, shares)
        model.given[annotation] = given
        return given

    def undo(self, held: Held) -> None:
        """Take a skip back; what was reserved in its stead and not begun goes back to the pool."""
        refusal = self.model.refusal_to_undo(held)
        self.does(lambda scene: scene.does("undo_skip", held.id), refusal)
        if refusal is None:
            for other in self.model.live(held.person, KINDS):
                if other.state == "assigned":
                    self.model.end(other, "released")
            self.model.keep(held)

    def withdraw_everything(self, person: int) -> None:
        """Take everything back, begun work with it."""
        mine = [one for one in self.model.given.values() if one.person == person and one.state != "withdrawn"]
        self.does(lambda scene: scene.withdraws(person, None), None if mine else "nothing_to_withdraw")
        if not mine:
            return
        for given in mine:
            self.model.withdraw(given)
        for held in self.model.live(person, KINDS):
            self.model.end(held, "released")
        for held in self.model.held.values():
            held.typed = held.typed if held.person != person else 0

    def decide(self, given: Given, outcome: str) -> None:
        """Review; a declined text frees its place, an accepted one may enter the pool."""
        refusal = self.model.refusal_to_decide(self.cast.reviewer, given)
        prompt = self.does(lambda scene: scene.decides(given.id, outcome), refusal)
        if refusal is not None:
            return
        given.state = outcome
        if outcome == "declined":
            held = self.model.of(given.person, given.prompt or 0)
            if held is not None:
                held.place = None
            return
        assert (prompt is not None) is self.model.pools(given)
        if prompt is not None:
            root = self.model.prompts.get(given.prompt or 0)
            if root is not None and not root.batch:
                root.state = "closed"
            sources, reader = (root.sources, root.reader) if root else ("free", "own")
            self.model.prompts[prompt] = Piece(prompt, "reannotate", sources, reader, 0, given.shares)

    def allow(self, person: int, grants: str, *, also_before: bool) -> None:
        """Decide for everything."""
        chosen = dict(GRANTS[grants])
        self.does(lambda scene: scene.allows(person, chosen, also_before=also_before))
        self.model.people[person].decided.append(Decision(self.model.now, chosen, also_before))

    def sweep(self) -> None:
        """Be the worker: end what is due, and forget what nobody can undo any more."""
        model = self.model
        due = [one for one in model.held.values() if one.state in LIVE and one.until < model.now]
        old = [one for one in model.held.values() if one.state == "skipped" and one.ended < model.now - UNDO]
        assert self.does(Scene.sweeps) == (len(due), sum(one.typed > 0 for one in old))
        for held in due:
            model.end(held, "expired")
        for held in old:
            held.typed = 0

    def look_through(self, person: int) -> None:
        """Would this person claim again and again until nothing is left, not one prompt that suits would stay unseen."""
        before, trial = self.model, self.connection.begin_nested()
        self.model = copy.deepcopy(before)
        while (held := self.claim(person)) is not None:
            self.does(partial(Scene.sets_aside, assignment=held.id))
            held.state = "skipped"
        trial.rollback()
        self.model = before

    def check(self) -> None:
        """See that the promises hold, and that the tables are what the model is."""
        unkept = broken(self.connection)
        assert not unkept, unkept
        model = self.model
        with Session(self.connection, join_transaction_mode="create_savepoint") as session:
            scene = Scene(session, self.cast)
            assert scene.assignments() == {
                one.id: (one.person, one.prompt, one.state, one.place, one.until, one.typed or None)
                for one in model.held.values()
            }
            assert scene.prompts() == {one.id: (one.state, model.free(one.id)) for one in model.prompts.values()}
            assert scene.annotations() == {
                one.id: (one.person, one.prompt, one.state, one.practice) for one in model.given.values()
            }
