"""What the buttons of a piece of work do. No word that was typed is lost here.

The page works by its form alone. Our script sends the same form and asks for JSON (``wants_fragment``): where to go
next, what was saved, or the refusal, with the part of a page on which a person decides.
"""

from datetime import timedelta

from flask import Response, jsonify, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from annotator.annotations import actions, forms, queries
from annotator.annotations.forms import WorkForm
from annotator.annotations.models import Annotation
from annotator.annotations.pieces.views import Piece, go_on, onward, page, show_words, thank
from annotator.assignments import actions as assignments
from annotator.assignments.models import Draft
from annotator.assignments.rules import UNDO
from annotator.errors import Conflict, DomainError
from annotator.web.access import current_actor, current_person
from annotator.web.errors import problem
from annotator.web.extensions import db_session
from annotator.web.i18n import show_moment
from annotator.web.pages import commit, done, refused, wants_fragment
from annotator.web.wording import words

# Which field of the form a refusal stands beside.
FIELD_OF = {
    "instruction_missing": "instruction",
    "completion_missing": "completion",
    "ai_assisted_unknown": "ai_assisted",
    "link_missing": "link",
}


def answer(piece: Piece, form: WorkForm) -> AnyResponse:
    """Do what the pressed button says; a refusal keeps what was typed and shows it again."""
    pressed, _colon, reason = request.form.get("do", "submit").partition(":")
    acts = {
        "save": lambda: _save(piece, form),
        "renew": lambda: _renew(piece, form),
        "skip": lambda: _skip(piece, form, reason or request.form.get("reason", "other")),
        "release": lambda: _release(piece, form),
        "good": lambda: _submit(piece, form, already_good=True),
        "submit": lambda: _submit(piece, form),
    }
    if not form.validate():
        return _refuse(piece, form, None)
    try:
        return acts.get(pressed, acts["submit"])()
    except DomainError as error:
        db_session().rollback()
        if error.code == "draft_newer":
            return _show_both(piece, form, error)
        return _refuse(piece, form, error, keep=pressed in ("submit", "good"))


def _refuse(piece: Piece, form: WorkForm, error: DomainError | None, *, keep: bool = False) -> AnyResponse:
    """Say why not. What was to be handed in is kept as the draft, in a transaction of its own."""
    if error is not None and error.code in {"draft_gone", "submission_key_used"}:
        # Whoever sends it once more, having read why not, means it as another text.
        form.go_on_from(None)
        form.sign(current_person().public_id, anew=True)
        keep = keep and error.code == "submission_key_used"
    if keep and form.holds_text():
        try:
            form.go_on_from(_keep(piece, form))
        except DomainError as again:
            db_session().rollback()
            if again.code == "draft_newer":
                return _show_both(piece, form, again)
    if error is None:
        if wants_fragment():
            return problem(422, "form_wrong", " ".join(str(one) for found in form.errors.values() for one in found))
        return page(piece, form, 422)
    if wants_fragment():
        return problem(error.status, error.code, words(error), version=form.version.data or 0, key=form.key.data)
    refused(form, error, str(error.facts["field"]) if error.code.startswith("rating_") else FIELD_OF.get(error.code))
    return page(piece, form, 422)


def _keep(piece: Piece, form: WorkForm) -> Draft:
    """Save what was sent as the draft and commit; a text that is saved already is not saved again."""
    saved = piece.draft()
    if saved is not None and forms.values_of(saved) == form.values():
        return saved
    if piece.assignment is None and saved is None and _sent_before(form):
        raise Conflict("already_submitted")  # a draft in flight must not outlive the submission that overtook it
    draft = assignments.save_draft(
        db_session(),
        actor=current_actor(),
        project=piece.project,
        language=piece.language,
        assignment=piece.assignment,
        texts=form.texts(),
        version=form.version.data or 0,
    )
    commit()
    return draft


def _sent_before(form: WorkForm) -> Annotation | None:
    """Return what was made of this very submission."""
    key = form.key.data
    return queries.by_submission_key(db_session(), current_actor().person_id or 0, key) if key else None


def _save(piece: Piece, form: WorkForm) -> AnyResponse:
    """Keep what was written so far; a script is told the draft's version, a person sees the page again."""
    draft = _keep(piece, form)
    lease = _hold(piece)
    if wants_fragment():
        return jsonify(version=draft.version, saved_at=draft.saved_at.isoformat(), lease=lease)
    done(f"{_('Saved.')} {lease}" if lease else _("Saved. You find it again here and under “My words”."))
    return onward(piece.address)


def _renew(piece: Piece, form: WorkForm) -> AnyResponse:
    """Go on with a reservation that ends or has ended; what the page sent with it is saved first."""
    if form.holds_text():
        _keep(piece, form)
    lease = _hold(piece, anew=True)
    if wants_fragment():
        return jsonify(lease=lease)
    done(lease)
    return onward(piece.address)


def _hold(piece: Piece, *, anew: bool = False) -> str:
    """Reserve again what had run out, where a place is free, and return how the reservation stands, in words."""
    if piece.assignment is None:
        return ""
    if anew or piece.assignment.state == "expired":
        try:
            assignments.renew(db_session(), actor=current_actor(), assignment=piece.assignment)
            commit()
        except Conflict as error:
            db_session().rollback()
            return str(_("Others have taken this one meanwhile.")) if error.code == "place_taken" else words(error)
    return str(_("Reserved for you until %(time)s.", time=show_moment(piece.assignment.lease_until)))


