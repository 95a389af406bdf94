"""Requests about texts by anybody: asked, found, decided, asked once more, and forgotten (rights-model §2.8)."""

import unicodedata
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.audit.models import AuditEvent
from annotator.database import open_session
from annotator.errors import Conflict, Forbidden, Invalid, NotFound
from annotator.ledger.models import LedgerEntry, LedgerPayload
from annotator.mail.models import Letter
from annotator.permissions import OPERATOR, VISITOR
from annotator.prompts import blocking
from annotator.prompts.rules import Texts
from annotator.releases.models import FeedEntry
from annotator.rights import actions as rights
from annotator.rights import queries as figures
from annotator.rights.erasing import scrubbing, words
from annotator.rights.erasing.policy import TOUCHED
from annotator.rights.leaving import jobs as leaving
from annotator.rights.models import Request, RightsEvent, Withdrawal
from annotator.rights.requests import actions, jobs, minors, queries, rules
from annotator.settings import RightsPolicy, Settings
from tests.conftest import Runner
from tests.databases import Database
from tests.makers import a_maintainer
from tests.pages import Visitor
from tests.rights.published import a_release
from tests.stories import World, a_contributor, a_prompt, a_world, actor_of, an_ambassador

WORDS = "Adunni of Oke-Ado owes the shop money."


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session, reannotate_contributions=True)


def ask(session: Session, kind: str = "described", place: str = WORDS, **more: Any) -> actions.Asked:  # noqa: ANN401  # a test's own words
    return actions.ask(session, actor=VISITOR, kind=kind, statement="That is me.", place=place, **more)


def steps(session: Session, request: Request) -> list[str]:
    return [one.step for one in queries.steps_of(session, request)]


# ------------------------------------------------------------------------------------------- the cases of the rights model


def test_somebody_described_in_a_text_asks(session: Session, world: World, settings: Settings) -> None:
    author, maintainer = a_contributor(session, world.language, attribution="handle"), a_maintainer(session)
    about, other = world.writes(author, completion=f"Listen. {WORDS}"), world.writes(author, completion="Good words.")
    asked = ask(session)
    found, _prompts = queries.find(session, asked.request.place or "")
    assert [one.annotation.public_id for one in found] == [about.public_id]
    (taken,) = actions.accept(
        session,
        actor=actor_of(session, maintainer),
        settings=settings,
        request=asked.request,
        annotations=[found[0].annotation],
    )
    assert (taken.cause, taken.request_id, taken.person_id) == ("described", asked.request.id, author.id)
    assert taken.undo_until == taken.requested_at  # whoever is described did not choose to be there
    assert about.state == "withdrawn"
    assert other.state == "in_review"
    assert steps(session, asked.request) == ["received", "accepted"]
    entries = session.scalars(select(LedgerEntry.type).order_by(LedgerEntry.seq)).all()
    assert [one for one in entries if one.startswith("request.")] == ["request.received", "request.accepted"]


def test_words_are_found_however_their_letters_were_typed(session: Session, world: World) -> None:
    text = world.writes(a_contributor(session, world.language), completion="Ọ̀rọ̀ yìí dára.\nÓ tán.")
    typed = unicodedata.normalize("NFD", "Ọ̀rọ̀ yìí dára.\r\nÓ tán.")
    assert [one.annotation.id for one in queries.find(session, typed)[0]] == [text.id]


def test_copied_text_is_revoked_and_not_withdrawn(session: Session, world: World, settings: Settings) -> None:
    text = world.writes(a_contributor(session, world.language))
    asked = ask(session, "copied", place=text.public_id)
    (taken,) = actions.accept(session, actor=OPERATOR, settings=settings, request=asked.request, annotations=[text])
    assert taken.cause == "revoked"
    assert session.scalars(select(LedgerEntry.type).where(LedgerEntry.seq == taken.ledger_seq)).one() == "text.revoked"


