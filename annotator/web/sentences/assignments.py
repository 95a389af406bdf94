"""Refusals of the room assignments."""

from flask_babel import LazyString, lazy_gettext

WORDS: dict[str, LazyString] = {
    "already_submitted": lazy_gettext("You have sent this one already. You find it under “My words”."),
    "assignment_over": lazy_gettext("This piece of work is not reserved for you any more. Start the next one."),
    "assignment_unknown": lazy_gettext("This piece of work is not yours, or it does not exist. Start the next one."),
    "cap_reached": lazy_gettext(
        "You have handed in as much as one person may within 24 hours in this language here. Thank you! You can hand in more "
        "from %(until)s on: save your text as a draft until then."
    ),
    "cap_reached_in_all": lazy_gettext(
        "You have handed in as much as one person may in this language here, so that many voices are heard. Thank you! "
        "Other languages and other projects are open to you."
    ),
    "draft_gone": lazy_gettext(
        "This text was sent or deleted in another tab. What you see here is not saved: copy what you still need."
    ),
    "draft_newer": lazy_gettext(
        "Another tab has saved a newer text. Nothing was overwritten: copy what you need from here and reload."
    ),
    "language_not_in_project": lazy_gettext(
        "%(project)s does not collect in %(language)s. Its page lists its languages."
    ),
    "place_taken": lazy_gettext(
        "Others have taken this one meanwhile, because the hour was over. Your text is kept as a draft under “My words”."
    ),
    "skip_reason_unknown": lazy_gettext("That is not a reason for skipping. Choose one of: %(reasons)s."),
    "undo_too_late": lazy_gettext(
        "This skip can no longer be undone: ten minutes have passed, or it was undone already."
    ),
}
