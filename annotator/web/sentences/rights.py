"""Refusals of the room rights."""

from flask_babel import LazyString, lazy_gettext

WORDS: dict[str, LazyString] = {
    "nothing_to_withdraw": lazy_gettext("There is nothing left to take back here: it is all out already."),
    "withdraw_what": lazy_gettext("Say what to take back: a language, or everything. Not both."),
    "withdrawn_already": lazy_gettext("This text is out already."),
    "withdrawal_unknown": lazy_gettext("There is no such request of yours. Your requests are under “My rights”."),
    "withdrawal_over": lazy_gettext("This request is closed: nothing is left to extend."),
    "undo_over": lazy_gettext("The time to undo this is over. You can write the text again."),
    "extended_already": lazy_gettext("This was extended once already. It cannot be extended again."),
    "reason_missing": lazy_gettext("Write a reason: the person who asked reads it."),
    "reason_too_long": lazy_gettext("The reason is too long: %(longest)s characters at most."),
    "authority_missing": lazy_gettext("Name the authority that ordered the hold."),
    "hold_until": lazy_gettext("Choose today or a later day, at most %(days)s days from now."),
    "hold_unknown": lazy_gettext("There is no such hold."),
    "hold_two_people": lazy_gettext("A hold needs two people. Somebody else must confirm this one."),
    "hold_over": lazy_gettext("This hold is over, or was confirmed already."),
    "erased_already": lazy_gettext("This cannot be held any more: its words are erased, or it was undone."),
}
