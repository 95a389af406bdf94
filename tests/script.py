"""A script with a token. Every answer it gets is held against the API's own description."""

import json
from collections.abc import Mapping
from typing import Any, cast

import jsonschema
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from annotator.accounts import tokens
from annotator.accounts.models import Person
from annotator.permissions import OPERATOR, Scope
from annotator.web.api.description import document
from annotator.web.api.endpoints import PREFIX
from tests.pages import Visitor

ALL = tuple(scope.value for scope in Scope)


class Said(TestResponse):
    """An answer whose JSON is there: the description was asked."""

    @property
    def json(self) -> Any:  # noqa: ANN401  # any JSON
        """The body."""


class Script:
    """Sends JSON as the owner of a token, or as nobody; fails for an answer that the description does not allow."""

    def __init__(self, client: Visitor, token: str | None = None) -> None:
        """Take the client whose session it shares."""
        self.client, self.token = client, token

    @classmethod
    def of(cls, client: Visitor, session: Session, person: Person, scopes: tuple[str, ...] = ALL) -> "Script":
        """Return a script of ``person``, with a token of these scopes."""
        _token, secret = tokens.make(session, actor=OPERATOR, person=person, name="a test", scopes=scopes)
        session.commit()
        return cls(client, secret)

    def get(self, path: str, **more: Any) -> Said:  # noqa: ANN401  # what open() takes
        """Ask."""
        return self.send("GET", path, **more)

    def post(self, path: str, body: object = None, **more: Any) -> Said:  # noqa: ANN401
        """Do."""
        return self.send("POST", path, body, **more)

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,  # noqa: ANN401
    ) -> Said:
        """Send a request; ``body`` goes as JSON. The answer must be one that the description knows, and ``status``."""
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if body is not None:
            more.update(data=json.dumps(body), content_type="application/json")
        response = self.client.open(
            PREFIX + path, method=method, headers={**sent, **(headers or {})}, token=False, **more
        )
        hold_against_description(self.client.application, response)
        if status is not None:
            assert response.status_code == status, response.get_data(as_text=True)
        return cast("Said", response)


def hold_against_description(app: Flask, response: TestResponse) -> None:
    """Fail unless the description knows an answer of this status to this address, and its JSON is of that shape."""
    request = response.request
    adapter = app.url_map.bind("localhost")
    rule, _arguments = adapter.match(request.path, request.method, return_rule=True)
    address = str(rule).replace("<int:", "<").replace("<", "{").replace(">", "}")
    described = description(app)["paths"][address][request.method.lower()]["responses"]
    status = str(response.status_code)
    assert status in described, f"{request.method} {address} does not describe {status}: {response.text}"
    ((kind, content),) = described[status]["content"].items()
    assert response.content_type == kind
    validator(app, json.dumps(content["schema"])).validate(response.json)


# Each test makes an application of its own; the description depends on its routes alone.
_DOCUMENTS: dict[frozenset[str], dict[str, Any]] = {}
_VALIDATORS: dict[tuple[frozenset[str], str], jsonschema.Draft202012Validator] = {}


def description(app: Flask) -> dict[str, Any]:
    """Return the application's OpenAPI document."""
    routes = frozenset(app.view_functions)
    if routes not in _DOCUMENTS:
        with app.app_context():
            _DOCUMENTS[routes] = document()
    return _DOCUMENTS[routes]


def validator(app: Flask, schema: str) -> jsonschema.Draft202012Validator:
    """Return what checks a shape; formats (moments) count."""
    key = frozenset(app.view_functions), schema
    if key not in _VALIDATORS:
        whole = {**json.loads(schema), "components": description(app)["components"]}
        _VALIDATORS[key] = jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker())
    return _VALIDATORS[key]
