"""The sentence a person reads for each code that an action raises: what is wrong, and what helps.

They stand in ``sentences``, a module for each room; ``%(fact)s`` is filled from the error's facts. The command line uses
the same words.
"""

from collections import defaultdict
from datetime import datetime

from babel.dates import format_datetime
from flask_babel import LazyString, lazy_gettext

from annotator.errors import DomainError
from annotator.web.i18n import page_locale
from annotator.web.sentences import (
    accounts,
    annotations,
    api,
    assignments,
    consent,
    documents,
    everywhere,
    languages,
    leaving,
    mending,
    mydata,
    projects,
    prompts,
    releases,
    requests,
    review,
    rights,
)

_ROOMS = (
    everywhere,
    api,
    accounts,
    assignments,
    annotations,
    consent,
    documents,
    languages,
    leaving,
    mending,
    mydata,
    projects,
    prompts,
    releases,
    requests,
    review,
    rights,
)
WORDS: dict[str, LazyString] = {code: sentence for room in _ROOMS for code, sentence in room.WORDS.items()}

_FALLBACK = lazy_gettext("This could not be done (%(code)s).")


def words(error: DomainError) -> str:
    """Return the sentence for ``error``, with its facts filled in; a code without words still says its name."""
    sentence = WORDS.get(error.code)
    if sentence is None:
        return str(_FALLBACK) % {"code": error.code}
    return str(sentence) % defaultdict(str, {name: _shown(value) for name, value in error.facts.items()})


def _shown(value: object) -> object:
    """Return a fact as it stands in a sentence: lists with commas between, moments in words."""
    if isinstance(value, datetime):  # Babel's own function: the command line speaks too, outside any request
        return f"{format_datetime(value, 'd MMMM y, HH:mm', locale=page_locale())} UTC"
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(str(item) for item in (sorted(value) if isinstance(value, (set, frozenset)) else value))
    return value
