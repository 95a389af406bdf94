"""What each grant would do if it were switched off: proposals that are never stored, for counting."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from annotator.consent import actions, rules
from annotator.consent.models import ConsentEvent
from annotator.permissions import Actor

# The name of a switch -> what is denied by it. ``publish`` has two steps down.
OFF: Mapping[str, Mapping[str, object]] = {
    "publish": {"publish": "no"},
    "publish_gated": {"publish": "gated"},
    **{name: {name: False} for name in rules.RIGHTS if name != "publish"},
}


def proposals(session: Session, *, actor: Actor, attribution: str) -> dict[str, ConsentEvent]:
    """Return for each switch the choice for everything that denies it and changes nothing else."""
    return {
        name: actions.propose(session, actor=actor, preset=actions.CUSTOM, attribution=attribution, rights=denied)
        for name, denied in OFF.items()
    }
