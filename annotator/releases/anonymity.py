"""Which of the facts that people let stand in their row may be published: pure k-anonymity (release-format §3.2).

Nobody's facts are published unless at least k people, in the very same languages, show exactly the same ones. Where
they do not, the fact that the fewest share is left out, and so on until what is left is shared or nothing is left.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

FIELDS = ("age_range", "gender", "country")


@dataclass(frozen=True)
class Granted:
    """What one person lets stand in their row, and the languages that this row names."""

    person: int
    languages: frozenset[str]
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Published:
    """What may be published by key, and how many granted facts may not."""

    facts: dict[str, dict[str, str]]
    suppressed: int


def publishable(granted: Mapping[str, Granted], k: int) -> Published:
    """Return which facts of each row may be published, so that each is shared by at least ``k`` people.

    Keyed by contributor id. A person with two ids (one by name, one by handle) counts once, and none of the two rows
    shows anything: the same facts twice would tell that they belong together.
    """
    several = {person for person, n in Counter(one.person for one in granted.values()).items() if n > 1}
    left: dict[str, dict[str, str]] = {
        key: {name: one.facts[name] for name in FIELDS if name in one.facts} if one.person not in several else {}
        for key, one in granted.items()
    }
    languages = {key: one.languages for key, one in granted.items()}
    while True:
        groups = Counter(_group(languages[key], facts) for key, facts in left.items() if facts)
        lonely = sorted(key for key, facts in left.items() if facts and groups[_group(languages[key], facts)] < k)
        if not lonely:
            break
        support = Counter((languages[key], name, value) for key, facts in left.items() for name, value in facts.items())
        for key in lonely:
            rarest = min(
                left[key], key=lambda name: (support[languages[key], name, left[key][name]], FIELDS.index(name))
            )
            left[key] = {name: value for name, value in left[key].items() if name != rarest}
    asked = sum(len(_known(one.facts)) for one in granted.values())
    shown = {key: facts for key, facts in sorted(left.items()) if facts}
    return Published(shown, asked - sum(map(len, shown.values())))


def _group(languages: frozenset[str], facts: Mapping[str, str]) -> tuple[frozenset[str], tuple[tuple[str, str], ...]]:
    return languages, tuple(sorted(facts.items()))


def _known(facts: Iterable[str]) -> list[str]:
    return [name for name in facts if name in FIELDS]
