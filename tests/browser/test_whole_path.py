"""The whole path in a real browser: join, consent, write, re-annotate, review, publish, take back, publish again."""

import re
from collections.abc import Callable
from pathlib import Path

import pyarrow.dataset as ds
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from annotator.accounts import actions as accounts
from annotator.accounts.models import Person
from annotator.database import open_session
from annotator.mail.jobs import send_due
from annotator.permissions import OPERATOR
from annotator.settings import Settings
from tests.databases import Database
from tests.stories import a_contributor, a_language, a_project, a_prompt, a_world, actor_of, an_ambassador

Window = Callable[..., Page]

PASSWORD = "a long enough password"  # of a test
YORUBA_PROMPT = "Báwo ni mo ṣe lè se ọbẹ̀ ẹ̀fọ́ rírò fún ènìyàn mẹ́rin?"
YORUBA_ANSWER = "Fọ ẹ̀fọ́ náà dáadáa, gé e, kí o sì dà á sínú ọbẹ̀ tó ń hó."
YORUBA_EDITED = "Fọ ẹ̀fọ́ náà dáadáa, gé e wẹ́wẹ́, kí o sì dà á sínú ọbẹ̀ tó ń hó."
ARABIC_PROMPT = "اكتب نصيحة قصيرة لطالب يستعد لامتحانه الأول."
ARABIC_DRAFT = "ادرس كثير ونام جيد قبل الامتحان."
ARABIC_BETTER = "ادرس بانتظام، ونم جيدًا قبل الامتحان."


@pytest.fixture
def project(session: Session) -> str:
    """A project in Yoruba and Arabic with one Arabic text to improve; return its slug."""
    world = a_world(session)
    arabic = a_language(session, "arb_Arab", "Arabic")
    made = a_project(session, world.language, arabic, title="Two rivers")
    a_prompt(session, made, arabic, instruction=ARABIC_PROMPT, completion=ARABIC_DRAFT)
    session.commit()
    return made.slug


def letters(settings: Settings) -> list[Path]:
    """Return the letters in the mail folder, oldest first."""
    return sorted(Path(settings.mail_url.removeprefix("dir:")).glob("*"), key=lambda p: p.stat().st_mtime_ns)


def link_in(settings: Settings, engine: Engine, server: str) -> str:
    """Send what is due and return the link in the newest letter, on the server of this test."""
    from email import message_from_bytes, policy  # noqa: PLC0415  # only here

    send_due(engine, settings)
    message = message_from_bytes(letters(settings)[-1].read_bytes(), policy=policy.default)
    found = re.search(r"http://localhost(\S+)", message.get_body().get_content())  # type: ignore[union-attr]  # it has one
    assert found, message
    return server + found[1]


def join(page: Page, *, email: str, handle: str, languages: list[str]) -> None:
    """Join with a password, reading and writing these languages (found by their English names)."""
    page.goto("/join")
    for code in languages:
        page.get_by_label("Search a language by any of its names").fill(code)
        page.locator(f"button[name=add][value={code}]").first.click()
        page.locator(f"select[name=level-{code}]").select_option("native")
    page.get_by_label("Handle").fill(handle)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Join", exact=True).last.click()


def sign_in(page: Page, person: str) -> None:
    """Sign in with the password that the tests give everybody."""
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(person)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def a_password(session: Session, person: Person) -> None:
    """Give a person the password of the tests."""
    accounts.set_password(session, actor=actor_of(session, person), person=person, password=PASSWORD)


def rows_of(folder: Path) -> dict[str, dict[str, object]]:
    """Return the annotations of a release by their completion."""
    table = ds.dataset([str(p) for p in sorted(folder.glob("data/*/*.parquet"))]).to_table()
    return {row["completion"]: row for row in table.to_pylist()}


