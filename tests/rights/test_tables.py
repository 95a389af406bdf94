"""The tables of rights-model §2.6 (what withdrawal does) and §2.8 (cases), a test for each line, named after it.

Most lines have closer tests elsewhere; these go the whole way, from asking through the jobs to the next release.
"""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.annotations.models import Revision
from annotator.assignments import actions as assignments
from annotator.assignments.models import Draft
from annotator.commands import copies
from annotator.consent import actions as consent
from annotator.consent import queries as documents
from annotator.consent.wordings import actions as wordings
from annotator.languages import actions as languages
from annotator.languages import queries as language_queries
from annotator.ledger import queries as ledger
from annotator.permissions import OPERATOR, Actor
from annotator.prompts import blocking
from annotator.prompts.rules import Texts
from annotator.releases import loading
from annotator.releases.models import FeedEntry, Release, RowChange
from annotator.review.models import Review
from annotator.rights import actions, holds, jobs
from annotator.rights.erasing.jobs import replay, tidy
from annotator.rights.leaving import actions as leaving
from annotator.rights.leaving import codes
from annotator.rights.leaving import jobs as leaving_jobs
from annotator.rights.leaving import queries as leaving_queries
from annotator.rights.models import Withdrawal
from annotator.settings import Settings
from tests import stories
from tests.databases import Database
from tests.makers import a_maintainer
from tests.releases.scenes import Scene, a_scene, rows_of
from tests.rights.test_needles import restored
from tests.stories import actor_of


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


def take(scene: Scene, who: str, what: str | None = None) -> Withdrawal:
    """Take back one text, or everything."""
    person = scene.people[who]
    made = actions.withdraw(
        scene.session, actor=actor_of(scene.session, person), person=person,
        annotation=scene.texts[what] if what else None,
    )  # fmt: skip
    scene.session.commit()
    return made


def leave(scene: Scene, who: str, manner: str = "unnamed") -> leaving.Asked:
    """Leave, and let the texts stay."""
    person = scene.people[who]
    asked = leaving.ask(scene.session, actor=actor_of(scene.session, person), person=person, manner=manner)
    scene.session.commit()
    return asked


def sweep(scene: Scene, database: Database, moment: time_machine.Traveller, after: timedelta) -> None:
    """Let time pass, and the worker do what is due."""
    scene.session.commit()
    moment.shift(after)
    leaving_jobs.leave_due(database.engine, scene.settings)
    jobs.run_due(database.engine, scene.settings)
    tidy(database.engine, scene.settings)
    scene.session.expire_all()


WINDOW, ALL_OF_IT = timedelta(hours=72), timedelta(hours=72, days=7)


def versions(scene: Scene) -> list[str]:
    """Return the versions that are out, retired ones with a star."""
    found = scene.session.scalars(select(Release).where(Release.state == "published").order_by(Release.id))
    return [one.version + "*" * (one.retired_at is not None) for one in found]


def rows(scene: Scene, version: str) -> dict[str, dict[str, object]]:
    """Return the rows of all public lanes by id."""
    return {row["annotation_id"]: row for row in rows_of(scene.folder(version))}


def said(scene: Scene, op: str) -> set[str]:
    """Return the ids that the feed speaks of so."""
    entries = scene.session.scalars(select(FeedEntry).where(FeedEntry.op == op))
    return {id_ for entry in entries for id_ in entry.annotation_ids}


# ----------------------------------------------------------------------------------- §2.6: what withdrawal does


def test_draft_pending_work_narrow(scene: Scene) -> None:
    """The new rule applies."""
    efe = scene.people["efe"]
    stories.a_prompt(scene.session, scene.world.project, scene.world.language, priority=9)
    held = scene.world.claims(efe, kinds=("answer",))
    stories.allow(scene.session, efe, preset="noncommercial", attribution="none")
    scene.texts["new"] = scene.world.submits(efe, held, completion="Bẹ́ẹ̀ ni.")
    scene.world.decides(scene.people["ambassador"], scene.texts["new"])
    scene.session.commit()
    scene.publish("2.0.0")
    assert rows(scene, "2.0.0")[scene.texts["new"].public_id]["license"] == "CC-BY-NC-4.0"


