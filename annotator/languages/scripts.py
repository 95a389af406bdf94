"""Facts about scripts (ISO 15924): which letters are of a script, and what a script is called."""

from collections import Counter
from functools import cache, lru_cache

import regex
from babel import Locale, UnknownLocaleError

# Codes of ISO 15924 that name a mixture or a variant, and the scripts of Unicode that they are written with.
_WRITTEN_WITH = {
    "Aran": ("Arab",), "Cyrs": ("Cyrl",), "Geok": ("Geor",), "Hanb": ("Hani", "Bopo"), "Hans": ("Hani",),
    "Hant": ("Hani", "Bopo"), "Hntl": ("Hani", "Latn"), "Hrkt": ("Hira", "Kana"), "Jpan": ("Hani", "Hira", "Kana"),
    "Kore": ("Hang", "Hani"), "Latf": ("Latn",), "Latg": ("Latn",), "Syre": ("Syrc",), "Syrj": ("Syrc",),
    "Syrn": ("Syrc",),
}  # fmt: skip

# Codes that say that there is no one script: fonts and direction could not be chosen by them.
_NO_SCRIPT = frozenset({"Zinh", "Zmth", "Zsym", "Zsye", "Zxxx", "Zyyy", "Zzzz", "Brai"})

# Where CLDR's name alone would not be understood.
_ENGLISH = {
    "Aran": "Nastaliq script",
    "Hani": "Chinese characters",
    "Hans": "simplified characters",
    "Hant": "traditional characters",
}

_LETTER = regex.compile(r"\p{L}")

# A Chinese character stands for a syllable or a word: without a weight, two English names outweigh a sentence.
_HAN = regex.compile(r"\p{Script=Han}")
_WEIGHT_OF_HAN = 3


@cache
def letter_of(script: str) -> regex.Pattern[str] | None:
    """Return a pattern for one letter of ``script``, or None where Unicode has no such script.

    A letter that several scripts share (Script_Extensions) counts for each of them.
    """
    names = "".join(rf"\p{{scx={name}}}" for name in _WRITTEN_WITH.get(script, (script,)))
    try:
        return regex.compile(rf"(?V1)[[{names}]&&\p{{L}}]")
    except regex.error:
        return None


def is_in_script(text: str, script: str) -> bool:
    """Say whether at least half of the letters of ``text`` are of ``script``; True where Unicode does not know it."""
    return script in those_fitting(text, frozenset({script}))


def those_fitting(text: str, scripts: frozenset[str]) -> set[str]:
    """Return those of some scripts that ``is_in_script`` holds for."""
    # A text has few different letters, and what they are is remembered.
    of_script, of_all = Counter[str](), 0
    for letter, times in Counter(text).items():
        weight = _weight(letter) * times
        if weight:
            of_all += weight
            for script in _scripts_of(letter, scripts):
                of_script[script] += weight
    return {script for script in scripts if letter_of(script) is None or 2 * of_script[script] >= of_all}


@lru_cache(maxsize=8192)
def _weight(letter: str) -> int:
    """Return how much one character counts; 0 for what is no letter."""
    if not _LETTER.match(letter):
        return 0
    return _WEIGHT_OF_HAN if _HAN.match(letter) else 1


@lru_cache(maxsize=65536)
def _scripts_of(letter: str, scripts: frozenset[str]) -> tuple[str, ...]:
    """Return those of the scripts that a letter is of; Script_Extensions can make it several."""
    patterns = {script: letter_of(script) for script in scripts}
    return tuple(script for script, pattern in patterns.items() if pattern is not None and pattern.match(letter))


@cache
def is_script(code: str) -> bool:
    """Say whether a language can be written in ``code``: ISO 15924 has it, and it is one script."""
    return (
        regex.fullmatch("[A-Z][a-z]{3}", code) is not None
        and code not in _NO_SCRIPT
        and (code in Locale("en").scripts or letter_of(code) is not None)
    )


def choices() -> list[tuple[str, str]]:
    """Return every script that a language can be written in with its English name, by name."""
    codes = [str(code) for code in Locale("en").scripts]
    return sorted(((code, english_name(code)) for code in codes if is_script(code)), key=lambda choice: choice[1])


def english_name(script: str) -> str:
    """Return what English calls a script, such as ``Cyrillic script``; the code itself if it has no name."""
    return _ENGLISH.get(script) or f"{Locale('en').scripts.get(script, script)} script"


@cache
def own_name(tag: str, script: str) -> str | None:
    """Return what the language ``tag`` calls ``script``, in that script; None where Babel does not know."""
    found = locale_of(tag)
    name = found.scripts.get(script) if found else None
    return str(name) if name and is_in_script(name, script) else None


@cache
def locale_of(tag: str) -> Locale | None:
    """Return Babel's locale for a BCP 47 tag without private parts, or None."""
    try:
        return Locale.parse(tag.partition("-x-")[0], sep="-")
    except (UnknownLocaleError, ValueError):
        return None


def same_letters(script: str, other: str) -> bool:
    """Say whether two scripts are variants of one, as simplified and traditional characters are."""
    return _kin(script) == _kin(other)


def _kin(script: str) -> str:
    return script if script == "Jpan" else _WRITTEN_WITH.get(script, (script,))[0]
