"""A publication and a withdrawal at the same moment: one waits for the other, and nobody waits in a ring."""

import threading

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.database import open_session
from annotator.errors import Conflict
from annotator.permissions import OPERATOR
from annotator.releases import actions, jobs, verify
from annotator.releases.models import Release
from annotator.rights import actions as rights
from annotator.settings import Settings
from tests import stories
from tests.databases import Database
from tests.releases.scenes import a_scene, rows_of


def test_publishing_takes_the_ledger_before_it_looks_whether_the_rows_still_stand(
    session: Session, settings: Settings
) -> None:
    """SQLite has one writer, and locks nothing."""
    scene = a_scene(session, settings)
    release = actions.freeze(session, actor=OPERATOR, project=scene.world.project, version="1.0.0", settings=settings)
    session.commit()
    said: list[str] = []
    with actions.build(session, release, settings=settings) as built:

        @event.listens_for(session.connection(), "before_cursor_execute")
        def _note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            said.append(statement)

        actions.finish(session, actor=OPERATOR, release=release, built=built, settings=settings)
    first = [
        next(name for name in ("advisory", "projects", "revisions") if name in one)
        for one in said
        if "advisory" in one or "FOR NO KEY UPDATE" in one or "FROM revisions" in one
    ]
    order = list(dict.fromkeys(first))
    postgresql = session.get_bind().dialect.name == "postgresql"
    assert order == (["advisory", "projects", "revisions"] if postgresql else ["revisions"])


def test_a_withdrawal_that_is_under_way_is_waited_for_and_seen(
    session: Session, settings: Settings, database: Database
) -> None:
    scene = a_scene(session, settings)
    release_id = actions.freeze(
        session, actor=OPERATOR, project=scene.world.project, version="1.0.0", settings=settings
    ).id
    ade_id, text_id, public_id = scene.people["ade"].id, scene.texts["original"].id, scene.texts["original"].public_id
    slug, folder = scene.world.project.slug, scene.folder("1.0.0")
    session.commit()
    failed: list[Conflict] = []
    begun = threading.Event()

    def finish() -> None:
        with (
            open_session(database.engine, writes=False) as reader,
            actions.build(reader, reader.get_one(Release, release_id), settings=settings) as built,
        ):
            reader.rollback()
            begun.set()
            with open_session(database.engine, writes=True) as mine:
                try:
                    release = mine.get_one(Release, release_id)
                    actions.finish(mine, actor=OPERATOR, release=release, built=built, settings=settings)
                    mine.commit()
                except Conflict as error:
                    failed.append(error)

    with open_session(database.engine, writes=True) as other:
        person = other.get_one(Person, ade_id)
        rights.withdraw(
            other, actor=stories.actor_of(other, person), person=person, annotation=other.get_one(Annotation, text_id)
        )
        publisher = threading.Thread(target=finish)
        publisher.start()
        assert begun.wait(60)
        publisher.join(0.5)
        assert publisher.is_alive(), "it waits for whoever takes something back"
        other.commit()
    publisher.join(60)
    assert [error.code for error in failed] == ["release_outdated"]
    jobs.publish(database.engine, settings, actor=OPERATOR, slug=slug, version="1.0.0")
    assert verify.verify(folder)["ok"]
    assert public_id not in {row["annotation_id"] for row in rows_of(folder)}


def test_what_a_crash_left_frozen_is_finished_by_the_sweep(
    session: Session, settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = a_scene(session, settings)
    release = actions.freeze(session, actor=OPERATOR, project=scene.world.project, version="1.0.0", settings=settings)
    session.commit()
    jobs.publish_due(database.engine, settings)
    session.refresh(release)
    assert release.state == "frozen", "somebody is probably still at it"
    session.commit()
    monkeypatch.setattr(jobs, "YOUNGEST", jobs.YOUNGEST * 0)
    jobs.publish_due(database.engine, settings)
    session.refresh(release)
    assert release.state == "published"
    assert verify.verify(scene.folder("1.0.0"))["ok"]
