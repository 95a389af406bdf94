"""The front page of somebody who is signed in: where they go on."""

from sqlalchemy.orm import Session

from annotator.assignments import actions as assignments
from tests import stories
from tests.html import Page
from tests.pages import Visitor


def addresses(page: Page) -> list[str]:
    return [link.get("href") or "" for link in page.all("a")]


def test_who_writes_a_language_goes_on_in_its_open_projects(client: Visitor, session: Session) -> None:
    world = stories.a_world(session)
    yoruba, igbo = world.language, stories.a_language(session, "ibo_Latn", "Igbo")
    river = stories.a_project(session, yoruba, igbo, slug="river", title="River words")
    world.project.state = "paused"
    assert "Go on" not in client.visit("/").text
    client.sign_in(stories.a_contributor(session, yoruba))
    page = client.visit("/")
    starts = [address for address in addresses(page) if address.endswith("/work")]
    assert starts == ["/projects/river/yor_Latn/work"]
    assert page.text.index("Go on") < page.text.index("Computers learn languages")
    assert "/join" not in addresses(page)
    assert "unfinished" not in page
    river.state = "paused"
    page = client.visit("/")
    assert not [address for address in addresses(page) if address.endswith("/work")]
    assert "/languages/yor_Latn" in addresses(page)


def test_what_is_unfinished_is_counted(client: Visitor, session: Session) -> None:
    world = stories.a_world(session)
    yoruba = world.language
    stories.a_prompt(session, world.project, yoruba)
    person = stories.a_contributor(session, yoruba)
    world.claims(person)
    client.sign_in(person)
    page = client.visit("/")
    assert page.link("1 unfinished piece of work") == "/mine/"
    assignments.save_draft(
        session, actor=stories.actor_of(session, person), project=world.project, language=yoruba, assignment=None,
        texts={"completion": "Mine"}, version=0,
    )  # fmt: skip
    assert client.visit("/").link("2 unfinished pieces of work") == "/mine/"
