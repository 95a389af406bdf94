"""Am I in this dataset? Four doors, the same work whatever is found (rights-services §4.1)."""

from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.accounts.rules import clean_handle
from annotator.annotations.models import Annotation
from annotator.consent.models import Document, PersonalChoice
from annotator.errors import NotFound
from annotator.languages import actions as languages
from annotator.ledger.models import LedgerEntry
from annotator.mail.models import Letter
from annotator.permissions import OPERATOR
from annotator.rights import actions as rights
from annotator.rights.leaving import codes
from annotator.rights.lookup import actions, jobs, keys, queries, rules
from annotator.rights.models import ClaimCode, LookupKey, Withdrawal
from annotator.settings import Settings
from tests.databases import Database
from tests.pages import Visitor
from tests.rights.published import a_release
from tests.stories import World, a_contributor, a_world, actor_of

WORDS = "The farmer woke before the sun, fed the goats, and walked to the market to sell her yams."
OTHER = "Nothing in this sentence has anything to do with what the other sentence says at all."


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session, reannotate_contributions=True)


class Keys:
    """Runs the job that keeps the keys."""

    def __init__(self, database: Database, settings: Settings, session: Session) -> None:
        """Remember where."""
        self.database, self.settings, self.session = database, settings, session

    def __call__(self) -> int:
        """Run it, and return how many releases had something to do."""
        self.session.commit()
        done = jobs.keep_keys(self.database.engine, self.settings)
        self.session.expire_all()
        return done

    @property
    def n(self) -> int:
        """How many keys there are."""
        return self.session.scalar(select(func.count()).select_from(LookupKey)) or 0


@pytest.fixture
def keep(database: Database, settings: Settings, session: Session) -> Keys:
    return Keys(database, settings, session)


def text(world: World, person: Person | None = None, completion: str = WORDS) -> Annotation:
    return world.writes(person or a_contributor(world.session, world.language), completion=completion)


# ----------------------------------------------------------------------------------------------------------- door d: words


@pytest.mark.parametrize(
    "pasted",
    [
        WORDS,
        f"  {WORDS}\n",
        WORDS.replace(", ", ",\n   "),
        "A question?",
    ],
)
def test_the_same_words_are_found_whatever_the_white_space(
    session: Session, world: World, keep: Keys, pasted: str
) -> None:
    release = a_release(world, text(world))
    keep()
    found = queries.pasted(session, pasted)
    assert [(one.version, one.lane) for one in found.exact] == [(release.version, "open")]


def test_composed_and_decomposed_letters_are_the_same_words(session: Session, world: World, keep: Keys) -> None:
    a_release(world, text(world, completion="Ọ̀rọ̀ yìí dára."))
    keep()
    assert queries.pasted(session, "O\u0323\u0300ro\u0323\u0300 yi\u0300i\u0301 da\u0301ra.").exact


def test_near_words_are_found_by_their_beginning_or_end_and_no_others(
    session: Session, world: World, keep: Keys
) -> None:
    a_release(world, text(world), text(world, completion=OTHER))
    keep()
    ends_otherwise = WORDS.replace("sell her yams", "buy some salt")
    begins_otherwise = WORDS.replace("The farmer", "An old farmer")
    for pasted in (ends_otherwise, begins_otherwise, WORDS.upper().replace(",", "")):
        found = queries.pasted(session, pasted)
        assert not found.exact
        assert [place.lane for place, alike in found.near if alike >= rules.ALIKE] == ["open"]
    both_ends = WORDS.replace("The farmer", "An old man").replace("yams", "salt")
    assert queries.pasted(session, both_ends) == queries.Pasted([], [])
    same_beginning = WORDS[:30] + "x" * 200
    assert queries.pasted(session, same_beginning) == queries.Pasted([], [])


