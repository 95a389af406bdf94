"""Languages over HTTP."""

from flask import request
from pydantic import BaseModel

from annotator.languages import models, queries
from annotator.web.api.endpoints import Endpoint, room
from annotator.web.extensions import db_session

blueprint = room("languages")

# What `queries.resolve` refuses.
UNKNOWN = ("language_unknown", "language_unknown_near", "language_ambiguous", "language_not_added")


class Language(BaseModel):
    """A language variety. The name is what its speakers call it where we know that (name_lang says what it is in)."""

    code: str
    lang: str
    dir: str
    name: str
    name_lang: str
    name_dir: str
    english_name: str
    iso639_3: str
    script: str
    variety: str | None


class Languages(BaseModel):
    """The languages of this installation."""

    languages: list[Language]


@Endpoint(
    blueprint, "GET", "/languages", public=True, answers={200: Languages},
    query={"query": "Words that stand in one of its names, codes or its script; accents and case do not count"},
)  # fmt: skip
def list_languages() -> Languages:
    """List the languages of this installation, or those that a search finds."""
    found = queries.search(db_session(), request.args.get("query", ""))
    return Languages(languages=[described(language) for language in found])


def described(language: models.Language) -> Language:
    """Return everything about a language."""
    return Language(
        code=language.code,
        lang=language.bcp47,
        dir=language.direction,
        name=language.name,
        name_lang=language.name_bcp47,
        name_dir=language.name_direction,
        english_name=language.english,
        iso639_3=language.iso639_3,
        script=language.script,
        variety=language.variety,
    )