def _skip(piece: Piece, form: WorkForm, reason: str) -> AnyResponse:
    """Skip for good, ten minutes of undoing apart; where something was typed, ask first."""
    if piece.assignment is None:
        raise Conflict("assignment_over")
    asked = _ask_first(piece, form, f"skip:{reason}")
    if asked is not None:
        return asked
    assignments.skip(db_session(), actor=current_actor(), assignment=piece.assignment, reason=reason)
    commit()
    return go_on(piece.project, piece.language, skipped=piece.assignment.id)


def _release(piece: Piece, form: WorkForm) -> AnyResponse:
    """Give back for now, or give up what has expired; where something was typed, ask first, for it is deleted."""
    if piece.assignment is None:
        raise Conflict("assignment_over")
    asked = _ask_first(piece, form, "release")
    if asked is not None:
        return asked
    if piece.assignment.state == "expired":
        assignments.end(db_session(), piece.assignment)
    else:
        assignments.release(db_session(), actor=current_actor(), assignment=piece.assignment)
    commit()
    done(_("Given back."))
    return onward(url_for("annotations.start", **piece.where))


def give_up_original(piece: Piece) -> AnyResponse:
    """Delete the draft of something of one's own, after asking."""
    asked = _ask_first(piece, WorkForm(), "release")
    if asked is not None:
        return asked
    assignments.drop_original_draft(
        db_session(), person_id=current_actor().person_id or 0, project=piece.project, language=piece.language
    )
    commit()
    done(_("Deleted."))
    return onward(url_for("contributions.index"))


def _ask_first(piece: Piece, form: WorkForm, act: str) -> AnyResponse | None:
    """Ask before something typed is put aside; it is saved meanwhile. None when nothing was typed, or on a yes."""
    if request.form.get("sure"):
        return None
    if form.holds_text() and forms.wrote(form.values(), piece.starting):
        _keep(piece, form)
    draft = piece.draft()
    if draft is None or not forms.wrote(forms.values_of(draft), piece.starting):
        return None
    facts = {"piece": piece, "act": act, "draft": draft, "minutes": UNDO // timedelta(minutes=1)}
    if wants_fragment():
        html = render_template("annotations/_sure.html", **facts)
        return problem(409, "sure_needed", _("You have written something here."), version=draft.version, html=html)
    return Response(render_template("annotations/sure.html", **facts), status=409)


def _submit(piece: Piece, form: WorkForm, *, already_good: bool = False) -> AnyResponse:
    """Hand in. A text of another tab that would be gone with that is shown first."""
    if not _sent_before(form):
        if piece.assignment is not None:
            assignments.lock(db_session(), piece.assignment)
        _refuse_to_lose(piece, form)
    written, key = form.written(already_good=already_good), form.key.data or None
    if piece.assignment is not None:
        annotation = actions.submit(
            db_session(), actor=current_actor(), assignment=piece.assignment, written=written, key=key
        )
    else:
        annotation = actions.submit_original(
            db_session(),
            actor=current_actor(),
            project=piece.project,
            language=piece.language,
            written=written,
            key=key,
        )
    commit()
    if request.form.get("stay"):  # sent from another page, by the script that watches over what waits
        return jsonify(next=None)
    thank(annotation)
    if piece.assignment is not None:
        return go_on(piece.project, piece.language)
    return onward(piece.address)


def _refuse_to_lose(piece: Piece, form: WorkForm) -> None:
    """Raise Conflict ``draft_newer`` where another tab has saved words that this submission does not hold."""
    draft, seen = piece.draft(), form.version.data or 0
    if draft is None:
        if piece.assignment is None and seen:
            raise Conflict("draft_gone")
    elif draft.version != seen and forms.would_lose(forms.values_of(draft), form.values(), piece.starting):
        raise Conflict("draft_newer", version=draft.version)


def _show_both(piece: Piece, form: WorkForm, error: DomainError) -> AnyResponse:
    """Show what is saved beside what was sent, with a choice between them; nothing is lost before it is made."""
    draft = piece.draft()
    if draft is None:  # handed in or given up in this moment
        return _refuse(piece, form, Conflict("draft_gone"))
    saved, sent = forms.values_of(draft), form.values()
    facts = {
        "piece": piece,
        "form": form,
        "draft": draft,
        "saved": saved,
        "sent": sent,
        "both": forms.both(saved, sent),
        "differ": [name for name in forms.TYPED if saved[name] != sent[name]],
        "to_submit": request.form.get("do", "submit") in {"submit", "good"},
    }
    if wants_fragment():
        html = render_template("annotations/_versions.html", **facts)
        return problem(error.status, error.code, words(error), version=draft.version, saved=saved, html=html)
    return Response(render_template("annotations/versions.html", **facts), status=error.status)


def is_anothers(form: WorkForm) -> bool:
    """Say whether somebody else opened the page that sent this: nobody's words go out under another's name."""
    return request.method == "POST" and bool(form.by.data) and form.by.data != current_person().public_id


def tell_other(form: WorkForm) -> AnyResponse:
    """Refuse the words of somebody who was signed in here before, and show them, so that they are not lost."""
    error = Conflict("another_person")
    if wants_fragment():
        return problem(error.status, error.code, words(error))
    return show_words(_("Somebody else wrote this"), words(error), form.values(), status=error.status)
