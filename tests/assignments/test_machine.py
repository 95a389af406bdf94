"""Anything that people can do with assignments, in any order, against a model by brute force, on both databases.

``ANNOTATOR_TEST_EXAMPLES`` is how many stories are tried, half as many on PostgreSQL; ``make faults`` tries many.
"""

import os
from collections.abc import Iterable
from datetime import timedelta

import time_machine
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from annotator.database import open_session
from tests.assignments.model import GRANTS, KINDS, SOURCES, Piece
from tests.assignments.player import Player
from tests.assignments.stage import BEGIN, a_cast
from tests.databases import Database

EXAMPLES = int(os.environ.get("ANNOTATOR_TEST_EXAMPLES") or 30)
STEPS = 30
LANES = (("open", "sharealike", "noncommercial", "gated"), ("open", "sharealike"), ("open", "gated"))

_which = st.integers(0, 7)
_who = st.integers(0, 2)
_two = st.permutations(range(3))
_kinds = st.sampled_from([None, None, ("answer",), ("reannotate",)])
_then = st.sampled_from(["leave", "leave", "save", "skip", "submit", "already good", "accepted", "declined"])
_next = st.sampled_from(["save", "save an older tab", "skip", "give back", "renew", "submit", "already good"])


class Machine(Player):
    """What may happen next: single acts, and short scenes of acts that matter to each other."""

    # ------------------------------------------------------------------------------------------ maintainers

    @initialize(
        overlap=st.sampled_from([1, 1, 2, 3]),
        lanes=st.sampled_from(LANES),
        pooled=st.sampled_from([True, True, False]),
        caps=st.sampled_from([(None, None), (None, None), (None, None), (2, None), (None, 3)]),
        pace=st.sampled_from([0, 1, 45]),
        numbers=st.tuples(st.integers(0, 2), st.integers(0, 1)),
    )
    def settles(
        self,
        overlap: int,
        lanes: tuple[str, ...],
        caps: tuple[int | None, int | None],
        pace: int,
        numbers: tuple[int, int],
        *,
        pooled: bool,
    ) -> None:
        """A project is set up, with some prompts; ``pace`` seconds pass after each act."""
        self.does(lambda scene: scene.settles(overlap=overlap, lanes=lanes, pooled=pooled, caps=caps))
        self.model.overlap, self.model.lanes, self.model.pooled = overlap, lanes, pooled
        self.model.daily_cap, self.model.total_cap = caps
        self.pace = timedelta(seconds=pace)
        for kind, number in zip(KINDS, numbers, strict=True):
            if number:
                self.imports(kind, "free", "own", number)

    @rule(
        kind=st.sampled_from(KINDS),
        sources=st.sampled_from(["free", "free", "free", *SOURCES]),
        reader=st.sampled_from(["own", "own", "english"]),
        number=st.integers(1, 2),
    )
    def imports(self, kind: str, sources: str, reader: str, number: int) -> None:
        """Prompts come in."""
        names = [self.new_words() for _ in range(number)]
        found = self.does(lambda scene: scene.imports(kind, sources, reader, names)) or []
        assert len(found) == number
        self.model.batches += 1
        for prompt in found:
            self.model.prompts[prompt] = Piece(prompt, kind, sources, reader, self.model.batches)

    @rule(who=_who)
    def pauses(self, who: int) -> None:
        """The project is paused for a while, and somebody would like to work."""
        self.does(lambda scene: scene.pauses(pause=True))
        self.model.state = "paused"
        self.write(self.cast.people[who])
        held = self.claim(self.cast.people[who])
        if held is not None:
            self.submit(held, good=False)
        self.does(lambda scene: scene.pauses(pause=False))
        self.model.state = "open"

    @precondition(lambda self: self.model.overlap < 4)
    @rule()
    def raises_overlap(self) -> None:
        """One more person may work on each prompt."""
        self.does(lambda scene: scene.raises_overlap(self.model.overlap + 1))
        self.model.overlap += 1

    @precondition(lambda self: self.model.prompts)
    @rule(which=st.sets(_which, min_size=1, max_size=3), priority=st.sampled_from([-1, 1, 2]))
    def prioritises(self, which: set[int], priority: int) -> None:
        """Some prompts come before or behind others."""
        chosen = self.some_prompts(which)
        self.does(lambda scene: scene.prioritises(chosen, priority))

    @precondition(lambda self: self.model.prompts)
    @rule(which=st.sets(_which, min_size=1, max_size=3), who=_who, again=st.sampled_from([True, True, False]))
    def keeps_waiting(self, which: set[int], who: int, *, again: bool) -> None:
        """Some prompts wait while somebody claims; mostly they are offered again then."""
        chosen = self.some_prompts(which)
        self.steer("pause", chosen, "open", "paused")
        self.claim(self.cast.people[who])
        if again:
            self.steer("resume", chosen, "paused", "open")

    def some_prompts(self, which: Iterable[int]) -> set[int]:
        """Return prompts by their number from the newest."""
        known = sorted(self.model.prompts, reverse=True)
        return {known[one % len(known)] for one in which}

    def steer(self, verb: str, chosen: set[int], before: str, after: str) -> None:
        """Bring prompts from one state into another."""
        pieces = [self.model.prompts[prompt] for prompt in chosen if self.model.prompts[prompt].state == before]
        assert self.does(lambda scene: scene.steers(verb, chosen)) == len(pieces)
        for piece in pieces:
            piece.state = after

    @rule(minutes=st.sampled_from([0.5, 5, 11, 61, 1500]), sweep=st.sampled_from([True, True, False]))
    def time_passes(self, minutes: float, *, sweep: bool) -> None:
        """Nobody does anything for a while; then a worker ends what is due, or has not come to it yet."""
        self.passes(timedelta(minutes=minutes))
        if sweep:
            self.sweep()

    # ------------------------------------------------------------------------------------------ work

    @rule(who=_who, kinds=_kinds, then=_then)
    def works(self, who: int, kinds: tuple[str, ...] | None, then: str) -> None:
        """Somebody claims, and leaves it at that, or does something about it at once."""
        held = self.claim(self.cast.people[who], kinds)
        if held is not None:
            self.go_on(held, then)

    @rule(who=_two, thens=st.tuples(_then, _then))
    def two_work(self, who: list[int], thens: tuple[str, str]) -> None:
        """Two claim, one after the other, and then each does something."""
        claimed = [self.claim(self.cast.people[each]) for each in who[:2]]
        for held, then in zip(claimed, thens, strict=True):
            if held is not None:
                self.go_on(held, then)

    @precondition(lambda self: self.model.held)
    @rule(which=_which, then=_next)
    def goes_on(self, which: int, then: str) -> None:
        """Somebody goes on with what they have, had or let expire."""
        self.go_on(self.some_held(which, "assigned", "draft", "expired"), then)

    @rule(who=_two, then=_next)
    def comes_late(self, who: list[int], then: str) -> None:
        """Somebody lets the time of a reservation run out, others claim meanwhile, and then it is taken up again."""
        held = self.claim(self.cast.people[who[0]])
        if held is None:
            return
        self.passes(timedelta(minutes=61))
        self.sweep()
        for other in who[1:]:
            self.claim(self.cast.people[other])
        self.go_on(held, then)

    @rule(who=_two)
    def regrets_a_skip(self, who: list[int]) -> None:
        """Somebody skips what they claimed, somebody claims meanwhile, and the skip is taken back."""
        held = self.claim(self.cast.people[who[0]])
        if held is not None:
            self.skip(held)
            self.claim(self.cast.people[who[1]])
            self.undo(held)

    @precondition(lambda self: any(one.state == "skipped" for one in self.model.held.values()))
    @rule(which=_which)
    def undoes_a_skip(self, which: int) -> None:
        """A skip is taken back, perhaps too late."""
        self.undo(self.some_held(which, "skipped"))

    @precondition(lambda self: any(one.prompt for one in self.model.given.values()))
    @rule(which=_which, same=st.booleans())
    def sends_again(self, which: int, *, same: bool) -> None:
        """A submission arrives a second time, or other words under the same key."""
        sent = [one for one in self.model.given.values() if one.prompt]
        given = sent[which % len(sent)]
        held, words = self.model.of(given.person, given.prompt or 0), given.words if same else self.new_words()
        assert held is not None
        key, good, refusal = f"key of {given.words}", given.good and same, None if same else "submission_key_used"
        again = self.does(lambda scene: scene.submits(held.id, words, key, good=good), refusal)
        assert again == (given.id if same else None)

    @rule(who=_who, accepted=st.sampled_from([True, True, False]))
    def writes(self, who: int, *, accepted: bool) -> None:
        """Somebody writes something of their own, which may be accepted at once and enter the pool."""
        given = self.write(self.cast.people[who])
        if given is not None and accepted:
            self.decide(given, "accepted")

    # ------------------------------------------------------------------------------------------ rights and reviews

    @precondition(lambda self: self.model.given)
    @rule(which=_which, everything=st.sampled_from([False, False, False, True]))
    def withdraws(self, which: int, *, everything: bool) -> None:
        """A text is taken back, or everything that its author has written."""
        given = self.some_given(which, "in_review", "accepted", "declined")
        if everything:
            self.withdraw_everything(given.person)
            return
        refusal = "not_permitted" if given.state == "withdrawn" else None
        self.does(lambda scene: scene.withdraws(given.person, given.id), refusal)
        if refusal is None:
            self.model.withdraw(given)

    @precondition(lambda self: self.model.given)
    @rule(which=_which, outcome=st.sampled_from(["accepted", "accepted", "declined"]))
    def decides(self, which: int, outcome: str) -> None:
        """The ambassador reviews."""
        self.decide(self.some_given(which, "in_review"), outcome)

    @rule(who=_two, grants=st.sampled_from(sorted(GRANTS)), also_before=st.booleans(), back=st.booleans())
    def changes_mind(self, who: list[int], grants: str, *, also_before: bool, back: bool) -> None:
        """Somebody decides anew what may be done with their words; the others claim; perhaps all is allowed again."""
        person = self.cast.people[who[0]]
        self.allow(person, grants, also_before=also_before)
        for each in who:
            self.claim(self.cast.people[each])
        if back:
            self.allow(person, "open", also_before=also_before)

    @rule(who=_who, english=st.booleans(), own=st.sampled_from([True, True, True, True, False]))
    def speaks(self, who: int, *, english: bool, own: bool) -> None:
        """Somebody reads English too, or no more; or does not write the language of the work any more."""
        person = self.cast.people[who]
        someone = self.model.people[person]
        if "english" in someone.reads and not english:
            self.does(lambda scene: scene.forgets_english(person))
        self.does(lambda scene: scene.speaks(person, english=english, own=own))
        someone.reads, someone.writes = {"own", "english"} if english else {"own"}, own

    @invariant()
    def the_tables_say_the_same(self) -> None:
        """After every act: and there is nothing that the next of the people would not find. Then some time passes."""
        self.check()
        self.look_through(self.cast.people[self.turns % len(self.cast.people)])
        self.turns += 1
        self.passes(self.pace)


def test_every_order_of_acts(database: Database) -> None:
    with time_machine.travel(BEGIN, tick=False), open_session(database.engine, writes=True) as session:
        cast = a_cast(session)
        session.commit()
    examples = EXAMPLES if database.dialect == "sqlite" else EXAMPLES // 2
    run_state_machine_as_test(
        lambda: Machine(database, cast),  # type: ignore[arg-type]  # what makes one is as good as its class
        settings=settings(max_examples=examples, stateful_step_count=STEPS),
    )
