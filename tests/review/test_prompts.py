"""The pages of prompts that people skip."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.assignments import actions as assignments
from annotator.assignments.models import Assignment
from annotator.assignments.skips import PAGE
from annotator.languages.models import Language
from annotator.prompts.models import Prompt
from annotator.rights import actions as rights
from tests.makers import a_maintainer, a_term
from tests.pages import Visitor
from tests.stories import World, a_contributor, a_language, a_prompt, a_world, actor_of, an_ambassador

ARABIC = "من هي جارة مريم؟"


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session, "arb_Arab", reannotate_contributions=True)


def skip(world: World, *reasons: str, language: Language | None = None) -> None:
    """Let so many people skip what comes next."""
    for reason in reasons:
        person = a_contributor(world.session, language or world.language)
        held = world.claims(person, language=language or world.language)
        assignments.skip(world.session, actor=actor_of(world.session, person), assignment=held, reason=reason)


def skipped(prompt: Prompt, person: Person, reason: str) -> Assignment:
    """Return the row that a skip leaves."""
    now = clock.now()
    return Assignment(
        prompt_id=prompt.id, person_id=person.id, project_id=prompt.project_id, language_id=prompt.language_id,
        state="skipped", skip_reason=reason, assigned_at=now, lease_until=now, ended_at=now,
    )  # fmt: skip


def test_the_desk_of_a_language_shows_what_people_skip(client: Visitor, world: World) -> None:
    english = a_language(world.session, "eng_Latn", "English")
    a_prompt(
        world.session, world.project, world.language, instruction=ARABIC, input="A letter", completion="جواب",
        input_language_id=english.id, instruction_language_id=None,
    )  # fmt: skip
    for reason in ("personal_data", "unclear", "personal_data"):
        person = a_contributor(world.session, world.language, english)
        held = world.claims(person)
        assignments.skip(world.session, actor=actor_of(world.session, person), assignment=held, reason=reason)
    client.sign_in(an_ambassador(world.session, world.language))
    page = client.visit("/desk/arb_Arab")
    assert "Prompts that people skip" in page
    assert "3 people skipped it" in page
    assert "about a private person 2" in page.text
    assert "not clear 1" in page.text
    texts = {one.text: (one.get("lang"), one.get("dir")) for one in page.all("p") if "text" in (one.get("class") or "")}
    assert texts == {ARABIC: ("ar-Arab", "rtl"), "A letter": ("en-Latn", "ltr"), "جواب": ("ar-Arab", "rtl")}


def test_a_prompt_is_closed_and_that_is_undone(client: Visitor, world: World) -> None:
    prompt = a_prompt(world.session, world.project, world.language, instruction=ARABIC)
    skip(world, "unclear", "other")
    client.sign_in(an_ambassador(world.session, world.language))
    page = client.visit("/desk/arb_Arab/prompts")
    page = client.send(page.form(f"/desk/arb_Arab/prompts/{prompt.id}"), do="close")
    assert prompt.state == "closed"
    assert "Closed for everybody." in page
    assert "No prompt waits for a decision" in page
    page = client.send(page.form(f"/desk/arb_Arab/prompts/{prompt.id}"), do="reopen")
    assert prompt.state == "open"
    assert "It is offered again." in page


def test_a_closed_prompt_is_found_later_and_opened_again(client: Visitor, world: World) -> None:
    prompt = a_prompt(world.session, world.project, world.language, instruction=ARABIC)
    skip(world, "unclear", "other")
    client.sign_in(an_ambassador(world.session, world.language))
    assert "Nothing was closed here" in client.visit("/desk/arb_Arab/prompts/closed")
    client.post(f"/desk/arb_Arab/prompts/{prompt.id}", data={"do": "close"})
    page = client.visit("/desk/arb_Arab/prompts/closed")
    assert ARABIC in page
    client.send(page.form(f"/desk/arb_Arab/prompts/{prompt.id}"), do="reopen")
    assert prompt.state == "open"


def test_a_prompt_is_kept(client: Visitor, world: World) -> None:
    prompt = a_prompt(world.session, world.project, world.language)
    skip(world, "unclear", "other")
    client.sign_in(an_ambassador(world.session, world.language))
    page = client.visit("/desk/arb_Arab")
    page = client.send(page.form(f"/desk/arb_Arab/prompts/{prompt.id}"), do="keep")
    assert "Kept." in page
    assert "No prompt waits for a decision" in page
    assert (prompt.state, prompt.skips_judged_at is None) == ("open", False)


def test_who_comes_late_is_told_so(client: Visitor, world: World) -> None:
    prompt = a_prompt(world.session, world.project, world.language, state="closed")
    client.sign_in(an_ambassador(world.session, world.language))
    for verdict, sentence in (("keep", "closed this prompt meanwhile"), ("reopen", "not closed because of skips")):
        sent = client.post(f"/desk/arb_Arab/prompts/{prompt.id}", data={"do": verdict}, follow_redirects=True)
        assert sentence in sent.text
    assert client.post(f"/desk/arb_Arab/prompts/{prompt.id}", data={"do": "burn"}).status_code == 422


def test_the_queue_shows_the_first_and_the_page_has_all_of_them(client: Visitor, world: World) -> None:
    people = [(a_contributor(world.session, preset=None), reason) for reason in ("unclear", "other")]
    for number in range(PAGE + 1):
        prompt = a_prompt(world.session, world.project, world.language, instruction=f"Skipped {number:02}.")
        world.session.add_all(skipped(prompt, person, reason) for person, reason in people)
    client.sign_in(an_ambassador(world.session, world.language))
    page = client.visit("/desk/arb_Arab")
    assert page.source.count("2 people skipped it") == 3
    assert "See all of them" in page
    page = client.visit("/desk/arb_Arab/prompts")
    assert page.source.count("2 people skipped it") == PAGE
    assert f"Skipped {PAGE:02}." not in page
    last = world.session.scalars(select(Prompt).order_by(Prompt.id)).all()[PAGE - 1].id
    following = f"/desk/arb_Arab/prompts?after={last}"
    assert following in page.source
    page = client.visit(following)
    assert f"Skipped {PAGE:02}." in page
    assert page.source.count("2 people skipped it") == 1
    assert "after=" not in page.source
    assert "2 people skipped it" in client.visit("/desk/arb_Arab/prompts?after=99999999999999999999&closed=x")


def test_the_desk_counts_them_for_each_language(client: Visitor, world: World) -> None:
    yoruba = a_language(world.session)
    world.project.languages.append(yoruba)
    for language in (world.language, yoruba):
        a_prompt(world.session, world.project, language)
    skip(world, "unclear", "other")
    skip(world, "unclear", language=yoruba)
    person = an_ambassador(world.session, world.language)
    a_term(world.session, person, yoruba)
    client.sign_in(person)
    rows = [[cell.text for cell in row.all("td")][1:] for row in client.visit("/desk/").all("tr")][1:]
    assert rows == [["0", "1"], ["0", "0"]]


@pytest.mark.parametrize("path", ["/desk/arb_Arab/prompts", "/desk/arb_Arab/prompts/closed"])
def test_who_may_see_them(client: Visitor, world: World, path: str) -> None:
    prompt = a_prompt(world.session, world.project, world.language)
    yoruba = a_language(world.session)
    act = f"/desk/arb_Arab/prompts/{prompt.id}"
    assert client.get(path).status_code == 303
    for person in (a_contributor(world.session, world.language), an_ambassador(world.session, yoruba)):
        client.sign_in(person)
        assert client.get(path).status_code == 403
        assert client.post(act, data={"do": "close"}).status_code == 403
    assert prompt.state == "open"
    client.sign_in(a_maintainer(world.session))
    page = client.visit(path)
    assert "Back to the queue" not in page, "a maintainer reviews no texts"


def test_a_prompt_of_another_language_is_not_judged_here(client: Visitor, world: World) -> None:
    other = a_prompt(world.session, world.project, a_language(world.session))
    client.sign_in(an_ambassador(world.session, world.language))
    for number in (other.id, other.id + 1):
        assert client.post(f"/desk/arb_Arab/prompts/{number}", data={"do": "close"}).status_code == 404
    assert other.state == "open"


def test_words_that_were_taken_back_are_shown_to_nobody(client: Visitor, world: World) -> None:
    author = a_contributor(world.session, world.language)
    annotation = world.writes(author, ARABIC, "سر كبير")
    world.decides(an_ambassador(world.session, world.language), annotation)
    prompt = world.session.scalars(select(Prompt)).one()
    skip(world, "personal_data", "offensive")
    client.sign_in(an_ambassador(world.session, world.language))
    assert "سر كبير" in client.visit("/desk/arb_Arab/prompts")
    client.post(f"/desk/arb_Arab/prompts/{prompt.id}", data={"do": "close"})
    rights.withdraw(world.session, actor=actor_of(world.session, author), person=author, annotation=annotation)
    page = client.visit("/desk/arb_Arab/prompts/closed")
    assert "The author has taken these words back." in page
    assert "its words were taken back" in page
    assert ARABIC not in page
    assert "سر كبير" not in page
    assert "Open it again" not in page
    prompt.state = "open"  # as a mistake elsewhere would leave it
    prompt.skips_judged_at = None
    assert "سر كبير" not in client.visit("/desk/arb_Arab/prompts")
