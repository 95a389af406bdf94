"""Documents: drafts that are never lost, adopting, native readers, and a translation that was wrong."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.consent import actions as consent
from annotator.consent import queries, rules
from annotator.consent.models import ConsentEvent, Document, DocumentDraft
from annotator.consent.wordings import actions
from annotator.consent.wordings import queries as wording_queries
from annotator.consent.wordings.rules import compare, sum_of
from annotator.database import open_session
from annotator.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from annotator.ledger.models import LedgerEntry
from annotator.mail.models import Letter
from annotator.permissions import OPERATOR, Actor
from annotator.releases import selection
from annotator.releases.pool import read
from annotator.releases.rules import Policy
from annotator.releases.selection import Earlier
from tests.conftest import Runner
from tests.databases import Database
from tests.makers import a_language, a_maintainer, a_person, a_term, speaks
from tests.pages import Visitor
from tests.script import Script
from tests.stories import World, a_contributor, a_world, actor_of

TERMS = "terms"
ARABIC: dict[str, Any] = {
    "kind": TERMS,
    "version": 1,
    "language": "ar",
    "title": "الشروط",
    "body": "نص",
    "authoritative": False,
}


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


def translated(session: Session, actor: Actor = OPERATOR) -> Document:
    """Return an Arabic translation of the terms in force."""
    return consent.adopt(session, actor=actor, **ARABIC)


def adopt(session: Session, *, body: str = "New.", widens: bool = True, language: str = "en") -> Document:
    """Write and adopt a text."""
    actions.save_draft(session, actor=OPERATOR, kind=TERMS, language=language, title="T", body=body)
    seen = sum_of("T", f"{body}\n")
    return actions.adopt_draft(session, actor=OPERATOR, kind=TERMS, language=language, seen=seen, widens=widens)


def decides(session: Session, person: Person, **more: object) -> ConsentEvent:
    """Choose Open for everything."""
    choices: dict[str, Any] = {"preset": "open", "attribution": "none", "adult": True, **more}
    return consent.decide(session, actor=actor_of(session, person), **choices)


def test_a_comparison_gives_both_texts_back_and_marks_words() -> None:
    old, new = "One line.\nYou may sell it.\nLast.\n", "One line.\nYou may not sell it.\nLast.\nMore.\n"
    spans = compare(old, new)
    assert "".join(s.text for s in spans if s.op != "insert") == old
    assert "".join(s.text for s in spans if s.op != "delete") == new
    assert [s.text.strip() for s in spans if s.op == "insert"] == ["not", "More."]
    assert all(s.op == "equal" for s in compare(old, old))


def test_a_long_stretch_that_was_written_anew_is_shown_whole_and_at_once() -> None:
    old = " ".join(f"word{n * 7 % 800}" for n in range(4000))
    new = " ".join(f"word{n * 11 % 800}" for n in range(4000))
    begun = time.process_time()
    assert [span.op for span in compare(f"Same.\n{old}\n", f"Same.\n{new}\n")] == ["equal", "delete", "insert"]
    assert time.process_time() - begun < 5


def test_a_draft_becomes_the_next_version_or_a_translation(session: Session, world: World) -> None:
    assert world
    made = adopt(session)
    assert (made.version, made.authoritative, made.language) == (2, True, "en")
    arabic = adopt(session, body="نص", language="ar")
    assert (arabic.version, arabic.authoritative, arabic.widens) == (2, False, None)
    assert session.scalars(select(DocumentDraft)).all() == []
    with pytest.raises(Conflict) as caught:
        adopt(session, body="نص آخر", language="ar")
    assert caught.value.code == "document_immutable"
    assert wording_queries.draft(session, TERMS, "ar") is not None, "what was written is kept"


def test_two_writers_do_not_overwrite_each_other(session: Session, world: World) -> None:
    assert world
    one, two = a_maintainer(session), a_maintainer(session)
    save = {"kind": TERMS, "language": "en", "title": "T"}
    actions.save_draft(session, actor=actor_of(session, one), body="Mine.", seen="", **save)
    with pytest.raises(Conflict) as caught:
        actions.save_draft(session, actor=actor_of(session, two), body="Yours.", seen="", **save)
    assert caught.value.code == "draft_newer"
    mark = sum_of("T", "Mine.\n")
    draft = actions.save_draft(session, actor=actor_of(session, two), body="Both.", seen=mark, **save)
    assert draft.writers == sorted([f"person:{one.id}", f"person:{two.id}"])
    with pytest.raises(Conflict):
        actions.adopt_draft(session, actor=OPERATOR, kind=TERMS, language="en", seen=mark)
    made = actions.adopt_draft(session, actor=OPERATOR, kind=TERMS, language="en", seen=sum_of("T", "Both.\n"))
    assert made.writers == draft.writers


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "recipe"}, "document_kind"),
        ({"language": "not a tag"}, "document_language"),
        ({"title": "x" * 201}, "document_too_long"),
        ({"title": "", "body": " \n"}, "document_empty"),
    ],
)
def test_a_draft_that_cannot_be_kept(session: Session, world: World, changes: dict[str, str], code: str) -> None:
    assert world
    facts = {"kind": TERMS, "language": "en", "title": "T", "body": "B", **changes}
    with pytest.raises(Invalid) as caught:
        actions.save_draft(session, actor=OPERATOR, **facts)
    assert caught.value.code == code


def test_only_stewards_write_adopt_and_mark(session: Session, world: World) -> None:
    person = actor_of(session, a_contributor(session, world.language))
    arabic = translated(session)
    for act in (
        lambda: actions.save_draft(session, actor=person, kind=TERMS, language="en", title="T", body="B"),
        lambda: actions.adopt_draft(session, actor=person, kind=TERMS, language="en", seen=""),
        lambda: actions.mark_wrong(session, actor=person, document=arabic, reason="R"),
    ):
        with pytest.raises(Forbidden):
            act()


def test_a_widening_asks_everybody_again_and_old_texts_stay(session: Session, world: World) -> None:
    person = a_contributor(session, world.language)
    old = world.writes(person)
    adopt(session, widens=True)
    assert not queries.standing(session, person.id)
    assert queries.agreed(session, person.id, language_id=world.language.id, at=clock.now()) is None
    assert session.get_one(Document, old.document_id).version == 1
    assert queries.decisions_for(session, person.id, language_id=0, at=clock.now()).rights == rules.EVERYTHING


def test_what_widens_nothing_asks_nobody_and_binds_nobody(session: Session, world: World) -> None:
    person = a_contributor(session, world.language)
    adopt(session, widens=False)
    assert queries.standing(session, person.id)
    new = world.writes(person)
    assert session.get_one(Document, new.document_id).version == 1, "the version that its author agreed to"
    newcomer = a_contributor(session, world.language)
    assert session.get_one(Document, world.writes(newcomer).document_id).version == 2


def test_a_widening_counts_although_a_version_without_one_came_after_it(session: Session, world: World) -> None:
    person = a_contributor(session, world.language)
    adopt(session, body="Wider.", widens=True)
    adopt(session, body="The same.", widens=False)
    assert not queries.standing(session, person.id)
    decides(session, person)
    assert queries.standing(session, person.id)


def test_the_first_version_always_asks(session: Session) -> None:
    made = consent.adopt(session, actor=OPERATOR, **{**ARABIC, "authoritative": True}, widens=False)
    assert made.widens is True


def test_a_native_reader_or_an_ambassador_confirms(session: Session, world: World) -> None:
    assert world
    arabic = a_language(session, "arb_Arab")
    native, ambassador, fluent, other = (a_person(session) for _ in range(4))
    speaks(session, native, arabic)
    speaks(session, fluent, arabic, level="fluent")
    speaks(session, other, a_language(session, "fra_Latn"))
    a_term(session, ambassador, arabic)
    document = translated(session)
    for person in (fluent, other):
        with pytest.raises(Forbidden) as caught:
            actions.confirm(session, actor=actor_of(session, person), document=document)
        assert caught.value.code == "document_reader_needed"
    for person in (native, ambassador):
        document.confirmed_at = document.confirmed_by = None
        actions.confirm(session, actor=actor_of(session, person), document=document)
        assert document.confirmed_by == f"person:{person.id}"
    assert session.scalars(select(LedgerEntry.type).order_by(LedgerEntry.seq.desc())).first() == "document.confirmed"


def test_nobody_confirms_what_they_wrote(session: Session, world: World) -> None:
    assert world
    writer = a_maintainer(session)
    speaks(session, writer, a_language(session, "arb_Arab"))
    document = translated(session, actor_of(session, writer))
    for actor, reader in ((actor_of(session, writer), None), (OPERATOR, writer)):
        with pytest.raises(Forbidden):
            actions.confirm(session, actor=actor, document=document, reader=reader)


def test_the_text_that_counts_is_neither_confirmed_nor_wrong(session: Session, world: World) -> None:
    assert world
    terms = queries.current_document(session, TERMS)
    with pytest.raises(Invalid):
        actions.confirm(session, actor=Actor(person_id=a_person(session).id), document=terms)
    with pytest.raises(Invalid):
        actions.mark_wrong(session, actor=OPERATOR, document=terms, reason="R")


def test_consent_is_to_the_text_that_counts_and_names_the_translation(session: Session, world: World) -> None:
    person = a_contributor(session, world.language, preset=None)
    document = translated(session)
    event = decides(session, person, wording="ar")
    assert event.document.authoritative
    assert event.shown_id == document.id
    with pytest.raises(NotFound):
        decides(session, person, wording="fr")
    actions.mark_wrong(session, actor=OPERATOR, document=document, reason="A “not” is missing.")
    with pytest.raises(Conflict) as caught:
        decides(session, person, wording="ar")
    assert caught.value.code == "translation_wrong"


def rows(session: Session, world: World) -> set[int]:
    """Return the annotations that a release would hold."""
    at = clock.now()
    chosen = selection.select(
        read(session, world.project, known=at),
        project_id=world.project.id,
        key=world.project.key,
        policy=Policy(release_unreviewed=True, lanes=frozenset(world.project.lanes)),
        earlier=Earlier(),
        at=at,
    )
    return set(chosen.rows)


@pytest.fixture
def misled(session: Session, world: World) -> Iterator[Person]:
    """Return somebody who decided beside an Arabic translation, and wrote a text a day later; two days are over."""
    start = clock.now()
    with time_machine.travel(start, tick=False) as clocks:
        translated(session)
        person = a_contributor(session, world.language, preset=None)
        clocks.move_to(start + timedelta(days=1))
        decides(session, person, wording="ar")
        clocks.move_to(start + timedelta(days=2))
        world.writes(person)
        clocks.move_to(start + timedelta(days=3))
        yield person


def say_it_was_wrong(session: Session) -> list[int]:
    """Mark the Arabic translation as wrong; return whom that concerns."""
    document = wording_queries.exact(session, TERMS, 1, "ar")
    people = actions.mark_wrong(session, actor=OPERATOR, document=document, reason="A “not” is missing.")
    session.expire_all()
    return people


def test_texts_given_beside_a_wrong_translation_wait_until_their_author_decides_anew(
    session: Session, world: World, misled: Person
) -> None:
    other = world.writes(a_contributor(session, world.language))
    before = rows(session, world)
    assert len(before) == 2
    assert say_it_was_wrong(session) == [misled.id]
    assert rows(session, world) == {other.id}
    assert not queries.standing(session, misled.id)
    assert queries.agreed(session, misled.id, language_id=world.language.id, at=clock.now()) is None
    assert [event.person_id for event in queries.misled(session, misled.id)] == [misled.id]
    decides(session, misled)
    assert rows(session, world) == before
    assert queries.misled(session, misled.id) == []
    assert queries.standing(session, misled.id)


def test_a_narrower_choice_by_the_right_text_narrows_what_was_given_by_the_wrong_one(
    session: Session, world: World, misled: Person
) -> None:
    say_it_was_wrong(session)
    decides(session, misled, preset="practice")
    assert rows(session, world) == set()


def test_a_choice_for_a_language_alone_does_not_make_it_good(session: Session, world: World, misled: Person) -> None:
    say_it_was_wrong(session)
    decides(session, misled, attribution=None, language=world.language)
    assert rows(session, world) == set()
    assert not queries.standing(session, misled.id)


def test_the_person_hears_of_it_on_the_page_by_the_api_and_by_letter(
    session: Session, world: World, client: Visitor
) -> None:
    document = translated(session)
    person, maintainer = a_contributor(session, world.language, preset=None), a_maintainer(session)
    client.sign_in(person)
    page = client.visit("/consent/first?wording=ar")
    assert page.root.one("h2", id="wordings")
    pair = page.root.all("div", class_="pair")[0]
    assert [(each.get("lang"), each.get("dir")) for each in pair.all("div", class_="words")] == [
        ("ar", "rtl"),
        ("en", "ltr"),
    ]
    assert "no native reader has confirmed" in pair.text
    client.send(page.form(button="Save my choice"), preset="open", attribution="none", adult="y")
    assert session.scalars(select(ConsentEvent)).one().shown_id == document.id
    client.sign_in(maintainer)
    page = client.visit("/documents/terms/1?language=ar")
    client.send(page.form(button="Mark it as wrong"), reason="A “not” is missing.")
    letter = session.scalars(select(Letter).where(Letter.person_id == person.id)).one()
    assert "/consent/first" in letter.body
    client.sign_in(person)
    page = client.visit("/consent")
    assert "The translation that you read when you decided was wrong" in page.text
    assert "beside a wrong translation" in page.text
    said = Script.of(client, session, person).get("/consents", status=200).json
    assert (said["consented"], said["decisions"][0]["translation_wrong"], said["decisions"][0]["wording"]) == (
        False,
        True,
        "ar",
    )
    assert said["stands"][0]["rights"]["publish"] == "no"
    page = client.visit("/consent/first?wording=ar")
    assert page.root.all("div", class_="pair") == [], "it is shown no more where consent is given"
    client.send(page.form(button="Save my choice"), preset="open", attribution="none")
    assert queries.standing(session, person.id)


def test_consent_is_to_what_the_page_had_shown(session: Session, world: World, client: Visitor) -> None:
    document = translated(session)
    client.sign_in(a_contributor(session, world.language, preset=None))
    answers = {"preset": "open", "attribution": "none", "adult": "y"}
    form = client.visit("/consent/first?wording=ar").form(button="Save my choice")
    actions.mark_wrong(session, actor=OPERATOR, document=document, reason="R")
    page = client.send(form, answers, status=422)
    assert "This translation" in page.text
    adopt(session)
    page = client.send(page.form(button="Save my choice"), answers, status=422)
    assert "There is another version of the terms by now" in page.text
    assert session.scalars(select(ConsentEvent)).all() == []
    client.send(page.form(button="Save my choice"), answers)
    event = session.scalars(select(ConsentEvent)).one()
    assert (event.document.version, event.shown_id) == (2, None)


def test_a_document_is_written_looked_at_and_adopted_on_a_page(session: Session, world: World, client: Visitor) -> None:
    assert world
    client.sign_in(a_maintainer(session))
    page = client.visit("/documents/terms/write")
    text = page.root.one("textarea").raw_text
    assert "stay licensed" in text, "it begins with what is in force"
    page = client.send(page.form(button="Keep the draft"), title="Our terms", body="One.\n\n## Two\n")
    assert "The draft is kept" in page.text
    page = client.send(page.form(button="Look at it"), body="One.\n\n## Three\n")
    assert page.root.one("section", aria_labelledby="preview").one("h2", id="preview")
    assert "Three" in page.root.one("section", aria_labelledby="changes").text
    assert queries.current_document(session, TERMS).version == 1
    page = client.send(page.form(button="Put it in force"), widens=None)
    assert page.path == "/documents/terms/2"
    made = queries.current_document(session, TERMS)
    assert (made.title, made.body, made.widens) == ("Our terms", "One.\n\n## Three\n", False)
    assert client.visit("/documents/terms/2/changes").root.all("ins")[-1].text.endswith("Three")


def test_a_draft_that_is_adopted_twice_makes_one_version(session: Session, world: World, client: Visitor) -> None:
    assert world
    client.sign_in(a_maintainer(session))
    page = client.visit("/documents/terms/write")
    page = client.send(page.form(button="Look at it"), title="T", body="One.")
    form = page.form(button="Put it in force")
    client.send(form)
    page = client.send(form, status=409)
    assert "in force already" in page.text
    assert queries.current_document(session, TERMS).version == 2
    client.send(page.form(button="Keep the draft"))
    assert wording_queries.draft(session, TERMS, "en") is not None, "sent once more, it begins the next version"


def at_once(database: Database, *calls: Callable[[Session], object]) -> list[str]:
    """Begin the second call before the first has committed; return the code with which each was refused, or ""."""
    codes: dict[int, str] = {}

    def run(number: int, pause: Callable[[], object]) -> None:
        with open_session(database.engine, writes=True) as session:
            try:
                calls[number](session)
                codes[number] = ""
                pause()
                session.commit()
            except DomainError as error:
                codes[number] = error.code

    second = Thread(target=run, args=(1, lambda: None))

    def begin_the_second() -> None:
        second.start()
        second.join(0.5)

    run(0, begin_the_second)
    second.join(20)
    return [codes[0], codes.get(1, "it broke")]


def test_two_maintainers_at_the_same_moment_are_told(session: Session, database: Database, world: World) -> None:
    assert world
    session.commit()
    new: dict[str, Any] = {"kind": TERMS, "language": "en", "title": "T"}

    def saves(body: str) -> Callable[[Session], object]:
        return lambda other: actions.save_draft(other, actor=OPERATOR, **new, body=body, seen="")

    def adopts(body: str) -> Callable[[Session], object]:
        return lambda other: consent.adopt(other, actor=OPERATOR, **new, version=2, body=body, authoritative=True)

    def adopts_the_draft(other: Session) -> None:
        actions.adopt_draft(other, actor=OPERATOR, kind=TERMS, language="en", seen=sum_of("T", "One.\n"))

    assert at_once(database, saves("One."), saves("Two.")) == ["", "draft_newer"]
    assert at_once(database, adopts("One."), adopts("Two.")) == ["", "document_immutable"]
    assert at_once(database, adopts_the_draft, adopts_the_draft) == ["", "draft_unknown"]


def test_of_two_first_decisions_at_once_one_is_the_first(session: Session, database: Database, world: World) -> None:
    assert world
    person = a_person(session, adult_confirmed_at=clock.now())
    session.commit()

    def gives(other: Session) -> None:
        decides(other, other.get_one(Person, person.id))

    assert at_once(database, gives, gives) == ["", ""]
    types = session.scalars(select(LedgerEntry.type).order_by(LedgerEntry.seq)).all()
    assert types[-2:] == ["consent.given", "consent.changed"]


def test_what_was_not_looked_at_is_not_adopted(session: Session, world: World, client: Visitor) -> None:
    assert world
    client.sign_in(a_maintainer(session))
    page = client.visit("/documents/terms/write")
    page = client.send(page.form(button="Look at it"), title="T", body="One.")
    page = client.send(page.form(button="Put it in force"), body="Another.")
    assert "How it will look" in page.text
    assert queries.current_document(session, TERMS).version == 1


def test_what_somebody_else_saved_stands_below_what_was_typed(session: Session, world: World, client: Visitor) -> None:
    assert world
    client.sign_in(a_maintainer(session))
    page = client.visit("/documents/terms/write?language=ar")
    assert page.root.one("textarea").get("dir") == "rtl"
    assert page.root.one("h2", id="original")
    actions.save_draft(session, actor=OPERATOR, kind=TERMS, language="ar", title="شروط", body="نصهم")
    page = client.send(page.form(button="Keep the draft"), status=409, title="شروط", body="نصي")
    assert page.root.one("textarea").text == "نصي"
    assert "نصهم" in page.root.one("section", aria_labelledby="theirs").text
    client.send(page.form(button="Keep the draft"))
    draft = wording_queries.draft(session, TERMS, "ar")
    assert draft is not None
    assert draft.body == "نصي\n"


def test_a_native_reader_confirms_on_the_page(session: Session, world: World, client: Visitor) -> None:
    assert world
    translated(session)
    reader, stranger = a_person(session), a_person(session)
    speaks(session, reader, a_language(session, "arb_Arab"))
    client.sign_in(stranger)
    assert client.visit("/documents/terms/1?language=ar").root.all("section", aria_labelledby="confirm") == []
    client.sign_in(reader)
    page = client.visit("/documents/terms/1?language=ar")
    page = client.send(page.form(button="I confirm that both say the same"))
    assert "confirmed by a native reader" in page.text
    assert "confirmed by a native reader" in client.visit("/documents/").text


def test_the_list_is_public_and_drafts_are_not(session: Session, world: World, client: Visitor) -> None:
    assert world
    actions.save_draft(session, actor=OPERATOR, kind=TERMS, language="ar", title="شروط", body="نص")
    page = client.visit("/documents/")
    assert "Drafts" not in page.text
    assert "Write" not in page.text
    client.sign_in(a_maintainer(session))
    assert "Drafts" in client.visit("/documents/").text


def test_everything_is_a_command_too(session: Session, world: World, runner: Runner) -> None:
    assert world
    reader = a_person(session)
    speaks(session, reader, a_language(session, "arb_Arab"))
    (runner.folder / "terms.md").write_text("One.\n\nTwo.\n", encoding="utf-8")
    (runner.folder / "ar.md").write_text("نص\n", encoding="utf-8")
    assert "version 2" in runner("documents", "draft", "terms", "en", "terms.md", "--title", "T").output
    assert "draft" in runner("documents", "list").output
    assert "terms 2 en" in runner("documents", "adopt", "terms", "en", "--same-terms").output
    assert runner("documents", "show", "terms").stdout == "One.\n\nTwo.\n"
    assert "{+" in runner("documents", "show", "terms", "--changes").stdout
    runner("documents", "draft", "terms", "ar", "ar.md", "--title", "شروط")
    runner("documents", "adopt", "terms", "ar")
    assert "Confirmed" in runner("documents", "confirm", "terms", "2", "ar", reader.email).output
    assert "0 people" in runner("documents", "wrong", "terms", "2", "ar", "--reason", "R").output
    assert "wrong" in runner("documents", "list").output
    refused = runner("documents", "adopt", "terms", "en", code=1)
    assert "Write one first" in refused.stderr
    (runner.folder / "utf16.md").write_text("One.", encoding="utf-16")
    refused = runner("documents", "draft", "terms", "en", "utf16.md", "--title", "T", code=1)
    assert "save it as UTF-8" in refused.stderr
