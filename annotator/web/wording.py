"""The sentence a person reads for each code that an action raises: what is wrong, and what helps.

One block per room, sorted; ``%(fact)s`` is filled from the error's facts. The command line uses the same words.
"""

from collections import defaultdict

from flask_babel import LazyString, lazy_gettext

from annotator.errors import DomainError

WORDS: dict[str, LazyString] = {
    # everywhere
    "not_found": lazy_gettext("There is no such page. It may have been moved or withdrawn; the home page leads on."),
    "not_permitted": lazy_gettext("Your account may not do this. If it should, ask a maintainer."),
    "sign_in_needed": lazy_gettext("Sign in first; you will come back to this page."),
    "stale_form": lazy_gettext(
        "This page had been open for too long. What you typed is kept: look at it and send again."
    ),
    "too_large": lazy_gettext("That is more than this form takes. Make it shorter or send it in parts."),
    "too_many_requests": lazy_gettext("That was a lot at once. Wait a minute, then try again."),
    "unexpected": lazy_gettext("Something broke on our side, and it has been noted. Try again in a minute."),
    # accounts
    # assignments
    # annotations
    # consent
    # languages
    # ledger
    # mail
    # projects
    # prompts
    # releases
    # review
    # rights
}

_FALLBACK = lazy_gettext("This could not be done (%(code)s).")


def words(error: DomainError) -> str:
    """Return the sentence for ``error``, with its facts filled in; a code without words still says its name."""
    sentence = WORDS.get(error.code)
    if sentence is None:
        return str(_FALLBACK) % {"code": error.code}
    return str(sentence) % defaultdict(str, {name: _shown(value) for name, value in error.facts.items()})


def _shown(value: object) -> object:
    """Return a fact as it stands in a sentence: lists with commas between."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(str(item) for item in (sorted(value) if isinstance(value, (set, frozenset)) else value))
    return value
