"""Which revision goes out, by hand-made lineages; splits, ids and version numbers."""

import itertools
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.consent.rules import EVERYTHING, NOTHING, PRESETS, Lane, Rights
from annotator.releases import diff, ids, lineage, rules
from annotator.releases.lineage import Item, Rev
from annotator.releases.rules import Choice, Policy

START = datetime(2030, 1, 1, tzinfo=UTC)
REVIEWED = Policy(release_unreviewed=False, lanes=frozenset(Lane))
UNREVIEWED = Policy(release_unreviewed=True, lanes=frozenset(Lane))
NONCOMMERCIAL, GATED = PRESETS["noncommercial"], PRESETS["gated"]

AUTHOR, REVIEWER, OTHER = 1, 2, 3


class Story:
    """Annotations and revisions by number, and what each person allows."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.items: dict[int, Item] = {}
        self.revisions: dict[int, Rev] = {}
        self.rights: dict[int, Rights] = {}

    def item(self, author: int = AUTHOR, kind: str = "original") -> Item:
        number = len(self.items) + 1
        self.items[number] = Item(
            number, str(uuid.UUID(int=number)), 1, 1, author, kind, "in_review", practice=False, already_good=False,
            withdrawn=False, prompt_id=None, document_id=1, rating_prompt=None, rating_completion=None,
            ai_assisted="no", created_at=START,
        )  # fmt: skip
        return self.items[number]

    def rev(self, item: Item, by: int = AUTHOR, on: Rev | None = None, link: str | None = "edit", *,
            sets: str = "completion", accepted: bool = True, needed: bool = False) -> Rev:  # fmt: skip
        number = len(self.revisions) + 1
        at = START + timedelta(hours=number)
        made = Rev(
            number, item.id, len(item.revisions) + 1, by, "author" if by == item.author_id else "reviewer",
            on.id if on else None, link if on else None, frozenset(sets.split()), needed, None, at,
            at if accepted else None, withdrawn=False,
        )  # fmt: skip
        self.revisions[number] = made
        item.revisions.append(made)
        return made

    def choose(self, item: Item, *licenses: str, policy: Policy = REVIEWED) -> Choice:
        return rules.choose(
            item, revisions=self.revisions, rights_of=lambda rev: self.rights.get(rev.author_id, EVERYTHING),
            licenses=licenses, policy=policy,
        )  # fmt: skip


@pytest.fixture
def story() -> Story:
    return Story()


def test_what_nobody_accepted_goes_out_only_where_the_project_says_so(story: Story) -> None:
    item = story.item()
    rev = story.rev(item, accepted=False)
    assert story.choose(item).reason == "not_accepted"
    assert story.choose(item, policy=UNREVIEWED).rev == rev
    item.state = "declined"
    assert story.choose(item, policy=UNREVIEWED).reason == "declined"
    item.withdrawn = True
    assert story.choose(item, policy=UNREVIEWED).reason == "withdrawn"


def test_the_newest_accepted_revision_of_the_author_goes_out(story: Story) -> None:
    item = story.item()
    first = story.rev(item)
    second = story.rev(item, on=first, accepted=False)
    assert story.choose(item).rev == first
    assert story.choose(item, policy=UNREVIEWED).rev == second


def test_a_reviewers_edit_goes_out_in_its_place(story: Story) -> None:
    item = story.item()
    own = story.rev(item)
    edit = story.rev(item, REVIEWER, own)
    assert story.choose(item).rev == edit
    second = story.rev(item, OTHER, edit)
    assert story.choose(item).rev == second


def test_an_edit_that_was_not_accepted_stays(story: Story) -> None:
    item = story.item()
    own = story.rev(item)
    story.rev(item, REVIEWER, own, accepted=False)
    assert story.choose(item, policy=UNREVIEWED).rev == own


@pytest.mark.parametrize("denied", [NONCOMMERCIAL, GATED, NOTHING])
def test_a_reviewer_who_allows_less_never_takes_a_text_out_and_never_demotes_it(story: Story, denied: Rights) -> None:
    item = story.item()
    own = story.rev(item)
    story.rev(item, REVIEWER, own)
    story.rights[REVIEWER] = denied
    choice = story.choose(item)
    assert (choice.rev, choice.lane) == (own, Lane.OPEN)


def test_a_reviewers_narrower_purposes_do_not_narrow_a_gated_text(story: Story) -> None:
    item = story.item()
    own = story.rev(item)
    edit = story.rev(item, REVIEWER, own)
    story.rights[AUTHOR] = GATED
    assert story.choose(item).rev == edit
    story.rights[REVIEWER] = replace(EVERYTHING, train=False)
    choice = story.choose(item)
    assert (choice.rev, choice.rights) == (own, GATED)


def test_the_edit_below_a_refused_one_still_goes_out(story: Story) -> None:
    item = story.item()
    own = story.rev(item)
    edit = story.rev(item, REVIEWER, own)
    second = story.rev(item, OTHER, edit)
    story.rights[OTHER] = NOTHING
    assert story.choose(item).rev == edit
    story.rights = {REVIEWER: NOTHING}
    assert story.choose(item).rev == own, "the second edit holds the first one's words"
    story.rights = {}
    edit.withdrawn = True
    assert story.choose(item).rev == own
    edit.withdrawn, second.withdrawn = False, True
    assert story.choose(item).rev == edit


def test_an_own_revision_on_a_reviewers_edit_falls_back_when_the_edit_narrows_or_is_withdrawn(story: Story) -> None:
    item = story.item()
    own = story.rev(item)
    edit = story.rev(item, REVIEWER, own)
    newest = story.rev(item, on=edit)
    assert story.choose(item).rev == newest
    story.rights[REVIEWER] = NONCOMMERCIAL
    choice = story.choose(item)
    assert (choice.rev, choice.lane) == (own, Lane.OPEN)
    own.accepted_at = edit.accepted_at = None
    choice = story.choose(item)
    assert (choice.rev, choice.lane) == (newest, Lane.NONCOMMERCIAL), "better in a narrower lane than not at all"
    edit.withdrawn = True
    assert story.choose(item).reason == "fallen"


def test_an_edit_that_was_needed(story: Story) -> None:
    item = story.item()
    own = story.rev(item, accepted=False)
    edit = story.rev(item, REVIEWER, own, needed=True)
    assert story.choose(item).rev == edit
    story.rights[REVIEWER] = NOTHING
    assert story.choose(item, policy=UNREVIEWED).reason == "edit_needed"
    story.rights = {}
    edit.withdrawn = True
    assert story.choose(item).reason == "not_accepted"
    assert story.choose(item, policy=UNREVIEWED).reason == "edit_needed"
    own.accepted_at = edit.created_at + timedelta(days=1)
    assert story.choose(item).rev == own, "somebody accepted the text as it is, later"
    own.accepted_at = edit.created_at - timedelta(seconds=1)
    assert story.choose(item).reason == "edit_needed"


def test_a_needed_edit_holds_for_what_its_author_writes_next_until_that_is_accepted(story: Story) -> None:
    item = story.item()
    own = story.rev(item, accepted=False)
    needed = story.rev(item, REVIEWER, own, accepted=False, needed=True)
    between = story.rev(item, on=own, sets="instruction", accepted=False)
    newest = story.rev(item, on=between, sets="instruction", accepted=False)
    assert story.choose(item, policy=UNREVIEWED).reason == "edit_needed"
    needed.withdrawn = True
    assert story.choose(item, policy=UNREVIEWED).reason == "edit_needed"
    own.accepted_at = needed.created_at - timedelta(seconds=1)
    assert story.choose(item, policy=UNREVIEWED).reason == "edit_needed", "accepted before anybody saw the need"
    own.accepted_at, between.accepted_at = None, between.created_at
    assert story.choose(item, policy=UNREVIEWED).rev == newest
    between.accepted_at, newest.accepted_at = None, newest.created_at
    assert story.choose(item).rev == newest


def test_an_accepted_edit_of_a_later_text_goes_out_and_nothing_without_it(story: Story) -> None:
    item = story.item()
    own = story.rev(item, accepted=False)
    story.rev(item, REVIEWER, own, accepted=False, needed=True)
    newest = story.rev(item, on=own, sets="instruction", accepted=False)
    edit = story.rev(item, OTHER, newest, sets="input", needed=True)
    assert story.choose(item).rev == edit, "it was accepted as an edit of the later text"
    edit.withdrawn = True
    assert story.choose(item, policy=UNREVIEWED).reason == "edit_needed"


def test_a_later_edit_of_the_same_fields_takes_the_place_of_a_withdrawn_needed_one(story: Story) -> None:
    item = story.item()
    own = story.rev(item, accepted=False)
    needed = story.rev(item, REVIEWER, own, needed=True, sets="input completion")
    needed.withdrawn = True
    second = story.rev(item, OTHER, own, needed=True, sets="completion")
    assert story.choose(item).reason == "edit_needed", "the input is still as it must not go out"
    third = story.rev(item, OTHER, second, sets="input")
    assert story.choose(item).rev == third
    second.accepted_at = None
    assert story.choose(item).reason == "edit_needed"
    second.accepted_at = second.created_at
    third.withdrawn = True
    assert story.choose(item, policy=UNREVIEWED).reason == "edit_needed"


def test_an_edit_made_before_a_withdrawn_needed_one_does_not_take_its_place(story: Story) -> None:
    item = story.item()
    own = story.rev(item, accepted=False)
    beside = story.rev(item, OTHER, own)
    needed = story.rev(item, REVIEWER, own, needed=True)
    assert story.choose(item).rev == needed
    needed.withdrawn = True
    assert story.choose(item).reason == "edit_needed"
    assert beside.accepted_at is not None


def test_everybody_behind_a_text_narrows_it(story: Story) -> None:
    base = story.item(OTHER)
    start = story.rev(base, OTHER, sets="instruction completion")
    item = story.item(kind="reannotate")
    story.rev(item, on=start)
    for rights, lane in ((EVERYTHING, Lane.OPEN), (NONCOMMERCIAL, Lane.NONCOMMERCIAL), (GATED, Lane.GATED)):
        story.rights[OTHER] = rights
        assert story.choose(item).lane == lane
    story.rights[OTHER] = NOTHING
    assert story.choose(item).reason == "publish"


@pytest.mark.parametrize(
    ("link", "reason"),
    [("edit", "fallen"), ("translation", "fallen"), ("paraphrase", "fallen"), ("completion", "set_aside")],
)
def test_what_was_made_from_a_withdrawn_text(story: Story, link: str, reason: str) -> None:
    base = story.item(OTHER)
    start = story.rev(base, OTHER, sets="instruction completion")
    item = story.item()
    story.rev(item, on=start, link=link)
    below = story.item(REVIEWER)
    story.rev(below, REVIEWER, item.revisions[0])
    start.withdrawn = True
    assert story.choose(item).reason == "fallen", "nobody said that it can be mended"
    item.waits = below.waits = reason == "set_aside"
    assert story.choose(item).reason == reason
    assert story.choose(below).reason == reason
    translated = story.item()
    story.rev(translated, on=item.revisions[0], link="translation", sets="instruction completion")
    assert story.choose(translated).reason == "fallen"


def test_an_answer_owes_nothing_to_another_answer_of_the_same_question(story: Story) -> None:
    """Y only edited the completion of X's text; an answer to the question holds X's words and not Y's."""
    base = story.item(OTHER)
    asked = story.rev(base, OTHER, sets="instruction completion")
    between = story.item(REVIEWER, "reannotate")
    edited = story.rev(between, REVIEWER, asked, sets="completion")
    item = story.item(kind="answer")
    story.rev(item, on=edited, link="completion")
    edited.withdrawn = True
    story.rights[REVIEWER] = NOTHING
    assert story.choose(item).lane is Lane.OPEN
    asked.withdrawn = item.waits = True
    assert story.choose(item).reason == "set_aside"


