"""The demo's own installation: a folder with settings, database, releases and letters, apart from everything else."""

import json
import secrets
import tempfile
from pathlib import Path

from annotator.serving import hindrance
from annotator.settings import Settings, load

SETTINGS_FILE = "annotator.toml"
HOST = "127.0.0.1"

_SETTINGS = {
    "database_url": "sqlite:///annotator.db",
    "exports": "exports",
    "exports_gated": "exports-gated",
    "personal": "personal",
    "journal": "journal",
    "redis_url": "",
    "mail_url": "dir:mail",
    "controller_name": "The Annotator demo",
    "controller_contact": "demo@example.org",
    "controller_jurisdiction": "none: everybody in this demo is invented",
}


class DemoError(Exception):
    """The demo cannot be made here; the message says why, and what to do."""


def make_folder(wanted: Path | None) -> Path:
    """Return an empty folder: the one that was asked for, made if need be, or a throw-away one.

    Raises DemoError when there is an installation in it, or when it is no folder.
    """
    if wanted is None:
        return Path(tempfile.mkdtemp(prefix="annotator-demo-"))
    if (wanted / SETTINGS_FILE).exists():
        message = (
            f"{wanted} holds an installation already: run `annotator serve` inside it, or give --dir an empty folder."
        )
        raise DemoError(message)
    if wanted.exists() and (not wanted.is_dir() or any(wanted.iterdir())):
        message = f"{wanted} is not an empty folder: give --dir another one."
        raise DemoError(message)
    wanted.mkdir(parents=True, exist_ok=True)
    return wanted.resolve()


def check_port(port: int) -> None:
    """Raise DemoError when something listens at the port already: better now than after the story."""
    why_not = hindrance(f"{HOST}:{port}")
    if why_not is not None:
        message = f"Nothing can be served at {HOST}:{port} ({why_not}): give --port another number."
        raise DemoError(message)


def write_settings(folder: Path, *, port: int) -> None:
    """Write the settings that commands find when they run inside the folder; paths in it are relative to it."""
    values = {**_SETTINGS, "public_url": f"http://{HOST}:{port}", "secret_key": secrets.token_urlsafe(32)}
    # A JSON string is a TOML string too.
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    text = "\n".join(["# Settings of a demo: everything that they name lies in this folder.", *lines, ""])
    file = folder / SETTINGS_FILE
    file.touch(mode=0o600)  # it holds the key that signs sessions
    file.write_text(text, encoding="utf-8")


def load_settings() -> Settings:
    """Return the settings of the working folder, which must be the demo's.

    Raises DemoError when the environment says something else: it would win over the file, here and in the
    server, and the story would be told in somebody's real installation.
    """
    settings = load()
    for name, value in _SETTINGS.items():
        if str(getattr(settings, name)) != value:
            Path(SETTINGS_FILE).unlink()  # so that the folder can be used at the next try
            message = f"ANNOTATOR_{name.upper()} is set in the environment and would win over the demo's own: unset it."
            raise DemoError(message)
    return settings
