"""Texts that wait for new words because somebody allows less than before: by people's own acts, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.annotations import actions as annotations
from annotator.annotations.rules import Written
from annotator.consent import actions as consent
from annotator.consent import queries as consent_queries
from annotator.consent.models import ConsentEvent
from annotator.errors import Conflict, Forbidden
from annotator.permissions import OPERATOR
from annotator.releases import actions as releases
from annotator.releases import removal
from annotator.releases.models import FeedEntry
from annotator.rights.mending import actions as mending
from annotator.rights.mending import jobs, mends, narrowing, queries
from annotator.settings import RightsPolicy, Settings
from tests import stories
from tests.databases import Database
from tests.pages import Visitor
from tests.releases.scenes import Scene, rows_of
from tests.rights import mendable
from tests.rights.mendable import ANSWER, NO_LONGER, answer, decides, letters, mark, mend, reasons, spans
from tests.script import Script


@pytest.fixture
def scene(session: Session, settings: Settings) -> Scene:
    return mendable.a_scene(session, settings)


def test_a_narrowing_that_leaves_a_row_without_a_lane_is_handled_in_the_same_way_as_a_withdrawal(scene: Scene) -> None:
    """§2.3: set aside and mended, else out, code ``restricted``."""
    made = answer(scene, "ben")
    decides(scene, "ada")
    narrowed_at = scene.session.scalars(select(ConsentEvent.at).order_by(ConsentEvent.id.desc())).first()
    assert narrowed_at is not None
    assert made.set_aside_kind == "prompt"
    assert made.set_aside_until is not None
    assert timedelta(0) <= made.set_aside_until - narrowed_at - timedelta(days=30) < timedelta(minutes=1)
    assert made.state == "accepted"
    assert reasons(scene) == {"publish": 2}
    new = mend(scene, "ben", made, instruction="Se daadaa ni?", input="Ore mi")
    only = new.revisions[0]
    assert (only.parent_id, only.link, only.shares) == (None, None, None)
    assert (only.instruction, only.completion) == ("Se daadaa ni?", ANSWER)
    assert new.public_id != made.public_id
    assert (made.state, made.withdrawn_at, *mark(made)) == ("accepted", None, "replaced", None)
    assert made.revisions[0].completion == ANSWER, "nothing is erased"
    scene.world.decides(scene.people["reader"], new)
    assert reasons(scene) == {"publish": 1, "fallen": 1}
    assert releases.preview(scene.session, actor=OPERATOR, project=scene.world.project).lanes == {
        "open": {scene.world.language.code: 1}
    }
    with pytest.raises(Conflict, match="not_waiting"):
        mend(scene, "ben", made, instruction="Lekan si?")


@pytest.mark.parametrize("fewer", [{"publish": "no"}, {"train": False, "evaluate": False, "research": False}])
def test_whatever_was_switched_off(scene: Scene, fewer: dict[str, Any]) -> None:
    made = answer(scene, "ben")
    decides(scene, "ada", "custom", rights=fewer)
    assert made.set_aside_kind == "prompt"


def test_a_row_that_only_changes_its_lane_waits_for_nothing(scene: Scene) -> None:
    made = answer(scene, "ben")
    decides(scene, "ada", "gated")
    assert mark(made) == (None, None)
    assert letters(scene, "ben") == []


def test_a_mended_text_stays_the_only_one_when_the_grant_comes_back(scene: Scene) -> None:
    made = answer(scene, "ben")
    first = scene.publish("1.0.0")
    decides(scene, "ada")
    new = mend(scene, "ben", made, instruction="Se daadaa ni?")
    scene.world.decides(scene.people["reader"], new)
    decides(scene, "ada", "open", also_before=True)
    assert reasons(scene) == {"fallen": 1}
    scene.publish("2.0.0")
    gone = [id_ for entry in scene.session.scalars(select(FeedEntry).where(FeedEntry.op == "remove"))
            for id_ in entry.annotation_ids]  # fmt: skip
    assert gone == [made.public_id], "its old id is never used again"
    assert first.retired_at is None, "nobody withdrew anything"


def test_a_version_that_only_removes_leaves_out_what_was_replaced(
    scene: Scene, database: Database, settings: Settings
) -> None:
    made = answer(scene, "ben")
    scene.publish("1.0.0")
    decides(scene, "ada")
    mend(scene, "ben", made, instruction="Se daadaa ni?")
    decides(scene, "ada", "open", also_before=True)
    slug = scene.world.project.slug
    scene.session.commit()
    removal.publish_removals(database.engine, settings, slug)
    held = {row["annotation_id"] for row in rows_of(scene.folder("2.0.0"))}
    assert held == {scene.texts["asked"].public_id}


def test_few_words_that_may_not_be_used_any_more_become_gaps(scene: Scene) -> None:
    made = spans(scene)
    decides(scene, "ada")
    assert (made.set_aside_kind, reasons(scene)) == ("spans", {"publish": 2})
    left = mends.offer(scene.session, made)
    assert (left.narrowed, sorted(left.gaps), left.free) == (True, ["completion"], True)
    completion = left.texts.completion or ""
    assert (completion.startswith("[…] ti"), "Daadaa" in completion) == (True, False)
    with pytest.raises(Forbidden):
        mend(scene, "reader", made, completion=completion.replace("[…]", "Rere"))
    new = mend(scene, "ben", made, completion=completion.replace("[…]", "Rere"))
    scene.world.decides(scene.people["reader"], new)
    assert reasons(scene) == {"publish": 1, "fallen": 1}


def test_a_large_share_is_out_by_rights_alone(scene: Scene) -> None:
    made = scene.reannotates("ben", "asked", completion="Daadaa ni, mo dupe gan")
    scene.world.decides(scene.people["reader"], made)
    decides(scene, "ada")
    assert (mark(made), reasons(scene), letters(scene, "ben")) == ((None, None), {"publish": 2}, [])
    decides(scene, "ada", "open", also_before=True)
    assert reasons(scene) == {}


def test_the_grant_that_comes_back_lifts_the_mark(scene: Scene) -> None:
    made = answer(scene, "ben")
    decides(scene, "ada")
    decides(scene, "ada", "open")
    assert made.set_aside_kind == "prompt", "a later grant alone reaches no earlier text"
    decides(scene, "ada", "noncommercial", also_before=True)
    assert (mark(made), reasons(scene)) == ((None, None), {})
    with pytest.raises(Conflict, match="not_waiting"):
        mend(scene, "ben", made, instruction="Ko pon dandan")


def test_whoever_does_not_mend_in_time_has_the_text_back_when_the_grant_comes_back(scene: Scene) -> None:
    made = answer(scene, "ben")
    decides(scene, "ada")
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert reasons(scene) == {"publish": 2}
        assert mending.forget_due(scene.session) == 1
        assert mending.forget_due(scene.session) == 0
        assert (mark(made), reasons(scene)) == ((None, None), {"publish": 2})
        decides(scene, "ada", "practice", also_before=True)
        assert (mark(made), len(letters(scene, "ben"))) == ((None, None), 1), "offered once for one narrowing"
        decides(scene, "ada", "open", also_before=True)
        assert reasons(scene) == {}


def test_where_two_together_leave_no_lane_nobody_is_to_blame(scene: Scene) -> None:
    ben = {"publish": "gated", "train": True, "evaluate": False, "research": False}
    stories.allow(scene.session, scene.people["ben"], preset="custom", attribution="none", rights=ben)
    made = answer(scene, "ben")
    decides(scene, "ada", "custom", rights={"publish": "gated", "train": True, "evaluate": True, "research": True})
    assert mark(made) == (None, None)
    decides(scene, "ada", "custom", rights={"train": False})
    assert made.set_aside_kind == "prompt", "with Ben's grant alone there was a lane"


def test_an_offer_that_would_help_no_more_is_taken_back(scene: Scene) -> None:
    """Chi, Dan and Ben write one after the other under Ada's question; then Chi and Dan allow nothing together."""
    for who in ("chi", "dan"):
        scene.people[who] = stories.a_contributor(scene.session, scene.world.language)
    scene.texts["first"] = answer(scene, "chi", "Mo wa daadaa ni owuro yi")
    scene.texts["second"] = scene.reannotates("dan", "first", completion="Mo wa daadaa ni owuro yi o se gan")
    scene.world.decides(scene.people["reader"], scene.texts["second"])
    made = scene.reannotates("ben", "second", completion="Mo wa daadaa ni owuro yi o se gan ore mi owon")
    decides(scene, "ada")
    gated = {"publish": "gated", "train": False, "evaluate": False, "research": False}
    decides(scene, "chi", "custom", rights={**gated, "train": True})
    assert made.set_aside_kind == "prompt"
    decides(scene, "dan", "custom", rights={**gated, "evaluate": True})
    assert mark(made) == (None, None)


