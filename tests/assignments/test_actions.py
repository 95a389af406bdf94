"""Claiming, giving back, skipping, expiring, drafts."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.assignments import actions, queries
from annotator.assignments.models import Assignment, Draft
from annotator.errors import Conflict, Forbidden, Invalid, NotFound
from tests.stories import World, a_contributor, a_language, a_prompt, a_world, actor_of, allow, an_ambassador


def test_a_claim_reserves_for_an_hour(session: Session) -> None:
    world = a_world(session)
    prompt = a_prompt(session, world.project, world.language)
    assignment = world.claims(a_contributor(session, world.language))
    assert assignment.prompt_id == prompt.id
    assert assignment.place == 0
    assert prompt.free_places == 0
    assert timedelta(minutes=59) < assignment.lease_until - clock.now() <= timedelta(minutes=60)


def test_claiming_again_gives_back_the_unfinished_one(session: Session) -> None:
    world = a_world(session)
    for _ in range(3):
        a_prompt(session, world.project, world.language)
    person = a_contributor(session, world.language)
    assert world.claims(person).id == world.claims(person).id


def test_the_overlap_is_kept(session: Session) -> None:
    world = a_world(session, overlap=2)
    a_prompt(session, world.project, world.language)
    people = [a_contributor(session, world.language) for _ in range(3)]
    assert {world.claims(people[0]).place, world.claims(people[1]).place} == {0, 1}
    empty = world.asks(people[2])
    assert empty.assignment is None
    assert empty.reason == "reserved"
    assert empty.retry_at is not None


def test_never_a_prompt_done_or_skipped_before(session: Session) -> None:
    world = a_world(session, overlap=5)
    a_prompt(session, world.project, world.language)
    a_prompt(session, world.project, world.language)
    person = a_contributor(session, world.language)
    first = world.claims(person)
    world.submits(person, first, completion="An answer.")
    second = world.claims(person)
    assert second.prompt_id != first.prompt_id
    actions.skip(session, actor=actor_of(session, person), assignment=second, reason="unclear")
    assert world.asks(person).reason == "done"


def test_skipping_frees_the_place_for_others(session: Session) -> None:
    world = a_world(session)
    prompt = a_prompt(session, world.project, world.language)
    one, two = a_contributor(session, world.language), a_contributor(session, world.language)
    actions.skip(session, actor=actor_of(session, one), assignment=world.claims(one), reason="do_not_know")
    assert world.claims(two).prompt_id == prompt.id


def test_skipping_needs_a_known_reason(session: Session) -> None:
    world = a_world(session)
    a_prompt(session, world.project, world.language)
    person = a_contributor(session, world.language)
    assignment = world.claims(person)
    with pytest.raises(Invalid) as refused:
        actions.skip(session, actor=actor_of(session, person), assignment=assignment, reason="because")
    assert refused.value.code == "skip_reason_unknown"
    assert assignment.state == "assigned"


def test_what_was_given_back_may_come_again(session: Session) -> None:
    world = a_world(session)
    prompt = a_prompt(session, world.project, world.language)
    person = a_contributor(session, world.language)
    actions.release(session, actor=actor_of(session, person), assignment=world.claims(person))
    assert world.claims(person).prompt_id == prompt.id


def test_a_lease_runs_out_and_the_place_is_free(session: Session) -> None:
    world = a_world(session)
    a_prompt(session, world.project, world.language)
    one, two = a_contributor(session, world.language), a_contributor(session, world.language)
    first = world.claims(one)
    with time_machine.travel(clock.now() + timedelta(minutes=61)):
        assert actions.expire_due(session) == 1
        assert actions.expire_due(session) == 0
        assert first.state == "expired"
        assert world.claims(two).place == 0


def test_saving_renews_the_lease(session: Session) -> None:
    world = a_world(session)
    a_prompt(session, world.project, world.language)
    person = a_contributor(session, world.language)
    assignment = world.claims(person)
    with time_machine.travel(clock.now() + timedelta(minutes=50)):
        saves(world, person, assignment, version=0)
    with time_machine.travel(clock.now() + timedelta(minutes=70)):
        assert actions.expire_due(session) == 0


def saves(world: World, person: Person, assignment: Assignment, *, version: int, text: str = "So far") -> Draft:
    return actions.save_draft(
        world.session,
        actor=actor_of(world.session, person),
        project=world.project,
        language=world.language,
        assignment=assignment,
        texts={"completion": text},
        version=version,
    )


def test_a_stale_tab_overwrites_nothing(session: Session) -> None:
    world = a_world(session)
    a_prompt(session, world.project, world.language)
    person = a_contributor(session, world.language)
    assignment = world.claims(person)
    assert saves(world, person, assignment, version=0, text="first").version == 1
    assert saves(world, person, assignment, version=1, text="second").version == 2
    with pytest.raises(Conflict) as refused:
        saves(world, person, assignment, version=1, text="stale")
    assert refused.value.code == "draft_newer"
    draft = queries.draft_of(session, assignment)
    assert draft is not None
    assert draft.completion == "second"


def test_nobody_uses_anothers_assignment(session: Session) -> None:
    world = a_world(session)
    a_prompt(session, world.project, world.language)
    one, two = a_contributor(session, world.language), a_contributor(session, world.language)
    assignment = world.claims(one)
    with pytest.raises(Forbidden):
        actions.release(session, actor=actor_of(session, two), assignment=assignment)
    with pytest.raises(NotFound):
        queries.get(session, assignment.id, person_id=two.id)


def test_no_work_without_a_standing_consent(session: Session) -> None:
    world = a_world(session)
    a_prompt(session, world.project, world.language)
    with pytest.raises(Forbidden) as refused:
        world.asks(a_contributor(session, world.language, preset=None))
    assert refused.value.code == "consent_needed"


@pytest.mark.parametrize(
    ("preset", "source_class", "offered"),
    [
        ("open", "free", True),
        ("open", "sharealike", True),
        ("open", "noncommercial", True),
        ("open", "closed", False),
        ("noncommercial", "free", True),
        ("noncommercial", "sharealike", False),
        ("noncommercial", "noncommercial", True),
        ("gated", "free", True),
        ("gated", "sharealike", False),
        ("gated", "noncommercial", False),
        ("practice", "closed", True),
    ],
)
def test_only_what_could_be_published_is_offered(
    session: Session, preset: str, source_class: str, *, offered: bool
) -> None:
    world = a_world(session)
    a_prompt(session, world.project, world.language, source_class=source_class)
    result = world.asks(a_contributor(session, world.language, preset=preset))
    assert (result.assignment is not None) is offered
    if not offered:
        assert result.reason == "consent"


def test_practice_work_takes_no_place(session: Session) -> None:
    world = a_world(session)
    prompt = a_prompt(session, world.project, world.language)
    learner, writer = (
        a_contributor(session, world.language, preset="practice"),
        a_contributor(session, world.language),
    )
    practice = world.claims(learner)
    assert practice.place is None
    assert prompt.free_places == 1
    assert world.claims(writer).place == 0
    assert world.submits(learner, practice, completion="Practice.").practice


def test_a_lane_that_the_project_does_not_release_is_not_worked_for(session: Session) -> None:
    world = a_world(session, lanes=["open", "sharealike"])
    a_prompt(session, world.project, world.language)
    assert world.asks(a_contributor(session, world.language, preset="noncommercial")).reason == "consent"


def test_prompts_come_to_people_who_read_them(session: Session) -> None:
    world = a_world(session)
    english = a_language(session, "eng_Latn", "English")
    a_prompt(session, world.project, world.language, instruction_language_id=english.id)
    assert world.asks(a_contributor(session, world.language)).reason == "not_a_reader"
    assert world.asks(a_contributor(session, world.language, english)).assignment is not None


def test_prompts_come_to_people_who_write_the_language(session: Session) -> None:
    world = a_world(session)
    a_prompt(session, world.project, world.language)
    assert world.asks(a_contributor(session, a_language(session, "eng_Latn", "English"))).reason == "not_a_writer"


def test_empty_and_paused_say_so(session: Session) -> None:
    world = a_world(session)
    person = a_contributor(session, world.language)
    assert world.asks(person).reason == "no_work"
    world.project.state = "paused"
    assert world.asks(person).reason == "paused"


def test_a_raised_priority_comes_first(session: Session) -> None:
    world = a_world(session)
    for _ in range(5):
        a_prompt(session, world.project, world.language)
    urgent = a_prompt(session, world.project, world.language, priority=5)
    assert world.claims(a_contributor(session, world.language)).prompt_id == urgent.id


def test_a_pooled_text_is_offered_only_while_its_author_allows_it(session: Session) -> None:
    world = a_world(session, reannotate_contributions=True)
    author, other = a_contributor(session, world.language), a_contributor(session, world.language)
    annotation = world.writes(author)
    world.decides(an_ambassador(session, world.language), annotation)
    assert world.asks(author).reason == "done", "never one's own words"
    assignment = world.claims(other)
    assert assignment.prompt.revision_id == annotation.revisions[0].id
    actions.release(session, actor=actor_of(session, other), assignment=assignment)
    allow(session, author, preset="custom", rights={"derive": False}, attribution="none")
    assert world.asks(other).reason == "consent"


def test_what_began_as_practice_takes_a_place_when_it_counts(session: Session) -> None:
    world = a_world(session, overlap=1)
    a_prompt(session, world.project, world.language)
    learner = a_contributor(session, world.language, preset="practice")
    other = a_contributor(session, world.language)
    begun = world.claims(learner)
    world.submits(other, world.claims(other), completion="The one that the project asked for.")
    allow(session, learner, preset="open", attribution="none")
    with pytest.raises(Conflict, match="place_taken"):
        world.submits(learner, begun, completion="One too many.")


def test_what_expired_with_a_draft_comes_back_as_begun(session: Session) -> None:
    world = a_world(session)
    person = a_contributor(session, world.language)
    a_prompt(session, world.project, world.language)
    held = world.claims(person)
    saves(world, person, held, version=0)
    with time_machine.travel(clock.now() + timedelta(hours=3)):
        assert actions.expire_due(session) == 1
        again = world.claims(person)
        assert (again.id, again.state) == (held.id, "draft")
        world.submits(person, again, completion="An answer.")
    assert queries.draft_of(session, again) is None
