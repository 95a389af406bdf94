"""Refusals of the room languages."""

from flask_babel import LazyString, lazy_gettext

WORDS: dict[str, LazyString] = {
    "language_ambiguous": lazy_gettext("“%(value)s” could mean several languages here. Name one of: %(near)s."),
    "language_exists": lazy_gettext("%(known)s is here already: edit its names on its own page."),
    "language_iso_unknown": lazy_gettext(
        "There is no code “%(value)s” in ISO 639-3. Look for a typing slip; a language without a code takes “mis” and a "
        "variety that names it."
    ),
    "language_iso_wrong": lazy_gettext(
        "“%(value)s” is not an ISO 639-3 code, which has three small letters, such as yor. A language without a code "
        "takes “mis” and a variety that names it."
    ),
    "language_name_long": lazy_gettext("A language's name has at most %(most)s characters. Shorten it."),
    "language_name_missing": lazy_gettext("The language needs an English name; its own name can follow."),
    "language_name_taken": lazy_gettext(
        "%(known)s is called “%(name)s” in the same script. Add what sets this one apart, such as the region."
    ),
    "language_not_added": lazy_gettext(
        "%(known)s is a language that we know but that nobody has added here yet. The list of languages shows what there "
        "is; a maintainer can add this one."
    ),
    "language_script_wrong": lazy_gettext(
        "“%(value)s” is not a script of ISO 15924, which has four letters, the first one large, such as Latn."
    ),
    "language_unknown": lazy_gettext("“%(value)s” is not a language here. The list of languages shows what there is."),
    "language_unknown_near": lazy_gettext("“%(value)s” is not a language here. Did you mean %(near)s?"),
    "language_variety_missing": lazy_gettext(
        "A language without an ISO code needs a variety that names it, such as “ekiti”."
    ),
    "language_variety_wrong": lazy_gettext(
        "“%(value)s” cannot be a variety's short form: use 2 to 40 small letters from a to z and digits."
    ),
    "protect_reason_long": lazy_gettext("The reason is too long: %(longest)s characters at most."),
    "protect_reason_missing": lazy_gettext("Write why, so that others who look after this place understand it."),
    "protected_already": lazy_gettext("%(language)s is protected already."),
    "protected_not": lazy_gettext("%(language)s is not protected, so there is nothing to end."),
    "speaker_level_wrong": lazy_gettext("“%(value)s” is not a level. Choose one of: %(levels)s."),
    "speaker_nothing": lazy_gettext("Say whether you read, write or review %(language)s, or take it off your list."),
    "speaker_unknown": lazy_gettext("%(language)s is not on this person's list of languages."),
    "speaker_variety_long": lazy_gettext("The name of your variety has at most %(most)s characters. Shorten it."),
    "term_past": lazy_gettext("%(until)s is over already. Give a day to come, such as a year from now."),
    "term_stands": lazy_gettext(
        "%(handle)s is ambassador of %(language)s until %(until)s already. Retire them first to change the term."
    ),
    "term_too_long": lazy_gettext("A term lasts three years at most, and %(until)s is later. Appoint again then."),
    "term_unknown": lazy_gettext(
        "%(handle)s is not ambassador of %(language)s now. `annotator ambassadors list` shows who is."
    ),
}
