"""Refusals that any room may give."""

from flask_babel import LazyString, lazy_gettext

WORDS: dict[str, LazyString] = {
    "no_language": lazy_gettext("Choose at least one language: search for it by any of its names."),
    "not_found": lazy_gettext("There is no such page. It may have been moved or withdrawn; the home page leads on."),
    "not_permitted": lazy_gettext("Your account may not do this. If it should, ask a maintainer."),
    "sign_in_needed": lazy_gettext("Sign in first; you will come back to this page."),
    "stale_form": lazy_gettext(
        "This page had been open for too long. What you typed is kept: look at it and send again."
    ),
    "too_large": lazy_gettext("That is more than this form takes. Make it shorter or send it in parts."),
    "too_many_requests": lazy_gettext("That was a lot at once. Wait a minute, then try again."),
    "unexpected": lazy_gettext("Something broke on our side, and it has been noted. Try again in a minute."),
}
