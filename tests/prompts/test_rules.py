"""Which texts are the same, what a template makes, and which licences can be named."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator import text
from annotator.consent.rules import SourceClass
from annotator.errors import Invalid
from annotator.prompts import licenses, rules
from annotator.prompts.rules import Texts
from annotator.prompts.seeds import SEEDS

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


def test_the_same_words_have_the_same_fingerprint() -> None:
    texts = Texts("Kí ni o rí?", "Ọjà", None)
    decomposed = unicodedata.normalize("NFD", "Kí  ni\no rí? ")
    assert texts.fingerprint == Texts(str(text.clean(decomposed)), " Ọjà\t", "").fingerprint
    assert texts.fingerprint != Texts("Kí ni o rí", "Ọjà", None).fingerprint
    assert Texts("a", "b").fingerprint != Texts("a", None, "b").fingerprint
    assert Texts("a b").fingerprint != Texts("a", "b").fingerprint


def test_what_is_alike_differs_in_case_spaces_and_punctuation_only() -> None:
    assert Texts("Name three rivers.").likeness == Texts("name THREE rivers!").likeness
    assert Texts("Name three rivers.").likeness != Texts("Name four rivers.").likeness
    # Vowel signs are letters of a word, not decoration.
    assert Texts("कि").likeness != Texts("की").likeness


@given(WORDS)
def test_a_likeness_fits_its_column_and_follows_from_the_fingerprint(words: str) -> None:
    texts, spaced = Texts(words), Texts(f" {words} ")
    assert 0 <= texts.likeness < 2**63
    assert (texts.fingerprint, texts.likeness) == (spaced.fingerprint, spaced.likeness)


@given(st.text(st.characters(max_codepoint=127, exclude_characters="\0")))
def test_the_short_way_for_ascii_gives_the_same(words: str) -> None:
    assert rules._loose(words) == rules._loose(words + "é").removesuffix("é")  # noqa: SLF001  # two ways to one thing


def test_a_completion_makes_the_kind() -> None:
    assert (Texts("a").kind, Texts("a", None, "b").kind) == ("answer", "reannotate")


def test_a_template_takes_the_sentence_in_or_stands_over_it() -> None:
    assert rules.fill("Explain “{text}” to a child.", "{x} 100%") == ("Explain “{x} 100%” to a child.", None)
    assert rules.fill("Write a headline.", "It rained.") == ("Write a headline.", "It rained.")
    assert rules.fill("e{text}", "\u0301") == ("é", None)


@pytest.mark.parametrize(
    ("name", "body", "link", "code"),
    [
        ("Bad Name", "Do it.", "completion", "template_name_invalid"),
        ("x" * 61, "Do it.", "completion", "template_name_invalid"),
        ("empty", " ", "completion", "template_body_missing"),
        ("bare", " {text} ", "completion", "template_body_missing"),
        ("nul", "Do\0it", "completion", "template_body_unusable"),
        ("linked", "Do it.", "edit", "template_link_unknown"),
    ],
)
def test_templates_that_cannot_stand(name: str, body: str, link: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.checked_template(name, body, link)
    assert refusal.value.code == code


def test_our_own_templates_can_stand_and_declare_what_an_answer_is() -> None:
    for seed in SEEDS:
        assert rules.checked_template(seed.name, seed.body, seed.answer_link) == (seed.name, seed.body)
    links = {seed.name: seed.answer_link for seed in SEEDS}
    assert links["translate-from-english"] == "translation"
    assert links["rewrite-more-simply"] == "paraphrase"
    assert [name for name, link in links.items() if link == "completion"] == [
        "write-a-headline", "ask-a-question", "continue-the-story",
    ]  # fmt: skip


@pytest.mark.parametrize("bad", ["a\0b", "\ud800"])
def test_what_cannot_be_stored_is_found_at_any_depth(bad: str) -> None:
    assert rules.unstorable({"a": [{"b": ("x", bad)}]})
    assert rules.unstorable({bad: 1})
    assert not rules.unstorable({"a": ["b", 1, None, "😀"]})


@pytest.mark.parametrize(
    ("given", "settled"),
    [("cc-by-sa-4.0", "CC-BY-SA-4.0"), (" MIT ", "MIT"), ("LicenseRef-Elders-Council", "LicenseRef-Elders-Council")],
)
def test_licences_are_written_as_spdx_does(given: str, settled: str) -> None:
    assert licenses.checked(given) == settled


@pytest.mark.parametrize(
    ("given", "near"),
    [("CC BY-SA 4.0", "CC-BY-SA-4.0"), ("apache 2", "Apache-2.0"), ("", "CC-BY-4.0")],
)
def test_a_licence_that_nobody_knows_is_refused_with_the_nearest(given: str, near: str) -> None:
    with pytest.raises(Invalid) as refusal:
        licenses.checked(given)
    assert (refusal.value.code, refusal.value.facts["near"]) == ("license_unknown", near)


def test_licences_and_what_they_let_a_row_be() -> None:
    classes = {name: licenses.class_of(name) for name in licenses.KNOWN}
    free = {"CC0-1.0", "PDDL-1.0", "ODC-By-1.0", "Apache-2.0", "MIT", "Unlicense", "CC-BY-3.0", "CC-BY-4.0"}
    assert free <= {name for name, found in classes.items() if found is SourceClass.FREE}
    assert classes["CC-BY-SA-3.0"] is SourceClass.SHAREALIKE
    assert classes["CC-BY-NC-4.0"] is SourceClass.NONCOMMERCIAL
    for closed in ("CC-BY-NC-SA-4.0", "CC-BY-ND-4.0", "CC-BY-SA-1.0", "GPL-3.0-only"):
        assert classes[closed] is SourceClass.CLOSED
    assert licenses.class_of("LicenseRef-Anything") is SourceClass.CLOSED
