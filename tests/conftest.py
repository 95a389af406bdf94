"""What every test may ask for: a database of its own on either server, a session, settings, pages, the command line."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy.orm import Session

from annotator.database import open_session
from annotator.settings import Settings
from tests import databases
from tests.databases import Database
from tests.pages import Visitor

CHECKOUT = databases.CHECKOUT

hypothesis_settings.register_profile(
    "annotator",
    deadline=None,  # two cores, two databases and a browser at once: time says nothing
    derandomize="CI" in os.environ,  # what fails there must fail again at a desk
    # A fixture that is shared by all examples is meant so; a database's examples are slow by nature.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
hypothesis_settings.load_profile("annotator")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser by where it stands."""
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker("browser")


def pytest_terminal_summary(terminalreporter: Any) -> None:  # noqa: ANN401  # pytest keeps its class to itself
    """Say how many tests ran on each database, before the closing line."""
    count = {"sqlite": 0, "postgresql": 0}
    for report in terminalreporter.stats.get("passed", []) + terminalreporter.stats.get("failed", []):
        parameters = report.nodeid.rpartition("[")[2].removesuffix("]").split("-")
        for name in count:
            count[name] += name in parameters
    terminalreporter.write_line(f"on a database: {count['sqlite']} on SQLite, {count['postgresql']} on PostgreSQL")


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a developer's own settings out of the tests."""
    for name in os.environ:
        if name.startswith("ANNOTATOR_") and not name.startswith("ANNOTATOR_TEST_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, one a worker."""
    return databases.sqlite_template(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres(worker_id: str) -> Iterator[Database]:
    """A migrated PostgreSQL database, one a worker."""
    with databases.postgres_database(f"annotator_test_{os.getpid()}_{worker_id}") as database:
        yield database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty, migrated database. A test that asks for it, or for what is built on it, runs on both servers."""
    if request.param == "sqlite":
        with databases.sqlite_copy(request.getfixturevalue("sqlite_template"), tmp_path) as made:
            yield made
    else:
        shared: Database = request.getfixturevalue("postgres")
        yield shared
        shared.engine.dispose()
        databases.clean_postgres(shared)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session that may write. ``client`` and ``run`` commit it before they begin, so that they see its rows."""
    with open_session(database.engine, writes=True) as made:
        yield made
        made.rollback()


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    """Settings over the test's database, every folder inside ``tmp_path``."""
    return Settings(
        database_url=database.url,
        secret_key="not a secret: this is a test",
        exports=tmp_path / "exports",
        exports_gated=tmp_path / "exports-gated",
        personal=tmp_path / "personal",
        journal=tmp_path / "journal",
        mail_url=f"dir:{tmp_path / 'mail'}",
        redis_url="",
        public_url="http://localhost",
        controller_name="The Test Collective",
        controller_contact="rights@example.org",
        controller_jurisdiction="Testland",
    )


@pytest.fixture
def app(settings: Settings, database: Database) -> Flask:
    """The web application over the test's database. Forms need their tokens, which ``client`` sends along."""
    from annotator.app import create_app  # noqa: PLC0415  # only tests of pages need Flask's whole tree

    made = create_app(settings, engine=database.engine)
    made.config.update(TESTING=True)
    made.test_client_class = Visitor
    return made


@pytest.fixture
def client(app: Flask, session: Session) -> Visitor:
    """A browser without a face, signed out: ``get``, ``post``, ``visit`` (checks the page) and ``sign_in(person)``."""
    made = app.test_client()
    assert isinstance(made, Visitor)
    made.session_of_the_test = session
    return made


class Runner:
    """Runs ``annotator`` commands in an empty working folder, with settings over the test's database."""

    def __init__(self, folder: Path, session: Session) -> None:
        """Remember where."""
        self.folder, self._session = folder, session

    def __call__(self, *arguments: str, code: int = 0, **more: Any) -> Result:  # noqa: ANN401  # for CliRunner.invoke
        """Run ``annotator ARGUMENTS``, check its exit status, and return what it said."""
        from annotator.cli import main  # noqa: PLC0415  # a fault in it should fail the tests of commands only

        self._session.commit()
        result = CliRunner().invoke(main, list(arguments), **more)
        self._session.expire_all()
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result


@pytest.fixture
def runner(settings: Settings, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """The command line: ``runner("people", "list", code=0)`` gives click's Result (``output``, ``stdout``, ``stderr``)."""
    folder = tmp_path / "working folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name, value in settings.model_dump().items():
        monkeypatch.setenv(f"ANNOTATOR_{name.upper()}", str(value))
    return Runner(folder, session)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real prompts, where this machine has it (``ANNOTATOR_TEST_DATA`` or ``../shared/data``)."""
    folder = Path(os.environ.get("ANNOTATOR_TEST_DATA") or CHECKOUT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"the real prompts are not on this machine: {folder}")
    return folder
