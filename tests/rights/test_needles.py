"""Erased means gone: from every byte of the database's files, dumps, folders, the journal and the logs, for good."""

import logging
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.commands import copies
from annotator.ledger import queries as ledger
from annotator.permissions import OPERATOR, VISITOR
from annotator.releases import loading
from annotator.rights.erasing import journal, scrubbing
from annotator.rights.erasing.jobs import replay
from annotator.rights.leaving import actions as leaving
from annotator.rights.models import Departure, Withdrawal
from annotator.rights.requests import actions as requests
from annotator.settings import Settings
from tests.conftest import Runner
from tests.databases import Database
from tests.rights.needles import NEEDLES, Life, a_life, files_of, found_in, sweep
from tests.stories import a_prompt, a_world, actor_of


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "fault", lambda _folder: None)


@pytest.fixture
def life(session: Session, settings: Settings) -> Life:
    return a_life(session, settings)


def leaves(life: Life, database: Database, settings: Settings) -> None:
    """Ada takes everything along, and the worker does what is due for as long as it takes."""
    session = life.world.session
    if database.dialect == "postgresql":
        session.execute(text("ANALYZE"))  # the planner's samples are a place where words could stay
    leaving.ask(session, actor=actor_of(session, life.ada), person=life.ada, manner="take")
    session.commit()
    session.expunge_all()
    now = clock.now()
    for days in (0, 3.1, 11):
        with time_machine.travel(now + timedelta(days=days), tick=False):
            sweep(database, settings)
    session.rollback()
    scrubbed(database, settings)


def scrubbed(database: Database, settings: Settings) -> None:
    """Go on as the worker does, for others may read as of an earlier moment (also in other databases of the server)."""
    assert any(scrubbing.scrub_due(database.engine, settings) for _ in range(20))


def test_the_needles_are_there_before(life: Life, database: Database, settings: Settings, tmp_path: Path) -> None:
    if database.dialect == "sqlite":
        scrubbing.scrub(database.engine)
    assert set(found_in(files_of(database, settings, tmp_path))) == set(NEEDLES)
    assert life.ada.handle == NEEDLES["handle"]


def test_nothing_is_left_of_who_took_everything_along(
    life: Life, database: Database, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="annotator")
    sweep(database, settings)
    ids = {name: one.id for name, one in life.texts.items()}
    leaves(life, database, settings)
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR], caplog.text
    assert found_in(files_of(database, settings, tmp_path)) == {}
    assert not [needle for needle in NEEDLES.values() if needle in caplog.text]
    session = life.world.session
    assert ledger.verify(session).broken_at is None
    # Others lost no word of theirs.
    on_hers = session.get_one(Annotation, ids["on hers"]).revisions[0].completion or ""
    assert "Ben wrote nearly all of this himself but" in on_hers
    assert session.get_one(Annotation, ids["edited"]).revisions[0].completion == "This is a text that somebody edits."
    assert {one.state for one in session.scalars(select(Withdrawal))} == {"closed"}


def test_nothing_is_left_of_a_blanked_prompt_that_nobody_answered(
    session: Session, database: Database, settings: Settings, tmp_path: Path
) -> None:
    world = a_world(session)
    prompt = a_prompt(session, world.project, world.language, instruction=f"Who is {NEEDLES['place']}?")
    for number in range(3):  # of one row alone the planner keeps no sample
        a_prompt(session, world.project, world.language, instruction=f"Question {number}?")
    asked = requests.ask(session, actor=VISITOR, kind="described", statement="That is me.", place=str(prompt.id))
    session.commit()
    if database.dialect == "postgresql":
        session.execute(text("ANALYZE"))
        session.commit()
    requests.accept(session, actor=OPERATOR, settings=settings, request=asked.request, prompts=[prompt])
    session.commit()
    scrubbed(database, settings)
    assert found_in(files_of(database, settings, tmp_path)) == {}
    if database.dialect == "postgresql":
        samples = text("SELECT array_to_string(most_common_vals::text::text[] || histogram_bounds::text::text[], ' ')"
                       " FROM pg_stats WHERE tablename = 'prompts' AND attname = 'instruction'")  # fmt: skip
        assert NEEDLES["place"] not in str(session.scalars(samples).all())


def restored(database: Database, file: Path) -> None:
    """Put a backup in place as somebody would who does not know `annotator restore`."""
    database.engine.dispose()
    if database.dialect == "sqlite":
        target = Path(database.engine.url.database or "")
        for ending in ("-wal", "-shm"):
            target.with_name(target.name + ending).unlink(missing_ok=True)
        shutil.copyfile(file, target)
    else:
        copies.put_back_postgresql(file, database.engine)


@pytest.mark.parametrize("by_hand", [True, False], ids=["by hand", "by command"])
def test_an_older_backup_brings_nothing_back(
    life: Life, database: Database, settings: Settings, runner: Runner, *, by_hand: bool
) -> None:
    tmp_path = settings.journal.parent
    public_id = life.ada.public_id
    backup = tmp_path.parent / f"{tmp_path.name}-backup"
    copies.write(database.engine, backup)
    try:
        leaves(life, database, settings)
        assert found_in([journal.path_of(settings)]) == {}
        if by_hand:
            life.world.session.close()  # a pool that is put away keeps no eye on what is still in use
            restored(database, backup)
            from annotator.app import wsgi  # noqa: PLC0415  # only tests of pages need Flask's whole tree

            wsgi().extensions["annotator.engine"].dispose()
        else:
            life.world.session.close()
            assert "done again" in runner("restore", str(backup), "--replace").output
    finally:
        backup.unlink()
    scrubbed(database, settings)
    assert found_in(files_of(database, settings, tmp_path)) == {}
    with Session(database.engine) as session:
        assert session.scalar(select(Person).where(Person.public_id == public_id)) is None
        assert session.scalars(select(Departure)).one().done_at is not None
        assert ledger.verify(session).broken_at is None
    assert replay(database.engine, settings) == 0