@pytest.mark.parametrize("way", ["withdraw", "leave"])
def test_draft_pending_work(scene: Scene, way: str) -> None:
    """Deleted, the place returns to the pool."""
    efe = scene.people["efe"]
    prompt = stories.a_prompt(scene.session, scene.world.project, scene.world.language, priority=9)
    held = scene.world.claims(efe, kinds=("answer",))
    assert held.prompt_id == prompt.id
    assignments.save_draft(
        scene.session,
        actor=actor_of(scene.session, efe),
        project=scene.world.project,
        language=scene.world.language,
        assignment=held,
        texts={"completion": "Half"},
        version=0,
    )
    scene.session.commit()
    take(scene, "efe") if way == "withdraw" else leave(scene, "efe")
    scene.session.expire_all()
    assert scene.session.scalar(select(func.count()).select_from(Draft)) == 0
    assert (held.state, held.place, prompt.free_places) == ("released", None, 1)


def test_own_text_on_the_platform_narrow(scene: Scene) -> None:
    """Changes lane, or leaves."""
    for preset, lane in (("noncommercial", "CC-BY-NC-4.0"), ("practice", None)):
        stories.allow(scene.session, scene.people["bola"], preset=preset, attribution="handle")
        scene.session.commit()
        version = f"{len(versions(scene)) + 1}.0.0"
        scene.publish(version)
        found = rows(scene, version).get(scene.texts["kept"].public_id)
        assert (found["license"] if found else None) == lane


def test_own_text_on_the_platform_withdraw(scene: Scene, database: Database, moment: time_machine.Traveller) -> None:
    """Hidden at once, erased after the undo window; a tombstone stays (id, language, kind, month)."""
    text = scene.texts["kept"]
    public_id, language_id, author_id = text.public_id, text.language_id, text.author_id
    take(scene, "bola", "kept")
    assert text.state == "withdrawn"
    assert text.revisions[0].completion is not None
    sweep(scene, database, moment, WINDOW)
    assert text.erased_at is not None
    assert (text.public_id, text.language_id, text.kind) == (public_id, language_id, "original")
    assert (text.created_at.day, text.created_at.hour) == (1, 0)
    assert text.author_id != author_id
    words = select(Revision.instruction, Revision.completion).where(Revision.annotation_id == text.id)
    assert {tuple(row) for row in scene.session.execute(words)} == {(None, None)}


def test_own_text_on_the_platform_leave(scene: Scene, database: Database, moment: time_machine.Traveller) -> None:
    """The link to the person is erased; it is called pseudonymous, not anonymous."""
    text, bola_id = scene.texts["kept"], scene.people["bola"].id
    leave(scene, "bola")
    sweep(scene, database, moment, WINDOW)
    assert scene.session.get(Person, bola_id) is None
    assert text.state == "accepted"
    assert text.author.left_at is not None
    assert text.revisions[0].completion == "Èmi ni."


def test_others_work_on_it_narrow(scene: Scene) -> None:
    """Re-evaluated: the meet of what all authors grant."""
    stories.allow(scene.session, scene.people["ade"], preset="noncommercial", attribution="handle")
    scene.session.commit()
    scene.publish("2.0.0")
    assert rows(scene, "2.0.0")[scene.texts["better"].public_id]["license"] == "CC-BY-NC-4.0"


def test_others_work_on_it_withdraw(scene: Scene, database: Database, moment: time_machine.Traveller) -> None:
    """§2.7: the question was Ade's, the answer is Bola's: it waits for a new question and is not in the release."""
    better = scene.texts["better"]
    take(scene, "ade", "original")
    assert better.set_aside_kind in {"prompt", "spans", "out"}
    sweep(scene, database, moment, ALL_OF_IT)
    assert better.public_id not in rows(scene, "2.0.0")
    assert better.state == "accepted", "nothing of theirs is taken back"


def test_others_work_on_it_leave(scene: Scene, database: Database, moment: time_machine.Traveller) -> None:
    """Stays."""
    leave(scene, "ade")
    sweep(scene, database, moment, WINDOW)
    scene.publish("2.0.0")
    assert scene.texts["better"].public_id in rows(scene, "2.0.0")


