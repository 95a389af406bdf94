"""Pure facts about varieties: codes, BCP 47 tags, direction."""

import re

import langcodes

# Scripts whose text runs from right to left: ISO 15924 scripts with strong right-to-left letters in Unicode 16.
RIGHT_TO_LEFT_SCRIPTS = frozenset(
    """Adlm Arab Aran Armi Avst Chrs Cprt Elym Hatr Hebr Hung Khar Lydi Mand Mani Mend Merc Mero Narb Nbat Nkoo
    Orkh Ougr Palm Phli Phlp Phnx Prti Rohg Samr Sarb Sogd Sogo Syrc Syre Syrj Syrn Thaa Todr Yezi Gara""".split()
)

CODE = re.compile(r"[a-z]{3}_[A-Z][a-z]{3}(_[a-z0-9]{2,40})?")


def direction_of(script: str) -> str:
    """Return ``rtl`` or ``ltr`` for an ISO 15924 script."""
    return "rtl" if script in RIGHT_TO_LEFT_SCRIPTS else "ltr"


def make_code(iso639_3: str, script: str, variety: str | None = None) -> str:
    """Return our code, such as ``yor_Latn`` or ``yor_Latn_ekiti``."""
    return "_".join(part for part in (iso639_3, script, variety) if part)


def bcp47_tag(iso639_3: str, script: str, variety: str | None = None) -> str:
    """Return the BCP 47 tag; the script always stays, a variety becomes a private-use subtag (RFC 5646 §2.2.7)."""
    tag = f"{_primary(iso639_3)}-{script}"
    if variety:
        tag += "-x-" + "-".join(variety[i : i + 8] for i in range(0, len(variety), 8))
    return tag


def _primary(iso639_3: str) -> str:
    """Return the shortest code of the language: ISO 639-1 where there is one."""
    return langcodes.standardize_tag(iso639_3).split("-")[0]
