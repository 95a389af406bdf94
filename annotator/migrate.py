"""Bring a database to the schema that this program needs, and say whether it is there and sound."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from annotator.database import Base
from annotator.places import folder

if TYPE_CHECKING:
    from alembic.config import Config

# Rows that nobody may change, which triggers hold to: every one of these has them (rights-model §2.4).
GUARDED = ("audit", "documents", "ledger", "revisions")
GUARDS = {"sqlite": ("kept", "stays"), "postgresql": ("kept", "stays", "whole")}

# Any constant: it names our lock among PostgreSQL's advisory locks.
_LOCK = 0x5C4E3A


@dataclass(frozen=True)
class Check:
    """One thing that was looked at, whether it is well, and what was found or how to mend it."""

    name: str
    ok: bool
    detail: str


def newest() -> str:
    """Return the version that the program needs: the highest number in ``migrations/versions``."""
    return max(file.name.split("_")[0] for file in (folder("migrations") / "versions").glob("[0-9]*.py"))


def current(engine: Engine) -> str | None:
    """Return the version of the database, or None for one without tables."""
    if not _has_file(engine):
        return None  # connecting would make an empty file
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("select version_num from alembic_version")).scalar()


def schema_is_current(engine: Engine) -> bool:
    """Say whether the program can run on this database."""
    return current(engine) == newest()


def what_is_wrong(engine: Engine) -> str | None:
    """Return why the program cannot run on this database, and the remedy in the same sentence; None when it can."""
    name = engine.url.render_as_string()
    if not _has_file(engine):
        return f"There is no database at {name}: run `annotator init`, here or where its annotator.toml lies."
    version = current(engine)
    if version is None:
        return f"The database at {name} is empty: run `annotator init`."
    if version > newest():
        return f"The database is at version {version}, newer than this program ({newest()}): install the newer program."
    if version < newest():
        return f"The database is at version {version}, the program needs {newest()}: run `annotator db upgrade`."
    return None


def _has_file(engine: Engine) -> bool:
    """Say whether there is something to connect to; a server answers for itself."""
    path = engine.url.database
    return engine.dialect.name != "sqlite" or path in {None, "", ":memory:"} or Path(str(path)).exists()


def upgrade(engine: Engine, to: str = "head") -> None:
    """Migrate up to a version, all steps in one transaction or none."""
    from alembic import command  # noqa: PLC0415  # slow to import, and --help needs it not

    if not _has_file(engine):
        Path(str(engine.url.database)).parent.mkdir(parents=True, exist_ok=True)
    _migrate(engine, command.upgrade, to)


def downgrade(engine: Engine, to: str) -> None:
    """Migrate down to a version (``base``: nothing left), all steps in one transaction or none."""
    from alembic import command  # noqa: PLC0415  # see upgrade

    _migrate(engine, command.downgrade, to)


def check(engine: Engine) -> list[Check]:
    """Look at the database: its version, its tables against the models, the triggers, and what SQLite says of it."""
    wrong = what_is_wrong(engine)
    if wrong is not None:
        return [Check("version", ok=False, detail=wrong)]
    with engine.connect() as connection:
        drift, missing = differences(connection), missing_guards(connection)
        checks = [
            Check("version", ok=True, detail=newest()),
            Check("tables", ok=not drift, detail="; ".join(drift) or "as the program knows them"),
            Check("triggers", ok=not missing, detail=f"missing: {', '.join(missing)}" if missing else "all there"),
        ]
        if engine.dialect.name == "sqlite":
            sound = connection.execute(text("pragma quick_check(1)")).scalar()
            lost = connection.execute(text("pragma foreign_key_check")).all()
            checks.append(Check("file", ok=sound == "ok", detail=str(sound)))
            checks.append(Check("references", ok=not lost, detail=f"{len(lost)} lead nowhere"))
    return checks


def differences(connection: Connection) -> list[str]:
    """Return how the database's tables differ from the models, one phrase for each difference.

    Whoever calls has imported ``annotator.models``: what is not there would count as a table too many.
    """
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415  # see upgrade
    from alembic.migration import MigrationContext  # noqa: PLC0415

    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return [str(difference) for difference in compare_metadata(context, Base.metadata)]


def missing_guards(connection: Connection) -> list[str]:
    """Return the triggers that should keep rows as they were written, and are not there."""
    dialect = connection.dialect.name
    query = (
        "select name from sqlite_master where type = 'trigger'"
        if dialect == "sqlite"
        else "select tgname from pg_trigger where not tgisinternal and tgenabled <> 'D'"
    )
    there = set(connection.execute(text(query)).scalars())
    return sorted({f"{table}__{guard}" for table in GUARDED for guard in GUARDS[dialect]} - there)


def _migrate(engine: Engine, step: "Callable[[Config, str], None]", to: str) -> None:
    """Take one step of Alembic on a connection of its own."""
    from alembic.config import Config  # noqa: PLC0415  # see upgrade

    config = Config()
    config.set_main_option("script_location", str(folder("migrations")).replace("%", "%%"))
    with engine.connect().execution_options(writes=True) as connection:
        config.attributes["connection"] = connection
        if engine.dialect.name == "sqlite":
            _on_sqlite(connection, lambda: step(config, to))
            return
        with connection.begin():
            # Two deployments at once: the second waits here, then finds nothing left to do.
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            step(config, to)


def _on_sqlite(connection: Connection, step: Callable[[], None]) -> None:
    """Migrate with foreign keys off, as SQLite asks for when tables are made anew, and check them before the end."""
    raw = connection.connection.dbapi_connection
    assert raw is not None  # noqa: S101  # an open connection has one
    # The switch does nothing inside a transaction, so it is thrown past SQLAlchemy, which would begin one.
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        with connection.begin():
            step()
            lost = connection.execute(text("pragma foreign_key_check")).all()
            if lost:
                message = f"the migration would leave {len(lost)} rows that point at nothing; nothing was changed"
                raise RuntimeError(message)
    finally:
        raw.execute("PRAGMA foreign_keys=ON")
