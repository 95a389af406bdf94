"""Tokens and whose they are, by hand-counted chains of edits in five scripts."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.annotations import shares
from annotator.annotations.shares import OWN

# Texts of three authors, one after the other, with the tokens of each in the last one, counted by hand.
CHAINS = {
    # The, was, very, evening of the first; river, quiet of the second; and, dark of the third.
    "Latin": (
        "The lake was very cold this evening.",
        "The river was very quiet this evening.",
        "The river was very quiet and dark, evening!",
        {1: 4, 2: 2, 3: 2},
        8,
    ),
    # الولد, في, الكتاب of the first; الكبير of the second; يقرأ, القديم of the third.
    "Arabic": (
        "كتب الولد في الكتاب",
        "كتب الولد الكبير في الكتاب",
        "يقرأ الولد الكبير في الكتاب القديم",
        {1: 3, 2: 1, 3: 2},
        6,
    ),
    # मैं, घर, हूँ of the first; आज of the second; से, लौटता of the third.
    "Devanagari": (
        "मैं घर जाता हूँ।",
        "मैं आज घर जाता हूँ।",
        "मैं आज घर से लौटता हूँ।",
        {1: 3, 2: 1, 3: 2},
        6,
    ),
    # Clusters: แ ม ว | กิ น | ป ล า; then สี ดำ (SARA AM belongs to its consonant) in between; then ห นู for ป ล า.
    "Thai": (
        "แมวกินปลา",
        "แมวสีดำกินปลา",
        "แมวสีดำกินหนู",
        {1: 5, 2: 2, 3: 2},
        9,
    ),
    # 我 去 北 京, then 明 天 in between, then 上 海 for 北 京; punctuation is no token.
    "Han": (
        "我去北京。",
        "我明天去北京。",
        "我明天去上海。",
        {1: 2, 2: 2, 3: 2},
        6,
    ),
}


@pytest.mark.parametrize("script", CHAINS)
def test_what_survives_of_three_authors_is_what_a_person_counts(script: str) -> None:
    first, second, third, expected, total = CHAINS[script]
    runs = shares.whole(1, first)
    for number, (before, after) in enumerate([(first, second), (second, third)], start=2):
        traced = shares.trace(runs, before, after)
        assert traced is not None
        runs = shares.settled(traced, number)
    assert shares.counted(runs, 0) == expected
    assert len(shares.tokens(third)) == total == sum(expected.values())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Don't stop, Kàwé-Rẹ!", ["don't", "stop", "kàwé-rẹ"]),
        ("نمی‌خواهم", ["نمی‌خواهم"]),
        ("สวัสดี hello ๒", ["ส", "วั", "ส", "ดี", "hello", "๒"]),
        ("ສະບາຍດີ", ["ສ", "ະ", "ບ", "າ", "ຍ", "ດີ"]),
        ("ខ្ញុំ", ["ខ្ញុំ"]),
        ("ラーメンを食べる", list("ラーメンを食べる")),
        ("한국어 문장", ["한국어", "문장"]),
        ("1+1=2 👩‍🚀", ["1", "+", "1", "=", "2", "👩‍🚀"]),
        ("?!", ["?", "!"]),
        (" \n ", []),
    ],
)
def test_tokens_by_the_script_of_each_run(text: str, found: list[str]) -> None:
    assert shares.tokens(text) == found


def test_case_and_punctuation_make_nobody_an_author() -> None:
    assert shares.trace([[1, 3]], "one two three", "One, TWO: three!") == [[1, 3]]


def test_words_put_in_stand_in_the_order_of_the_text() -> None:
    assert shares.trace([[1, 2], [2, 1]], "a b c", "x a c y z") == [[OWN, 1], [1, 1], [2, 1], [OWN, 2]]


def test_runs_that_are_not_of_the_text_say_nothing() -> None:
    assert shares.trace([[1, 2]], "a b c", "a b c d") is None


def test_a_gap_stands_where_words_were() -> None:
    kept, text = shares.without([[1, 1], [2, 2], [1, 1], [2, 1]], "One, two three. Four? Five!", {2})
    assert (kept, text) == ([[1, 1], [1, 1]], "One, […]. Four? […]!")
    assert sum(number for _owner, number in kept) == len(shares.tokens(text))
    again, same = shares.without([[1, 1], [2, 2], [1, 1], [2, 1]], text, {2}, cut={2})
    assert (again, same) == (kept, text)
    assert shares.without([[1, 3], [2, 2]], "แมวกิ", {2})[1] == shares.GAP, "runs of another text"


_words = st.lists(st.sampled_from(["ka", "ke", "ki", "ko", "कम", "ก", "漢"]), max_size=12).map(" ".join)


@given(st.lists(_words, min_size=1, max_size=5))
def test_every_token_has_one_owner_and_survivors_are_no_more_than_were_there(texts: list[str]) -> None:
    runs = shares.whole(1, texts[0])
    for number, (before, after) in enumerate(itertools.pairwise(texts), start=2):
        traced = shares.trace(runs, before, after)
        assert traced is not None
        had = shares.counted(runs, 0)
        runs = shares.settled(traced, number)
        now = shares.counted(runs, 0)
        assert sum(now.values()) == len(shares.tokens(after))
        assert all(now[owner] <= had[owner] for owner in now if owner != number)
    assert shares.trace(runs, texts[-1], texts[-1]) == shares.as_runs(o for o, n in runs for _ in range(n))
