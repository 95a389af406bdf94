"""The licences that a source may name: SPDX ids that data comes under, and ``LicenseRef-…`` for all others."""

import difflib
import re

from annotator.consent.rules import SourceClass, source_class
from annotator.errors import Invalid

_CREATIVE_COMMONS = tuple(
    f"CC-{kind}-{version}"
    for kind in ("BY", "BY-SA", "BY-NC", "BY-NC-SA", "BY-ND", "BY-NC-ND")
    for version in ("1.0", "2.0", "2.5", "3.0", "4.0")
)
KNOWN = (
    "CC0-1.0",
    "PDDL-1.0",
    "Unlicense",
    *_CREATIVE_COMMONS,
    "ODC-By-1.0",
    "ODbL-1.0",
    "CDLA-Permissive-1.0",
    "CDLA-Permissive-2.0",
    "CDLA-Sharing-1.0",
    "C-UDA-1.0",
    "Apache-2.0",
    "MIT",
    "MIT-0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MPL-2.0",
    "GFDL-1.2-or-later",
    "GFDL-1.3-or-later",
    "GPL-2.0-only",
    "GPL-2.0-or-later",
    "GPL-3.0-only",
    "GPL-3.0-or-later",
    "LGPL-3.0-only",
    "LGPL-3.0-or-later",
    "AGPL-3.0-only",
    "AGPL-3.0-or-later",
    "OGL-UK-3.0",
    "etalab-2.0",
)
_BY_FOLDED = {license_id.casefold(): license_id for license_id in KNOWN}
_REFERENCE = re.compile(r"LicenseRef-[A-Za-z0-9.-]{1,49}")


def checked(license_id: str) -> str:
    """Return the licence as SPDX writes it (its ids do not depend on case).

    Raises Invalid ``license_unknown`` with the nearest known id: a licence that cannot be named cannot be honoured.
    """
    wanted = license_id.strip()
    if _REFERENCE.fullmatch(wanted):
        return wanted
    known = _BY_FOLDED.get(wanted.casefold())
    if known is not None:
        return known
    near = difflib.get_close_matches(wanted.casefold().replace(" ", "-"), _BY_FOLDED, n=1, cutoff=0.5)
    raise Invalid("license_unknown", license=wanted[:60], near=_BY_FOLDED[near[0]] if near else "CC-BY-4.0")


def class_of(license_id: str) -> SourceClass:
    """Return what this licence alone lets a row's licence be."""
    return source_class([license_id])
