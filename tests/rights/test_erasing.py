"""Erasing leaves a hollow tombstone: lineage and ids hold, and no word, name or moment is left."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.annotations import chain
from annotator.annotations.models import Annotation, Revision
from annotator.annotations.rules import Written, texts_for
from annotator.assignments.models import Assignment
from annotator.errors import Conflict
from annotator.ledger import queries as ledger
from annotator.ledger.models import LedgerPayload
from annotator.permissions import OPERATOR
from annotator.prompts import blocking
from annotator.prompts.models import Prompt, PromptAuthor
from annotator.prompts.rules import Texts
from annotator.releases import actions as releases
from annotator.releases import loading
from annotator.releases.models import ReleaseRow
from annotator.review.models import Review
from annotator.rights import actions, holds
from annotator.rights.erasing import standins
from annotator.rights.erasing.words import erase
from annotator.rights.models import Withdrawal
from annotator.settings import Settings
from tests.makers import a_maintainer
from tests.stories import World, a_contributor, a_prompt, a_world, actor_of, allow, an_ambassador

QUESTION, ANSWER = "Kini oruko asiri mi?", "Oro asiri pataki mi niyi ati pe o gun die"
WORDS = ("asiri", "pataki")

Later = Callable[[timedelta], None]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "fault", lambda _folder: None)


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session, reannotate_contributions=True, overlap=2)


@pytest.fixture
def ada(world: World) -> Person:
    return a_contributor(world.session, world.language)


@pytest.fixture
def reader(world: World) -> Person:
    return an_ambassador(world.session, world.language)


def taken(world: World, person: Person, annotation: Annotation | None = None) -> Withdrawal:
    return actions.withdraw(world.session, actor=actor_of(world.session, person), person=person, annotation=annotation)


def erased(world: World, settings: Settings, withdrawal: Withdrawal) -> int:
    """Erase once the time to undo is over."""
    world.session.flush()
    with time_machine.travel(withdrawal.undo_until + timedelta(hours=1), tick=False):
        count = erase(world.session, withdrawal, settings=settings)
        world.session.flush()
        world.session.expire_all()
    return count


def test_what_is_left_is_a_tombstone(world: World, ada: Person, reader: Person, settings: Settings) -> None:
    a_prompt(world.session, world.project, world.language, priority=9)
    made = world.submits(ada, world.claims(ada), completion=ANSWER, ai_assisted="yes: pataki", rating_prompt=4)
    world.decides(reader, made, "changes_requested", reasons=["spelling"], note="pataki ni eyi")
    before = (made.public_id, made.language_id, made.kind, made.prompt_id, made.document_id)
    assert erased(world, settings, taken(world, ada, made)) == 1
    assert (made.public_id, made.language_id, made.kind, made.prompt_id, made.document_id) == before
    assert made.author.public_id == standins.NOBODY
    assert made.author.left_at is not None
    assert (made.state, made.ai_assisted, made.rating_prompt, made.submission_key) == (
        "withdrawn",
        "not asked",
        None,
        None,
    )
    assert (made.created_at.day, made.created_at.hour, made.submitted_at) == (1, 0, made.created_at)
    assert made.assignment_id is None
    assert world.session.scalar(select(func.count()).select_from(Assignment)) == 0
    (revision,) = made.revisions
    assert (revision.instruction, revision.input, revision.completion) == (None, None, None)
    assert (revision.author_id, revision.edit_distance, revision.language_check) == (made.author_id, None, {})
    assert revision.erased_at is not None
    assert revision.sets == {"completion"}
    review = world.session.scalars(select(Review)).one()
    assert (review.reviewer_id, review.outcome, review.note) == (reader.id, "changes_requested", None)


def test_it_waits_for_the_undo_and_for_holds_and_is_done_once(world: World, ada: Person, settings: Settings) -> None:
    withdrawal = taken(world, ada, world.writes(ada, QUESTION, ANSWER))
    with pytest.raises(Conflict, match="undo_open"):
        erase(world.session, withdrawal, settings=settings)
    first, second = (actor_of(world.session, a_maintainer(world.session)) for _ in range(2))
    hold = holds.ask(
        world.session, actor=first, withdrawal=withdrawal, authority="A court", reason="A case",
        until=clock.now() + timedelta(days=100),
    )  # fmt: skip
    holds.confirm(world.session, actor=second, hold=hold)
    with pytest.raises(Conflict, match="on_hold"):
        erased(world, settings, withdrawal)
    holds.lift(world.session, actor=first, hold=hold)
    assert erased(world, settings, withdrawal) == 1
    assert erased(world, settings, withdrawal) == 0
    assert (withdrawal.state, withdrawal.erased_at is not None) == ("erased", True)


def test_the_ledger_verifies_and_reads_committed_erased(world: World, ada: Person, settings: Settings) -> None:
    made = world.writes(ada, QUESTION, ANSWER)
    withdrawal = taken(world, ada, made)
    before = ledger.verify(world.session)
    erased(world, settings, withdrawal)
    after = ledger.verify(world.session)
    assert (after.broken_at, after.entries, after.erased) == (None, before.entries + 1, before.erased + 1)
    assert world.session.get(LedgerPayload, withdrawal.ledger_seq) is None


def test_a_reviewers_edit_of_it_goes_with_it(world: World, ada: Person, reader: Person, settings: Settings) -> None:
    made = world.writes(ada, QUESTION, ANSWER)
    world.decides(reader, made, "accepted_with_edits", written=Written(completion=ANSWER + " gan"))
    assert erased(world, settings, taken(world, ada, made)) == 2
    assert [(r.completion, r.role, r.number) for r in made.revisions] == [(None, "author", 1), (None, "reviewer", 2)]
    assert made.revisions[1].parent_id == made.revisions[0].id
    # The reviewer took nothing back: what others made of that edit still asks the reviewer's rights.
    assert made.revisions[1].author_id == reader.id


def test_the_same_text_by_two_people_is_erased_once(world: World, ada: Person, settings: Settings) -> None:
    ben = a_contributor(world.session, world.language)
    hers, his = world.writes(ada, QUESTION, ANSWER), world.writes(ben, QUESTION, ANSWER)
    erased(world, settings, taken(world, ada, hers))
    assert hers.revisions[0].completion is None
    assert (his.revisions[0].completion, his.author_id, his.erased_at) == (ANSWER, ben.id, None)


def improved(world: World, ada: Person, reader: Person, completion: str) -> tuple[Annotation, Annotation]:
    """Ada's text was accepted and offered, and Ben made a text of it."""
    hers = world.writes(ada, QUESTION, ANSWER)
    world.decides(reader, hers)
    ben = a_contributor(world.session, world.language)
    his = world.submits(
        ben, world.claims(ben), instruction=QUESTION, completion=completion, rating_prompt=3, rating_completion=3
    )
    return hers, his


