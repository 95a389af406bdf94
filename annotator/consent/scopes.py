"""Ask about scopes: what stands for languages and texts with a choice of their own, and what a new choice does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, column, select, table
from sqlalchemy.orm import Session

from annotator import clock
from annotator.consent import queries, rules
from annotator.consent.models import ConsentEvent
from annotator.consent.rules import SCALES, Decisions, Text
from annotator.database import UTCDateTime
from annotator.languages.models import Language
from annotator.ledger.models import LedgerEntry
from annotator.text import graphemes

# The texts stand in a higher room, which this one may not import. A scope of one text must still be the person's own,
# and a check that every caller had to remember would be forgotten once: so these columns are named here.
_TEXTS = table(
    "annotations",
    column("id"),
    column("public_id"),
    column("author_id"),
    column("language_id"),
    column("created_at", UTCDateTime()),
    column("withdrawn_at", UTCDateTime()),
)
_WORDS = table(
    "revisions",
    column("annotation_id"),
    column("author_id"),
    column("number"),
    column("completion"),
    column("withdrawn_at", UTCDateTime()),
)
LONGEST_BEGINNING = 60
_NO_LANGUAGE = 0  # no row has this id: only choices for everything cover a text in it


class OwnText(NamedTuple):
    """What this room knows of a person's text."""

    id: int
    public_id: str
    language_id: int
    given_at: datetime


@dataclass(frozen=True)
class Standing:
    """What stands for a scope: everything (both None), new texts in a language, or one text."""

    decisions: Decisions
    language: Language | None = None
    text: OwnText | None = None

    @property
    def key(self) -> str:
        """The scope's name in a form."""
        if self.text is not None:
            return f"text:{self.text.public_id}"
        return f"language:{self.language.code}" if self.language is not None else "everything"


class HistoryLine(NamedTuple):
    """An event, what it was about, and its place in the ledger."""

    event: ConsentEvent
    ledger_hash: str
    language: Language | None
    text_public_id: str | None


@dataclass(frozen=True)
class Touched:
    """What a choice would do to languages and texts with a choice of their own."""

    narrowed: tuple[Standing, ...] = ()
    skipped: tuple[Standing, ...] = ()


def own_text(
    session: Session, person_id: int, *, annotation_id: int | None = None, public_id: str | None = None
) -> OwnText | None:
    """Return the person's own text with this id or public id; None where it is another's, withdrawn or unknown."""
    wanted = _TEXTS.c.id == annotation_id if annotation_id is not None else _TEXTS.c.public_id == public_id
    return next(iter(_own_texts(session, person_id, wanted)), None)


def _own_texts(session: Session, person_id: int, condition: ColumnElement[bool]) -> list[OwnText]:
    """Return the person's texts that meet ``condition`` and are not withdrawn, oldest first."""
    columns = (_TEXTS.c.id, _TEXTS.c.public_id, _TEXTS.c.language_id, _TEXTS.c.created_at)
    query = (
        select(*columns)
        .where(_TEXTS.c.author_id == person_id, _TEXTS.c.withdrawn_at.is_(None), condition)
        .order_by(_TEXTS.c.created_at, _TEXTS.c.id)
    )
    return [OwnText(*row) for row in session.execute(query)]


def beginnings(session: Session, person_id: int) -> dict[str, tuple[Language, str]]:
    """Return how the person's texts with a choice of their own begin, by public id, each with its language.

    These are the newest words that the person wrote; a text without any (a mere rating), or taken back, is left out.
    """
    chosen = select(ConsentEvent.annotation_id).where(ConsentEvent.person_id == person_id)
    return _beginnings(session, person_id, _TEXTS.c.id.in_(chosen))


def beginning(session: Session, person_id: int, public_id: str) -> dict[str, tuple[Language, str]]:
    """Return the same for one text of the person."""
    return _beginnings(session, person_id, _TEXTS.c.public_id == public_id)


def _beginnings(session: Session, person_id: int, condition: ColumnElement[bool]) -> dict[str, tuple[Language, str]]:
    query = (
        select(_TEXTS.c.public_id, Language, _WORDS.c.completion)
        .join(_WORDS, _WORDS.c.annotation_id == _TEXTS.c.id)
        .join(Language, Language.id == _TEXTS.c.language_id)
        .where(_TEXTS.c.author_id == person_id, _TEXTS.c.withdrawn_at.is_(None), condition)
        .where(_WORDS.c.author_id == person_id, _WORDS.c.withdrawn_at.is_(None), _WORDS.c.completion.is_not(None))
        .order_by(_TEXTS.c.id, _WORDS.c.number)
    )
    # The newest of a text comes last and stays.
    return {public_id: (language, _shortened(words)) for public_id, language, words in session.execute(query)}


