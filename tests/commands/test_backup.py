"""`annotator backup` and `restore`: one private file, nothing replaced by mistake, and one sentence for each refusal."""

import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from annotator import clock, migrate
from annotator.accounts.models import Person
from annotator.commands import copies
from annotator.database import make_engine
from tests import databases
from tests.conftest import Runner
from tests.databases import Database
from tests.makers import a_person


def people(database: Database) -> int:
    with Session(database.engine) as session:
        return session.scalar(select(func.count()).select_from(Person)) or 0


def test_there_and_back(runner: Runner, session: Session, database: Database) -> None:
    a_person(session)
    said = json.loads(runner("backup", "copy.db", "--json").output)
    file = runner.folder / "copy.db"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert said["bytes"] == file.stat().st_size
    a_person(session)
    session.commit()
    assert people(database) == 2
    session.close()
    database.engine.dispose()  # whoever is at work must stop
    refused = runner("restore", "copy.db", code=1)
    assert "--replace" in refused.stderr
    assert people(database) == 2
    database.engine.dispose()
    facts = json.loads(runner("restore", "copy.db", "--replace", "--json").output)
    assert facts["done_again"] == 0
    assert people(database) == 1
    assert [one.name for one in migrate.check(database.engine) if not one.ok] == []
    assert sorted(one.name for one in file.parent.iterdir()) == ["copy.db"]


def test_a_file_is_not_written_over(runner: Runner) -> None:
    (runner.folder / "copy.db").write_text("mine", encoding="utf-8")
    assert "is there already" in runner("backup", "copy.db", code=1).stderr
    assert (runner.folder / "copy.db").read_text(encoding="utf-8") == "mine"


def test_what_is_no_backup_is_refused(runner: Runner, session: Session, database: Database) -> None:
    a_person(session)
    (runner.folder / "other").write_bytes(b"PGDMP" if database.dialect == "sqlite" else b"SQLite format 3\0")
    (runner.folder / "letter").write_text("Dear all", encoding="utf-8")
    for name in ("other", "letter"):
        assert "is no backup of" in runner("restore", name, "--replace", code=1).stderr
    assert people(database) == 1


def test_a_broken_backup_loses_nothing(runner: Runner, session: Session, database: Database) -> None:
    a_person(session)
    runner("backup", "copy.db")
    whole = (runner.folder / "copy.db").read_bytes()
    (runner.folder / "half").write_bytes(whole[:3000])
    session.close()
    failed = runner("restore", "half", "--replace", code=1)
    assert len(failed.stderr.strip().splitlines()) == 1
    assert people(database) == 1


def test_old_backups_are_named(runner: Runner) -> None:
    runner("backup", "old.db")
    (runner.folder / "old notes").write_text("mine", encoding="utf-8")
    long_ago = (clock.now() - timedelta(days=91)).timestamp()
    for name in ("old.db", "old notes"):
        os.utime(runner.folder / name, (long_ago, long_ago))
    assert "old.db is older than 90 days" in runner("backup", "new.db").output
    assert "old notes" not in runner("backup", "newer.db").output


@contextmanager
def another(database: Database, folder: Path) -> Iterator[Engine]:
    """Give an empty database of the same sort."""
    if database.dialect == "sqlite":
        engine = make_engine(f"sqlite:///{folder / 'other.db'}")
        yield engine
        engine.dispose()
    else:
        with databases.postgres_database(f"annotator_test_{os.getpid()}_backup", empty=True) as made:
            yield made.engine


@pytest.mark.parametrize(("version", "said"), [("0004", ""), ("9999", "newer than this program")])
def test_the_schema_of_a_backup(runner: Runner, session: Session, database: Database, version: str, said: str) -> None:
    a_person(session)
    with another(database, runner.folder.parent) as other:
        migrate.upgrade(other, min(version, "0004"))
        with other.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
        copies.write(other, runner.folder / "copy")
    session.commit()
    session.close()
    database.engine.dispose()  # whoever is at work must stop
    result = runner("restore", "copy", "--replace", code=1 if said else 0)
    assert said in result.stderr
    now = make_engine(database.url)
    assert migrate.current(now) == migrate.newest()
    with now.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM people")).scalar() == (1 if said else 0)
    now.dispose()


def test_missing_tools_are_named(
    runner: Runner, session: Session, database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    a_person(session)
    monkeypatch.setattr("annotator.commands.copies.shutil.which", lambda _tool: None)
    if database.dialect == "sqlite":
        runner("backup", "copy.db")
        return
    refused = runner("backup", "copy.db", code=1)
    assert "pg_dump is not on this machine" in refused.stderr
    assert not list((tmp_path / "working folder").iterdir())
