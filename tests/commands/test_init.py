"""`annotator init`, `db` and `check`: a new installation, and what is said of a broken one."""

import json
import stat
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from annotator import clock, migrate
from annotator.accounts import queries as accounts
from annotator.database import make_engine, open_session
from annotator.mail.models import Letter
from annotator.settings import load
from tests.conftest import Runner


@pytest.fixture
def bare(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """A command line in a folder with nothing in it, and no settings but those the program comes with."""
    for name in load().model_dump():
        monkeypatch.delenv(f"ANNOTATOR_{name.upper()}")
    return runner


def findings(runner: Runner, code: int = 0) -> dict[str, tuple[str, str]]:
    """Return what `annotator check` found: state and detail by name."""
    found = json.loads(runner("check", "--json", code=code).stdout)
    return {one["name"]: (one["state"], one["detail"]) for one in found["checks"]}


def test_a_new_installation_works(bare: Runner) -> None:
    facts = json.loads(bare("init", "--admin", "Ada@example.org", "--json").stdout)
    assert facts["secret_key"] == "made"
    assert facts["languages_added"] > 182
    assert facts["documents_adopted"] >= 2
    assert facts["templates_added"] >= 1
    assert facts["maintainer"]["handle"] == "ada"
    assert len(facts["maintainer"]["password"]) >= 16
    file = bare.folder / "annotator.toml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(tomllib.loads(file.read_text(encoding="utf-8"))["secret_key"]) >= 32
    engine = make_engine(load().database_url)
    assert migrate.schema_is_current(engine)
    with open_session(engine, writes=False) as session:
        ada = accounts.the_person(session, "ada@example.org")
        assert accounts.is_maintainer(session, ada.id)
        assert ada.email_confirmed_at is not None
    engine.dispose()
    assert "wrong" not in {state for state, _ in findings(bare).values()}


def test_again_changes_nothing(bare: Runner) -> None:
    bare("init", "--admin", "ada@example.org")
    before = (bare.folder / "annotator.toml").read_text(encoding="utf-8")
    facts = json.loads(bare("init", "--admin", "ada@example.org", "--json").stdout)
    assert facts == {
        "secret_key": "kept",
        "schema": {"before": migrate.newest(), "now": migrate.newest()},
        "languages_added": 0,
        "documents_adopted": 0,
        "templates_added": 0,
        "maintainer": {"email": "ada@example.org", "handle": "ada", "password": None, "was_maintainer": True},
    }
    assert (bare.folder / "annotator.toml").read_text(encoding="utf-8") == before


def test_the_key_goes_before_what_is_there(bare: Runner) -> None:
    file = bare.folder / "annotator.toml"
    file.write_text('# ours\nsecret_key = ""\nexports = "out"\n', encoding="utf-8")
    bare("init")
    read = tomllib.loads(file.read_text(encoding="utf-8"))
    assert read["exports"] == "out"
    assert read["secret_key"]
    assert "# ours" in file.read_text(encoding="utf-8")


def test_a_wrong_address_makes_no_maintainer(bare: Runner) -> None:
    assert "not an e-mail address" in bare("init", "--admin", "ada at home", code=1).stderr


def test_on_the_database_of_the_settings(runner: Runner, session: Session) -> None:
    runner("init", "--admin", "ada@example.org")
    assert accounts.is_maintainer(session, accounts.the_person(session, "ada@example.org").id)
    assert not (runner.folder / "annotator.toml").exists(), "the key was set in the environment"


def test_db_commands(bare: Runner) -> None:
    assert json.loads(bare("db", "current", "--json").stdout) == {"database": None, "program": migrate.newest()}
    assert "annotator init" in bare("db", "check", code=1).stderr
    assert f"version {migrate.newest()}, from nothing" in bare("db", "upgrade").stdout
    assert "already" in bare("db", "upgrade").stdout
    assert json.loads(bare("db", "check", "--json").stdout)["ok"]


def test_a_database_from_the_future_is_refused(runner: Runner, session: Session) -> None:
    session.execute(text("update alembic_version set version_num = '9999'"))
    for command in (["people", "list"], ["db", "upgrade"], ["db", "check"], ["init"]):
        assert "newer than this program" in runner(*command, code=1).stderr
    session.execute(text("update alembic_version set version_num = :newest"), {"newest": migrate.newest()})
    session.commit()


def test_a_database_of_the_past_is_refused(runner: Runner, session: Session) -> None:
    session.execute(text("update alembic_version set version_num = '0000'"))
    assert "annotator db upgrade" in runner("people", "list", code=1).stderr
    session.execute(text("update alembic_version set version_num = :newest"), {"newest": migrate.newest()})
    session.commit()


def test_a_missing_trigger_and_a_changed_table_are_found(bare: Runner) -> None:
    bare("init")
    engine = make_engine(load().database_url)
    with engine.begin() as connection:
        connection.execute(text("drop trigger ledger__kept"))
        connection.execute(text("alter table people add column shoe_size integer"))
    engine.dispose()
    found = {one["name"]: one for one in json.loads(bare("db", "check", "--json", code=1).stdout)["checks"]}
    assert "ledger__kept" in found["triggers"]["detail"]
    assert "shoe_size" in found["tables"]["detail"]


def test_a_server_that_does_not_answer_is_one_sentence(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANNOTATOR_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/nothing?connect_timeout=2")
    result = runner("people", "list", code=1)
    assert result.stderr.startswith("The database does not answer")
    assert len(result.stderr.splitlines()) == 1
    assert findings(runner, code=1)["database"][0] == "wrong"


def test_check_says_what_is_wrong_and_how_to_mend_it(
    runner: Runner, session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ANNOTATOR_SECRET_KEY", "short")
    monkeypatch.setenv("ANNOTATOR_CONTROLLER_NAME", "")
    monkeypatch.setenv("ANNOTATOR_PUBLIC_URL", "http://annotator.example.org")
    monkeypatch.setenv("ANNOTATOR_MAIL_URL", "smtp://127.0.0.1:1")
    (tmp_path / "a file").touch()
    monkeypatch.setenv("ANNOTATOR_JOURNAL", str(tmp_path / "a file" / "journal"))
    an_hour_ago = clock.now().replace(year=2020)
    session.add(Letter(address="a@example.org", subject="x", body="x", written_at=an_hour_ago, next_try_at=an_hour_ago))
    found = findings(runner, code=1)
    assert {name for name, (state, _) in found.items() if state == "wrong"} == {
        "secret key", "contents", "worker", "journal", "mail",
    }  # fmt: skip
    assert {name for name, (state, _) in found.items() if state == "note"} >= {"controller", "address"}
    assert "annotator worker" in found["worker"][1]
    assert "ANNOTATOR_MAIL_URL" in found["mail"][1]


def test_a_disk_without_room_is_wrong(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil  # noqa: PLC0415  # patched in place

    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=1))
    assert findings(runner, code=1)["exports"][0] == "wrong"
