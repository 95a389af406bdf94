"""The pages about rights as people meet them: as easy to take back as to give, open to everybody, plain to read."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotator.accounts import actions as accounts
from annotator.accounts.models import Person
from annotator.consent.models import ConsentEvent
from tests.browser.steps import PASSWORD, Window, sign_in
from tests.makers import a_maintainer
from tests.reading import HARDEST_GRADE, grade
from tests.stories import World, a_contributor, a_world, actor_of

# What the texts of a page are in: each of these is a sentence of its own, or several.
BLOCKS = "main :is(h1, h2, h3, p, li, legend, label, dt, dd, th, td, figcaption)"
OF_A_VISITOR = ("/rights/figures", "/lookup/", "/requests/", "/claim", "/releases/withdrawn", "/documents/terms")
OF_A_CONTRIBUTOR = (
    "/rights/",
    "/rights/withdraw",
    "/rights/withdraw?language=yor_Latn",
    "/rights/mending/",
    "/rights/data/",
    "/consent",
    "/receipts/{seq}",
    "/lookup/mine",
    "/me/about",
    "/me/leave",
)
OF_A_MAINTAINER = (
    "/rights/queue",
    "/requests/desk/",
    "/requests/desk/purge-minor",
    "/documents/",
    "/documents/terms/write",
)


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


def _with_password(world: World, person: Person) -> str:
    accounts.set_password(world.session, actor=actor_of(world.session, person), person=person, password=PASSWORD)
    world.session.commit()
    return person.email


@pytest.fixture
def contributor(world: World) -> str:
    person = a_contributor(world.session, world.language)
    world.writes(person)
    return _with_password(world, person)


@pytest.fixture
def maintainer(world: World) -> str:
    return _with_password(world, a_maintainer(world.session))


def faults(page: Page) -> list[str]:
    """Return what axe finds, in a line each."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]


def words_of(page: Page) -> str:
    """Return the English of the page, a block a line; what is in another language does not count."""
    script = """blocks => blocks
        .filter(b => !b.querySelector('p, li, dd, td, label') && !(b.closest('[lang]:not([lang=en])')))
        .map(b => b.innerText.trim()).filter(t => t.split(/\\s+/).length > 3).join('\\n\\n')"""
    return str(page.locator(BLOCKS).evaluate_all(script))


@pytest.mark.parametrize("width", [360, 1100])
def test_axe_finds_nothing_and_the_words_are_plain(
    world: World, contributor: str, maintainer: str, person_at: Window, width: int
) -> None:
    seq = world.session.scalar(select(func.max(ConsentEvent.ledger_seq)))
    world.session.commit()
    for email, paths in ((None, OF_A_VISITOR), (contributor, OF_A_CONTRIBUTOR), (maintainer, OF_A_MAINTAINER)):
        page = person_at(width=width, height=800)
        if email is not None:
            sign_in(page, email)
        for path in paths:
            answer = page.goto(path.format(seq=seq))
            assert answer is not None
            assert answer.status == 200, path  # OK
            assert faults(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            assert grade(words_of(page)) <= HARDEST_GRADE, (path, words_of(page))


class Hands:
    """Counts what a person does: each press of a button, a link or a choice is one activation."""

    def __init__(self, page: Page) -> None:
        """Begin at nought."""
        self.page, self.times = page, 0

    def press(self, role: str, name: str) -> None:
        """Activate something."""
        self.times += 1
        self.page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]  # roles are words


def test_taking_back_takes_no_more_activations_than_consenting(world: World, person_at: Window) -> None:
    """Consent to personal data, and a licence, can be withdrawn as easily as given (rights-model §2.1)."""
    person = a_contributor(world.session, world.language, preset=None)
    email = _with_password(world, person)
    page = person_at(script=False)
    sign_in(page, email)
    page.goto("/consent/first")
    giving = Hands(page)
    giving.press("radio", "Open")
    giving.press("radio", "not at all")
    giving.press("checkbox", "I am 18 or older")
    giving.press("button", "Save")
    expect(page.get_by_text("Thank you.")).to_be_visible()
    world.session.expire_all()
    world.writes(person)
    world.session.commit()
    page.goto("/rights/")
    taking = Hands(page)
    taking.press("link", "Take everything back")
    taking.press("button", "Yes, take it back")
    expect(page.get_by_text("Taken back.")).to_be_visible()
    assert taking.times <= giving.times
