"""Refusals of the room accounts."""

from flask_babel import LazyString, lazy_gettext

WORDS: dict[str, LazyString] = {
    "email_invalid": lazy_gettext("“%(email)s” is not an e-mail address. Look for a missing @ or a typing slip."),
    "email_taken": lazy_gettext("There is an account with the address %(email)s already."),
    "handle_invalid": lazy_gettext(
        "“%(handle)s” cannot be a handle. Take 2 to 40 letters of any script or digits; after the first also _ . and -"
    ),
    "handle_mixed": lazy_gettext(
        "“%(handle)s” mixes alphabets whose letters look alike, so it could pass for somebody else's. Keep to one."
    ),
    "handle_taken": lazy_gettext("Somebody else is called %(handle)s here. Choose another handle."),
    "last_maintainer": lazy_gettext("This is the only maintainer. Give the role to somebody else first."),
    "link_dead": lazy_gettext("This link has been used or is too old. Ask for a new one: it takes a minute."),
    "password_long": lazy_gettext("The password is too long. Take at most %(length)s characters."),
    "password_short": lazy_gettext(
        "The password is too short. Take at least %(length)s characters; a sentence is good."
    ),
    "password_weak": lazy_gettext(
        "This password is guessed early. Take several words that only you would put together."
    ),
    "person_unknown": lazy_gettext(
        "There is no account with the address %(email)s. `annotator people list` shows all."
    ),
    "role_not_held": lazy_gettext("%(handle)s does not have the role %(role)s."),
    "role_unknown": lazy_gettext("There is no role “%(role)s”. Choose one of: %(known)s."),
    "sign_in_wrong": lazy_gettext(
        "Address and password do not fit together. Try again, or have a sign-in link sent to you: it needs no password."
    ),
    "sign_up_closed": lazy_gettext(
        "Nobody can join yet: the people who run this server have not said who answers for personal data (the settings "
        "ANNOTATOR_CONTROLLER_NAME, _CONTACT and _JURISDICTION)."
    ),
    "token_days_wrong": lazy_gettext("A token lasts 1 to %(most)s days. Choose a number between."),
    "token_name_long": lazy_gettext("The name of a token has at most %(longest)s characters. Shorten it."),
    "token_name_missing": lazy_gettext("Give the token a name that tells you later what it is for."),
    "token_scope_unknown": lazy_gettext("There is no scope “%(scope)s”. Choose from: %(known)s."),
    "token_scopes_missing": lazy_gettext("Say what the token may be used for. Choose from: %(known)s."),
    "token_too_many": lazy_gettext("You have %(most)s tokens already. Revoke one that you no longer use."),
    "token_unknown": lazy_gettext("There is no such token of yours. Your page lists those that there are."),
    "too_many_tries": lazy_gettext(
        "Too many tries. Wait %(minutes)s minutes, or have a sign-in link sent to you: it works at once."
    ),
}