def test_the_same_text_by_two_people_one_request_takes_what_was_ticked(
    session: Session, world: World, settings: Settings
) -> None:
    first, second = (world.writes(a_contributor(session, world.language), completion=WORDS) for _ in range(2))
    asked = ask(session)
    found, _prompts = queries.find(session, WORDS)
    assert {one.annotation.id for one in found} == {first.id, second.id}
    actions.accept(session, actor=OPERATOR, settings=settings, request=asked.request, annotations=[second])
    assert (first.state, second.state) == ("in_review", "withdrawn")


def test_a_wrong_name_goes_and_the_text_stays(session: Session, world: World, settings: Settings) -> None:
    author = a_contributor(session, world.language, attribution="named", credit_name="Wole S.")
    text, unnamed = world.writes(author), world.writes(author, "Another?", "Yes.")
    a_release(world, text, mode="named")
    a_release(world, unnamed, mode="none")
    asked = ask(session, "wrong_name", place=text.public_id)
    assert actions.accept(session, actor=OPERATOR, settings=settings, request=asked.request, annotations=[text]) == []
    assert author.credit_name is None
    assert text.state == "in_review"
    entry = session.scalars(select(FeedEntry)).one()
    assert (entry.op, entry.annotation_ids) == ("redact_attribution", [text.public_id])


def test_an_imported_prompt_that_describes_somebody_is_blanked_with_its_answers(
    session: Session, world: World, settings: Settings
) -> None:
    author = a_contributor(session, world.language)
    prompt = a_prompt(session, world.project, world.language, instruction=f"Is it true? {WORDS}")
    text = world.submits(author, world.claims(author), completion="Yes.")
    asked = ask(session)
    found, prompts = queries.find(session, WORDS)
    assert [one.annotation.id for one in found] == [text.id]
    assert prompts == [prompt]
    actions.accept(session, actor=OPERATOR, settings=settings, request=asked.request, prompts=prompts)
    assert (prompt.state, prompt.instruction) == ("closed", "")
    assert text.state == "withdrawn"
    assert queries.find(session, WORDS) == ([], [])


def test_a_blanked_prompt_is_nobodys_work_any_more_and_is_not_imported_again(
    session: Session, world: World, settings: Settings
) -> None:
    person = a_contributor(session, world.language)
    prompt = a_prompt(session, world.project, world.language, instruction=WORDS)
    begun = world.claims(person)
    words = Texts(WORDS)
    assert blocking.blocked(session, world.project, [words.fingerprint]) == set()
    actions.accept(session, actor=OPERATOR, settings=settings, request=ask(session).request, prompts=[prompt])
    assert begun.state == "released"
    assert blocking.blocked(session, world.project, [words.fingerprint]) == {words.fingerprint}


def test_a_minor_is_found(session: Session, world: World, database: Database, settings: Settings) -> None:
    minor, other = (a_contributor(session, world.language, attribution="handle") for _ in range(2))
    own, kept = world.writes(minor, completion="A child wrote this."), world.writes(other)
    world.decides(an_ambassador(session, world.language), own)
    public_id, handle, email = own.public_id, minor.handle, minor.email
    taken = minors.purge(session, actor=actor_of(session, a_maintainer(session)), person=minor)
    assert taken is not None
    assert (taken.cause, taken.undo_until) == ("minor", taken.requested_at)
    assert own.state == "withdrawn"
    with pytest.raises(Conflict, match="undo_over"):
        rights.undo(session, actor=actor_of(session, minor), withdrawal=taken)
    session.commit()
    assert leaving.leave_due(database.engine, settings) == 1
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(Person).where(Person.email == email)) == 0
    assert session.scalar(select(func.count()).select_from(Person).where(Person.handle == handle)) == 0
    tombstone = session.scalars(select(Annotation).where(Annotation.public_id == public_id)).one()
    assert tombstone.erased_at is not None
    assert all(one.completion is None and one.instruction is None for one in tombstone.revisions)
    assert kept.state == "in_review"


