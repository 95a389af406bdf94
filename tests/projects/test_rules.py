"""What makes a project's settings sound."""

import pytest

from annotator.errors import Invalid
from annotator.projects import rules


@pytest.mark.parametrize("slug", ["ab", "river-stories", "a1", "x" * 60])
def test_slugs_that_can_stand_in_an_address(slug: str) -> None:
    assert rules.checked_slug(slug) == slug


@pytest.mark.parametrize(
    "slug",
    ["", "a", "x" * 61, "River", "river_stories", "-river", "river-", "a--b", "río", "new", "../x", "a b", "ab\n"],
)
def test_slugs_that_cannot(slug: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.checked_slug(slug)
    assert refusal.value.code == "project_slug_invalid"


def test_a_mix_keeps_what_is_offered_and_its_weight() -> None:
    assert rules.checked_mix(None) == {"original": 1, "answer": 1, "reannotate": 1}
    assert rules.checked_mix({"reannotate": 3, "original": 0}) == {"reannotate": 3}


@pytest.mark.parametrize(
    ("mix", "code"),
    [
        ({"translate": 1}, "project_mix_kind_unknown"),
        ({"answer": -1}, "project_mix_weight_invalid"),
        ({"answer": 1001}, "project_mix_weight_invalid"),
        ({"answer": True}, "project_mix_weight_invalid"),
        ({"answer": 0}, "project_mix_empty"),
        ({}, "project_mix_empty"),
    ],
)
def test_a_mix_that_cannot_stand(mix: dict[str, int], code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.checked_mix(mix)
    assert refusal.value.code == code


def test_lanes_stand_in_fixed_order() -> None:
    assert rules.checked_lanes(["gated", "open", "open"]) == ["open", "gated"]
    assert rules.checked_lanes(None) == ["open", "sharealike", "noncommercial", "gated"]


@pytest.mark.parametrize(("lanes", "code"), [(["wide"], "project_lane_unknown"), ([], "project_lanes_missing")])
def test_lanes_that_cannot_stand(lanes: list[str], code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.checked_lanes(lanes)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (rules.checked_overlap, 0),
        (rules.checked_overlap, 10_001),
        (rules.checked_reviews, 0),
        (rules.checked_reviews, 21),
        (rules.checked_cap, -1),
        (rules.checked_cap, 1_000_001),
    ],
)
def test_numbers_beyond_reason(check: object, value: int) -> None:
    with pytest.raises(Invalid):
        check(value)  # type: ignore[operator]  # a function of the rules


def test_no_cap_is_none() -> None:
    assert [rules.checked_cap(cap) for cap in (None, 0, 1, 1_000_000)] == [None, None, 1, 1_000_000]


def test_a_title_is_one_line() -> None:
    assert rules.checked_title("  Words \n by the river ") == "Words by the river"
    for bad in ("  ", "x" * 121):
        with pytest.raises(Invalid):
            rules.checked_title(bad)


def test_a_mix_on_the_command_line() -> None:
    assert rules.parse_mix(["original", "answer=3"]) == {"original": 1, "answer": 3}
    with pytest.raises(Invalid):
        rules.parse_mix(["answer=many"])
