"""Refusals of the room prompts."""

from flask_babel import LazyString, lazy_gettext

WORDS: dict[str, LazyString] = {
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
    "import_not_ours": lazy_gettext(
        "Another run of the same import has taken it up, or somebody has given it up. Nothing is lost: that run goes on, "
        "or you import the files again."
    ),
    "import_over": lazy_gettext("This import has ended already; there is nothing left to give up."),
    "import_translation_from_what": lazy_gettext(
        "The template %(template)s asks for a translation: say which language the sentences are in (--input-language)."
    ),
    "import_unknown": lazy_gettext("This project has no import number %(number)s."),
    "license_unknown": lazy_gettext(
        "“%(license)s” is no licence we know. Write its SPDX id, such as %(near)s, or LicenseRef-NAME for one without an id."
    ),
    "map_field_twice": lazy_gettext("The field %(field)s is mapped twice. Keep one."),
    "map_field_unknown": lazy_gettext("There is no field “%(field)s” to map. Choose from: %(known)s."),
    "map_malformed": lazy_gettext("“%(word)s” is not FIELD=COLUMN, such as completion=instances.0.output."),
    "map_path_never_found": lazy_gettext(
        "No row has anything at “%(path)s”, which should be the %(field)s. Nothing was imported: look for a slip in it."
    ),
    "prompt_priority_invalid": lazy_gettext(
        "A priority is a whole number from %(least)s to %(most)s. Higher comes first, and 0 is usual."
    ),
    "row_alike": lazy_gettext("Differs from another prompt only in case, spaces or punctuation; it was added."),
    "row_blocked": lazy_gettext("This text was taken back by its author, so it cannot come in again just now."),
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
    "source_unknown": lazy_gettext("This project has no source “%(source)s”. There are: %(known)s."),
    "steering_nothing_chosen": lazy_gettext("Say which prompts: name a source or an import."),
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
}
