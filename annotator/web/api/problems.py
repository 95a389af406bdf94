"""What a script reads when something is refused: problem documents (RFC 9457) with a stable code."""

from collections.abc import Mapping

from flask import Response

from annotator.errors import DomainError
from annotator.web.api.shapes import FieldError
from annotator.web.errors import problem
from annotator.web.wording import WORDS, words


class Refused(Exception):
    """The edge refuses: no token, no JSON, too often. ``headers`` and ``members`` say what a client needs to do better."""

    def __init__(
        self,
        status: int,
        code: str,
        *,
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, object] | None = None,
        **facts: object,
    ) -> None:
        """Keep what the answer will say."""
        super().__init__(status, code)
        self.status, self.code, self.facts = status, code, facts
        self.headers, self.members = headers or {}, members or {}


def answer_to(error: Refused) -> Response:
    """Return the problem document for what the edge refuses."""
    response = problem(error.status, error.code, str(WORDS[error.code]) % error.facts, **error.members)
    response.headers.update(error.headers)
    return response


def answer_to_domain(error: DomainError, fields: Mapping[str, str | Mapping[str, str]], **more: object) -> Response:
    """Return the problem document for what an action refuses.

    ``fields`` says for a code which field of the body it is about, or which for each value of the fact ``field``.
    """
    sentence = words(error)
    pointer = fields.get(error.code)
    if isinstance(pointer, Mapping):
        pointer = pointer.get(str(error.facts.get("field")))
    if pointer is not None:
        more["errors"] = [FieldError(pointer=pointer, code=error.code, detail=sentence).model_dump()]
    return problem(error.status, error.code, sentence, **more)
