"""The pages that add a language and change its names."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.languages import actions, queries
from annotator.languages.models import Language
from annotator.permissions import OPERATOR
from tests.makers import a_language, a_maintainer, a_person
from tests.pages import Visitor


@pytest.fixture
def maintainer(session: Session) -> Person:
    """Somebody who may add languages."""
    return a_maintainer(session)


def codes(session: Session) -> list[str]:
    return sorted(session.scalars(select(Language.code)))


def test_a_language_without_a_code_is_added_by_a_form(client: Visitor, session: Session, maintainer: Person) -> None:
    client.sign_in(maintainer)
    form = client.visit("/languages/add?name=Mai+Hogewi").form("/languages/add?name=Mai+Hogewi")
    page = client.send(form, script="Tfng")
    assert "Mai Hogewi" in page.text
    assert codes(session) == ["mis_Tfng_maihogewi"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"iso639_3": "yo"}, "not an ISO 639-3 code"),
        ({"iso639_3": "yor"}, "is here already"),
        ({"english_name": ""}, "Type what the language is called"),
        ({"english_name": "  "}, "needs an English name"),
        ({"english_name": "Yoruba"}, "is called “Yoruba” in the same script"),
        ({"english_name": "中文"}, "needs a variety that names it"),
        ({"variety": "Ẹ̀kìtì"}, "use 2 to 40 small letters"),
        ({"script": ""}, "Choose the script"),
        ({"script": "Qqqq"}, "Not a valid choice"),
    ],
)
def test_bad_input_is_refused_in_a_sentence_and_nothing_typed_is_lost(
    client: Visitor, session: Session, maintainer: Person, changes: dict[str, str], sentence: str
) -> None:
    a_language(session, "yor_Latn", english_name="Yoruba")
    client.sign_in(maintainer)
    fields: dict[str, Any] = {"english_name": "Ekiti", "autonym": "Ẹ̀kìtì", "script": "Latn", **changes}
    page = client.send(client.visit("/languages/add").form("/languages/add"), status=422, **fields)
    assert sentence in page.text
    assert "Ẹ̀kìtì" in page.source
    assert codes(session) == ["yor_Latn"]


def test_an_ambassador_changes_the_names_of_their_language_only(client: Visitor, session: Session) -> None:
    ambassador, yoruba = a_person(session), a_language(session, "yor_Latn", english_name="Yoruba")
    a_language(session, "ibo_Latn", english_name="Igbo")
    actions.appoint(session, actor=OPERATOR, person=ambassador, language=yoruba)
    client.sign_in(ambassador)
    form = client.visit("/languages/yor_Latn/names").form("/languages/yor_Latn/names")
    client.send(form, autonym="Yorùbá")
    session.expire_all()
    assert queries.by_code(session, "yor_Latn").autonym == "Yorùbá"
    assert "is called “Igbo” in the same script" in client.send(form, status=422, english_name="Igbo").text
    client.visit("/languages/ibo_Latn/names", status=403)
    client.visit("/languages/add", status=403)
    client.visit("/languages/xxx_Latn/names", status=404)
    session.expire_all()
    assert queries.by_code(session, "yor_Latn").english_name == "Yoruba"


def test_others_are_asked_to_sign_in_or_refused(client: Visitor, session: Session) -> None:
    a_language(session, "yor_Latn")
    for path in ("/languages/add", "/languages/yor_Latn/names"):
        assert client.get(path).headers["Location"].startswith("/sign-in?next=")
    client.sign_in(a_person(session))
    for path in ("/languages/add", "/languages/yor_Latn/names"):
        client.visit(path, status=403)
