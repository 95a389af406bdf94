"""Refusals of the room review."""

from flask_babel import LazyString, lazy_gettext

WORDS: dict[str, LazyString] = {
    "changes_need_reason": lazy_gettext("Say what should change: choose a reason or write a note to the author."),
    "decided_already": lazy_gettext("This one has been decided meanwhile. The queue leads to the next one."),
    "decline_needs_reason": lazy_gettext("Choose a reason for declining; the author sees it."),
    "edit_empties_text": lazy_gettext("Your version leaves the question or the answer empty. Write it, or decline."),
    "edit_missing": lazy_gettext("You have changed nothing. Edit the text, or press “Accept”."),
    "edit_not_wanted": lazy_gettext(
        "You have edited the text. Press “Accept with edits” to keep your version, or undo your edit."
    ),
    "outcome_unknown": lazy_gettext("That is not an outcome of a review. Choose one of: %(outcomes)s."),
    "prompt_closed_already": lazy_gettext(
        "Somebody has closed this prompt meanwhile. If it should be offered after all, open it again under “Closed”."
    ),
    "prompt_not_closed": lazy_gettext("This prompt is not closed because of skips, so there is nothing to open again."),
    "prompt_superseded": lazy_gettext(
        "This prompt stays closed: another version of its text is offered already, and only one is."
    ),
    "prompt_text_withdrawn": lazy_gettext("This prompt stays closed: its words were taken back by their author."),
    "prompt_unknown": lazy_gettext("There is no such prompt in this language. The desk lists those that people skip."),
    "review_reason_unknown": lazy_gettext("That is not a reason of a review. Choose from: %(reasons)s."),
    "reviewed_already": lazy_gettext("You have decided about this version already. The queue leads to the next one."),
    "revision_newer": lazy_gettext("The author has sent a newer version meanwhile. Reload the page to see it."),
    "verdict_unknown": lazy_gettext("That is not a decision about a prompt. Choose one of: %(verdicts)s."),
}