def test_the_whole_path(  # noqa: PLR0915  # one path, told from its beginning to its end
    person_at: Window, server: str, settings: Settings, database: Database, project: str
) -> None:
    author = person_at(width=360, height=740)
    join(author, email="ade@example.org", handle="ade", languages=["yor_Latn", "arb_Arab"])
    author.goto(link_in(settings, database.engine, server))
    confirm = author.get_by_role("button", name=re.compile("Sign in|Confirm|Go on"))
    if confirm.count():
        confirm.first.click()

    # Consent: three questions, none answered beforehand.
    author.goto("/consent")
    expect(author.locator("input[type=radio]:checked")).to_have_count(0)
    author.locator("input[name=preset][value=open]").check()
    author.locator("input[name=attribution][value=handle]").check()
    author.get_by_label("I am 18 or older").check()
    author.get_by_role("button", name="Save my choice").click()

    # A Yoruba original.
    author.goto(f"/projects/{project}/yor_Latn/write")
    box = author.get_by_label("Question or task", exact=True)
    assert (box.get_attribute("lang"), box.get_attribute("dir")) == ("yo-Latn", "ltr")
    box.fill(YORUBA_PROMPT)
    author.get_by_label("A good answer").fill(YORUBA_ANSWER)
    author.get_by_label("No", exact=True).check()
    author.get_by_role("button", name="Submit").click()
    expect(author.get_by_text("It is on its way to review.")).to_be_visible()
    assert author.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "no sideways scrolling"

    # An Arabic re-annotation.
    author.goto(f"/projects/{project}/arb_Arab/work")
    author.get_by_role("button", name="Start").click()
    box = author.get_by_label("A good answer")
    assert (box.get_attribute("lang"), box.get_attribute("dir")) == ("ar-Arab", "rtl")
    expect(box).to_have_value(ARABIC_DRAFT)
    author.locator("input[name=rating_prompt][value='4']").check()
    author.locator("input[name=rating_completion][value='2']").check()
    box.fill(ARABIC_BETTER)
    author.get_by_role("button", name="Submit").click()
    expect(author.get_by_text("It is on its way to review.")).to_be_visible()

    # Ambassadors accept: the Yoruba one with edits.
    for code, outcome, edited in (("yor_Latn", "Accept with edits", YORUBA_EDITED), ("arb_Arab", "Accept", None)):
        with open_session(database.engine, writes=True) as own:
            reviewer = an_ambassador(own, a_language(own, code))
            a_password(own, reviewer)
            own.commit()
        desk = person_at()
        sign_in(desk, reviewer.email)
        desk.goto("/desk/")
        desk.get_by_role("link", name="Begin with the first").click()
        if edited:
            desk.get_by_label("Answer", exact=True).fill(edited)
        desk.get_by_role("button", name=outcome, exact=False).last.click()
        expect(desk.get_by_text("Nothing waits for you here")).to_be_visible()

    # A maintainer publishes.
    with open_session(database.engine, writes=True) as own:
        maintainer = a_contributor(own)
        accounts.grant_role(own, actor=OPERATOR, person=maintainer, role="maintainer")
        a_password(own, maintainer)
        own.commit()
    desk = person_at()
    sign_in(desk, maintainer.email)
    publish(desk, project, "1.0.0")
    first = rows_of(settings.exports / project / "1.0.0")
    assert set(first) == {YORUBA_EDITED, ARABIC_BETTER}
    row = first[YORUBA_EDITED]
    assert (row["language"], row["license"], row["attribution_mode"]) == ("yor_Latn", "CC-BY-4.0", "handle")
    assert "ade" in str(row["attribution_text"])
    assert row["review_status"] == "accepted_with_edits"

    # The author sees where the words went, and takes the Yoruba one back.
    author.goto("/mine/")
    expect(author.get_by_text("Your words are in").first).to_be_visible()
    author.get_by_role("link", name="Own question and answer").click()
    author.get_by_role("link", name="Take this text back").click()
    author.get_by_role("button", name="Yes, take it back").click()
    expect(author.get_by_text("Taken back.")).to_be_visible()

    publish(desk, project, "2.0.0")
    second = rows_of(settings.exports / project / "2.0.0")
    assert set(second) == {ARABIC_BETTER}
    withdrawn = ds.dataset(str(settings.exports / project / "2.0.0" / "withdrawn")).to_table().to_pylist()
    # It may stand nowhere; that it is gone for good is said when the author cannot undo it any more.
    assert [(w["annotation_id"], w["op"]) for w in withdrawn] == [(row["annotation_id"], "restrict")]


def publish(page: Page, project: str, version: str) -> None:
    """Publish a version from the page of the project's releases."""
    page.goto(f"/projects/{project}/releases/new")
    page.get_by_label("Version").fill(version)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", name=re.compile(re.escape(version)))).to_be_visible(timeout=60_000)