def test_what_a_minor_had_taken_back_goes_at_once_too(
    session: Session, world: World, database: Database, settings: Settings
) -> None:
    minor = a_contributor(session, world.language)
    early, late, kept = (world.writes(minor, f"A question? {n}") for n in range(3))
    actor = actor_of(session, minor)
    before = rights.withdraw(session, actor=actor, person=minor, annotation=early)
    undone = rights.withdraw(session, actor=actor, person=minor, annotation=kept)
    rights.undo(session, actor=actor, withdrawal=undone)
    everything = rights.withdraw(session, actor=actor, person=minor, annotation=late)
    minors.purge(session, actor=OPERATOR, person=minor)
    now = clock.now()
    for one in (before, everything):
        assert (one.cause, one.undo_until <= now, one.due_at < one.requested_at + timedelta(days=8)) == (
            "minor",
            True,
            True,
        )
    assert (undone.state, undone.cause) == ("undone", "withdrawn")
    session.commit()
    assert leaving.leave_due(database.engine, settings) == 1
    session.expire_all()
    assert {one.created_at.year for one in session.scalars(select(Annotation))} == {1970}, "not even the month stays"


def test_a_maintainer_is_not_purged_and_a_stranger_purges_nobody(session: Session, world: World) -> None:
    maintainer, person = a_maintainer(session), a_contributor(session, world.language)
    with pytest.raises(Conflict, match="purge_maintainer"):
        minors.purge(session, actor=OPERATOR, person=maintainer)
    with pytest.raises(Forbidden):
        minors.purge(session, actor=actor_of(session, an_ambassador(session, world.language)), person=person)


# ------------------------------------------------------------------------------------------------------- the way of a request


def test_a_refusal_needs_a_reason_and_can_be_appealed_once_before_somebody_else(session: Session) -> None:
    first, second = a_maintainer(session), a_maintainer(session)
    asked = ask(session)
    request = asked.request
    with pytest.raises(Invalid, match="reason_missing"):
        actions.refuse(session, actor=actor_of(session, first), request=request, reason=" ")
    actions.refuse(session, actor=actor_of(session, first), request=request, reason="It is somebody else of that name.")
    with pytest.raises(NotFound):
        actions.appeal(session, actor=VISITOR, request=request, statement="Look again.")
    with pytest.raises(NotFound):
        actions.appeal(session, actor=VISITOR, request=request, statement="Look again.", key="0" * 32)
    actions.appeal(session, actor=VISITOR, request=request, statement="Look again.", key=asked.key)
    assert request.state == "received"
    with pytest.raises(Forbidden, match="appeal_other_person"):
        actions.refuse(session, actor=actor_of(session, first), request=request, reason="No.")
    actions.refuse(session, actor=actor_of(session, second), request=request, reason="Still somebody else.")
    with pytest.raises(Conflict, match="appeal_over"):
        actions.appeal(session, actor=VISITOR, request=request, statement="Look again.", key=asked.key)
    assert steps(session, request) == ["received", "refused", "appealed", "refused"]


def test_the_only_maintainer_may_look_again(session: Session) -> None:
    only = a_maintainer(session)
    asked = ask(session)
    actions.refuse(session, actor=actor_of(session, only), request=asked.request, reason="No.")
    actions.appeal(session, actor=VISITOR, request=asked.request, statement="Look again.", key=asked.key)
    actions.refuse(session, actor=actor_of(session, only), request=asked.request, reason="No.")