def test_the_authors_own_choice_offers_nothing(scene: Scene) -> None:
    made = answer(scene, "ben")
    decides(scene, "ben")
    assert mark(made) == (None, None)
    decides(scene, "ada")
    assert mark(made) == (None, None), "new words of Ben's could not go out either"


def test_a_text_in_review_waits_too_and_is_changed_by_mending_alone(scene: Scene) -> None:
    prompt = mendable.prompt_of(scene)
    made = scene.submits("ben", prompt, completion=ANSWER)
    decides(scene, "ada")
    assert made.set_aside_kind == "prompt"
    ben = stories.actor_of(scene.session, scene.people["ben"])
    with pytest.raises(Conflict, match="text_set_aside"):
        annotations.revise(scene.session, actor=ben, annotation=made, written=Written(completion="Omiran"))
    new = mend(scene, "ben", made, instruction="Ibeere temi?")
    assert (new.state, made.set_aside_kind) == ("in_review", "replaced")


def test_others_words_stay_behind_and_the_lost_ones_do_not_come_in_again(scene: Scene) -> None:
    """Chi answers Ada, and Ben rewrites that answer. Ada's input must not be inherited from what Chi answered."""
    asked = scene.texts["asked"].revisions[0]
    scene.people["chi"] = stories.a_contributor(scene.session, scene.world.language)
    scene.world.decides(scene.people["reader"], scene.world.writes(scene.people["ada"], "Ibeere miran", "Idahun miran"))
    ada = stories.actor_of(scene.session, scene.people["ada"])
    with_input = annotations.submit_original(
        scene.session, actor=ada, project=scene.world.project, language=scene.world.language,
        written=Written(instruction="Ka eyi", input="Oro gigun ti Ada", completion="O dara"),
    )  # fmt: skip
    scene.world.decides(scene.people["reader"], with_input)
    prompt = mendable.prompt_of(scene)
    assert prompt.revision_id == asked.id
    prompt.revision_id = with_input.revisions[0].id
    first = scene.submits("chi", prompt, completion="Emi ti ka a, o si wu mi pupo")
    scene.world.decides(scene.people["reader"], first)
    scene.texts["first"] = first
    made = scene.reannotates("ben", "first", completion="Emi ti ka a, o si wu mi gan ni")
    scene.world.decides(scene.people["reader"], made)
    decides(scene, "ada")
    assert (first.set_aside_kind, made.set_aside_kind) == ("prompt", "prompt")
    new = mend(scene, "ben", made, instruction="Se o ti ka a?")
    assert (new.revisions[0].parent_id, new.revisions[0].input) == (first.revisions[0].id, "")
    scene.world.decides(scene.people["reader"], new)
    chosen = releases.preview(scene.session, actor=OPERATOR, project=scene.world.project)
    assert chosen.lanes == {"open": {scene.world.language.code: 1}}


