"""The outcomes of a review, what each needs, and when they decide."""

from enum import StrEnum

from annotator.errors import Invalid


class Outcome(StrEnum):
    """What a reviewer may say of a revision."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_EDITS = "accepted_with_edits"
    CHANGES_REQUESTED = "changes_requested"
    DECLINED = "declined"


ACCEPTING = (Outcome.ACCEPTED, Outcome.ACCEPTED_WITH_EDITS)


class Reason(StrEnum):
    """Why changes are requested, or a text declined."""

    NOT_TRUE = "not_true"
    SPELLING = "spelling"
    TOO_SHORT = "too_short"
    ANOTHER_VARIETY = "another_variety"
    NOT_NATURAL = "not_natural"
    PERSONAL_DATA = "personal_data"
    HARMFUL = "harmful"
    OFF_TOPIC = "off_topic"


def check(outcome: str, reasons: list[str], note: str | None, *, edited: bool) -> Outcome:
    """Return the outcome, or raise Invalid with what it still needs.

    Changes requested and declined need a reason or a note, so that the author can act on it; accepted with
    edits needs an edit, accepted must not have one.
    """
    if outcome not in list(Outcome):
        raise Invalid("outcome_unknown", outcomes=", ".join(Outcome))
    if any(reason not in list(Reason) for reason in reasons):
        raise Invalid("review_reason_unknown", reasons=", ".join(Reason))
    chosen = Outcome(outcome)
    if chosen is Outcome.DECLINED and not reasons:
        raise Invalid("decline_needs_reason")
    if chosen is Outcome.CHANGES_REQUESTED and not (reasons or note):
        raise Invalid("changes_need_reason")
    if chosen is Outcome.ACCEPTED_WITH_EDITS and not edited:
        raise Invalid("edit_missing")
    if chosen is not Outcome.ACCEPTED_WITH_EDITS and edited:
        raise Invalid("edit_not_wanted")
    return chosen
