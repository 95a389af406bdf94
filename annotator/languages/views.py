"""Add a language, and change what one is called. The pages to look at gather several rooms: ``portal.languages``."""

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from annotator.errors import DomainError
from annotator.languages import actions, queries
from annotator.languages.forms import LanguageForm, NamesForm, ProtectionForm
from annotator.permissions import Permission, permit
from annotator.web.access import current_actor, requires
from annotator.web.extensions import db_session
from annotator.web.pages import commit, done, refused, see_other, status

blueprint = Blueprint("languages", __name__, url_prefix="/languages")

# Which field of the form a refusal stands beside.
FIELD_OF = {
    "language_exists": "iso639_3",
    "language_iso_unknown": "iso639_3",
    "language_iso_wrong": "iso639_3",
    "language_name_missing": "english_name",
    "language_name_taken": "english_name",
    "language_script_wrong": "script",
    "language_variety_missing": "variety",
    "language_variety_wrong": "variety",
}


@blueprint.route("/add", methods=["GET", "POST"])
@requires(Permission.LANGUAGE_ADD)
def add() -> Response | AnyResponse | str:
    """Add a language that has no page yet, with or without an ISO code."""
    form = LanguageForm()
    if request.method == "GET":
        form.english_name.data = request.args.get("name")
        return render_template("languages/add.html", form=form)
    if form.validate_on_submit():
        try:
            language = actions.add(
                db_session(),
                actor=current_actor(),
                english_name=form.english_name.data,
                autonym=form.autonym.data,
                **form.code_parts,
            )
        except DomainError as error:
            refused(form, error, FIELD_OF.get(error.code))
        else:
            commit()
            done(_("The language is here. A project can collect in it from now on."))
            return see_other("languages.show", code=language.code)
    return status(render_template("languages/add.html", form=form), 422)


@blueprint.route("/<code>/names", methods=["GET", "POST"])
@requires(Permission.LANGUAGE_EDIT)
def rename(code: str) -> Response | AnyResponse | str:
    """Change a language's own name and its English name."""
    language = queries.by_code(db_session(), code)
    permit(current_actor(), Permission.LANGUAGE_EDIT, language_id=language.id)
    form = NamesForm()
    if request.method == "GET":
        form.autonym.data, form.english_name.data = language.autonym, language.english_name
        return render_template("languages/rename.html", form=form, language=language)
    if form.validate_on_submit():
        try:
            actions.rename(
                db_session(),
                actor=current_actor(),
                language=language,
                english_name=form.english_name.data,
                autonym=form.autonym.data,
            )
        except DomainError as error:
            refused(form, error, FIELD_OF.get(error.code))
            language = queries.by_code(db_session(), code)
        else:
            commit()
            done(_("The names are saved."))
            return see_other("languages.show", code=code)
    return status(render_template("languages/rename.html", form=form, language=language), 422)


@blueprint.route("/<code>/protection", methods=["GET", "POST"])
@requires(Permission.LANGUAGE_PROTECT)
def protection(code: str) -> Response | AnyResponse | str:
    """Shield the community of a language, or end that."""
    session = db_session()
    language, form = queries.by_code(session, code), ProtectionForm()
    if form.validate_on_submit():
        # What the page offered, and not what stands now: a form that is sent twice must not undo itself.
        switch = actions.unprotect if request.form.get("switch") == "unprotect" else actions.protect
        try:
            switch(session, actor=current_actor(), language=language, reason=form.reason.data)
        except DomainError as error:
            refused(form, error, "reason" if error.code.startswith("protect_reason") else None)
            language = queries.by_code(session, code)
        else:
            commit()
            done(_("The language is protected now.") if language.protected else _("The language is not protected now."))
            return see_other("languages.show", code=code)
    page = render_template("languages/protection.html", form=form, language=language)
    return page if request.method == "GET" else status(page, 422)
