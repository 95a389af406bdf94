"""Refusals of the room consent."""

from flask_babel import LazyString, lazy_gettext

WORDS: dict[str, LazyString] = {
    "consent_adult_missing": lazy_gettext("Only adults may take part: tick that you are 18 or older."),
    "consent_attribution_missing": lazy_gettext("Choose how you want to be credited."),
    "consent_expiry_past": lazy_gettext("That day is already over. Choose a later one, or leave it empty."),
    "consent_needed": lazy_gettext("First answer the three questions about your rights; then you can go on here."),
    "consent_one_scope": lazy_gettext("Choose either a language or a text, not both at once."),
    "consent_preset_missing": lazy_gettext("Choose what others may do with what you write."),
    "consent_right_unknown": lazy_gettext("There is no such choice for “%(right)s”. Take one that the form offers."),
    "consent_rights_missing": lazy_gettext("Some grants have no answer yet (%(rights)s). Answer each with yes or no."),
    "consent_scope_too_early": lazy_gettext(
        "Decide for everything that you write first; then you can choose differently for a language or a text."
    ),
    "consent_text_unknown": lazy_gettext("You have no such text, or you have taken it back. Choose one of your texts."),
    "credit_name_missing": lazy_gettext("To be credited by name, write your name; or choose another way of credit."),
    "credit_name_too_long": lazy_gettext("A name may have %(longest)s characters at most. Shorten it."),
    "document_empty": lazy_gettext("A document (%(kind)s) needs a language, a title and a text. Add what is missing."),
    "document_immutable": lazy_gettext(
        "Version %(version)s of %(kind)s (%(language)s) has another text, and a version never changes. "
        "Give the new text the next number."
    ),
    "document_kind": lazy_gettext("“%(kind)s” is no kind of document. Use one of: %(kinds)s."),
    "document_missing": lazy_gettext(
        "No document “%(kind)s” is in force here. The terms and the notice on personal data come with the installation; "
        "if one of them is missing, tell those who run this server."
    ),
    "document_no_original": lazy_gettext(
        "Version %(version)s of %(kind)s has no authoritative text yet. Adopt that first, then its translations."
    ),
    "document_two_originals": lazy_gettext(
        "Version %(version)s of %(kind)s has its authoritative text already (%(language)s). Adopt this as a translation."
    ),
    "document_unknown": lazy_gettext(
        "There is no version %(version)s of %(kind)s; without a number you get the newest."
    ),
    "document_version_old": lazy_gettext(
        "Version %(version)s of %(kind)s is not newer than version %(newest)s. Give it a higher number."
    ),
    "terms_newer": lazy_gettext("There is another version of the terms by now. Read it, then decide under that one."),
}
