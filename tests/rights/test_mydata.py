"""A copy of everything about oneself: what is in it, who gets it, and that it goes (rights-services §4.2)."""

import io
import json
import runpy
import subprocess
import sys
import tracemalloc
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.annotations.models import Annotation, Revision
from annotator.annotations.rules import Written
from annotator.database import open_session
from annotator.errors import Forbidden
from annotator.mail.models import Letter
from annotator.permissions import Actor
from annotator.rights import actions as rights
from annotator.rights.models import PersonalExport
from annotator.rights.mydata import actions, archive, jobs
from annotator.settings import Settings
from tests.conftest import Runner
from tests.databases import Database
from tests.html import Page
from tests.html_faults import faults_of
from tests.pages import Visitor
from tests.rights.published import a_release
from tests.stories import World, a_contributor, a_language, a_world, actor_of, an_ambassador

SETTINGS = Settings(secret_key="x", redis_url="", public_url="https://annotator.example.org")


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session, reannotate_contributions=True)


class Copy:
    """An archive, opened."""

    def __init__(self, data: bytes) -> None:
        """Open it."""
        self.files = ZipFile(io.BytesIO(data))

    def __getitem__(self, kind: str) -> Any:  # noqa: ANN401  # any JSON
        """Return one file."""
        return json.loads(self.files.read(f"{kind}.json"))

    @property
    def page(self) -> Page:
        return Page(self.files.read("my-data.html").decode(), 200, "my-data.html")


def copy_of(session: Session, person: Person) -> Copy:
    """Return a copy as the job would write it."""
    session.commit()
    target = io.BytesIO()
    with open_session(session.get_bind(), writes=False) as reader:  # type: ignore[arg-type]  # an engine
        archive.write(reader, person.id, target, settings=SETTINGS)
    return Copy(target.getvalue())


def test_it_holds_each_version_draft_review_grant_and_step(world: World) -> None:
    session = world.session
    author, other = (a_contributor(session, world.language, attribution="handle") for _ in range(2))
    reviewer = an_ambassador(session, world.language)
    reviewer.handle = "the-reviewer-handle"
    first = world.writes(author, completion="Ọ̀rọ̀ mi.")
    second = world.writes(author, completion="Take me back.")
    world.decides(reviewer, first, "changes_requested", reasons=["spelling"], note="Please mend the accents.")
    world.writes(other, completion="Words of somebody else.")
    rights.withdraw(session, actor=actor_of(session, author), person=author, annotation=second)
    found = copy_of(session, author)
    told = ("README.txt", "my-data.html", "check.py", *(f"{kind.name}.json" for kind in archive.KINDS))
    assert sorted(found.files.namelist()) == sorted(told)
    texts = {one["annotation"]: one for one in found["contributions"]}
    assert set(texts) == {first.public_id, second.public_id}
    assert texts[first.public_id]["completion"] == {
        "text": "Ọ̀rọ̀ mi.",
        "language": "yor_Latn",
        "lang": "yo-Latn",
        "dir": "ltr",
    }
    assert texts[second.public_id]["completion"]["text"] == "Take me back."
    assert texts[second.public_id]["state"] == "withdrawn"
    assert [one["by"] for one in texts[first.public_id]["versions"]] == ["you"]
    assert found["reviews-received"] == [
        {
            "annotation": first.public_id,
            "outcome": "changes_requested",
            "reasons": ["spelling"],
            "note": "Please mend the accents.",
            "at": found["reviews-received"][0]["at"],
        }
    ]
    assert found["profile"][0]["email"] == author.email
    assert found["languages"][0]["language"] == "yor_Latn"
    assert found["grants"][0]["attribution"] == "handle"
    assert {one["ledger_seq"] for one in found["receipts"]} == {one["entry"]["seq"] for one in found["proofs"]}
    assert [step["step"] for step in found["withdrawals"][0]["steps"]] == ["received", "suspended"]
    everything = "".join(found.files.read(name).decode() for name in found.files.namelist())
    for word in ("the-reviewer-handle", reviewer.email, "Words of somebody else", other.email, other.handle):
        assert word not in everything


def test_a_reviewer_finds_their_edits_and_decisions(world: World) -> None:
    session = world.session
    reviewer = an_ambassador(session, world.language)
    annotation = world.writes(a_contributor(session, world.language), completion="The first words.")
    world.decides(reviewer, annotation, "accepted_with_edits", written=Written(completion="The better words."))
    found = copy_of(session, reviewer)
    assert found["contributions"] == []
    assert found["edits"][0]["completion"]["text"] == "The better words."
    assert found["edits"][0]["annotation"] == annotation.public_id
    assert found["reviews-given"][0]["outcome"] == "accepted_with_edits"
    assert "The first words." not in found.files.read("edits.json").decode()