# ------------------------------------------------------------------------------------------------ grants that end


def test_what_a_grant_with_an_end_leaves_is_set_aside_a_month_before(
    scene: Scene, database: Database, settings: Settings
) -> None:
    decides(scene, "ada", "open", expires_at=clock.now() + timedelta(days=100))
    made = answer(scene, "ben")
    scene.session.commit()
    assert jobs.set_aside_ending(database.engine, settings) == 0
    with time_machine.travel(clock.now() + timedelta(days=71)):
        assert reasons(scene) == {"expiring": 2}
        scene.session.commit()
        assert jobs.set_aside_ending(database.engine, settings) == 1
        scene.session.expire_all()
        assert made.set_aside_kind == "prompt"
        scene.session.commit()
    with time_machine.travel(clock.now() + timedelta(days=72)):
        assert jobs.set_aside_ending(database.engine, settings) == 0, "told once"
    with time_machine.travel(clock.now() + timedelta(days=102)):
        assert jobs.forget_due(database.engine, settings) == 1
        assert jobs.set_aside_ending(database.engine, settings) == 0
        scene.session.expire_all()
        assert (mark(made), reasons(scene)) == ((None, None), {"publish": 2})
        assert len(letters(scene, "ben")) == 1


def test_a_short_time_to_mend_makes_no_offer_twice(scene: Scene) -> None:
    decides(scene, "ada", "open", expires_at=clock.now() + timedelta(days=100))
    made = answer(scene, "ben")
    short = RightsPolicy(mend=timedelta(days=3))
    with time_machine.travel(clock.now() + timedelta(days=71), tick=False):
        narrowing.run_out(scene.session, scene.people["ada"].id, short)
        scene.session.expire_all()
        assert made.set_aside_until == clock.now() + timedelta(days=30)


