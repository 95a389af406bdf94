"""The page "About me": what one says about oneself, how far it may be used, and what the public will see of it."""

import hashlib
import json

from flask import Blueprint, current_app, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from annotator.consent.about import actions, queries, rules
from annotator.consent.about.forms import ALL_LEVEL_WORDS, FIELD_WORDS, GENDER_WORDS, TOPIC_WORDS, AboutForm
from annotator.consent.outlook import KEY, PublicView
from annotator.errors import DomainError
from annotator.permissions import Permission
from annotator.web.access import current_actor, current_person, requires
from annotator.web.extensions import db_session, settings
from annotator.web.i18n import page_locale
from annotator.web.pages import commit, done, refused, see_other, status

blueprint = Blueprint("about", __name__)


@blueprint.app_template_global()
def demographic_words(field: str, value: str) -> str:
    """Return a value in words; a word that somebody typed stays theirs."""
    if field == "country":
        return str(page_locale().territories.get(value, value))
    return str(GENDER_WORDS.get(value, value)) if field == "gender" else value


@blueprint.route("/me/about", methods=["GET", "POST"])
@requires(Permission.CONSENT_CHANGE)
def about() -> AnyResponse | str:
    """Show and change what one says about oneself. What the public would see is shown before it is saved."""
    session, person, form = db_session(), current_person(), AboutForm()
    stands = queries.about(session, person.id)
    if not form.is_submitted():
        form.show(stands)
        return _page(form)
    if not form.validate():
        return status(_page(form), 422)
    try:
        chosen = actions.choose(session, actor=current_actor(), levels=form.levels(), values=form.values())
    except DomainError as error:
        refused(form, error, str(error.facts.get("field") or "") and f"{error.facts['field']}_value")
        return status(_page(form), 422)
    mark = _mark(chosen)
    in_rows = [field for field in rules.FIELDS if chosen.levels[field] == rules.ROW]
    if in_rows and form.seen.data != mark:
        seen = _public()  # as it would be: the choices are written, and taken back below
        session.rollback()
        form.seen.data = mark
        return _page(form, views=seen, in_rows=in_rows, asked=True)
    commit()
    done(_("Your choices are saved. What you switched off is deleted."))
    return see_other("about.about")


def _public() -> list[PublicView]:
    """Return what each project's next release would show."""
    found = current_app.extensions[KEY].public(db_session(), current_person(), k=settings().small_count)
    return list(found)


def _mark(chosen: queries.About) -> str:
    """Return a mark of what was chosen, so that only what was shown is saved."""
    return hashlib.sha256(json.dumps([chosen.levels, chosen.values], sort_keys=True).encode()).hexdigest()[:16]


def _page(form: AboutForm, **more: object) -> str:
    facts = {"views": [], "in_rows": [], "asked": False, **more}
    person = current_person()
    return render_template(
        "consent/about/about.html",
        form=form,
        field_words=FIELD_WORDS,
        topic_words=TOPIC_WORDS,
        level_words=ALL_LEVEL_WORDS,
        history=queries.history(db_session(), person.id),
        **facts,
    )
