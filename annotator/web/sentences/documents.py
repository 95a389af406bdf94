"""Refusals about documents, what people say about themselves, and receipts."""

from flask_babel import LazyString, lazy_gettext

WORDS: dict[str, LazyString] = {
    "about_level": lazy_gettext("“%(level)s” is no choice for %(topic)s. Use one of: %(levels)s."),
    "about_topic": lazy_gettext("There is no such topic: “%(topic)s”. Use one of: %(topics)s."),
    "about_value": lazy_gettext("“%(value)s” cannot be used for %(field)s. Choose one of the list, or leave it out."),
    "about_value_missing": lazy_gettext("Say what your %(field)s is, or choose that nobody shall use it."),
    "document_language": lazy_gettext("“%(language)s” is no tag of a language. Use one such as en, yo or zh-Hant."),
    "document_not_translation": lazy_gettext(
        "The text of %(kind)s in “%(language)s” is the one that counts. Only a translation can be confirmed or be wrong; "
        "to change this text, adopt the next version."
    ),
    "document_reader_needed": lazy_gettext(
        "This is for people who grew up with the language (“%(language)s”) and for its ambassadors, and not for those who "
        "wrote the translation. Say on your page which languages you read."
    ),
    "document_too_long": lazy_gettext(
        "A title may have %(title)s characters at most, a text %(body)s. Your text is still in the form: shorten it."
    ),
    "draft_adopted": lazy_gettext(
        "This draft is in force already: somebody adopted it since you opened it. To begin a new version with your text, save "
        "it once more."
    ),
    "draft_newer": lazy_gettext(
        "Somebody else has saved this draft since you opened it. Their text stands below yours; compare both, then save again."
    ),
    "draft_unknown": lazy_gettext("There is no draft of %(kind)s in “%(language)s”. Write one first."),
    "reason_missing": lazy_gettext("Say in a few words why."),
    "receipt_unknown": lazy_gettext(
        "You have no receipt with this number. Your receipts are listed on the page of your rights."
    ),
    "translation_unknown": lazy_gettext("Version %(version)s of %(kind)s has no translation into “%(language)s”."),
    "translation_wrong": lazy_gettext(
        "This translation (%(kind)s, “%(language)s”) turned out to be wrong. Read the text that counts."
    ),
}
