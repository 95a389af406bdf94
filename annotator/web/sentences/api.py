"""Refusals of the HTTP API itself."""

from flask_babel import LazyString, lazy_gettext

WORDS: dict[str, LazyString] = {
    "body_invalid": lazy_gettext("What was sent does not fit. “errors” says which fields are meant, and why."),
    "body_missing": lazy_gettext("Nothing was sent. This address takes JSON (Content-Type: application/json)."),
    "idempotency_key_malformed": lazy_gettext(
        "An Idempotency-Key is 1 to 80 printable characters of ASCII, such as a UUID of your own making."
    ),
    "if_match_malformed": lazy_gettext(
        'If-Match names one version, as the ETag of the assignment or of the draft gave it: "0" where there is no draft.'
    ),
    "if_match_missing": lazy_gettext(
        'Say in If-Match which version of the draft you have seen (its ETag; "0" where there was none), so that nothing '
        "newer is overwritten."
    ),
    "json_malformed": lazy_gettext("What was sent is not JSON in UTF-8, or it is nested too deeply."),
    "method_not_allowed": lazy_gettext("This address does not take that method. The header Allow says which it takes."),
    "not_json": lazy_gettext("This address takes JSON only. Send it with Content-Type: application/json."),
    "scope_missing": lazy_gettext(
        "This token is not good for that: it lacks the scope “%(scope)s”. Make one that has it on your page."
    ),
    "token_invalid": lazy_gettext(
        "This token is not known here, was revoked, or has come to its end. Make a new one on your page."
    ),
    "token_missing": lazy_gettext(
        "A script signs in by a token: send the header Authorization: Bearer TOKEN. You make one on your page."
    ),
}