@pytest.mark.parametrize(
    ("licenses", "rights", "lane"),
    [
        (("CC-BY-SA-4.0",), EVERYTHING, Lane.SHAREALIKE),
        (("CC-BY-SA-4.0",), NONCOMMERCIAL, "sharealike"),
        (("CC-BY-NC-4.0",), EVERYTHING, Lane.NONCOMMERCIAL),
        (("CC-BY-NC-4.0",), GATED, "noncommercial"),
        (("CC-BY-SA-4.0", "CC-BY-NC-4.0"), EVERYTHING, "source"),
        (("MIT", "CC0-1.0"), EVERYTHING, Lane.OPEN),
    ],
)
def test_sources_of_the_lineage_decide_too(
    story: Story, licenses: tuple[str, ...], rights: Rights, lane: Lane | str
) -> None:
    item = story.item()
    story.rev(item)
    story.rights[AUTHOR] = rights
    choice = story.choose(item, *licenses, *licenses)
    assert (choice.lane or choice.reason) == lane
    if choice.lane:
        assert choice.licenses == tuple(sorted(licenses))


def test_origins_name_where_each_field_is(story: Story) -> None:
    start = lineage.Start(5, frozenset({"instruction", "completion"}), 1, 1, None, None, None, None, None)
    item = story.item(kind="reannotate")
    first = story.rev(item, sets="completion")
    second = story.rev(item, on=first, sets="input")
    assert lineage.origins(second, story.revisions, start) == {"instruction": "p5", "input": "r2", "completion": "r1"}
    assert lineage.origins(first, story.revisions, None) == {"completion": "r1"}


