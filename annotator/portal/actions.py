"""Join, and say which languages one uses: steps that touch several rooms in one transaction."""

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy.orm import Session

from annotator.accounts import actions as accounts
from annotator.accounts.models import Person
from annotator.errors import Invalid
from annotator.languages import actions as languages
from annotator.languages import queries
from annotator.languages.models import Language
from annotator.permissions import Actor


class Spoken(Protocol):
    """A language and what a person does in it."""

    language: Language
    writes: bool
    reviews: bool
    level: str
    variety: str | None


def join(
    session: Session,
    *,
    actor: Actor,
    email: str,
    handle: str,
    password: str | None,
    spoken: Sequence[Spoken],
    controller_is_known: bool,
) -> accounts.Joined:
    """Make an account with its languages; an address that has one already is left as it is.

    Raises what ``accounts.actions.sign_up`` raises, and Invalid ``no_language``.
    """
    if not spoken:
        raise Invalid("no_language")
    joined = accounts.sign_up(
        session, actor=actor, email=email, handle=handle, password=password, controller_is_known=controller_is_known
    )
    if joined.new:
        # The account was made a moment ago by whoever acts, so they act for it.
        speak(session, actor=Actor(person_id=joined.person.id), person=joined.person, spoken=spoken)
    return joined


def speak(session: Session, *, actor: Actor, person: Person, spoken: Sequence[Spoken]) -> None:
    """Make ``spoken`` the languages of ``person``: those left out are taken off.

    Raises Invalid ``no_language`` and what ``languages.actions.set_speaker`` raises.
    """
    if not spoken:
        raise Invalid("no_language")
    kept = {chosen.language.id for chosen in spoken}
    for before in queries.spoken_by(session, person.id):
        if before.language_id not in kept:
            languages.remove_speaker(session, actor=actor, person=person, language=before.language)
    for chosen in spoken:
        languages.set_speaker(
            session,
            actor=actor,
            person=person,
            language=chosen.language,
            reads=True,
            writes=chosen.writes,
            reviews=chosen.reviews,
            level=chosen.level,
            variety=chosen.variety,
        )