@pytest.mark.parametrize("way", ["withdraw", "leave"])
def test_reviews_by_me(scene: Scene, database: Database, moment: time_machine.Traveller, way: str) -> None:
    """Notes erased, decisions already taken keep their count; or kept, unlinked."""
    ambassador, kept = scene.people["ambassador"], scene.texts["kept"]
    review = scene.session.scalars(select(Review).where(Review.annotation_id == kept.id)).one()
    review.note = "Zauberwort"
    before = scene.session.scalar(select(func.count()).select_from(Review))
    scene.texts["by the reviewer"] = scene.world.writes(ambassador, "Mine?", "Mine.")
    scene.session.commit()
    if way == "withdraw":
        take(scene, "ambassador")
    else:
        leave(scene, "ambassador")
    sweep(scene, database, moment, WINDOW)
    assert scene.session.scalar(select(func.count()).select_from(Review)) == before
    assert kept.state == "accepted"
    assert review.note is None or way == "leave"
    assert (review.reviewer_id is None) is (way == "leave")


def test_reviews_of_my_text(scene: Scene, database: Database, moment: time_machine.Traveller) -> None:
    """Hidden, quotations erased; the reviewer's count stays."""
    review = scene.session.scalars(select(Review).where(Review.annotation_id == scene.texts["kept"].id)).one()
    review.note = "You wrote “Èmi ni”."
    reviewer_id = review.reviewer_id
    scene.session.commit()
    take(scene, "bola", "kept")
    sweep(scene, database, moment, WINDOW)
    found = scene.session.execute(select(Review.note, Review.reviewer_id).where(Review.id == review.id)).one()
    assert tuple(found) == (None, reviewer_id)


def test_next_release(scene: Scene, database: Database, moment: time_machine.Traveller) -> None:
    """Without it; its id is never issued again; a keyed hash keeps the same text from being imported for 90 days."""
    public_id = scene.texts["kept"].public_id
    made = take(scene, "bola", "kept")
    sweep(scene, database, moment, ALL_OF_IT)
    assert versions(scene)[-1] == "2.0.0"
    again = scene.world.writes(scene.people["efe"], "Ta ló wà níbẹ̀?", "Èmi ni.")
    scene.world.decides(scene.people["ambassador"], again)
    scene.session.commit()
    scene.publish("2.1.0")
    assert public_id not in rows(scene, "2.1.0")
    assert again.public_id in rows(scene, "2.1.0"), "somebody else's own words are theirs"
    same = [Texts("Ta ló wà níbẹ̀?", None, "Èmi ni.").fingerprint]
    assert blocking.blocked(scene.session, scene.world.project, same) == set(same)
    assert made.erased_at is not None
    moment.move_to(made.erased_at + timedelta(days=90, seconds=1))
    assert blocking.blocked(scene.session, scene.world.project, same) == set()


def test_next_release_leave(scene: Scene, database: Database, moment: time_machine.Traveller) -> None:
    """Credit gone."""
    handle = scene.people["bola"].handle
    leave(scene, "bola")
    sweep(scene, database, moment, WINDOW)
    scene.publish("2.0.0")
    found = rows(scene, "2.0.0")[scene.texts["kept"].public_id]
    assert (found["contributor_id"], found["attribution_text"]) == (None, None)
    told = "".join(path.read_text(encoding="utf-8") for path in scene.folder("2.0.0").glob("*.*") if path.is_file())
    assert handle not in told


def test_published_releases(scene: Scene, database: Database, moment: time_machine.Traveller) -> None:
    """By the 7th day a removal-only MAJOR version is served, old files are gone; their page, sums, citation stay."""
    made = take(scene, "bola", "kept")
    sweep(scene, database, moment, ALL_OF_IT)
    assert versions(scene) == ["1.0.0*", "2.0.0"]
    assert made.released_at is not None
    assert made.released_at <= made.due_at
    new = rows(scene, "2.0.0")
    assert scene.texts["kept"].public_id not in new
    assert {row["release_added"] for row in new.values()} == {"1.0.0"}, "nothing but removals"
    left = {path.name: path.read_text(encoding="utf-8") for path in scene.folder("1.0.0").iterdir()}
    assert set(left) == {"manifest.json", "SHA256SUMS", "CITATION.cff"}
    assert json.loads(left["manifest.json"])["version"] == "1.0.0"
    handles = set(scene.session.scalars(select(Person.handle).where(Person.left_at.is_(None))))
    assert not [handle for handle in handles if handle in left["CITATION.cff"]]


