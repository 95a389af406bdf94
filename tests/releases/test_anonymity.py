"""No fact about a person is published that fewer than k people share; each case by hand, and then many by chance."""

from collections import Counter
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from annotator.releases.anonymity import FIELDS, Granted, Published, publishable
from annotator.releases.census import Census

YORUBA = frozenset({"yor_Latn"})


def people(*facts: dict[str, str], languages: frozenset[str] = YORUBA, first: int = 0) -> dict[str, Granted]:
    """Return people with these facts, one each."""
    return {f"c{n}": Granted(n, languages, each) for n, each in enumerate(facts, start=first)}


def test_what_k_people_share_is_published() -> None:
    same = {"age_range": "25-34", "gender": "woman", "country": "NG"}
    assert publishable(people(*[same] * 5), 5) == Published({f"c{n}": same for n in range(5)}, 0)
    assert publishable(people(*[same] * 4), 5) == Published({}, 12)


def test_the_fact_that_the_fewest_share_goes_first() -> None:
    found = publishable(people(*[{"gender": "woman", "country": "NG"}] * 4, {"gender": "woman", "country": "BJ"}), 5)
    assert found == Published({f"c{n}": {"gender": "woman"} for n in range(5)}, 5)


def test_whoever_shows_more_than_others_hides_in_no_group_of_those_who_show_less() -> None:
    """Six show their gender, one of them the country too: without the country all six are alike."""
    found = publishable(people(*[{"gender": "man"}] * 5, {"gender": "man", "country": "NG"}), 5)
    assert found == Published({f"c{n}": {"gender": "man"} for n in range(6)}, 1)


def test_a_language_with_few_contributors_publishes_nothing() -> None:
    both = {
        **people(*[{"gender": "man"}] * 5),
        **people(*[{"gender": "man"}] * 4, languages=frozenset({"fon_Latn"}), first=5),
    }
    found = publishable(both, 5)
    assert set(found.facts) == {f"c{n}" for n in range(5)}
    assert found.suppressed == 4


def test_who_writes_two_languages_is_not_hidden_by_those_who_write_one() -> None:
    both = {**people(*[{"gender": "man"}] * 5), **people({"gender": "man"}, languages=YORUBA | {"fon_Latn"}, first=5)}
    assert "c5" not in publishable(both, 5).facts


def test_two_ids_of_one_person_show_nothing_and_count_for_nobody() -> None:
    same = {"gender": "woman"}
    twice = {**people(*[same] * 4), "a": Granted(99, YORUBA, same), "b": Granted(99, YORUBA, same)}
    assert publishable(twice, 5) == Published({}, 6)
    enough = {**people(*[same] * 5), "a": Granted(99, YORUBA, same), "b": Granted(99, YORUBA, same)}
    assert set(publishable(enough, 5).facts) == {f"c{n}" for n in range(5)}


FACTS = st.fixed_dictionaries({}, optional={name: st.sampled_from(["x", "y", "z"]) for name in FIELDS})


@given(
    st.lists(st.tuples(st.sampled_from([YORUBA, frozenset({"fon_Latn"})]), FACTS), max_size=60),
    st.integers(2, 6),
)
def test_whatever_is_published_is_granted_and_shared_by_k(
    rows: list[tuple[frozenset[str], dict[str, str]]], k: int
) -> None:
    granted = {f"c{n}": Granted(n, languages, facts) for n, (languages, facts) in enumerate(rows)}
    found = publishable(granted, k)
    groups = Counter((granted[key].languages, tuple(sorted(facts.items()))) for key, facts in found.facts.items())
    assert all(n >= k for n in groups.values())
    for key, facts in found.facts.items():
        assert facts.items() <= granted[key].facts.items()
    assert found.suppressed == sum(len(one.facts) for one in granted.values()) - sum(map(len, found.facts.values()))
    for _languages, facts in rows:  # nothing is left out for nothing: k people all alike are shown
        alike = [key for key, one in granted.items() if one.facts == facts and one.languages == _languages]
        if facts and len(alike) >= k and len(alike) == sum(one.languages == _languages for one in granted.values()):
            assert all(found.facts[key] == facts for key in alike)


def uncredited(**languages: Iterable[int]) -> dict[str, int | None]:
    """Return the counts by credit where these people write without any, each one text in each of their languages."""
    census = Census(5)
    for language, people in languages.items():
        for person in people:
            facts = {
                "language": language, "language_bcp47": language, "created_month": "2026-01", "source_licenses": [],
                "rights_profile_id": "p", "own": person, "reviews": [],
                "by": [[person, None, "author", "none", "open", 1, "2026-01"]],
            }  # fmt: skip
            census.add(facts, lane="open", license_id="CC-BY-4.0", split="train")
    return census.by_mode({})


def test_no_count_that_was_left_out_can_be_had_by_taking_others_from_the_sum() -> None:
    assert uncredited(yor=range(10))["none"] == 10
    assert uncredited(yor=range(3))["none"] is None
    assert uncredited(yor=range(10), ibo=[20])["none"] is None, "eleven less ten is the one of the small language"
    assert uncredited(yor=range(10), ibo=[9])["none"] == 10, "who is counted elsewhere cannot be taken out"
    assert uncredited(yor=range(10), ibo=range(20, 23), hau=range(30, 33))["none"] == 16, "six of two languages"
