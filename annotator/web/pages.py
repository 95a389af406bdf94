"""Small things that the views of every room do: answer a form, show a message, build an address for a letter."""

from typing import Any, cast

from flask import Response, abort, current_app, flash, redirect, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse

from annotator.errors import DomainError
from annotator.web.extensions import db_session, settings
from annotator.web.wording import words


def commit() -> None:
    """Keep what the request changed, then wake the jobs it gave work to; nothing else in a request commits."""
    session = db_session()
    session.commit()
    for job in sorted(session.info.pop("wake", ())):
        wake(job)


def wake(job: str) -> None:
    """Ask a worker to run ``job`` soon; a queue that is away costs a minute, no work."""
    current_app.extensions["annotator.work"].wake(job)


def see_other(endpoint: str, **values: Any) -> AnyResponse:  # noqa: ANN401  # what url_for takes
    """Redirect after a POST (303), so that a reload does not send the form twice."""
    return redirect(url_for(endpoint, **values), code=303)


def done(sentence: str) -> None:
    """Show ``sentence`` on the next page as good news."""
    flash(sentence, "done")


def warn(sentence: str) -> None:
    """Show ``sentence`` on the next page as something to look at."""
    flash(sentence, "warn")


def refused(form: FlaskForm, error: DomainError, field: str | None = None) -> None:
    """Roll back and put the action's refusal beside ``field``, or at the top of the form; what was typed stays."""
    db_session().rollback()
    sentence = words(error)
    if field is None:
        form.form_errors.append(sentence)
    else:
        cast("list[str]", getattr(form, field).errors).append(sentence)


def or_404(thing: Any) -> Any:  # noqa: ANN401  # any object
    """Return ``thing``, or answer 404 if there is none."""
    if thing is None:
        abort(404)
    return thing


def public_address(endpoint: str, **values: Any) -> str:  # noqa: ANN401  # what url_for takes
    """Return the full address of a page under ``ANNOTATOR_PUBLIC_URL``: a letter must not trust the Host header."""
    return settings().public_url.rstrip("/") + url_for(endpoint, **values)


def wants_fragment() -> bool:
    """Say whether one of our scripts asks for a part of a page."""
    return request.headers.get("X-Requested-With") == "fragment"


def status(body: str, code: int) -> Response:
    """Return a page with a status other than 200."""
    return Response(body, status=code)
