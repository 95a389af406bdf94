"""What a benchmark needs in its database, made by the program's own actions: a project, and people who may work in it.

Prompts come in by the program's own command (``importing``).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from annotator.accounts import actions as accounts
from annotator.accounts import tokens
from annotator.bench import texts
from annotator.consent import actions as consent
from annotator.languages import actions as language_actions
from annotator.languages import queries as languages
from annotator.permissions import OPERATOR, Scope
from annotator.projects import actions as projects

SLUG = "bench"
# From so many new rows on PostgreSQL clears up by itself (autovacuum_analyze_threshold).
_FEW_ROWS = 50


@dataclass
class Member:
    """Somebody who works: by a token over the API; ``public_id`` and ``stamp`` are what a sign-in link is made of."""

    person_id: int
    public_id: str
    stamp: str
    token: str


def found(session: Session, *, overlap: int = 1) -> None:
    """Make what every installation has, and an open project in a language that the language check knows."""
    language_actions.sync(session, actor=OPERATOR)
    consent.load_seed_documents(session, OPERATOR)
    projects.create(
        session,
        actor=OPERATOR,
        slug=SLUG,
        title="Benchmark",
        languages=[languages.by_code(session, texts.LANGUAGE)],
        mix={"answer": 1},
        overlap=overlap,
    )


def join(session: Session, people: int) -> Iterator[Member]:
    """Let people join one by one: each with an account, a language, a standing consent and a token."""
    language = languages.by_code(session, texts.LANGUAGE)
    for number in range(people):
        handle = f"bench{number}"
        person = accounts.add(session, actor=OPERATOR, email=f"{handle}@example.org", handle=handle)
        actor = languages.actor_for(session, person)
        language_actions.set_speaker(
            session,
            actor=actor,
            person=person,
            language=language,
            reads=True,
            writes=True,
            reviews=True,
            level="native",
        )
        consent.decide(session, actor=actor, preset="open", attribution="handle", adult=True)
        _token, secret = tokens.make(session, actor=actor, person=person, name="bench", scopes=[Scope.READ, Scope.WORK])
        yield Member(person.id, person.public_id, person.stamp, secret)


def settle(engine: Engine) -> None:
    """Leave the database as a running one would be, so that clearing up after the import is not measured.

    PostgreSQL would do both by itself, some minutes later: it clears up tables of which so many rows are new. An empty one
    it leaves alone, and must be left alone: once told that a table is empty, it would plan to read the whole of it. A
    checkpoint needs an account that may ask for one.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            grown = text("select relname from pg_stat_user_tables where n_mod_since_analyze > :few")
            for name in connection.scalars(grown, {"few": _FEW_ROWS}).all():
                connection.execute(text(f"vacuum (analyze) {name}"))
            may = connection.scalar(text("select rolsuper from pg_roles where rolname = current_user"))
            if may:
                connection.execute(text("checkpoint"))


def conditions(engine: Engine) -> dict[str, object]:
    """Return what of the database server a figure hangs on."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            version = connection.scalar(text("select sqlite_version()"))
            journal, synchronous = (
                connection.scalar(text(f"pragma {name}")) for name in ("journal_mode", "synchronous")
            )
            return {"database": f"SQLite {version}", "journal_mode": journal, "synchronous": synchronous}
        names = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers")
        shown = {name: connection.scalar(text(f"show {name}")) for name in names}
        return {"database": f"PostgreSQL {shown.pop('server_version')}", **shown}
