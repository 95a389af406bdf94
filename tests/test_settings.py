"""Settings: where they come from, and what is said of a wrong one."""

import json
from pathlib import Path

import pytest

from annotator.settings import Settings, SettingsError, load
from tests.conftest import Runner


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder without settings."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_any_there_is_sqlite_in_instance() -> None:
    assert load().database_url == "sqlite:///instance/annotator.db"
    assert load().secret_key == ""
    assert not load().controller_is_known


def test_the_file_is_read_and_the_environment_wins(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "annotator.toml").write_text('exports = "a"\njournal = "b"\n', encoding="utf-8")
    monkeypatch.setenv("ANNOTATOR_JOURNAL", "c")
    assert (load().exports, load().journal) == (Path("a"), Path("c"))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ANNOTATOR_DATABASE_URL", "mysql://root@localhost/x", "sqlite:///FILE or postgresql+psycopg://"),
        ("ANNOTATOR_DATABASE_URL", "postgresql://localhost/x", "postgresql+psycopg://"),
        ("ANNOTATOR_MAIL_URL", "mail.example.org", "dir:FOLDER"),
        ("ANNOTATOR_MAIL_URL", "dir:", "dir:FOLDER"),
        ("ANNOTATOR_PUBLIC_URL", "annotator.example.org", "https://annotator.example.org"),
        ("ANNOTATOR_REDIS_URL", "localhost", "redis://HOST:PORT"),
        ("ANNOTATOR_TRUSTED_PROXIES", "-1", "greater than or equal to 0"),
        ("ANNOTATOR_API_RATE", "many", "600/minute, or 0"),
        ("ANNOTATOR_API_RATE", "0/minute", "600/minute, or 0"),
    ],
)
def test_a_wrong_one_is_named_with_what_it_should_be(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load()
    assert name in str(caught.value)
    assert words in str(caught.value)


def test_a_wrong_value_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANNOTATOR_DATABASE_URL", "mysql://root:tell-nobody@localhost/x")
    with pytest.raises(SettingsError) as caught:
        load()
    assert "tell-nobody" not in str(caught.value)


def test_a_typing_slip_in_the_environment_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANNOTATOR_SECRET_KEI", "x")
    with pytest.raises(SettingsError, match=r"Did you mean ANNOTATOR_SECRET_KEY\?"):
        load()


def test_a_typing_slip_in_the_file_is_found(folder: Path) -> None:
    (folder / "annotator.toml").write_text('databse_url = "x"\n', encoding="utf-8")
    with pytest.raises(
        SettingsError, match=r"databse_url in annotator\.toml is not a setting\. Did you mean database_url"
    ):
        load()


def test_a_file_that_is_no_toml_is_named(folder: Path) -> None:
    (folder / "annotator.toml").write_text("exports = \n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"annotator\.toml cannot be read"):
        load()


def test_every_setting_says_what_it_means() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_all_are_listed_and_no_secret_is_shown(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANNOTATOR_MAIL_URL", "smtp://me:pass-word@mail.example.org:587")
    rows = json.loads(runner("check", "--settings", "--json").stdout)
    assert {row["name"] for row in rows} == {f"ANNOTATOR_{name.upper()}" for name in Settings.model_fields}
    said = runner("check", "--settings").stdout
    assert "mail.example.org" in said
    assert "pass-word" not in said
    assert "not a secret: this is a test" not in said


def test_a_wrong_setting_ends_a_command_with_one_sentence(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANNOTATOR_PUBLIC_URL", "nowhere")
    result = runner("db", "current", code=1)
    assert result.stdout == ""
    assert result.stderr.startswith("The setting ANNOTATOR_PUBLIC_URL is wrong")
    assert len(result.stderr.splitlines()) == 1
