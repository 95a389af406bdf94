"""Refusals about leaving, and about claim codes."""

from flask_babel import LazyString, lazy_gettext

WORDS: dict[str, LazyString] = {
    "manner_missing": lazy_gettext("Say what becomes of your texts: take, unnamed or named."),
    "leaving_already": lazy_gettext("You have asked to leave already. Sign in to see until when you can undo it."),
    "not_leaving": lazy_gettext("You have not asked to leave, so there is nothing to undo."),
    "claim_code_wrong": lazy_gettext("No texts belong to this code. Look at each letter once more."),
    "undo_open": lazy_gettext("This can still be undone, or was undone, so nothing is erased."),
    "on_hold": lazy_gettext("An authority has ordered to keep this for now. It stays hidden, and is erased later."),
}
