"""The furniture of the API: who is let in, what is taken, how it refuses, and that the description says so."""

import itertools
from collections.abc import Iterator
from datetime import timedelta

import jsonschema
import pytest
import time_machine
from flask import Blueprint, Flask
from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts import tokens
from annotator.accounts.models import Person
from annotator.app import create_app
from annotator.assignments.rules import Empty, SkipReason
from annotator.errors import Conflict
from annotator.permissions import OPERATOR, Actor, Permission, Scope
from annotator.review.rules import Outcome
from annotator.settings import Settings
from annotator.web.access import current_actor, current_person
from annotator.web.api.bodies import FAULTS
from annotator.web.api.description import codes_of
from annotator.web.api.endpoints import PREFIX, Endpoint, endpoints, room
from annotator.web.api.shapes import Body, Problem
from annotator.web.extensions import db_session, limiter
from annotator.web.wording import WORDS
from tests.databases import CHECKOUT, Database
from tests.makers import a_maintainer, a_person
from tests.pages import Visitor
from tests.script import Said, Script, description

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


class Name(Body):
    """A part."""

    first: str
    last: str | None = None


class Sent(Body):
    """What the endpoint of these tests takes."""

    name: str | Name
    kind: Scope | None = None
    number: int = 1


class Seen(BaseModel):
    """What it says."""

    actor: str
    by_cookie: bool
    maintainer: bool


@pytest.fixture
def app(app: Flask) -> Flask:
    """The application with endpoints of this test's own."""
    app.register_blueprint(endpoints_to_try())
    return app


def endpoints_to_try() -> Blueprint:
    """Return endpoints that do little."""
    blueprint = room("tried")

    @Endpoint(blueprint, "POST", "/tried", answers={200: Seen}, scope=Scope.WORK, body=Sent)
    def tried(body: Sent) -> Seen:  # noqa: ARG001  # what is sent is what these tests are about
        """Say who acts."""
        return _seen()

    @Endpoint(blueprint, "GET", "/tried/anybody", answers={200: Seen}, public=True)
    def anybody() -> Seen:
        """Say who acts."""
        return _seen()

    @Endpoint(blueprint, "GET", "/tried/me", answers={200: Seen}, scope=Scope.READ)
    def myself() -> Seen:
        """Say who acts."""
        return _seen()

    @Endpoint(blueprint, "GET", "/tried/desk", answers={200: Seen}, permission=Permission.PEOPLE_ADD)
    def desk() -> Seen:
        """Say who acts."""
        return _seen()

    @Endpoint(
        blueprint, "POST", "/tried/failing", answers={200: Seen}, refuses={409: ("handle_taken",)},
        fields={"handle_taken": "/name"},
    )  # fmt: skip
    def failing() -> Seen:
        """Write, then refuse."""
        a_person(db_session(), handle="never_seen")
        raise Conflict("handle_taken", handle="never_seen")

    @Endpoint(blueprint, "POST", "/tried/writing", answers={200: Seen})
    def writing() -> Seen:
        """Write."""
        a_person(db_session(), handle="kept")
        return _seen()

    @Endpoint(blueprint, "POST", "/tried/silent", answers={200: Seen})
    def silent() -> Seen:
        """Refuse with a code that is not declared."""
        raise Conflict("handle_taken")

    return blueprint


def _seen() -> Seen:
    actor = current_actor()
    return Seen(actor=actor.name, by_cookie=current_person() is not None, maintainer=actor.maintainer)


@pytest.fixture
def person(session: Session) -> Person:
    return a_person(session)


@pytest.fixture
def script(client: Visitor, session: Session, person: Person) -> Script:
    return Script.of(client, session, person)


BODY = {"name": "ade"}


def code(answer: Said) -> str:
    return str(answer.json["code"])


def test_the_owner_of_the_token_acts(script: Script, person: Person) -> None:
    answer = script.post("/tried", BODY, status=200)
    assert answer.json == {"actor": f"person:{person.id}", "by_cookie": False, "maintainer": False}
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Set-Cookie" not in answer.headers


def test_the_scheme_is_read_whatever_its_case(client: Visitor, script: Script) -> None:
    other = Script(client)
    other.send("POST", "/tried", BODY, headers={"Authorization": f"bearer  {script.token}"}, status=200)


def test_roles_are_those_of_this_moment(client: Visitor, session: Session) -> None:
    script = Script.of(client, session, a_maintainer(session))
    assert script.post("/tried", BODY, status=200).json["maintainer"] is True


