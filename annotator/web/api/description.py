"""The OpenAPI 3.1 document, made of the declarations; and the two endpoints that say how the API is."""

import hashlib
import inspect
import json
import re
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

from flask import current_app
from pydantic import BaseModel, RootModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema
from sqlalchemy import text

from annotator.permissions import Scope
from annotator.web.api.endpoints import PREFIX, Answer, Endpoint, Shape, endpoints, room
from annotator.web.api.shapes import Problem
from annotator.web.extensions import db_session

blueprint = room("description")

# What every call may be answered, whatever it does. The codes of bodies are added where there is one.
_OF_TOKENS = {
    401: ("token_missing", "token_invalid"),
    403: ("scope_missing", "not_permitted"),
    429: ("too_many_requests",),
}
_OF_BODIES = {400: ("body_missing", "json_malformed"), 413: ("too_large",), 415: ("not_json",), 422: ("body_invalid",)}
_OF_ALL = {500: ("unexpected",)}

_ARGUMENT = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
_REF = "#/components/schemas/{model}"
ABOUT = (
    "Everything that a volunteer or an ambassador does on the pages can be done here by a script, as the owner of the "
    "token. Refusals are problem documents (RFC 9457) with a code that stays. Texts are Unicode; they are stored in NFC, "
    "without white space at either end."
)
SCOPES = {
    Scope.READ: "Read one's own facts, texts and choices",
    Scope.WORK: "Take work, write, hand in, mend",
    Scope.REVIEW: "Read and decide about what others handed in, as an ambassador",
    Scope.RIGHTS: "Say what may be done with one's texts; take them back",
}


class Health(BaseModel):
    """The server runs and its database answers."""

    status: str
    version: str


class AnyObject(RootModel[dict[str, Any]]):
    """A JSON object that is described elsewhere."""


@Endpoint(blueprint, "GET", "/health", public=True, answers={200: Health})
def health() -> Health:
    """Say whether the server can work: it answers, and so does its database."""
    db_session().execute(text("SELECT 1"))
    return Health(status="ok", version=version("annotator"))


@Endpoint(blueprint, "GET", "/openapi.json", public=True, answers={200: AnyObject})
def openapi() -> Answer:
    """Return this description."""
    made = current_app.extensions.get("annotator.openapi")
    if made is None:
        body = json.dumps(document(), ensure_ascii=False).encode()
        made = current_app.extensions["annotator.openapi"] = body, hashlib.sha256(body).hexdigest()[:32]
    body, tag = made
    return Answer(body, headers={"ETag": f'"{tag}"', "Cache-Control": "no-cache"})


def document() -> dict[str, Any]:
    """Return the OpenAPI document of the running application."""
    every = sorted(endpoints().items(), key=lambda item: (item[1].rule, item[1].method))
    wanted = _shapes(one for _name, one in every)
    _, definitions = models_json_schema(wanted, ref_template=_REF)
    # Two shapes of one name would be told apart by their modules, and the references below would lead nowhere.
    if not {shape.__name__ for shape, _mode in wanted} <= set(definitions["$defs"]):
        message = "two shapes have one name"
        raise RuntimeError(message)
    paths: dict[str, dict[str, Any]] = {}
    for name, one in every:
        view = current_app.view_functions[name]
        paths.setdefault(_path(one.rule), {})[one.method.lower()] = _operation(view.__name__, view.__doc__ or "", one)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Annotator", "version": version("annotator"), "description": ABOUT},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token from one's page or from `annotator people token`. Scopes: "
                    + "; ".join(f"{scope.value}: {words}" for scope, words in SCOPES.items()),
                }
            },
        },
    }


