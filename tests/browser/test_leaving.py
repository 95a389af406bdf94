"""Leaving as somebody meets it on a phone: three ways, a code, the way back, and the texts that were left behind."""

from datetime import timedelta

import time_machine
from playwright.sync_api import expect
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts import actions as accounts
from annotator.rights.leaving.jobs import leave_due
from annotator.settings import Settings
from tests.browser.steps import PASSWORD, Window, sign_in
from tests.browser.test_rights import faults
from tests.databases import Database
from tests.stories import a_contributor, a_world, actor_of

WIDTH = 360


def carried_out(engine: Engine, settings: Settings) -> None:
    with time_machine.travel(clock.now() + timedelta(hours=73), tick=False):
        assert leave_due(engine, settings) == 1


def test_leaving_coming_back_and_claiming(
    session: Session, database: Database, settings: Settings, person_at: Window
) -> None:
    world = a_world(session)
    person = a_contributor(session, world.language, attribution="handle")
    world.writes(person, "Kí ni orúkọ rẹ?", "Orúkọ mi ni Adé.")
    accounts.set_password(session, actor=actor_of(session, person), person=person, password=PASSWORD)
    session.commit()
    page = person_at(width=WIDTH, height=700, script=False)

    def plain(heading: str) -> None:
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH, heading

    sign_in(page, person.email)
    page.goto("/me/leave")
    page.get_by_role("radio", name="Leave them here, without my name").check()
    page.get_by_role("button", name="Leave", exact=True).click()
    plain("You are leaving")
    assert len(page.locator("#code").inner_text().replace("-", "")) == 26
    page.goto("/sign-in")
    page.get_by_label("E-mail").first.fill(person.email)
    page.get_by_label("Password").first.fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    plain("You are leaving")
    page.goto("/mine/")
    plain("You are leaving")
    page.get_by_role("button", name="Undo, and stay").click()
    expect(page.get_by_text("Good that you stay.")).to_be_visible()
    page.goto("/me/leave")
    page.get_by_role("radio", name="Leave them here, without my name").check()
    page.get_by_role("button", name="Leave", exact=True).click()
    code = page.locator("#code").inner_text()
    carried_out(database.engine, settings)
    page.goto("/claim")
    page.get_by_label("Claim code").fill(code.lower())
    page.get_by_role("button", name="Show my texts").click()
    plain("Texts that I left here")
    expect(page.get_by_text("Orúkọ mi ni Adé.")).to_be_visible()
    page.get_by_role("button", name="Take all of them back").click()
    expect(page.get_by_text("Taken back. It is hidden now.")).to_be_visible()
    plain("Texts that I left here")


def test_axe_finds_nothing(session: Session, person_at: Window) -> None:
    world = a_world(session)
    person = a_contributor(session, world.language, attribution="handle")
    world.writes(person, "Kí ni orúkọ rẹ?", "Orúkọ mi ni Adé.")
    accounts.set_password(session, actor=actor_of(session, person), person=person, password=PASSWORD)
    session.commit()
    page = person_at(width=WIDTH, height=700)
    sign_in(page, person.email)
    page.goto("/me/leave")
    page.get_by_role("radio", name="Leave them here, without my name").check()
    page.get_by_role("button", name="Leave", exact=True).click()
    expect(page.locator("#code")).to_be_visible()
    assert faults(page) == []
    page.goto("/sign-in")
    page.get_by_label("E-mail").first.fill(person.email)
    page.get_by_label("Password").first.fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Undo, and stay")).to_be_visible()
    assert faults(page) == []
