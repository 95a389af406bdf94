"""Refusals of mending."""

from flask_babel import LazyString, lazy_gettext

WORDS: dict[str, LazyString] = {
    "gap_left": lazy_gettext("There is still a gap %(gap)s. Write something of your own there, or take it out."),
    "not_waiting": lazy_gettext("This text does not wait for new words, or not any more."),
}
