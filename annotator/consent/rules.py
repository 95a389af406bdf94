"""What a person's decisions add up to, and under which licence a row may leave: pure functions.

Sources: rights-model §2.2 (grants), §2.3 (scope and time), §2.5 (lanes). ``docs/rights.md`` prints the tables.
"""

from collections.abc import Iterable, Mapping, Sequence
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


@dataclass(frozen=True)
class Text:
    """What these rules need to know of a text: its language, when it was given, and its id (None while unwritten)."""

    language_id: int
    given_at: datetime
    annotation_id: int | None = None


@dataclass(frozen=True)
class Decisions:
    """What stands for a text: the rights, and how its author is credited (none < handle < named)."""

    rights: Rights = NOTHING
    attribution: str = "none"


def decisions(events: Iterable[Event], text: Text, *, at: datetime) -> Decisions:
    """Return what one person's ``events`` add up to for ``text`` at the moment ``at``.

    A new text starts with the latest event of the most specific scope, narrowed by later denials at wider
    scopes. From then on a denial narrows whatever its scope; a grant widens only where it names the text, or
    was ticked "also before" and neither the text nor its language has a standing denial of its own.
    A grant that has expired at ``at`` counts as denied. Events after ``at`` do not count.
    """
    known = sorted((e for e in events if e.at <= at and _covers(e, text)), key=lambda e: (e.at, e.id))
    levels = {name: _level(name, known, text, at) for name in SCALES}
    values = {name: SCALES[name][level] for name, level in levels.items()}
    attribution = str(values.pop("attribution"))
    return Decisions(Rights(**values), attribution)  # type: ignore[arg-type]  # the scales hold the right types


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


def _level(name: str, events: Sequence[Event], text: Text, at: datetime) -> int:
    """Return the level of one decision: the start when the text was given, then every later event in order."""
    deciding = [(e, SCALES[name].index(value)) for e in events if (value := getattr(e, name)) is not None]
    before = [(e, level) for e, level in deciding if e.at <= text.given_at]
    after = [(e, level) for e, level in deciding if e.at > text.given_at]
    level, source = 0, None
    if before:
        start = max(before, key=lambda pair: (_specificity(pair[0]), pair[0].at, pair[0].id))
        source, level = start
        for event, value in before[before.index(start) + 1 :]:
            if value < level:
                level, source = value, event
    own: dict[int, int] = {}  # the latest level decided at each specific scope, for "also before"
    for event, value in before:
        own[_specificity(event)] = value
    for event, value in after:
        here = _specificity(event)
        narrows = value < level
        names_text = here == 2
        also = event.also_before and not any(own.get(scope, value) < value for scope in range(here + 1, 3))
        if narrows or (value > level and (names_text or also)):
            level, source = value, event
        own[here] = value
    expired = source is not None and level > 0 and source.expires_at is not None and source.expires_at <= at
    return 0 if expired else level


def meet(vectors: Iterable[Rights]) -> Rights:
    """Return what all of them grant: the effective rights of a row are the meet over its authors (§2.3)."""
    result = EVERYTHING
    for rights in vectors:
        result = Rights(
            **{  # type: ignore[arg-type]  # names and types are those of Rights
                name: min(getattr(result, name), getattr(rights, name), key=SCALES[name].index) for name in RIGHTS
            }
        )
    return result


class SourceClass(StrEnum):
    """What a source's licence lets a row's licence be."""

    FREE = "free"
    SHAREALIKE = "sharealike"
    NONCOMMERCIAL = "noncommercial"
    CLOSED = "closed"


# Licences by SPDX id that let a row of ours be under CC-BY or CC-BY-NC, notices kept. "written-here" is a text of a contributor.
_FREE = {"CC0-1.0", "PDDL-1.0", "ODC-By-1.0", "Apache-2.0", "MIT", "Unlicense"} | {
    f"CC-BY-{version}" for version in ("1.0", "2.0", "2.5", "3.0", "4.0")
}
# Creative Commons: adaptations of BY-SA 2.0 and later may be under a later version; 1.0 allows none but itself.
_SHAREALIKE = {f"CC-BY-SA-{version}" for version in ("2.0", "2.5", "3.0", "4.0")}
_NONCOMMERCIAL = {f"CC-BY-NC-{version}" for version in ("1.0", "2.0", "2.5", "3.0", "4.0")}


def source_class(licenses: Iterable[str]) -> SourceClass:
    """Return the class of all these licences together; none at all is free (written here).

    ShareAlike mixed with non-commercial is closed, so is every licence that is not known to allow a row.
    """
    found = set()
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


def outbound(sources: SourceClass, rights: Rights) -> Outbound:
    """Return lane and licence of a row with these sources and effective rights, or none with a reason (§2.5)."""
    if rights.publish == "no":
        return Outbound(None, "publish")
    if not any(getattr(rights, name) for name in PURPOSES):
        return Outbound(None, "purpose")
    if sources is SourceClass.CLOSED:
        return Outbound(None, "source")
    # The public lanes' licences permit adapting, training, evaluating and research: a row must grant all of them.
    public = rights.publish == "open" and rights.derive and all(getattr(rights, name) for name in PURPOSES)
    if sources is SourceClass.SHAREALIKE:
        return Outbound(Lane.SHAREALIKE) if public and rights.commercial else Outbound(None, "sharealike")
    if sources is SourceClass.NONCOMMERCIAL:
        return Outbound(Lane.NONCOMMERCIAL) if public else Outbound(None, "noncommercial")
    if not public:
        return Outbound(Lane.GATED)
    return Outbound(Lane.OPEN if rights.commercial else Lane.NONCOMMERCIAL)


def is_practice(rights: Rights) -> bool:
    """Say whether work under these rights is for its author alone: nothing may leave, or for no purpose."""
    return rights.publish == "no" or not any(getattr(rights, name) for name in PURPOSES)