def test_a_permission_is_asked_at_the_door(client: Visitor, session: Session, script: Script) -> None:
    assert code(script.get("/tried/desk", status=403)) == "not_permitted"
    Script.of(client, session, a_maintainer(session)).get("/tried/desk", status=200)


@pytest.mark.parametrize("header", [None, "", "Basic YTpi", "Bearer", "ann_x"])
def test_without_a_token_nobody_is_let_in(client: Visitor, header: str | None) -> None:
    answer = Script(client).get(
        "/tried/me", headers={"Authorization": header} if header is not None else {}, status=401
    )
    assert code(answer) == "token_missing"
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="annotator"'


def test_a_cookie_does_not_count(client: Visitor, person: Person) -> None:
    client.sign_in(person)
    visitor = Script(client)
    assert code(visitor.get("/tried/me", status=401)) == "token_missing"
    assert code(visitor.post("/tried", BODY, status=401)) == "token_missing"
    assert visitor.get("/tried/anybody", status=200).json == {
        "actor": "visitor", "by_cookie": False, "maintainer": False,
    }  # fmt: skip


@pytest.mark.parametrize("wrong", ["ann_" + "a" * 43, "a" * 47, "ann_short", "", "ann_" + "é" * 43])
def test_a_token_of_ones_own_making(client: Visitor, wrong: str) -> None:
    answer = Script(client).get("/tried/me", headers={"Authorization": f"Bearer {wrong}"}, status=401)
    assert code(answer) in {"token_invalid", "token_missing"}
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_a_token_ends(client: Visitor, session: Session, person: Person) -> None:
    made, secret = tokens.make(session, actor=OPERATOR, person=person, name="x", scopes=["read"], days=2)
    script = Script(client, secret)
    script.get("/tried/me", status=200)
    with time_machine.travel(clock.now() + timedelta(days=2, seconds=1)):
        assert code(script.get("/tried/me", status=401)) == "token_invalid"
    tokens.revoke(session, actor=Actor(person_id=person.id), token=made)
    answer = script.get("/tried/me", status=401)
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_scope_that_is_missing(client: Visitor, session: Session, person: Person) -> None:
    script = Script.of(client, session, person, scopes=("read", "rights", "review"))
    answer = script.post("/tried", BODY, status=403)
    assert code(answer) == "scope_missing"
    assert "“work”" in answer.json["detail"]
    assert 'error="insufficient_scope", scope="work"' in answer.headers["WWW-Authenticate"]


def test_who_is_not_let_in_learns_nothing_of_the_body(client: Visitor) -> None:
    assert code(Script(client).post("/tried", {"nonsense": 1}, status=401)) == "token_missing"


def test_no_form_of_another_site_reaches_the_api(client: Visitor, person: Person) -> None:
    """Forms have a token against that; the API has none, and needs none: it knows no cookie."""
    client.sign_in(person)
    answer = client.post(f"{PREFIX}/tried", data={"name": "ade"}, token=False)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("sent", "faults"),
    [
        ({}, {"/name": "missing"}),
        ({"name": 5}, {"/name": "wrong_type"}),
        ({"name": None}, {"/name": "wrong_type"}),
        ({"name": {"last": "x"}}, {"/name/first": "missing"}),
        ({"name": {"first": 1, "lost": 2}}, {"/name/first": "wrong_type", "/name/lost": "unknown_field"}),
        ({"name": "a", "Scope": 1}, {"/Scope": "unknown_field"}),
        ({"name": "a", "a/b~c": 1}, {"/a~1b~0c": "unknown_field"}),
        ({"name": "a", "kind": "king"}, {"/kind": "not_a_choice"}),
        ({"name": "a", "number": "1"}, {"/number": "wrong_type"}),
        ({"name": "a", "number": True}, {"/number": "wrong_type"}),
        ({"name": "a", "number": 1.5}, {"/number": "wrong_type"}),
        ({"name": "a\0b"}, {"/name": "character_unusable"}),
        ({"name": {"first": "a", "last": "\0"}}, {"/name/last": "character_unusable"}),
        ([], {"": "wrong_type"}),
        ("text", {"": "wrong_type"}),
    ],
)
def test_what_does_not_fit_is_said_field_by_field(script: Script, sent: object, faults: dict[str, str]) -> None:
    answer = script.post("/tried", sent, status=422)
    assert code(answer) == "body_invalid"
    assert {one["pointer"]: one["code"] for one in answer.json["errors"]} == faults
    assert all(one["detail"] for one in answer.json["errors"])


def test_a_backslash_is_not_nul(script: Script) -> None:
    script.post("/tried", {"name": "\\u0000"}, status=200)


