"""What decisions add up to over time (rights-model §2.2, §2.3): a test per sentence, and properties with an oracle."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.consent import rules
from annotator.consent.rules import EVERYTHING, NOTHING, PRESETS, Rights, Text

YORUBA, ARABIC = 1, 2
DAY_ZERO = datetime(2026, 1, 1, tzinfo=UTC)
FIELDS = ("publish", "derive", "train", "evaluate", "research", "commercial", "attribution")
LADDERS: dict[str, list[Any]] = {
    "publish": ["no", "gated", "open"],
    "derive": [False, True],
    "train": [False, True],
    "evaluate": [False, True],
    "research": [False, True],
    "commercial": [False, True],
    "attribution": ["none", "handle", "named"],
}


def day(number: int) -> datetime:
    """Return a moment of the test's calendar."""
    return DAY_ZERO + timedelta(days=number)


@dataclass
class Decided:
    """A consent event as the rules read it."""

    at: datetime
    id: int = 0
    language_id: int | None = None
    annotation_id: int | None = None
    also_before: bool = False
    expires_at: datetime | None = None
    publish: str | None = None
    derive: bool | None = None
    train: bool | None = None
    evaluate: bool | None = None
    research: bool | None = None
    commercial: bool | None = None
    attribution: str | None = None
    wrong: bool | None = False


def choose(preset: str, on: int, **changes: object) -> Decided:
    """Return the event of somebody who chose a preset on a day."""
    return replace(Decided(at=day(on), id=on, attribution="handle", **PRESETS[preset].as_dict()), **changes)  # type: ignore[arg-type]  # names of the dataclass


def text(on: int, language: int = YORUBA, annotation: int | None = 7) -> Text:
    """Return a text that was given on a day."""
    return Text(language, day(on), annotation)


def publish(events: Sequence[Decided], of: Text, on: int = 100) -> str:
    """Return what stands for ``publish``, the right with three levels."""
    return rules.decisions(events, of, at=day(on)).rights.publish


# §2.2, the table of presets: written out by hand.
@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        ("open", ("open", True, True, True, True, True)),
        ("noncommercial", ("open", True, True, True, True, False)),
        ("gated", ("gated", True, True, True, True, False)),
        ("practice", ("no", False, False, False, False, False)),
    ],
)
def test_preset_grants_what_the_table_says(preset: str, expected: tuple[object, ...]) -> None:
    assert tuple(PRESETS[preset].as_dict().values()) == expected


def test_nothing_is_granted_without_a_decision() -> None:
    assert rules.decisions([], text(1), at=day(2)) == rules.Decisions(NOTHING, "none", None)


def test_all_off_is_practice_work() -> None:
    assert rules.is_practice(PRESETS["practice"])
    assert rules.is_practice(replace(EVERYTHING, publish="no"))
    assert rules.is_practice(Rights("open", derive=True, commercial=True)), "no purpose at all"
    assert not rules.is_practice(Rights("gated", research=True))


# §2.3, sentence by sentence.
def test_a_new_text_starts_with_the_latest_event_of_the_most_specific_scope() -> None:
    events = [choose("gated", 1, language_id=YORUBA), choose("open", 2, language_id=YORUBA)]
    assert publish([choose("practice", 0), *events], text(5)) == "open"
    assert publish([choose("practice", 0), *events], text(5, ARABIC)) == "no"
    assert publish([*events, choose("open", 3)], text(5)) == "open"
    assert publish([choose("gated", 1, language_id=YORUBA), choose("open", 3)], text(5)) == "gated", "no wider"


def test_a_new_text_is_narrowed_by_later_denials_at_wider_scopes() -> None:
    assert publish([choose("open", 1, language_id=YORUBA), choose("gated", 2)], text(5)) == "gated"
    assert publish([choose("gated", 1), choose("open", 2, language_id=YORUBA)], text(5)) == "open", "the earlier is not"


def test_a_denial_that_its_own_scope_has_lifted_no_longer_narrows_a_new_text() -> None:
    events = [choose("open", 1, language_id=YORUBA), choose("practice", 2), choose("gated", 3)]
    assert publish(events, text(5)) == "gated"
    assert publish([*events, choose("open", 4)], text(5)) == "open"


@pytest.mark.parametrize("scope", [{}, {"language_id": YORUBA}, {"annotation_id": 7}])
def test_a_denial_always_narrows_whatever_its_scope(scope: dict[str, int]) -> None:
    granted = [choose("open", 1), choose("open", 2, language_id=YORUBA), choose("open", 6, annotation_id=7)]
    assert publish(granted, text(5)) == "open"
    assert publish([*granted, choose("gated", 8, **scope)], text(5)) == "gated"


