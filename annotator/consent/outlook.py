"""What this room needs and cannot do: it knows no releases. ``annotator.app`` hands the functions of the higher rooms in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.orm import Session

from annotator.consent.models import ConsentEvent

KEY = "annotator.outlook"  # where the application keeps it


class PublicView(Protocol):
    """What the next release of a project would show about a person (see ``releases.demographics.Preview``)."""

    project: str
    languages: list[str]
    protected: list[str]
    granted: dict[str, str]
    shown: dict[str, str]
    k: int


@dataclass(frozen=True)
class Move:
    """So many texts stand in one lane now and would stand in another; None is out of every release."""

    now: str | None
    then: str | None
    texts: int


@dataclass(frozen=True)
class Effects:
    """What a choice does to texts: one's own by lane, those of others that build on them, and what is published.

    ``published`` counts the own texts that leave or change their lane and stand in a release that is out.
    """

    moves: tuple[Move, ...] = ()
    others: int = 0
    published: int = 0
    releases: tuple[str, ...] = ()

    @property
    def leaving(self) -> int:
        """How many own texts no release would hold any more."""
        return sum(move.texts for move in self.moves if move.then is None)

    @property
    def moving(self) -> int:
        """How many own texts would stand in another lane."""
        return sum(move.texts for move in self.moves if None not in (move.now, move.then) and move.now != move.then)

    @property
    def staying(self) -> int:
        """How many own texts would stay in their lane, for other uses than now."""
        return sum(move.texts for move in self.moves if move.now == move.then)

    @property
    def joining(self) -> int:
        """How many own texts would stand in a release that do not now."""
        return sum(move.texts for move in self.moves if move.now is None)

    @property
    def any(self) -> bool:
        """Whether anything would be otherwise."""
        return bool(self.moves or self.others)


@dataclass(frozen=True)
class Outlook:
    """The functions of the higher rooms: two that count, and ``follow``, called with choices once they are recorded.

    It sets aside texts of others that they leave without a lane.
    """

    effects: Callable[[Session, int, Sequence[ConsentEvent]], list[Effects]]
    public: Callable[..., Sequence[Any]]
    follow: Callable[[Session, Sequence[ConsentEvent]], None]