def test_the_job_looks_once_in_an_hour(scene: Scene, database: Database, settings: Settings) -> None:
    decides(scene, "ada", "open", expires_at=clock.now() + timedelta(days=100))
    with time_machine.travel(clock.now() + timedelta(days=71)):
        jobs.set_aside_ending(database.engine, settings)
        answer(scene, "ben")
        scene.session.commit()
        assert jobs.set_aside_ending(database.engine, settings) == 0
        with time_machine.travel(clock.now() + timedelta(hours=1)):
            assert jobs.set_aside_ending(database.engine, settings) == 1


# --------------------------------------------------------------------------------------------- pages, letters, names


def test_one_letter_says_it_without_a_name(scene: Scene) -> None:
    answer(scene, "ben")
    spans(scene)
    decides(scene, "ada")
    (letter,) = letters(scene, "ben")
    assert NO_LONGER in letter.body
    assert "2 texts of yours" in letter.body
    assert "http://localhost/rights/mending/" in letter.body
    for unsaid in (scene.people["ada"].handle, "Daadaa", "Bawo", "withdrawn", "practice"):
        assert unsaid not in letter.body + letter.subject
    decides(scene, "ada", "custom", rights={"train": False})
    assert len(letters(scene, "ben")) == 1


def test_the_page_of_choices_leads_to_the_page_that_mends(scene: Scene, client: Visitor) -> None:
    made, filled = answer(scene, "ben"), spans(scene)
    client.sign_in(scene.people["ada"])
    page = client.send(client.visit("/consent").form(button="Save my choice"), preset="practice", attribution="none")
    client.send(page.form(button="Save anyway"))
    scene.session.expire_all()
    assert (made.set_aside_kind, filled.set_aside_kind) == ("prompt", "spans")
    (letter,) = letters(scene, "ben")
    client.sign_in(scene.people["ben"])
    own = client.visit(f"/mine/{made.public_id}")
    listed = client.visit("/rights/mending/")
    page, gap = client.visit(f"/rights/mending/{made.public_id}"), client.visit(f"/rights/mending/{filled.public_id}")
    for shown in (own, listed, page, gap):
        assert NO_LONGER in shown.text
        assert scene.people["ada"].handle not in shown.source + letter.body
    for shown in (own, page, gap):
        assert "withdrawn" not in shown.text
    assert "Daadaa" not in listed.source + page.source + gap.source
    assert "Write a new question" in own.text
    client.send(page.form(button="Send it to review"), instruction="Ibeere temi?")
    assert "has got new words and a new number" in client.visit(f"/mine/{made.public_id}").text


def test_the_api_does_the_same(scene: Scene, client: Visitor) -> None:
    made = answer(scene, "ben")
    script = Script.of(client, scene.session, scene.people["ada"])
    script.post("/consents", {"preset": "practice", "attribution": "none"}, status=201)
    scene.session.expire_all()
    assert (made.set_aside_kind, len(letters(scene, "ben"))) == ("prompt", 1)
    script.post("/consents", {"preset": "open", "attribution": "none", "also_before": True}, status=201)
    scene.session.expire_all()
    assert mark(made) == (None, None)


def test_the_questions_under_new_terms_do_the_same(scene: Scene, client: Visitor) -> None:
    made = answer(scene, "ben")
    newest = consent_queries.current_document(scene.session, "terms")
    consent.adopt(
        scene.session, actor=OPERATOR, kind="terms", version=newest.version + 1, language=newest.language,
        title=newest.title, body=newest.body + "\nMore.", authoritative=True,
    )  # fmt: skip
    scene.session.commit()
    client.sign_in(scene.people["ada"])
    page = client.visit("/consent/first")
    client.send(page.form(button="Save my choice"), preset="practice", attribution="none")
    scene.session.expire_all()
    assert made.set_aside_kind == "prompt"


def test_an_ambassador_can_give_the_question(scene: Scene, client: Visitor) -> None:
    made = answer(scene, "ben")
    decides(scene, "ada")
    scene.session.commit()
    client.sign_in(scene.people["reader"])
    code = scene.world.language.code
    assert NO_LONGER in client.visit(f"/rights/mending/in/{code}").text
    page = client.visit(f"/rights/mending/{made.public_id}")
    client.send(page.form(button="Send it to review"), instruction="Ibeere olukawe?")
    scene.session.expire_all()
    assert made.set_aside_kind == "replaced"
    assert queries.waiting_of(scene.session, scene.people["ben"].id) == []
