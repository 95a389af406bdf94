"""Pure facts about varieties: codes, BCP 47 tags, direction, how a name is shown and found; terms of ambassadors."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from difflib import get_close_matches

import regex
from langcodes import Language as Tag
from langcodes.data_dicts import LANGUAGE_ALPHA3

from annotator.errors import Invalid
from annotator.languages import scripts

# Scripts whose text runs from right to left: every script of Unicode 17 with letters of bidi class R or AL (a test
# compares), and the ISO 15924 variants of Arabic and Syriac, which Unicode does not tell apart.
RIGHT_TO_LEFT_SCRIPTS = frozenset(
    """Adlm Arab Aran Armi Avst Chrs Cprt Elym Gara Hatr Hebr Hung Khar Lydi Mand Mani Mend Merc Mero Narb Nbat Nkoo
    Orkh Ougr Palm Phli Phlp Phnx Prti Rohg Samr Sarb Sidt Sogd Sogo Syrc Syre Syrj Syrn Thaa Yezi""".split()  # noqa: SIM905  # forty codes read better as words
)

# Members whose tag is the macrolanguage's, because CLDR takes them for what the macrolanguage's code means. Other
# members keep their own code (ary, arz, apc, yue …): a text must not pass for the standard language.
DOMINANT_MEMBERS = {
    "als": "sq", "arb": "ar", "ayr": "ay", "azj": "az", "cmn": "zh", "dik": "din", "ekk": "et", "fuc": "ff",
    "gaz": "om", "gug": "gn", "ike": "iu", "khk": "mn", "kmr": "ku", "knc": "kr", "kng": "kg", "knn": "kok",
    "kpv": "kv", "lvs": "lv", "npi": "ne", "ojg": "oj", "ory": "or", "pbu": "ps", "pes": "fa", "plt": "mg",
    "quz": "qu", "src": "sc", "swh": "sw", "uzn": "uz", "ydd": "yi", "zsm": "ms", "zyb": "za",
}  # fmt: skip

_ISO_639_1_LENGTH = 2
_WITHDRAWN = frozenset({"bh", "in", "iw", "ji", "jw", "mo", "sh"})
_TWO_LETTERS = {
    three: two for two, three in LANGUAGE_ALPHA3.items() if len(two) == _ISO_639_1_LENGTH and two not in _WITHDRAWN
}

UNCODED = "mis"
CODE = re.compile(r"[a-z]{3}_[A-Z][a-z]{3}(_[a-z0-9]{2,40})?")
LEVELS = ("native", "fluent", "good", "learning")
LONGEST_NAME = 120
LONGEST_VARIETY_OF_A_SPEAKER = 80
LONGEST_REASON = 1000
TERM = timedelta(days=365)
LONGEST_TERM = timedelta(days=3 * 366)

_ISO = re.compile(r"[a-z]{3}")
_VARIETY = re.compile(r"[a-z0-9]{2,40}")
_WITH_WIDE_BRACKETS = frozenset({"Hani", "Hans", "Hant", "Hanb", "Jpan"})
_WIDE_BRACKETS = ("\uff08", "\uff09")
_BETWEEN_WORDS = regex.compile(r"[^\p{L}\p{M}\p{N}]+")
_APOSTROPHES = regex.compile(r"['’‘ʼʻ`ʔ]")  # noqa: RUF001  # the likeness of these marks is why they are dropped
# Letters that Unicode does not decompose, as people type them who lack the key.
_PLAIN = str.maketrans("ɓɖɗđðɛǝəɣħıɨłŋɔøʋƴ", "bdddeeeeghiilnoovy")


def direction_of(script: str) -> str:
    """Return ``rtl`` or ``ltr`` for an ISO 15924 script."""
    return "rtl" if script in RIGHT_TO_LEFT_SCRIPTS else "ltr"


def make_code(iso639_3: str, script: str, variety: str | None = None) -> str:
    """Return our code, such as ``yor_Latn`` or ``yor_Latn_ekiti``."""
    return "_".join(part for part in (iso639_3, script, variety) if part)


def bcp47_tag(iso639_3: str, script: str, variety: str | None = None) -> str:
    """Return the BCP 47 tag; the script always stays, a variety becomes a private-use subtag (RFC 5646 §2.2.7)."""
    tag = f"{primary_subtag(iso639_3)}-{script}"
    if variety:
        tag += "-x-" + "-".join(variety[i : i + 8] for i in range(0, len(variety), 8))
    return tag


def primary_subtag(iso639_3: str) -> str:
    """Return the primary subtag of the tag: two letters where the language, or the role it has for CLDR, has them.

    Tagalog stays ``tl``; a library that canonicalises would turn it into Filipino.
    """
    return DOMINANT_MEMBERS.get(iso639_3) or _TWO_LETTERS.get(iso639_3) or iso639_3


def checked_code(iso639_3: str, script: str, variety: str | None) -> str:
    """Return the code of a new variety.

    Raises Invalid ``language_iso_wrong``, ``language_iso_unknown``, ``language_script_wrong``,
    ``language_variety_wrong``, or ``language_variety_missing`` for a language without an ISO code and without a
    variety that names it.
    """
    if not _ISO.fullmatch(iso639_3):
        raise Invalid("language_iso_wrong", value=iso639_3)
    if not is_iso_code(iso639_3):
        raise Invalid("language_iso_unknown", value=iso639_3)
    if not scripts.is_script(script):
        raise Invalid("language_script_wrong", value=script)
    if variety and not _VARIETY.fullmatch(variety):
        raise Invalid("language_variety_wrong", value=variety)
    if iso639_3 == UNCODED and not variety:
        raise Invalid("language_variety_missing")
    return make_code(iso639_3, script, variety or None)


def is_iso_code(iso639_3: str) -> bool:
    """Say whether three letters are a code of a language: registered, also if retired since, or for private use.

    Families such as ``poz`` count: our own table has one that data sets use for want of a narrower code.
    """
    # Not by the tag: a library that reads tags would take the ``ger`` of ISO 639-2/B for ``de``.
    return iso639_3 in LANGUAGE_ALPHA3.values() or Tag.make(language=iso639_3).is_valid()


def variety_from(name: str) -> str:
    """Return the short form of a name for codes, small Latin letters and digits; empty if it has none of them."""
    return re.sub("[^a-z0-9]", "", fold(name))[:40]


def own_name(autonym: str, tag: str, script: str, *, told_apart: bool) -> str:
    """Return the autonym; with the script's name when the language is written in another script too.

    Without a name of the script in the language itself the letters tell: only where they do not, English says it.
    """
    if not told_apart:
        return autonym
    script_name = scripts.own_name(tag, script)
    if script_name is None or fold(script_name) == fold(autonym):
        if scripts.is_in_script(autonym, script) and script not in _WITH_WIDE_BRACKETS:
            return autonym
        script_name = scripts.english_name(script)
    opening, closing = _WIDE_BRACKETS if script in _WITH_WIDE_BRACKETS else (" (", ")")
    return f"{autonym}{opening}{script_name}{closing}"


def name_in_english(name: str, script: str, *, told_apart: bool) -> str:
    """Return the English name; with the script's name when the language is written in another script too."""
    return f"{name}, {scripts.english_name(script)}" if told_apart else name


