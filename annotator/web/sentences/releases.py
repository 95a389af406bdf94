"""Refusals of the room releases."""

from flask_babel import LazyString, lazy_gettext

WORDS: dict[str, LazyString] = {
    "feed_after_invalid": lazy_gettext(
        "“%(after)s” is not the number of an entry. Leave it out, or give the number of the last entry that you have."
    ),
    "release_does_not_verify": lazy_gettext(
        "The release was built and did not pass its own check (%(check)s: %(detail)s), so nothing was published. "
        "This is a fault of the program: please report it."
    ),
    "release_folder_exists": lazy_gettext(
        "%(folder)s is there already, and it is not of this installation's making. A release is written once: move "
        "that folder away, or set ANNOTATOR_EXPORTS to another one."
    ),
    "release_folder_unreadable": lazy_gettext("%(folder)s is not a release folder, or its rows cannot be read."),
    "release_gated_terms_missing": lazy_gettext(
        "%(project)s has the gated lane, and there are no terms for gated data yet: adopt a document of the kind "
        "gated-terms, or take the lane out of the project."
    ),
    "release_outdated": lazy_gettext(
        "Texts were taken back or changed while version %(version)s was being built. Publish again."
    ),
    "release_published_already": lazy_gettext(
        "Version %(version)s of %(project)s is published already. A release is written once: choose the next number."
    ),
    "release_unknown": lazy_gettext(
        "There is no published version %(version)s of %(project)s. Its page of releases lists those that there are."
    ),
    "release_version_malformed": lazy_gettext(
        "“%(version)s” is not a version number. Write three numbers with points between, such as 1.0.0."
    ),
    "release_version_unfit": lazy_gettext(
        "%(version)s does not fit after %(previous)s: the number that fits is %(fits)s. (Rows changed or removed: first "
        "number; rows only added: second; the same rows: third.)"
    ),
    "release_without_manifest": lazy_gettext(
        "Version %(version)s of %(project)s has no public folder on this machine, so there is no manifest to show."
    ),
}
