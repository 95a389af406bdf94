"""A real server on loopback and a real browser (Debian's Chromium)."""

import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from tests.browser.chromium import launch


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a worker."""
    with sync_playwright() as playwright:
        made = launch(playwright)
        yield made
        made.close()


@pytest.fixture
def server(app: Flask, session: Session) -> Iterator[str]:
    """Serve the application of this test on a free port of 127.0.0.1 and return its address."""
    session.commit()
    app.config["WTF_CSRF_ENABLED"] = True
    made = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def person_at(browser: Browser, server: str) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a fresh browser window, as another person would have."""
    contexts: list[BrowserContext] = []
    failures: list[str] = []

    def open_window(*, width: int = 1100, height: int = 900, script: bool = True) -> Page:
        context = browser.new_context(
            base_url=server,
            viewport={"width": width, "height": height},
            java_script_enabled=script,
            accept_downloads=True,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: failures.append(str(error)))
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert not failures, f"scripts failed: {failures}"