def test_published_releases_narrow(scene: Scene) -> None:
    """Said in the feed."""
    stories.allow(scene.session, scene.people["bola"], preset="noncommercial", attribution="handle")
    scene.session.commit()
    scene.publish("2.0.0")
    entries = scene.session.scalars(select(FeedEntry).where(FeedEntry.op == "restrict"))
    assert scene.texts["kept"].public_id in {one for entry in entries for one in entry.annotation_ids}


def test_mirrors_and_downloaders(scene: Scene, database: Database, moment: time_machine.Traveller) -> None:
    """The feed, with ids; for credit that is gone ``redact_attribution``."""
    kept, edited = scene.texts["kept"].public_id, scene.texts["edited"].public_id
    take(scene, "bola", "kept")
    leave(scene, "ade")
    sweep(scene, database, moment, ALL_OF_IT)
    assert kept in said(scene, "remove")
    assert edited in said(scene, "redact_attribution")
    assert edited not in said(scene, "remove")


def test_backups(scene: Scene, database: Database, moment: time_machine.Traveller, settings: Settings) -> None:
    """A restore replays erasures before it serves, from a journal that is kept outside database and backups."""
    file = settings.journal.parent / "backup"
    scene.session.commit()
    copies.write(database.engine, file)
    text_id = scene.texts["kept"].id
    take(scene, "bola", "kept")
    sweep(scene, database, moment, WINDOW)
    scene.session.close()
    restored(database, file)
    with Session(database.engine) as session:
        words = session.scalars(select(Revision.completion).where(Revision.annotation_id == text_id)).all()
        assert words == ["Èmi ni."], "the backup is older"
    assert replay(database.engine, settings) > 0
    with Session(database.engine) as session:
        words = session.scalars(select(Revision.completion).where(Revision.annotation_id == text_id)).all()
        assert words == [None]
        assert ledger.verify(session).broken_at is None


# ------------------------------------------------------------------------------------------------ §2.8: cases


def test_withdraw_after_deleting_the_account(scene: Scene, database: Database, moment: time_machine.Traveller) -> None:
    """Deleting asks first what happens to the texts; the claim code proves control of them later."""
    asked = leave(scene, "bola")
    code = asked.code
    assert code is not None
    sweep(scene, database, moment, WINDOW)
    assert codes.sha256_of(code) is not None
    owner = leaving_queries.by_code(scene.session, code)
    assert owner is not None
    made = actions.withdraw(
        scene.session, actor=Actor(person_id=owner.id), person=owner, annotation=scene.texts["kept"]
    )
    assert made.n_texts == 1
    assert scene.texts["kept"].state == "withdrawn"


def test_one_withdrawal_between_two_releases_shows_who_left(
    scene: Scene, database: Database, moment: time_machine.Traveller
) -> None:
    """Can't be hidden, the wording says so; ids by month only, no reason, no grouping by person."""
    wording = documents.current_document(scene.session, "terms").body
    assert "compare them and see which text" in " ".join(wording.split())
    take(scene, "bola", "kept")
    take(scene, "ade", "edited")
    sweep(scene, database, moment, ALL_OF_IT)
    entries = [one for one in scene.session.scalars(select(FeedEntry)) if one.op == "remove"]
    both = {scene.texts["kept"].public_id, scene.texts["edited"].public_id}
    assert both <= set(entries[0].annotation_ids), "in one batch, whoever they were"
    assert all(len(one.month) == len("2030-01") for one in entries)


def test_an_ambassadors_role_ends(scene: Scene) -> None:
    """The role is revoked, data stays; access to what the role showed ends in the same transaction."""
    ambassador = scene.people["ambassador"]
    before = actor_of(scene.session, ambassador)
    assert before.ambassador_of
    languages.retire(scene.session, actor=OPERATOR, person=ambassador, language=scene.world.language)
    assert not language_queries.actor_for(scene.session, ambassador).ambassador_of
    states = {one.state for one in scene.texts.values()}
    assert "accepted" in states
    assert scene.session.scalar(select(func.count()).select_from(Review).where(Review.reviewer_id == ambassador.id))


def test_hijacked_account_withdraws_everything(scene: Scene) -> None:
    """Undo window, mail to the address; the fresh sign-in is asked by the page (``test_views``)."""
    person = scene.people["ade"]
    made = take(scene, "ade")
    assert made.undo_until - made.requested_at == timedelta(hours=72)
    actions.undo(scene.session, actor=actor_of(scene.session, person), withdrawal=made)
    assert scene.texts["original"].state == "accepted"


