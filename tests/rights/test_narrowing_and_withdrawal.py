"""A narrowing and a withdrawal of the same words, one after the other: each has its own mark, and its own end."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy.orm import Session

from annotator import clock
from annotator.rights.mending import actions as mending
from annotator.rights.mending import mails, mends
from annotator.settings import Settings
from tests import stories
from tests.releases.scenes import Scene
from tests.rights import mendable
from tests.rights.mendable import NO_LONGER, answer, decides, last, letters, mark, mend, reasons, undo


@pytest.fixture
def scene(session: Session, settings: Settings) -> Scene:
    return mendable.a_scene(session, settings)


def test_a_withdrawal_after_a_narrowing_gives_all_the_time_anew(scene: Scene) -> None:
    made = answer(scene, "ben")
    decides(scene, "ada")
    until = made.set_aside_until
    with time_machine.travel(clock.now() + timedelta(days=20)):
        scene.withdraw("ada", "asked")
        mails.tell(scene.session, scene.settings.public_url)
        scene.session.expire_all()
        assert mark(made) == ("prompt", last(scene).requested_at + timedelta(days=30)) != ("prompt", until)
        assert not mends.offer(scene.session, made).narrowed
        assert [NO_LONGER in letter.body for letter in letters(scene, "ben")] == [True, False]
        decides(scene, "ada", "open", also_before=True)
        assert made.set_aside_kind == "prompt", "the mark of the withdrawal stands"
        assert reasons(scene) == {"withdrawn": 1, "set_aside": 1}
    with time_machine.travel(clock.now() + timedelta(days=51)):
        mending.forget_due(scene.session)
        scene.session.expire_all()
        assert made.set_aside_kind == "out"


def test_an_undo_leaves_what_a_narrowing_had_set_aside(scene: Scene) -> None:
    made = answer(scene, "ben")
    decides(scene, "ada")
    scene.withdraw("ada", "asked", definite=False)
    undo(scene, "ada")
    assert (made.set_aside_kind, mends.offer(scene.session, made).narrowed) == ("prompt", True)
    decides(scene, "ada", "open", also_before=True)
    assert (mark(made), reasons(scene)) == ((None, None), {})


def test_a_narrowing_after_a_withdrawal_changes_no_mark(scene: Scene) -> None:
    made = answer(scene, "ben")
    scene.withdraw("ada", "asked", definite=False)
    before = mark(made)
    decides(scene, "ada")
    assert mark(made) == before
    undo(scene, "ada")
    assert made.set_aside_kind == "prompt", "it is restricted now"
    assert reasons(scene) == {"publish": 2}
    decides(scene, "ada", "open", also_before=True)
    assert mark(made) == (None, None)


def test_a_replaced_text_can_be_taken_back_and_that_be_undone(scene: Scene) -> None:
    made = answer(scene, "ben")
    decides(scene, "ada")
    mend(scene, "ben", made, instruction="Ibeere temi?")
    scene.texts["made"] = made
    scene.withdraw("ben", "made", definite=False)
    assert made.state == "withdrawn"
    undo(scene, "ben")
    assert (made.state, made.withdrawn_at, made.set_aside_kind) == ("accepted", None, "replaced")


def test_a_grant_that_comes_back_while_the_text_is_withdrawn_is_seen_by_the_undo(scene: Scene) -> None:
    made = answer(scene, "ben")
    decides(scene, "ada")
    scene.texts["made"] = made
    scene.withdraw("ben", "made", definite=False)
    decides(scene, "ada", "open", also_before=True)
    undo(scene, "ben")
    assert (mark(made), reasons(scene)) == ((None, None), {})


def test_words_of_two_people_are_lost_in_two_ways(scene: Scene) -> None:
    """Ada's few words are withdrawn, Chi's few words are narrowed: both become gaps."""
    scene.people["chi"] = stories.a_contributor(scene.session, scene.world.language)
    first = scene.reannotates("chi", "asked", instruction="Ise wo", completion="Daadaa ni emi kan si ni ile yi")
    scene.world.decides(scene.people["reader"], first)
    scene.texts["first"] = first
    words = "Daadaa emi wa lo ra nkan fun iyawo mi kekere ati omo"
    made = scene.reannotates("ben", "first", instruction="Kini eyi", completion=words)
    scene.world.decides(scene.people["reader"], made)
    decides(scene, "chi")
    assert made.set_aside_kind == "spans"
    scene.withdraw("ada", "asked", definite=False)
    left = mends.offer(scene.session, made)
    assert (made.set_aside_kind, left.narrowed, left.texts.completion) == (
        "spans", False, "[…] wa lo ra nkan fun iyawo mi kekere ati omo",
    )  # fmt: skip
    undo(scene, "ada")
    left = mends.offer(scene.session, made)
    assert (left.narrowed, left.texts.completion) == (True, words.replace("emi", "[…]", 1))