@pytest.mark.parametrize("counted", [True, False])
def test_her_words_are_cut_out_of_what_others_made(
    world: World,
    ada: Person,
    reader: Person,
    settings: Settings,
    counted: bool,  # noqa: FBT001  # pytest passes it by name
) -> None:
    hers, his = improved(world, ada, reader, ANSWER + " sugbon tire ni eyi")
    if not counted:
        his.revisions[0].shares = None
        world.session.flush()
    erased(world, settings, taken(world, ada, hers))
    said = his.revisions[0].completion or ""
    assert "sugbon tire ni eyi" in said
    assert "[…]" in said
    assert not [word for word in WORDS if word in said]
    # Whose the lost words were is still known, and nobody is shown more than is there.
    assert hers.revisions[0].id in {owner for owner, _n in (his.revisions[0].shares or {})["completion"]}
    assert texts_for(his.revisions[0], his.author_id).completion == said


def test_what_is_decided_about_others_work_is_as_before(
    world: World, ada: Person, reader: Person, settings: Settings
) -> None:
    hers, his = improved(world, ada, reader, ANSWER + " sugbon tire ni eyi")
    withdrawal = taken(world, ada, hers)

    def decided() -> chain.Verdict:
        return chain.verdict(his.revisions, lambda step: step.parent, mend_share=0.2)

    before = decided()
    assert before is not chain.Verdict.STAYS
    erased(world, settings, withdrawal)
    assert decided() is before
    shown = world.session.scalars(select(Prompt).where(Prompt.revision_id.is_not(None))).all()
    assert {prompt.state for prompt in shown} == {"closed"}
    nobody = standins.nobody(world.session).id
    assert set(world.session.scalars(select(PromptAuthor.person_id))) == {nobody}