@pytest.mark.parametrize("why", ["gated", "withdrawn", "set aside", "protected", "retired", "unpublished", "no key"])
def test_what_may_not_be_confirmed_is_not(session: Session, world: World, keep: Keys, why: str) -> None:
    author = a_contributor(session, world.language)
    one = text(world, author)
    release = a_release(world, one, lane="gated" if why == "gated" else "open")
    if why != "no key":
        keep()
    if why == "withdrawn":
        rights.withdraw(session, actor=actor_of(session, author), person=author, annotation=one)
    elif why == "set aside":
        one.set_aside_kind = "prompt"
    elif why == "protected":
        languages.protect(session, actor=OPERATOR, language=world.language, reason="x")
    elif why == "retired":
        release.retired_at = clock.now()
    elif why == "unpublished":
        release.state = "abandoned"
    session.flush()
    assert queries.pasted(session, WORDS) == queries.Pasted([], [])
    assert queries.pasted(session, WORDS.replace("yams", "salt")) == queries.Pasted([], [])


def test_the_same_text_by_two_people_one_withdrawal_removes_one_row(session: Session, world: World, keep: Keys) -> None:
    """A named case of rights-model §2.8."""
    first, second = (a_contributor(session, world.language) for _ in range(2))
    own, others = text(world, first), text(world, second)
    a_release(world, own, others)
    keep()
    rights.withdraw(session, actor=actor_of(session, first), person=first, annotation=own)
    assert (own.state, others.state) == ("withdrawn", "in_review")
    assert len(queries.pasted(session, WORDS).exact) == 1
    rights.withdraw(session, actor=actor_of(session, second), person=second, annotation=others)
    assert not queries.pasted(session, WORDS).exact


def test_keys_come_with_a_release_and_go_with_the_last_that_holds_the_text(
    session: Session, world: World, keep: Keys
) -> None:
    gone, stays = text(world), text(world, completion=OTHER)
    first = a_release(world, gone, stays)
    assert keep() == 1
    assert keep() == 0
    both = keep.n
    a_release(world, stays)
    keep()
    assert keep.n == both
    first.retired_at = clock.now()
    keep()
    assert 0 < keep.n < both
    assert set(session.scalars(select(LookupKey.revision_id))) == {stays.revisions[0].id}
    keys.forget(session, [stays.revisions[0].id])
    assert keep.n == 0


def test_no_word_stands_in_the_keys(session: Session, world: World, keep: Keys) -> None:
    a_release(world, text(world))
    keep()
    rows = session.execute(select(LookupKey.key, LookupKey.revision_id)).all()
    assert rows
    assert all(isinstance(value, int) for row in rows for value in row)


# ---------------------------------------------------------------------------------------------- door c: handles; door b: codes


def findable(session: Session, person: Person, *levels: str) -> None:
    """Say so, one level after the other."""
    document, seq = session.scalars(select(Document.id)).first(), session.scalars(select(LedgerEntry.seq)).first()
    for level in levels:
        session.add(
            PersonalChoice(
                person_id=person.id, at=clock.now(), document_id=document, topic="findable", level=level, ledger_seq=seq
            )
        )
        session.flush()


@pytest.mark.parametrize(
    ("handle", "typed"),
    [("Straße", "STRASSE"), ("Straße", "Straße"), ("Ṣọlá", "s\u0323o\u0323la\u0301"), ("Ádám", "ádám")],
)
def test_a_handle_is_found_however_it_is_typed(session: Session, world: World, handle: str, typed: str) -> None:
    person = a_contributor(session, world.language, attribution="handle")
    person.handle = clean_handle(handle)
    findable(session, person, "yes")
    a_release(world, text(world, person), mode="handle")
    assert queries.by_handle(session, typed)
    assert queries.by_handle(session, "\u200b") == []


def test_only_who_chose_to_be_found_is_found_and_only_where_credited(session: Session, world: World) -> None:
    person = a_contributor(session, world.language, attribution="handle")
    credited = a_release(world, text(world, person), mode="handle")
    a_release(world, text(world, person), mode="none")
    a_release(world, text(world, person), mode="handle", lane="gated")
    assert queries.by_handle(session, person.handle) == []
    findable(session, person, "yes")
    found = queries.by_handle(session, f" {person.handle.upper()} ")
    assert [(one.version, one.rows) for one in found] == [(credited.version, 1)]
    findable(session, person, "none")
    assert queries.by_handle(session, person.handle) == []
    findable(session, person, "yes")
    languages.protect(session, actor=OPERATOR, language=world.language, reason="x")
    assert queries.by_handle(session, person.handle) == []


