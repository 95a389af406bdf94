"""What a revision says in full, where it comes from, and what somebody changed: pure functions."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from annotator import text
from annotator.annotations.models import Annotation, Revision
from annotator.errors import Invalid
from annotator.languages.models import Language
from annotator.prompts.models import Prompt
from annotator.quality.rules import edit_distance

FIELDS = ("instruction", "input", "completion")

# Longest text of one field in characters: far above any answer that people write, far below what would stall a page.
MAX_LENGTH = 20_000


@dataclass(frozen=True)
class Written:
    """What somebody wrote in a form or sent: None for a field that was not in the form, "" for one left empty."""

    instruction: str | None = None
    input: str | None = None
    completion: str | None = None
    rating_prompt: int | None = None
    rating_completion: int | None = None
    already_good: bool = False
    ai_assisted: str = "not asked"


@dataclass(frozen=True)
class Texts:
    """A revision's texts in full, inherited ones included, each with its language."""

    instruction: str | None
    input: str | None
    completion: str | None
    instruction_language: Language
    input_language: Language
    completion_language: Language

    @property
    def prompt(self) -> str:
        """The whole prompt as releases print it."""
        return text.join_prompt(self.instruction or "", self.input)


def lineage(revision: Revision) -> list[Revision]:
    """Return the revision and everything that it was made from, newest first, across annotations."""
    return list(_upwards(revision))


def _upwards(revision: Revision | None) -> Iterator[Revision]:
    while revision is not None:
        yield revision
        revision = revision.parent


def texts_of(revision: Revision) -> Texts:
    """Return the texts of ``revision``: its own, else its nearest ancestor's, else the imported prompt's."""
    chain = lineage(revision)
    origin = chain[-1].annotation
    found = {name: _nearest(chain, name, origin.prompt) for name in FIELDS}
    instruction_language = input_language = origin.language
    if origin.prompt is not None:
        instruction_language = origin.prompt.instruction_language or origin.prompt.language
        input_language = origin.prompt.input_language or instruction_language
    return Texts(
        **found,
        instruction_language=instruction_language,
        input_language=input_language,
        completion_language=revision.annotation.language,
    )


def _nearest(chain: list[Revision], name: str, prompt: Prompt | None) -> str | None:
    for revision in chain:
        value = getattr(revision, name)
        if value is not None:
            return value or None  # "" is a text that somebody took out
    return getattr(prompt, name) if prompt is not None else None


def texts_of_prompt(prompt: Prompt, revision: Revision | None) -> Texts:
    """Return what a prompt shows: its own texts, or those of the ``revision`` that it points at."""
    if revision is not None:
        return texts_of(revision)
    instruction_language = prompt.instruction_language or prompt.language
    return Texts(
        prompt.instruction,
        prompt.input,
        prompt.completion,
        instruction_language,
        prompt.input_language or instruction_language,
        prompt.language,
    )


def authors(revision: Revision) -> list[int]:
    """Return the person ids behind the revision's words, by first appearance.

    Until shares are computed every author along the lineage counts (rights-model §2.7).
    """
    return list(dict.fromkeys(r.author_id for r in reversed(lineage(revision))))


def taken_back(revision: Revision) -> bool:
    """Say whether the revision, or something that it was made from, was taken back."""
    return any(r.withdrawn_at or r.annotation.withdrawn_at for r in _upwards(revision))


def texts_for(revision: Revision, reader_id: int | None) -> Texts:
    """Return the texts of ``revision`` as this person may see them.

    What was taken back is shown to nobody but its author (rights-model §2.6): for others it is as if it were not there.
    """

    def hidden(name: str) -> bool:
        holder = next((r for r in _upwards(revision) if getattr(r, name) is not None), None)
        return holder is not None and holder.author_id != reader_id and taken_back(holder)

    found = texts_of(revision)
    return replace(
        found,
        instruction=None if hidden("instruction") else found.instruction,
        input=None if hidden("input") else found.input,
        completion=None if hidden("completion") else found.completion,
    )


def newest_standing(annotation: Annotation) -> Revision | None:
    """Return the newest revision without words that were taken back, a reviewer's or the author's; None without any."""
    return next((r for r in reversed(annotation.revisions) if not taken_back(r)), None)


def newest_own(annotation: Annotation) -> Revision:
    """Return the newest revision by the annotation's own author."""
    return next(r for r in reversed(annotation.revisions) if r.role == "author")


def changed(start: Texts | None, written: Written) -> dict[str, str]:
    """Return the fields in which ``written`` differs from ``start``, cleaned (NFC, no outer white space)."""
    result = {}
    for name in FIELDS:
        value = getattr(written, name)
        if value is None:
            continue
        value = text.clean(value) or ""
        if len(value) > MAX_LENGTH:
            raise Invalid("text_too_long", field=name, limit=MAX_LENGTH)
        if value != ((getattr(start, name) if start else None) or ""):
            result[name] = value
    return result


def distance(start: Texts, now: Texts) -> int:
    """Return the edit distance in NFC grapheme clusters, summed over instruction, input and completion."""
    return sum(edit_distance(getattr(start, name) or "", getattr(now, name) or "") for name in FIELDS)


def require_rating(name: str, value: int | None) -> None:
    """Raise Invalid unless the rating is there and a whole number from 1 to 5."""
    if value is None:
        raise Invalid("rating_missing", field=name)
    if not 1 <= value <= 5:  # noqa: PLR2004  # the scale of the form: 1 to 5
        raise Invalid("rating_out_of_range", field=name)
