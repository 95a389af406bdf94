"""What a person's decisions add up to, and under which licence a row may leave: pure functions.

Sources: rights-model §2.2 (grants), §2.3 (scope and time), §2.5 (lanes). ``docs/rights.md`` prints the tables.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

# Every decision is a level on a scale, so that "narrower" and "wider" mean the same for all of them.
SCALES: Mapping[str, tuple[object, ...]] = {
    "publish": ("no", "gated", "open"),
    "derive": (False, True),
    "train": (False, True),
    "evaluate": (False, True),
    "research": (False, True),
    "commercial": (False, True),
    "attribution": ("none", "handle", "named"),
}
RIGHTS = tuple(name for name in SCALES if name != "attribution")
PURPOSES = ("train", "evaluate", "research")

_TEXT = 2  # the specificity of an event that names one text

# A row whose grant runs out sooner than this is not frozen into a new release (rights-model §2.8, "expiry").
EXPIRY_MARGIN = timedelta(days=30)


@dataclass(frozen=True)
class Rights:
    """A vector of licence grants: what may be done with a text. The default denies everything."""

    publish: str = "no"
    derive: bool = False
    train: bool = False
    evaluate: bool = False
    research: bool = False
    commercial: bool = False

    def as_dict(self) -> dict[str, object]:
        """Return the vector with its names, for storage and JCS."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def purposes(self) -> tuple[str, ...]:
        """The purposes that are granted, in fixed order."""
        return tuple(name for name in (*PURPOSES, "commercial", "derive") if getattr(self, name))


NOTHING = Rights()
EVERYTHING = Rights("open", derive=True, train=True, evaluate=True, research=True, commercial=True)
PRESETS: Mapping[str, Rights] = {
    "open": EVERYTHING,
    "noncommercial": replace(EVERYTHING, commercial=False),
    "gated": replace(EVERYTHING, publish="gated", commercial=False),
    "practice": NOTHING,
}


class Event(Protocol):
    """What these rules read of a consent event (see ``consent.models.ConsentEvent``)."""

    at: datetime
    id: int
    language_id: int | None
    annotation_id: int | None
    also_before: bool
    expires_at: datetime | None
    wrong: bool | None  # the translation that was shown said something else than the text that counts


@dataclass(frozen=True)
class Text:
    """What these rules need to know of a text: its language, when it was given, and its id (None while unwritten)."""

    language_id: int
    given_at: datetime
    annotation_id: int | None = None


@dataclass(frozen=True)
class Decisions:
    """What stands for a text: the rights, how its author is credited (none < handle < named), and until when.

    ``until`` is the first day on which one of the granted rights or the credit runs out; None: no end is set.
    """

    rights: Rights = NOTHING
    attribution: str = "none"
    until: datetime | None = None


@dataclass(frozen=True)
class Stand:
    """A level on one scale, and the moment from which it counts as denied (None: no end is set)."""

    level: int = 0
    until: datetime | None = None

    def narrowed_by(self, other: "Stand") -> "Stand":
        """Return the lower level and the earlier end: what both allow, at every moment."""
        return stand(min(self.level, other.level), _first(self.until, other.until))

    def is_narrower_than(self, other: "Stand") -> bool:
        """Say whether there is a moment at which this allows less."""
        return self.level < other.level or (other.level > 0 and _first(self.until, other.until) != other.until)

    def level_at(self, moment: datetime) -> int:
        """Return the level at ``moment``: 0 once the end has come."""
        return 0 if self.until is not None and self.until <= moment else self.level


def stand(level: int, until: datetime | None) -> Stand:
    """Return the stand; a denial has no end, so none is kept."""
    return Stand(level, until if level else None)


def _first(one: datetime | None, other: datetime | None) -> datetime | None:
    """Return the earlier of two ends; None is no end."""
    if one is None or other is None:
        return one or other
    return min(one, other)


