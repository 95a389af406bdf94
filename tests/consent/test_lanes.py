"""Under which licence a row may leave: the table of rights-model §2.5 cell by cell, and the licence invariant."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from annotator.consent.rules import EVERYTHING, Lane, Outbound, Rights, SourceClass, outbound, source_class

WRITTEN_HERE: list[str] = []
COMMERCIAL = EVERYTHING
NO_COMMERCIAL = replace(EVERYTHING, commercial=False)
GATED = replace(EVERYTHING, publish="gated")

FREE_LICENSES = [
    WRITTEN_HERE, ["CC0-1.0"], ["CC-PDM-1.0"], ["CC-PDDC"], ["PDDL-1.0"], ["Unlicense"], ["CC-BY-4.0"], ["CC-BY-3.0"],
    ["CC-BY-2.0"], ["ODC-By-1.0"], ["Apache-2.0"], ["MIT"], ["MIT", "CC-BY-4.0", "Apache-2.0"],
]  # fmt: skip
SHAREALIKE_LICENSES = [["CC-BY-SA-4.0"], ["CC-BY-SA-3.0"], ["CC-BY-SA-2.0"], ["CC-BY-SA-4.0", "CC0-1.0"]]
NONCOMMERCIAL_LICENSES = [["CC-BY-NC-4.0"], ["CC-BY-NC-2.0"], ["CC-BY-NC-4.0", "CC-BY-4.0"]]
CLOSED_LICENSES = [
    ["CC-BY-NC-SA-4.0"], ["CC-BY-ND-4.0"], ["CC-BY-NC-ND-4.0"], ["CC-BY-SA-1.0"], ["LicenseRef-unknown"], [""],
    ["GPL-3.0-only"], ["all rights reserved"], ["CC-BY-SA-4.0", "CC-BY-NC-4.0"], ["CC0-1.0", "CC-BY-ND-4.0"],
]  # fmt: skip


def answer(licenses: list[str], rights: Rights) -> tuple[str | None, str | None, str | None]:
    """Return lane, licence and reason for a row with these sources."""
    found = outbound(source_class(licenses), rights)
    return found.lane, found.license, found.reason


@pytest.mark.parametrize("licenses", FREE_LICENSES)
class TestFreeSources:
    """Written here, CC0, public domain, CC-BY, ODC-By, Apache-2.0, MIT."""

    def test_open_commercial_goes_to_the_open_lane(self, licenses: list[str]) -> None:
        assert answer(licenses, COMMERCIAL) == ("open", "CC-BY-4.0", None)

    def test_open_without_commercial_goes_to_the_noncommercial_lane(self, licenses: list[str]) -> None:
        assert answer(licenses, NO_COMMERCIAL) == ("noncommercial", "CC-BY-NC-4.0", None)

    def test_gated_goes_to_the_gated_lane(self, licenses: list[str]) -> None:
        assert answer(licenses, GATED) == ("gated", "LicenseRef-Annotator-Gated-1.0", None)


@pytest.mark.parametrize("licenses", SHAREALIKE_LICENSES)
class TestShareAlikeSources:
    """CC-BY-SA, 4.0 or upward-compatible."""

    def test_open_commercial_goes_to_the_sharealike_lane(self, licenses: list[str]) -> None:
        assert answer(licenses, COMMERCIAL) == ("sharealike", "CC-BY-SA-4.0", None)

    def test_open_without_commercial_goes_nowhere(self, licenses: list[str]) -> None:
        assert answer(licenses, NO_COMMERCIAL) == (None, None, "sharealike")

    def test_gated_goes_nowhere(self, licenses: list[str]) -> None:
        assert answer(licenses, GATED) == (None, None, "sharealike")


@pytest.mark.parametrize("licenses", NONCOMMERCIAL_LICENSES)
class TestNoncommercialSources:
    """CC-BY-NC."""

    def test_open_commercial_goes_to_the_noncommercial_lane(self, licenses: list[str]) -> None:
        assert answer(licenses, COMMERCIAL) == ("noncommercial", "CC-BY-NC-4.0", None)

    def test_open_without_commercial_goes_to_the_noncommercial_lane(self, licenses: list[str]) -> None:
        assert answer(licenses, NO_COMMERCIAL) == ("noncommercial", "CC-BY-NC-4.0", None)

    def test_gated_goes_nowhere(self, licenses: list[str]) -> None:
        assert answer(licenses, GATED) == (None, None, "noncommercial")


@pytest.mark.parametrize("licenses", CLOSED_LICENSES)
@pytest.mark.parametrize("rights", [COMMERCIAL, NO_COMMERCIAL, GATED])
def test_closed_and_unknown_sources_go_nowhere(licenses: list[str], rights: Rights) -> None:
    assert answer(licenses, rights) == (None, None, "source")


@pytest.mark.parametrize("missing", ["derive", "train", "evaluate", "research"])
@pytest.mark.parametrize(
    ("licenses", "expected"),
    [
        (WRITTEN_HERE, Outbound(Lane.GATED)),
        (["CC-BY-SA-4.0"], Outbound(None, "sharealike")),
        (["CC-BY-NC-4.0"], Outbound(None, "noncommercial")),
        (["CC-BY-ND-4.0"], Outbound(None, "source")),
    ],
)
def test_a_row_that_grants_less_than_a_public_licence_permits_is_gated_or_nowhere(
    missing: str, licenses: list[str], expected: Outbound
) -> None:
    assert outbound(source_class(licenses), replace(EVERYTHING, **{missing: False})) == expected  # type: ignore[arg-type]  # a right by name


@pytest.mark.parametrize("sources", SourceClass)
def test_practice_work_goes_nowhere(sources: SourceClass) -> None:
    assert outbound(sources, replace(EVERYTHING, publish="no")) == Outbound(None, "publish")
    assert outbound(sources, Rights("open", derive=True, commercial=True)) == Outbound(None, "purpose")


# What each lane's licence lets everybody do, and which sources' licences allow that: written by hand from the
# licences' texts (CC BY 4.0 §2a1, BY-NC 4.0 §2a1, BY-SA 4.0 §3b), from nothing of the program.
PERMITS = {
    "open": {"publish": "open", "derive": True, "train": True, "evaluate": True, "research": True, "commercial": True},
    "sharealike": {
        "publish": "open", "derive": True, "train": True, "evaluate": True, "research": True, "commercial": True,
    },
    "noncommercial": {
        "publish": "open", "derive": True, "train": True, "evaluate": True, "research": True, "commercial": False,
    },
    "gated": {
        "publish": "gated", "derive": False, "train": False, "evaluate": False, "research": False, "commercial": False,
    },
}  # fmt: skip
ALLOWED_SOURCES = {
    "open": {"free"}, "sharealike": {"sharealike"}, "noncommercial": {"free", "noncommercial"}, "gated": {"free"},
}  # fmt: skip
LADDER = ["no", "gated", "open"]
FLAGS = ("derive", "train", "evaluate", "research", "commercial")
ALL_RIGHTS = [
    Rights(publish, **dict(zip(FLAGS, flags, strict=True)))
    for publish, flags in product(LADDER, product([False, True], repeat=5))
]


@pytest.mark.parametrize("sources", SourceClass)
def test_no_row_stands_in_a_lane_whose_licence_grants_more_than_its_rights_and_its_sources_allow(
    sources: SourceClass,
) -> None:
    seen = set()
    for rights in ALL_RIGHTS:
        found = outbound(sources, rights)
        seen.add(found.lane)
        if found.lane is None:
            assert found.reason
            assert found.license is None
            continue
        permits = PERMITS[found.lane]
        assert sources in ALLOWED_SOURCES[found.lane]
        assert LADDER.index(str(permits["publish"])) <= LADDER.index(rights.publish)
        assert all(getattr(rights, name) or not permits[name] for name in FLAGS)
    assert seen == {lane for lane, allowed in ALLOWED_SOURCES.items() if sources in allowed} | {None}


def test_more_rights_never_lose_a_lane_that_is_public() -> None:
    for sources, rights in product(SourceClass, ALL_RIGHTS):
        wider = replace(rights, publish="open", derive=True, train=True, evaluate=True, research=True)
        if outbound(sources, rights).lane in {"open", "sharealike", "noncommercial"}:
            assert outbound(sources, wider).lane == outbound(sources, rights).lane


def test_the_docs_print_the_table_that_the_program_follows() -> None:
    lines = (Path(__file__).parents[2] / "docs" / "rights.md").read_text(encoding="utf-8").splitlines()
    start = lines.index("<!-- lanes -->") + 3  # the marker, the head of the table, the line under it
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[start : lines.index("", start)]]
    shown = {row[0]: row[1:] for row in rows}
    assert shown == {
        sources.value: [cell(outbound(sources, rights)) for rights in (COMMERCIAL, NO_COMMERCIAL, GATED)]
        for sources in SourceClass
    }


def cell(found: Outbound) -> str:
    """Return a cell of the printed table."""
    return f"`{found.lane}`, {found.license}" if found.lane else "none"