def test_it_is_due_and_extended_once_with_a_reason(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, policy = ask(session), RightsPolicy()
    assert asked.request.due_at - asked.request.received_at == policy.answer
    later = clock.now() + policy.answer + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert figures.figures(session, later, small=5).overdue == 1
    actions.extend(session, actor=OPERATOR, request=asked.request, reason="We wait for a translation.")
    assert figures.figures(session, later, small=5).overdue == 0
    with pytest.raises(Conflict, match="extended_already"):
        actions.extend(session, actor=OPERATOR, request=asked.request, reason="Again.")


def test_overdue_requests_come_first(session: Session) -> None:
    new, old = ask(session), ask(session)
    old.request.due_at = clock.now() - timedelta(days=1)
    assert [one.id for one in queries.open_ones(session, clock.now())] == [old.request.id, new.request.id]


def test_when_it_is_over_what_was_written_is_erased(
    session: Session, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    needle = "needle-in-the-request"
    asked = ask(session, place=f"{needle} place", contact=f"{needle}@example.org")
    asked.request.statement = f"{needle} statement"
    actions.refuse(session, actor=OPERATOR, request=asked.request, reason=f"{needle} reason")
    session.commit()
    assert jobs.close_due(database.engine, settings) == 0
    assert not (settings.journal / scrubbing.MARK).exists()
    later = clock.now() + timedelta(days=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert jobs.close_due(database.engine, settings) == 1
    assert (settings.journal / scrubbing.MARK).exists(), "they leave the disk, too"
    assert {"rights_requests", "rights_events"} <= set(TOUCHED)
    session.expire_all()
    assert asked.request.state == "closed"
    with open_session(database.engine, writes=False) as reader:
        for table in ("rights_requests", "rights_events", "ledger_payloads", "audit"):
            rows = reader.connection().exec_driver_sql(f"select * from {table}").all()  # noqa: S608  # our own names
            assert needle not in str(rows), table
    assert figures.figures(session, later, small=1).refused == 1


def test_closing_waits_for_who_asks_once_more_at_the_last_moment(
    session: Session, database: Database, settings: Settings
) -> None:
    asked = ask(session)
    actions.refuse(session, actor=OPERATOR, request=asked.request, reason="No.")
    session.commit()
    over = (asked.request.decided_at or clock.now()) + rules.APPEAL
    request_id = asked.request.id
    with time_machine.travel(over - timedelta(seconds=1), tick=False) as moment:
        with open_session(database.engine, writes=True) as other:
            request = other.get_one(Request, request_id)
            actions.appeal(other, actor=VISITOR, request=request, statement="Look again.", key=asked.key)
            moment.move_to(over + timedelta(seconds=1), tick=False)
            closing = Thread(target=jobs.close_due, args=(database.engine, settings))
            closing.start()
            closing.join(0.5)
            other.commit()
        closing.join(20)
    session.expire_all()
    assert (asked.request.state, asked.request.appeal) == ("received", "Look again.")
    assert steps(session, asked.request) == ["received", "refused", "appealed"]


def test_no_words_of_a_request_stand_in_the_ledger_or_the_log(session: Session) -> None:
    asked = ask(session, contact="me@example.org")
    actions.refuse(session, actor=OPERATOR, request=asked.request, reason="Somebody else is meant.")
    written = str(session.scalars(select(LedgerPayload.payload)).all())
    written += str(session.scalars(select(AuditEvent.facts)).all())
    for word in ("That is me", "Adunni", "me@example.org", "Somebody else is meant"):
        assert word not in written


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "joke"}, "request_kind_unknown"),
        ({"statement": " "}, "statement_missing"),
        ({"place": ""}, "place_missing"),
        ({"place": "x" * 10_001}, "place_too_long"),
        ({"statement": "x" * 5_001}, "statement_too_long"),
        ({"contact": "nobody"}, "email_invalid"),
    ],
)
def test_what_cannot_be_used_is_refused(session: Session, changes: dict[str, str], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        actions.ask(session, actor=VISITOR, **{"kind": "other", "statement": "x", "place": "x", **changes})  # type: ignore[arg-type]  # a test's own words


def test_only_those_who_decide_decide(session: Session, world: World, settings: Settings) -> None:
    asked = ask(session)
    for person in (a_contributor(session, world.language), an_ambassador(session, world.language)):
        actor = actor_of(session, person)
        with pytest.raises(Forbidden):
            actions.accept(session, actor=actor, settings=settings, request=asked.request)
        with pytest.raises(Forbidden):
            actions.refuse(session, actor=actor, request=asked.request, reason="No.")
        with pytest.raises(Forbidden):
            actions.extend(session, actor=actor, request=asked.request, reason="Later.")
    with pytest.raises(Invalid, match="request_texts_missing"):
        actions.accept(session, actor=OPERATOR, settings=settings, request=asked.request)


# ------------------------------------------------------------------------------------------------------------------- the pages


def test_a_visitor_asks_follows_and_asks_once_more(client: Visitor, session: Session) -> None:
    a_maintainer(session)
    page = client.send(
        client.visit("/requests/").form("/requests/"),
        kind="described", place=WORDS, statement="That is me.", contact="me@example.org",
    )  # fmt: skip
    assert "Keep the link of this page" in page.text
    request = session.scalars(select(Request)).one()
    link = page.path
    assert len(link.rsplit("/", 1)[1]) == 32
    assert str(request.key_sha256) not in page.source
    letters = {one.address: one.body for one in session.scalars(select(Letter))}
    assert link in letters["me@example.org"]
    assert WORDS not in "".join(letters.values())
    assert len(letters) == 2
    answer = client.get(link)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get(f"/requests/{request.public_id}/{'0' * 32}").status_code == 404
    actions.refuse(session, actor=OPERATOR, request=request, reason="We looked and found nothing.")
    page = client.visit(f"{link}?new=1")
    assert "We looked and found nothing." in page.text
    assert "We have your request" not in page.text, "whoever kept the address of the first page reads what is now"
    page = client.send(page.form(link), statement="It is there.")
    assert "We look at it again" in page.text
    twice = client.post(link, data={"statement": "It is there."}, follow_redirects=True)
    assert "You cannot ask once more here" in twice.text, "said, though the form is gone"
    told = session.scalars(select(Letter.body).where(Letter.person_id.is_not(None)).order_by(Letter.id)).all()
    assert ["asked once more" in body for body in told] == [False, True], "those who decide hear of it"
    assert "It is there." not in told[1]


@pytest.mark.parametrize("signed_in", [False, True])
def test_a_form_that_is_sent_twice_makes_one_request(
    client: Visitor, session: Session, world: World, *, signed_in: bool
) -> None:
    a_maintainer(session)
    if signed_in:
        client.sign_in(a_contributor(session, world.language))
    form = client.visit("/requests/").form("/requests/")
    told = {"kind": "other", "place": WORDS, "statement": "That is me."}
    letters = select(func.count()).select_from(Letter)
    first, written = client.send(form, told), session.scalar(letters)
    second = client.send(form, told)
    assert first.path == second.path
    assert "We have your request" in second.text
    assert session.scalar(select(func.count()).select_from(Request)) == 1
    assert session.scalar(letters) == written
    assert client.send(form, told, statement="Another one.").path != first.path, "what is new is not lost"
    assert session.scalar(select(func.count()).select_from(Request)) == 2


def test_of_two_forms_at_once_one_makes_a_request_and_a_weak_key_is_not_taken(
    session: Session, database: Database
) -> None:
    key, made = rules.new_key(), list[actions.Asked]()

    def send() -> None:
        with open_session(database.engine, writes=True) as other:
            made.append(ask(other, key=key))
            other.commit()

    with open_session(database.engine, writes=True) as first:
        made.append(ask(first, key=key))
        sending = Thread(target=send)
        sending.start()
        sending.join(0.5)
        first.commit()
    sending.join(20)
    assert [one.again for one in made] == [False, True]
    assert session.scalar(select(func.count()).select_from(Request)) == 1
    assert len(ask(session, key="easy").key or "") == 32


def test_somebody_with_an_account_follows_it_signed_in(client: Visitor, session: Session, world: World) -> None:
    person = a_contributor(session, world.language)
    client.sign_in(person)
    page = client.send(client.visit("/requests/").form("/requests/"), kind="other", place="x", statement="Help.")
    request = session.scalars(select(Request)).one()
    assert page.path == f"/requests/{request.public_id}"
    assert request.key_sha256 is None
    client.sign_in(a_contributor(session, world.language))
    assert client.get(page.path).status_code == 404


def test_a_maintainer_finds_ticks_and_decides(client: Visitor, session: Session, world: World) -> None:
    author = a_contributor(session, world.language)
    text = world.writes(author, completion=f"Listen. {WORDS}")
    asked = ask(session)
    client.sign_in(a_maintainer(session))
    assert "A text tells something about me" in client.visit("/requests/desk/").text
    page = client.visit(f"/requests/desk/{asked.request.public_id}")
    assert f'value="{text.public_id}" checked' in page.source
    answer = client.post(f"/requests/desk/{asked.request.public_id}/accept", data={"texts": [text.public_id]})
    assert answer.status_code == 303
    assert text.state == "withdrawn"
    letter = session.scalars(select(Letter).where(Letter.person_id == author.id)).one()
    assert text.public_id in letter.body
    assert "That is me" not in letter.body
    client.visit("/requests/desk/")
    client.visit(f"/requests/desk/{asked.request.public_id}")


def test_a_refused_decision_keeps_what_was_ticked(client: Visitor, session: Session, world: World) -> None:
    text = world.writes(a_contributor(session, world.language), completion=f"Listen. {WORDS}")
    prompt = a_prompt(session, world.project, world.language, instruction=f"Is it true? {WORDS}")
    asked = ask(session)
    client.sign_in(a_maintainer(session))
    path = f"/requests/desk/{asked.request.public_id}"
    page = client.visit(path)
    assert f'value="{text.public_id}" checked' in page.source
    assert "asked for" in page.text, "steps are said in words"
    kept = client.post(f"{path}/accept", data={"texts": [], "prompts": [str(prompt.id)], "answer": "x" * 2001})
    assert kept.status_code == 422
    assert f'name="prompts" value="{prompt.id}" checked' in kept.text
    assert f'value="{text.public_id}" checked' not in kept.text, "nobody ticked it"
    assert "x" * 2001 in kept.text
    assert client.post(f"{path}/accept", data={"prompts": ["9" * 30, "no"]}).status_code == 422


def test_a_wrong_name_stands_beside_a_text_and_not_beside_a_prompt(
    session: Session, world: World, settings: Settings
) -> None:
    prompt = a_prompt(session, world.project, world.language)
    with pytest.raises(Invalid, match="request_texts_missing"):
        actions.accept(
            session, actor=OPERATOR, settings=settings, request=ask(session, "wrong_name").request, prompts=[prompt]
        )


@pytest.mark.parametrize(
    ("kind", "letter"),
    [
        ("described", "You did nothing wrong by this"),
        ("copied", "written by somebody else"),
        ("other", "You keep your credit for all your other texts."),
        ("minor", "You keep your credit for all your other texts."),
        ("wrong_name", "your handle stands there now"),
    ],
)
def test_what_people_are_told_is_what_was_decided(
    client: Visitor, session: Session, world: World, kind: str, letter: str
) -> None:
    author = a_contributor(session, world.language, attribution="named", credit_name="Wole S.")
    text = world.writes(author)
    asked = ask(session, kind, place=text.public_id)
    client.sign_in(a_maintainer(session))
    client.post(f"/requests/desk/{asked.request.public_id}/accept", data={"texts": [text.public_id]})
    said = "The name is printed no more" if kind == "wrong_name" else "The texts are hidden now"
    assert said in client.visit("/requests/desk/").text
    body = session.scalars(select(Letter.body).where(Letter.person_id == author.id)).one()
    assert letter in body
    assert ("written by somebody else" in body) is (kind == "copied")
    assert ("did nothing wrong" in body) is (kind == "described")


def test_a_maintainer_refuses_and_extends_on_the_page(client: Visitor, session: Session) -> None:
    asked = ask(session)
    client.sign_in(a_maintainer(session))
    base = f"/requests/desk/{asked.request.public_id}"
    assert client.post(f"{base}/extend", data={"reason": ""}).status_code == 422
    assert client.post(f"{base}/extend", data={"reason": "We wait."}).status_code == 303
    assert client.post(f"{base}/accept", data={}).status_code == 422
    assert client.post(f"{base}/refuse", data={"why": ""}).status_code == 422
    assert client.post(f"{base}/refuse", data={"why": "It is somebody else."}).status_code == 303
    assert asked.request.state == "refused"
    for step, sent in (("accept", {}), ("refuse", {"why": "No."}), ("extend", {"reason": "Later."})):
        late = client.post(f"{base}/{step}", data=sent, follow_redirects=True)
        assert "Somebody has decided about this request already" in late.text, step
        assert client.visit(f"{base}/{step}").path == base, "the address of a form that was sent leads to the form"


def test_the_desk_is_for_those_who_decide(client: Visitor, session: Session, world: World) -> None:
    asked = ask(session)
    client.sign_in(an_ambassador(session, world.language))
    for path in ("/requests/desk/", f"/requests/desk/{asked.request.public_id}", "/requests/desk/purge-minor"):
        assert client.get(path).status_code == 403


def test_purging_is_confirmed_by_typing_twice(client: Visitor, session: Session, world: World) -> None:
    minor = a_contributor(session, world.language)
    text = world.writes(minor)
    client.sign_in(a_maintainer(session))
    path = "/requests/desk/purge-minor"
    page = client.send(client.visit(path).form(path), status=422, email=minor.email, again="other@example.org")
    assert "not the same" in page.text
    assert text.state == "in_review"
    client.send(client.visit(path).form(path), email=minor.email, again=minor.email)
    assert text.state == "withdrawn"


def test_the_command_line_lists_and_purges(runner: Runner, session: Session, world: World) -> None:
    minor = a_contributor(session, world.language)
    text = world.writes(minor)
    asked = ask(session)
    assert asked.request.public_id in runner("rights", "requests").output
    assert "Aborted" in runner("rights", "purge-minor", minor.email, code=1, input="n\n").output
    email, text_id = minor.email, text.id
    said = runner("rights", "purge-minor", email, "--yes").output
    assert text.state == "withdrawn"
    assert "`annotator rights run` erases them now" in said
    runner("rights", "run")
    session.expire_all()
    assert session.scalars(select(Person).where(Person.email == email)).all() == []
    assert session.get_one(Annotation, text_id).erased_at is not None


def test_erasing_after_a_request_leaves_no_word(session: Session, world: World, settings: Settings) -> None:
    text = world.writes(a_contributor(session, world.language), completion=WORDS)
    asked = ask(session)
    (taken,) = actions.accept(session, actor=OPERATOR, settings=settings, request=asked.request, annotations=[text])
    words.erase(session, session.get_one(Withdrawal, taken.id), settings=settings)
    assert queries.find(session, WORDS) == ([], [])
    assert session.scalars(select(RightsEvent.reason).where(RightsEvent.request_id == asked.request.id)).all() == [
        None,
        None,
    ]


def test_over_http_without_a_token(client: Visitor, session: Session) -> None:
    asked: Any = client.post(
        "/api/v1/requests", json={"kind": "described", "place": WORDS, "statement": "That is me."}, token=False
    )
    assert asked.status_code == 201
    where, key = asked.headers["Location"], asked.json["key"]
    seen: Any = client.get(where, headers={"Request-Key": key}).json
    assert (seen["state"], seen["texts"]) == ("received", 0)
    assert client.get(where, headers={"Request-Key": "0" * 32}).status_code == 404
    assert client.get(where).status_code == 404
    assert client.visit(asked.json["link"].removeprefix("http://localhost")).status == 200
    empty: Any = client.post("/api/v1/requests", json={"kind": "other", "place": "x", "statement": " "}, token=False)
    assert empty.json["code"] == "statement_missing"
    assert session.scalars(select(Request.person_id)).all() == [None]


def test_asking_is_rate_limited(client: Visitor) -> None:
    body = {"kind": "other", "place": "x", "statement": "x"}
    codes = [client.post("/api/v1/requests", json=body, token=False).status_code for _ in range(21)]
    assert codes == [201] * 20 + [429]