def decisions(events: Iterable[Event], text: Text, *, at: datetime) -> Decisions:
    """Return what one person's ``events`` add up to for ``text`` at the moment ``at``.

    A new text starts with the latest event of the most specific scope, narrowed by what stands at wider scopes
    since then. From then on a denial narrows whatever its scope, and an end date is a denial from that day on; a
    grant widens only where it names the text, or was ticked "also before" and neither the text nor its language
    has a narrower choice of its own. A grant that has expired at ``at`` counts as denied, and nothing wider
    comes back in its place. Events after ``at`` do not count.

    What was decided beside a wrong translation counts as a denial of all that it decided, until the person decides
    for everything by the right text; then it counts as it was made, and the later decision narrows it (§2.8).
    """
    known = sorted((e for e in events if e.at <= at and _covers(e, text)), key=lambda e: (e.at, e.id))
    misled = {e.id for e in unconfirmed(known)}
    stands = {name: _replay(name, known, text, misled) for name in SCALES}
    values = {name: SCALES[name][here.level_at(at)] for name, here in stands.items()}
    attribution = str(values.pop("attribution"))
    until = min((here.until for here in stands.values() if here.until and here.until > at), default=None)
    return Decisions(Rights(**values), attribution, until)  # type: ignore[arg-type]  # the scales hold the right types


def _specificity(event: Event) -> int:
    """Return 2 for one text, 1 for a language, 0 for everything."""
    if event.annotation_id is not None:
        return 2
    return 1 if event.language_id is not None else 0


def _covers(event: Event, text: Text) -> bool:
    """Say whether the event's scope holds the text."""
    if event.annotation_id is not None:
        return event.annotation_id == text.annotation_id
    return event.language_id is None or event.language_id == text.language_id


def unconfirmed(events: Sequence[Event]) -> list[Event]:
    """Return the events beside a wrong translation that no later decision for everything has made good; oldest first."""
    good = [event for event in events if not event.wrong and _specificity(event) == 0]
    return [e for e in events if e.wrong and not any((g.at, g.id) > (e.at, e.id) for g in good)]


def _replay(name: str, events: Sequence[Event], text: Text, misled: AbstractSet[int]) -> Stand:
    """Return where one decision stands: the start when the text was given, then every later event in order.

    Events whose ids are in ``misled`` are denials of what they decided.
    """
    result = Stand()
    latest: dict[int, Stand] = {}  # the latest choice at each scope, for the start and for "also before"
    started = False
    for event in events:
        value = getattr(event, name)
        if value is None:
            continue
        level = 0 if event.id in misled else SCALES[name].index(value)
        choice, scope = stand(level, event.expires_at), _specificity(event)
        if event.at > text.given_at:
            if not started:
                result, started = _start(latest), True
            own = [latest[wider] for wider in range(scope + 1, 3) if wider in latest]
            covers_before = scope == _TEXT or (event.also_before and not any(o.is_narrower_than(choice) for o in own))
            result = choice if covers_before else result.narrowed_by(choice)
        latest.pop(scope, None)
        latest[scope] = choice  # the dictionary keeps the order of the latest choices
    return result if started else _start(latest)


def _start(latest: Mapping[int, Stand]) -> Stand:
    """Return what a text written now starts with.

    ``latest`` has the latest choice of each scope, oldest first. A denial that its own scope has since lifted
    no longer stands, so it is not there.
    """
    if not latest:
        return Stand()
    scopes = list(latest)
    most_specific = max(scopes)
    result = latest[most_specific]
    for later in scopes[scopes.index(most_specific) + 1 :]:
        result = result.narrowed_by(latest[later])
    return result


def meet(vectors: Iterable[Rights]) -> Rights:
    """Return what all of them grant: the effective rights of a row are the meet over its authors (§2.3)."""
    result = EVERYTHING
    for rights in vectors:
        result = Rights(
            **{name: min(getattr(result, name), getattr(rights, name), key=SCALES[name].index) for name in RIGHTS}
        )
    return result


class SourceClass(StrEnum):
    """What a source's licence lets a row's licence be."""

    FREE = "free"
    SHAREALIKE = "sharealike"
    NONCOMMERCIAL = "noncommercial"
    CLOSED = "closed"


