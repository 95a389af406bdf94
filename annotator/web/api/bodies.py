"""Read what a script sends: JSON of a declared shape; what does not fit is said field by field."""

import json
from typing import Any, TypeVar

from flask import request
from flask_babel import LazyString, lazy_gettext
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from annotator.web.api.problems import Refused
from annotator.web.api.shapes import FieldError

M = TypeVar("M", bound=BaseModel)


# Our own few words for what can be wrong with a field: a code that stays, and what helps.
_FAULTS: dict[str, LazyString] = {
    "missing": lazy_gettext("This field is needed."),
    "unknown_field": lazy_gettext("There is no such field here. Look for a typing slip."),
    "wrong_type": lazy_gettext("This is not the kind of value that belongs here. The description says which does."),
    "out_of_range": lazy_gettext("This value is too small or too large. The description says how far it goes."),
    "wrong_length": lazy_gettext("This is too long or too short. The description says how much may stand here."),
    "not_a_choice": lazy_gettext("This is not one of the values that may stand here. The description lists them."),
    "malformed": lazy_gettext("This is not of the form that belongs here. The description says which is."),
    "character_unusable": lazy_gettext("The text has a NUL character, which cannot be stored. Take it out."),
}
_KINDS = {
    "missing": "missing",
    "extra_forbidden": "unknown_field",
    "enum": "not_a_choice",
    "literal_error": "not_a_choice",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "string_too_long": "wrong_length",
    "string_too_short": "wrong_length",
    "too_long": "wrong_length",
    "too_short": "wrong_length",
}
FAULTS = tuple(_FAULTS)
MOST_FAULTS = 20  # that are said at once


def raw() -> bytes:
    """Return the bytes of the body, which must be called JSON.

    Read before anything is asked of the database: a slow sender must not hold a transaction open.
    """
    if not request.is_json:
        if not request.content_type and not request.get_data():
            raise Refused(400, "body_missing")
        accepted = "Accept-Patch" if request.method == "PATCH" else "Accept-Post"
        raise Refused(415, "not_json", headers={accepted: "application/json"})
    return request.get_data(cache=False)


def parsed(data: bytes, shape: type[M]) -> M:
    """Return the body as ``shape``.

    Raises Refused: 400 ``json_malformed``, 422 ``body_invalid`` with what is wrong where.
    """
    try:
        body = shape.model_validate_json(data)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        if any(fault["type"] == "json_invalid" for fault in faults):
            raise Refused(400, "json_malformed") from None
        raise _invalid(_said(faults, json.loads(data))) from None
    if b"\\u0000" in data:
        found = list(_with_nul(json.loads(data), ""))
        if found:
            raise _invalid([_error(pointer, "character_unusable") for pointer in found[:MOST_FAULTS]])
    return body


def _invalid(faults: list[FieldError]) -> Refused:
    return Refused(422, "body_invalid", members={"errors": [fault.model_dump() for fault in faults]})


def _said(faults: list[ErrorDetails], sent: Any) -> list[FieldError]:  # noqa: ANN401  # any JSON
    """Return the faults in our words, each place once, without those that a deeper one explains."""
    found: dict[str, FieldError] = {}
    for fault in faults:
        pointer = _pointer(fault, sent)
        found.setdefault(pointer, _error(pointer, _kind(fault["type"])))
    kept = [one for one in found.values() if not any(other.startswith(f"{one.pointer}/") for other in found)]
    return kept[:MOST_FAULTS]


def _kind(said: str) -> str:
    """Return our code for pydantic's."""
    if said in _KINDS:
        return _KINDS[said]
    return "wrong_type" if said.endswith("_type") else "malformed"


def _pointer(fault: ErrorDetails, sent: Any) -> str:  # noqa: ANN401  # any JSON
    """Return the JSON pointer (RFC 6901) of what is wrong.

    Where one of several shapes may stand, pydantic also names the shape: such a step leads nowhere in what was sent.
    """
    steps = []
    for step in fault["loc"]:
        if _leads_on(sent, step):
            sent = sent[step]
        elif fault["type"] != "missing" or step != fault["loc"][-1]:
            continue
        steps.append(_escaped(str(step)))
    return "".join(f"/{step}" for step in steps)


def _leads_on(sent: object, step: int | str) -> bool:
    return (isinstance(sent, dict) and step in sent) or (isinstance(sent, list) and isinstance(step, int))


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def _error(pointer: str, code: str) -> FieldError:
    return FieldError(pointer=pointer, code=code, detail=str(_FAULTS[code]))


def _with_nul(value: Any, pointer: str) -> Any:  # noqa: ANN401  # any JSON
    """Yield where a string (or a name) in some JSON holds NUL."""
    if isinstance(value, str):
        if "\0" in value:
            yield pointer
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _with_nul(item, f"{pointer}/{number}")
    elif isinstance(value, dict):
        for name, item in value.items():
            if "\0" in name:
                yield pointer
            yield from _with_nul(item, f"{pointer}/{_escaped(name)}")
