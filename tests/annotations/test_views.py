"""The pages of work, as a browser without a script sees them."""

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator.annotations.models import Annotation
from annotator.assignments.models import Assignment, Draft
from annotator.assignments.rules import Empty
from tests.pages import Visitor
from tests.stories import World, a_contributor, a_language, a_prompt, a_world, an_ambassador


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session, "arb_Arab")


def address(world: World, rest: str) -> str:
    return f"/projects/{world.project.slug}/{world.language.code}/{rest}"


def test_answer_a_prompt(client: Visitor, world: World) -> None:
    english = a_language(world.session, "eng_Latn", "English")
    a_prompt(
        world.session,
        world.project,
        world.language,
        instruction="Translate this.",
        input="صباح الخير",
        instruction_language_id=english.id,
        input_language_id=world.language.id,
    )
    client.sign_in(a_contributor(world.session, world.language, english))
    start = client.post(address(world, "claim"))
    page = client.visit(start.location).source
    assert re.search(r'<p class="text[^"]*" lang="en-Latn" dir="ltr">Translate this\.', page)
    assert re.search(r'<p class="text[^"]*" lang="ar-Arab" dir="rtl">صباح الخير', page)
    assert re.search(r'<textarea[^>]*dir="rtl"[^>]*lang="ar-Arab"', page)
    sent = client.post(start.location, data={"completion": "صباح النور", "do": "submit", "ai_assisted": "no"})
    assert sent.status_code == 303
    assert sent.location.endswith("/empty/done")
    annotation = world.session.scalars(select(Annotation)).one()
    assert annotation.revisions[0].completion == "صباح النور"
    assert annotation.ai_assisted == "no"


def test_a_refused_form_keeps_every_word(client: Visitor, world: World) -> None:
    a_prompt(world.session, world.project, world.language, instruction="سؤال", completion="جواب")
    client.sign_in(a_contributor(world.session, world.language))
    work = client.post(address(world, "claim")).location
    refused = client.post(work, data={"completion": "جواب أفضل", "instruction": "سؤال", "do": "submit"})
    assert refused.status_code == 422
    assert "جواب أفضل" in refused.text
    assert "Choose a number from 1 to 5." in refused.text
    assert world.session.scalar(select(Annotation)) is None


def test_already_good_is_one_button(client: Visitor, world: World) -> None:
    a_prompt(world.session, world.project, world.language, completion="جواب")
    client.sign_in(a_contributor(world.session, world.language))
    work = client.post(address(world, "claim")).location
    assert 'value="good"' in client.visit(work).source
    client.post(work, data={"do": "good", "completion": "جواب", "instruction": "x"})
    assert world.session.scalars(select(Annotation)).one().already_good


def test_save_and_come_back(client: Visitor, world: World) -> None:
    a_prompt(world.session, world.project, world.language)
    client.sign_in(a_contributor(world.session, world.language))
    work = client.post(address(world, "claim")).location
    client.post(work, data={"do": "save", "completion": "نصف", "version": "0"})
    page = client.visit(work).source
    assert "نصف" in page
    stale = client.post(work, data={"do": "save", "completion": "قديم", "version": "0"})
    assert stale.status_code == 409
    assert "قديم" in stale.text, "what was typed in the stale tab is still there"
    assert "نصف" in stale.text, "and what is saved stands beside it"
    assert world.session.scalars(select(Draft.completion)).one() == "نصف"
    assert client.get(address(world, "work")).location == work


def test_a_script_saves_and_is_told_the_version(client: Visitor, world: World) -> None:
    a_prompt(world.session, world.project, world.language)
    client.sign_in(a_contributor(world.session, world.language))
    work = client.post(address(world, "claim")).location
    headers = {"Accept": "application/json", "X-Requested-With": "fragment"}
    saved = client.post(work, data={"do": "save", "completion": "نصف", "version": "0"}, headers=headers)
    assert saved.get_json()["version"] == 1
    stale = client.post(work, data={"do": "save", "completion": "قديم", "version": "0"}, headers=headers)
    assert (stale.status_code, stale.get_json()["code"]) == (409, "draft_newer")


def test_skip_with_a_reason(client: Visitor, world: World) -> None:
    a_prompt(world.session, world.project, world.language)
    client.sign_in(a_contributor(world.session, world.language))
    work = client.post(address(world, "claim")).location
    client.post(work, data={"do": "skip", "reason": "unclear"})
    assert world.session.scalars(select(Assignment.skip_reason)).one() == "unclear"