def test_a_denial_for_another_language_or_text_does_not_narrow() -> None:
    events = [choose("open", 1), choose("practice", 6, language_id=ARABIC), choose("practice", 7, annotation_id=8)]
    assert publish(events, text(5)) == "open"


def test_a_later_grant_does_not_widen_a_text_by_itself() -> None:
    assert publish([choose("gated", 1), choose("open", 6)], text(5)) == "gated"
    assert publish([choose("gated", 1), choose("open", 6, language_id=YORUBA)], text(5)) == "gated"
    assert publish([choose("gated", 1), choose("open", 6)], text(7)) == "open", "a text given afterwards has it"


def test_a_later_grant_widens_where_also_before_was_ticked() -> None:
    assert publish([choose("gated", 1), choose("open", 6, also_before=True)], text(5)) == "open"
    assert publish([choose("gated", 1), choose("open", 6, also_before=True, language_id=YORUBA)], text(5)) == "open"


def test_a_later_grant_widens_where_it_names_the_text() -> None:
    assert publish([choose("gated", 1), choose("open", 6, annotation_id=7)], text(5)) == "open"
    assert publish([choose("gated", 1), choose("open", 6, annotation_id=8)], text(5)) == "gated"


def test_also_before_skips_a_text_with_a_denial_of_its_own() -> None:
    events = [choose("open", 1), choose("gated", 6, annotation_id=7)]
    assert publish([*events, choose("open", 7, also_before=True)], text(5)) == "gated"
    assert publish([*events, choose("open", 7, also_before=True, language_id=YORUBA)], text(5)) == "gated"
    assert publish([*events, choose("open", 7, annotation_id=7)], text(5)) == "open", "unless it is named"


def test_also_before_skips_a_language_with_a_denial_of_its_own() -> None:
    events = [choose("open", 1), choose("practice", 2, language_id=YORUBA)]
    assert publish([*events, choose("open", 7, also_before=True)], text(5)) == "no"
    assert publish([*events, choose("open", 7, also_before=True, language_id=YORUBA)], text(5)) == "open"


def test_a_choice_of_its_own_that_is_not_narrower_does_not_stop_also_before() -> None:
    events = [choose("gated", 1, language_id=YORUBA), choose("practice", 6)]
    assert publish([*events, choose("gated", 7, also_before=True)], text(5)) == "gated"


def test_an_old_text_is_never_left_wider_than_a_new_one_by_also_before() -> None:
    events = [choose("open", 1, language_id=YORUBA), choose("practice", 6), choose("open", 7, also_before=True)]
    assert publish(events, text(5)) == "open"
    assert publish(events, text(8)) == "open"


def test_a_grant_that_has_expired_counts_as_denied() -> None:
    events = [choose("open", 1, expires_at=day(20))]
    assert publish(events, text(5), on=19) == "open"
    assert publish(events, text(5), on=20) == "no"
    assert rules.decisions(events, text(5), at=day(19)).until == day(20)
    assert rules.decisions(events, text(5), at=day(20)) == rules.Decisions(NOTHING, "none", None)


def test_a_narrowing_does_not_outlive_the_end_of_the_grant_that_it_narrows() -> None:
    events = [choose("open", 1, expires_at=day(20)), choose("gated", 6)]
    assert publish(events, text(5), on=19) == "gated"
    assert publish(events, text(5), on=20) == "no"


def test_a_choice_after_the_end_does_not_bring_an_earlier_text_back() -> None:
    events = [choose("open", 1, expires_at=day(20)), choose("gated", 30)]
    assert publish(events, text(5), on=40) == "no"
    assert publish([*events, choose("open", 31, also_before=True)], text(5), on=40) == "open"


def test_also_before_renews_the_end_of_the_same_grant() -> None:
    events = [choose("open", 1, expires_at=day(20))]
    assert publish([*events, choose("open", 6, expires_at=day(60))], text(5), on=40) == "no", "not by itself"
    assert publish([*events, choose("open", 6, expires_at=day(60), also_before=True)], text(5), on=40) == "open"
    assert publish([*events, choose("open", 6, annotation_id=7)], text(5), on=40) == "open"


def test_an_end_date_is_a_denial_from_that_day_on() -> None:
    events = [choose("open", 1), choose("open", 6, expires_at=day(20))]
    assert publish(events, text(5), on=19) == "open"
    assert publish(events, text(5), on=20) == "no"


