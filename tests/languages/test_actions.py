"""Adding and naming languages, saying what one speaks, appointing ambassadors."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.audit.models import AuditEvent
from annotator.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from annotator.languages import actions, queries, varieties
from annotator.languages.models import AmbassadorTerm, Language
from annotator.ledger.models import LedgerEntry, LedgerPayload
from annotator.permissions import OPERATOR, VISITOR, Actor
from annotator.web.wording import WORDS
from tests.makers import a_language, a_person


def audited(session: Session) -> list[str]:
    session.flush()
    return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


def speaks(session: Session, **changes: Any) -> None:  # noqa: ANN401  # what set_speaker takes
    """Call set_speaker with something plain."""
    plain = {"actor": OPERATOR, "reads": True, "writes": True, "reviews": False, "level": "native"}
    actions.set_speaker(session, **{**plain, **changes})


def test_sync_adds_our_table_once_and_keeps_what_people_edited(session: Session) -> None:
    assert len(actions.sync(session, actor=OPERATOR)) == len(varieties.known())
    yoruba = queries.by_code(session, "yor_Latn")
    actions.rename(session, actor=OPERATOR, language=yoruba, english_name="Yoruba", autonym="Yorùbá")
    assert actions.sync(session, actor=OPERATOR) == []
    session.expire_all()
    assert yoruba.autonym == "Yorùbá"
    assert audited(session) == ["languages.sync", "language.rename"]


def test_sync_adds_what_is_missing_beside_a_language_of_ones_own(session: Session) -> None:
    mine = actions.add(session, actor=OPERATOR, iso639_3="qya", script="Latn", english_name="Quenya")
    actions.sync(session, actor=OPERATOR)
    assert mine in queries.all_languages(session)
    assert len(queries.all_languages(session)) == len(varieties.known()) + 1


def test_a_language_without_a_code_is_added_like_any_other(session: Session) -> None:
    added = actions.add(
        session, actor=OPERATOR, script=" tfng ", variety=" Maihogewi ", english_name="  Mai   Hogewi ", autonym="ⵜⴰⵎ"
    )
    assert (added.code, added.bcp47) == ("mis_Tfng_maihogewi", "mis-Tfng-x-maihogew-i")
    assert (added.english_name, added.autonym, added.direction) == ("Mai Hogewi", "ⵜⴰⵎ", "ltr")
    assert audited(session) == ["language.add"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iso639_3": "english"}, "language_iso_wrong"),
        ({"script": "Qqqq"}, "language_script_wrong"),
        ({"variety": "not a slug"}, "language_variety_wrong"),
        ({"iso639_3": "mis"}, "language_variety_missing"),
        ({"english_name": "  "}, "language_name_missing"),
        ({"english_name": "x" * 121}, "language_name_long"),
        ({"autonym": "x" * 121}, "language_name_long"),
        ({"iso639_3": "yor"}, "language_exists"),
        ({"english_name": "Yorùbá"}, "language_name_taken"),
    ],
)
def test_a_language_that_cannot_be_added_is_refused_in_words(
    session: Session, changes: dict[str, str], code: str
) -> None:
    a_language(session, "yor_Latn", english_name="Yoruba")
    wanted: dict[str, Any] = {"iso639_3": "ibo", "script": "Latn", "english_name": "Igbo", **changes}
    with pytest.raises(DomainError) as refusal:
        actions.add(session, actor=OPERATOR, **wanted)
    assert refusal.value.code == code
    assert code in WORDS
    assert [language.code for language in queries.all_languages(session)] == ["yor_Latn"]


def test_the_same_name_in_another_script_is_not_taken(session: Session) -> None:
    a_language(session, "yor_Latn", english_name="Yoruba")
    added = actions.add(session, actor=OPERATOR, iso639_3="yor", script="Arab", english_name="Yoruba")
    assert (added.english, added.direction) == ("Yoruba, Arabic script", "rtl")


def test_names_are_changed_by_the_ambassador_of_that_language_only(session: Session) -> None:
    yoruba, igbo = a_language(session, "yor_Latn"), a_language(session, "ibo_Latn")
    ambassador = Actor(person_id=a_person(session).id, ambassador_of=frozenset({yoruba.id}))
    actions.rename(session, actor=ambassador, language=yoruba, english_name="Yoruba", autonym=" ")
    assert (yoruba.english_name, yoruba.autonym) == ("Yoruba", None)
    with pytest.raises(Forbidden):
        actions.rename(session, actor=ambassador, language=igbo, english_name="Ibo", autonym=None)
    with pytest.raises(Conflict) as refusal:
        actions.rename(session, actor=OPERATOR, language=igbo, english_name="YORUBA", autonym=None)
    assert refusal.value.code == "language_name_taken"
    assert igbo.english_name == "ibo_Latn"


def test_only_stewards_add_languages_and_appoint(session: Session) -> None:
    language, person = a_language(session), a_person(session)
    for actor in (VISITOR, Actor(person_id=person.id), Actor(person_id=1, ambassador_of=frozenset({language.id}))):
        with pytest.raises(Forbidden):
            actions.sync(session, actor=actor)
        with pytest.raises(Forbidden):
            actions.add(session, actor=actor, iso639_3="ibo", script="Latn", english_name="Igbo")
        with pytest.raises(Forbidden):
            actions.appoint(session, actor=actor, person=person, language=language)
        with pytest.raises(Forbidden):
            actions.retire(session, actor=actor, person=person, language=language)


def test_a_person_says_what_they_speak(session: Session) -> None:
    person, language = a_person(session), a_language(session)
    actor = Actor(person_id=person.id)
    speaks(session, actor=actor, person=person, language=language, reads=False, variety=" Ẹ̀kìtì ")
    [speaker] = queries.spoken_by(session, person.id)
    assert (speaker.reads, speaker.writes, speaker.reviews) == (True, True, False), "who writes reads"
    assert (speaker.level, speaker.variety) == ("native", "Ẹ̀kìtì")
    speaks(session, actor=actor, person=person, language=language, writes=False, reviews=True, level="good")
    [speaker] = queries.spoken_by(session, person.id)
    assert (speaker.writes, speaker.reviews, speaker.level, speaker.variety) == (False, True, "good", None)
    actions.remove_speaker(session, actor=actor, person=person, language=language)
    assert queries.spoken_by(session, person.id) == []
    assert audited(session) == ["speaker.set", "speaker.set", "speaker.remove"]


def test_what_somebody_speaks_is_theirs_to_say_or_of_those_who_add_people(session: Session) -> None:
    person, language = a_person(session), a_language(session)
    for actor in (VISITOR, Actor(person_id=a_person(session).id, ambassador_of=frozenset({language.id}))):
        with pytest.raises(Forbidden):
            speaks(session, actor=actor, person=person, language=language)
        with pytest.raises(Forbidden):
            actions.remove_speaker(session, actor=actor, person=person, language=language)
    speaks(session, actor=OPERATOR, person=person, language=language)
    assert len(queries.spoken_by(session, person.id)) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"level": "so so"}, "speaker_level_wrong"),
        ({"reads": False, "writes": False, "reviews": False}, "speaker_nothing"),
        ({"variety": "x" * 81}, "speaker_variety_long"),
    ],
)
def test_what_cannot_be_said_is_refused_in_words(session: Session, changes: dict[str, object], code: str) -> None:
    person, language = a_person(session), a_language(session)
    with pytest.raises(Invalid) as refusal:
        speaks(session, person=person, language=language, **changes)
    assert refusal.value.code == code
    assert code in WORDS
    assert queries.spoken_by(session, person.id) == []


def test_a_language_that_is_not_on_the_list_cannot_be_taken_off(session: Session) -> None:
    with pytest.raises(NotFound) as refusal:
        actions.remove_speaker(session, actor=OPERATOR, person=a_person(session), language=a_language(session))
    assert refusal.value.code == "speaker_unknown"


def test_an_ambassador_is_appointed_for_a_year_and_it_is_written_down(session: Session) -> None:
    person, language = a_person(session), a_language(session)
    term = actions.appoint(session, actor=OPERATOR, person=person, language=language)
    assert term.ends_at - term.starts_at == timedelta(days=365)
    assert queries.actor_for(session, person).ambassador_of == {language.id}
    assert audited(session) == ["ambassador.appoint"]
    [entry] = session.scalars(select(LedgerEntry))
    payload = session.scalars(select(LedgerPayload)).one()
    assert (entry.type, payload.person_id) == ("role.granted", person.id)
    assert payload.payload == {
        "role": "ambassador", "language": "yor_Latn", "until": term.ends_at.date().isoformat(), "by": "operator",
    }  # fmt: skip


def test_an_ambassador_retires_and_may_be_appointed_again(session: Session) -> None:
    person, language = a_person(session), a_language(session)
    actions.appoint(session, actor=OPERATOR, person=person, language=language)
    with pytest.raises(Conflict) as refusal:
        actions.appoint(session, actor=OPERATOR, person=person, language=language)
    assert refusal.value.code == "term_stands"
    actions.retire(session, actor=OPERATOR, person=person, language=language)
    assert queries.actor_for(session, person).ambassador_of == frozenset()
    with pytest.raises(NotFound) as refused:
        actions.retire(session, actor=OPERATOR, person=person, language=language)
    assert refused.value.code == "term_unknown"
    actions.appoint(session, actor=OPERATOR, person=person, language=language)
    assert len(session.scalars(select(AmbassadorTerm)).all()) == 2
    types = list(session.scalars(select(LedgerEntry.type).order_by(LedgerEntry.seq)))
    assert types == ["role.granted", "role.revoked", "role.granted"]


def test_a_term_that_cannot_be_leaves_nothing(session: Session) -> None:
    person, language = a_person(session), a_language(session)
    for days, code in ((-1, "term_past"), (5000, "term_too_long")):
        with pytest.raises(Invalid) as refusal:
            actions.appoint(
                session, actor=OPERATOR, person=person, language=language, until=clock.now() + timedelta(days=days)
            )
        assert refusal.value.code == code
    assert queries.standing_terms(session) == []
    assert session.scalars(select(LedgerEntry)).all() == []


def test_every_refusal_has_words() -> None:
    codes = {"language_ambiguous", "language_unknown", "language_unknown_near", "language_not_added", "term_past",
             "term_too_long", "term_stands", "term_unknown", "speaker_unknown"}  # fmt: skip
    assert codes <= set(WORDS)


def test_the_two_columns_that_tell_scripts_apart_need_no_second_query(session: Session) -> None:
    a_language(session, "srp_Cyrl")
    a_language(session, "srp_Latn")
    session.expire_all()
    assert [language.__dict__["told_apart"] for language in session.scalars(select(Language))] == [True, True]
