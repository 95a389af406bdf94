"""Headers and cookies that keep a page to itself."""

from typing import IO, Any

from flask import Flask, Request, Response, abort, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.datastructures import MultiDict
from werkzeug.formparser import FormDataParser

from annotator.settings import Settings

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
HSTS = "max-age=31536000"


class WithoutNul(FormDataParser):
    """Drops NUL from what is typed: no text has this character, and PostgreSQL stores none."""

    def parse(  # what the base class takes and gives
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, Any]]:
        """Return stream, form and files."""
        rest, form, files = super().parse(stream, mimetype, content_length, options)
        pairs = [(name.replace("\0", ""), value.replace("\0", "")) for name, value in form.items(multi=True)]
        return rest, self.cls(pairs), files


class PagesOnly(SecureCookieSessionInterface):
    """Cookies sign people in to pages. A script signs in by its token alone, so no other site can act there by a cookie."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session that the cookie holds; none at all for the API."""
        return None if request.path.startswith("/api/") else super().open_session(app, request)


class CleanRequest(Request):
    """A request whose form holds text."""

    form_data_parser_class = WithoutNul


def init_app(app: Flask, settings: Settings) -> None:
    """Set the cookies' flags and add the headers to every answer."""
    https = settings.public_url.startswith("https://")
    app.config.update(
        SESSION_COOKIE_NAME="__Host-annotator" if https else "annotator",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        PREFERRED_URL_SCHEME="https" if https else "http",
    )

    app.request_class = CleanRequest
    app.session_interface = PagesOnly()

    @app.before_request
    def _refuse_nul() -> None:
        sent = (request.path, *request.args, *request.args.values())
        if any("\0" in value for value in sent):
            abort(404)

    @app.after_request
    def _headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if https:
            response.headers.setdefault("Strict-Transport-Security", HSTS)
        if "_user_id" in session:  # the cookie says so: no database is asked for a header
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response
