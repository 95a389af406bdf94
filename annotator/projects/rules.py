"""What makes a project's settings sound: pure checks that return the settled value or raise Invalid."""

import re
from collections.abc import Iterable, Mapping, Sequence

from annotator.consent.rules import Lane
from annotator.errors import Invalid

KINDS = ("original", "answer", "reannotate")
LANES = tuple(lane.value for lane in Lane)

# The slug names a folder of releases and stands in addresses: small letters and digits that every system takes.
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SLUG_LENGTH = (2, 60)
RESERVED_SLUGS = frozenset({"new"})  # the address of the form that makes a project

TITLE_LENGTH = 120
MOST_PEOPLE = 10_000  # an overlap above this is a slip of the keyboard
MOST_REVIEWS = 20
MOST_WEIGHT = 1_000
MOST_TEXTS = 1_000_000  # of a cap: more than a person writes in a life


def checked_slug(slug: str) -> str:
    """Return ``slug``; raise Invalid unless it can stand in an address and name a folder."""
    shortest, longest = SLUG_LENGTH
    if not shortest <= len(slug) <= longest or not SLUG.fullmatch(slug) or slug in RESERVED_SLUGS:
        raise Invalid("project_slug_invalid", slug=slug[:longest], shortest=shortest, longest=longest)
    return slug


def checked_title(title: str) -> str:
    """Return the title with single spaces; raise Invalid when nothing is left or it is too long."""
    settled = " ".join(title.split())
    if not settled:
        raise Invalid("project_title_missing")
    if len(settled) > TITLE_LENGTH:
        raise Invalid("project_title_long", longest=TITLE_LENGTH)
    return settled


def checked_mix(mix: Mapping[str, int] | None) -> dict[str, int]:
    """Return the weight of each kind of work that is offered; all three alike when nothing was said.

    Raises Invalid for an unknown kind, a weight that is no whole number from 0 up, or when nothing is offered.
    """
    if mix is None:
        return dict.fromkeys(KINDS, 1)
    for kind, weight in mix.items():
        if kind not in KINDS:
            raise Invalid("project_mix_kind_unknown", kind=kind, known=KINDS)
        if isinstance(weight, bool) or not isinstance(weight, int) or not 0 <= weight <= MOST_WEIGHT:
            raise Invalid("project_mix_weight_invalid", kind=kind, most=MOST_WEIGHT)
    offered = {kind: mix[kind] for kind in KINDS if mix.get(kind)}
    if not offered:
        raise Invalid("project_mix_empty", known=KINDS)
    return offered


def checked_lanes(lanes: Iterable[str] | None) -> list[str]:
    """Return the lanes in fixed order; all when nothing was said, so that every choice of a contributor is welcome.

    Raises Invalid for an unknown lane or for none.
    """
    if lanes is None:
        return list(LANES)
    wanted = list(lanes)
    for lane in wanted:
        if lane not in LANES:
            raise Invalid("project_lane_unknown", lane=lane, known=LANES)
    if not wanted:
        raise Invalid("project_lanes_missing", known=LANES)
    return [lane for lane in LANES if lane in wanted]


def checked_overlap(overlap: int) -> int:
    """Return how many people may work on one prompt; raise Invalid below 1 or beyond reason."""
    if not 1 <= overlap <= MOST_PEOPLE:
        raise Invalid("project_overlap_invalid", most=MOST_PEOPLE)
    return overlap


def checked_reviews(reviews: int) -> int:
    """Return how many acceptances decide; raise Invalid below 1 or beyond reason."""
    if not 1 <= reviews <= MOST_REVIEWS:
        raise Invalid("project_reviews_invalid", most=MOST_REVIEWS)
    return reviews


def checked_cap(cap: int | None) -> int | None:
    """Return how many texts one person may hand in; 0 or nothing said is no cap (None).

    Raises Invalid below 0 or beyond reason.
    """
    if not 0 <= (cap or 0) <= MOST_TEXTS:
        raise Invalid("project_cap_invalid", most=MOST_TEXTS)
    return cap or None


def parse_mix(words: Sequence[str]) -> dict[str, int]:
    """Return the mix that ``original=1 answer=2`` means; a kind without a number weighs 1."""
    mix = {}
    for word in words:
        kind, _, weight = word.strip().partition("=")
        if weight and not weight.isdecimal():
            raise Invalid("project_mix_weight_invalid", kind=kind, most=MOST_WEIGHT)
        mix[kind] = int(weight) if weight else 1
    return mix
