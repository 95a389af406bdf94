"""Cases of rights-model §2.8 from asking to the release that follows, through the program's own jobs."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator.annotations.models import Annotation
from annotator.languages import actions as languages
from annotator.permissions import OPERATOR, VISITOR
from annotator.releases import loading
from annotator.releases.models import FeedEntry, Release, RowChange
from annotator.rights import jobs
from annotator.rights.leaving import jobs as leaving
from annotator.rights.lookup import jobs as lookup_jobs
from annotator.rights.lookup import queries as lookup
from annotator.rights.models import LookupKey
from annotator.rights.requests import actions, minors
from annotator.settings import Settings
from tests import stories
from tests.databases import Database
from tests.pages import Visitor
from tests.releases.scenes import Scene, a_scene, rows_of


@pytest.fixture(autouse=True)
def _not_loaded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "fault", lambda _folder: None)


@pytest.fixture
def scene(session: Session, settings: Settings) -> Scene:
    made = a_scene(session, settings)
    made.publish("1.0.0")
    return made


def run(scene: Scene, database: Database) -> None:
    """Do what the worker's sweep does."""
    scene.session.commit()
    leaving.leave_due(database.engine, scene.settings)
    jobs.run_due(database.engine, scene.settings)
    lookup_jobs.keep_keys(database.engine, scene.settings)
    scene.session.expire_all()


def versions(scene: Scene) -> dict[str, bool]:
    """Return each published version, and whether it is retired."""
    found = scene.session.scalars(select(Release).where(Release.state == "published").order_by(Release.id))
    return {one.version: one.retired_at is not None for one in found}


def latest_rows(scene: Scene) -> dict[str, dict[str, Any]]:
    """Return the rows of the newest release by their ids."""
    return {row["annotation_id"]: row for row in rows_of(scene.folder(list(versions(scene))[-1]))}


def test_somebody_described_in_a_text_asks_and_the_row_goes_everywhere(
    scene: Scene, database: Database, client: Visitor
) -> None:
    text, other = scene.texts["kept"], scene.texts["better"]
    asked = actions.ask(scene.session, actor=VISITOR, kind="described", statement="That is me.", place=text.public_id)
    actions.accept(scene.session, actor=OPERATOR, settings=scene.settings, request=asked.request, annotations=[text])
    public_id, kept_id = text.public_id, other.public_id
    slug = scene.world.project.slug
    run(scene, database)
    said = [one.annotation_ids for one in scene.session.scalars(select(FeedEntry).where(FeedEntry.op == "remove"))]
    assert public_id in [one for ids in said for one in ids]
    assert versions(scene)["1.0.0"] is True
    assert client.get(f"/projects/{slug}/releases/1.0.0/files/README.md").status_code == 410
    rows = latest_rows(scene)
    assert public_id not in rows
    assert scene.people["bola"].handle in rows[kept_id]["attribution_text"]  # the author keeps the credit elsewhere
    tombstone = scene.session.scalars(select(Annotation).where(Annotation.public_id == public_id)).one()
    assert tombstone.erased_at is not None


def test_a_minor_is_found_and_nothing_is_left_but_an_id(scene: Scene, database: Database) -> None:
    minor = scene.people["ade"]
    gone = [scene.texts["original"].public_id, scene.texts["edited"].public_id]
    handle, minor_id = minor.handle, minor.id
    minors.purge(scene.session, actor=OPERATOR, person=minor)
    run(scene, database)
    assert versions(scene)["1.0.0"] is True
    rows = latest_rows(scene)
    assert not set(gone) & rows.keys()
    assert handle not in str(rows)
    assert handle not in str(rows_of(scene.folder(list(versions(scene))[-1]), "contributors"))
    for tombstone in scene.session.scalars(select(Annotation).where(Annotation.public_id.in_(gone))):
        assert tombstone.erased_at is not None
        assert tombstone.author_id != minor_id


def test_credited_then_not_credited(scene: Scene) -> None:
    ade = scene.people["ade"]
    stories.allow(scene.session, ade, preset="open", attribution="none")
    scene.session.commit()
    scene.publish("2.0.0")
    rows = latest_rows(scene)
    edited = scene.texts["edited"].public_id
    assert (rows[edited]["attribution_mode"], rows[edited]["attribution_text"]) == ("none", None)
    assert ade.handle not in str(rows)
    redacted = select(RowChange.annotation_public_id).where(RowChange.op == "redact_attribution")
    assert edited in set(scene.session.scalars(redacted))
    told = scene.session.scalars(select(FeedEntry).where(FeedEntry.op == "redact_attribution")).all()
    assert edited in [one for entry in told for one in entry.annotation_ids]


@pytest.mark.parametrize(("also_before", "shown"), [(False, "none"), (True, "handle")])
def test_not_credited_then_credited_is_forward_unless_also_before(
    scene: Scene, *, also_before: bool, shown: str
) -> None:
    efe = scene.people["efe"]
    stories.allow(scene.session, efe, preset="open", attribution="handle", also_before=also_before)
    scene.texts["later"] = scene.world.writes(efe, "Kí lo fẹ́?", "Omi.")
    scene.world.decides(scene.people["ambassador"], scene.texts["later"])
    scene.session.commit()
    scene.publish("2.0.0" if also_before else "1.1.0")
    rows = latest_rows(scene)
    assert rows[scene.texts["later"].public_id]["attribution_mode"] == "handle"
    assert rows[scene.texts["alike"].public_id]["attribution_mode"] == shown


def test_a_published_text_is_found_until_it_is_taken_back_or_its_language_is_protected(
    scene: Scene, database: Database
) -> None:
    run(scene, database)
    words = "Èmi ni."
    assert [one.version for one in lookup.pasted(scene.session, words).exact] == ["1.0.0"]
    assert lookup.pasted(scene.session, "Dáadáa ni.") == lookup.Pasted([], [])  # only in the gated lane
    languages.protect(scene.session, actor=OPERATOR, language=scene.world.language, reason="x")
    assert not lookup.pasted(scene.session, words).exact
    languages.unprotect(scene.session, actor=OPERATOR, language=scene.world.language, reason="x")
    asked = actions.ask(scene.session, actor=VISITOR, kind="described", statement="Me.", place=words)
    actions.accept(
        scene.session, actor=OPERATOR, settings=scene.settings, request=asked.request, annotations=[scene.texts["kept"]]
    )
    assert not lookup.pasted(scene.session, words).exact
    revision_id = scene.texts["kept"].revisions[0].id
    assert scene.session.scalar(select(LookupKey.key).where(LookupKey.revision_id == revision_id).limit(1))
    run(scene, database)
    assert scene.session.scalars(select(LookupKey.key).where(LookupKey.revision_id == revision_id)).all() == []
    assert not lookup.pasted(scene.session, words).exact
    other = "Ìbàdàn ni orúkọ rẹ̀."
    assert [one.version for one in lookup.pasted(scene.session, other).exact] == [list(versions(scene))[-1]]
