"""A benchmark's own ground: made beside what is there, apart from this installation, and gone afterwards."""

import tomllib
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, inspect, text

from annotator import migrate
from annotator.bench.ground import BenchError, ground
from annotator.database import make_engine
from annotator.settings import Settings
from tests.bench.conftest import Place


def test_there_is_a_migrated_database_and_a_folder_and_then_there_is_not(place: Place) -> None:
    with ground(place.url) as made:
        engine = make_engine(made.url)
        assert migrate.schema_is_current(engine)
        engine.dispose()
        assert made.dialect == place.dialect
        assert len(place.left()) == (1 if place.dialect == "sqlite" else 2)
    assert place.left() == set()


def test_it_is_gone_after_an_error_too(place: Place) -> None:
    opened: list[Connection] = []

    def fall() -> None:
        with ground(place.url) as made:
            opened.append(create_engine(made.url).connect())  # the database goes although somebody is at it
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fall()
    assert place.left() == set()
    for connection in opened:
        connection.invalidate()
        connection.close()
        connection.engine.dispose()


def test_it_can_be_kept_and_says_where(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    with ground(place.url, keep=True) as made:
        pass
    told = capsys.readouterr().err
    assert str(made.folder) in told
    assert place.dialect == "sqlite" or make_name(made.url) in told
    assert made.folder.is_dir()
    engine = create_engine(made.url)
    assert inspect(engine).has_table("prompts")
    engine.dispose()
    if place.dialect == "postgresql":
        server = create_engine(place.url, isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(text(f'drop database "{make_name(made.url)}"'))
        server.dispose()


def make_name(url: str) -> str:
    return url.rpartition("/")[2]


def test_what_is_named_is_not_touched(place: Place) -> None:
    if place.dialect == "sqlite":
        file = Path(place.url.removeprefix("sqlite:///"))
        file.write_bytes(b"somebody's own")
    with ground(place.url) as made:
        assert made.url != place.url
    if place.dialect == "sqlite":
        assert file.read_bytes() == b"somebody's own"
    else:
        engine = create_engine(place.url)
        assert not inspect(engine).has_table("prompts")
        engine.dispose()


def test_the_program_under_test_hears_nothing_of_this_installation(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANNOTATOR_DATABASE_URL", "sqlite:////somebody/elses.db")
    monkeypatch.setenv("ANNOTATOR_SECRET_KEY", "somebody else's")
    with ground(place.url) as made:
        assert not [name for name in made.environment() if name.startswith("ANNOTATOR_")]
        told = tomllib.loads((made.folder / "annotator.toml").read_text(encoding="utf-8"))
        for name in ("exports", "exports_gated", "journal", "mail_url"):
            assert str(made.folder) in told[name]
        assert set(told) <= set(Settings.model_fields)
        assert told["database_url"] == made.url
        assert len(told["secret_key"]) > 20


def test_a_database_that_the_server_does_not_have_names_the_server(place: Place) -> None:
    with ground(f"{place.url}-that-is-not-there") as made:
        assert made.dialect == place.dialect
    assert place.left() == set()


@pytest.mark.parametrize("url", ["nonsense", "mysql://root@127.0.0.1/x", "postgresql://postgres@127.0.0.1/x"])
def test_another_kind_of_database_is_refused(url: str) -> None:
    with pytest.raises(BenchError, match="should be"), ground(url):
        pytest.fail("there is no such ground")


def test_a_server_that_does_not_answer_is_named() -> None:
    url = "postgresql+psycopg://postgres:secret@127.0.0.1:1/postgres"
    with pytest.raises(BenchError) as error, ground(url):
        pytest.fail("there is no such server")
    assert "127.0.0.1:1" in str(error.value)
    assert "secret" not in str(error.value)
