"""The sentence a person reads for each code that an action raises: what is wrong, and what helps.

One block per room, sorted; ``%(fact)s`` is filled from the error's facts. The command line uses the same words.
"""

from collections import defaultdict

from flask_babel import LazyString, lazy_gettext

from annotator.errors import DomainError

WORDS: dict[str, LazyString] = {
    # everywhere
    "no_language": lazy_gettext("Choose at least one language: search for it by any of its names."),
    "not_found": lazy_gettext("There is no such page. It may have been moved or withdrawn; the home page leads on."),
    "not_permitted": lazy_gettext("Your account may not do this. If it should, ask a maintainer."),
    "sign_in_needed": lazy_gettext("Sign in first; you will come back to this page."),
    "stale_form": lazy_gettext(
        "This page had been open for too long. What you typed is kept: look at it and send again."
    ),
    "too_large": lazy_gettext("That is more than this form takes. Make it shorter or send it in parts."),
    "too_many_requests": lazy_gettext("That was a lot at once. Wait a minute, then try again."),
    "unexpected": lazy_gettext("Something broke on our side, and it has been noted. Try again in a minute."),
    # accounts
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
    "too_many_tries": lazy_gettext(
        "Too many tries. Wait %(minutes)s minutes, or have a sign-in link sent to you: it works at once."
    ),
    # assignments
    "already_submitted": lazy_gettext("You have sent this one already. You find it under “My words”."),
    "assignment_over": lazy_gettext("This piece of work is not reserved for you any more. Start the next one."),
    "assignment_unknown": lazy_gettext("This piece of work is not yours, or it does not exist. Start the next one."),
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
    # annotations
    "ai_assisted_unknown": lazy_gettext("Say “no” or “yes” to the question about machines."),
    "annotation_unknown": lazy_gettext("There is no such text here. “My words” lists yours."),
    "completion_missing": lazy_gettext("The answer is empty. Write one before you send it."),
    "instruction_missing": lazy_gettext("The question or task is empty. Write one before you send it."),
    "kind_not_offered": lazy_gettext("%(project)s does not take texts of one's own. Choose another kind of work."),
    "nothing_changed": lazy_gettext("You have changed nothing. If the answer is good as it is, press “Already good”."),
    "nothing_changed_yet": lazy_gettext("You have changed nothing yet. Change the text, then send it."),
    "project_paused": lazy_gettext("%(project)s is paused and takes no new texts now. Save it and come back later."),
    "rating_missing": lazy_gettext("Choose a number from 1 to 5."),
    "rating_out_of_range": lazy_gettext("A rating is a whole number from 1 to 5."),
    "text_too_long": lazy_gettext("This text is longer than %(limit)s characters. Shorten it or split it."),
    "text_withdrawn": lazy_gettext(
        "The text that this one builds on has been taken back by its author, so nothing more can be made from it. "
        "Please give it back and start the next one."
    ),
    # consent
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
    # languages
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
    # ledger
    # mail
    # projects
    "overlap_not_lowered": lazy_gettext(
        "Up to %(overlap)s people may work on each prompt already, and some may hold those places. Choose more, not fewer."
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
    # prompts
    "file_archive": lazy_gettext("%(file)s is packed (%(archive)s). Unpack it first."),
    "file_column_twice": lazy_gettext("%(file)s, line %(line)s: two columns are called “%(column)s”. Rename one."),
    "file_empty": lazy_gettext("%(file)s has no rows. Look whether it is the right file."),
    "file_json_broken": lazy_gettext(
        "%(file)s, line %(line)s: this is not JSON (%(reason)s). Mend it there, or write one object a line."
    ),
    "file_json_shape": lazy_gettext(
        "%(file)s, line %(line)s: expected a list of objects, or one object a line. This is one object over many lines."
    ),
    "file_json_unfinished": lazy_gettext(
        "%(file)s, line %(line)s: the list ends without a “]”. The file may be cut off."
    ),
    "file_kind_unknown": lazy_gettext(
        "%(file)s: what it is cannot be told from its name. It should end in: %(known)s."
    ),
    "file_no_column": lazy_gettext(
        "%(file)s, line %(line)s: no column for %(field)s (%(names)s); there are: %(found)s. Rename one, or map it: "
        "%(field)s=COLUMN."
    ),
    "file_not_utf8": lazy_gettext("%(file)s, line %(line)s: the text is not UTF-8. Save the file in that encoding."),
    "file_other_encoding": lazy_gettext("%(file)s, line 1: the text is %(encoding)s. Save the file as UTF-8."),
    "file_parquet_broken": lazy_gettext(
        "%(file)s, row %(line)s: this is not Parquet, or it is damaged. Write it again."
    ),
    "file_row_long": lazy_gettext(
        "%(file)s, line %(line)s: one row takes more than %(longest)s bytes. A bracket or quotation mark may be missing."
    ),
    "file_table_broken": lazy_gettext(
        "%(file)s, line %(line)s: the row that begins here cannot be read (%(reason)s). Look for a lost quotation mark."
    ),
    "file_text_needs_template": lazy_gettext(
        "%(file)s holds bare sentences. Choose a template (--template) that makes prompts of them."
    ),
    "import_language_not_in_project": lazy_gettext(
        "%(project)s does not collect in %(language)s. Add the language to the project first."
    ),
    "import_translation_from_what": lazy_gettext(
        "The template %(template)s asks for a translation: say which language the sentences are in (--input-language)."
    ),
    "license_unknown": lazy_gettext(
        "“%(license)s” is no licence we know. Write its SPDX id, such as %(near)s, or LicenseRef-NAME for one without an id."
    ),
    "map_field_twice": lazy_gettext("The field %(field)s is mapped twice. Keep one."),
    "map_field_unknown": lazy_gettext("There is no field “%(field)s” to map. Choose from: %(known)s."),
    "map_malformed": lazy_gettext("“%(word)s” is not FIELD=COLUMN, such as completion=instances.0.output."),
    "map_path_never_found": lazy_gettext(
        "No row has anything at “%(path)s”, which should be the %(field)s. Nothing was imported: look for a slip in it."
    ),
    "row_alike": lazy_gettext("Differs from another prompt only in case, spaces or punctuation; it was added."),
    "row_cells": lazy_gettext("The row has %(found)s cells where the header has %(expected)s."),
    "row_duplicate": lazy_gettext("The same texts are there already."),
    "row_empty": lazy_gettext("The %(field)s is missing or empty."),
    "row_external_id_taken": lazy_gettext(
        "The id “%(external_id)s” of this source has another text already. Correct the id, or name another source."
    ),
    "row_id_long": lazy_gettext("The id is longer than %(longest)s characters."),
    "row_language_missing": lazy_gettext("The row has no language, and none was given for all (--language)."),
    "row_language_not_in_project": lazy_gettext("The project %(project)s does not collect in %(language)s."),
    "row_long": lazy_gettext("The line is longer than %(longest)s bytes."),
    "row_not_json": lazy_gettext("This is not JSON: %(reason)s."),
    "row_not_object": lazy_gettext("This is JSON, but not an object with named fields."),
    "row_not_text": lazy_gettext(
        "The %(field)s is not text. If it lies deeper, map it, such as completion=answers.0.text."
    ),
    "row_not_utf8": lazy_gettext("The text is not UTF-8 from byte %(place)s of the line on."),
    "row_text_long": lazy_gettext("The %(field)s is longer than %(longest)s characters."),
    "row_unstorable": lazy_gettext("The row has a character that cannot be stored (NUL or half a letter)."),
    "row_value_kind": lazy_gettext(
        "A column holds bytes or another kind of value (%(kind)s) that cannot be kept. Leave it out."
    ),
    "source_license_differs": lazy_gettext(
        "The source “%(source)s” stands under %(license)s here, not %(given)s. Correct the licence, or name another source."
    ),
    "source_name_invalid": lazy_gettext("Say where the texts come from, in 1 to %(longest)s characters."),
    "template_body_missing": lazy_gettext("The template %(name)s has no words of its own. Write the instruction."),
    "template_body_unusable": lazy_gettext(
        "The wording of the template %(name)s is longer than %(longest)s characters or has one that cannot be stored."
    ),
    "template_link_unknown": lazy_gettext("An answer cannot be a “%(link)s” of the sentence. Choose from: %(known)s."),
    "template_name_invalid": lazy_gettext(
        "“%(name)s” cannot name a template. Take small letters and digits with hyphens between, %(longest)s at most."
    ),
    "template_unknown": lazy_gettext(
        "There is no template “%(name)s”. There are: %(known)s. `annotator prompts templates add` makes one."
    ),
    # releases
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
    # review
    "changes_need_reason": lazy_gettext("Say what should change: choose a reason or write a note to the author."),
    "decided_already": lazy_gettext("This one has been decided meanwhile. The queue leads to the next one."),
    "decline_needs_reason": lazy_gettext("Choose a reason for declining; the author sees it."),
    "edit_empties_text": lazy_gettext("Your version leaves the question or the answer empty. Write it, or decline."),
    "edit_missing": lazy_gettext("You have changed nothing. Edit the text, or press “Accept”."),
    "edit_not_wanted": lazy_gettext(
        "You have edited the text. Press “Accept with edits” to keep your version, or undo your edit."
    ),
    "outcome_unknown": lazy_gettext("That is not an outcome of a review. Choose one of: %(outcomes)s."),
    "review_reason_unknown": lazy_gettext("That is not a reason of a review. Choose from: %(reasons)s."),
    "reviewed_already": lazy_gettext("You have decided about this version already. The queue leads to the next one."),
    "revision_newer": lazy_gettext("The author has sent a newer version meanwhile. Reload the page to see it."),
    # rights
    "nothing_to_withdraw": lazy_gettext("There is nothing left to take back here: it is all out already."),
}

_FALLBACK = lazy_gettext("This could not be done (%(code)s).")


def words(error: DomainError) -> str:
    """Return the sentence for ``error``, with its facts filled in; a code without words still says its name."""
    sentence = WORDS.get(error.code)
    if sentence is None:
        return str(_FALLBACK) % {"code": error.code}
    return str(sentence) % defaultdict(str, {name: _shown(value) for name, value in error.facts.items()})


def _shown(value: object) -> object:
    """Return a fact as it stands in a sentence: lists with commas between."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(str(item) for item in (sorted(value) if isinstance(value, (set, frozenset)) else value))
    return value
