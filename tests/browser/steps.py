"""What the browser tests of work share: a world with prompts, signing in, what the server has by now."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Error, Locator, Page, expect
from sqlalchemy import Engine, select

from annotator.accounts import actions as accounts
from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.assignments.models import Assignment, Draft
from annotator.database import open_session
from annotator.languages.models import Language
from annotator.projects.models import Project
from tests.stories import World, a_contributor, a_language, a_prompt, actor_of

Window = Callable[..., Page]

PASSWORD = "a long enough password"  # of a test


@dataclass(frozen=True)
class Desk:
    """A project in Arabic with prompts to answer, people who can sign in, and a look into the database."""

    engine: Engine
    slug: str
    code: str
    emails: tuple[str, ...]

    @property
    def here(self) -> str:
        """Where its pages of work stand."""
        return f"/projects/{self.slug}/{self.code}"

    def sent(self) -> list[str | None]:
        """Return the completions that have been handed in."""
        with open_session(self.engine, writes=False) as session:
            found = session.scalars(select(Annotation).order_by(Annotation.id))
            return [annotation.revisions[0].completion for annotation in found]

    def drafts(self) -> list[str]:
        """Return the completions of the drafts."""
        with open_session(self.engine, writes=False) as session:
            found = session.scalars(select(Draft.completion).order_by(Draft.id))
            return [text.replace("\r\n", "\n") for text in found]

    def states(self) -> list[str]:
        """Return the states of all assignments, oldest first."""
        with open_session(self.engine, writes=False) as session:
            return list(session.scalars(select(Assignment.state).order_by(Assignment.id)))


def furnish(world: World, engine: Engine, *, prompts: int = 2, people: int = 1, **changes: object) -> Desk:
    """Add prompts and people to a world."""
    for number in range(prompts):
        a_prompt(world.session, world.project, world.language, instruction=f"سؤال {number}؟", **changes)
    found = [_a_person(world) for _ in range(people)]
    world.session.commit()
    return Desk(engine, world.project.slug, world.language.code, tuple(person.email for person in found))


def _a_person(world: World) -> Person:
    person = a_contributor(world.session, world.language)
    actor = actor_of(world.session, person)
    accounts.set_password(world.session, actor=actor, person=person, password=PASSWORD)
    return person


def another_language(world: World, code: str, name: str) -> tuple[Project, Language]:
    """Let the project collect in one more language."""
    language = a_language(world.session, code, name)
    world.project.languages.append(language)
    world.session.flush()
    return world.project, language


def sign_in(page: Page, email: str) -> None:
    """Sign in with the password that everybody has here."""
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("html[data-person]")).to_be_attached()


def take(page: Page, desk: Desk) -> str:
    """Claim a piece of work and return the address of its page."""
    page.goto(f"{desk.here}/work")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("#work")).to_be_visible()
    page.wait_for_load_state()  # scripts have run by then
    return page.url


def answer(page: Page) -> Locator:
    """Return the field of the answer."""
    return page.locator("textarea[name=completion]")


def state(page: Page) -> Locator:
    """Return the line that says whether the text is saved."""
    return page.locator("#state")


def on_device(page: Page) -> int:
    """Return how many texts this device keeps; -1 while the page is on its way to another."""
    try:
        return int(page.evaluate("Object.keys(localStorage).length"))
    except Error:
        return -1


def wait_until(page: Page, holds: Callable[[], object]) -> None:
    """Wait five seconds at most for what no locator sees."""
    for _ in range(50):
        if holds():
            return
        page.wait_for_timeout(100)
    assert holds()
