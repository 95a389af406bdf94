"""Find and start Chromium."""

import shutil

from playwright.sync_api import Browser, Playwright

# Chromium as root in a container needs the first; the others keep it from talking to the network.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def path() -> str:
    """Return where Chromium is.

    Raises FileNotFoundError with what to install.
    """
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        message = "Chromium is missing: install the package `chromium` (`make test` does so on Debian)."
        raise FileNotFoundError(message)
    return found


def launch(playwright: Playwright) -> Browser:
    """Start it."""
    return playwright.chromium.launch(executable_path=path(), args=ARGUMENTS)
