"""Which prompts people skip so much that an ambassador should look."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from annotator import clock
from annotator.assignments import actions, skips
from annotator.assignments.models import Assignment
from annotator.assignments.rules import SkipReason
from annotator.languages.models import Language
from annotator.prompts.models import Prompt
from tests.stories import World, a_contributor, a_language, a_prompt, a_world, actor_of


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session, mix={"answer": 1})


def skipped(world: World, prompt: Prompt, *reasons: str, at: datetime | None = None) -> None:
    """Put down that so many people skipped a prompt, for these reasons."""
    for reason in reasons:
        person = a_contributor(world.session, preset=None)
        world.session.add(
            Assignment(
                prompt_id=prompt.id,
                person_id=person.id,
                project_id=prompt.project_id,
                language_id=prompt.language_id,
                state="skipped",
                assigned_at=clock.now(),
                lease_until=clock.now(),
                skip_reason=reason,
                ended_at=at or clock.now(),
            )
        )
    world.session.flush()


def found(world: World, *languages: Language, **more: int) -> list[int]:
    chosen = [language.id for language in languages or (world.language,)]
    return [one.prompt.id for one in skips.prompts_skipped(world.session, chosen, **more)]


def a_skipped_prompt(world: World, *reasons: str, **changes: object) -> Prompt:
    prompt = a_prompt(world.session, world.project, world.language, **changes)
    skipped(world, prompt, *reasons)
    return prompt


@pytest.mark.parametrize(
    ("reasons", "stands"),
    [
        ([], False),
        (["offensive"], False),
        (["unclear", "other"], True),
        (["do_not_know", "unclear"], True),
        (["unclear", "unclear"], False),
        (["unclear", "unclear", "unclear"], True),
        (["wrong_language"] * 3, True),
        (["offensive", "offensive"], True),
        (["personal_data", "personal_data"], True),
        (["do_not_know"] * 9, False),
    ],
)
def test_when_a_prompt_stands_on_the_desk(world: World, reasons: Sequence[str], stands: bool) -> None:  # noqa: FBT001  # what is expected
    a_skipped_prompt(world, "unclear")
    prompt = a_skipped_prompt(world, *reasons)
    assert found(world) == ([prompt.id] if stands else [])
    assert skips.how_many(world.session, [world.language.id]) == ({world.language.id: 1} if stands else {})


def test_real_skips_of_several_people_bring_it_there(world: World) -> None:
    prompt = a_prompt(world.session, world.project, world.language)
    for reason in ("personal_data", "unclear", "personal_data"):
        assert found(world) == [] or reason == "personal_data"
        person = a_contributor(world.session, world.language)
        held = world.claims(person)
        actions.skip(world.session, actor=actor_of(world.session, person), assignment=held, reason=reason)
    (one,) = skips.prompts_skipped(world.session, [world.language.id])
    assert one.prompt is prompt
    assert list(one.reasons.items()) == [(SkipReason.PERSONAL_DATA, 2), (SkipReason.UNCLEAR, 1)]
    assert one.people == 3


def test_a_skip_that_was_undone_does_not_count(world: World) -> None:
    a_skipped_prompt(world, "unclear")
    person = a_contributor(world.session, world.language)
    held, actor = world.claims(person), actor_of(world.session, person)
    actions.skip(world.session, actor=actor, assignment=held, reason="offensive")
    assert len(found(world)) == 1
    actions.undo_skip(world.session, actor=actor, assignment=held)
    assert found(world) == []


def test_only_skips_since_the_last_judgement_count(world: World) -> None:
    now = clock.now()
    prompt = a_skipped_prompt(world, "unclear", "other")
    prompt.skips_judged_at = now + timedelta(minutes=1)
    assert found(world) == []
    skipped(world, prompt, "unclear", at=now + timedelta(minutes=2))
    assert found(world) == [], "the old reason no longer counts"
    skipped(world, prompt, "offensive", at=now + timedelta(minutes=3))
    (one,) = skips.prompts_skipped(world.session, [world.language.id])
    assert one.reasons == {SkipReason.UNCLEAR: 1, SkipReason.OFFENSIVE: 1}
    assert skips.reasons_of(world.session, prompt) == one.reasons


def test_what_nobody_is_offered_needs_no_decision(world: World) -> None:
    a_skipped_prompt(world, "unclear", "other", state="closed")
    a_skipped_prompt(world, "unclear", "other", state="paused")
    open_one = a_skipped_prompt(world, "unclear", "other")
    assert found(world) == [open_one.id]
    world.project.state = "closed"
    assert found(world) == []


def test_each_language_has_its_own_and_pages_follow(world: World) -> None:
    arabic = a_language(world.session, "arb_Arab", "Arabic")
    here = [a_skipped_prompt(world, "unclear", "other").id for _ in range(5)]
    there = a_prompt(world.session, world.project, arabic)
    skipped(world, there, "unclear", "other")
    assert found(world) == here
    assert found(world, arabic) == [there.id]
    assert found(world, limit=2) == here[:2]
    assert found(world, limit=2, after=here[1]) == here[2:4]
    assert skips.how_many(world.session, [world.language.id, arabic.id]) == {world.language.id: 5, arabic.id: 1}
    assert skips.prompts_skipped(world.session, []) == []


def test_closed_ones_are_those_that_were_judged(world: World) -> None:
    a_skipped_prompt(world, "unclear", state="closed")
    a_skipped_prompt(world, "unclear", "other", skips_judged_at=clock.now())
    closed = a_skipped_prompt(world, "unclear", "other", state="closed", skips_judged_at=clock.now())
    (one,) = skips.prompts_closed(world.session, [world.language.id])
    assert (one.prompt, one.people) == (closed, 2), "all reasons are told, also those that were judged"


def test_the_index_of_skips_answers(world: World) -> None:
    prompt = a_skipped_prompt(world, "unclear", "other")
    people = [a_contributor(world.session, preset=None).id for _ in range(3)]
    row = {c.name: getattr(prompt, c.name) for c in Prompt.__table__.columns if c.name != "id"}
    world.session.execute(insert(Prompt), [{**row, "text_hash": f"many {i}"} for i in range(2000)])
    first, last = prompt.id + 1, prompt.id + 2000
    facts = {"project_id": world.project.id, "language_id": world.language.id, "assigned_at": clock.now()}
    world.session.execute(
        insert(Assignment),
        [
            {**facts, "prompt_id": number, "person_id": person, "lease_until": clock.now(), "state": "submitted"}
            for number in range(first, last + 1)
            for person in people
        ],
    )
    world.session.commit()
    world.session.execute(text("ANALYZE"))
    assert found(world) == [prompt.id]
    asked = skips._waiting(skips._by_several([world.language.id])).limit(3)  # noqa: SLF001  # the plan is what is tested
    sqlite = world.session.get_bind().dialect.name == "sqlite"
    compiled = asked.compile(world.session.get_bind(), compile_kwargs={"literal_binds": True})
    told = world.session.execute(text(f"EXPLAIN {'QUERY PLAN' if sqlite else ''} {compiled}"))
    plan = "\n".join(" ".join(map(str, one)) for one in told)
    assert "ix__assignments__skipped" in plan, plan
    assert "SCAN prompts" not in plan
    assert "Seq Scan on prompts" not in plan