def test_a_reviewers_words_are_told_until_the_reviewer_takes_them_back(world: World) -> None:
    session = world.session
    reviewer, author = an_ambassador(session, world.language), a_contributor(session, world.language)
    annotation = world.writes(author, completion="The first words.")
    world.decides(reviewer, annotation, "accepted_with_edits", written=Written(completion="The better words."))
    assert "The better words." in copy_of(session, author).files.read("contributions.json").decode()
    rights.withdraw(session, actor=actor_of(session, reviewer), person=reviewer)
    told = copy_of(session, author).files.read("contributions.json").decode()
    assert "The better words." not in told
    assert "The first words." in told


def test_the_proofs_hold_without_the_platform_and_a_forged_one_does_not(world: World, tmp_path: Path) -> None:
    author = a_contributor(world.session, world.language)
    annotation = world.writes(author)
    rights.withdraw(world.session, actor=actor_of(world.session, author), person=author, annotation=annotation)
    found = copy_of(world.session, author)
    found.files.extractall(tmp_path)
    said = subprocess.run(  # noqa: S603  # our own script
        [sys.executable, "-S", "-E", tmp_path / "check.py"], capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stdout + said.stderr
    assert "All 2 proofs hold." in said.stdout
    check = runpy.run_path(str(tmp_path / "check.py"))
    proofs = found["proofs"]
    proofs[0]["payload"]["preset"] = "gated"
    assert "not what was committed to" in next(check["faults"](proofs))
    proofs = found["proofs"]
    proofs[1]["entry"]["time"] = "2020-01-01T00:00:00+00:00"
    assert "hash does not fit" in next(check["faults"](proofs))


def test_the_page_is_whole_without_a_network(world: World) -> None:
    session = world.session
    arabic = a_language(session, "arb_Arab", "Arabic")
    author = a_contributor(session, world.language, arabic)
    world.writes(author, completion="<script>alert(1)</script>")
    world.language, kept = arabic, world.language
    from annotator.projects.models import ProjectLanguage  # noqa: PLC0415  # of this one test

    session.add(ProjectLanguage(project_id=world.project.id, language_id=arabic.id))
    session.flush()
    session.expire(world.project)
    world.writes(author, instruction="سؤال", completion="جواب بالعربية")
    world.language = kept
    page = copy_of(session, author).page
    assert [fault for fault in faults_of(page) if "style" not in fault] == []
    assert '<p lang="ar-Arab" dir="rtl">جواب بالعربية</p>' in page.source
    assert "<script" not in page.source
    assert "http" not in page.source


def test_own_rows_of_a_gated_release_are_there(world: World) -> None:
    author = a_contributor(world.session, world.language, preset="gated")
    annotation = world.writes(author)
    a_release(world, annotation, lane="gated")
    assert copy_of(world.session, author)["releases"][0]["lane"] == "gated"


def test_memory_does_not_grow_with_the_texts(world: World) -> None:
    """Four times as many texts need about as much memory: what was written down is forgotten."""
    author = a_contributor(world.session, world.language)
    template = world.writes(author, completion="x" * 2_000)

    def peak(texts: int) -> int:
        _write_many(world.session, template, texts)
        tracemalloc.start()
        with open_session(world.session.get_bind(), writes=False) as reader:  # type: ignore[arg-type]  # an engine
            archive.write(reader, author.id, io.BytesIO(b""), settings=SETTINGS)
        result = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return result

    few = peak(1_200)
    assert peak(3_000) < few * 1.6


def _write_many(session: Session, like: Annotation, count: int) -> None:
    session.add_all(
        Annotation(
            project_id=like.project_id,
            language_id=like.language_id,
            author_id=like.author_id,
            kind="original",
            document_id=like.document_id,
            created_at=like.created_at,
            submitted_at=like.submitted_at,
            revisions=[
                Revision(
                    number=1,
                    author_id=like.author_id,
                    role="author",
                    instruction=f"Question {number}?",
                    completion="x" * 2_000,
                    created_at=like.created_at,
                )
            ],
        )
        for number in range(count)
    )
    session.commit()
    session.expunge_all()


# ---------------------------------------------------------------------------------------------------- asking and fetching


@pytest.fixture
def author(world: World) -> Person:
    person = a_contributor(world.session, world.language)
    world.writes(person)
    return person


class Worker:
    """Runs the job as a worker would."""

    def __init__(self, database: Database, settings: Settings, session: Session) -> None:
        """Remember where."""
        self.database, self.settings, self.session = database, settings, session

    def __call__(self) -> int:
        """Run it, and return how many copies it made."""
        self.session.commit()
        made = jobs.run_due(self.database.engine, self.settings)
        self.session.expire_all()
        return made

    @property
    def export(self) -> PersonalExport:
        """The one copy that there is."""
        return self.session.scalars(select(PersonalExport)).one()

    @property
    def file(self) -> Path:
        """Its file."""
        return jobs.file_of(self.settings, self.export.public_id)


@pytest.fixture
def work(database: Database, settings: Settings, session: Session) -> Worker:
    return Worker(database, settings, session)


def test_asked_made_fetched_and_gone(
    client: Visitor, author: Person, work: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.sign_in(author)
    page = client.send(client.visit("/rights/data/").form("/rights/data/"))
    assert "Your copy is being made" in page.text
    assert '<meta http-equiv="refresh"' in page.source
    assert work() == 1
    export = work.export
    address = f"/rights/data/{export.public_id}/my-data.zip"
    assert address in client.visit("/rights/data/").source
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(Copy(answer.data)["contributions"]) == 1
    answer.close()
    file = work.file
    assert file.stat().st_mode & 0o077 == 0
    assert "/rights/data/" in work.session.scalars(select(Letter).where(Letter.person_id == author.id)).one().body
    later = clock.now() + work.settings.rights.export + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    client.sign_in(author)
    assert client.get(address).status_code == 404
    work()
    assert not file.exists()
    assert work.export.state == "expired"
    assert "Your last copy is deleted" in client.visit("/rights/data/").text


def test_nobody_else_gets_it(client: Visitor, author: Person, work: Worker, world: World) -> None:
    actions.ask(work.session, actor=Actor(person_id=author.id), person=author)
    work()
    export = work.export
    address = f"/rights/data/{export.public_id}/my-data.zip"
    assert client.get(address).status_code == 303
    client.sign_in(a_contributor(work.session, world.language))
    assert client.get(address).status_code == 404
    with pytest.raises(Forbidden):
        actions.ask(work.session, actor=Actor(person_id=author.id + 1, maintainer=True), person=author)


def test_asked_twice_it_is_one_copy(session: Session, author: Person, work: Worker) -> None:
    actor = Actor(person_id=author.id)
    first = actions.ask(session, actor=actor, person=author)
    assert actions.ask(session, actor=actor, person=author) is first
    work()
    assert actions.ask(session, actor=actor, person=author).id == first.id
    first.ready_at = clock.now() - timedelta(hours=2)
    second = actions.ask(session, actor=actor, person=author)
    assert second.id != first.id
    assert work() == 1
    assert [path.name for path in work.settings.personal.glob("*.zip")] == [f"{second.public_id}.zip"]


def test_files_that_no_copy_stands_behind_are_deleted(session: Session, author: Person, work: Worker) -> None:
    actions.ask(session, actor=Actor(person_id=author.id), person=author)
    work()
    left = work.settings.personal / "0d9cbd06-7b0a-4a9e-9bb2-0d5d6a3f6e5b.zip.part"
    left.write_bytes(b"half of it")
    notes = work.settings.personal / "notes.zip"
    notes.write_bytes(b"not ours")
    author.left_at = clock.now()
    work()
    assert not left.exists()
    assert notes.exists()
    assert not work.file.exists()


def test_a_copy_that_fails_says_so_and_leaves_no_file(
    session: Session, author: Person, work: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_anything: object, **_more: object) -> None:
        message = "the disk is full"
        raise OSError(message)

    actions.ask(session, actor=Actor(person_id=author.id), person=author)
    monkeypatch.setattr(archive, "write", broken)
    assert work() == 0
    assert work.export.state == "failed"
    assert not list(work.settings.personal.glob("*.zip*"))


def test_over_http(client: Visitor, session: Session, author: Person, work: Worker) -> None:
    from annotator.accounts import tokens  # noqa: PLC0415  # of this one test

    _token, secret = tokens.make(session, actor=Actor(person_id=author.id), person=author, name="x", scopes=["rights"])
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/me/data", headers=headers).json["code"] == "data_none"  # type: ignore[index]  # it is JSON
    asked = client.post("/api/v1/me/data", headers=headers)
    assert asked.status_code == 202
    assert client.get(asked.headers["Location"], headers=headers).json["state"] == "asked"  # type: ignore[index]
    work()
    told: Any = client.get("/api/v1/me/data", headers=headers).json
    answer = client.get(told["address"], headers=headers)
    assert answer.mimetype == "application/zip"
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(answer.data) == told["bytes"]
    answer.close()
    assert client.get(told["address"]).status_code == 401


def test_the_command_writes_a_private_file_once(runner: Runner, author: Person, tmp_path: Path) -> None:
    target = tmp_path / "copy.zip"
    runner("rights", "export", author.email, str(target))
    assert target.stat().st_mode & 0o077 == 0
    assert len(Copy(target.read_bytes())["contributions"]) == 1
    assert "is there already" in runner("rights", "export", author.email, str(target), code=1).output
