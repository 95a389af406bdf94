"""A protected language: one switch, and nothing that anybody can open points at its people (rights-model §2.8)."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.audit.models import AuditEvent
from annotator.consent.models import Document, PersonalChoice
from annotator.errors import Conflict, Forbidden, Invalid
from annotator.languages import actions, rules
from annotator.ledger.models import LedgerEntry, LedgerPayload
from annotator.permissions import OPERATOR
from tests.conftest import Runner
from tests.makers import a_maintainer
from tests.pages import Visitor
from tests.rights.published import a_release
from tests.stories import World, a_contributor, a_world, actor_of, an_ambassador

# Addresses that say something about what one opens, not about a person.
NEVER_WALKED = ("/assets/", "/static/", "/sign-out", "/documents/")


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session, "yor_Latn")


@pytest.mark.parametrize(("n", "shown"), [(0, None), (4, None), (5, 5), (70, 70)])
def test_small_counts_of_a_protected_language_are_not_shown(n: int, shown: int | None) -> None:
    assert rules.shown_count(n, protected=True, small=5) == shown
    assert rules.shown_count(n, protected=False, small=5) == n


def test_times_of_a_protected_language_are_months() -> None:
    moment = clock.parse("2026-11-21T18:49:02+00:00")
    assert moment is not None
    assert rules.shown_time(moment, protected=True) == clock.parse("2026-11-01T00:00:00+00:00")
    assert rules.shown_time(moment, protected=False) == moment


def test_the_switch_is_written_down_with_its_reason_in_the_audit_alone(session: Session, world: World) -> None:
    maintainer = a_maintainer(session)
    actor = actor_of(session, maintainer)
    actions.protect(session, actor=actor, language=world.language, reason="The region is not safe.")
    assert world.language.protected
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.type == "language.protected")).one()
    assert session.get_one(LedgerPayload, entry.seq).payload == {"language": "yor_Latn", "by": actor.name}
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "language.protected")).one()
    assert event.facts["reason"] == "The region is not safe."
    with pytest.raises(Conflict, match="protected_already"):
        actions.protect(session, actor=actor, language=world.language, reason="Again.")
    actions.unprotect(session, actor=actor, language=world.language, reason="They asked us to.")
    assert world.language.protected_at is None
    with pytest.raises(Invalid, match="protect_reason_missing"):
        actions.protect(session, actor=actor, language=world.language, reason=" ")


def test_an_ambassador_alone_cannot_switch_it(session: Session, world: World) -> None:
    with pytest.raises(Forbidden):
        actions.protect(
            session,
            actor=actor_of(session, an_ambassador(session, world.language)),
            language=world.language,
            reason="x",
        )


def test_the_command_line_switches_it(runner: Runner, world: World) -> None:
    runner("languages", "protect", "yor_Latn", "--reason", "The region is not safe.")
    assert world.language.protected
    assert "protected already" in runner("languages", "protect", "yor_Latn", "--reason", "x", code=1).output
    runner("languages", "unprotect", "yor_Latn", "--reason", "They asked us to.")
    assert world.language.protected_at is None


def test_a_maintainer_switches_it_on_a_page(client: Visitor, session: Session, world: World) -> None:
    client.sign_in(a_maintainer(session))
    path = "/languages/yor_Latn/protection"
    assert path in client.visit("/languages/yor_Latn").source
    page = client.send(client.visit(path).form(path), reason="The region is not safe.")
    assert "The language is protected now" in page.text
    assert client.send(client.visit(path).form(path), status=422, reason="").source.count("Write why.") >= 1
    client.send(client.visit(path).form(path), reason="They asked us to.")
    assert world.language.protected_at is None
    client.sign_in(a_contributor(session, world.language))
    assert client.get(path).status_code == 403


def test_a_form_that_is_sent_twice_does_not_end_what_it_began(client: Visitor, session: Session, world: World) -> None:
    client.sign_in(a_maintainer(session))
    path = "/languages/yor_Latn/protection"
    form = client.visit(path).form(path)
    client.send(form, reason="The region is not safe.")
    assert "is protected already" in client.send(form, status=422, reason="The region is not safe.").text
    session.expire_all()
    assert world.language.protected


def test_its_page_shows_no_ambassador_and_no_small_number(client: Visitor, session: Session, world: World) -> None:
    ambassador = an_ambassador(session, world.language)
    world.writes(a_contributor(session, world.language))
    open_to_all = client.visit("/languages/yor_Latn").text
    assert ambassador.handle in open_to_all
    assert "2 people write here" in open_to_all
    actions.protect(session, actor=OPERATOR, language=world.language, reason="x")
    page = client.visit("/languages/yor_Latn").text
    assert ambassador.handle not in page
    assert "write here" in page
    assert "2 people" not in page
    assert "Ambassadors" not in page
    assert "Fewer than 5 texts wait" in page


def test_a_reviewer_sees_months(client: Visitor, session: Session, world: World) -> None:
    actions.protect(session, actor=OPERATOR, language=world.language, reason="x")
    annotation = world.writes(a_contributor(session, world.language))
    client.sign_in(an_ambassador(session, world.language))
    month = annotation.submitted_at.strftime("%Y-%m")
    for path in ("/desk/yor_Latn", f"/desk/yor_Latn/{annotation.public_id}"):
        source = client.visit(path).source
        assert f'datetime="{month}"' in source
        assert f'datetime="{month}-' not in source


def test_nothing_that_strangers_can_open_names_its_people(client: Visitor, session: Session, world: World) -> None:
    """Walk every page that links lead to, as a visitor, as another contributor and as a reviewer of the language."""
    people = [
        a_contributor(session, world.language, attribution="named", credit_name=f"Credited Person {n}") for n in (1, 2)
    ]
    people[0].handle, people[1].handle = "unmistakable-one", "unmistakable-two"
    ambassador = an_ambassador(session, world.language)
    ambassador.handle = "unmistakable-three"
    for person in people:  # the switch wins over what they chose to show
        _findable(session, person)
    texts = [world.writes(one, completion=f"Words of {one.id}, which are many and good.") for one in people]
    a_release(world, *texts, mode="named")
    actions.protect(session, actor=OPERATOR, language=world.language, reason="x")
    other_reviewer = an_ambassador(session, world.language)
    for reader in (None, a_contributor(session, world.language), other_reviewer):
        if reader is not None:
            client.sign_in(reader)
        pages = walk(client, ["/", "/languages/yor_Latn", "/lookup", "/api/v1/languages", "/api/v1/releases"])
        assert len(pages) > 8
        for path, source in pages.items():
            for word in ("unmistakable", "Credited Person", *(one.email for one in (*people, ambassador))):
                assert word not in source, f"{path} says {word}"


def walk(client: Visitor, begin: list[str], most: int = 80) -> dict[str, str]:
    """Return every page that links lead to, one for each kind of address."""
    found: dict[str, str] = {}
    ahead = list(begin)
    while ahead and len(found) < most:
        path = ahead.pop(0)
        if path in found:
            continue
        response = client.get(path, follow_redirects=True)
        if response.mimetype not in {"text/html", "application/json"}:
            continue
        source = found[path] = response.get_data(as_text=True)
        ahead += [link for link in _links(source) if link not in found and not link.startswith(NEVER_WALKED)]
    return found


def _links(source: str) -> list[str]:
    import re  # noqa: PLC0415  # of this one place

    links = {one.replace("&amp;", "&").partition("#")[0] for one in re.findall(r'href="(/[^"]*)"', source)}
    # Other languages than the one that is protected have pages of the same kind.
    return sorted(one for one in links if "/languages/" not in one or "yor_Latn" in one)


def _findable(session: Session, person: Person) -> None:
    terms = session.scalars(select(Document.id)).first()
    seq = session.scalars(select(LedgerEntry.seq)).first()
    session.add(
        PersonalChoice(
            person_id=person.id, at=clock.now(), document_id=terms, topic="findable", level="yes", ledger_seq=seq
        )
    )
    session.flush()
