"""What a revision says in full, where it comes from, and what somebody changed: pure functions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from annotator import text
from annotator.annotations import chain as chains
from annotator.annotations import shares
from annotator.annotations.chain import PROMPT, Part, parts
from annotator.annotations.models import Annotation, Revision
from annotator.errors import Invalid
from annotator.languages.models import Language
from annotator.prompts.models import Prompt
from annotator.quality.rules import edit_distance

FIELDS = chains.FIELDS

# What an answer can be to its prompt, and all kinds of link, from that which owes nothing to the text above on.
ANSWERS = ("completion", "translation", "paraphrase")
_OWES = ("completion", "edit", "paraphrase", "translation")

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
    link: str | None = None


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
        if name in revision.sets:
            return getattr(revision, name) or None  # "" is a text that somebody took out; null one that was erased
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


def asks_link(answer_link: str) -> bool:
    """Say whether a prompt leaves open what an answer is to it, so that whoever answers is asked."""
    return answer_link not in ANSWERS


def link_of_answer(answer_link: str, said: str | None) -> str:
    """Return how an answer is made from its prompt: as the prompt says, else as its author says.

    Raises Invalid ``link_missing``.
    """
    if not asks_link(answer_link):
        return answer_link
    if said not in ANSWERS:
        raise Invalid("link_missing")
    return said


def owes_less(before: str, after: str) -> bool:
    """Say whether a text that is called ``after`` owes less to the text above it than one that is called ``before``."""
    return _OWES.index(after) < _OWES.index(before)


def is_own_completion(revision: Revision) -> bool:
    """Say whether no token of its completion is anybody else's, so that it may be called an answer to the prompt."""
    runs = (revision.shares or {}).get("completion")
    if "completion" not in revision.sets:
        return False
    if runs is None:
        return revision.link != "edit"
    return all(owner == shares.OWN for owner, _number in runs)


def behind(revision: Revision) -> list[Part[Revision]]:  # type: ignore[type-var]  # Mapped columns read as their values
    """Return the revisions behind a text, newest first: whose tokens survive in it, and whose text was reworded."""
    return parts(revision, lambda step: step.parent)  # type: ignore[type-var]  # the same


def authors(revision: Revision) -> list[int]:
    """Return the person ids behind the revision's words, by first appearance (rights-model §2.3)."""
    return list(dict.fromkeys(part.rev.author_id for part in reversed(behind(revision))))


def taken_back(revision: Revision) -> bool:
    """Say whether the revision, or a text that it cannot do without, was taken back."""
    return revision.withdrawn or any(part.rev.withdrawn for part in behind(revision))


def began_hidden(annotation: Annotation) -> bool:
    """Say whether the text that an annotation began with was taken back, so that nobody sees it beside it."""
    start = annotation.revisions[0].parent
    return start is not None and taken_back(start)


def texts_for(revision: Revision, reader_id: int | None) -> Texts:
    """Return the texts of ``revision`` as this person may see them.

    What was taken back is shown to nobody but its author (rights-model §2.6): for others it is as if it were not there,
    and where only some of the words were, a gap stands for them.
    """
    found = texts_of(revision)
    seen = {name: _seen(revision, name, getattr(found, name), reader_id) for name in FIELDS}
    return replace(found, instruction=seen["instruction"], input=seen["input"], completion=seen["completion"])


def _seen(revision: Revision, name: str, value: str | None, reader_id: int | None) -> str | None:
    walk = lineage(revision)
    holder = next((r for r in walk if getattr(r, name) is not None), None)
    if holder is None or value is None:
        return value
    runs = (holder.shares or {}).get(name)
    lost = {r.id for r in walk if r.withdrawn and r.author_id != reader_id}
    if runs is None or holder.id in lost:
        return None if holder.author_id != reader_id and taken_back(holder) else value
    lost &= set(shares.counted(runs, holder.id))
    cut = {r.id for r in walk if r.erased_at is not None}
    return shares.without(shares.settled(runs, holder.id), value, lost, cut=cut)[1] if lost else value


def runs_of(revision: Revision, name: str, value: str | None) -> list[list[int]] | None:
    """Return the runs of a field as ``value`` stands in it, for a text made from it; None where nobody counted."""
    for step in lineage(revision):
        if step.shares is not None and name in step.shares:
            return shares.settled(step.shares[name], step.id)
        if name in step.sets:
            return None if step.link == "edit" else shares.whole(step.id, value)
    return shares.whole(shares.IMPORTED, value)


def shares_of(start: Texts, parent: Revision | None, fields: Mapping[str, str]) -> dict[str, list[list[int]]] | None:
    """Return the runs of an edit that puts ``fields`` in place of those of ``start``, or None where nobody can count.

    Of a prompt both halves are counted when one is edited: its share is of both together.
    """
    wanted = {name for name in FIELDS if name in fields}
    if wanted & set(PROMPT):
        wanted |= {name for name in PROMPT if getattr(start, name)}
    found = {}
    for name in (name for name in FIELDS if name in wanted):
        old = getattr(start, name)
        runs = shares.whole(shares.IMPORTED, old) if parent is None else runs_of(parent, name, old)
        if runs is not None and name in fields:
            runs = shares.trace(runs, old, fields[name])
        if runs is not None:
            found[name] = runs
    return found or None


def newest_standing(annotation: Annotation) -> Revision | None:
    """Return the newest revision without words that were taken back, a reviewer's or the author's; None without any."""
    return next((r for r in reversed(annotation.revisions) if not taken_back(r)), None)


def newest_own(annotation: Annotation) -> Revision:
    """Return the newest revision by the annotation's own author; an older one where that holds words taken back.

    Where all of them do, it is the newest.
    """
    own = [r for r in reversed(annotation.revisions) if r.role == "author"]
    return next((r for r in own if not taken_back(r)), own[0])


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


def edited(start: Texts, fields: Mapping[str, str]) -> Texts:
    """Return ``start`` with these fields in place of its own; an empty one is a text that somebody took out."""
    now = {name: (fields[name] or None) if name in fields else getattr(start, name) for name in FIELDS}
    return replace(start, instruction=now["instruction"], input=now["input"], completion=now["completion"])


def distance(start: Texts, now: Texts) -> int:
    """Return the edit distance in NFC grapheme clusters, summed over instruction, input and completion."""
    return sum(edit_distance(getattr(start, name) or "", getattr(now, name) or "") for name in FIELDS)


def require_rating(name: str, value: int | None) -> None:
    """Raise Invalid unless the rating is there and a whole number from 1 to 5."""
    if value is None:
        raise Invalid("rating_missing", field=name)
    if not 1 <= value <= 5:  # noqa: PLR2004  # the scale of the form: 1 to 5
        raise Invalid("rating_out_of_range", field=name)
