"""Make the pictures of the annotate page in docs/img: one language from left to right, one from right to left.

Run by ``make screenshots``; needs Chromium. The words are the project's own.
"""

import re
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from annotator.accounts import actions as accounts
from annotator.app import create_app
from annotator.database import make_engine, open_session
from annotator.languages import actions as languages
from annotator.languages import queries
from annotator.migrate import upgrade
from annotator.permissions import OPERATOR
from annotator.settings import Settings
from tests.browser.chromium import launch
from tests.stories import a_contributor, a_project, a_prompt, a_world, actor_of

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "img"
PASSWORD = "a picture is made of this"  # of a throw-away database

PICTURES = {
    "annotate-ltr": (
        "yor_Latn",
        "Kọ ìmọ̀ràn kúkúrú fún akẹ́kọ̀ọ́ tó ń múra sílẹ̀ fún ìdánwò àkọ́kọ́ rẹ̀.",
        "Ka ìwé dada, sùn dáadáa, má ṣe gbàgbé omi.",
        "Máa ka ìwé lójoojúmọ́, sùn dáadáa ní alẹ́ ọjọ́ ìdánwò, má sì ṣe gbàgbé láti mu omi.",
    ),
    "annotate-rtl": (
        "arb_Arab",
        "اكتب نصيحة قصيرة لطالب يستعد لامتحانه الأول في الجامعة.",
        "ادرس كثير ونام جيد قبل الامتحان ولا تنسى تشرب ماء.",
        "ادرس بانتظام، ونم جيدًا قبل الامتحان، ولا تنسَ أن تشرب الماء.",
    ),
}


def main() -> None:
    """Make a small installation, serve it on loopback, and take the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            database_url=f"sqlite:///{folder}/pictures.db",
            secret_key="for pictures only",  # of a throw-away database
            mail_url=f"dir:{folder}/mail",
            controller_name="A collective",
            controller_contact="rights@example.org",
            controller_jurisdiction="Nigeria",
        )
        engine = make_engine(settings.database_url)
        upgrade(engine)
        with open_session(engine, writes=True) as session:
            email, work = _prepare(session)
            session.commit()
        app = create_app(settings, engine=engine)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            with sync_playwright() as playwright:
                browser = launch(playwright)
                _take(browser, f"http://127.0.0.1:{server.server_port}", email, work)
                browser.close()
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
            engine.dispose()


def _prepare(session: Session) -> tuple[str, str]:
    """Make a project with one text to improve in each language; return who signs in and the project's slug."""
    languages.sync(session, actor=OPERATOR)
    world = a_world(session)
    spoken = [queries.by_code(session, code) for code, *_ in PICTURES.values()]
    project = a_project(session, *spoken, slug="two-rivers", title="Two rivers")
    for language, (_code, instruction, completion, _better) in zip(spoken, PICTURES.values(), strict=True):
        a_prompt(
            session,
            project,
            language,
            instruction=instruction,
            completion=completion,
            instruction_language_id=language.id,
            source_name="Everyday words",
        )
    person = a_contributor(session, *spoken)
    accounts.set_password(session, actor=actor_of(session, person), person=person, password=PASSWORD)
    assert world.language
    return person.email, project.slug


def _take(browser: Browser, address: str, email: str, slug: str) -> None:
    """Sign in, open each piece of work, write, and save the picture."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    page = browser.new_page(base_url=address, viewport={"width": 1100, "height": 900})
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    for name, (code, _instruction, _completion, better) in PICTURES.items():
        page.goto(f"/projects/{slug}/{code}/work")
        page.get_by_role("button", name="Start").click()
        page.locator("input[name=rating_prompt][value='5']").check(force=True)
        page.locator("input[name=rating_completion][value='2']").check(force=True)
        page.get_by_label("A good answer").fill(better)
        page.get_by_label("A good answer").blur()
        expect(page.locator("#state")).to_have_text(re.compile("^Saved"))
        page.screenshot(path=IMAGES / f"{name}.png", animations="disabled")


if __name__ == "__main__":
    main()