def test_a_language_whose_grant_ended_does_not_fall_back_to_a_wider_grant() -> None:
    events = [choose("open", 1), choose("gated", 2, language_id=YORUBA, expires_at=day(20))]
    assert publish(events, text(5), on=30) == "no"
    assert publish(events, text(5, ARABIC), on=30) == "open"


def test_also_before_skips_a_language_with_an_end_of_its_own() -> None:
    events = [choose("open", 1, language_id=YORUBA, expires_at=day(20)), choose("open", 6, also_before=True)]
    assert publish(events, text(5), on=30) == "no"


def test_a_right_that_was_not_decided_stays_as_it_was() -> None:
    events = [choose("open", 1), Decided(at=day(6), id=6, commercial=False)]
    assert rules.decisions(events, text(5), at=day(9)) == rules.Decisions(
        replace(EVERYTHING, commercial=False), "handle"
    )


def test_events_after_the_moment_do_not_count() -> None:
    assert publish([choose("open", 1), choose("practice", 6)], text(5), on=5) == "open"


def test_of_two_events_at_one_moment_the_later_entry_is_the_later() -> None:
    first, second = choose("open", 1, id=1), choose("gated", 1, id=2)
    assert publish([second, first], text(5)) == "gated"
    assert publish([replace(first, id=3), second], text(5)) == "open"


def test_credit_is_withdrawn_from_earlier_texts_and_given_forward() -> None:
    named, uncredited = choose("open", 1, attribution="named"), choose("open", 1, attribution="none")
    less = rules.decisions([named, Decided(at=day(6), id=6, attribution="none")], text(5), at=day(9))
    more = rules.decisions([uncredited, Decided(at=day(6), id=6, attribution="named")], text(5), at=day(9))
    before = Decided(at=day(6), id=6, attribution="named", also_before=True)
    assert (less.attribution, more.attribution) == ("none", "none")
    assert rules.decisions([uncredited, before], text(5), at=day(9)).attribution == "named"


def test_a_row_has_what_each_of_its_authors_grants() -> None:
    assert rules.meet([EVERYTHING, PRESETS["gated"]]) == PRESETS["gated"]
    no_training = replace(EVERYTHING, train=False)
    assert rules.meet([no_training, PRESETS["noncommercial"]]) == replace(no_training, commercial=False)
    assert rules.meet([EVERYTHING, NOTHING, EVERYTHING]) == NOTHING


# Properties.
LEVELS: dict[str, st.SearchStrategy[Any]] = {
    name: st.none() | st.sampled_from(ladder) for name, ladder in LADDERS.items()
}
DAYS = st.integers(0, 12).map(day)
SCOPES = st.sampled_from([(None, None), (YORUBA, None), (ARABIC, None), (None, 7), (None, 8)])
RIGHTS = st.builds(
    Rights, **{name: st.sampled_from(ladder) for name, ladder in LADDERS.items() if name != "attribution"}
)


@st.composite
def histories(draw: st.DrawFn) -> list[Decided]:
    """Draw what one person decided over twelve days."""
    result = []
    for number in range(draw(st.integers(0, 7))):
        language, annotation = draw(SCOPES)
        result.append(
            Decided(
                at=draw(DAYS),
                id=number,
                language_id=language,
                annotation_id=annotation,
                also_before=draw(st.booleans()),
                expires_at=draw(st.none() | DAYS),
                **{name: draw(levels) for name, levels in LEVELS.items()},
            )
        )
    return result


TEXTS = st.builds(Text, st.sampled_from([YORUBA, ARABIC]), DAYS, st.sampled_from([7, None]))


