"""The pages of documents: the list, writing with a preview, what changed, and the word of native readers."""

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from annotator.consent import actions as consent
from annotator.consent import queries as documents
from annotator.consent.models import Document
from annotator.consent.wordings import actions, mails, queries, rules
from annotator.consent.wordings.forms import KIND_WORDS, ConfirmForm, WritingForm, WrongForm
from annotator.consent.wordings.html import as_html
from annotator.errors import DomainError, NotFound
from annotator.permissions import Permission, may
from annotator.web.access import current_actor, requires
from annotator.web.extensions import db_session, settings
from annotator.web.pages import commit, done, refused, see_other, status, warn
from annotator.web.wording import words

blueprint = Blueprint("wordings", __name__, url_prefix="/documents")
blueprint.add_app_template_global(rules.direction, "tag_direction")
blueprint.add_app_template_global(rules.name_of, "tag_name")

_FIELDS = {"document_too_long": "body", "document_empty": "body", "draft_newer": "body", "draft_adopted": "body"}


@blueprint.context_processor
def _words() -> dict[str, object]:
    """Give the templates of these pages the kinds of documents in words."""
    return {"kind_words": KIND_WORDS}


def may_write() -> bool:
    """Say whether the reader of the page writes documents."""
    return may(current_actor(), Permission.DOCUMENT_ADOPT)


@blueprint.get("/")
def index() -> str:
    """List every document with its versions and translations; for those who write them, the drafts too."""
    return render_template("consent/wordings/index.html", kinds=queries.listed(db_session()), may_write=may_write())


@blueprint.get("/<kind>/<int:version>/changes")
def changes(kind: str, version: int) -> str:
    """Show how a text differs from the version before in the same language."""
    session = db_session()
    new = documents.document(session, kind, version, request.args.get("language", ""))
    old = queries.before(session, new)
    return render_template(
        "consent/wordings/changes.html",
        document=new,
        before=old,
        spans=rules.compare(old.body, new.body) if old else [],
    )


@blueprint.route("/<kind>/write", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_ADOPT)
def write(kind: str) -> AnyResponse | str:
    """Write the next version of a document, or a translation: the draft is kept, looked at, then adopted."""
    session = db_session()
    versions = documents.versions(session, kind) if kind in consent.KINDS else []
    language = request.args.get("language") or (versions[0].language if versions else "en")
    if kind not in consent.KINDS:
        raise NotFound("document_missing", kind=kind)
    form = WritingForm()
    if not form.validate_on_submit():
        _fill(form, kind, language)
        return _page(form, kind, language)
    try:
        draft = actions.save_draft(
            session,
            actor=current_actor(),
            kind=kind,
            language=language,
            title=form.title.data or "",
            body=form.body.data or "",
            seen=form.seen.data or "",
        )
    except DomainError as error:
        return _not_saved(form, kind, language, error)
    mark = rules.sum_of(draft.title, draft.body)
    pressed = request.form.get("do", "keep")
    if pressed == "adopt" and form.checked.data == mark:
        return _adopt(form, kind, language, mark)
    commit()
    form.seen.data = mark
    if pressed == "keep":
        done(_("The draft is kept."))
        return see_other("wordings.write", kind=kind, language=language)
    form.checked.data = mark
    return _page(form, kind, language, looking=True)


def _fill(form: WritingForm, kind: str, language: str) -> None:
    """Put what is there into the form: the draft, else the newest text in the language."""
    draft = queries.draft(db_session(), kind, language) if rules.is_tag(language) else None
    before = None if draft else queries.next_of(db_session(), kind, language).before
    source = draft or before
    if source is not None:
        form.title.data, form.body.data = source.title, source.body
    form.seen.data = rules.sum_of(draft.title, draft.body) if draft else ""


