"""The pages of consent and documents in a real browser: readable by everybody, the text that counts beside its translation."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from annotator.accounts import actions as accounts
from annotator.accounts.models import Person
from annotator.consent import actions as consent
from annotator.consent.about import actions as about
from annotator.consent.receipts import queries as receipts
from annotator.consent.wordings import actions as wordings
from annotator.permissions import OPERATOR
from tests.browser.steps import PASSWORD, Window, sign_in
from tests.browser.test_rights import faults, words_of
from tests.makers import a_maintainer, a_term
from tests.reading import HARDEST_GRADE, grade
from tests.stories import World, a_contributor, a_world, actor_of, an_ambassador

ARABIC = "## عنوان\n\nتبقى نصوصك لك. أنت تقرر ما يجوز للآخرين فعله بها.\n"


@pytest.fixture
def world(session: Session) -> World:
    """Return a world whose terms have an Arabic translation."""
    made = a_world(session, "arb_Arab")
    facts: dict[str, object] = {"kind": "terms", "version": 1, "language": "ar", "title": "الشروط", "body": ARABIC}
    consent.adopt(session, actor=OPERATOR, **facts, authoritative=False)  # type: ignore[arg-type]  # facts of a document
    return made


def email_of(world: World, person: Person) -> str:
    """Let the person sign in by a password; return their address."""
    accounts.set_password(world.session, actor=actor_of(world.session, person), person=person, password=PASSWORD)
    world.session.commit()
    return person.email


def readable(page: Page, path: str, width: int) -> None:
    """Open a page and fail for what axe finds, for a page that is too wide, and for words that are too hard."""
    page.goto(path)
    assert faults(page) == [], path
    assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert grade(words_of(page)) <= HARDEST_GRADE, (path, words_of(page))


@pytest.mark.parametrize("width", [360, 1100])
def test_pages_of_a_contributor(world: World, person_at: Window, width: int) -> None:
    session = world.session
    person, newcomer = a_contributor(session, world.language), a_contributor(session, world.language, preset=None)
    a_term(session, person, world.language)
    world.decides(an_ambassador(session, world.language), world.writes(person))
    about.choose(
        session, actor=actor_of(session, person), levels={"country": "row", "findable": "yes"}, values={"country": "NG"}
    )
    seq = receipts.listed(session, person.id)[0].seq
    emails = [email_of(world, one) for one in (person, newcomer)]
    page = person_at(width=width, height=800)
    sign_in(page, emails[0])
    for path in (
        "/consent?wording=ar", "/me/about", f"/receipts/{seq}", "/documents/", "/documents/terms/1?language=ar",
        "/documents/privacy/1",
    ):  # fmt: skip
        readable(page, path, width)
    page = person_at(width=width, height=800)
    sign_in(page, emails[1])
    readable(page, "/consent/first?wording=ar", width)


@pytest.mark.parametrize("width", [360, 1100])
def test_pages_of_a_maintainer(world: World, person_at: Window, width: int) -> None:
    session = world.session
    wordings.save_draft(session, actor=OPERATOR, kind="terms", language="ar", title="شروط", body=ARABIC)
    email = email_of(world, a_maintainer(session))
    page = person_at(width=width, height=800)
    sign_in(page, email)
    for path in ("/documents/", "/documents/terms/write?language=ar", "/documents/terms/1?language=ar"):
        readable(page, path, width)
    page.goto("/documents/terms/write")
    page.get_by_label("Title").fill("What others may do")
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("heading", name="How it will look")).to_be_visible()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "side_by_side"), [(360, False), (1100, True)])
def test_the_text_that_counts_stands_beside_its_translation(
    world: World,
    person_at: Window,
    width: int,
    side_by_side: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    email = email_of(world, a_contributor(world.session, world.language, preset=None))
    page = person_at(width=width, height=800)
    sign_in(page, email)
    page.goto("/consent/first?wording=ar")
    translation, original = page.locator(".pair").first.locator(".words").all()
    expect(translation).to_be_visible()
    expect(original).to_be_visible()
    one, other = translation.bounding_box(), original.bounding_box()
    assert one is not None
    assert other is not None
    assert (abs(one["y"] - other["y"]) < 60) is side_by_side
    assert (other["x"] > one["x"]) is side_by_side


def test_a_narrowing_is_seen_before_it_is_saved_without_scripts(world: World, person_at: Window) -> None:
    session = world.session
    person = a_contributor(session, world.language)
    world.decides(an_ambassador(session, world.language), world.writes(person))
    email = email_of(world, person)
    page = person_at(width=360, height=800, script=False)
    sign_in(page, email)
    page.goto("/consent")
    page.get_by_role("radio", name="Practice").check()
    page.get_by_role("radio", name="Not at all").check()
    page.get_by_role("button", name="Save my choice").click()
    expect(page.locator("#effects")).to_contain_text("1 of your texts leaves all new releases")
    page.get_by_role("button", name="Save anyway").click()
    expect(page.get_by_text("Your choice is saved.")).to_be_visible()
