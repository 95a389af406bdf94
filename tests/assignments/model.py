"""The assignment by brute force: every promise in the plainest way, over plain lists, with nothing of the program in it.

It remembers what everybody did and answers what must happen next: who may have which prompt, why there is none, and
what an action is refused for. It has no cursor, no index and no counter, so it cannot share a fault with them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

LEASE = timedelta(minutes=60)
UNDO = timedelta(minutes=10)
DAY = timedelta(hours=24)
NEVER = datetime.max.replace(tzinfo=UTC)

LIVE = ("assigned", "draft")
KINDS = ("answer", "reannotate")
RIGHTS = ("publish", "derive", "train", "evaluate", "research", "commercial")
GRANTS: Mapping[str, Mapping[str, int]] = {
    "open": dict.fromkeys(RIGHTS, 1) | {"publish": 2},
    "noncommercial": dict.fromkeys(RIGHTS, 1) | {"publish": 2, "commercial": 0},
    "gated": dict.fromkeys(RIGHTS, 1) | {"commercial": 0},
    "practice": dict.fromkeys(RIGHTS, 0),
    "not to be edited": dict.fromkeys(RIGHTS, 1) | {"publish": 2, "derive": 0},
}
SOURCES = ("free", "sharealike", "noncommercial", "closed")


@dataclass(frozen=True)
class Decision:
    """What a person allowed at a moment, for everything they write."""

    at: datetime
    grants: Mapping[str, int]
    also_before: bool


@dataclass
class Someone:
    """A person: what they read beside their own language, whether they write it, and all that they decided."""

    id: int
    reads: set[str] = field(default_factory=lambda: {"own"})
    writes: bool = True
    decided: list[Decision] = field(default_factory=list)

    def grants(self, given_at: datetime) -> dict[str, int]:
        """Return what stands for a text given at that moment: its start, narrowed or (also before) replaced since."""
        known = [one for one in self.decided if one.at <= given_at]
        result = dict(known[-1].grants) if known else dict.fromkeys(RIGHTS, 0)
        for later in self.decided[len(known) :]:
            for name in RIGHTS:
                result[name] = later.grants[name] if later.also_before else min(result[name], later.grants[name])
        return result


@dataclass(frozen=True)
class Share:
    """Words of a person in a pooled prompt, and the annotation that they stand in."""

    person: int
    text: int
    given_at: datetime


@dataclass
class Piece:
    """A prompt. ``batch``: the import that brought it, 0 for a pooled text, whose words are those of ``shares``."""

    id: int
    kind: str
    sources: str
    reader: str
    batch: int
    shares: tuple[Share, ...] = ()
    state: str = "open"


@dataclass
class Held:
    """An assignment; ``place`` is the number of the one that it holds; ``typed`` its draft's version, 0 without one."""

    id: int
    person: int
    prompt: int
    state: str
    place: int | None
    since: datetime
    until: datetime
    typed: int = 0
    ended: datetime = NEVER


@dataclass
class Given:
    """An annotation; ``made_from`` are the words it was made from, its own with them."""

    id: int
    person: int
    prompt: int | None
    state: str
    practice: bool
    at: datetime
    shares: tuple[Share, ...]
    words: str = ""
    good: bool = False


def practice(grants: Mapping[str, int]) -> bool:
    """Nothing may leave, or for no purpose."""
    return not grants["publish"] or not (grants["train"] or grants["evaluate"] or grants["research"])


def lane(sources: str, grants: Mapping[str, int]) -> str | None:
    """Return where a row could stand in a release (the table of rights-model §2.5), or None."""
    if practice(grants):
        return None
    public = grants["publish"] == 2 and all(grants[name] for name in ("derive", "train", "evaluate", "research"))
    column = 2 if not public else 0 if grants["commercial"] else 1
    return {
        "free": ("open", "noncommercial", "gated"),
        "sharealike": ("sharealike", None, None),
        "noncommercial": ("noncommercial", "noncommercial", None),
        "closed": (None, None, None),
    }[sources][column]


