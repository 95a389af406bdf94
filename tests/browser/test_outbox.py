"""With the network gone a submission waits on the device, visibly, and arrives once; for nobody but who wrote it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from sqlalchemy.orm import Session

from annotator.assignments.models import Assignment
from annotator.database import open_session
from annotator.projects.models import Project
from tests.browser import chromium
from tests.browser.steps import PASSWORD, Desk, Window, answer, furnish, on_device, sign_in, state, take, wait_until
from tests.databases import Database
from tests.stories import a_world

THANKS = "It is on its way to review."
ONE_WAITS = "1 text waits on this device"

Open = Callable[[], BrowserContext]


@pytest.fixture
def desk(session: Session, database: Database) -> Desk:
    return furnish(a_world(session, "arb_Arab"), database.engine, people=2)


@pytest.fixture
def open_browser(browser: Browser, server: str, tmp_path: Path) -> Iterator[Open]:
    """Return a function that starts a browser of its own on the same profile, as after a restart of the device."""
    opened: list[BrowserContext] = []

    def start() -> BrowserContext:
        for context in opened:
            context.close()
        opened[:] = [
            browser.browser_type.launch_persistent_context(
                tmp_path / "profile",
                executable_path=chromium.path(),
                args=chromium.ARGUMENTS,
                base_url=server,
            )
        ]
        opened[0].set_default_timeout(10_000)
        return opened[0]

    yield start
    for context in opened:
        context.close()


def submit_offline(page: Page, text: str) -> None:
    """Cut the network off, type, and submit.

    Not by ``set_offline``: a page that closes ends that pretence first, and sends what it holds.
    """
    page.context.route("**/*", lambda route: route.abort())
    answer(page).fill(text)
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("#waits")).to_be_visible()
    expect(state(page)).to_have_text("Waits on this device")


def mend(page: Page) -> None:
    """Give the network back."""
    page.context.unroute_all()
    page.evaluate("dispatchEvent(new Event('online'))")


def close_and_open(page: Page) -> Page:
    """Close the page, give the network back, and open an empty one."""
    page.goto("about:blank")
    page.context.unroute_all()
    fresh = page.context.new_page()
    page.close()
    return fresh


def test_it_waits_and_is_sent_when_the_network_is_back(desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    take(page, desk)
    page.context.set_offline(True)
    answer(page).fill("بلا شبكة")
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("#waits")).to_be_visible()
    assert desk.sent() == []
    page.context.set_offline(False)
    expect(page.get_by_text(THANKS)).to_be_visible()
    expect(answer(page)).to_have_value("")  # the next one
    assert desk.sent() == ["بلا شبكة"]
    assert on_device(page) == 0


def test_it_is_sent_after_the_browser_was_closed(desk: Desk, open_browser: Open) -> None:
    page = open_browser().new_page()
    sign_in(page, desk.emails[0])
    take(page, desk)
    submit_offline(page, "بلا شبكة")
    page.goto("about:blank")
    page = open_browser().new_page()
    assert desk.sent() == []
    page.goto("/projects/")  # any page
    expect(page.get_by_text("Sent: Write an answer")).to_be_visible()
    assert desk.sent() == ["بلا شبكة"]
    assert desk.states() == ["submitted"], "nothing else is reserved by that"
    page.reload()
    expect(page.get_by_text("Sent:")).to_have_count(0)
    assert desk.sent() == ["بلا شبكة"]


@pytest.mark.parametrize("closed", [False, True])
def test_it_arrives_once_when_the_answer_is_lost(desk: Desk, person_at: Window, *, closed: bool) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    address = take(page, desk)

    def lose_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route(address, lose_answer, times=1)
    answer(page).fill("مرة واحدة")
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("#waits")).to_be_visible()
    assert desk.sent() == ["مرة واحدة"]
    if closed:
        page.close()
        page = page.context.new_page()
        page.goto("/mine/")
        expect(page.get_by_text("Sent: Write an answer")).to_be_visible()
    else:
        page.get_by_role("button", name="Try now").click()
        expect(page.get_by_text(THANKS).first).to_be_visible()
    assert desk.sent() == ["مرة واحدة"]
    assert on_device(page) == 0


def test_the_page_itself_takes_up_what_waits(desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    address = take(page, desk)
    submit_offline(page, "بلا شبكة")
    page = close_and_open(page)
    page.goto(address)
    expect(page.get_by_text(THANKS)).to_be_visible()
    assert desk.sent() == ["بلا شبكة"]


def test_it_can_be_taken_back_before_it_goes(desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    take(page, desk)
    submit_offline(page, "بلا شبكة")
    expect(answer(page)).not_to_be_editable()
    page.get_by_role("button", name="Do not send it yet").click()
    answer(page).fill("بلا شبكة، وأكثر")
    mend(page)
    expect(state(page)).to_have_text(re.compile("^Saved"))
    assert desk.sent() == []
    assert desk.drafts() == ["بلا شبكة، وأكثر"]


def test_going_back_after_handing_in_leaves_nothing_behind(desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    address = take(page, desk)
    answer(page).fill("مرة واحدة")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text(THANKS)).to_be_visible()
    page.go_back()
    expect(page.get_by_text("You have sent this one already.")).to_be_visible()
    assert page.url != address
    assert desk.sent() == ["مرة واحدة"]
    assert on_device(page) == 0


def test_originals_can_pile_up(desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    page.goto(f"{desk.here}/write")
    page.locator("textarea[name=instruction]").fill("سؤال")
    submit_offline(page, "أول")
    page.get_by_role("button", name="Write another one").click()
    expect(answer(page)).to_have_value("")
    page.locator("textarea[name=instruction]").fill("سؤال")
    submit_offline(page, "ثان")
    mend(page)
    wait_until(page, lambda: len(desk.sent()) == 2)
    wait_until(page, lambda: on_device(page) == 0)
    assert sorted(map(str, desk.sent())) == ["أول", "ثان"]


def test_another_person_on_the_device_sends_and_sees_nothing(desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    take(page, desk)
    submit_offline(page, "كلمات الأول")
    page = close_and_open(page)
    page.route("**/work/*", lambda route: route.abort())  # it still waits when they leave
    page.goto("/me")
    expect(page.get_by_text(ONE_WAITS)).to_be_visible()
    expect(page.get_by_text("When you sign out, this stays here")).to_be_visible()
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("button", name="Sign out all the same").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    page.unroute_all()

    sign_in(page, desk.emails[1])
    for address in ("/mine/", f"{desk.here}/write", "/"):
        page.goto(address)
        page.wait_for_timeout(1500)
        expect(page.get_by_text("كلمات الأول")).to_have_count(0)
        expect(page.get_by_text(ONE_WAITS)).to_have_count(0)
    assert desk.sent() == []

    page.goto("/me")
    page.get_by_role("button", name="Sign out", exact=True).click()
    sign_in(page, desk.emails[0])
    expect(page.get_by_text("Sent: Write an answer")).to_be_visible()
    assert desk.sent() == ["كلمات الأول"]


def test_a_page_that_outlived_its_person_sends_nothing_under_the_next_ones_name(desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    page.goto(f"{desk.here}/write")
    other = page.context.new_page()
    other.goto("/me")
    other.get_by_role("button", name="Sign out", exact=True).click()
    sign_in(other, desk.emails[1])
    page.locator("textarea[name=instruction]").fill("سؤال")
    answer(page).fill("كلمات الأول")
    page.keyboard.press("Control+s")
    expect(state(page)).not_to_have_text("Saving…")
    expect(state(page)).not_to_have_text(re.compile("^Saved"))
    assert desk.drafts() == []


def test_what_the_server_refuses_stays_with_the_reason(desk: Desk, person_at: Window, database: Database) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    address = take(page, desk)
    submit_offline(page, "لا أحد يأخذه")
    page.goto("about:blank")
    with open_session(database.engine, writes=True) as own:
        own.query(Assignment).one().state = "released"
        own.query(Project).one().state = "paused"
        own.commit()
    page = close_and_open(page)
    page.goto("/mine/")
    expect(page.get_by_text(ONE_WAITS)).to_be_visible()
    expect(page.get_by_text("This piece of work is not reserved for you any more")).to_be_visible()
    page.get_by_text("Show the text").click()
    words = page.get_by_text("لا أحد يأخذه")
    expect(words).to_be_visible()
    assert (words.get_attribute("lang"), words.get_attribute("dir")) == ("ar-Arab", "rtl")
    page.goto(address)
    expect(page.get_by_text(ONE_WAITS)).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete it from this device for good").click()
    expect(page.get_by_text(ONE_WAITS)).to_be_hidden()
    assert on_device(page) == 0


def test_a_page_of_the_first_person_sends_nothing_once_another_has_signed_in(desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    take(page, desk)
    submit_offline(page, "كلمات الأول")
    page = close_and_open(page)
    page.context.route("**/work/*", lambda route: route.abort())
    page.goto("/mine/")
    expect(page.get_by_text(ONE_WAITS)).to_be_visible()
    other = page.context.new_page()
    other.goto("/me")
    other.locator('form[action$="/sign-out"]').evaluate("form => form.submit()")
    expect(other.get_by_text("You are signed out.")).to_be_visible()
    sign_in(other, desk.emails[1])
    page.context.unroute_all()
    with page.expect_response("**/work/*"):
        page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_timeout(500)
    assert desk.sent() == []
    other.goto("/me")
    other.get_by_role("button", name="Sign out", exact=True).click()
    sign_in(other, desk.emails[0])
    expect(other.get_by_text("Sent: Write an answer")).to_be_visible()
    assert desk.sent() == ["كلمات الأول"]


def test_a_session_that_ended_meanwhile_costs_no_word(desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    take(page, desk)
    page.context.clear_cookies()
    answer(page).fill("نصف")
    page.keyboard.press("Control+s")
    expect(state(page)).to_contain_text("Sign in first")
    answer(page).fill("كامل")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("You were signed out meanwhile. Nothing is lost")).to_be_visible()
    page.get_by_label("E-mail").first.fill(desk.emails[0])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("Sent: Write an answer")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text(THANKS)).to_be_visible()
    assert desk.sent() == ["كامل"]
    assert on_device(page) == 0


def test_a_refusal_stands_beside_its_field(session: Session, database: Database, person_at: Window) -> None:
    desk = furnish(a_world(session, "arb_Arab"), database.engine, completion="جواب")
    page = person_at()
    sign_in(page, desk.emails[0])
    take(page, desk)
    answer(page).fill("جواب أفضل")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose a number from 1 to 5.")
    expect(answer(page)).to_have_value("جواب أفضل")
    page.locator("h1").click()
    page.keyboard.press("4")
    page.keyboard.press("3")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text(THANKS)).to_be_visible()
    assert desk.sent() == ["جواب أفضل"]
    assert on_device(page) == 0