@given(st.binary(min_size=32, max_size=32), st.text(max_size=40))
def test_a_split_is_a_function_of_key_and_root(key: bytes, root: str) -> None:
    assert ids.split_of(key, root) == ids.split_of(key, root)
    assert ids.split_of(key, root) in {"train", "validation", "test"}


def test_splits_have_the_shares_that_the_card_tells() -> None:
    found = [ids.split_of(b"k" * 32, str(number)) for number in range(20_000)]
    assert found.count("test") / 200 == pytest.approx(5, abs=0.6)
    assert found.count("validation") / 200 == pytest.approx(5, abs=0.6)


def test_a_new_lineage_takes_the_split_that_most_of_its_rows_may_stand_in() -> None:
    every = rules.splits_allowed(EVERYTHING)
    no_train = rules.splits_allowed(replace(EVERYTHING, train=False))
    no_evaluate = rules.splits_allowed(replace(EVERYTHING, evaluate=False))
    assert (no_train, no_evaluate) == (frozenset({"test"}), frozenset({"train"}))
    assert rules.splits_allowed(replace(EVERYTHING, train=False, evaluate=False)) == frozenset()
    for by_hash in ("train", "validation", "test"):
        assert ids.shared_split(by_hash, [every, every]) == by_hash
        assert ids.shared_split(by_hash, [every, no_train]) == "test"
        assert ids.shared_split(by_hash, [every, no_evaluate]) == "train"
        assert ids.shared_split(by_hash, [no_evaluate, no_train, no_train]) == "test"


