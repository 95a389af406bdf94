"""Public pages of releases, and the page that publishes."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from annotator.permissions import OPERATOR
from annotator.releases import actions
from annotator.settings import Settings
from tests import makers
from tests.pages import Visitor
from tests.releases.scenes import Scene, a_scene


@pytest.fixture
def scene(session: Session, settings: Settings) -> Scene:
    return a_scene(session, settings)


def test_anybody_sees_a_release_and_how_to_check_and_cite_it(client: Visitor, scene: Scene) -> None:
    release = scene.publish("1.0.0", "The first.\n\nWith a second paragraph.")
    slug, title = scene.world.project.slug, scene.world.project.title
    page = client.visit(f"/projects/{slug}/releases/1.0.0")
    for words in (
        f"{title} 1.0.0", "CC-BY-4.0", "The first.", "With a second paragraph.", release.manifest_sha256["public"],
        release.ledger_head, "python verify.py", "@misc{", "yor_Latn", "There is a gated part",
    ):  # fmt: skip
        assert words in page.text, words
    assert f"{title} 1.0.0" in client.visit(f"/projects/{slug}/releases").text
    assert f"{title} 1.0.0" in client.visit("/releases").text


def test_every_listed_file_is_served_as_it_lies(client: Visitor, scene: Scene) -> None:
    scene.publish("1.0.0")
    folder = scene.folder("1.0.0")
    base = f"/projects/{scene.world.project.slug}/releases/1.0.0"
    for path in sorted(one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()):
        with client.get(f"{base}/files/{path}") as answer:
            assert answer.status_code == 200, path
            assert answer.data == (folder / path).read_bytes()
            assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "path",
    ["../../../../secret.txt", "..%2f..%2f..%2fsecret.txt", "/etc/passwd", "data", "extra.txt", "data/../../1.0.0/LICENSE",
     "data/gated/train-00000-of-00001.parquet", "%00", "LICENSE/"],
)  # fmt: skip
def test_nothing_else_is_served(client: Visitor, scene: Scene, path: str) -> None:
    scene.publish("1.0.0")
    (scene.settings.exports.parent / "secret.txt").write_text("secret", encoding="utf-8")
    (scene.folder("1.0.0") / "extra.txt").write_text("not listed", encoding="utf-8")
    with client.get(f"/projects/{scene.world.project.slug}/releases/1.0.0/files/{path}") as answer:
        assert answer.status_code in {404, 308}
        assert b"secret" not in answer.data
        assert b"not listed" not in answer.data


def test_what_is_not_published_has_no_page(client: Visitor, scene: Scene) -> None:
    slug = scene.world.project.slug
    actions.freeze(scene.session, actor=OPERATOR, project=scene.world.project, version="1.0.0", settings=scene.settings)
    assert "No release yet" in client.visit(f"/projects/{slug}/releases").text
    client.visit(f"/projects/{slug}/releases/1.0.0", status=404)
    client.visit(f"/projects/{slug}/releases/1.0.0/files/LICENSE", status=404)
    client.visit("/projects/no-such-project/releases", status=404)


def test_a_release_whose_files_lie_elsewhere_keeps_its_page(client: Visitor, scene: Scene) -> None:
    release = scene.publish("1.0.0")
    scene.folder("1.0.0").rename(scene.settings.exports / "elsewhere")
    slug = scene.world.project.slug
    page = client.visit(f"/projects/{slug}/releases/1.0.0")
    assert "The files are not on this server" in page.text
    assert release.manifest_sha256["public"] in page.text
    client.visit(f"/projects/{slug}/releases/1.0.0/files/LICENSE", status=404)


def test_a_maintainer_sees_what_is_in_and_out_and_publishes(client: Visitor, scene: Scene, session: Session) -> None:
    slug = scene.world.project.slug
    client.sign_in(makers.a_maintainer(session))
    page = client.visit(f"/projects/{slug}/releases/new")
    assert "7 rows" in page.text
    assert "not accepted yet" in page.text
    done = client.send(page.form(button="Publish"), version="1.0.0", notes="From a page.")
    assert "Version 1.0.0 is published." in done.text
    assert (scene.folder("1.0.0") / "manifest.json").is_file()
    assert "From a page." in (scene.folder("1.0.0") / "CHANGELOG.md").read_text(encoding="utf-8")


def test_a_number_that_does_not_fit_comes_back_with_the_notes(client: Visitor, scene: Scene, session: Session) -> None:
    scene.publish("1.0.0")
    slug = scene.world.project.slug
    client.sign_in(makers.a_maintainer(session))
    page = client.visit(f"/projects/{slug}/releases/new")
    again = client.send(page.form(button="Publish"), status=422, version="3.0.0", notes="Do not lose this.")
    assert "the number that fits is 1.0.1" in again.text
    assert again.one("textarea", name="notes").text == "Do not lose this."
    assert not Path(scene.folder("3.0.0")).exists()


def test_nobody_else_may_publish(client: Visitor, scene: Scene) -> None:
    slug = scene.world.project.slug
    assert client.get(f"/projects/{slug}/releases/new").status_code == 303
    client.sign_in(scene.people["ambassador"])
    client.visit(f"/projects/{slug}/releases/new", status=403)
    assert client.post(f"/projects/{slug}/releases/new", data={"version": "1.0.0"}).status_code == 403
    assert "Publish a release" not in client.visit(f"/projects/{slug}/releases").text


def test_a_retired_version_keeps_its_page_and_its_files_answer_410(client: Visitor, scene: Scene) -> None:
    from annotator.releases import feed, removal, retiring  # noqa: PLC0415  # here only

    scene.publish("1.0.0")
    slug, session = scene.world.project.slug, scene.session
    base = f"/projects/{slug}/releases/1.0.0"
    assert "Nothing yet" in client.visit("/releases/withdrawn").text
    scene.withdraw("ade", "original")
    feed.say_removed(session, [scene.texts["original"].id])
    session.commit()
    retiring.retire(scene.engine, scene.settings, slug, at_once=True)
    gone = client.visit(f"{base}/files/LICENSE", status=410)
    assert "on its way" in gone.text
    removal.publish_removals(scene.engine, scene.settings, slug)
    page = client.visit(base)
    assert "This version is retired" in page.text
    assert "1 row of it was taken back" in page.text or "2 rows of it were taken back" in page.text
    assert "Use version 2.0.0" in page.text
    assert "LICENSE" not in {link.rsplit("/", 1)[-1] for link in page.text.split()}
    told = client.get(f"{base}/files/data/open/train-00000-of-00001.parquet", headers={"Accept": "application/json"})
    found = told.json or {}
    assert (told.status_code, found["code"], found["latest_usable_version"]) == (
        410,
        "release_retired",
        "2.0.0",
    )
    assert found["use"] == f"http://localhost/projects/{slug}/releases/2.0.0"
    for path in retiring.KEPT:
        with client.get(f"{base}/files/{path}") as answer:
            assert answer.status_code == 200, path
    assert client.get(f"/api/v1/releases/{slug}/1.0.0/manifest").status_code == 200
    assert "retired" in client.visit("/releases").text
    counts = client.visit("/releases/withdrawn").text
    assert "/api/v1/withdrawals" in counts
    assert "python apply_withdrawals.py" in counts


def test_a_version_that_was_retired_for_words_in_a_row_that_stays_does_not_count_no_rows(
    client: Visitor, scene: Scene
) -> None:
    from annotator.releases import retiring  # noqa: PLC0415  # here only

    scene.publish("1.0.0")
    slug, edit = scene.world.project.slug, scene.texts["edited"].revisions[-1].id
    scene.session.commit()
    assert retiring.retire(scene.engine, scene.settings, slug, revision_ids=[edit], at_once=True) == ["1.0.0"]
    page = client.visit(f"/projects/{slug}/releases/1.0.0").text
    assert "Words in it were taken back" in page
    assert "0 rows" not in page.partition("What it holds")[0]
    assert "Use version 1.0.0" not in page, "it is this one"
