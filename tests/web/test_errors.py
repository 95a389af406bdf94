"""Errors as pages and as problem documents, and the sentence for every code."""

import ast
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.errors import Conflict, Invalid
from annotator.web.extensions import db_session
from annotator.web.wording import WORDS, words
from tests.makers import a_person
from tests.pages import Visitor

PACKAGE = Path(__file__).resolve().parents[2] / "annotator"
RAISED = {"Invalid", "Forbidden", "NotFound", "Conflict"}


@pytest.fixture
def app(app: Flask) -> Flask:
    """The application with pages that fail."""

    @app.get("/refuses")
    def refuses() -> str:
        raise Invalid("email_invalid", email="a<b>@c")

    @app.post("/writes-then-refuses")
    def writes() -> str:
        a_person(db_session(), handle="never_seen")
        raise Conflict("handle_taken", handle="never_seen")

    @app.get("/breaks")
    def breaks() -> str:
        message = "secret detail of the machine"
        raise RuntimeError(message)

    return app


def test_a_refusal_is_a_page(client: Visitor) -> None:
    page = client.visit("/refuses", status=422)
    assert "“a<b>@c” is not an e-mail address" in page.text


def test_a_refusal_is_a_problem_document_for_a_script(client: Visitor) -> None:
    answer = client.get("/refuses", headers={"Accept": "application/json"})
    assert answer.content_type == "application/problem+json"
    assert answer.json == {
        "type": "about:blank",
        "title": "That does not fit",
        "status": 422,
        "code": "email_invalid",
        "detail": str(WORDS["email_invalid"]) % {"email": "a<b>@c"},
    }


def test_every_api_address_answers_with_problem_documents(client: Visitor) -> None:
    answer = client.get("/api/v1/nothing-here")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert answer.json is not None
    assert answer.json["code"] == "not_found"


def test_a_refusal_leaves_nothing_behind(client: Visitor, session: Session) -> None:
    assert client.post("/writes-then-refuses").status_code == 409
    assert session.scalar(select(func.count()).select_from(Person).where(Person.handle == "never_seen")) == 0


def test_a_break_says_nothing_of_the_machine(app: Flask, client: Visitor) -> None:
    app.testing = False
    answer = client.get("/breaks")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text


def test_a_broken_database_still_gives_a_sentence(
    app: Flask, client: Visitor, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.sign_in(a_person(session))
    app.testing = False

    def away(*_arguments: object) -> None:
        message = "the database is away"
        raise RuntimeError(message)

    # What loads the person was bound when the application was made; what it asks of the session is not.
    monkeypatch.setattr("sqlalchemy.orm.Session.execute", away)
    monkeypatch.setattr("sqlalchemy.orm.Session.scalars", away)
    answer = client.get("/me")
    assert answer.status_code == 500
    assert answer.text.startswith("Something broke on our side")
    assert "away" not in answer.text
    monkeypatch.undo()


def test_a_page_that_is_not_there(client: Visitor) -> None:
    assert "There is no such page" in client.visit("/nothing-here", status=404).text


def test_a_number_that_no_row_can_have_is_not_found(client: Visitor, session: Session) -> None:
    client.sign_in(a_person(session))
    for address in ("/documents/terms/99999999999999999999999", "/projects/a/yor_Latn/work/99999999999999999999999"):
        assert "There is no such page" in client.visit(address, status=404).text
    assert "Nothing here yet" in client.visit("/mine/?before=99999999999999999999999").text


def test_every_code_that_the_program_raises_has_words() -> None:
    raised: dict[str, str] = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED and node.args:
                code = node.args[0]
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    raised[code.value] = path.relative_to(PACKAGE).as_posix()
    assert len(raised) > 20
    assert {code: place for code, place in raised.items() if code not in WORDS} == {}


def test_words_fill_in_lists_and_missing_facts() -> None:
    sentence = words(Invalid("role_unknown", role="king", known=("maintainer", "ambassador")))
    assert sentence == "There is no role “king”. Choose one of: maintainer, ambassador."
    assert "%(" not in words(Invalid("role_unknown"))
    assert words(Invalid("no_such_code_at_all")) == "This could not be done (no_such_code_at_all)."


@pytest.mark.parametrize(
    "path", ["/projects/nope", "/documents/zz", "/languages/nope", "/languages/yor_Latn", "/languages/qqqqq"]
)
def test_a_missing_page_tells_visitors_no_commands(client: Visitor, path: str) -> None:
    page = client.visit(path, status=404)
    assert "`" not in page.text
    assert "annotator " not in page.text
