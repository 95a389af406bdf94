"""`annotator languages` and `annotator ambassadors`."""

import json
from collections.abc import Callable

import pytest
from click.testing import Result
from sqlalchemy.orm import Session

from annotator import clock
from annotator.languages import queries, varieties
from tests.makers import a_language, a_person

Runner = Callable[..., Result]


def test_sync_twice(runner: Runner, session: Session) -> None:
    total = len(varieties.known())
    assert runner("languages", "sync").stdout == f"Added {total} languages; {total} are here.\n"
    assert json.loads(runner("languages", "sync", "--json").stdout) == {"added": [], "total": total}
    assert len(queries.all_languages(session)) == total


def test_list_finds_in_any_name(runner: Runner) -> None:
    assert "annotator languages sync" in runner("languages", "list").stdout
    runner("languages", "sync")
    assert runner("languages", "list", "--query", "ede yor").stdout == "yor_Latn  yo-Latn  ltr  Yoruba  Èdè Yorùbá\n"
    assert "No language is called “xyzzy” here" in runner("languages", "list", "--query", "xyzzy").stdout
    found = json.loads(runner("languages", "list", "--query", "serbian", "--json").stdout)
    assert [(row["code"], row["name"], row["english_name"]) for row in found] == [
        ("srp_Cyrl", "српски (ћирилица)", "Serbian, Cyrillic script"),
        ("srp_Latn", "srpski (latinica)", "Serbian, Latin script"),
    ]
    assert len(json.loads(runner("languages", "list", "--json").stdout)) == len(varieties.known())


def test_a_language_without_a_code_is_added(runner: Runner, session: Session) -> None:
    told = runner("languages", "add", "Mai Hogewi", "--script", "Adlm")
    assert told.stdout == "Added mis_Adlm_maihogewi (Mai Hogewi, mis-Adlm-x-maihogew-i, rtl).\n"
    added = queries.by_code(session, "mis_Adlm_maihogewi")
    assert (added.variety, added.autonym) == ("maihogewi", None)
    facts = json.loads(
        runner("languages", "add", "Ekiti", "--iso", "yor", "--script", "Latn", "--variety", "ekiti",
               "--autonym", "Ẹ̀kìtì", "--json").stdout
    )  # fmt: skip
    assert (facts["code"], facts["autonym"]) == ("yor_Latn_ekiti", "Ẹ̀kìtì")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("Yoruba", "--iso", "yor", "--script", "Latn"), "yor_Latn is here already"),
        (("Ekiti", "--iso", "yo", "--script", "Latn"), "“yo” is not an ISO 639-3 code"),
        (("Ekiti", "--script", "Qqqq"), "“Qqqq” is not a script"),
        (("中文", "--script", "Hans"), "needs a variety that names it"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(
    runner: Runner, session: Session, arguments: tuple[str, ...], sentence: str
) -> None:
    a_language(session, "yor_Latn", english_name="Yoruba")
    told = runner("languages", "add", *arguments, code=1)
    assert sentence in told.stderr
    assert told.stderr.count("\n") == 1
    assert told.stdout == ""
    assert len(queries.all_languages(session)) == 1


def test_an_ambassador_is_appointed_listed_and_retired(runner: Runner, session: Session) -> None:
    a_language(session, "yor_Latn", english_name="Yoruba")
    person = a_person(session, email="ada@example.org", handle="ada")
    assert "annotator ambassadors appoint" in runner("ambassadors", "list").stdout
    told = runner("ambassadors", "appoint", "ADA@example.org", "yor", "--until", "2050-12-31", code=1)
    assert "three years at most" in told.stderr
    facts = json.loads(runner("ambassadors", "appoint", "ada@example.org", "yor", "--json").stdout)
    assert (facts["language"], facts["handle"]) == ("yor_Latn", "ada")
    assert (
        "ada is ambassador of Yoruba until" in runner("ambassadors", "appoint", "ada@example.org", "yor", code=1).stderr
    )
    assert queries.actor_for(session, person).ambassador_of
    assert runner("ambassadors", "list").stdout == f"yor_Latn  ada  <ada@example.org>  until {facts['until']}\n"
    assert len(json.loads(runner("ambassadors", "list", "--json").stdout)) == 1
    assert (
        runner("ambassadors", "retire", "ada@example.org", "yo-Latn").stdout
        == "ada is no longer ambassador of Yoruba.\n"
    )
    assert not queries.actor_for(session, person).ambassador_of
    assert "is not ambassador" in runner("ambassadors", "retire", "ada@example.org", "yor_Latn", code=1).stderr


def test_the_last_day_of_a_term_belongs_to_it(runner: Runner, session: Session) -> None:
    a_language(session, "yor_Latn")
    person = a_person(session, email="ada@example.org")
    last = clock.now().date()
    told = runner("ambassadors", "appoint", "ada@example.org", "yor", "--until", last.isoformat(), "--json")
    assert json.loads(told.stdout)["until"] == last.isoformat()
    assert queries.actor_for(session, person).ambassador_of


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("nobody@example.org", "yor_Latn"), 1, "nobody@example.org"),
        (("ada@example.org", "yor_Lant"), 1, "Did you mean yor_Latn?"),
        (("ada@example.org", "yor_Latn", "--until", "2001-01-01"), 1, "is over already"),
        (("ada@example.org", "yor_Latn", "--until", "tomorrow"), 2, "--until"),
        (("ada@example.org",), 2, "LANGUAGE"),
    ],
)
def test_an_appointment_that_cannot_be(
    runner: Runner, session: Session, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    a_language(session, "yor_Latn", english_name="Yoruba")
    a_person(session, email="ada@example.org")
    assert sentence in runner("ambassadors", "appoint", *arguments, code=code).stderr
    assert queries.standing_terms(session) == []