def test_of_many_faults_the_first_are_said(script: Script) -> None:
    answer = script.post("/tried", {"name": "a", **{f"x{number}": 1 for number in range(1000)}}, status=422)
    assert len(answer.json["errors"]) == 20


@pytest.mark.parametrize("raw", [b"{", b"", b"\xff", b'{"name": "\xff"}', b'{"name": "\\ud800"}', b"[" * 100_000])
def test_what_is_not_json(script: Script, raw: bytes) -> None:
    answer = script.send("POST", "/tried", status=400, data=raw, content_type="application/json")
    assert code(answer) == "json_malformed"


def test_what_is_not_called_json(script: Script) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = script.send("POST", "/tried", status=415, data=b'{"name": "a"}', content_type=kind)
        assert (code(answer), answer.headers["Accept-Post"]) == ("not_json", "application/json")
    assert code(script.send("POST", "/tried", status=400)) == "body_missing"


def test_what_is_too_large(script: Script) -> None:
    assert code(script.post("/tried", {"name": "a" * 3_000_000}, status=413)) == "too_large"


def test_other_methods_and_addresses_are_problems_too(client: Visitor) -> None:
    answer = client.put(f"{PREFIX}/tried/me", token=False)
    assert (answer.status_code, answer.content_type) == (405, "application/problem+json")
    assert answer.json is not None
    assert answer.json["code"] == "method_not_allowed"
    assert "GET" in answer.headers["Allow"]
    for path in ("/nothing", "/assignments/99999999999999999999", "/assignments/x"):
        answer = client.get(PREFIX + path)
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_a_refusal_leaves_nothing_and_names_the_field(script: Script, session: Session) -> None:
    answer = script.post("/tried/failing", status=409)
    assert [(one["pointer"], one["code"]) for one in answer.json["errors"]] == [("/name", "handle_taken")]
    assert _count(session, "never_seen") == 0


def test_what_is_done_is_kept(script: Script, session: Session) -> None:
    script.post("/tried/writing", status=200)
    assert _count(session, "kept") == 1


def _count(session: Session, handle: str) -> int | None:
    return session.scalar(select(func.count()).select_from(Person).where(Person.handle == handle))


def test_a_code_that_nobody_declared_fails_a_test_and_not_a_script(app: Flask, script: Script) -> None:
    with pytest.raises(AssertionError, match="does not declare 409 handle_taken"):
        script.post("/tried/silent")
    app.testing = False
    assert script.client.post(f"{PREFIX}/tried/silent", headers=_header(script), token=False).status_code == 409


def _header(script: Script) -> dict[str, str]:
    return {"Authorization": f"Bearer {script.token}"}


@pytest.fixture
def slow(settings: Settings, database: Database, session: Session) -> Iterator[Visitor]:
    """The application where one token has three requests a minute, at a fixed moment."""
    made = create_app(settings.model_copy(update={"api_rate": "3/minute"}), engine=database.engine)
    made.config.update(TESTING=True)
    made.register_blueprint(endpoints_to_try())
    made.test_client_class = Visitor
    visitor = made.test_client()
    assert isinstance(visitor, Visitor)
    visitor.session_of_the_test = session
    limiter.reset()
    with time_machine.travel("2026-05-01 12:00:10+00:00", tick=False):
        yield visitor
    limiter.reset()


def test_one_token_is_answered_so_often(slow: Visitor, session: Session, person: Person) -> None:
    script, other = Script.of(slow, session, person), Script.of(slow, session, person)
    for _time in range(3):
        script.get("/tried/me", status=200)
    answer = script.get("/tried/me", status=429)
    assert code(answer) == "too_many_requests"
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    other.get("/tried/me", status=200)
    with time_machine.travel(clock.now() + timedelta(seconds=int(answer.headers["Retry-After"]) + 1)):
        script.get("/tried/me", status=200)


def test_wrong_tokens_are_counted_by_address(slow: Visitor, session: Session, person: Person) -> None:
    script, wrong = Script.of(slow, session, person), Script(slow, "ann_" + "a" * 43)
    answers = list(itertools.islice((wrong.get("/tried/me").status_code for _ in itertools.count()), 121))
    assert answers == [401] * 120 + [429]
    script.get("/tried/me", status=200)  # somebody else at the same address goes on


def test_a_rate_of_nought_is_no_limit(app: Flask, script: Script) -> None:
    app.extensions["annotator.api_rate"] = None
    assert {script.get("/tried/me").status_code for _ in range(5)} == {200}


