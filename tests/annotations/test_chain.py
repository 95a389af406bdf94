"""Who stands behind a text and what a withdrawal leaves of it, by hand-made chains."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.annotations import chain, shares
from annotator.annotations.chain import Part, Verdict
from annotator.annotations.shares import Runs

START = datetime(2030, 1, 1, tzinfo=UTC)
ADA, BEN, CHI = 1, 2, 3


@dataclass
class Made:
    """A revision with its words."""

    id: int
    author_id: int
    parent: "Made | None"
    link: str | None
    words: dict[str, str]
    shares: Mapping[str, Runs] | None = None
    withdrawn: bool = False
    annotation_id: int = 0
    created_at: datetime = START

    @property
    def sets(self) -> frozenset[str]:
        return frozenset(self.words)


@dataclass
class Story:
    """Revisions, each an item of its own, counted as the platform counts them."""

    made: list[Made] = field(default_factory=list)

    def write(
        self, who: int, on: Made | None = None, link: str | None = None, *, counted: bool = True, **words: str
    ) -> Made:
        number = len(self.made) + 1
        one = Made(number, who, on, link, words, annotation_id=number, created_at=START + timedelta(days=number))
        if link == "edit" and counted:
            assert on is not None
            one.shares = self._count(on, words)
        self.made.append(one)
        return one

    def _count(self, on: Made, words: dict[str, str]) -> dict[str, Runs]:
        wanted = set(words) | ({"instruction", "input"} if set(words) & {"instruction", "input"} else set())
        found: dict[str, Runs] = {}
        for name in wanted:
            old, runs = self._above(on, name)
            traced = shares.trace(runs, old, words[name]) if name in words else runs
            assert traced is not None
            found[name] = traced
        return found

    def _above(self, on: Made, name: str) -> tuple[str, Runs]:
        step: Made | None = on
        while step is not None:
            if name in step.words:
                if step.shares is not None and name in step.shares:
                    return step.words[name], shares.settled(step.shares[name], step.id)
                return step.words[name], shares.whole(step.id, step.words[name])
            step = step.parent
        return "", []


@pytest.fixture
def story() -> Story:
    return Story()


def behind(one: Made) -> dict[int, tuple[float | None, float | None]]:
    return {part.rev.id: (part.prompt, part.completion) for part in chain.parts(one, lambda step: step.parent)}


def verdict(*own: Made, mend_share: float = 0.2, licensed: chain.Licensed[Made] | None = None) -> Verdict:
    return chain.verdict(own, lambda step: step.parent, mend_share=mend_share, licensed=licensed)


def test_shares_of_a_chain_of_three_add_up_in_each_column(story: Story) -> None:
    first = story.write(ADA, instruction="one two three", input="four", completion="a b c d")
    second = story.write(BEN, first, "edit", completion="a b c e")
    third = story.write(CHI, second, "edit", instruction="one two five", completion="a b f e")
    # Prompt: one two four of Ada, five of Chi. Completion: a b of Ada, e of Ben, f of Chi.
    assert behind(third) == {3: (0.25, 0.25), 2: (0.0, 0.25), 1: (0.75, 0.5)}
    assert behind(second) == {2: (0.0, 0.25), 1: (1.0, 0.75)}
    assert behind(first) == {1: (1.0, 1.0)}


def test_whose_words_are_all_gone_is_no_author_any_more(story: Story) -> None:
    first = story.write(ADA, instruction="one", completion="a b")
    second = story.write(BEN, first, "edit", completion="c d")
    third = story.write(CHI, second, "edit", completion="e f")
    assert behind(third) == {3: (0.0, 1.0), 1: (1.0, 0.0)}
    second.withdrawn = True
    assert verdict(third) is Verdict.STAYS


def test_where_nobody_counted_every_ancestor_with_words_counts(story: Story) -> None:
    first = story.write(ADA, instruction="one", completion="a b")
    second = story.write(BEN, first, "edit", counted=False, completion="c d")
    third = story.write(CHI, second, "edit", counted=False, completion="e f")
    assert behind(third) == {3: (0.0, None), 2: (0.0, None), 1: (1.0, None)}
    second.withdrawn = True
    assert verdict(third) is Verdict.OUT


@pytest.mark.parametrize("link", chain.REWORDED)
def test_everybody_behind_a_translation_or_paraphrase_is_an_author(story: Story, link: str) -> None:
    first = story.write(ADA, instruction="one", completion="a b")
    edited = story.write(BEN, first, "edit", completion="a c")
    made = story.write(CHI, edited, link, instruction="uno", completion="x y")
    polished = story.write(BEN, made, "edit", completion="z z")
    assert set(behind(made)) == {1, 2, 3}
    assert behind(made)[1] == (0.0, 0.0), "no token is theirs, and it is their text all the same"
    assert set(behind(polished)) == {1, 2, 3, 4}
    first.withdrawn = True
    assert verdict(made) is verdict(polished) is Verdict.OUT
    assert verdict(made, licensed=lambda part: part.rev is first and part.reworded is made) is Verdict.STAYS


def test_no_licence_helps_where_the_text_itself_goes(story: Story) -> None:
    first = story.write(ADA, instruction="one", completion="a b")
    made = story.write(CHI, first, "translation", completion="x y")
    first.withdrawn = True
    assert verdict(made, licensed=lambda _part: True) is Verdict.OUT, "the question is Ada's own words"
    assert [part.rev for part in chain.gone(_parts(made), lambda _part: True)] == [first]


def _parts(one: Made) -> list[Part[Made]]:
    return chain.parts(one, lambda step: step.parent)


def test_an_answer_survives_its_question(story: Story) -> None:
    asked = story.write(ADA, instruction="one two", completion="a b")
    answer = story.write(BEN, asked, "completion", completion="c d")
    assert behind(answer) == {2: (0.0, 1.0), 1: (1.0, 0.0)}
    asked.withdrawn = True
    assert verdict(answer) is Verdict.PROMPT
    better = story.write(CHI, answer, "edit", completion="c e")
    assert verdict(better) is Verdict.PROMPT
    answer.withdrawn = True
    assert verdict(better) is Verdict.OUT, "half of the completion is Ben's"


def test_a_completion_written_anew_survives_its_question_too(story: Story) -> None:
    asked = story.write(ADA, instruction="one two", completion="a b")
    anew = story.write(BEN, asked, "edit", completion="c d")
    mixed = story.write(CHI, asked, "edit", completion="a d")
    asked.withdrawn = True
    assert verdict(anew) is Verdict.PROMPT
    assert verdict(mixed) is Verdict.OUT


@pytest.mark.parametrize(
    ("kept", "found"),
    [(0, Verdict.STAYS), (1, Verdict.SPANS), (2, Verdict.OUT), (5, Verdict.OUT)],
)
def test_an_edit_by_how_much_of_the_withdrawn_text_survives(story: Story, kept: int, found: Verdict) -> None:
    old = [f"w{number}" for number in range(10)]
    first = story.write(ADA, instruction="one", completion=" ".join(old))
    words = [*old[:kept], *(f"n{number}" for number in range(10 - kept))]
    made = story.write(BEN, first, "edit", instruction="anew", completion=" ".join(words))
    first.withdrawn = True
    assert verdict(made) is found
    assert verdict(made, mend_share=0.0) is (Verdict.STAYS if kept == 0 else Verdict.OUT)


def test_the_shares_of_one_author_add_up(story: Story) -> None:
    first = story.write(ADA, instruction="one", completion="a b c d e f g h")
    second = story.write(BEN, first, "edit", instruction="anew", completion="a 1 2 3 4 5 6 7")
    third = story.write(ADA, second, "edit", completion="a 1 2 3 4 5 6 z")
    fourth = story.write(BEN, third, "edit", completion="a 1 2 3 4 5 6 z 8 9")
    first.withdrawn = True
    assert verdict(fourth) is Verdict.SPANS
    third.withdrawn = True
    assert verdict(fourth) is Verdict.OUT, "two words of ten"


def test_a_reviewers_edit_taken_back_lets_the_text_fall_back(story: Story) -> None:
    own = story.write(ADA, instruction="one", completion="a b c")
    edit = story.write(BEN, own, "edit", completion="a b d")
    newest = story.write(ADA, edit, "edit", completion="a b d e")
    edit.withdrawn = True
    assert verdict(newest, own) is Verdict.FALLS_BACK
    comma = story.write(ADA, edit, "edit", completion="a b c e")
    assert verdict(comma, own) is Verdict.STAYS, "none of the reviewer's words is left"


def test_what_was_erased_still_counts_as_holding_its_fields(story: Story) -> None:
    first = story.write(ADA, instruction="one", completion="a b")
    second = story.write(BEN, first, "edit", completion="c d")
    third = story.write(CHI, second, "edit", instruction="two")
    second.withdrawn = True
    second.shares = shares.hollow(second.sets)
    assert verdict(third) is Verdict.OUT
    assert behind(third)[2] == (0.0, 0.0)


_links = st.sampled_from([None, "edit", "edit", "edit", "translation", "paraphrase", "completion"])
_steps = st.lists(
    st.tuples(
        st.integers(ADA, CHI), _links, st.booleans(),
        st.dictionaries(st.sampled_from(chain.FIELDS), st.sampled_from(["a", "a b", "b c", "", "?"]), min_size=1),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


@given(_steps)
def test_the_short_way_finds_the_same_people(steps: list[tuple[int, str | None, bool, dict[str, str]]]) -> None:
    story, last = Story(), None
    for who, link, counted, words in steps:
        made_of = last if link is not None else None
        last = story.write(
            who, made_of, link if made_of is not None else None, counted=counted and _is_counted(made_of), **words
        )
    assert last is not None
    found = _parts(last)
    assert chain.who(last, lambda step: step.parent) == [part.rev for part in found]
    for name in ("prompt", "completion"):
        known = [value for part in found if (value := getattr(part, name)) is not None]
        assert sum(known) <= 1.0 + 1e-9


def _is_counted(one: Made | None) -> bool:
    """Say whether every edit above was counted, as it is on the platform from some day on."""
    while one is not None and (one.link != "edit" or one.shares is not None):
        one = one.parent
    return one is None
