"""What is typed is kept: through a reload, a closed page, a network that goes, an answer that gets lost, two tabs."""

import re

import pytest
from playwright.sync_api import Route, expect
from sqlalchemy.orm import Session

from tests.browser.steps import Desk, Window, answer, furnish, on_device, sign_in, state, take, wait_until
from tests.databases import Database
from tests.stories import a_world

BOTH = """من الثانية وأكثر

من الأولى مرة أخرى"""
HIDDEN = """() => {
  Object.defineProperty(document, "visibilityState", { value: "hidden" });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
SAVED = re.compile(r"^Saved \d\d:\d\d$")


@pytest.fixture
def desk(session: Session, database: Database) -> Desk:
    return furnish(a_world(session, "arb_Arab"), database.engine)


def test_a_reload_keeps_the_item_and_the_text(desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    address = take(page, desk)
    question = page.locator(".sides .text").first.text_content()
    answer(page).press_sequentially("نصف جملة")
    page.reload()  # before the two seconds are over
    expect(answer(page)).to_have_value("نصف جملة")
    expect(state(page)).to_have_text(SAVED)
    page.reload()
    expect(state(page)).to_have_text(SAVED)
    assert page.url == address
    assert page.locator(".sides .text").first.text_content() == question
    assert desk.drafts() == ["نصف جملة"]
    page.goto(f"{desk.here}/work")
    assert page.url == address, "whoever begins again is led back to it"


def test_leaving_by_a_link_saves(desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    take(page, desk)
    answer(page).press_sequentially("نصف جملة")
    page.get_by_role("link", name="My words").click()
    expect(page.get_by_role("heading", name="Unfinished")).to_be_visible()
    wait_until(page, lambda: on_device(page) == 0)
    page.goto("/mine/")
    expect(page.locator(".plain").get_by_text("نصف جملة")).to_be_visible()
    assert desk.drafts() == ["نصف جملة"]


@pytest.mark.parametrize("how", ["about:blank", "another tab"])
def test_leaving_saves_at_once(desk: Desk, person_at: Window, how: str) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    take(page, desk)
    page.clock.install(time=0)
    page.clock.pause_at(1000)  # the two seconds are never over
    answer(page).fill("نصف جملة")
    if how == "another tab":
        page.evaluate(HIDDEN)
    else:
        page.goto(how)
    wait_until(page, desk.drafts)
    assert desk.drafts() == ["نصف جملة"]


def test_a_stale_tab_shows_both_and_nothing_is_lost(desk: Desk, person_at: Window) -> None:
    first = person_at()
    sign_in(first, desk.emails[0])
    address = take(first, desk)
    second = first.context.new_page()
    second.goto(address)
    answer(first).fill("من الأولى")
    first.keyboard.press("Control+s")
    expect(state(first)).to_have_text(SAVED)
    answer(second).fill("من الثانية")
    expect(state(second)).to_have_text("Two versions: choose one above")  # by itself, two seconds later
    versions = second.locator("#versions")
    for heading, words in (("What is saved", "من الأولى"), ("What this tab has", "من الثانية")):
        expect(versions.get_by_role("region", name=heading).get_by_text(words)).to_be_visible()
    answer(second).press_sequentially(" وأكثر")
    second.wait_for_timeout(2500)
    assert desk.drafts() == ["من الأولى"], "nothing is saved before the choice"
    versions.locator("[data-keep=mine]").click()
    expect(state(second)).to_have_text(SAVED)
    assert desk.drafts() == ["من الثانية وأكثر"]

    answer(first).fill("من الأولى مرة أخرى")
    first.keyboard.press("Control+s")
    expect(first.locator("#versions")).to_be_visible()
    first.locator("[data-keep=both]").click()
    expect(state(first)).to_have_text(SAVED)
    assert desk.drafts() == [BOTH]

    answer(second).fill("ثالثة")
    second.keyboard.press("Control+Enter")  # neither is anything sent over another tab's words
    expect(second.locator("#versions")).to_be_visible()
    assert desk.sent() == []
    second.locator("[data-keep=saved]").click()
    expect(answer(second)).to_have_value(BOTH)


def test_offline_it_is_kept_on_the_device(desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    address = take(page, desk)
    page.context.set_offline(True)
    answer(page).press_sequentially("بلا شبكة")
    expect(state(page)).to_have_text("Offline, kept on this device")
    page.close()
    page = page.context.new_page()
    page.context.set_offline(False)
    page.goto(address)
    expect(answer(page)).to_have_value("بلا شبكة")
    expect(state(page)).to_have_text(SAVED)
    assert desk.drafts() == ["بلا شبكة"]


def test_two_tabs_offline_lose_nothing(desk: Desk, person_at: Window) -> None:
    first = person_at()
    sign_in(first, desk.emails[0])
    address = take(first, desk)
    second = first.context.new_page()
    second.goto(address)
    first.context.set_offline(True)
    answer(first).fill("من الأولى")
    answer(second).fill("من الثانية")
    for page in (first, second):
        expect(state(page)).to_have_text("Offline, kept on this device")
        page.close()
    page = first.context.new_page()
    page.context.set_offline(False)
    page.goto(address)
    versions, listed = page.locator("#versions"), page.locator(".waiting")
    expect(versions.or_(listed)).to_be_visible()
    if listed.is_visible():
        listed.get_by_role("link", name="Open").click()
    for words in ("من الأولى", "من الثانية"):
        expect(versions.get_by_text(words)).to_be_visible()


def test_a_tab_that_goes_on_is_no_stranger_to_what_another_page_saved_for_it(desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    take(page, desk)
    elsewhere = page.context.new_page()
    elsewhere.goto("/mine/")
    page.route("**/work/*", lambda route: route.abort())
    answer(page).press_sequentially("نصف")
    expect(state(page)).to_have_text("Offline, kept on this device")
    elsewhere.evaluate("dispatchEvent(new Event('online'))")
    expect(elsewhere.get_by_text("Saved: Write an answer")).to_be_visible()
    assert desk.drafts() == ["نصف"]
    page.unroute_all()
    answer(page).press_sequentially(" وأكثر")
    expect(state(page)).to_have_text(SAVED)
    expect(page.locator("#versions")).to_have_count(0)
    assert desk.drafts() == ["نصف وأكثر"]


def test_a_reservation_goes_on_while_somebody_is_at_work(desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    page.clock.install()
    address = take(page, desk)
    page.clock.fast_forward("16:00")
    with page.expect_response(address) as answered:
        page.locator("h1").click()
    assert "renew" in (answered.value.request.post_data or "")
    assert "Reserved for you until" in answered.value.json()["lease"]
    assert desk.drafts() == []


def test_what_is_only_on_the_device_is_saved_from_any_page(desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    take(page, desk)
    page.context.set_offline(True)
    answer(page).press_sequentially("بلا شبكة")
    expect(state(page)).to_have_text("Offline, kept on this device")
    page.close()
    page = page.context.new_page()
    page.context.set_offline(False)
    page.goto("/projects/")
    expect(page.get_by_text("Saved: Write an answer")).to_be_visible()
    assert desk.drafts() == ["بلا شبكة"]


def test_a_save_whose_answer_is_lost_is_no_second_version(desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    address = take(page, desk)

    def lose_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route(address, lose_answer, times=1)
    answer(page).fill("أول")
    page.keyboard.press("Control+s")
    expect(state(page)).to_have_text("Offline, kept on this device")
    assert desk.drafts() == ["أول"]
    answer(page).fill("أول ثم ثان")
    page.keyboard.press("Control+s")
    expect(state(page)).to_have_text(SAVED)
    expect(page.locator("#versions")).to_have_count(0)
    assert desk.drafts() == ["أول ثم ثان"]


def test_a_submission_beats_a_draft_in_flight(desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    address = take(page, desk)
    held: list[Route] = []

    def hold(route: Route) -> None:
        if 'name="do"\r\n\r\nsave' in (route.request.post_data or "") and not held:
            held.append(route)  # the draft hangs in the network
        else:
            route.continue_()

    page.route(address, hold)
    answer(page).fill("نصف")
    page.keyboard.press("Control+s")
    expect(state(page)).to_have_text("Saving…")
    answer(page).fill("كامل")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("It is on its way to review.")).to_be_visible()
    held[0].fetch()  # and reaches the server after all
    assert desk.sent() == ["كامل"]
    assert desk.drafts() == []


def test_where_the_device_keeps_nothing_the_page_says_so(desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    page.add_init_script("Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }")
    take(page, desk)
    answer(page).fill("نص")
    page.keyboard.press("Control+s")
    expect(state(page)).to_have_text(SAVED)
    page.context.set_offline(True)
    answer(page).fill("نص آخر")
    page.keyboard.press("Control+s")
    expect(state(page)).to_contain_text("this device keeps nothing")
    page.keyboard.press("Control+Enter")
    expect(state(page)).to_contain_text("this device keeps nothing")
    expect(answer(page)).to_have_value("نص آخر")
    page.context.set_offline(False)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("It is on its way to review.")).to_be_visible()
