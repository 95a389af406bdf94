"""Everything on a page of work does without a script: save, two versions, skip and undo, submit."""

import pytest
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from tests.browser.steps import Desk, Window, answer, furnish, sign_in, state, take
from tests.databases import Database
from tests.stories import a_world


@pytest.fixture
def desk(session: Session, database: Database) -> Desk:
    return furnish(a_world(session, "arb_Arab"), database.engine)


def test_the_path_without_a_script(desk: Desk, person_at: Window) -> None:
    page = person_at(script=False, width=360, height=740)
    sign_in(page, desk.emails[0])
    address = take(page, desk)
    save = page.get_by_role("button", name="Save")
    answer(page).fill("نصف")
    save.click()
    expect(page.get_by_text("Saved. Reserved for you until")).to_be_visible()
    expect(answer(page)).to_have_value("نصف")
    expect(state(page)).to_contain_text("Saved")

    stale = page.context.new_page()
    stale.goto(address)
    answer(page).fill("من الأولى")
    save.click()
    answer(stale).fill("من الثانية")
    stale.get_by_role("button", name="Save").click()
    expect(stale.get_by_role("heading", name="Two versions of your text")).to_be_visible()
    expect(stale.get_by_text("من الأولى")).to_be_visible()
    expect(stale.get_by_text("من الثانية")).to_be_visible()
    stale.get_by_role("button", name="Keep this one").click()
    expect(answer(stale)).to_have_value("من الثانية")
    assert desk.drafts() == ["من الثانية"]

    stale.get_by_role("button", name="Skip", exact=True).or_(stale.locator("button[value=skip]")).first.click()
    expect(stale.get_by_role("heading", name="You have written something here")).to_be_visible()
    stale.get_by_role("button", name="Skip it").click()
    stale.get_by_role("button", name="Undo").click()
    expect(answer(stale)).to_have_value("من الثانية")

    stale.get_by_role("button", name="Submit").click()
    expect(stale.get_by_text("It is on its way to review.")).to_be_visible()
    assert desk.sent() == ["من الثانية"]


def test_enter_in_a_line_saves_and_nothing_more(desk: Desk, person_at: Window) -> None:
    page = person_at(script=False)
    sign_in(page, desk.emails[0])
    take(page, desk)
    page.get_by_text("If a machine helped").click()
    page.get_by_label("If yes: what did it do?").press("Enter")
    expect(page.get_by_text("Saved. Reserved for you until")).to_be_visible()
    assert desk.states() == ["draft"]


MOST_BYTES = 60_000
MOST_REQUESTS = 8


@pytest.mark.parametrize("script", [True, False])
def test_the_first_page_of_work_is_light(desk: Desk, person_at: Window, *, script: bool) -> None:
    page = person_at(script=script)
    sign_in(page, desk.emails[0])
    address = take(page, desk)
    fresh = page.context.browser.new_context(  # type: ignore[union-attr]  # this context has one
        java_script_enabled=script, storage_state=page.context.storage_state()
    )
    first, sizes = fresh.new_page(), []
    first.on("requestfinished", lambda request: sizes.append(request.sizes()))
    first.goto(address, wait_until="networkidle")
    total = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)
    assert 0 < len(sizes) <= MOST_REQUESTS
    assert 0 < total <= MOST_BYTES, total
    fresh.close()


def test_nothing_scrolls_sideways_on_a_small_phone(desk: Desk, person_at: Window) -> None:
    page = person_at(width=320, height=640)
    sign_in(page, desk.emails[0])
    address = take(page, desk)
    for where in (address, "/mine/", f"{desk.here}/write", f"{desk.here}/empty/reviews?waiting=3"):
        page.goto(where)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), where
