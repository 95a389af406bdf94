"""Releases over HTTP: the list, and a manifest byte for byte."""

import hashlib
from pathlib import Path

from sqlalchemy.orm import Session

from annotator.permissions import OPERATOR
from annotator.releases import jobs
from annotator.settings import Settings
from tests.databases import Database
from tests.pages import Visitor
from tests.script import Script
from tests.stories import a_contributor, a_world, an_ambassador


def test_a_release_and_its_manifest(client: Visitor, session: Session, settings: Settings, database: Database) -> None:
    world = a_world(session)
    annotation = world.writes(a_contributor(session, world.language))
    world.decides(an_ambassador(session, world.language), annotation)
    script = Script(client)
    assert script.get("/releases", status=200).json == {"releases": []}
    slug = world.project.slug
    session.commit()  # who publishes waits for nobody
    jobs.publish(database.engine, settings, actor=OPERATOR, slug=slug, version="1.0.0", notes="The first.")
    (release,) = script.get("/releases", status=200).json["releases"]
    assert (release["project"], release["version"], release["previous"]) == (slug, "1.0.0", None)
    assert release["page"] == f"http://localhost/projects/{slug}/releases/1.0.0"
    manifest = script.get(f"/releases/{slug}/1.0.0/manifest", status=200)
    assert hashlib.sha256(manifest.data).hexdigest() == release["manifest_sha256"]["public"]
    assert manifest.data == (settings.exports / slug / "1.0.0" / "manifest.json").read_bytes()

    for path, code in ((f"{slug}/9.0.0", "release_unknown"), ("nowhere/1.0.0", "project_unknown")):
        assert script.get(f"/releases/{path}/manifest", status=404).json["code"] == code
    Path(settings.exports / slug / "1.0.0" / "manifest.json").unlink()
    gone = script.get(f"/releases/{slug}/1.0.0/manifest", status=404).json
    assert gone["code"] == "release_without_manifest"
