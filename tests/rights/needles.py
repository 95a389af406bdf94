"""A life full of unlikely words: everything that somebody can leave in this platform is one of ``NEEDLES``, and findable."""

import subprocess
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import make_url, select, text
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts import tokens
from annotator.accounts.models import Person
from annotator.annotations import actions as annotations
from annotator.annotations.models import Annotation
from annotator.annotations.rules import Written
from annotator.app import make_work
from annotator.assignments import actions as assignments
from annotator.consent.about import actions as about
from annotator.languages.models import Speaker
from annotator.mail import actions as mail
from annotator.prompts.models import Prompt
from annotator.releases import actions as releases
from annotator.rights.models import PersonalExport, Request
from annotator.settings import Settings
from tests import stories
from tests.databases import Database
from tests.stories import World

NEEDLES = {
    name: f"zq{name}xjv"
    for name in (
        "email", "handle", "credit", "question", "answer", "aid", "key", "draft", "note", "edit", "token", "variety",
        "fact", "statement", "place", "letter", "survivor", "skipped",
    )
}  # fmt: skip


@dataclass
class Life:
    """The person, others, and the texts by name."""

    world: World
    settings: Settings
    ada: Person
    ben: Person
    reader: Person
    texts: dict[str, Annotation]


def a_life(session: Session, settings: Settings) -> Life:
    """Return somebody who has left a trace everywhere: in texts, others' texts, reviews, drafts, letters and releases."""
    n = NEEDLES
    world = stories.a_world(session, reannotate_contributions=True, overlap=2)
    reader, ben = stories.an_ambassador(session, world.language), stories.a_contributor(session, world.language)
    ada = stories.an_ambassador(session, world.language, preset=None)
    ada.email, ada.handle, ada.credit_name = f"{n['email']}@example.org", n["handle"], f"Ada {n['credit']}"
    session.flush()
    stories.allow(session, ada, preset="open", attribution="named", adult=True)
    texts: dict[str, Annotation] = {}
    texts["original"] = _sent_with_a_key(world, ada)
    world.decides(reader, texts["original"])
    texts["plain"] = world.writes(ben, "Another question?", "Another answer.")
    world.decides(ada, texts["plain"], "changes_requested", note=f"A note {n['note']}")
    texts["edited"] = world.writes(ben, "What is this?", "This is a text that somebody edits.")
    world.decides(
        ada, texts["edited"], "accepted_with_edits",
        written=Written(completion=f"This is a text that somebody {n['edit']} edits."),
    )  # fmt: skip
    texts["on hers"] = _reannotated(world, ben, texts["original"])
    world.decides(reader, texts["on hers"])
    _unfinished(world, ada)
    _about(session, ada)
    session.commit()
    life = Life(world, settings, ada, ben, reader, texts)
    publish(life, "1.0.0")
    return life


def _sent_with_a_key(world: World, ada: Person) -> Annotation:
    n = NEEDLES
    written = Written(
        instruction=f"A question {n['question']} of mine?",
        completion=f"An answer with {n['survivor']} and {n['answer']} in it that is somewhat longer.",
        ai_assisted=f"yes: {n['aid']}",
    )
    return annotations.submit_original(
        world.session, actor=stories.actor_of(world.session, ada), project=world.project, language=world.language,
        written=written, key=n["key"],
    )  # fmt: skip


def _reannotated(world: World, ben: Person, hers: Annotation) -> Annotation:
    """Ben's text keeps one of her words and most of his own."""
    prompt = world.session.scalars(select(Prompt).where(Prompt.revision_id == hers.revisions[-1].id)).one()
    claim = world.claims(ben)
    assert claim.prompt_id == prompt.id
    return world.submits(
        ben, claim, instruction=f"A question {NEEDLES['question']} of mine?",
        completion=f"Ben wrote nearly all of this himself but {NEEDLES['survivor']} he left there as it was before.",
        rating_prompt=3, rating_completion=3,
    )  # fmt: skip


def _unfinished(world: World, ada: Person) -> None:
    session, actor = world.session, stories.actor_of(world.session, ada)
    for name in ("skipped", "draft"):
        stories.a_prompt(session, world.project, world.language, priority=9)
        claim = world.claims(ada)
        assignments.save_draft(
            session, actor=actor, project=world.project, language=world.language, assignment=claim,
            texts={"completion": NEEDLES[name]}, version=0,
        )  # fmt: skip
        if name == "skipped":
            assignments.skip(session, actor=actor, assignment=claim, reason="unclear")


def _about(session: Session, ada: Person) -> None:
    n, now, actor = NEEDLES, clock.now(), stories.actor_of(session, ada)
    tokens.make(session, actor=actor, person=ada, name=n["token"], scopes=["read"])
    session.get_one(Speaker, (ada.id, session.scalars(select(Speaker.language_id)).first())).variety = n["variety"]
    about.choose(session, actor=actor, levels={"gender": "row"}, values={"gender": n["fact"]})
    session.add(
        Request(
            kind="described", person_id=ada.id, statement=n["statement"], place=n["place"], contact=ada.email,
            received_at=now, due_at=now + timedelta(days=30),
        )
    )  # fmt: skip
    session.add(PersonalExport(person_id=ada.id, asked_at=now))
    mail.write(session, person=ada, subject="For you", body=f"Hello {ada.handle}: {n['letter']}")
    session.flush()


def publish(life: Life, version: str) -> None:
    """Publish a release, as an operator would."""
    from annotator.permissions import OPERATOR  # noqa: PLC0415  # only here

    releases.publish(
        life.world.session, actor=OPERATOR, project=life.world.project, version=version, settings=life.settings
    )
    life.world.session.commit()


def sweep(database: Database, settings: Settings) -> None:
    """Let the worker do everything that is due."""
    make_work(settings, database.engine).sweep()


def found_in(files: list[Path]) -> dict[str, list[str]]:
    """Return which needles are in which of these files."""
    result: dict[str, list[str]] = {}
    for file in files:
        content = file.read_bytes()
        for name, needle in NEEDLES.items():
            if needle.encode() in content or needle.encode("utf-16-le") in content:
                result.setdefault(name, []).append(file.name)
    return result


def files_of(database: Database, settings: Settings, folder: Path) -> list[Path]:
    """Return every file that the platform has: the database's own, and all folders but the letters that were sent."""
    letters = Path(settings.mail_url.removeprefix("dir:"))
    ours = [one for one in folder.rglob("*") if one.is_file() and not one.is_relative_to(letters)]
    return ours if database.dialect == "sqlite" else [*ours, *_of_postgresql(database, folder)]


def _of_postgresql(database: Database, folder: Path) -> list[Path]:
    """Return a dump in plain SQL, and the files in which the server keeps the tables, where we may read them."""
    dump = folder / "dump.sql"
    url = make_url(database.url)
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    subprocess.run(["pg_dump", f"--dbname={address}", f"--file={dump}"], check=True)  # noqa: S603, S607  # a tool of the tests, and our own database
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        place = Path(connection.scalar(text("SHOW data_directory")) or "")
        oid = connection.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
    heap = place / "base" / str(oid)
    try:
        return [dump, *(one for one in heap.iterdir() if one.is_file() and one.stat().st_size)]
    except OSError:  # another account's, or another machine's
        return [dump]