def _shortened(words: str) -> str:
    """Return the first words on one line, never half a letter; "…" says that there are more."""
    letters = graphemes(" ".join(words.split()))
    if len(letters) <= LONGEST_BEGINNING:
        return "".join(letters)
    first = "".join(letters[:LONGEST_BEGINNING])
    return f"{first.rpartition(' ')[0] or first}…"


def stands(session: Session, person_id: int) -> list[Standing]:
    """Return what stands now: for new texts, then for each language and each text with a choice of its own."""
    events = queries.events_of(session, [person_id])[person_id]
    return _stands(session, person_id, events, clock.now())


def _stands(session: Session, person_id: int, events: Sequence[ConsentEvent], at: datetime) -> list[Standing]:
    """Return what ``events`` add up to, scope by scope."""
    languages = {e.language_id for e in events if e.language_id is not None}
    texts = {e.annotation_id for e in events if e.annotation_id is not None}
    result = [Standing(rules.decisions(events, Text(_NO_LANGUAGE, at), at=at))]
    query = select(Language).where(Language.id.in_(languages)).order_by(Language.english_name, Language.code)
    result += [
        Standing(rules.decisions(events, Text(language.id, at), at=at), language=language)
        for language in (session.scalars(query) if languages else ())
    ]
    result += [
        Standing(rules.decisions(events, Text(text.language_id, text.given_at, text.id), at=at), text=text)
        for text in (_own_texts(session, person_id, _TEXTS.c.id.in_(texts)) if texts else ())
    ]
    return result


def touched(session: Session, person_id: int, proposed: ConsentEvent) -> Touched:
    """Return the smaller scopes with a choice of their own that ``proposed`` (not stored) narrows or skips (§2.3).

    Narrowed: less would stand there than before. Skipped: "also before" was ticked, and they keep a narrower
    choice of their own until it is changed there.
    """
    events = queries.events_of(session, [person_id])[person_id]
    before = {line.key: line.decisions for line in _stands(session, person_id, events, proposed.at)}
    after = [line for line in _stands(session, person_id, [*events, proposed], proposed.at) if _inside(line, proposed)]
    narrowed = tuple(line for line in after if _less(line.decisions, before[line.key]))
    if not proposed.also_before:
        return Touched(narrowed)
    return Touched(narrowed, tuple(line for line in after if _falls_short(line.decisions, proposed)))


def _inside(line: Standing, proposed: ConsentEvent) -> bool:
    """Say whether the scope of ``line`` is a smaller one inside that of ``proposed``."""
    if proposed.annotation_id is not None or (line.language is None and line.text is None):
        return False
    if proposed.language_id is None:
        return True
    return line.text is not None and line.text.language_id == proposed.language_id


def _values(found: Decisions) -> dict[str, object]:
    """Return each decision by its name."""
    return {**found.rights.as_dict(), "attribution": found.attribution}


def _less(new: Decisions, old: Decisions) -> bool:
    """Say whether ``new`` allows less than ``old``, or ends earlier."""
    was = _values(old)
    lower = any(SCALES[name].index(value) < SCALES[name].index(was[name]) for name, value in _values(new).items())
    return lower or _ends_before(new.until, old.until)


def _falls_short(found: Decisions, proposed: ConsentEvent) -> bool:
    """Say whether ``found`` allows less than ``proposed`` grants, or ends earlier."""
    for name, value in _values(found).items():
        wanted = getattr(proposed, name)
        if wanted is not None and SCALES[name].index(value) < SCALES[name].index(wanted):
            return True
    return _ends_before(found.until, proposed.expires_at)


def _ends_before(one: datetime | None, other: datetime | None) -> bool:
    """Say whether ``one`` is an earlier end than ``other``; None is no end."""
    return one is not None and (other is None or one < other)


def history(session: Session, person_id: int) -> list[HistoryLine]:
    """Return everything that the person has decided, newest first, each with its entry in the ledger."""
    query = (
        select(ConsentEvent, LedgerEntry.hash, Language, _TEXTS.c.public_id)
        .join(LedgerEntry, LedgerEntry.seq == ConsentEvent.ledger_seq)
        .outerjoin(Language, Language.id == ConsentEvent.language_id)
        .outerjoin(_TEXTS, _TEXTS.c.id == ConsentEvent.annotation_id)
        .where(ConsentEvent.person_id == person_id)
        .order_by(ConsentEvent.at.desc(), ConsentEvent.id.desc())
    )
    return [HistoryLine(*row) for row in session.execute(query)]