def oracle(history: Sequence[Decided], of: Text, name: str, at: datetime) -> object:
    """Return what stands for one decision, row by row, by another road than the program's.

    The choices that bind a text are: those it started with (nothing, where there was none), or the last that reaches
    back to it, and every choice afterwards that covers it. What stands is the least that they allow at that moment.
    """
    ladder = LADDERS[name]
    rows = [
        (row.at, row.id, 2 if row.annotation_id else 1 if row.language_id else 0, row.also_before, row.expires_at,
         ladder.index(getattr(row, name)))
        for row in history
        if row.at <= at
        and getattr(row, name) is not None
        and (row.annotation_id is None or row.annotation_id == of.annotation_id)
        and (row.language_id is None or row.language_id == of.language_id)
    ]  # fmt: skip
    rows.sort(key=lambda row: row[:2])

    def allowed(row: tuple[datetime, int, int, bool, datetime | None, int], moment: datetime) -> int:
        return 0 if row[4] and row[4] <= moment else row[5]

    before = [row for row in rows if row[0] <= of.given_at]
    last = {row[2]: row for row in before}
    binding = [row for row in last.values() if row[2] == max(last)]
    binding += [row for row in last.values() if row[2] < max(last) and row[:2] > binding[0][:2]]
    nothing = (of.given_at, -1, 0, False, None, 0)
    binding = binding or [nothing]
    for place, row in enumerate(rows):
        if row[0] <= of.given_at:
            continue
        own = {other[2]: other for other in rows[:place] if other[2] > row[2]}.values()
        less = any(allowed(other, day(n)) < allowed(row, day(n)) for other in own for n in range(-1, 14))
        if row[2] == 2 or (row[3] and not less):
            binding = []
        binding.append(row)
    return ladder[min(allowed(row, at) for row in binding)]


@settings(max_examples=400, deadline=None)
@given(histories(), TEXTS, DAYS)
def test_decisions_equal_an_independent_replay(history: list[Decided], of: Text, at: datetime) -> None:
    found = rules.decisions(history, of, at=at)
    assert found.rights.as_dict() | {"attribution": found.attribution} == {
        name: oracle(history, of, name, at) for name in FIELDS
    }


def rank(found: rules.Decisions) -> list[int]:
    """Return the level of each decision."""
    return [LADDERS[name].index(value) for name, value in found.rights.as_dict().items()] + [
        LADDERS["attribution"].index(found.attribution)
    ]


DENIED: dict[str, Any] = {name: ladder[0] for name, ladder in LADDERS.items()}


@given(histories(), TEXTS, st.sampled_from(FIELDS), SCOPES, st.booleans(), st.none() | DAYS, st.integers(12, 40))
def test_a_denial_never_widens(  # noqa: PLR0917  # what hypothesis varies
    history: list[Decided],
    of: Text,
    denied: str,
    scope: tuple[int | None, int | None],
    also_before: bool,  # noqa: FBT001  # hypothesis gives arguments by place
    expires_at: datetime | None,
    at: int,
) -> None:
    denial = Decided(
        at=day(12), id=99, language_id=scope[0], annotation_id=scope[1], also_before=also_before, expires_at=expires_at
    )
    without = rank(rules.decisions(history, of, at=day(at)))
    with_it = rank(rules.decisions([*history, replace(denial, **{denied: DENIED[denied]})], of, at=day(at)))
    assert all(after <= before for before, after in zip(without, with_it, strict=True))


@given(histories(), TEXTS, histories())
def test_later_events_that_do_not_reach_back_never_widen(history: list[Decided], of: Text, more: list[Decided]) -> None:
    later = [replace(row, at=row.at + timedelta(days=13), id=50 + row.id, also_before=False) for row in more]
    later = [row for row in later if row.annotation_id is None]
    without = rank(rules.decisions(history, of, at=day(40)))
    with_them = rank(rules.decisions([*history, *later], of, at=day(40)))
    assert all(after <= before for before, after in zip(without, with_them, strict=True))


@given(histories(), TEXTS)
def test_time_alone_never_widens(history: list[Decided], of: Text) -> None:
    ranks = [rank(rules.decisions(history, of, at=day(n))) for n in range(12, 20)]
    assert all(later <= earlier for one, two in pairwise(ranks) for earlier, later in zip(one, two, strict=True))


@given(histories(), TEXTS)
def test_until_is_the_day_on_which_less_stands(history: list[Decided], of: Text) -> None:
    now = rules.decisions(history, of, at=day(12))
    if now.until is None:
        assert rank(rules.decisions(history, of, at=day(99))) == rank(now)
    else:
        assert rank(rules.decisions(history, of, at=now.until - timedelta(seconds=1))) == rank(now)
        assert rank(rules.decisions(history, of, at=now.until)) != rank(now)


@given(RIGHTS, RIGHTS, RIGHTS)
def test_meet_is_commutative_associative_idempotent_and_narrowing(one: Rights, two: Rights, three: Rights) -> None:
    both = rules.meet([one, two])
    assert both == rules.meet([two, one])
    assert rules.meet([both, three]) == rules.meet([one, rules.meet([two, three])])
    assert rules.meet([one, one]) == one
    assert rules.meet([one]) == one
    for name, value in both.as_dict().items():
        ladder = LADDERS[name]
        assert ladder.index(value) == min(ladder.index(getattr(one, name)), ladder.index(getattr(two, name)))
