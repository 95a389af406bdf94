"""The memory of what stands: the same answer as asking the rules for each text anew; and ids that are gone for good."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from annotator.consent.rules import EVERYTHING, Text, decisions
from annotator.releases.lineage import Item, Rev
from annotator.releases.pool import Pool
from annotator.releases.rules import Policy
from annotator.releases.selection import Earlier, select
from annotator.releases.standing import Grant, Standing

START = datetime(2030, 1, 1, tzinfo=UTC)
_levels = st.sampled_from([None, True, False])


@st.composite
def grants(draw: st.DrawFn) -> tuple[int, Grant]:
    """Return a person and an event of any scope."""
    scope = draw(st.sampled_from(["everything", "language", "text"]))
    return draw(st.integers(1, 2)), Grant(
        id=draw(st.integers(1, 10**6)),
        at=START + timedelta(hours=draw(st.integers(0, 12))),
        language_id=draw(st.integers(1, 2)) if scope == "language" else None,
        annotation_id=draw(st.integers(1, 4)) if scope == "text" else None,
        also_before=draw(st.booleans()),
        expires_at=draw(st.sampled_from([None, None, START + timedelta(days=10), START + timedelta(days=60)])),
        publish=draw(st.sampled_from([None, "no", "gated", "open"])),
        derive=draw(_levels),
        train=draw(_levels),
        evaluate=draw(_levels),
        research=draw(_levels),
        commercial=draw(_levels),
        attribution=draw(st.sampled_from([None, "none", "handle", "named"])),
    )


def an_item(number: int, person: int, language: int, hour: int) -> Item:
    """Return an annotation without revisions."""
    return Item(
        id=number, public_id=f"00000000-0000-4000-8000-{number:012}", project_id=1, language_id=language,
        author_id=person, kind="original", state="accepted", practice=False, already_good=False, withdrawn=False,
        prompt_id=None, document_id=1, rating_prompt=None, rating_completion=None, ai_assisted="no",
        created_at=START + timedelta(hours=hour),
    )  # fmt: skip


@given(
    events=st.lists(grants(), max_size=12),
    texts=st.lists(st.tuples(st.integers(1, 2), st.integers(1, 2), st.integers(0, 12)), min_size=4, max_size=4),
    known=st.integers(0, 14),
)
def test_the_memory_never_answers_for_another_text(
    events: list[tuple[int, Grant]], texts: list[tuple[int, int, int]], known: int
) -> None:
    at, until = START + timedelta(hours=known), START + timedelta(days=30)
    standing = Standing(events, known=at, until=until)
    for number, (person, language, hour) in enumerate(texts, start=1):
        item = an_item(number, person, language, hour)
        theirs = [grant for who, grant in events if who == person and grant.at <= at]
        wanted = decisions(theirs, Text(language, item.created_at, number), at=until)
        assert standing.of_author(item) == wanted


def test_an_id_that_was_removed_is_never_issued_again() -> None:
    item = an_item(1, 1, 1, 1)
    item.revisions.append(
        Rev(
            id=1, annotation_id=1, number=1, author_id=1, role="author", parent_id=None, link=None,
            sets=frozenset({"instruction", "completion"}), edit_needed=False, edit_distance=None,
            created_at=item.created_at, accepted_at=item.created_at, withdrawn=False,
        )
    )  # fmt: skip
    wish = Grant(1, START, None, None, False, None, attribution="none", **EVERYTHING.as_dict())  # type: ignore[arg-type]  # noqa: FBT003  # as in the table
    pool = Pool(START, items={1: item}, revisions={1: item.revisions[0]}, grants=[(1, wish)])
    policy = Policy(release_unreviewed=False, lanes=frozenset({"open"}))

    def chosen(earlier: Earlier) -> tuple[set[int], dict[int, str]]:
        found = select(pool, project_id=1, key=b"k" * 32, policy=policy, earlier=earlier, at=START + timedelta(days=1))
        return set(found.rows), found.out

    assert chosen(Earlier()) == ({1}, {})
    assert chosen(Earlier(removed=frozenset({item.public_id}))) == (set(), {1: "removed_before"})
