"""Refusals of the room projects."""

from flask_babel import LazyString, lazy_gettext

WORDS: dict[str, LazyString] = {
    "overlap_not_lowered": lazy_gettext(
        "Up to %(overlap)s people may work on each prompt already, and some may hold those places. Choose more, not fewer."
    ),
    "project_cap_invalid": lazy_gettext(
        "How many texts one person may hand in is a whole number from 1 to %(most)s; 0 takes the limit away."
    ),
    "project_lane_unknown": lazy_gettext("There is no lane “%(lane)s”. Choose from: %(known)s."),
    "project_lanes_missing": lazy_gettext("A project's releases need at least one lane. Choose from: %(known)s."),
    "project_languages_missing": lazy_gettext("A project needs at least one language, such as yor_Latn. Name one."),
    "project_mix_empty": lazy_gettext("A project must offer some kind of work. Give one of these a weight: %(known)s."),
    "project_mix_kind_unknown": lazy_gettext("There is no kind of work “%(kind)s”. Choose from: %(known)s."),
    "project_mix_weight_invalid": lazy_gettext(
        "The weight of “%(kind)s” must be a whole number from 0 to %(most)s; 0 means that it is not offered."
    ),
    "project_overlap_invalid": lazy_gettext("How many people work on one prompt is a whole number from 1 to %(most)s."),
    "project_reviews_invalid": lazy_gettext("How many acceptances decide is a whole number from 1 to %(most)s."),
    "project_slug_invalid": lazy_gettext(
        "“%(slug)s” cannot stand in an address. Take %(shortest)s to %(longest)s small letters a to z and digits, with "
        "hyphens between, such as river-stories; “new” is taken."
    ),
    "project_slug_taken": lazy_gettext("There is a project at “%(slug)s” already. Choose another short name."),
    "project_title_long": lazy_gettext("The title is too long. Keep it to %(longest)s characters."),
    "project_title_missing": lazy_gettext("The title is empty. Say in a few words what is collected."),
    "project_unknown": lazy_gettext("There is no project “%(slug)s”. The list of projects shows what there is."),
}
