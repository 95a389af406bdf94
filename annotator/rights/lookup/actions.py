"""Take several texts back at once, each with its own receipt."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from annotator.accounts.models import Person
from annotator.permissions import Actor
from annotator.rights import actions as rights
from annotator.rights.lookup import queries
from annotator.rights.models import Withdrawal
from annotator.settings import RightsPolicy


def withdraw(
    session: Session,
    *,
    actor: Actor,
    person: Person,
    public_ids: Sequence[str],
    policy: RightsPolicy = RightsPolicy(),  # noqa: B008  # frozen
) -> list[Withdrawal]:
    """Take the ticked texts back, all or none. Raises what ``rights.actions.withdraw`` raises."""
    chosen = queries.ticked(session, person.id, public_ids)
    return [
        rights.withdraw(session, actor=actor, person=person, annotation=one.annotation, policy=policy) for one in chosen
    ]
