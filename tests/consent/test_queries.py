"""What stands, scope by scope; what a choice would touch; the documents and the history that the pages show."""

from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Person
from annotator.annotations.models import Annotation
from annotator.consent import actions, queries, scopes
from annotator.consent.models import Document
from annotator.consent.rules import EVERYTHING, NOTHING, PRESETS
from annotator.consent.scopes import Touched
from annotator.errors import NotFound
from annotator.ledger.models import LedgerEntry
from annotator.permissions import OPERATOR
from tests.stories import World, a_contributor, a_language, a_world, actor_of, allow


@pytest.fixture
def world(session: Session) -> World:
    """Return a place to write in."""
    return a_world(session)


@pytest.fixture
def author(world: World) -> Person:
    """Return somebody who allows everything."""
    return a_contributor(world.session, world.language)


@pytest.fixture
def written(world: World, author: Person) -> Annotation:
    """Return a text of theirs."""
    return world.writes(author)


def touched(
    world: World, person: Person, preset: str, *, also_before: bool = False, attribution: str = "none"
) -> Touched:
    """Return what a choice for everything would touch."""
    proposed = actions.propose(
        world.session,
        actor=actor_of(world.session, person),
        preset=preset,
        attribution=attribution,
        also_before=also_before,
    )
    found = scopes.touched(world.session, person.id, proposed)
    assert proposed not in world.session, "showing what it would do must not do it"
    return found


def test_the_current_document_is_the_newest_version_in_force(session: Session, world: World) -> None:
    assert world
    facts = {"kind": "terms", "title": "T", "body": "B", "authoritative": True}
    second = actions.adopt(session, actor=OPERATOR, version=2, language="en", **facts)  # type: ignore[arg-type]  # facts of a document
    tomorrow = clock.now() + timedelta(days=1)
    session.add(Document(version=3, language="en", sha256="0" * 64, effective_from=tomorrow, **facts))
    session.flush()
    assert queries.current_document(session, "terms") is second
    assert [d.version for d in queries.versions(session, "terms")] == [3, 2, 1]
    assert queries.document(session, "terms", 1).version == 1


def test_a_document_comes_in_the_language_asked_for_where_it_is_translated(session: Session, world: World) -> None:
    assert world
    facts = {"kind": "terms", "title": "T", "body": "B", "authoritative": False}
    french = actions.adopt(session, actor=OPERATOR, version=1, language="fr", **facts)  # type: ignore[arg-type]  # facts of a document
    assert queries.current_document(session, "terms", "fr") is french
    assert queries.document(session, "terms", 1, "fr") is french
    assert queries.current_document(session, "terms", "sw").language == "en"


def test_unknown_documents_are_not_found(session: Session, world: World) -> None:
    assert world
    with pytest.raises(NotFound) as caught:
        queries.document(session, "terms", 9)
    assert caught.value.code == "document_unknown"
    with pytest.raises(NotFound):
        queries.current_document(session, "nonsense")


