"""Count what a folder holds while its rows go by: contributors, profiles, languages; small counts are suppressed."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from annotator.consent.rules import Lane, Rights
from annotator.releases import ids
from annotator.releases.rules import K


@dataclass
class _Contributor:
    """What is known of a credited contributor from the rows of one folder."""

    n_rows: int = 0
    presets: set[str] = field(default_factory=set)
    licenses: set[str] = field(default_factory=set)
    languages: set[str] = field(default_factory=set)
    terms: dict[int, str] = field(default_factory=dict)
    months: set[str] = field(default_factory=set)


class Census:
    """Counts of one folder."""

    def __init__(self, k: int = K) -> None:
        """Begin at nothing; numbers of people below ``k`` are left out."""
        self.k = k
        self.languages: Counter[str] = Counter()
        self.lanes: Counter[str] = Counter()
        self.splits: Counter[tuple[str, str]] = Counter()
        self.profiles: Counter[str] = Counter()
        self.sources: dict[str, set[str]] = defaultdict(set)
        self.source_licenses: set[str] = set()
        self.tags: dict[str, str] = {}
        self.documents: set[int] = set()
        self.bytes: Counter[tuple[str, str]] = Counter()
        self.suppressed = 0
        self._credited: dict[str, _Contributor] = {}
        self._uncredited: dict[str, set[int]] = defaultdict(set)
        self._uncredited_rows: Counter[str] = Counter()
        self._uncredited_people: set[int] = set()

    def add(self, facts: Mapping[str, Any], *, lane: str, license_id: str, split: str) -> None:
        """Count one row."""
        language, month = facts["language"], facts["created_month"]
        self.languages[language] += 1
        self.tags[language] = facts["language_bcp47"]
        self.lanes[lane] += 1
        self.splits[lane, split] += 1
        self.profiles[facts["rights_profile_id"]] += 1
        self.source_licenses.update(facts["source_licenses"])
        if facts.get("source"):
            self.sources[facts["source"]].update(facts["source_licenses"])
        if facts.get("contributor_id") is None:
            self._uncredited[language].add(facts["by"][self._own(facts)][0])
            self._uncredited_rows[language] += 1
        for person_id, told, _role, _mode, preset, document_id, given in facts["by"]:
            self.documents.add(document_id)
            if told is None:
                self._uncredited_people.add(person_id)
                continue
            one = self._credited.setdefault(told, _Contributor())
            one.n_rows += 1
            one.presets.add(preset)
            one.licenses.add(license_id)
            one.languages.add(language)
            one.months.add(month)
            one.terms[document_id] = min(given, one.terms.get(document_id, given))
        for review in facts["reviews"]:
            if review.get("reviewer_id"):
                self._credited.setdefault(review["reviewer_id"], _Contributor())

    @staticmethod
    def _own(facts: Mapping[str, Any]) -> int:
        """Return the place of the annotation's own author among its authors."""
        return next(place for place, by in enumerate(facts["by"]) if by[0] == facts["own"])

    def contributors(
        self,
        credits_: Mapping[str, tuple[str, str]],
        documents: Mapping[int, Mapping[str, Any]],
        contact: str,
        about: Mapping[str, Mapping[str, str]],
    ) -> list[dict[str, Any]]:
        """Return the table of contributors: one line each, then one per language for those who are not credited.

        ``about``: what may be shown about contributors, by id.
        """
        lines = []
        for told, one in sorted(self._credited.items()):
            mode, name = credits_[told]
            lines.append(
                {
                    "contributor_id": told,
                    "attribution_mode": mode,
                    "credit_name": name,
                    "license_presets": sorted(one.presets),
                    "licenses": sorted(one.licenses),
                    "terms": [
                        {"version": str(documents[id_]["version"]), "sha256": documents[id_]["sha256"], "month": month}
                        for id_, month in sorted(one.terms.items())
                    ],
                    "rights_contact": contact,
                    "languages": sorted(one.languages),
                    "n_rows": one.n_rows,
                    "n_contributors": 1,
                    "first_month": min(one.months, default=None),
                    "last_month": max(one.months, default=None),
                    **about.get(told, {}),
                }
            )
        for language in sorted(self._uncredited):
            people = len(self._uncredited[language])
            small = people < self.k
            self.suppressed += 2 * small
            lines.append(
                {
                    "attribution_mode": "none",
                    "license_presets": [],
                    "licenses": [],
                    "terms": [],
                    "rights_contact": contact,
                    "languages": [language],
                    "n_rows": None if small else self._uncredited_rows[language],
                    "n_contributors": None if small else people,
                }
            )
        return lines

    def rights_profiles(self, profiles: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the table of the distinct rights, with the number of rows unless it is small."""
        lines = []
        for profile, count in sorted(self.profiles.items()):
            said = dict(profiles[profile])
            lane, license_id = Lane(said.pop("lane")), said.pop("license")
            small = count < self.k
            self.suppressed += small
            lines.append(
                {
                    "rights_profile_id": profile,
                    **said,
                    "license": license_id,
                    "lane": lane.value,
                    "odrl": ids.odrl(Rights(**said), lane, profile),
                    "n_rows": None if small else count,
                }
            )
        return lines

    def languages_shown(self, protected: Collection[str]) -> dict[str, int | None]:
        """Return the number of rows of each language; null where it is small and the language protected."""
        shown: dict[str, int | None] = {}
        for language, rows in sorted(self.languages.items()):
            small = language in protected and rows < self.k
            self.suppressed += small
            shown[language] = None if small else rows
        return shown

    def by_mode(self, credits_: Mapping[str, tuple[str, str]]) -> dict[str, int | None]:
        """Return the number of contributors by how they are credited; null where it is small and not public anyway.

        It is small too where so few stand in none of the lines by language that are shown: whoever took those from the
        sum would have the count of a language that was left out.
        """
        modes = Counter(credits_[told][0] for told in self._credited)
        shown = (people for people in self._uncredited.values() if len(people) >= self.k)
        small = any(
            0 < n < self.k for n in (len(self._uncredited_people), len(self._uncredited_people.difference(*shown)))
        )
        self.suppressed += small
        none = None if small else len(self._uncredited_people)
        return {"named": modes["named"], "handle": modes["handle"], "none": none}
