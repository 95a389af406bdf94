"""Refusals of the room annotations."""

from flask_babel import LazyString, lazy_gettext

WORDS: dict[str, LazyString] = {
    "ai_assisted_unknown": lazy_gettext("Say “no” or “yes” to the question about machines."),
    "annotation_unknown": lazy_gettext("There is no such text here. “My words” lists yours."),
    "another_person": lazy_gettext(
        "This page was opened by somebody else, who was signed in here before. Nothing was saved or sent under your name."
    ),
    "completion_missing": lazy_gettext("The answer is empty. Write one before you send it."),
    "instruction_missing": lazy_gettext("The question or task is empty. Write one before you send it."),
    "kind_not_offered": lazy_gettext("%(project)s does not take texts of one's own. Choose another kind of work."),
    "link_by_ambassador": lazy_gettext(
        "This text is accepted. An ambassador of its language can say that it owes less to the text above it."
    ),
    "link_missing": lazy_gettext("Say what your answer is: an answer, a translation, or the same in other words."),
    "link_of_original": lazy_gettext("This text was not made from another one, so there is nothing to correct."),
    "link_shares_words": lazy_gettext(
        "Words of the text above are still in this one, so it is no answer on its own. Choose another kind."
    ),
    "link_unknown": lazy_gettext("Choose one of these: %(known)s."),
    "nothing_changed": lazy_gettext("You have changed nothing. If the answer is good as it is, press “Already good”."),
    "nothing_changed_yet": lazy_gettext("You have changed nothing yet. Change the text, then send it."),
    "project_paused": lazy_gettext("%(project)s is paused and takes no new texts now. Save it and come back later."),
    "rating_missing": lazy_gettext("Choose a number from 1 to 5."),
    "rating_out_of_range": lazy_gettext("A rating is a whole number from 1 to 5."),
    "submission_key_used": lazy_gettext(
        "Something else was sent under this key before. Nothing was changed: send this text under a new key."
    ),
    "text_set_aside": lazy_gettext(
        "This text waits for new words, or has got them. Look under “Texts of mine that wait for a new question”."
    ),
    "text_too_long": lazy_gettext("This text is longer than %(limit)s characters. Shorten it or split it."),
    "text_withdrawn": lazy_gettext(
        "The text that this one builds on has been taken back by its author, so nothing more can be made from it. "
        "Please give it back and start the next one."
    ),
}