def test_events_of_many_people_are_read_in_one_query(world: World, author: Person) -> None:
    other, silent = a_contributor(world.session), a_contributor(world.session, preset=None)
    allow(world.session, author, preset="gated", attribution="none")
    world.session.flush()
    statements: list[str] = []
    engine = world.session.get_bind()

    @event.listens_for(engine, "before_cursor_execute")
    def _note(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    found = queries.events_of(world.session, {author.id, other.id, silent.id})
    event.remove(engine, "before_cursor_execute", _note)
    assert len(statements) == 1
    assert [e.preset for e in found[author.id]] == ["open", "gated"]
    assert [e.preset for e in found[other.id]] == ["open"]
    assert found[silent.id] == []


def test_what_stands_is_shown_for_everything_and_each_choice_of_its_own(
    world: World, author: Person, written: Annotation
) -> None:
    arabic = a_language(world.session, "arb_Arab", "Arabic")
    allow(world.session, author, preset="noncommercial", attribution=None, language=arabic)
    allow(world.session, author, preset="gated", attribution=None, annotation_id=written.id)
    everything, language, text = scopes.stands(world.session, author.id)
    assert (everything.key, everything.decisions.rights) == ("everything", EVERYTHING)
    assert (language.key, language.decisions.rights) == ("language:arb_Arab", PRESETS["noncommercial"])
    assert (text.key, text.decisions.rights) == (f"text:{written.public_id}", PRESETS["gated"])
    assert language.language is arabic


def test_a_choice_for_one_text_stands_for_it_alone(world: World, author: Person, written: Annotation) -> None:
    event_ = actions.decide(
        world.session,
        actor=actor_of(world.session, author),
        preset="practice",
        attribution=None,
        annotation_id=written.id,
    )
    assert event_.annotation_id == written.id
    later = queries.decisions_for(world.session, author.id, language_id=world.language.id, at=clock.now())
    assert later.rights == EVERYTHING


def test_another_persons_text_and_a_withdrawn_one_are_not_known(
    world: World, author: Person, written: Annotation
) -> None:
    other = a_contributor(world.session, world.language)
    with pytest.raises(NotFound) as caught:
        allow(world.session, other, preset="open", attribution=None, annotation_id=written.id)
    assert caught.value.code == "consent_text_unknown"
    assert scopes.own_text(world.session, other.id, public_id=written.public_id) is None
    own = scopes.own_text(world.session, author.id, public_id=written.public_id)
    assert own is not None
    assert (own.id, own.language_id, own.given_at) == (written.id, world.language.id, written.created_at)
    written.withdrawn_at = clock.now()
    world.session.flush()
    with pytest.raises(NotFound):
        allow(world.session, author, preset="open", attribution=None, annotation_id=written.id)


def test_a_narrowing_shows_the_choices_of_their_own_that_it_touches(
    world: World, author: Person, written: Annotation
) -> None:
    arabic, hausa = a_language(world.session, "arb_Arab", "Arabic"), a_language(world.session, "hau_Latn", "Hausa")
    allow(world.session, author, preset="noncommercial", attribution=None, language=arabic)
    allow(world.session, author, preset="practice", attribution=None, language=hausa)
    allow(world.session, author, preset="open", attribution=None, annotation_id=written.id)
    found = touched(world, author, "gated")
    assert [line.key for line in found.narrowed] == ["language:arb_Arab", f"text:{written.public_id}"]
    assert [line.decisions.rights for line in found.narrowed] == [PRESETS["gated"]] * 2
    assert found.skipped == ()
    assert touched(world, author, "open") == Touched()


def test_also_before_lists_what_it_skips(world: World, author: Person, written: Annotation) -> None:
    arabic, hausa = a_language(world.session, "arb_Arab", "Arabic"), a_language(world.session, "hau_Latn", "Hausa")
    allow(world.session, author, preset="gated", attribution=None, language=arabic)
    allow(world.session, author, preset="open", attribution=None, language=hausa)
    allow(world.session, author, preset="practice", attribution=None, annotation_id=written.id)
    found = touched(world, author, "open", also_before=True)
    assert [line.key for line in found.skipped] == ["language:arb_Arab", f"text:{written.public_id}"]
    assert found.narrowed == ()
    assert touched(world, author, "open").skipped == ()


def test_less_credit_and_an_earlier_end_are_a_narrowing_too(world: World, author: Person, written: Annotation) -> None:
    named = {"preset": "open", "attribution": "named", "credit_name": "Ifẹ́"}
    allow(world.session, author, annotation_id=written.id, **named)
    assert [line.key for line in touched(world, author, "open").narrowed] == [f"text:{written.public_id}"]
    ending = actions.propose(
        world.session,
        actor=actor_of(world.session, author),
        preset="open",
        attribution="named",
        expires_at=clock.now() + timedelta(days=9),
    )
    assert [line.key for line in scopes.touched(world.session, author.id, ending).narrowed] == [
        f"text:{written.public_id}"
    ]


def test_a_narrowing_for_a_language_touches_its_own_texts_only(
    world: World, author: Person, written: Annotation
) -> None:
    allow(world.session, author, preset="open", attribution=None, annotation_id=written.id)
    arabic = a_language(world.session, "arb_Arab", "Arabic")
    for language, expected in ((world.language, [f"text:{written.public_id}"]), (arabic, [])):
        proposed = actions.propose(
            world.session,
            actor=actor_of(world.session, author),
            preset="gated",
            attribution=None,
            language=language,
        )
        assert [line.key for line in scopes.touched(world.session, author.id, proposed).narrowed] == expected


def test_the_history_has_every_event_with_its_place_in_the_ledger(
    world: World, author: Person, written: Annotation
) -> None:
    allow(world.session, author, preset="gated", attribution=None, language=world.language)
    allow(world.session, author, preset="practice", attribution=None, annotation_id=written.id)
    lines = scopes.history(world.session, author.id)
    assert [line.event.preset for line in lines] == ["practice", "gated", "open"]
    assert [line.text_public_id for line in lines] == [written.public_id, None, None]
    assert [line.language for line in lines] == [None, world.language, None]
    for line in lines:
        assert line.ledger_hash == world.session.get_one(LedgerEntry, line.event.ledger_seq).hash
        assert line.event.document.version == 1


def test_somebody_who_has_decided_nothing_has_nothing(world: World) -> None:
    silent = a_contributor(world.session, preset=None)
    assert not queries.standing(world.session, silent.id)
    assert not queries.has_decided(world.session, silent.id)
    assert scopes.history(world.session, silent.id) == []
    assert [(line.key, line.decisions.rights) for line in scopes.stands(world.session, silent.id)] == [
        ("everything", NOTHING)
    ]