def test_ids_are_stable_and_different_across_projects() -> None:
    one, other = b"1" * 32, b"2" * 32
    assert ids.contributor_id(one, "person", "named") == ids.contributor_id(one, "person", "named")
    assert len({ids.contributor_id(key, "person", mode) for key in (one, other) for mode in ("named", "handle")}) == 4
    assert uuid.UUID(ids.keyed_uuid(one, "prompt:1")).version == 8
    assert ids.keyed_uuid(one, "prompt:1") != ids.keyed_uuid(other, "prompt:1")


def test_every_profile_has_an_id_of_its_own() -> None:
    vectors = [Rights(publish, *flags) for publish in ("gated", "open")
               for flags in itertools.product((False, True), repeat=5)]  # fmt: skip
    found = {ids.profile_id(rights, lane) for rights in vectors for lane in Lane}
    assert len(found) == len(vectors) * len(Lane)


@pytest.mark.parametrize(
    ("previous", "kind", "fits"),
    [(None, "major", "1.0.0"), ("1.2.3", "patch", "1.2.4"), ("1.2.3", "minor", "1.3.0"), ("1.2.3", "major", "2.0.0"),
     ("0.9.9", "major", "1.0.0")],
)  # fmt: skip
def test_the_number_that_fits(previous: str | None, kind: str, fits: str) -> None:
    assert diff.fitting(previous, kind) == fits
    assert diff.fits(fits, previous, kind)
    assert diff.fits("7.7.7", previous, kind) == (previous is None)


def test_every_reason_has_a_code_and_words() -> None:
    from annotator.releases.forms import REASONS  # noqa: PLC0415  # an edge

    assert set(REASONS) == set(rules.CODES)
    closed = {"removed", "restricted", "suspended", "corrected", "redacted", "split", "selection"}
    assert set(rules.CODES.values()) <= closed
    assert set(rules.FOR_GOOD) <= set(rules.CODES)
