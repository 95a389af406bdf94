"""The facts that every file of one folder is made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from annotator.consent.rules import LICENSES, PUBLIC_LANES, Lane
from annotator.releases.census import Census
from annotator.releases.chain import GENESIS

NAMES: Mapping[str, str] = {
    "CC-BY-4.0": "Creative Commons Attribution 4.0 International",
    "CC-BY-SA-4.0": "Creative Commons Attribution-ShareAlike 4.0 International",
    "CC-BY-NC-4.0": "Creative Commons Attribution-NonCommercial 4.0 International",
    "LicenseRef-Annotator-Gated-1.0": "Annotator terms for gated data",
}


@dataclass(frozen=True)
class Wording:
    """A document as the folder names it; ``body`` only of the gated terms."""

    kind: str
    version: int
    language: str
    sha256: str
    body: str = ""


@dataclass(frozen=True)
class Version:
    """A release in the changelog."""

    version: str
    notes: str
    added: int
    removed: int
    changed: int


@dataclass(frozen=True)
class Folder:
    """One folder of a release: what it is, what it holds, and what it says about itself."""

    kind: str
    project: str
    title: str
    description: str
    version: str
    previous_version: str | None
    frozen_at: datetime
    ledger: Mapping[str, Any]
    facts: Mapping[str, Any]
    census: Census
    changes: Mapping[str, Any]
    versions: Sequence[Version]
    wordings: Sequence[Wording]
    gated_terms: Wording | None
    withdrawn: Sequence[Mapping[str, Any]]
    contributors: Sequence[Mapping[str, Any]]
    lines: Mapping[str, int]

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """The lanes of this kind of folder, most open first."""
        return PUBLIC_LANES if self.kind == "public" else (Lane.GATED,)

    @property
    def first_lane(self) -> Lane | None:
        """The most open lane that has rows."""
        return next((lane for lane in self.lanes if self.census.lanes[lane.value]), None)

    @property
    def n_rows(self) -> int:
        """All rows of all lanes."""
        return sum(self.census.lanes.values())

    @property
    def rights_page(self) -> str:
        """Where people decide about their texts and take them back."""
        return f"{self.facts['public_url']}/rights"

    @property
    def feed(self) -> str:
        """Where withdrawals are said as they come, for programs to read."""
        return f"{self.facts['public_url']}/api/v1/withdrawals"

    @property
    def feed_head(self) -> Mapping[str, Any]:
        """The last entry of the feed when this was frozen."""
        found: Mapping[str, Any] = self.facts.get("feed") or {"seq": 0, "head": GENESIS}
        return found

    @property
    def page(self) -> str:
        """The release's own page."""
        return f"{self.facts['public_url']}/projects/{self.project}/releases/{self.version}"

    @property
    def stamp(self) -> str:
        """``frozen_at`` as the files write it: the only moment that stands in them."""
        return self.frozen_at.strftime("%Y-%m-%dT%H:%M:%SZ")

    def licenses(self) -> list[str]:
        """Return every licence that the folder needs a notice of: of its lanes, and of its sources."""
        return sorted({*(LICENSES[lane] for lane in self.lanes), *self.census.source_licenses})


def license_address(license_id: str) -> str:
    """Return the canonical address of a licence."""
    parts = license_id.lower().split("-")
    if license_id == "CC0-1.0":
        return "https://creativecommons.org/publicdomain/zero/1.0/"
    if parts[0] == "cc":
        return f"https://creativecommons.org/licenses/{'-'.join(parts[1:-1])}/{parts[-1]}/"
    return f"https://spdx.org/licenses/{license_id}.html"
