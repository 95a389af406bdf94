"""What is done once nobody can undo a withdrawal: the feed, erasing, a version without the rows, the old ones retired."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from click.testing import Result
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from annotator import clock
from annotator.annotations.models import Annotation, Revision
from annotator.ledger import queries as ledger
from annotator.permissions import OPERATOR
from annotator.releases import feed, loading, removal, verify
from annotator.releases.models import FeedEntry, Release
from annotator.rights import actions, holds, jobs
from annotator.rights.models import RightsEvent, Withdrawal
from annotator.settings import Settings
from tests import stories
from tests.databases import Database
from tests.makers import a_maintainer
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


@pytest.fixture
def moment() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clock.now(), tick=False) as travelled:
        yield travelled


Run = Callable[..., Result]


def _taken(scene: Scene, who: str, what: str) -> Withdrawal:
    made = actions.withdraw(
        scene.session,
        actor=stories.actor_of(scene.session, scene.people[who]),
        person=scene.people[who],
        annotation=scene.texts[what],
    )
    scene.session.commit()
    return made


def _run(scene: Scene, database: Database) -> None:
    scene.session.commit()
    jobs.run_due(database.engine, scene.settings)
    scene.session.expire_all()


def _steps(scene: Scene, withdrawal: Withdrawal) -> list[str]:
    chosen = select(RightsEvent.step).where(RightsEvent.withdrawal_id == withdrawal.id).order_by(RightsEvent.id)
    return list(scene.session.scalars(chosen))


def _versions(scene: Scene) -> list[tuple[str, bool]]:
    chosen = select(Release).where(Release.state == "published").order_by(Release.id)
    return [(one.version, one.retired_at is not None) for one in scene.session.scalars(chosen)]


def _words(scene: Scene, version: str, public_id: str) -> str | None:
    found = {row["annotation_id"]: row["completion"] for row in rows_of(scene.folder(version))}
    return found.get(public_id) if scene.folder(version).joinpath("data").is_dir() else None


def test_from_asking_to_the_end(
    scene: Scene, database: Database, moment: time_machine.Traveller, client: Visitor
) -> None:
    made = _taken(scene, "ade", "original")
    public_id = scene.texts["original"].public_id
    moment.shift(timedelta(hours=71))
    _run(scene, database)
    assert (made.state, _versions(scene)) == ("suspended", [("1.0.0", False)]), (
        "nothing is final while it can be undone"
    )
    moment.shift(timedelta(hours=1))
    _run(scene, database)
    assert made.state == "erased"
    assert _steps(scene, made) == ["received", "suspended", "erased"], "one row waits for others to be said with it"
    assert scene.texts["original"].erased_at is not None
    words = select(Revision.completion).where(Revision.annotation_id == scene.texts["original"].id)
    assert set(scene.session.scalars(words)) == {None}
    moment.move_to(made.due_at - timedelta(days=1))
    _run(scene, database)
    assert made.state == "closed"
    assert _steps(scene, made)[-3:] == ["said", "released", "closed"]
    assert _versions(scene) == [("1.0.0", True), ("2.0.0", False)]
    assert made.closed_at is not None
    assert made.closed_at <= made.due_at
    new = {row["annotation_id"] for row in rows_of(scene.folder("2.0.0"))}
    assert public_id not in new
    assert new, "the rest stays"
    assert sorted(path.name for path in scene.folder("1.0.0").iterdir()) == [
        "CITATION.cff",
        "SHA256SUMS",
        "manifest.json",
    ]
    gone = client.get(f"/projects/{scene.world.project.slug}/releases/1.0.0/files/README.md")
    assert gone.status_code == 410
    assert "2.0.0" in gone.text
    said = [one for one in scene.session.scalars(select(FeedEntry)) if public_id in one.annotation_ids]
    assert [one.op for one in said] == ["remove"]
    assert feed.verify(scene.session).broken_at is None
    assert ledger.verify(scene.session).broken_at is None
    before = _versions(scene)
    _run(scene, database)
    assert _versions(scene) == before, "safe to run twice"


@pytest.mark.parametrize(("ten", "waits"), [("texts of one person", True), ("people", False)])
def test_ten_people_do_not_wait_and_one_with_many_texts_does(
    scene: Scene, database: Database, moment: time_machine.Traveller, *, ten: str, waits: bool
) -> None:
    authors = [scene.people["ade"]] * 10
    if ten == "people":
        authors = [stories.a_contributor(scene.session, scene.world.language) for _ in range(10)]
    for n, author in enumerate(authors):
        scene.world.decides(scene.people["ambassador"], scene.world.writes(author, f"Question {n}?", f"Answer {n}."))
    scene.publish("1.1.0")
    for author in dict.fromkeys(authors):
        made = actions.withdraw(scene.session, actor=stories.actor_of(scene.session, author), person=author)
    moment.shift(timedelta(hours=72))
    _run(scene, database)
    removed = [one for one in scene.session.scalars(select(FeedEntry)) if one.op == "remove"]
    assert [len(one.annotation_ids) for one in removed] == ([] if waits else [10])
    assert len(_versions(scene)) == (2 if waits else 3)
    moment.move_to(made.due_at - timedelta(days=1))
    _run(scene, database)
    assert made.state == "closed", "nobody waits past the day that was promised"
    assert _versions(scene)[-1] == ("2.0.0", False)


def test_an_edit_that_its_reviewer_takes_back_leaves_what_is_served_and_takes_no_text_out(
    scene: Scene, database: Database, moment: time_machine.Traveller
) -> None:
    edited = scene.texts["edited"].public_id
    assert _words(scene, "1.0.0", edited) == "Ọjà ni mo ń lọ."
    ambassador = scene.people["ambassador"]
    made = actions.withdraw(scene.session, actor=stories.actor_of(scene.session, ambassador), person=ambassador)
    moment.move_to(made.due_at - timedelta(days=1))
    _run(scene, database)
    assert made.state == "closed"
    assert _versions(scene) == [("1.0.0", True), ("2.0.0", False)]
    assert _words(scene, "2.0.0", edited) == "Ọjà ni mo n lọ", "the author's own words, as they were before"
    assert len(rows_of(scene.folder("2.0.0"))) == len(scene.texts) - 2, "nobody else's row has left (gated, rating)"
    said = [one.op for one in scene.session.scalars(select(FeedEntry)) if edited in one.annotation_ids]
    assert said == ["correct"]
    assert verify.verify(scene.folder("2.0.0"))["ok"]


def test_a_text_that_was_never_released_leaves_what_others_made_of_it(
    session: Session, settings: Settings, database: Database, moment: time_machine.Traveller
) -> None:
    """Its words stand in the row of whoever built on it: that row is not served any longer, either."""
    scene = a_scene(session, settings)
    original = scene.texts["original"]
    original.state, original.revisions[0].accepted_at = "declined", None
    scene.publish("1.0.0")
    assert _words(scene, "1.0.0", original.public_id) is None
    assert _words(scene, "1.0.0", scene.texts["better"].public_id) is not None
    made = _taken(scene, "ade", "original")
    moment.move_to(made.due_at - timedelta(days=1))
    _run(scene, database)
    assert made.state == "closed"
    assert _versions(scene) == [("1.0.0", True), ("2.0.0", False)]
    assert _words(scene, "2.0.0", scene.texts["better"].public_id) is None


def test_personal_data_is_gone_at_once(scene: Scene, database: Database, moment: time_machine.Traveller) -> None:
    del moment
    made = actions.take_down(scene.session, actor=OPERATOR, cause="described", annotation=scene.texts["kept"])
    _run(scene, database)
    assert made.state == "closed"
    assert _versions(scene) == [("1.0.0", True), ("2.0.0", False)]


def test_a_hold_keeps_the_words_and_not_the_release(
    scene: Scene, database: Database, moment: time_machine.Traveller
) -> None:
    made = _taken(scene, "ade", "original")
    hold = holds.ask(
        scene.session, actor=OPERATOR, withdrawal=made, authority="A court", reason="Order 7",
        until=clock.now() + timedelta(days=60),
    )  # fmt: skip
    holds.confirm(scene.session, actor=stories.actor_of(scene.session, a_maintainer(scene.session)), hold=hold)
    moment.move_to(made.due_at)
    _run(scene, database)
    assert made.erased_at is None
    assert scene.texts["original"].revisions[0].completion is not None
    assert made.released_at is not None, "no release holds it"
    assert _versions(scene) == [("1.0.0", True), ("2.0.0", False)]
    moment.shift(timedelta(days=60))
    _run(scene, database)
    ended = scene.session.execute(select(Withdrawal.state, Withdrawal.erased_at, Withdrawal.closed_at)).one()
    assert ended.state == "closed"
    assert None not in ended
    assert _steps(scene, made)[-2:] == ["erased", "closed"]


def test_a_version_that_cannot_be_built_is_tried_again(
    scene: Scene, database: Database, moment: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = _taken(scene, "ade", "original")
    moment.move_to(made.due_at - timedelta(days=1))
    with monkeypatch.context() as broken:
        broken.setattr(loading, "fault", lambda _folder: "the disk is full")
        _run(scene, database)
    assert made.state == "erased"
    assert _versions(scene) == [("1.0.0", False)]
    assert jobs.overdue(database.engine) == 0
    moment.shift(timedelta(days=1, seconds=1))
    assert jobs.overdue(database.engine) == 1, "late is said"
    _run(scene, database)
    assert made.state == "closed"


def test_what_was_undone_is_left_alone(scene: Scene, database: Database, moment: time_machine.Traveller) -> None:
    made = _taken(scene, "ade", "original")
    actions.undo(scene.session, actor=OPERATOR, withdrawal=made)
    moment.shift(timedelta(days=30))
    _run(scene, database)
    assert made.state == "undone"
    slug = scene.world.project.slug
    scene.session.commit()
    assert removal.publish_removals(database.engine, scene.settings, slug) is None
    assert scene.session.scalar(select(Annotation.erased_at).where(Annotation.id == scene.texts["original"].id)) is None


def test_text_that_never_left_is_only_erased(scene: Scene, database: Database, moment: time_machine.Traveller) -> None:
    author = scene.people["efe"]
    scene.texts["waiting"] = scene.world.writes(author, "Never reviewed?", "Never.")
    made = _taken(scene, "efe", "waiting")
    moment.shift(timedelta(hours=72))
    _run(scene, database)
    assert made.state == "closed"
    assert _versions(scene) == [("1.0.0", False)]
    assert scene.session.scalar(text("select count(*) from feed where op = 'remove'")) == 0


def test_the_commands(scene: Scene, runner: Run, moment: time_machine.Traveller) -> None:
    made = _taken(scene, "ade", "original")
    listed = json.loads(runner("rights", "due", "--json").stdout)["withdrawals"]
    assert [(row["withdrawal"], row["overdue"]) for row in listed] == [(made.public_id, False)]
    assert made.public_id in runner("rights", "due").stdout
    runner("rights", "extend", made.public_id, "--reason", "A flood.")
    again = runner("rights", "extend", made.public_id, "--reason", "More.", code=1)
    assert "extended once already" in again.stderr
    runner("rights", "hold", made.public_id, "--authority", "A court", "--reason", "7", "--until",
           (clock.now() + timedelta(days=9)).date().isoformat())  # fmt: skip
    runner("rights", "undo", made.public_id)
    assert "Nothing waits" in runner("rights", "due").stdout
    again_taken = _taken(scene, "ade", "original")
    moment.move_to(again_taken.due_at)
    assert "nothing is overdue" in runner("rights", "run").stdout
    scene.session.refresh(again_taken)
    assert again_taken.state == "closed"
