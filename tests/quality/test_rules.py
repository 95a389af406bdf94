"""Distances and differences, in graphemes and words."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.quality.rules import Span, diff, edit_distance, tokens
from annotator.text import graphemes

TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60)
SCRIPTS = st.sampled_from(["Latn", "Arab", "Deva", "Hans", "Thai", "Tibt", "Jpan"])


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [
        ("", "", 0),
        ("abc", "abc", 0),
        ("kitten", "sitting", 3),
        ("e\u0301te\u0301", "été", 0),  # the same letters, composed or not
        ("été", "ete", 2),
        ("नमस्ते", "नमस्तें", 1),  # one cluster more or less marked is one edit
        ("👩‍👩‍👧", "👩", 1),  # a family is one grapheme
        ("क्ष", "", 1),  # a conjunct is one cluster (GB9c)
        ("", "สวัสดี", len(graphemes("สวัสดี"))),
        ("Ọjọ́", "Ojo", 2),
    ],
)
def test_distance_counts_graphemes(a: str, b: str, distance: int) -> None:
    assert edit_distance(a, b) == distance
    assert edit_distance(b, a) == distance


def plain_distance(a: list[str], b: list[str]) -> int:
    """Return what the textbook's table gives, row by row."""
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, right in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (left != right))
    return row[-1]


@given(TEXTS, TEXTS)
def test_distance_is_the_textbook_distance(a: str, b: str) -> None:
    assert edit_distance(a, b) == plain_distance(graphemes(a), graphemes(b))


@given(TEXTS, TEXTS, SCRIPTS)
def test_difference_gives_back_both_texts(a: str, b: str, script: str) -> None:
    spans = diff(a, b, script)
    assert "".join(span.text for span in spans if span.op != "insert") == "".join(graphemes(a))
    assert "".join(span.text for span in spans if span.op != "delete") == "".join(graphemes(b))
    assert all(span.text for span in spans)
    assert not any(x.op == y.op for x, y in pairwise(spans))


@given(TEXTS, SCRIPTS)
def test_a_text_does_not_differ_from_itself(text: str, script: str) -> None:
    assert [span.op for span in diff(text, text, script)] == (["equal"] if text else [])
    assert "".join(tokens(text, script)) == nfc(text)


def test_difference_goes_by_words_where_there_are_spaces() -> None:
    assert diff("The cat sat here.", "The dog sat there.", "Latn") == [
        Span("equal", "The "),
        Span("delete", "cat"),
        Span("insert", "dog"),
        Span("equal", " sat "),
        Span("delete", "here"),
        Span("insert", "there"),
        Span("equal", "."),
    ]


def test_a_rewritten_phrase_is_one_change() -> None:
    assert diff("a b c", "x y c", "Latn") == [Span("delete", "a b"), Span("insert", "x y"), Span("equal", " c")]


def test_white_space_at_the_ends_belongs_to_no_change() -> None:
    assert diff(" a ", " b ", "Latn") == [
        Span("equal", " "),
        Span("delete", "a"),
        Span("insert", "b"),
        Span("equal", " "),
    ]
    assert diff(" ", " ", "Latn") == [Span("equal", " ")]


@pytest.mark.parametrize("word", ["can't", "l’eau", "Ọjọ́", "नमस्ते", "می‌خواهم", "kí-kà"])  # noqa: RUF001  # both apostrophes are in use
def test_a_word_is_not_cut(word: str) -> None:
    assert tokens(f"{word}, 1", "Latn") == [nfc(word), ",", " ", "1"]


@pytest.mark.parametrize(
    ("script", "a", "b", "gone", "come"),
    [
        ("Hans", "我喜欢猫", "我喜欢狗", "猫", "狗"),
        ("Jpan", "猫が好き", "犬が好き", "猫", "犬"),
        ("Thai", "ฉันรักที่นี่", "ฉันรักที่นั่น", "นี่", "นั่น"),
        ("Tibt", "བོད་སྐད", "བོད་ཡིག", "སྐད", "ཡིག"),
        ("Khmr", "ខ្ញុំស្រលាញ់", "ខ្ញុំចូលចិត្ត", "ស្រលាញ់", "ចូលចិត្ត"),
    ],
)
def test_difference_goes_by_graphemes_where_there_are_none(script: str, a: str, b: str, gone: str, come: str) -> None:
    spans = diff(a, b, script)
    assert "equal" in {span.op for span in spans}
    assert "".join(span.text for span in spans if span.op == "delete") == gone
    assert "".join(span.text for span in spans if span.op == "insert") == come
    pieces = [piece for span in spans for piece in graphemes(span.text)]
    assert set(pieces) <= {*graphemes(a), *graphemes(b)}, "a mark was torn from its letter"
