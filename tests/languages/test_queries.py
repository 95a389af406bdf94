"""Finding languages by code, tag and name, and knowing who stands for them."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts.models import Role
from annotator.errors import NotFound
from annotator.languages import actions, queries
from annotator.languages.models import AmbassadorTerm
from annotator.permissions import OPERATOR, Permission, may
from tests.makers import a_language, a_person


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("yor_Latn", "yor_Latn"), ("yor-latn", "yor_Latn"), (" YOR_LATN ", "yor_Latn"), ("yor", "yor_Latn"),
        ("yo", "yor_Latn"), ("yo-Latn", "yor_Latn"), ("zho-TW", "zho_Hant"), ("zh-TW", "zho_Hant"),
        ("zho-CN", "zho_Hans"), ("zh-Hans", "zho_Hans"), ("srp-Cyrl", "srp_Cyrl"), ("sr-Latn", "srp_Latn"),
        ("ar", "arb_Arab"), ("ar-Latn", "arb_Latn"), ("hmn", "hmn_Latn"), ("shi", "shi_Arab"), ("mey", "mey_Arab"),
        ("fuc", "fuc_Latn"), ("tl", "tgl_Latn"), ("fil", "fil_Latn"), ("ku-Latn", "kmr_Latn"), ("fa-AF", "prs_Arab"),
    ],
)  # fmt: skip
def test_a_code_means(session: Session, value: str, code: str) -> None:
    actions.sync(session, actor=OPERATOR)
    assert queries.resolve(session, value).code == code


@pytest.mark.parametrize(
    ("value", "code", "near"),
    [
        ("srp", "language_ambiguous", ["srp_Cyrl", "srp_Latn"]),
        ("sr", "language_ambiguous", ["srp_Cyrl", "srp_Latn"]),
        ("zho", "language_ambiguous", ["zho_Hans", "zho_Hant"]),
        ("ace", "language_ambiguous", ["ace_Arab", "ace_Latn"]),
        ("yoruba", "language_unknown_near", ["yor_Latn"]),
        ("yor_Arab", "language_unknown_near", ["yor_Latn"]),
        ("svenska", "language_unknown_near", ["swe_Latn"]),
        ("qqq", "language_unknown", []),
        ("", "language_unknown", []),
    ],
)
def test_nothing_is_guessed(session: Session, value: str, code: str, near: list[str]) -> None:
    actions.sync(session, actor=OPERATOR)
    with pytest.raises(NotFound) as refusal:
        queries.resolve(session, value)
    assert (refusal.value.code, refusal.value.facts["near"]) == (code, near)


def test_a_language_that_we_know_but_that_is_not_here_yet(session: Session) -> None:
    with pytest.raises(NotFound) as refusal:
        queries.resolve(session, "yor")
    assert (refusal.value.code, refusal.value.facts["known"]) == ("language_not_added", "yor_Latn")


def test_a_language_added_later_is_found_by_code_and_tag(session: Session) -> None:
    added = actions.add(
        session, actor=OPERATOR, iso639_3="mis", script="Latn", variety="maihogewi", english_name="Maihogewi"
    )
    for value in ("mis_Latn_maihogewi", "mis-latn-maihogewi", "mis-Latn-x-maihogew-i"):
        assert queries.resolve(session, value) is added
    assert queries.by_code(session, "mis_Latn_maihogewi") is added


def test_by_code_takes_exactly_our_code(session: Session) -> None:
    yoruba = a_language(session, "yor_Latn", english_name="Yoruba")
    assert queries.by_code(session, "yor_Latn") is yoruba
    for value in ("yor", "yo-Latn", "YOR_Latn", "yor_Latn_ekiti"):
        with pytest.raises(NotFound):
            queries.by_code(session, value)


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("yoruba", {"yor_Latn"}), ("Èdè yò", {"yor_Latn"}), ("ede yor", {"yor_Latn"}), ("العربية", {"arb_Arab"}),
        ("Serbian", {"srp_Cyrl", "srp_Latn"}), ("serbian cyrillic", {"srp_Cyrl"}), ("srpski", {"srp_Latn"}),
        ("latinica", {"srp_Latn"}), ("traditional", {"zho_Hant", "yue_Hant"}), ("Thaa", {"div_Thaa"}),
        ("zh-hans", {"zho_Hans"}), ("nothing of the kind", set()),
    ],
)  # fmt: skip
def test_search_in_any_name(session: Session, query: str, codes: set[str]) -> None:
    actions.sync(session, actor=OPERATOR)
    assert {language.code for language in queries.search(session, query)} == codes


def test_what_begins_with_the_words_comes_first(session: Session) -> None:
    actions.sync(session, actor=OPERATOR)
    assert [language.code for language in queries.search(session, "ede")] == ["yor_Latn", "nld_Latn"]


def test_an_empty_search_gives_everything(session: Session) -> None:
    added = actions.sync(session, actor=OPERATOR)
    assert len(queries.search(session, "")) == len(added)


def test_a_second_script_changes_the_names_of_the_first(session: Session) -> None:
    cyrillic = a_language(session, "srp_Cyrl", english_name="Serbian", autonym="српски")
    assert (cyrillic.name, cyrillic.english) == ("српски", "Serbian")
    latin = a_language(session, "srp_Latn", english_name="Serbian", autonym="srpski")
    session.expire_all()
    assert (cyrillic.name, cyrillic.english) == ("српски (ћирилица)", "Serbian, Cyrillic script")
    assert (latin.name, latin.english) == ("srpski (latinica)", "Serbian, Latin script")


def test_a_name_without_autonym_is_english_and_says_so(session: Session) -> None:
    romanised = a_language(session, "arb_Latn", english_name="Arabic")
    a_language(session, "arb_Arab", english_name="Arabic", autonym="العربية")
    session.expire_all()
    assert (romanised.name, romanised.name_bcp47, romanised.name_direction) == ("Arabic, Latin script", "en", "ltr")
    arabic = queries.by_code(session, "arb_Arab")
    assert (arabic.name, arabic.name_bcp47, arabic.name_direction) == ("العربية", "ar-Arab", "rtl")


def test_two_varieties_of_one_script_are_not_told_apart_by_script(session: Session) -> None:
    yoruba = a_language(session, "yor_Latn", english_name="Yoruba")
    a_language(session, "yor_Latn_ekiti", english_name="Ekiti Yoruba")
    session.expire_all()
    assert yoruba.english == "Yoruba"


def test_no_two_languages_of_the_table_are_shown_alike(session: Session) -> None:
    shown = [language.english for language in actions.sync(session, actor=OPERATOR)]
    assert len(set(shown)) == len(shown)


def term(person_id: int, language_id: int, begins: int, ends: int, retired: int | None = None) -> AmbassadorTerm:
    """Return a term whose moments are days from now."""
    now = clock.now()
    return AmbassadorTerm(
        person_id=person_id,
        language_id=language_id,
        starts_at=now + timedelta(days=begins),
        ends_at=now + timedelta(days=ends),
        retired_at=None if retired is None else now + timedelta(days=retired),
        appointed_by="operator",
    )


@pytest.mark.parametrize(
    ("begins", "ends", "retired", "stands"),
    [(-10, 10, None, True), (-10, -1, None, False), (1, 10, None, False), (-10, 10, -1, False), (-10, 10, 1, True)],
)
def test_an_actor_is_what_stands_at_this_moment(
    session: Session, begins: int, ends: int, retired: int | None, *, stands: bool
) -> None:
    person, language = a_person(session), a_language(session)
    session.add(term(person.id, language.id, begins, ends, retired))
    session.flush()
    actor = queries.actor_for(session, person)
    assert actor.ambassador_of == (frozenset({language.id}) if stands else frozenset())
    assert (actor.person_id, actor.maintainer, actor.operator) == (person.id, False, False)
    assert may(actor, Permission.REVIEW_QUEUE, language_id=language.id) is stands


def test_a_maintainer_is_one_until_the_role_is_revoked(session: Session) -> None:
    person = a_person(session)
    role = Role(person_id=person.id, role="maintainer", granted_at=clock.now(), granted_by="operator")
    session.add(role)
    session.flush()
    assert queries.actor_for(session, person).maintainer
    role.revoked_at = clock.now()
    session.flush()
    assert not queries.actor_for(session, person).maintainer


def test_standing_terms_of_one_language_or_person(session: Session) -> None:
    first, second = a_person(session), a_person(session)
    yoruba, igbo = a_language(session, "yor_Latn"), a_language(session, "ibo_Latn")
    session.add_all([
        term(first.id, yoruba.id, -1, 1), term(second.id, yoruba.id, -1, 1), term(first.id, igbo.id, -1, 1),
    ])  # fmt: skip
    session.flush()
    assert {t.person_id for t in queries.standing_terms(session, language=yoruba)} == {first.id, second.id}
    assert [t.language.code for t in queries.standing_terms(session, person=first)] == ["ibo_Latn", "yor_Latn"]
    assert queries.standing_terms(session, at=clock.now() + timedelta(days=2)) == []
