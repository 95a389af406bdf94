"""The pages of consent: nothing preselected, nothing lost, effects shown before they are saved."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.annotations import actions as annotations
from annotator.annotations.rules import Written
from annotator.consent import actions, queries
from annotator.consent.models import ConsentEvent, Document
from annotator.consent.rules import EVERYTHING, NOTHING, PRESETS
from annotator.permissions import OPERATOR, Actor
from annotator.rights import actions as rights
from tests.html import Page
from tests.makers import a_language, a_person, speaks
from tests.pages import Visitor
from tests.stories import a_contributor, a_world, actor_of

FIRST, SHOW = "/consent/first", "/consent"


@pytest.fixture
def person(session: Session, client: Visitor) -> Person:
    """Return somebody who has just joined, signed in."""
    actions.load_seed_documents(session, OPERATOR)
    person = a_person(session, adult_confirmed_at=None)
    client.sign_in(person)
    return person


@pytest.fixture
def settled(session: Session, person: Person) -> Person:
    """Return the same person after they answered "Open, by handle"."""
    actions.decide(session, actor=Actor(person_id=person.id), preset="open", attribution="handle", adult=True)
    session.commit()
    return person


def events(session: Session) -> list[ConsentEvent]:
    """Return what was recorded."""
    return list(session.scalars(select(ConsentEvent).order_by(ConsentEvent.id)))


def chosen(page: Page) -> list[str]:
    """Return the names of the choices that are made on a page."""
    return [each.get("name") or "" for each in page.root.all("input") if "checked" in each.attributes]


def test_visitors_are_asked_to_sign_in(client: Visitor) -> None:
    for path in (FIRST, SHOW):
        assert client.get(path).status_code in {302, 303, 401}
        assert client.post(path).status_code in {302, 303, 401}


def test_nothing_is_preselected(client: Visitor, person: Person) -> None:
    assert person
    page = client.visit(FIRST)
    assert chosen(page) == []
    names = {each.get("name") for each in page.root.all("input")}
    assert {
        "preset",
        "attribution",
        "adult",
        "publish",
        "derive",
        "train",
        "evaluate",
        "research",
        "commercial",
    } <= names


def test_each_ready_choice_says_what_it_allows_and_what_not(client: Visitor, person: Person) -> None:
    assert person
    page = client.visit(FIRST)
    for value in PRESETS:
        radio = page.root.one("input", name="preset", value=value)
        words = page.root.one("label", for_=radio.get("id") or "").text
        assert "Allowed:" in words
        assert "Not allowed:" in words
    opened = page.root.one("label", for_=page.root.one("input", name="preset", value="open").get("id") or "").text
    assert "CC-BY-4.0" in opened
    assert "CC-BY-SA-4.0" in opened


def test_the_documents_can_be_read_on_the_same_page_with_their_fingerprints(
    client: Visitor, person: Person, session: Session
) -> None:
    assert person
    page = client.visit(FIRST)
    for document in session.scalars(select(Document)):
        assert document.sha256 in page.text
        assert f"version {document.version}" in page.text
    assert "Copies that people have already taken stay licensed" in page.text
    assert "The Test Collective" in page.text
    assert "rights@example.org" in page.text


def test_the_three_answers_are_recorded_and_lead_on(client: Visitor, person: Person, session: Session) -> None:
    form = client.visit(f"{FIRST}?next=/documents/terms/1").form(button="Save my choice")
    page = client.send(form, preset="gated", attribution="named", credit_name="Ifẹ́ Adé", adult="y")
    assert page.path == "/documents/terms/1"
    (event,) = events(session)
    assert (event.preset, event.publish, event.attribution) == ("gated", "gated", "named")
    session.refresh(person)
    assert person.credit_name == "Ifẹ́ Adé"
    assert person.adult_confirmed_at is not None


def test_onward_never_leads_to_another_server(client: Visitor, person: Person) -> None:
    assert person
    form = client.visit(f"{FIRST}?next=https://example.org/").form(button="Save my choice")
    assert client.send(form, preset="open", attribution="none", adult="y").path == SHOW


@pytest.mark.parametrize(
    ("left_out", "sentence"),
    [
        ("preset", "Choose what others may do"),
        ("attribution", "Choose how you want to be credited"),
        ("adult", "Only adults may take part"),
    ],
)
def test_an_open_question_is_named_and_the_other_answers_stay(
    client: Visitor, person: Person, session: Session, left_out: str, sentence: str
) -> None:
    assert person
    answers: dict[str, Any] = {"preset": "open", "attribution": "named", "adult": "y", "credit_name": "Ifẹ́ Adé"}
    answers[left_out] = None
    page = client.send(client.visit(FIRST).form(button="Save my choice"), status=422, **answers)
    assert sentence in page.text
    assert sorted(chosen(page)) == sorted({"preset", "attribution", "adult"} - {left_out})
    assert page.root.one("input", name="credit_name").get("value") == "Ifẹ́ Adé"
    assert events(session) == []


def test_all_open_questions_are_named_at_once(client: Visitor, person: Person) -> None:
    assert person
    page = client.send(client.visit(FIRST).form(button="Save my choice"), status=422)
    summary = page.root.one("div", class_="wrong").text
    for sentence in ("Choose what others may do", "Choose how you want to be credited", "Only adults may take part"):
        assert sentence in summary


def test_credit_by_name_needs_a_name(client: Visitor, person: Person, session: Session) -> None:
    assert person
    form = client.visit(FIRST).form(button="Save my choice")
    page = client.send(form, status=422, preset="open", attribution="named", adult="y")
    assert "write your name" in page.text
    assert events(session) == []


def test_each_grant_can_be_chosen_behind_choose_in_detail(client: Visitor, person: Person, session: Session) -> None:
    assert person
    grants: dict[str, Any] = {
        "publish": "gated",
        "derive": "no",
        "train": "yes",
        "evaluate": "yes",
        "research": "no",
        "commercial": "no",
    }
    form = client.visit(FIRST).form(button="Save my choice")
    client.send(form, preset="custom", attribution="none", adult="y", expires_on="2099-12-31", **grants)
    (event,) = events(session)
    assert (event.publish, event.derive, event.train, event.research) == ("gated", False, True, False)
    assert event.expires_at is not None
    assert event.expires_at.isoformat() == "2100-01-01T00:00:00+00:00", "the last day belongs to it"


def test_a_ready_choice_with_single_grants_is_not_guessed(client: Visitor, person: Person, session: Session) -> None:
    assert person
    form = client.visit(FIRST).form(button="Save my choice")
    page = client.send(form, status=422, preset="open", train="no", attribution="none", adult="y")
    assert "You picked a ready choice and also single grants" in page.text
    assert {"preset", "train", "attribution", "adult"} == set(chosen(page))
    assert events(session) == []


@pytest.mark.parametrize("day", ["2020-01-01", "no day"])
def test_a_wrong_last_day_is_named_and_nothing_is_lost(
    client: Visitor, person: Person, session: Session, day: str
) -> None:
    assert person
    form = client.visit(FIRST).form(button="Save my choice")
    page = client.send(form, status=422, preset="open", attribution="none", adult="y", expires_on=day)
    assert page.root.one("input", name="expires_on").get("value") == day
    assert {"preset", "attribution", "adult"} == set(chosen(page))
    assert events(session) == []


def test_who_has_answered_is_led_on(client: Visitor, settled: Person) -> None:
    assert settled
    assert client.visit(FIRST).path == SHOW


def test_who_has_not_answered_is_asked_first(client: Visitor, person: Person) -> None:
    assert person
    assert client.visit(SHOW).path == FIRST


def test_a_new_version_of_the_terms_is_announced(client: Visitor, settled: Person, session: Session) -> None:
    facts = {
        "kind": "terms",
        "version": 2,
        "language": "en",
        "title": "New terms",
        "body": "New.",
        "authoritative": True,
    }
    actions.adopt(session, actor=OPERATOR, **facts)  # type: ignore[arg-type]  # facts of a document
    assert "There is a new version of the terms" in client.visit(SHOW).text
    page = client.visit(FIRST)
    assert "There is a new version of the terms" in page.text
    assert page.root.all("input", name="adult") == [], "who has said so need not say it again"
    client.send(page.form(button="Save my choice"), preset="open", attribution="none")
    assert queries.standing(session, settled.id)


def test_the_page_shows_what_stands_and_its_history(client: Visitor, settled: Person, session: Session) -> None:
    yoruba = a_language(session, english_name="Yoruba", autonym="Yorùbá")
    actions.decide(session, actor=Actor(person_id=settled.id), preset="practice", attribution=None, language=yoruba)
    page = client.visit(SHOW)
    assert "Yorùbá" in page.text
    assert "Nothing leaves this platform" in page.text
    assert "Others may change it and build on it, train models with it" in page.text
    for event in events(session):
        assert str(event.ledger_seq) in page.text
    assert page.text.count("terms 1") == 2
    assert len(page.root.all("tbody")[0].all("tr")) == 2


def test_a_change_without_effects_elsewhere_is_saved_at_once(
    client: Visitor, settled: Person, session: Session
) -> None:
    page = client.send(client.visit(SHOW).form(button="Save my choice"), preset="noncommercial")
    assert "Your choice is saved" in page.text
    assert [event.preset for event in events(session)] == ["open", "noncommercial"]
    assert events(session)[1].attribution == "handle", "the credit stands as it was"
    now = queries.decisions_for(session, settled.id, language_id=1, at=clock.now())
    assert now.rights == PRESETS["noncommercial"]


def test_a_change_can_be_for_one_language(client: Visitor, settled: Person, session: Session) -> None:
    yoruba = a_language(session)
    speaks(session, settled, yoruba)
    client.send(client.visit(SHOW).form(button="Save my choice"), preset="practice", scope="language:yor_Latn")
    now = clock.now()
    assert queries.decisions_for(session, settled.id, language_id=yoruba.id, at=now).rights == NOTHING
    assert queries.decisions_for(session, settled.id, language_id=0, at=now).rights == EVERYTHING


def test_a_scope_that_is_not_ones_own_is_refused(client: Visitor, settled: Person, session: Session) -> None:
    assert settled
    form = client.visit(SHOW).form(button="Save my choice")
    for scope in ("language:xyz_Latn", "text:none", "nonsense"):
        client.send(form, status=422, preset="practice", scope=scope)
    assert len(events(session)) == 1


def test_a_narrowing_shows_what_it_touches_before_it_is_saved(
    client: Visitor, settled: Person, session: Session
) -> None:
    yoruba = a_language(session, english_name="Yoruba", autonym="Yorùbá")
    actor = Actor(person_id=settled.id)
    actions.decide(session, actor=actor, preset="noncommercial", attribution=None, language=yoruba)
    page = client.send(client.visit(SHOW).form(button="Save my choice"), preset="practice", attribution="none")
    assert "Nothing is saved yet" in page.text
    assert "Yorùbá" in page.root.one(id="effects").text
    assert len(events(session)) == 2
    assert {"preset", "attribution"} <= set(chosen(page)), "what was chosen is kept"
    page = client.send(page.form(button="Save anyway"))
    assert "Your choice is saved" in page.text
    assert [event.preset for event in events(session)] == ["open", "noncommercial", "practice"]


def test_another_choice_than_the_one_that_was_shown_is_shown_anew(
    client: Visitor, settled: Person, session: Session
) -> None:
    yoruba = a_language(session)
    actor = Actor(person_id=settled.id)
    actions.decide(session, actor=actor, preset="noncommercial", attribution=None, language=yoruba)
    page = client.send(client.visit(SHOW).form(button="Save my choice"), preset="gated")
    page = client.send(page.form(button="Save anyway"), preset="practice")
    assert "Nothing is saved yet" in page.text
    assert len(events(session)) == 2


@pytest.mark.parametrize("ticked", [True, False])
def test_also_before_lists_what_it_skips_to_be_ticked(
    client: Visitor,
    settled: Person,
    session: Session,
    ticked: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    yoruba = a_language(session)
    actor = Actor(person_id=settled.id)
    actions.decide(session, actor=actor, preset="practice", attribution=None, language=yoruba)
    page = client.send(client.visit(SHOW).form(button="Save my choice"), preset="noncommercial", also_before="y")
    assert "stay as they are" in page.root.one(id="effects").text
    client.send(page.form(button="Save anyway"), widen="language:yor_Latn" if ticked else None)
    found = queries.decisions_for(session, settled.id, language_id=yoruba.id, at=clock.now())
    assert found.rights == (PRESETS["noncommercial"] if ticked else NOTHING)


def test_a_document_has_a_public_page(client: Visitor, person: Person, session: Session) -> None:
    assert person
    page = client.visit("/documents/terms")
    assert page.path == "/documents/terms/1"
    assert queries.current_document(session, "terms").sha256 in page.text
    assert page.root.all("h2")
    assert page.root.all("table")


def test_beside_a_translation_stands_the_original(client: Visitor, person: Person, session: Session) -> None:
    assert person
    facts = {"kind": "terms", "version": 1, "language": "ar", "title": "الشروط", "body": "نص", "authoritative": False}
    actions.adopt(session, actor=OPERATOR, **facts)  # type: ignore[arg-type]  # facts of a document
    page = client.visit("/documents/terms/1?language=ar")
    assert page.root.one("h1", lang="ar", dir_="rtl").text == "الشروط"
    assert "This is a translation" in page.text
    assert "stay licensed" in page.text


@pytest.mark.parametrize("path", ["/documents/terms/9", "/documents/nonsense", "/documents/nonsense/1"])
def test_an_unknown_document_is_not_found(client: Visitor, person: Person, path: str) -> None:
    assert person
    client.visit(path, status=404)


def test_html_in_a_document_is_shown_and_not_run(client: Visitor, person: Person, session: Session) -> None:
    assert person
    body = "A <script>alert(1)</script> [link](javascript:alert(1)) <b onclick=x>b</b>"
    facts = {"kind": "terms", "version": 2, "language": "en", "title": "T", "body": body, "authoritative": True}
    actions.adopt(session, actor=OPERATOR, **facts)  # type: ignore[arg-type]  # facts of a document
    page = client.visit("/documents/terms/2")
    words = page.root.one("div", class_="words")
    assert words.all("script", "b") == []
    assert [a.get("href") for a in words.all("a") if "javascript" in (a.get("href") or "")] == []


def test_a_text_is_called_by_its_first_words_in_its_language(client: Visitor, session: Session) -> None:
    world = a_world(session, "arb_Arab")
    author = a_contributor(session, world.language)
    words = "كان يا ما كان في قديم الزمان رجل يسكن قرب النهر الكبير ويحكي الحكايات كل مساء"
    text = annotations.submit_original(
        session, actor=actor_of(session, author), project=world.project, language=world.language,
        written=Written("سؤال", None, words, ai_assisted="no"),
    )  # fmt: skip
    client.sign_in(author)
    page = client.visit(f"{SHOW}?text={text.public_id}")
    option = page.root.one("option", value=f"text:{text.public_id}")
    assert option.text.startswith("“كان يا ما كان")
    assert option.text.endswith("…”")
    assert (option.get("lang"), option.get("dir")) == ("ar-Arab", "rtl")
    page = client.send(page.form(button="Save my choice"), preset="gated", scope=f"text:{text.public_id}")
    shown = [each for each in page.all("bdi") if each.text.startswith("كان يا ما كان")]
    assert len(shown) == 2, "what stands, and the history"
    assert {(each.get("lang"), each.get("dir")) for each in shown} == {("ar-Arab", "rtl")}
    assert text.public_id[:8] not in page.text
    rights.withdraw(session, actor=actor_of(session, author), person=author, annotation=text)
    page = client.visit(SHOW)
    assert "كان يا ما كان" not in page.text, "what was taken back is called by its id"
    assert text.public_id[:8] in page.text