def fold(text: str) -> str:
    """Return ``text`` as a search sees it: no case, no accents, no apostrophes, single spaces between words."""
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_PLAIN)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return str(_BETWEEN_WORDS.sub(" ", _APOSTROPHES.sub("", plain))).strip()


def is_found(query: str, names: Iterable[str | None], *, at_beginnings: bool = False) -> bool:
    """Say whether every word of ``query`` stands somewhere in the names, whatever the accents and the case.

    ``at_beginnings``: whether each begins a word there.
    """
    heap = " ".join(("", *(fold(name) for name in names if name)))
    return all((f" {word}" if at_beginnings else word) in heap for word in fold(query).split())


def nearest(value: str, names: Iterable[tuple[str, str]], limit: int = 3) -> list[str]:
    """Return up to ``limit`` codes near ``value``; ``names`` are pairs of code and one of its names or codes.

    Those with a name that begins with ``value``, else with its first word, else one that is spelt alike.
    """
    wanted = fold(value)
    if not wanted:
        return []
    codes: dict[str, list[str]] = {}
    for code, name in names:
        codes.setdefault(fold(name), []).append(code)
    first = wanted.split()[0]
    near = (
        sorted((name for name in codes if name.startswith(wanted)), key=len)
        or sorted(name for name in codes if name.split()[:1] == [first])
        or get_close_matches(wanted, codes, n=limit, cutoff=0.7)
    )
    return list(dict.fromkeys(code for name in near for code in codes[name]))[:limit]


def shown_count(n: int, *, protected: bool, small: int) -> int | None:
    """Return a number about the people of a language as others may see it; None where it is too small to be shown.

    Where few people use a protected language, a number points at them (rights-model §2.8).
    """
    return None if protected and n < small else n


def shown_time(moment: datetime, *, protected: bool) -> datetime:
    """Return when something was done in a language as others may see it: of a protected one the month's beginning."""
    return moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0) if protected else moment


def term_end(starts_at: datetime, until: datetime | None) -> datetime:
    """Return when a term ends: a year after its beginning unless ``until`` says otherwise, at most three.

    Raises Invalid ``term_past`` or ``term_too_long``.
    """
    if until is None:
        return starts_at + TERM
    if until <= starts_at:
        raise Invalid("term_past", until=until.date().isoformat())
    if until > starts_at + LONGEST_TERM:
        raise Invalid("term_too_long", until=until.date().isoformat())
    return until