def _shapes(every: Iterable[Endpoint]) -> list[tuple[type[BaseModel], JsonSchemaMode]]:
    """Return every shape that goes out (each field is there) or comes in (what has a default may be left out)."""
    out: set[type[BaseModel]] = {Problem}
    sent: set[type[BaseModel]] = set()
    for one in every:
        out |= {shape for answer in one.answers.values() for shape in _several(answer)}
        if one.body is not None:
            sent.add(one.body)
    named: list[tuple[type[BaseModel], JsonSchemaMode]] = [(shape, "serialization") for shape in out]
    named += [(shape, "validation") for shape in sent]
    return sorted(named, key=lambda item: item[0].__name__)


def _several(answer: Shape) -> tuple[type[BaseModel], ...]:
    return answer if isinstance(answer, tuple) else (answer,)


def _path(rule: str) -> str:
    """Return a route as OpenAPI writes it."""
    return PREFIX + _ARGUMENT.sub(r"{\g<name>}", rule)


def _operation(name: str, words: str, one: Endpoint) -> dict[str, Any]:
    """Return what the document says of one endpoint."""
    summary, _, more = inspect.cleandoc(words).partition("\n\n")
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": " ".join(summary.split()),
        "parameters": [*_arguments(one), *_parameters(one)],
        "responses": _responses(one),
        # OAuth's scopes cannot be said of a bearer scheme; 3.1 lets roles stand there.
        "security": [] if one.public else [{"token": [one.scope.value] if one.scope else []}],
    }
    if more:
        operation["description"] = more
    if one.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _reference(one.body)}},
        }
    return operation


def _arguments(one: Endpoint) -> list[dict[str, Any]]:
    """Return what stands in the address."""
    return [
        {
            "name": found["name"],
            "in": "path",
            "required": True,
            "schema": {"type": "integer" if found["kind"] == "int" else "string"},
        }
        for found in _ARGUMENT.finditer(one.rule)
    ]


def _parameters(one: Endpoint) -> list[dict[str, Any]]:
    """Return what may stand in headers and in the query."""
    headers = [
        {"name": h.name, "in": "header", "required": h.required, "description": h.meaning, "schema": {"type": "string"}}
        for h in one.headers
    ]
    return headers + [
        {"name": name, "in": "query", "required": False, "description": words, "schema": {"type": "string"}}
        for name, words in one.query.items()
    ]


def codes_of(one: Endpoint) -> dict[int, tuple[str, ...]]:
    """Return every code that the endpoint may answer, by status: its own and those of the furniture."""
    found: dict[int, tuple[str, ...]] = dict(one.refuses)
    groups: list[Mapping[int, tuple[str, ...]]] = [_OF_ALL]
    if not one.public:
        groups.append(_OF_TOKENS)
    if one.body is not None:
        groups.append(_OF_BODIES)
    for group in groups:
        for status, codes in group.items():
            found[status] = (*codes, *found.get(status, ()))
    return dict(sorted(found.items()))


def _responses(one: Endpoint) -> dict[str, Any]:
    """Return the answers and the refusals; one whose shape is declared has that, else the plain problem document."""
    responses: dict[str, Any] = {}
    codes = codes_of(one)
    if one.file is not None:
        responses["200"] = {"description": "The file.", "content": {one.file: {}}}
    for status, answer in one.answers.items():
        if status not in codes:
            several = [_reference(shape) for shape in _several(answer)]
            schema = several[0] if len(several) == 1 else {"anyOf": several}
            words = inspect.cleandoc(_several(answer)[0].__doc__ or "").partition("\n\n")[0]
            responses[str(status)] = {
                "description": " ".join(words.split()),
                "content": {"application/json": {"schema": schema}},
            }
    for status, known in codes.items():
        shape = _several(one.answers.get(status, Problem))[0]
        refused = {"allOf": [_reference(shape), {"properties": {"code": {"enum": list(known)}}}]}
        responses[str(status)] = {
            "description": "Refused: " + ", ".join(known),
            "content": {"application/problem+json": {"schema": refused}},
        }
    return dict(sorted(responses.items()))


def _reference(shape: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF.format(model=shape.__name__)}
