"""Taking texts back: what it reaches, then one button."""

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from annotator.annotations import queries as annotations
from annotator.annotations.models import Annotation
from annotator.errors import DomainError, NotFound
from annotator.languages import queries as languages
from annotator.languages.models import Language
from annotator.permissions import Permission
from annotator.rights import actions, mails, queries
from annotator.rights.forms import WithdrawForm
from annotator.web.access import current_actor, current_person, requires
from annotator.web.extensions import db_session
from annotator.web.pages import commit, done, refused, see_other

blueprint = Blueprint("rights", __name__, url_prefix="/rights")


@blueprint.get("/")
@requires(Permission.ANNOTATION_WITHDRAW)
def index() -> str:
    """Everything that can be taken back, and what was taken back already."""
    session, person = db_session(), current_person()
    reach = queries.reach(session, person, annotation=None, language=None)
    counted: dict[int, int] = {}
    for annotation in reach.annotations:
        counted[annotation.language_id] = counted.get(annotation.language_id, 0) + 1
    by_language = sorted(
        ((session.get_one(Language, language_id), n) for language_id, n in counted.items()), key=lambda row: row[0].code
    )
    return render_template(
        "rights/index.html",
        by_language=by_language,
        total=len(reach.annotations),
        edits=len(reach.edits),
        withdrawals=queries.withdrawals_of(session, person.id),
        languages={
            w.language_id: session.get(Language, w.language_id)
            for w in queries.withdrawals_of(session, person.id)
            if w.language_id
        },
    )


@blueprint.route("/withdraw", methods=["GET", "POST"])
@requires(Permission.ANNOTATION_WITHDRAW)
def withdraw() -> str | AnyResponse:
    """What taking back one text, a language or everything does; and the button that does it."""
    session, person = db_session(), current_person()
    annotation, language = _scope(person.id)
    form = WithdrawForm()
    if form.validate_on_submit():
        try:
            made = actions.withdraw(
                session, actor=current_actor(), person=person, annotation=annotation, language=language
            )
            mails.confirmed(session, person, made)
            commit()
        except DomainError as error:
            refused(form, error)
        else:
            done(_("Taken back. It is hidden now, and the next release is made without it."))
            return see_other("rights.index")
    reach = queries.reach(session, person, annotation=annotation, language=language)
    return render_template(
        "rights/withdraw.html",
        form=form,
        annotation=annotation,
        language=language,
        reach=reach,
        built_on=queries.built_on(session, reach.annotations),
    )


def _scope(person_id: int) -> tuple[Annotation | None, Language | None]:
    """Return what the address names: ?annotation=ID, ?language=CODE, or everything."""
    session = db_session()
    if request.args.get("annotation"):
        annotation = annotations.by_public_id(session, request.args["annotation"])
        if annotation.author_id != person_id:
            raise NotFound("annotation_unknown", id=annotation.public_id)
        return annotation, None
    if request.args.get("language"):
        return None, languages.by_code(session, request.args["language"])
    return None, None
