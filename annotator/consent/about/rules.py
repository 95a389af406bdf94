"""The topics of personal choices, and which values their fields take; pure functions (rights-model §2.2)."""

import re
from collections.abc import Mapping
from typing import Any

from babel import Locale

from annotator import text
from annotator.errors import Invalid

NONE, AGGREGATE, ROW, YES = "none", "aggregate", "row", "yes"
FIELDS = ("age_range", "gender", "country")
SWITCHES = ("mail.news", "mail.reminders", "leaderboard", "findable")
TOPICS = (*FIELDS, *SWITCHES)
LEVELS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(FIELDS, (NONE, AGGREGATE, ROW)),
    **dict.fromkeys(SWITCHES, (NONE, YES)),
}

AGES = ("18-24", "25-34", "35-44", "45-54", "55-64", "65+")
GENDERS = ("woman", "man", "nonbinary")  # besides, any word that a person types
LONGEST_VALUE = 60

_ISO_3166_1 = re.compile(r"[A-Z]{2}")
# Codes that CLDR names and ISO 3166-1 does not assign to a country; Kosovo's is used by everybody and stays.
_NO_COUNTRIES = frozenset("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split())  # noqa: SIM905  # codes read better as words


def countries(locale: Locale | None = None) -> dict[str, str]:
    """Return the countries of ISO 3166-1 with their names in the language of the page, in the order of these."""
    names = (locale or Locale.parse("en")).territories
    known = {code: name for code, name in names.items() if _ISO_3166_1.fullmatch(code) and code not in _NO_COUNTRIES}
    return dict(sorted(known.items(), key=lambda pair: pair[1].casefold()))


def level_of(topic: str, level: str) -> str:
    """Return the level. Raises Invalid ``about_topic`` or ``about_level``."""
    if topic not in LEVELS:
        raise Invalid("about_topic", topic=topic, topics=TOPICS)
    if level not in LEVELS[topic]:
        raise Invalid("about_level", topic=topic, level=level, levels=LEVELS[topic])
    return level


def value_of(field: str, value: Any) -> str:  # noqa: ANN401  # whatever was sent
    """Return the value of a field as it is kept. Raises Invalid ``about_value_missing`` or ``about_value``."""
    said = " ".join((text.clean(value if isinstance(value, str) else "") or "").split())
    if not said:
        raise Invalid("about_value_missing", field=field)
    known = field == "gender" or said in (AGES if field == "age_range" else countries())
    if not known or len(said) > LONGEST_VALUE or not said.isprintable():
        raise Invalid("about_value", field=field, value=said[:LONGEST_VALUE])
    return said
