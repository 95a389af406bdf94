"""Keys, skipping and its undo; nothing fires while an input method composes."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from tests.browser.steps import Desk, Window, answer, furnish, sign_in, state, take
from tests.databases import Database
from tests.stories import a_world

SAVED = re.compile(r"^Saved \d\d:\d\d$")
THANKS = "It is on its way to review."

COMPOSING = """(facts) => document.querySelector("textarea[name=completion]").dispatchEvent(
  new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...facts }))"""


@pytest.fixture
def desk(session: Session, database: Database) -> Desk:
    return furnish(a_world(session, "arb_Arab"), database.engine)


@pytest.fixture
def rating_desk(session: Session, database: Database) -> Desk:
    return furnish(a_world(session, "arb_Arab"), database.engine, completion="جواب")


def rated(page: Page) -> list[str]:
    """Return the ratings that are chosen, in the order of the page."""
    return list(page.locator(".scale input:checked").evaluate_all("found => found.map((one) => one.value)"))


def test_keys_inside_a_text_field(desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    take(page, desk)
    answer(page).press_sequentially("12?")
    expect(answer(page)).to_have_value("12?")
    expect(page.locator("dialog#keys")).to_be_hidden()
    page.keyboard.press("Control+s")
    expect(state(page)).to_have_text(SAVED)
    page.keyboard.press("Escape")
    expect(answer(page)).not_to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_be_visible()
    page.keyboard.press("Control+Enter")  # a question that stands open is answered first
    page.keyboard.press("Escape")
    expect(page.locator("dialog#keys")).to_be_hidden()
    assert desk.sent() == []
    answer(page).focus()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text(THANKS)).to_be_visible()


def test_figures_rate_outside_fields(rating_desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, rating_desk.emails[0])
    take(page, rating_desk)
    page.locator("h1").click()
    for key, expected in (("4", ["4"]), ("2", ["4", "2"]), ("5", ["4", "5"])):
        page.keyboard.press(key)
        assert rated(page) == expected
    page.locator("input[name=rating_prompt]:checked").focus()
    page.keyboard.press("1")
    assert rated(page) == ["1", "5"], "what has the focus is rated"
    answer(page).press("3")
    assert rated(page) == ["1", "5"]
    expect(state(page)).to_have_text(SAVED)


@pytest.mark.parametrize("how", [{"isComposing": True}, {"keyCode": 229}])
def test_nothing_fires_while_an_input_method_composes(desk: Desk, person_at: Window, how: dict[str, object]) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    take(page, desk)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.post_data or "") if request.method == "POST" else None)
    answer(page).focus()
    for key, code, chord in (("Enter", "Enter", "ctrlKey"), ("s", "KeyS", "ctrlKey"), ("s", "KeyS", "altKey")):
        taken = not page.evaluate(COMPOSING, {"key": key, "code": code, chord: True, **how})
        assert not taken, f"{chord} {key} belongs to the input method"
    page.evaluate(COMPOSING, {"key": "Escape", "code": "Escape", **how})
    expect(answer(page)).to_be_focused()
    assert asked == []
    assert not page.evaluate(COMPOSING, {"key": "s", "code": "KeyS", "ctrlKey": True}), "else it does"


def test_a_composition_of_a_real_input_method_stays_whole(desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    take(page, desk)
    answer(page).focus()
    devices = page.context.new_cdp_session(page)
    devices.send("Input.imeSetComposition", {"text": "にほ", "selectionStart": 2, "selectionEnd": 2})
    expect(state(page)).to_have_text(SAVED)  # half a composition may be saved, and disturbs nothing
    devices.send("Input.imeSetComposition", {"text": "にほんご", "selectionStart": 4, "selectionEnd": 4})
    devices.send("Input.insertText", {"text": "日本語"})
    expect(answer(page)).to_have_value("日本語")
    expect(state(page)).to_have_text(SAVED)


def test_a_layout_without_latin_letters_has_the_same_keys(desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    take(page, desk)
    answer(page).fill("نص")
    assert not page.evaluate(COMPOSING, {"key": "س", "code": "KeyS", "ctrlKey": True})
    expect(state(page)).to_have_text(SAVED)


def test_the_key_of_another_letter_is_left_alone(desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    take(page, desk)
    for facts in (
        {"key": "o", "code": "KeyS", "ctrlKey": True},  # a layout that has O where others have S
        {"key": "ß", "code": "KeyS", "altKey": True, "ctrlKey": True},  # AltGr
        {"key": "S", "code": "KeyS", "ctrlKey": True, "shiftKey": True},  # the browser's own
    ):
        assert page.evaluate(COMPOSING, facts), facts


def test_skip_and_undo(desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    address = take(page, desk)
    page.keyboard.press("Alt+s")
    expect(page.get_by_text("Skipped.")).to_be_visible()
    assert page.url.partition("?")[0] != address
    page.reload()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("It is yours again")).to_be_visible()
    assert page.url == address
    assert sorted(desk.states()) == ["assigned", "released"]


def test_a_skip_asks_where_something_was_typed(desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    address = take(page, desk)
    answer(page).fill("نصف جملة")
    page.keyboard.press("Alt+s")
    asked = page.locator("dialog#sure")
    expect(asked).to_be_visible()
    asked.get_by_text("Go on writing").click()
    expect(asked).to_be_hidden()
    expect(answer(page)).to_have_value("نصف جملة")
    answer(page).fill("نصف جملة وأكثر")
    expect(state(page)).to_have_text(SAVED)
    page.get_by_text("Skip it and say why").click()
    page.get_by_role("button", name="not clear").click()
    asked.get_by_role("button", name="Skip it").click()
    page.get_by_role("button", name="Undo").click()
    expect(answer(page)).to_have_value("نصف جملة وأكثر")
    assert page.url == address


def test_hints_stand_on_buttons_only_where_keys_work(desk: Desk, person_at: Window) -> None:
    page = person_at()
    sign_in(page, desk.emails[0])
    address = take(page, desk)
    expect(page.locator(".act kbd").first).to_be_visible()
    plain = page.context.browser.new_context(  # type: ignore[union-attr]  # this context has one
        java_script_enabled=False, storage_state=page.context.storage_state()
    )
    without = plain.new_page()
    without.goto(address)
    expect(without.locator(".act button").first).to_be_visible()
    expect(without.locator(".act kbd").first).to_be_hidden()
    expect(without.locator("#all-keys")).to_be_hidden()
    plain.close()
