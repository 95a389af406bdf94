"""Texts that wait for new words after something that they build on was withdrawn: by people's own acts, on both databases."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.annotations.rules import Written, taken_back
from annotator.audit.models import AuditEvent
from annotator.errors import Conflict, Forbidden, Invalid
from annotator.mail.models import Letter
from annotator.permissions import OPERATOR
from annotator.releases import actions as releases
from annotator.rights import actions as rights
from annotator.rights.mending import actions as mending
from annotator.rights.mending import mends, queries
from annotator.settings import Settings
from tests import stories
from tests.conftest import Runner
from tests.pages import Visitor
from tests.releases.scenes import Scene
from tests.rights import mendable
from tests.rights.mendable import ANSWER, answer, last, mend, reasons, spans


@pytest.fixture
def scene(session: Session, settings: Settings) -> Scene:
    return mendable.a_scene(session, settings)


def test_thirty_answers_survive_the_withdrawal_of_their_prompt(scene: Scene) -> None:
    made = []
    for number in range(30):
        name = f"person {number}"
        scene.people[name] = stories.a_contributor(scene.session, scene.world.language)
        made.append(answer(scene, name, f"Idahun {number} ni yi"))
    scene.withdraw("ada", "asked")
    assert reasons(scene) == {"withdrawn": 1, "set_aside": 30}
    assert {one.set_aside_kind for one in made} == {"prompt"}
    assert {one.set_aside_until for one in made} == {last(scene).requested_at + timedelta(days=30)}
    new = mend(scene, "person 7", made[7], instruction="Ki ni idahun?")
    scene.world.decides(scene.people["reader"], new)
    assert reasons(scene) == {"withdrawn": 2, "set_aside": 29}
    assert scene.session.scalar(select(func.count(Annotation.id)).where(Annotation.state == "accepted")) == 30


def test_an_answer_with_a_new_prompt_is_a_new_text_and_loses_no_word(scene: Scene) -> None:
    old = answer(scene, "ben")
    place = old.assignment_id
    scene.withdraw("ada", "asked")
    new = mend(scene, "ben", old, instruction="Se daadaa ni?", input="Ore mi")
    assert (new.kind, new.state, new.assignment_id) == ("original", "in_review", place)
    assert new.public_id != old.public_id
    only = new.revisions[0]
    assert (only.parent_id, only.link, only.shares) == (None, None, None)
    assert (only.instruction, only.input, only.completion) == ("Se daadaa ni?", "Ore mi", ANSWER)
    assert (old.state, old.withdrawal_id, old.set_aside_kind) == ("withdrawn", last(scene).id, "mended")
    scene.world.decides(scene.people["reader"], new)
    assert reasons(scene) == {"withdrawn": 2}
    with pytest.raises(Forbidden):
        mend(scene, "ben", old, instruction="Lekan si?")


def test_an_ambassadors_prompt_counts_as_theirs(scene: Scene) -> None:
    old = answer(scene, "ben")
    scene.withdraw("ada", "asked")
    new = mend(scene, "reader", old, instruction="Se daadaa ni?", completion="not taken from here")
    assert [(r.author_id, r.role, r.link) for r in new.revisions] == [
        (scene.people["reader"].id, "reviewer", None),
        (scene.people["ben"].id, "author", "completion"),
    ]
    assert new.revisions[1].completion == ANSWER
    other = stories.an_ambassador(scene.session, scene.world.language)
    scene.world.decides(other, new)
    release = scene.publish("1.0.0")
    assert release.state == "published"
    assert reasons(scene) == {"withdrawn": 2}
    rights.withdraw(
        scene.session, actor=stories.actor_of(scene.session, scene.people["reader"]), person=scene.people["reader"]
    )
    assert new.set_aside_kind == "prompt", "the answer is still whole"


def test_few_words_of_a_withdrawn_text_become_gaps_that_their_author_fills(scene: Scene) -> None:
    made = spans(scene)
    assert made.revisions[0].shares is not None
    scene.withdraw("ada", "asked")
    assert (made.set_aside_kind, reasons(scene)) == ("spans", {"withdrawn": 1, "set_aside": 1})
    left = mends.offer(scene.session, made)
    assert left.gaps == {"completion"}
    completion = left.texts.completion or ""
    assert (completion.startswith("[…] ti"), "Daadaa" in completion) == (True, False)
    with pytest.raises(Invalid, match="gap_left"):
        mend(scene, "ben", made, completion=completion)
    with pytest.raises(Forbidden):
        mend(scene, "reader", made, completion=completion.replace("[…]", "Rere"))
    new = mend(scene, "ben", made, completion=completion.replace("[…]", "Daadaa"))
    assert new.revisions[0].parent_id is None, "every word is Ben's now"
    scene.world.decides(scene.people["reader"], new)
    assert reasons(scene) == {"withdrawn": 2}


def test_others_words_stay_behind_a_filled_gap(scene: Scene) -> None:
    """Chi's words survive in Ben's text beside a few of Ada's; when Ada's go, Chi stays an author."""
    scene.people["chi"] = stories.a_contributor(scene.session, scene.world.language, preset="noncommercial")
    first = scene.reannotates("chi", "asked", instruction="Ise wo", completion="Daadaa ni emi kan si ni ile yi")
    scene.world.decides(scene.people["reader"], first)
    scene.texts["first"] = first
    made = scene.reannotates(
        "ben", "first", instruction="Ile wo", completion="Daadaa emi wa lo ra nkan fun iyawo mi kekere"
    )
    scene.world.decides(scene.people["reader"], made)
    scene.withdraw("ada", "asked")
    assert made.set_aside_kind == "spans"
    left = mends.offer(scene.session, made)
    new = mend(scene, "ben", made, completion=(left.texts.completion or "").replace("[…]", "Bee"))
    assert new.revisions[0].parent_id == first.revisions[0].id
    scene.world.decides(scene.people["reader"], new)
    scene.session.flush()
    chosen = releases.preview(scene.session, actor=OPERATOR, project=scene.world.project)
    assert chosen.lanes == {"noncommercial": {scene.world.language.code: 1}}, "as Chi allows"


def test_an_undo_takes_the_marks_away_again(scene: Scene) -> None:
    scene.people["chi"] = stories.a_contributor(scene.session, scene.world.language)
    waits, mended = answer(scene, "ben"), answer(scene, "chi", "Idahun keji")
    scene.withdraw("ada", "asked")
    new = mend(scene, "chi", mended, instruction="Ibeere temi?")
    rights.undo(scene.session, actor=stories.actor_of(scene.session, scene.people["ada"]), withdrawal=last(scene))
    scene.session.expire_all()
    assert (waits.set_aside_kind, waits.set_aside_until) == (None, None)
    assert not taken_back(waits.revisions[0])
    assert (mended.state, new.state) == ("withdrawn", "in_review"), "one of the two, not both"
    assert reasons(scene) == {"withdrawn": 1, "not_accepted": 1}


def test_an_undo_brings_no_text_back_beside_its_mended_one(scene: Scene) -> None:
    """Others build on the old one, so that it is not withdrawn when it is mended; it goes nowhere all the same."""
    scene.people["chi"] = stories.a_contributor(scene.session, scene.world.language)
    old = scene.texts["old"] = answer(scene, "ben")
    scene.reannotates("chi", "old", completion="Mo wa dada, o se pupo gan ni")
    scene.withdraw("ada", "asked", definite=False)
    new = mend(scene, "ben", old, instruction="Ibeere temi?")
    scene.world.decides(scene.people["reader"], new)
    assert (old.state, old.set_aside_kind) == ("accepted", "replaced")
    rights.undo(scene.session, actor=stories.actor_of(scene.session, scene.people["ada"]), withdrawal=last(scene))
    assert reasons(scene) == {"fallen": 1, "not_accepted": 1}
    assert old.set_aside_kind == "replaced"


def test_what_two_withdrawals_reach_waits_until_both_are_undone(scene: Scene) -> None:
    made = answer(scene, "ben")
    scene.withdraw("ada", "asked")
    first = last(scene)
    rights.withdraw(
        scene.session, actor=stories.actor_of(scene.session, scene.people["ben"]), person=scene.people["ben"],
        annotation=made,
    )  # fmt: skip
    rights.undo(scene.session, actor=stories.actor_of(scene.session, scene.people["ben"]), withdrawal=last(scene))
    scene.session.expire_all()
    assert made.set_aside_kind == "prompt"
    rights.undo(scene.session, actor=stories.actor_of(scene.session, scene.people["ada"]), withdrawal=first)
    scene.session.expire_all()
    assert made.set_aside_kind is None


def test_what_nobody_mends_is_out_after_thirty_days(scene: Scene) -> None:
    made = answer(scene, "ben")
    scene.withdraw("ada", "asked")
    assert mending.forget_due(scene.session) == 0
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert reasons(scene) == {"withdrawn": 1, "fallen": 1}
        with pytest.raises(Conflict, match="not_waiting"):
            mend(scene, "ben", made, instruction="O pe ju?")
        assert mending.forget_due(scene.session) == 1
        assert mending.forget_due(scene.session) == 0
    scene.session.expire_all()
    assert (made.set_aside_kind, made.set_aside_until, made.state) == ("out", None, "accepted")


def test_an_ambassador_who_takes_an_edit_back_takes_no_text_out(scene: Scene) -> None:
    ben, reader = scene.people["ben"], scene.people["reader"]
    made = scene.world.writes(ben, "Nibo lo n lo?", "Oja ni mo n lo")
    scene.world.decides(reader, made, "accepted_with_edits", written=Written(completion="Oja ni mo n lo bayi"))
    assert made.revisions[1].shares == {"completion": [[made.revisions[0].id, 5], [-1, 1]]}
    rights.withdraw(scene.session, actor=stories.actor_of(scene.session, reader), person=reader)
    assert made.set_aside_kind is None
    assert reasons(scene) == {}


def test_a_text_without_a_word_of_it_stays(scene: Scene) -> None:
    made = scene.reannotates("ben", "asked", instruction="Ki lode", completion="Oro temi nikan")
    scene.world.decides(scene.people["reader"], made)
    scene.withdraw("ada", "asked")
    assert made.set_aside_kind is None
    assert reasons(scene) == {"withdrawn": 1}


def test_what_somebody_allowed_for_one_text_holds_for_it_when_it_is_mended(scene: Scene) -> None:
    ben = scene.people["ben"]
    old = answer(scene, "ben")
    stories.allow(scene.session, ben, preset="gated", attribution="none", annotation_id=old.id)
    stories.allow(scene.session, ben, preset="open", attribution="none")
    scene.withdraw("ada", "asked")
    new = mend(scene, "ben", old, instruction="Ibeere temi?")
    scene.world.decides(scene.people["reader"], new)
    chosen = releases.preview(scene.session, actor=OPERATOR, project=scene.world.project)
    assert chosen.lanes == {"gated": {scene.world.language.code: 1}}


def test_who_may_mend(scene: Scene) -> None:
    made = answer(scene, "ben")
    stranger = scene.people["stranger"] = stories.a_contributor(scene.session, scene.world.language)
    with pytest.raises(Conflict, match="not_waiting"):
        mend(scene, "ben", made, instruction="Ko to asiko?")
    scene.withdraw("ada", "asked")
    with pytest.raises(Forbidden):
        mend(scene, "stranger", made, instruction="Se emi le se?")
    with pytest.raises(Invalid, match="instruction_missing"):
        mend(scene, "ben", made, instruction="  ")
    assert queries.waiting_of(scene.session, stranger.id) == []
    assert queries.waiting_of(scene.session, scene.people["ben"].id) == [made]


def test_pages_and_the_letter(scene: Scene, client: Visitor) -> None:
    made = answer(scene, "ben")
    filled = spans(scene)
    client.sign_in(scene.people["ada"])
    assert client.post(f"/rights/withdraw?annotation={scene.texts['asked'].public_id}").status_code == 303
    letter = scene.session.scalars(select(Letter).where(Letter.person_id == scene.people["ben"].id)).one()
    assert "/rights/mending/" in letter.body
    assert "Daadaa" not in letter.body
    assert scene.people["ada"].handle not in letter.body
    client.sign_in(scene.people["ben"])
    assert "2 texts of yours wait" in client.visit("/mine/").source
    listed = client.visit("/rights/mending/").source
    assert ANSWER in listed
    assert "Daadaa" not in listed + client.visit(f"/rights/mending/{filled.public_id}").source
    assert "[…]" in client.visit(f"/mine/{filled.public_id}").source
    page = client.visit(f"/rights/mending/{made.public_id}")
    client.send(page.form(button="Send it to review"), instruction="", status=422)
    client.send(page.form(button="Send it to review"), instruction="Ibeere temi?")
    assert scene.session.scalar(select(AuditEvent.id).where(AuditEvent.action == "annotation.mended")) is not None
    reader = scene.people["reader"]
    client.sign_in(reader)
    assert client.get(f"/rights/mending/{filled.public_id}").status_code == 404, "a gap is for its author to fill"
    client.sign_in(_stranger(scene))
    assert client.get(f"/rights/mending/{filled.public_id}").status_code == 404


def _stranger(scene: Scene) -> Person:
    return stories.a_contributor(scene.session, scene.world.language)


def test_the_desk_leads_to_texts_without_a_question(scene: Scene, client: Visitor) -> None:
    made = answer(scene, "ben")
    scene.withdraw("ada", "asked")
    client.sign_in(scene.people["reader"])
    code = scene.world.language.code
    assert "1 text waits for a new question" in client.visit(f"/desk/{code}").source
    assert made.public_id in client.visit(f"/rights/mending/in/{code}").source
    page = client.visit(f"/rights/mending/{made.public_id}")
    client.send(page.form(button="Send it to review"), instruction="Ibeere olukawe?")
    scene.session.expire_all()
    assert made.set_aside_kind == "mended"


def test_a_withdrawal_at_the_command_line_tells_them_too(scene: Scene, runner: Runner) -> None:
    made = answer(scene, "ben")
    runner("rights", "withdraw", scene.people["ada"].email)
    assert made.set_aside_kind == "prompt"
    letter = scene.session.scalars(select(Letter).where(Letter.person_id == scene.people["ben"].id)).one()
    assert "http://localhost/rights/mending/" in letter.body
