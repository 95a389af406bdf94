"""A client that reads every page it is given as a careful reader would, and says what is wrong with it."""

import hashlib
from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from annotator import clock
from annotator.accounts.models import Person
from tests.html import Form, Page
from tests.html_faults import faults_of

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Visitor(FlaskClient):
    """A browser without a face. Every HTML page it gets is parsed and checked; faults fail the test.

    It commits the test's session before a request and lets it read anew after, so both see the same rows. A form's
    token against forgery goes along by itself, unless ``token=False``.
    """

    session_of_the_test: Session | None = None

    def visit(self, path: str, *, status: int = 200, **more: Any) -> Page:  # noqa: ANN401  # what get() takes
        """Open a page, following redirects, check its status, and return it."""
        return self._page(self.get(path, follow_redirects=True, **more), status)

    def send(
        self,
        form: Form,
        fields: Mapping[str, object] | None = None,
        *,
        status: int = 200,
        follow: bool = True,
        **more: object,
    ) -> Page:
        """Fill in and send a form of a page; a field the form does not have is a fault. Return the page that comes."""
        sent = form.filled({**(fields or {}), **more})
        if form.method == "get":
            return self._page(self.get(form.action, query_string=sent, follow_redirects=follow), status)
        return self._page(self.post(form.action, data=sent, follow_redirects=follow, token=False), status)

    def sign_in(self, person: Person) -> None:
        """Begin a session of ``person`` as a sign-in would leave it."""
        self._commit()
        with self.session_transaction() as cookie:
            cookie["_user_id"] = f"{person.public_id}:{person.stamp}"
            cookie["_fresh"] = True
            cookie["signed_in_at"] = clock.now().isoformat(timespec="seconds")

    def open(self, *args: Any, token: bool = True, **kwargs: Any) -> TestResponse:  # noqa: ANN401  # as in FlaskClient
        """Send a request and check the page that comes."""
        self._commit()
        if token and str(kwargs.get("method", "GET")).upper() in UNSAFE:
            kwargs["headers"] = {"X-CSRFToken": self._token(), **dict(kwargs.get("headers") or {})}
        response = super().open(*args, **kwargs)
        if self.session_of_the_test is not None:
            self.session_of_the_test.expire_all()
        if response.mimetype == "text/html" and response.status_code not in range(300, 400):
            text = response.get_data(as_text=True)
            # A part of a page that one of our scripts asked for is no page.
            if "<html" in text:
                faults = faults_of(Page(text, response.status_code, str(response.request.path)))
                assert not faults, f"{response.request.path}:\n  " + "\n  ".join(faults)
        return response

    def _page(self, response: TestResponse, status: int) -> Page:
        text = response.get_data(as_text=True)
        assert response.status_code == status, f"{response.request.path}: {response.status}\n{Page(text).text[:2000]}"
        return Page(text, response.status_code, str(response.request.path))

    def _token(self) -> str:
        with self.session_transaction() as cookie:
            raw = cookie.setdefault("csrf_token", hashlib.sha256(b"a test").hexdigest())
        return str(URLSafeTimedSerializer(self.application.secret_key, salt="wtf-csrf-token").dumps(raw))  # type: ignore[arg-type]  # the app has a key

    def _commit(self) -> None:
        if self.session_of_the_test is not None:
            self.session_of_the_test.commit()
