"""Refusals about copies of one's data."""

from flask_babel import LazyString, lazy_gettext

WORDS: dict[str, LazyString] = {
    "data_none": lazy_gettext("You have not asked for a copy of your data yet. Ask for one first."),
    "data_unknown": lazy_gettext("There is no such copy of yours, or its time is over. Ask for a new one."),
    "file_exists": lazy_gettext("%(file)s is there already. Name a new file: it will hold private data."),
}
