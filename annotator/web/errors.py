"""One place that turns an error into a page, or into a problem document (RFC 9457) for a script."""

import logging

from flask import Flask, Response, current_app, jsonify, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import (
    Forbidden,
    HTTPException,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
    TooManyRequests,
)
from werkzeug.wrappers import Response as AnyResponse

from annotator.errors import DomainError
from annotator.web import access
from annotator.web.extensions import db_session
from annotator.web.wording import WORDS, words

log = logging.getLogger(__name__)

_CODES: dict[type[HTTPException], str] = {
    Forbidden: "not_permitted",
    MethodNotAllowed: "method_not_allowed",
    NotFound: "not_found",
    RequestEntityTooLarge: "too_large",
    TooManyRequests: "too_many_requests",
}


def title_of(status: int) -> str:
    """Return the heading of an error page."""
    titles = {
        401: gettext("Please sign in"),
        403: gettext("Not allowed"),
        404: gettext("Not found"),
        405: gettext("Not in this way"),
        409: gettext("Something changed meanwhile"),
        410: gettext("Gone"),
        413: gettext("Too large"),
        415: gettext("Another kind of content"),
        422: gettext("That does not fit"),
        428: gettext("Something must be said first"),
        429: gettext("Slow down a little"),
        500: gettext("Something broke"),
    }
    return str(titles.get(status) or gettext("That did not work"))


def problem(status: int, code: str, sentence: str, **more: object) -> Response:
    """Return a problem document with a stable ``code``; ``more`` are members of its own."""
    response = jsonify(type="about:blank", title=title_of(status), status=status, detail=sentence, code=code, **more)
    response.status_code = status
    response.content_type = "application/problem+json"
    return response


def answer(status: int, code: str, sentence: str) -> Response:
    """Return the error as what the caller reads: a problem document or a page."""
    if access.wants_json():
        return problem(status, code, sentence)
    page = render_template("errors/error.html", title=title_of(status), sentence=sentence, code=code)
    return Response(page, status=status)


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _domain(error: DomainError) -> Response:
    db_session().rollback()
    return answer(error.status, error.code, words(error))


def _csrf(_error: CSRFError) -> Response:
    if access.wants_json():
        signed_out = access.current_person() is None
        code = "sign_in_needed" if signed_out else "stale_form"
        return problem(401 if signed_out else 400, code, str(WORDS[code]))
    kept = access.keep_form()
    if kept is not None:
        return access.offer_again(kept)
    return answer(400, "stale_form", str(WORDS["stale_form"]))


def _http(error: HTTPException) -> AnyResponse:
    if error.response is not None:
        return error.get_response()  # a redirect to the address with its slash
    status = error.code or 500
    code = _CODES.get(type(error), "unexpected" if status >= 500 else f"http_{status}")  # noqa: PLR2004  # server side
    response = answer(status, code, str(WORDS[code]) if code in WORDS else str(error.description))
    for name, value in error.get_headers(request.environ):
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    if current_app.testing:
        raise error
    log.error("unexpected error at %s", request.path, exc_info=error)
    try:
        db_session().rollback()
        return answer(500, "unexpected", str(WORDS["unexpected"]))
    except Exception as again:  # the database may be what broke, and a page asks it who is signed in
        log.error("no error page either", exc_info=again)  # noqa: TRY400  # the cause was logged above
        return Response(str(WORDS["unexpected"]), status=500, content_type="text/plain; charset=utf-8")