def test_a_claim_code_leads_to_the_texts_that_were_left(session: Session, world: World) -> None:
    person = a_contributor(session, world.language)
    release = a_release(world, text(world, person), text(world, person, OTHER))
    code = codes.new()
    session.add(ClaimCode(person_id=person.id, sha256=str(codes.sha256_of(code)), made_at=clock.now()))
    session.flush()
    assert [(one.version, one.rows) for one in queries.by_code(session, code.lower())] == [(release.version, 2)]
    assert queries.by_code(session, codes.new()) == []


def test_each_door_asks_the_same_whatever_it_finds(
    session: Session, world: World, keep: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many statements and as many comparisons for a hit as for a miss: time tells nothing."""
    person = a_contributor(session, world.language, attribution="handle")
    findable(session, person, "yes")
    a_release(world, *(text(world, person) for _ in range(3)), mode="handle")
    code = codes.new()
    session.add(ClaimCode(person_id=person.id, sha256=str(codes.sha256_of(code)), made_at=clock.now()))
    keep()
    compared, plain = [0], rules.alike

    def counted(one: str, other: str) -> float:
        compared[0] += 1
        return plain(one, other)

    monkeypatch.setattr(rules, "alike", counted)

    def work(door: Any, asked: str) -> tuple[int, int]:  # noqa: ANN401  # one of the doors
        statements = [0]

        def count(*_anything: object) -> None:
            statements[0] += 1

        session.execute(select(1))  # the transaction has begun
        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", count)
        compared[0] = 0
        door(session, asked)
        event.remove(engine, "before_cursor_execute", count)
        return statements[0], compared[0]

    assert work(queries.pasted, WORDS) == work(queries.pasted, "x" * 300) == work(queries.pasted, "x")
    assert work(queries.by_handle, person.handle) == work(queries.by_handle, "nobody")
    assert work(queries.by_code, code) == work(queries.by_code, "nothing") == work(queries.by_code, codes.new())
    assert work(queries.pasted, WORDS)[1] == rules.MOST_COMPARED


# -------------------------------------------------------------------------------------------------------- door a: one's own


def test_ticked_texts_are_taken_back_all_or_none(session: Session, world: World) -> None:
    person, other = (a_contributor(session, world.language) for _ in range(2))
    first, second, theirs = text(world, person), text(world, person, OTHER), text(world, other)
    actor = actor_of(session, person)
    with pytest.raises(NotFound):
        actions.withdraw(session, actor=actor, person=person, public_ids=[first.public_id, theirs.public_id])
    assert first.state == "in_review"
    made = actions.withdraw(session, actor=actor, person=person, public_ids=[first.public_id, second.public_id])
    assert len({one.ledger_seq for one in made}) == 2
    assert (first.state, second.state, theirs.state) == ("withdrawn", "withdrawn", "in_review")


def test_look_tick_see_and_confirm(client: Visitor, session: Session, world: World) -> None:
    person = a_contributor(session, world.language)
    first, second, third = (text(world, person, f"{WORDS} {n}") for n in range(3))
    release = a_release(world, first, second)
    a_release(world, first, lane="gated")
    client.sign_in(person)
    page = client.visit("/lookup/mine")
    assert f"{world.project.slug} {release.version}" in page.text
    assert "gated" in page.text  # one's own rows always
    assert "in no release" in page.text
    ticked = {"texts": [first.public_id, second.public_id]}
    preview = client.post("/lookup/mine", data=ticked)
    source = preview.get_data(as_text=True)
    assert "Texts of yours that are hidden at once: 2." in source
    assert "leave the lane “open” of a release that is out: 2." in source
    assert first.state == "in_review"
    assert client.post("/lookup/mine", data={**ticked, "confirm": "1"}).status_code == 303
    assert (first.state, second.state, third.state) == ("withdrawn", "withdrawn", "in_review")
    letter = session.scalars(select(Letter).where(Letter.person_id == person.id)).one()
    for number in session.scalars(select(Withdrawal.public_id)):
        assert number in letter.body


def test_nothing_ticked_and_anothers_text_change_nothing(client: Visitor, session: Session, world: World) -> None:
    theirs = text(world)
    client.sign_in(a_contributor(session, world.language))
    assert client.post("/lookup/mine", data={}).status_code == 303
    assert client.post("/lookup/mine", data={"texts": [theirs.public_id], "confirm": "1"}).status_code == 303
    assert theirs.state == "in_review"
    client.visit("/lookup/mine")


# ------------------------------------------------------------------------------------------------------------------ the pages


def test_the_page_answers_and_names_nobody(client: Visitor, session: Session, world: World, keep: Keys) -> None:
    person = a_contributor(session, world.language, attribution="handle")
    one = text(world, person)
    a_release(world, one, mode="handle")
    keep()
    page = client.send(client.visit("/lookup/").form("/lookup/text"), words=WORDS)
    assert "Yes, these words are there" in page.text
    assert "CC-BY-4.0" in page.text
    for word in (person.handle, one.public_id, person.email):
        assert word not in page.source
    page = client.send(client.visit("/lookup/").form("/lookup/text"), words=WORDS.replace("yams", "salt"))
    assert "No, not these very words" in page.text
    assert "of the letters are the same" in page.text
    nobody = client.send(client.visit("/lookup/").form("/lookup/handle"), handle="nobody-at-all")
    hidden = client.send(client.visit("/lookup/").form("/lookup/handle"), handle=person.handle)
    assert nobody.text.replace("nobody-at-all", "") == hidden.text.replace(person.handle, "")
    client.send(client.visit("/lookup/").form("/lookup/code"), code="ABC")
    assert client.send(client.visit("/lookup/").form("/lookup/text"), status=422, words="").status == 422
    findable(session, person, "yes")
    page = client.send(client.visit("/lookup/").form("/lookup/handle"), handle=person.handle)
    assert "Yes, there are texts" in page.text


@pytest.mark.parametrize("door", ["text", "handle", "code"])
def test_the_address_of_an_answer_leads_back_to_the_form(client: Visitor, door: str) -> None:
    assert client.visit(f"/lookup/{door}").path == "/lookup/"


def test_over_http(client: Visitor, session: Session, world: World, keep: Keys) -> None:
    person = a_contributor(session, world.language, attribution="handle")
    findable(session, person, "yes")
    one = text(world, person)
    release = a_release(world, one, mode="handle")
    keep()

    def asked(door: str, **body: str) -> Any:  # noqa: ANN401  # any JSON
        return client.post(f"/api/v1/lookup/{door}", json=body, token=False).json

    place = {"project": world.project.slug, "version": release.version, "lane": "open", "license": "CC-BY-4.0"}
    found = asked("text", words=WORDS)
    assert (found["found"], found["exact"], found["near"]) == (True, [{**place, "rows": None}], [])
    missed = asked("text", words="Something else.")
    assert missed == {"found": False, "exact": [], "near": []}
    assert asked("handle", handle=person.handle) == {"places": [{**place, "rows": 1}]}
    assert asked("handle", handle="nobody") == asked("code", code="nothing") == {"places": []}
    from annotator.accounts import tokens  # noqa: PLC0415  # of this one test

    _token, secret = tokens.make(
        session, actor=actor_of(session, person), person=person, name="x", scopes=["read", "rights"]
    )
    headers = {"Authorization": f"Bearer {secret}"}
    own: Any = client.get("/api/v1/me/releases", headers=headers).json
    assert own["texts"][0]["releases"] == [{**place, "rows": None}]
    effects: Any = client.post("/api/v1/me/releases/preview", headers=headers, json={"annotations": [one.public_id]})
    assert effects.json == {
        "texts": 1,
        "edits": 0,
        "lanes": {"open": 1},
        "stay": 0,
        "fall_back": 0,
        "wait": 0,
        "out": 0,
    }


def test_it_is_rate_limited(client: Visitor) -> None:
    codes_ = [client.post("/api/v1/lookup/text", json={"words": "x"}, token=False).status_code for _ in range(31)]
    assert codes_ == [200] * 30 + [429]
    pages = [client.post("/lookup/text", data={"words": "x"}).status_code for _ in range(31)]
    assert pages == [200] * 30 + [429]