@dataclass
class Model:
    """A project in one language, and everything that ever happened in it."""

    now: datetime
    overlap: int = 1
    lanes: tuple[str, ...] = ("open", "sharealike", "noncommercial", "gated")
    pooled: bool = True
    state: str = "open"
    daily_cap: int | None = None
    total_cap: int | None = None
    batches: int = 0
    people: dict[int, Someone] = field(default_factory=dict)
    prompts: dict[int, Piece] = field(default_factory=dict)
    held: dict[int, Held] = field(default_factory=dict)
    given: dict[int, Given] = field(default_factory=dict)
    # The one documented weakness (decision 0034): which prompts were passed over for their authors' sake, and which import was the last then.
    turned_down: dict[tuple[int, int], int] = field(default_factory=dict)
    # Which import was the last when a person's claim came to the end of everything of a kind and class.
    ended_rounds: dict[tuple[int, str, str], int] = field(default_factory=dict)

    def of(self, person: int, prompt: int) -> Held | None:
        """Return the one assignment of the pair."""
        found = [one for one in self.held.values() if (one.person, one.prompt) == (person, prompt)]
        assert len(found) <= 1
        return found[0] if found else None

    def free(self, prompt: int) -> int:
        """Return how many of the prompt's places nobody holds."""
        return len(self.free_places(prompt))

    def free_places(self, prompt: int) -> set[int]:
        """Return the numbers of the places that nobody holds."""
        taken = {one.place for one in self.held.values() if one.prompt == prompt}
        return {place for place in range(self.overlap) if place not in taken}

    def live(self, person: int, kinds: Sequence[str]) -> list[Held]:
        """Return what the person has not finished, oldest first."""
        mine = [one for one in self.held.values() if one.person == person and one.state in LIVE]
        return sorted(
            (one for one in mine if self.prompts[one.prompt].kind in kinds), key=lambda one: (one.since, one.id)
        )

    def grants_now(self, person: int) -> dict[str, int]:
        """Return what a text written now would start with."""
        return self.people[person].grants(self.now)

    def is_new(self, person: int, piece: Piece) -> bool:
        """The person has not done, skipped or begun it, and it shows none of their own words."""
        before = self.of(person, piece.id)
        return (before is None or before.state in ("released", "expired")) and all(
            share.person != person for share in piece.shares
        )

    def reads(self, person: int, piece: Piece) -> bool:
        """The person reads the instruction."""
        return piece.reader in self.people[person].reads

    def publishable(self, person: int, piece: Piece) -> bool:
        """A result could be published: the person's grants, the sources and the other authors allow it."""
        mine = self.grants_now(person)
        theirs = [self.people[share.person].grants(share.given_at) for share in piece.shares]
        if not all(grants["derive"] for grants in theirs):
            return False
        if practice(mine):
            return True
        both = {name: min(grants[name] for grants in (mine, *theirs)) for name in RIGHTS}
        return lane(piece.sources, both) in self.lanes and lane(piece.sources, mine) in self.lanes

    def suits(self, person: int, piece: Piece, *, but_for_places: bool = False) -> bool:
        """A claim may give this prompt to this person now (or could, once a place comes free)."""
        return (
            piece.state == "open"
            and (but_for_places or self.free(piece.id) > 0)
            and self.is_new(person, piece)
            and self.reads(person, piece)
            and self.publishable(person, piece)
        )

    def stopped(self, person: int) -> tuple[str, datetime | None] | None:
        """Return why a claim of the person looks at no prompt at all, and until when; None where it does look."""
        if self.state != "open":
            return "paused", None
        if not self.people[person].writes:
            return "not_a_writer", None
        cap = self.cap(person)
        return cap and ("cap", cap[1])

    def cap(self, person: int) -> tuple[str, datetime | None] | None:
        """Return the refusal that a person's cap means, and until when; None below it, and for practice work."""
        if practice(self.grants_now(person)):
            return None
        mine = sorted(
            one.at
            for one in self.given.values()
            if one.person == person and not one.practice and one.state != "withdrawn"
        )
        if self.total_cap is not None and len(mine) >= self.total_cap:
            return "cap_reached_in_all", None
        today = [at for at in mine if at > self.now - DAY]
        if self.daily_cap is not None and len(today) >= self.daily_cap:
            return "cap_reached", today[-self.daily_cap] + DAY
        return None

    def offers(self, person: int, kinds: Sequence[str]) -> set[int]:
        """Return every prompt that a claim may give."""
        if self.stopped(person):
            return set()
        return {piece.id for piece in self.open_ones(kinds) if self.suits(person, piece)}

    def open_ones(self, kinds: Iterable[str]) -> Iterator[Piece]:
        """Yield the prompts of these kinds that have not been closed."""
        yield from (piece for piece in self.prompts.values() if piece.state == "open" and piece.kind in kinds)

    def why_nothing(self, person: int, kinds: Sequence[str]) -> tuple[str, datetime | int | None]:
        """Return the reason that a claim must give when it finds nothing, and when to try again or how many texts wait."""
        stopped = self.stopped(person)
        if stopped or not self.prompts:
            return stopped or ("no_work", None)
        left = [piece for piece in self.open_ones(kinds) if self.is_new(person, piece)]
        free = [piece for piece in left if self.free(piece.id)]
        if free:
            return ("consent" if any(self.reads(person, piece) for piece in free) else "not_a_reader"), None
        wanted = {piece.id for piece in left if self.suits(person, piece, but_for_places=True)}
        reserved = [one for one in self.held.values() if one.state in LIVE and one.place is not None]
        ends = [one.until for one in reserved if one.prompt in wanted]
        if ends:
            return "reserved", min(ends)
        others = [one for one in self.given.values() if one.person != person and not one.practice]
        waiting = [one for one in others if one.state == "in_review"]
        return ("reviews", len(waiting)) if waiting and self.pooled and "reannotate" in kinds else ("done", None)

    def note_turned_down(self, person: int, kinds: Sequence[str]) -> None:
        """Remember what a claim passes over because of its authors; it may be missed until the round after an import."""
        for piece in self.open_ones(kinds):
            theirs = [self.people[share.person].grants(share.given_at) for share in piece.shares]
            if not all(grants["derive"] for grants in theirs):
                self.turned_down[person, piece.id] = self.batches

    def may_be_missed(self, person: int, prompt: int) -> bool:
        """The authors did not allow it when this person's cursor passed, and no import has begun another round since."""
        return self.turned_down.get((person, prompt), -1) == self.batches

    def is_of_another_round(self, person: int, prompt: int) -> bool:
        """It came in, or was passed over, before the import that begins another round: the next claim finds it."""
        piece = self.prompts[prompt]
        ended = self.ended_rounds.get((person, piece.kind, piece.sources), 0)
        return ended < self.batches and (piece.batch > ended or (person, prompt) in self.turned_down)

    def end_round(self, person: int, kinds: Iterable[str]) -> None:
        """A claim of the person has come to the end of everything that they could publish from."""
        mine = self.grants_now(person)
        for kind in kinds:
            for sources in SOURCES:
                if practice(mine) or lane(sources, mine) in self.lanes:
                    self.ended_rounds[person, kind, sources] = self.batches

    def taken_back(self, piece: Piece) -> bool:
        """Words that the prompt shows were taken back."""
        return any(self.given[share.text].state == "withdrawn" for share in piece.shares)

    def refusal_to_save(self, held: Held, version: int) -> str | None:
        """Return why a draft is not kept."""
        if held.state not in (*LIVE, "expired"):
            return "already_submitted" if held.state == "submitted" else "assignment_over"
        if version == held.typed:
            return None
        return "draft_newer" if held.typed else "draft_gone"

    def refusal_to_submit(self, held: Held) -> str | None:
        """Return why work is not taken; a late one is kept as long as a place is free."""
        if held.state == "submitted":
            return "already_submitted"
        if self.taken_back(self.prompts[held.prompt]):
            return "text_withdrawn"
        if held.state not in (*LIVE, "expired"):
            return "assignment_over"
        return None if self.has_place(held) else "place_taken"

    def has_place(self, held: Held) -> bool:
        """The person has a place, can have one, or needs none."""
        return held.place is not None or practice(self.grants_now(held.person)) or self.free(held.prompt) > 0

    def refusal_to_undo(self, held: Held) -> str | None:
        """Return why a skip stands."""
        if held.state != "skipped" or held.ended < self.now - UNDO:
            return "undo_too_late"
        if self.prompts[held.prompt].state != "open":
            return "assignment_over"
        return None if self.has_place(held) else "place_taken"

    def refusal_to_renew(self, held: Held) -> str | None:
        """Return why a reservation does not begin anew."""
        if held.state not in (*LIVE, "expired") or self.prompts[held.prompt].state != "open":
            return "assignment_over"
        return None if held.state in LIVE or self.has_place(held) else "place_taken"

    def refusal_to_decide(self, reviewer: int, given: Given) -> str | None:
        """Return why a text is not reviewed."""
        if given.state in ("accepted", "declined"):
            return "decided_already"
        if given.person == reviewer or given.state != "in_review" or given.practice:
            return "not_permitted"
        return "text_withdrawn" if any(self.given[share.text].state == "withdrawn" for share in given.shares) else None

    def end(self, held: Held, state: str) -> None:
        """Work is over without being handed in; its place is free."""
        held.state, held.place, held.ended = state, None, self.now

    def keep(self, held: Held) -> None:
        """Work is the person's for another hour, in the lowest free place unless it is practice or has one."""
        if held.place is None and not practice(self.grants_now(held.person)):
            held.place = min(self.free_places(held.prompt))
        held.state, held.until = "draft" if held.typed else "assigned", self.now + LEASE

    def withdraw(self, given: Given) -> None:
        """A text is taken back: its place is free, what shows it is closed, and work begun from it is over."""
        given.state = "withdrawn"
        for held in self.held.values():
            if (held.person, held.prompt) == (given.person, given.prompt):
                held.place = None
        for piece in self.prompts.values():
            if any((share.text, share.person) == (given.id, given.person) for share in piece.shares):
                piece.state = "closed"
                for held in self.held.values():
                    if held.prompt == piece.id and held.state in (*LIVE, "expired"):
                        self.end(held, "released")
                        held.typed = 0

    def pools(self, given: Given) -> bool:
        """An accepted text enters the pool: the project wants it, and all its authors let others build on it."""
        return self.pooled and all(self.people[share.person].grants(share.given_at)["derive"] for share in given.shares)