def test_every_route_is_declared_and_described(app: Flask) -> None:
    paths = description(app)["paths"]
    described = {(path, method.upper()) for path, one in paths.items() for method in one}
    routes = set()
    for rule in app.url_map.iter_rules():
        if str(rule).startswith("/api/"):
            address = str(rule).replace("<int:", "<").replace("<", "{").replace(">", "}")
            routes |= {(address, method) for method in (rule.methods or set()) & METHODS}
            assert hasattr(app.view_functions[rule.endpoint], "endpoint"), rule
    assert routes == described
    assert len(routes) > 20


PROMISED = """
POST /projects/{slug}/assignments
GET /assignments/{assignment_id}
PUT /assignments/{assignment_id}/draft
POST /assignments/{assignment_id}/submit
POST /assignments/{assignment_id}/skip
POST /assignments/{assignment_id}/release
POST /assignments/{assignment_id}/renew
POST /projects/{slug}/annotations
GET /annotations/{public_id}
PATCH /annotations/{public_id}
DELETE /annotations/{public_id}
POST /projects/{slug}/reviews/claim
POST /annotations/{public_id}/reviews
GET /me
GET /projects
GET /projects/{slug}
GET /languages
GET /releases
GET /releases/{slug}/{version}/manifest
GET /health
POST /consents
GET /consents
"""


def test_what_was_promised_is_there(app: Flask) -> None:
    paths = description(app)["paths"]
    for line in PROMISED.split("\n")[1:-1]:
        method, path = line.split()
        assert method.lower() in paths[PREFIX + path], line


def test_every_shape_is_a_schema_and_every_reference_leads_somewhere(app: Flask) -> None:
    document = description(app)
    assert document["openapi"] == "3.1.0"
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for reference in _references(document):
        assert reference.removeprefix("#/components/schemas/") in document["components"]["schemas"]
    operations = [one for path in document["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in operations]
    assert len(names) == len(set(names))
    assert all(one["summary"] for one in operations)


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for one in value.values():
            yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)


def test_every_code_has_words_and_fits_the_scopes(app: Flask) -> None:
    with app.app_context():
        every = endpoints().values()
    for one in every:
        for codes in codes_of(one).values():
            assert [name for name in codes if name not in WORDS] == [], one.rule
        known = {name for codes in one.refuses.values() for name in codes}
        assert set(one.fields) - known - {name for each in every for name in each.fields} == set()
    public = {(one.method, one.rule) for one in every if one.public and not one.rule.startswith("/tried")}
    assert public == {
        ("GET", "/health"),
        ("GET", "/openapi.json"),
        ("GET", "/languages"),
        ("GET", "/projects"),
        ("GET", "/projects/<slug>"),
        ("GET", "/releases"),
        ("GET", "/releases/<slug>/<version>/manifest"),
        ("GET", "/rights/figures"),
        ("GET", "/withdrawals"),
        ("GET", "/latest-usable-version"),
        ("POST", "/lookup/text"),
        ("POST", "/lookup/handle"),
        ("POST", "/lookup/code"),
        ("POST", "/requests"),
        ("GET", "/requests/<public_id>"),
    }
    assert all(one.scope is not None for one in every if not one.public and not one.rule.startswith("/tried"))


def test_the_document_is_served_to_everybody(client: Visitor, app: Flask) -> None:
    answer = Script(client).get("/openapi.json", status=200)
    assert answer.json == description(app)
    assert answer.headers["ETag"]


def test_health(client: Visitor) -> None:
    assert Script(client).get("/health", status=200).json["status"] == "ok"


def test_a_problem_says_what_its_shape_says() -> None:
    assert {"missing", "unknown_field", "character_unusable"} <= set(FAULTS)
    assert set(Problem.model_fields) == {"type", "title", "status", "detail", "code", "errors"}


def test_a_page_that_is_open_beside_keeps_its_session(client: Visitor, person: Person) -> None:
    client.sign_in(person)
    Script(client).get("/health", status=200)
    client.visit("/me")


def test_the_guide_names_what_there_is(app: Flask) -> None:
    guide = (CHECKOUT / "docs" / "guide" / "api.md").read_text(encoding="utf-8")
    named = [*(reason.value for reason in Empty), *(reason.value for reason in SkipReason), *Scope, *Outcome]
    assert [word for word in named if f"`{word}`" not in guide] == []
    statuses = {
        status for one in description(app)["paths"].values() for way in one.values() for status in way["responses"]
    }
    assert [status for status in statuses if status not in guide and status != "500"] == []