def test_the_same_text_is_not_imported_again_for_a_while(world: World, ada: Person, settings: Settings) -> None:
    made = world.writes(ada, QUESTION, ANSWER)
    same = [Texts(QUESTION, None, ANSWER).fingerprint, Texts(QUESTION).fingerprint]
    withdrawal = taken(world, ada, made)
    erased(world, settings, withdrawal)
    other = Texts("Ibeere miran?", None, ANSWER).fingerprint
    assert blocking.blocked(world.session, world.project, [*same, other]) == set(same)
    with time_machine.travel(withdrawal.undo_until + timedelta(days=91), tick=False):
        assert blocking.blocked(world.session, world.project, same) == set()


def test_old_releases_say_nothing_of_who_wrote_it(world: World, reader: Person, settings: Settings) -> None:
    known = a_contributor(world.session, world.language, preset=None)
    known.credit_name = "Zq Credit"
    allow(world.session, known, preset="open", attribution="named", adult=True)
    other = a_contributor(world.session, world.language, attribution="handle")
    hers, his = world.writes(known, QUESTION, ANSWER), world.writes(other, "Ibeere miran?", "Idahun miran.")
    for one in (hers, his):
        world.decides(reader, one)
    release = releases.publish(world.session, actor=OPERATOR, project=world.project, version="1.0.0", settings=settings)
    assert "Zq Credit" in str(release.facts)
    erased(world, settings, taken(world, known, hers))
    rows = {row.annotation_id: row.facts for row in world.session.scalars(select(ReleaseRow))}
    assert "Zq Credit" not in str((release.facts, rows))
    assert (rows[hers.id]["by"], rows[hers.id]["authors"], rows[hers.id].get("attribution_text")) == ([], [], None)
    assert rows[hers.id]["own"] == standins.nobody(world.session).id
    assert other.handle in str(release.facts["credits"])
    assert rows[his.id]["attribution_text"] == other.handle


def test_a_minors_text_says_not_even_when(world: World, ada: Person, settings: Settings) -> None:
    made = world.writes(ada, QUESTION, ANSWER)
    withdrawal = actions.take_down(world.session, actor=OPERATOR, cause="minor", annotation=made)
    erased(world, settings, withdrawal)
    assert (made.created_at.year, made.revisions[0].created_at.year) == (1970, 1970)


@pytest.mark.parametrize(
    "statement",
    [
        "update revisions set completion = 'other words'",
        "update revisions set completion = null",
        "update revisions set created_at = '2020-01-01 00:00:00'",
        "update revisions set completion = 'other words', erased_at = '2020-01-01 00:00:00'",
        "update revisions set input = '[…] words where there were none'",
        "update revisions set author_id = (select min(id) from people where left_at is null and id <> author_id)",
    ],
)
def test_words_are_changed_by_erasing_only(world: World, ada: Person, statement: str) -> None:
    world.writes(ada, QUESTION, ANSWER)
    a_contributor(world.session, world.language)
    with pytest.raises(DBAPIError, match="is refused"):
        world.session.execute(text(statement))
    world.session.rollback()
    assert world.session.scalars(select(Revision)).all() == []