def test_a_translation_of_the_terms_was_wrong(scene: Scene) -> None:
    """Consents given against it are marked, their texts set aside until confirmed."""
    bola = scene.people["bola"]
    translation = consent.adopt(
        scene.session, actor=OPERATOR, kind="terms", version=1, language="fr", title="Conditions", body="Tout va bien.",
        authoritative=False,
    )  # fmt: skip
    stories.allow(scene.session, bola, preset="open", attribution="handle", also_before=True, wording="fr")
    scene.session.commit()
    wordings.mark_wrong(scene.session, actor=OPERATOR, document=translation, reason="It said the opposite.")
    scene.session.commit()
    scene.publish("2.0.0")
    assert scene.texts["kept"].public_id not in rows(scene, "2.0.0")
    stories.allow(scene.session, bola, preset="open", attribution="handle", also_before=True)
    scene.session.commit()
    scene.publish("2.1.0")
    assert scene.texts["kept"].public_id in rows(scene, "2.1.0")


def test_same_text_by_two_people(scene: Scene, database: Database, moment: time_machine.Traveller) -> None:
    """One withdrawal removes one row."""
    twins = [scene.world.writes(scene.people[who], "Same?", "Same.") for who in ("bola", "efe")]
    for one in twins:
        scene.world.decides(scene.people["ambassador"], one)
    scene.session.commit()
    scene.publish("1.1.0")
    scene.texts["twin"] = twins[0]
    take(scene, "bola", "twin")
    sweep(scene, database, moment, ALL_OF_IT)
    assert [one.public_id in rows(scene, "2.0.0") for one in twins] == [False, True]


def test_expiry(scene: Scene, moment: time_machine.Traveller) -> None:
    """A row with less than 30 days left is not frozen into a new release."""
    stories.allow(
        scene.session, scene.people["bola"], preset="open", attribution="handle",
        expires_at=clock.now() + timedelta(days=31), also_before=True,
    )  # fmt: skip
    scene.texts["new"] = scene.world.writes(scene.people["efe"], "Kí lo fẹ́?", "Omi.")
    scene.world.decides(scene.people["ambassador"], scene.texts["new"])
    scene.session.commit()
    scene.publish("1.1.0")
    assert scene.texts["kept"].public_id in rows(scene, "1.1.0")
    moment.shift(timedelta(days=2))
    scene.publish("2.0.0")
    assert scene.texts["kept"].public_id not in rows(scene, "2.0.0")


def test_legal_hold(scene: Scene, database: Database, moment: time_machine.Traveller) -> None:
    """Stops erasure, never suspension; named authority, two people, at most 180 days, counted in public."""
    made = take(scene, "bola", "kept")
    until = clock.now() + timedelta(days=180)
    hold = holds.ask(scene.session, actor=OPERATOR, withdrawal=made, authority="A court", reason="7", until=until)
    holds.confirm(scene.session, actor=actor_of(scene.session, a_maintainer(scene.session)), hold=hold)
    sweep(scene, database, moment, ALL_OF_IT)
    assert (scene.texts["kept"].state, made.erased_at) == ("withdrawn", None)
    assert scene.texts["kept"].public_id not in rows(scene, "2.0.0")
    sweep(scene, database, moment, timedelta(days=181))
    assert made.erased_at is not None


def test_a_protected_language(scene: Scene) -> None:
    """No names, no small counts, ambassadors not shown; it wins over personal choices to be shown."""
    languages.protect(scene.session, actor=OPERATOR, language=scene.world.language, reason="A community at risk.")
    scene.session.commit()
    scene.publish("2.0.0")
    for row in rows(scene, "2.0.0").values():
        assert (row["contributor_id"], row["attribution_text"]) == (None, None)
    for line in rows_of(scene.folder("2.0.0"), "contributors"):
        assert (line["contributor_id"], line["n_rows"], line["n_contributors"]) == (None, None, None)
    reviewers = {row["reviewer_id"] for row in rows_of(scene.folder("2.0.0"), "reviews")}
    assert reviewers == {None}
    redacted = select(RowChange.annotation_public_id).where(RowChange.op == "redact_attribution")
    assert scene.texts["kept"].public_id in set(scene.session.scalars(redacted)), (
        "names that were shown are called back"
    )
