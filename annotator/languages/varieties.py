"""The varieties that every installation begins with, and the names that libraries know for them.

``data/varieties.tsv`` is our own table: code, English name, autonym where the libraries have none (or one that
speakers would not use for this variety), and the other codes that mean exactly this variety. A code that could
mean two of them (``srp``, ``zho``, ``kur``) stands nowhere: it is not guessed.
"""

from csv import DictReader
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from language_data.names import code_to_names  # type: ignore[import-untyped]  # the package has no types

from annotator.languages import scripts
from annotator.languages.rules import bcp47_tag, primary_subtag

_TABLE = Path(__file__).with_name("data") / "varieties.tsv"


@dataclass(frozen=True)
class Variety:
    """One row of our table."""

    code: str
    english_name: str
    own_autonym: str | None
    also: tuple[str, ...]

    @property
    def iso639_3(self) -> str:
        """The ISO 639-3 code."""
        return self.code[:3]

    @property
    def script(self) -> str:
        """The ISO 15924 code."""
        return self.code[4:]

    @property
    def autonym(self) -> str | None:
        """What its speakers call it: by our table, else by the libraries."""
        return self.own_autonym or library_autonym(self.iso639_3, self.script)


@cache
def known() -> tuple[Variety, ...]:
    """Return the rows of our table."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Variety(row["code"], row["english_name"], row["autonym"] or None, tuple(row["also"].split()))
            for row in DictReader(file, delimiter="\t")
        )


@cache
def by_other_code() -> MappingProxyType[str, str]:
    """Return our code for every other code of our table, in small letters with ``-``: ``zho-tw`` -> ``zho_Hant``."""
    return MappingProxyType({other.lower(): row.code for row in known() for other in row.also})


def library_autonym(iso639_3: str, script: str) -> str | None:
    """Return the language's name in itself from Babel, else from language-data, if it is written in ``script``.

    Arabic in Latin script must not be shown by its name in Arabic script.
    """
    primary = primary_subtag(iso639_3)
    locale = scripts.locale_of(bcp47_tag(iso639_3, script))
    others = code_to_names(primary)
    names = [locale.languages.get(primary) if locale else None]
    names += [others.get(f"{primary}-{script}"), others.get(primary)]
    return next((name for name in names if name and scripts.is_in_script(name, script)), None)
