"""Refusals about requests."""

from flask_babel import LazyString, lazy_gettext

WORDS: dict[str, LazyString] = {
    "appeal_other_person": lazy_gettext("You said no to this before. Somebody else decides now."),
    "appeal_over": lazy_gettext("You cannot ask once more here: the time is over, or you have done so already."),
    "left_already": lazy_gettext("This account is gone already."),
    "place_missing": lazy_gettext("Say where the text is, or paste its words."),
    "place_too_long": lazy_gettext(
        "Paste less: %(longest)s characters at most. A few sentences are enough to find it."
    ),
    "purge_maintainer": lazy_gettext("This person is a maintainer. End the role first."),
    "purge_not_confirmed": lazy_gettext("The two addresses are not the same. Look at them again."),
    "request_decided": lazy_gettext("Somebody has decided about this request already."),
    "request_kind_unknown": lazy_gettext("Choose what it is about."),
    "request_texts_missing": lazy_gettext("Tick the texts that are meant. You can search for them."),
    "request_unknown": lazy_gettext("There is no such request, or the link is not whole. Copy all of it."),
    "statement_missing": lazy_gettext("Tell us what is wrong."),
    "statement_too_long": lazy_gettext("Write less: %(longest)s characters at most."),
}
