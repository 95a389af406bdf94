"""No word is lost on the pages of work, as a browser without a script sees them: two versions, refusals, skips, undo."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.annotations import forms
from annotator.annotations.models import Annotation
from annotator.annotations.rules import Texts
from annotator.assignments import actions as assignments
from annotator.assignments.models import Assignment, Draft
from annotator.languages.models import Language
from tests.html import Page
from tests.pages import Visitor
from tests.stories import World, a_contributor, a_prompt, a_world

FRAGMENT = {"Accept": "application/json", "X-Requested-With": "fragment"}


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session, "arb_Arab")


@pytest.fixture
def work(client: Visitor, world: World) -> str:
    """The address of a prompt to answer, reserved for the person who is signed in."""
    a_prompt(world.session, world.project, world.language)
    client.sign_in(a_contributor(world.session, world.language))
    return client.post(address(world, "claim")).location


def address(world: World, rest: str) -> str:
    return f"/projects/{world.project.slug}/{world.language.code}/{rest}"


def version_in(page: Page) -> str:
    return str(page.one("input", name="version", id="version").get("value"))


def drafts(world: World) -> list[str]:
    return list(world.session.scalars(select(Draft.completion).order_by(Draft.id)))


def sent(world: World) -> list[str | None]:
    return [a.revisions[0].completion for a in world.session.scalars(select(Annotation).order_by(Annotation.id))]


# Two tabs.


def test_a_stale_tab_shows_both_and_keeps_this_one(client: Visitor, world: World, work: str) -> None:
    stale = client.visit(work)
    client.send(client.visit(work).form(button="Save"), completion="من النافذة الأولى", do="save")
    both = client.send(stale.form(button="Save"), completion="من النافذة الثانية", do="save", status=409)
    assert "What is saved" in both
    assert "What this tab has" in both
    assert "من النافذة الأولى" in both
    assert "من النافذة الثانية" in both
    assert drafts(world) == ["من النافذة الأولى"], "nothing is overwritten before the choice"
    kept = client.send(both.form(button="Keep this one: What this tab has"))
    assert "من النافذة الثانية" in kept
    assert drafts(world) == ["من النافذة الثانية"]
    assert version_in(kept) == "2"


def test_a_stale_tab_can_keep_what_is_saved_or_both(client: Visitor, world: World, work: str) -> None:
    stale = client.visit(work)
    client.send(client.visit(work).form(button="Save"), completion="أولى", do="save")
    both = client.send(stale.form(button="Save"), completion="ثانية", do="save", status=409)
    assert client.visit(both.link("Keep this one: What is saved")).one("textarea").raw_text.strip() == "أولى"
    client.send(both.form(button="Keep both, one after the other"))
    assert drafts(world)[0].split() == ["أولى", "ثانية"]


def test_a_stale_tab_is_told_by_script_what_is_saved(client: Visitor, world: World, work: str) -> None:
    client.post(work, data={"do": "save", "completion": "أولى", "version": "0"})
    stale = client.post(work, data={"do": "save", "completion": "ثانية", "version": "0"}, headers=FRAGMENT)
    said = stale.get_json()
    assert (stale.status_code, said["code"], said["version"]) == (409, "draft_newer", 1)
    assert said["saved"]["completion"] == "أولى"
    assert "ثانية" in said["html"]
    assert drafts(world) == ["أولى"]


def test_a_save_whose_answer_got_lost_is_no_conflict(client: Visitor, work: str) -> None:
    fields = {"do": "save", "completion": "سطر\r\nسطر", "version": "0"}
    for _ in range(2):
        saved = client.post(work, data=fields, headers=FRAGMENT)
        assert (saved.status_code, saved.get_json()["version"]) == (200, 1)


def test_a_submission_that_would_lose_another_tabs_words_asks_first(client: Visitor, world: World, work: str) -> None:
    client.post(work, data={"do": "save", "completion": "كلمات من الهاتف", "version": "0"})
    asked = client.post(work, data={"do": "submit", "completion": "شيء آخر", "version": "0"})
    assert asked.status_code == 409
    assert "كلمات من الهاتف" in asked.text
    assert "شيء آخر" in asked.text
    assert "Nothing has been sent yet." in asked.text
    assert sent(world) == []
    client.post(work, data={"do": "submit", "completion": "كلمات من الهاتف، وأكثر", "version": "0"})
    assert sent(world) == ["كلمات من الهاتف، وأكثر"], "what holds the other's words loses nothing"


def test_a_draft_in_flight_does_not_outlive_the_submission(client: Visitor, world: World) -> None:
    client.sign_in(a_contributor(world.session, world.language))
    write = address(world, "write")
    fields = {"instruction": "سؤال؟", "completion": "جواب", "key": "one-and-the-same", "version": "0"}
    assert client.post(write, data={**fields, "do": "submit"}).status_code == 303
    late = client.post(write, data={**fields, "completion": "جوا", "do": "save"}, headers=FRAGMENT)
    assert (late.status_code, late.get_json()["code"]) == (409, "already_submitted")
    assert drafts(world) == []


# Sent twice, refused, too late.


def test_sent_twice_it_arrives_once(client: Visitor, world: World) -> None:
    client.sign_in(a_contributor(world.session, world.language))
    form = client.visit(address(world, "write")).form(button="Save")
    for _ in range(2):
        client.send(form, instruction="سؤال؟", completion="جواب", do="submit")
    assert sent(world) == ["جواب"]
    other = client.send(form, instruction="سؤال؟", completion="جواب آخر", do="submit", status=422)
    assert "جواب آخر" in other
    assert drafts(world) == ["جواب آخر"]
    client.send(other.form(button="Save"), do="submit")
    assert sent(world) == ["جواب", "جواب آخر"], "sent again on purpose it is another text"


def test_a_refused_submission_is_kept_as_the_draft(client: Visitor, world: World) -> None:
    a_prompt(world.session, world.project, world.language, completion="جواب")
    client.sign_in(a_contributor(world.session, world.language))
    work = client.post(address(world, "claim")).location
    refused = client.send(client.visit(work).form(button="Save"), completion="جواب أفضل", do="submit", status=422)
    assert "Choose a number from 1 to 5." in refused
    assert drafts(world) == ["جواب أفضل"]
    assert "جواب أفضل" in client.visit(work).source, "closing the page loses nothing"
    ratings = {"rating_prompt": "4", "rating_completion": "3"}
    client.send(refused.form(button="Save"), {"do": "submit", **ratings})
    assert sent(world) == ["جواب أفضل"]


def test_a_late_submission_whose_place_is_taken_is_kept_and_explained(client: Visitor, world: World, work: str) -> None:
    begun = client.visit(work)
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=False):
        assignments.expire_due(world.session)
        world.claims(a_contributor(world.session, world.language))
        late = client.send(begun.form(button="Save"), completion="متأخر", do="submit", status=422)
        assert "Others have taken this one meanwhile" in late
        assert drafts(world) == ["متأخر"]
        mine = client.visit("/mine/")
        assert "the hour is over" in mine
        assert "متأخر" in mine
        asked = client.send(mine.form("work/"), do="release", status=409)
        assert "What you wrote is deleted." in asked
        assert drafts(world) == ["متأخر"]
        client.send(asked.form(button="Give it back"))
        assert drafts(world) == []
        assert "متأخر" not in client.visit("/mine/")


def test_a_late_submission_is_taken_while_a_place_is_free(client: Visitor, world: World, work: str) -> None:
    begun = client.visit(work)
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=False):
        assignments.expire_due(world.session)
        world.session.commit()
        client.send(begun.form(button="Save"), completion="متأخر", do="submit")
    assert sent(world) == ["متأخر"]


def test_saving_what_ran_out_reserves_it_again(client: Visitor, world: World, work: str) -> None:
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=False):
        assignments.expire_due(world.session)
        world.session.commit()
        assert "others may take this one now" in client.visit(work)
        saved = client.post(work, data={"do": "save", "completion": "نصف", "version": "0"}, headers=FRAGMENT).get_json()
        assert "Reserved for you until" in saved["lease"]
        assert world.session.scalars(select(Assignment.state)).one() == "draft"


def test_the_page_asks_for_more_time_without_saving(client: Visitor, world: World, work: str) -> None:
    later = clock.now() + timedelta(minutes=30)
    with time_machine.travel(later, tick=False):
        assert "Reserved" in client.post(work, data={"do": "renew"}, headers=FRAGMENT).get_json()["lease"]
    assert world.session.scalars(select(Assignment.lease_until)).one() == later + timedelta(hours=1)
    assert drafts(world) == []


# Skipping.


def test_a_skip_is_told_and_undone(client: Visitor, world: World, work: str) -> None:
    a_prompt(world.session, world.project, world.language)
    following = client.send(client.visit(work).form(button="Save"), do="skip")
    assert following.path != work
    assert "Skipped." in following
    back = client.send(following.form(button="Undo"))
    assert back.path == work
    states = sorted(world.session.scalars(select(Assignment.state)))
    assert states == ["assigned", "released"], "what was reserved in its stead goes back"


def test_a_skip_is_told_where_nothing_is_left(client: Visitor, world: World, work: str) -> None:
    left = client.send(client.visit(work).form(button="Save"), do="skip:unclear")
    assert "/empty/" in left.path
    assert world.session.scalars(select(Assignment.skip_reason)).one() == "unclear"
    assert client.send(left.form(button="Undo")).path == work
    assert world.session.scalars(select(Assignment.state)).one() == "assigned"


def test_a_skip_asks_only_where_something_was_typed(client: Visitor, world: World, work: str) -> None:
    asked = client.send(client.visit(work).form(button="Save"), completion="نصف جملة", do="skip:unclear", status=409)
    assert "You have written something here" in asked
    assert drafts(world) == ["نصف جملة"], "what the page sent is saved before it asks"
    assert world.session.scalars(select(Assignment.state)).one() == "draft"
    told = client.send(asked.form(button="Skip it"))
    assert world.session.scalars(select(Assignment.skip_reason)).one() == "unclear"
    back = client.send(told.form(button="Undo"))
    assert "نصف جملة" in back.source
    assert world.session.scalars(select(Assignment.state)).one() == "draft"


def test_an_unchanged_text_to_improve_is_skipped_without_asking(client: Visitor, world: World) -> None:
    a_prompt(world.session, world.project, world.language, completion="جواب")
    client.sign_in(a_contributor(world.session, world.language))
    work = client.post(address(world, "claim")).location
    assert client.post(work, data={"do": "skip", "instruction": "", "completion": "جواب"}).status_code == 303


def test_an_undo_that_is_too_late_shows_what_was_typed(client: Visitor, world: World, work: str) -> None:
    client.post(work, data={"do": "save", "completion": "نصف جملة", "version": "0"})
    told = client.visit(client.post(work, data={"do": "skip", "sure": "yes"}).location)
    world.claims(a_contributor(world.session, world.language))
    late = client.send(told.form(button="Undo"), status=409)
    assert "Others have taken that one meanwhile" in late
    assert "نصف جملة" in late


def test_the_undo_goes_when_its_time_is_over(client: Visitor, work: str) -> None:
    told = client.post(work, data={"do": "skip"}).location
    assert "Undo" in client.visit(told)
    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=False):
        assert "Undo" not in client.visit(told)


def test_nobody_is_offered_to_undo_anothers_skip(client: Visitor, world: World, work: str) -> None:
    told = client.post(work, data={"do": "skip"}).location
    client.sign_in(a_contributor(world.session, world.language))
    assert "Undo" not in client.visit(told)


def test_an_original_is_given_up_after_asking(client: Visitor, world: World) -> None:
    client.sign_in(a_contributor(world.session, world.language))
    client.post(address(world, "write"), data={"do": "save", "instruction": "سؤال؟", "completion": "جواب"})
    asked = client.send(client.visit("/mine/").form("give-up"), do="release", status=409)
    assert "جواب" in asked
    client.send(asked.form(button="Delete it"))
    assert drafts(world) == []


# Who writes.


def test_nothing_goes_out_under_somebody_elses_name(client: Visitor, world: World) -> None:
    client.sign_in(a_contributor(world.session, world.language))
    page = client.visit(address(world, "write"))
    client.sign_in(a_contributor(world.session, world.language))
    for act in ("save", "submit"):
        other = client.send(page.form(button="Save"), instruction="سؤال؟", completion="جواب", do=act, status=409)
        assert "Somebody else wrote this" in other
        assert "جواب" in other, "the words can still be copied"
    assert sent(world) == []
    assert drafts(world) == []


def test_the_page_knows_its_person_and_names_the_submission(client: Visitor, world: World) -> None:
    person = a_contributor(world.session, world.language)
    client.sign_in(person)
    page = client.visit(address(world, "write"))
    assert page.one("html").get("data-person") == person.public_id
    assert page.one("input", name="by").get("value") == person.public_id
    first = page.one("input", name="key").get("value")
    again = client.visit(address(world, "write")).one("input", name="key").get("value")
    assert first
    assert first != again


def test_a_visitor_has_no_outbox(client: Visitor, world: World) -> None:
    world.session.commit()
    page = client.visit("/")
    assert page.one("html").get("data-person") is None
    assert not page.all("script")


# Whatever a script asks is answered by JSON, with words: a page would look to it like a network that is gone.


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"do": "submit", "completion": " "}, 422, "completion_missing"),
        ({"do": "submit", "completion": "جواب", "ai_note": "x" * 200}, 422, "form_wrong"),
        ({"do": "skip:nonsense"}, 422, "skip_reason_unknown"),
        ({"do": "release", "completion": "نصف"}, 409, "sure_needed"),
    ],
)
def test_scripts_are_answered_in_words(
    client: Visitor, work: str, fields: dict[str, str], status: int, code: str
) -> None:
    refused = client.post(work, data=fields, headers=FRAGMENT)
    assert (refused.status_code, refused.get_json()["code"]) == (status, code)
    assert refused.get_json()["detail"]


def test_scripts_are_told_where_to_go(client: Visitor, world: World, work: str) -> None:
    said = client.post(work, data={"do": "submit", "completion": "جواب"}, headers=FRAGMENT).get_json()
    assert said["next"].startswith(address(world, "empty/"))
    assert "Thank you." in client.visit(said["next"])


def test_a_script_that_reads_a_page_leaves_the_message_to_the_person(client: Visitor, world: World, work: str) -> None:
    onward = client.post(work, data={"do": "submit", "completion": "جواب"}).location
    assert "Thank you." not in client.visit(onward, headers={"X-Requested-With": "fragment"})
    assert "Thank you." in client.visit(onward)
    assert len(sent(world)) == 1


def test_what_is_sent_from_elsewhere_reserves_nothing_new(client: Visitor, world: World, work: str) -> None:
    a_prompt(world.session, world.project, world.language)
    said = client.post(work, data={"do": "submit", "completion": "جواب", "stay": "yes"}, headers=FRAGMENT).get_json()
    assert said == {"next": None}
    assert list(world.session.scalars(select(Assignment.state))) == ["submitted"]


# Which words would be lost: a rule of its own.


def _values(**texts: str) -> dict[str, str]:
    return {**forms.values_of(None), **texts}


@pytest.mark.parametrize(
    ("saved", "now", "lost"),
    [
        ("", "نص", False),
        ("نص", "نص أطول", False),
        ("نص", "آخر", True),
        ("بداية", "آخر", False),
        (" نص\r\n", "نص", False),
        ("نص", "", True),
    ],
)
def test_what_would_be_lost(saved: str, now: str, *, lost: bool) -> None:
    language = Language(code="arb_Arab", iso639_3="arb", script="Arab", english_name="Arabic")
    starting = Texts(None, None, "بداية", language, language, language)
    assert forms.would_lose(_values(completion=saved), _values(completion=now), starting) == lost