def test_write_your_own(client: Visitor, world: World) -> None:
    client.sign_in(a_contributor(world.session, world.language))
    client.visit(address(world, "write"))
    refused = client.post(address(world, "write"), data={"instruction": "سؤال؟", "completion": " ", "do": "submit"})
    assert refused.status_code == 422
    assert "سؤال؟" in refused.text
    assert "The answer is empty" in refused.text
    sent = client.post(address(world, "write"), data={"instruction": "سؤال؟", "completion": "جواب", "do": "submit"})
    assert sent.status_code == 303


def test_text_in_another_language_is_hinted_never_blocked(client: Visitor, world: World) -> None:
    client.sign_in(a_contributor(world.session, world.language))
    client.post(
        address(world, "write"),
        data={
            "instruction": "سؤال؟",
            "completion": "This is a long answer that is quite clearly written in English and not in Arabic at all.",
            "do": "submit",
        },
    )
    assert "looks like another language" in client.visit(address(world, "write")).source
    assert world.session.scalar(select(Annotation)) is not None


@pytest.mark.parametrize("reason", list(Empty))
@pytest.mark.parametrize("mix", [{"original": 1, "answer": 1}, {"answer": 1}])
def test_an_empty_queue_says_why_and_what_to_do(
    client: Visitor, world: World, reason: Empty, mix: dict[str, int]
) -> None:
    world.project.mix = mix
    client.sign_in(a_contributor(world.session, world.language))
    page = client.visit(address(world, f"empty/{reason}?until=2030-01-01T10:00:00%2B00:00&waiting=7"))
    main = page.one("main")
    assert main.one("h2").text
    assert main.all("a", class_="go") or main.all("button", class_="go") or main.all("a", class_="also")
    if reason in {"reserved", "cap"}:
        assert "1 January 2030, 10:00 UTC" in page
    if reason == "reviews":
        assert "7 texts wait for a reviewer" in page


def test_every_reason_has_words_of_its_own(client: Visitor, world: World) -> None:
    client.sign_in(a_contributor(world.session, world.language))
    said = {client.visit(address(world, f"empty/{reason}")).one("main").one("h2").text for reason in Empty}
    assert len(said) == len(Empty)


def test_whoever_reviews_is_led_to_what_waits(client: Visitor, world: World) -> None:
    client.sign_in(an_ambassador(world.session, world.language))
    page = client.visit(address(world, "empty/reviews?waiting=100"))
    assert "100 texts or more wait for a reviewer" in page
    assert page.link("Review them").endswith(f"/desk/{world.language.code}")


def test_without_consent_the_way_leads_there(client: Visitor, world: World) -> None:
    client.sign_in(a_contributor(world.session, world.language, preset=None))
    assert "/consent" in client.get(address(world, "work")).location
    assert "/consent" in client.post(address(world, "claim")).location


def test_a_visitor_signs_in_first_and_keeps_what_was_typed(client: Visitor, world: World) -> None:
    world.session.commit()
    assert "/sign-in" in client.get(address(world, "work")).location
    lost = client.post(address(world, "write"), data={"instruction": "سؤال طويل جدا", "completion": "جواب"})
    assert lost.status_code == 401
    assert "سؤال طويل جدا" in lost.text


def test_anothers_work_is_not_there(client: Visitor, world: World) -> None:
    a_prompt(world.session, world.project, world.language)
    owner, other = a_contributor(world.session, world.language), a_contributor(world.session, world.language)
    assignment = world.claims(owner)
    client.sign_in(other)
    assert client.get(address(world, f"work/{assignment.id}")).status_code == 404


@pytest.mark.parametrize("path", ["/projects/nothing/arb_Arab/work", "/projects/{slug}/xxx_Xxxx/work"])
def test_unknown_project_or_language(client: Visitor, world: World, path: str) -> None:
    client.sign_in(a_contributor(world.session, world.language))
    assert client.get(path.format(slug=world.project.slug)).status_code == 404


def test_a_text_that_is_too_long_is_refused_and_kept(client: Visitor, world: World) -> None:
    client.sign_in(a_contributor(world.session, world.language))
    assert "maxlength" not in client.visit(address(world, "write")).source.split("</textarea>")[0]
    long = "جواب " * 4_001
    refused = client.post(address(world, "write"), data={"instruction": "سؤال؟", "completion": long, "do": "submit"})
    assert refused.status_code == 422
    assert long.strip() in refused.text
    assert "longer than 20000 characters" in refused.text