# Licences by SPDX id that let a row of ours be under CC-BY or CC-BY-NC, notices kept.
_FREE = frozenset(
    {"CC0-1.0", "CC-PDDC", "CC-PDM-1.0", "PDDL-1.0", "Unlicense", "ODC-By-1.0", "Apache-2.0", "MIT"}
    | {f"CC-BY-{version}" for version in ("1.0", "2.0", "2.5", "3.0", "4.0")}
)
# An adaptation of BY-SA 2.0 or later may be under a later version of it (section 4b of 2.0); 1.0 allows itself only.
_SHAREALIKE = frozenset(f"CC-BY-SA-{version}" for version in ("2.0", "2.5", "3.0", "4.0"))
_NONCOMMERCIAL = frozenset(f"CC-BY-NC-{version}" for version in ("1.0", "2.0", "2.5", "3.0", "4.0"))


def source_class(licenses: Iterable[str]) -> SourceClass:
    """Return the class of all these licences together; none at all is free (written here).

    ShareAlike mixed with non-commercial is closed, so is every licence that is not known to allow a row.
    """
    found: set[SourceClass] = set()
    for license_id in licenses:
        if license_id in _FREE:
            continue
        if license_id in _SHAREALIKE:
            found.add(SourceClass.SHAREALIKE)
        elif license_id in _NONCOMMERCIAL:
            found.add(SourceClass.NONCOMMERCIAL)
        else:
            return SourceClass.CLOSED
    if len(found) > 1:
        return SourceClass.CLOSED
    return found.pop() if found else SourceClass.FREE


class Lane(StrEnum):
    """Where a row stands in a release; each row in exactly one."""

    OPEN = "open"
    SHAREALIKE = "sharealike"
    NONCOMMERCIAL = "noncommercial"
    GATED = "gated"


PUBLIC_LANES = (Lane.OPEN, Lane.SHAREALIKE, Lane.NONCOMMERCIAL)
LICENSES: Mapping[Lane, str] = {
    Lane.OPEN: "CC-BY-4.0",
    Lane.SHAREALIKE: "CC-BY-SA-4.0",
    Lane.NONCOMMERCIAL: "CC-BY-NC-4.0",
    Lane.GATED: "LicenseRef-Annotator-Gated-1.0",
}


@dataclass(frozen=True)
class Outbound:
    """A row may leave in ``lane``; or may not (``lane`` is None) because of ``reason``."""

    lane: Lane | None
    reason: str | None = None

    @property
    def license(self) -> str | None:
        """The licence of the lane."""
        return LICENSES[self.lane] if self.lane else None


# Rows and columns of the table in rights-model §2.5: public with commercial use, public without it, anything less.
_LANES: Mapping[SourceClass, tuple[Lane | None, Lane | None, Lane | None]] = {
    SourceClass.FREE: (Lane.OPEN, Lane.NONCOMMERCIAL, Lane.GATED),
    SourceClass.SHAREALIKE: (Lane.SHAREALIKE, None, None),
    SourceClass.NONCOMMERCIAL: (Lane.NONCOMMERCIAL, Lane.NONCOMMERCIAL, None),
    SourceClass.CLOSED: (None, None, None),
}
_REASONS: Mapping[SourceClass, str] = {
    SourceClass.SHAREALIKE: "sharealike",
    SourceClass.NONCOMMERCIAL: "noncommercial",
    SourceClass.CLOSED: "source",
}


def outbound(sources: SourceClass, rights: Rights) -> Outbound:
    """Return lane and licence of a row with these sources and effective rights, or none with a reason (§2.5)."""
    if is_practice(rights):
        return Outbound(None, "publish" if rights.publish == "no" else "purpose")
    # The public lanes' licences permit adapting, training, evaluating and research: a row must grant all of them.
    public = rights.publish == "open" and rights.derive and all(getattr(rights, name) for name in PURPOSES)
    with_commercial, without_commercial, less = _LANES[sources]
    lane = less if not public else with_commercial if rights.commercial else without_commercial
    return Outbound(lane, None if lane else _REASONS[sources])


def is_practice(rights: Rights) -> bool:
    """Say whether work under these rights is for its author alone: nothing may leave, or for no purpose."""
    return rights.publish == "no" or not any(getattr(rights, name) for name in PURPOSES)
