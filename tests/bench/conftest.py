"""A place to make databases in, on either server, and a folder for temporary things that a test can look into."""

import tempfile
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests import databases


class Place:
    """Where a benchmark is told to go: ``url`` is what its option gets."""

    def __init__(self, url: str, folder: Path) -> None:
        """Remember where, and what is there before."""
        self.url, self.folder = url, folder
        self._before = self._databases()

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.url.partition(":")[0].partition("+")[0]

    def left(self) -> set[str]:
        """Return the databases and folders that are there now and were not before."""
        return (self._databases() - self._before) | {file.name for file in self.folder.glob("annotator-bench-*")}

    def _databases(self) -> set[str]:
        if self.dialect == "sqlite":
            return set()
        engine = create_engine(self.url)
        with engine.connect() as connection:
            names = connection.scalars(text("select datname from pg_database where datname like 'annotator_bench_%'"))
            found = set(names)
        engine.dispose()
        return found


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A server to make databases on; folders for temporary things are made in the test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    if request.param == "sqlite":
        return Place(f"sqlite:///{tmp_path}/named.db", tmp_path)
    return Place(databases.server_url().render_as_string(hide_password=False), tmp_path)