def _adopt(form: WritingForm, kind: str, language: str, mark: str) -> AnyResponse | str:
    try:
        made = actions.adopt_draft(
            db_session(), actor=current_actor(), kind=kind, language=language, seen=mark, widens=form.widens.data
        )
    except DomainError as error:
        commit()  # the draft stays kept, whatever kept it from being adopted
        form.body.errors = [*form.body.errors, words(error)]
        return status(_page(form, kind, language, looking=True), error.status)
    commit()
    done(_("Version %(version)s is in force.", version=made.version))
    return see_other("consent.document", kind=kind, version=made.version, language=language)


def _not_saved(form: WritingForm, kind: str, language: str, error: DomainError) -> AnyResponse:
    """Show the form again with what was typed; beside it the draft that somebody else has saved since."""
    refused(form, error, _FIELDS.get(error.code))
    theirs = queries.draft(db_session(), kind, language) if error.code == "draft_newer" else None
    if theirs is not None:
        form.seen.data = rules.sum_of(theirs.title, theirs.body)
    elif error.code == "draft_adopted":
        form.seen.data = ""  # sent again, it is a new draft
    return status(_page(form, kind, language, theirs=theirs), error.status)


def _page(form: WritingForm, kind: str, language: str, **more: object) -> str:
    becomes = queries.next_of(db_session(), kind, language)
    body = (form.body.data or "").replace("\r\n", "\n")
    original = None if becomes.authoritative else documents.versions(db_session(), kind)[0]
    return render_template(
        "consent/wordings/write.html",
        form=form,
        kind=kind,
        language=language,
        becomes=becomes,
        original=original,
        preview=as_html(body),
        original_body=as_html(original.body) if original else None,
        spans=rules.compare(becomes.before.body, body.strip() + "\n") if becomes.before else [],
        **more,
    )


@blueprint.post("/<kind>/<int:version>/confirm")
@requires(Permission.DOCUMENT_CONFIRM)
def confirm(kind: str, version: int) -> AnyResponse:
    """Take a native reader's word that a translation says what the text that counts says."""
    document = _translation(kind, version)
    try:
        actions.confirm(db_session(), actor=current_actor(), document=document)
    except DomainError as error:
        db_session().rollback()
        warn(words(error))
    else:
        commit()
        done(_("Thank you. It now says that a native reader has confirmed this translation."))
    return see_other("consent.document", kind=kind, version=version, language=document.language)


@blueprint.post("/<kind>/<int:version>/wrong")
@requires(Permission.DOCUMENT_ADOPT)
def wrong(kind: str, version: int) -> AnyResponse:
    """Mark a translation as wrong, and write to all who decided beside it."""
    document, form = _translation(kind, version), WrongForm()
    try:
        people = actions.mark_wrong(
            db_session(), actor=current_actor(), document=document, reason=form.reason.data or ""
        )
    except DomainError as error:
        db_session().rollback()
        warn(words(error))
    else:
        mails.wrong(db_session(), document, people, settings().public_url)
        commit()
        done(
            ngettext(
                "Marked as wrong. %(num)s person who read it is asked to decide anew.",
                "Marked as wrong. %(num)s people who read it are asked to decide anew.",
                len(people),
            )
        )
    return see_other("consent.document", kind=kind, version=version, language=document.language)


def _translation(kind: str, version: int) -> Document:
    return queries.exact(db_session(), kind, version, request.args.get("language", ""))


def of_page(document: Document) -> dict[str, object]:
    """Return what the page of a document offers its reader: to confirm it, to mark it as wrong."""
    actor, fresh = current_actor(), not document.authoritative and document.wrong_at is None
    reads = actor.person_id is not None and queries.reads_it(db_session(), actor.person_id, document)
    return {
        "may_write": may_write(),
        "confirming": ConfirmForm() if fresh and reads and document.confirmed_at is None else None,
        "marking": WrongForm() if fresh and may_write() else None,
        "readable": [d for d in queries.translations(db_session(), document) if d.wrong_at is None],
    }
