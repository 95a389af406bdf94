"""The texts of a benchmark: all different, as long as real ones, and of the language that they say."""

import math
import random
from types import SimpleNamespace

from annotator.bench import texts
from annotator.quality.language import check


def test_no_prompt_comes_twice() -> None:
    assert math.gcd(texts._STEP, texts.PROMPTS) == 1  # noqa: SLF001  # every number is reached once
    assert len({texts.prompt(number) for number in range(20_000)}) == 20_000
    assert texts.prompt(texts.PROMPTS) == texts.prompt(0) != texts.prompt(texts.PROMPTS - 1)


def test_each_number_means_words_of_its_own() -> None:
    for words in (texts.TASKS, texts.TIMES, texts.PEOPLE, texts.DEEDS, texts.THINGS, texts.PLACES, texts.REASONS):
        assert len(words) == len(set(words))


def test_answers_are_as_long_as_real_ones_and_differ() -> None:
    chance = random.Random(1)  # noqa: S311  # it draws words
    found = [texts.answer(chance) for _ in range(1_000)]
    assert len(set(found)) == 1_000
    lengths = sorted(map(len, found))
    assert lengths[50] >= 120
    assert lengths[-50] <= 210


def test_the_language_check_knows_the_language() -> None:
    language = SimpleNamespace(iso639_3=texts.LANGUAGE[:3], script=texts.LANGUAGE[4:])
    found = check(texts.answer(random.Random(2)), language)  # noqa: S311
    assert found["verdict"] == "plausible"
