"""Taking texts back: what it reaches, then one button; undo; where each request stands; the public figures."""

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from sqlalchemy import func
from werkzeug.wrappers import Response as AnyResponse

from annotator import clock
from annotator.annotations import queries as annotations
from annotator.annotations.models import Annotation
from annotator.errors import DomainError, NotFound
from annotator.languages import queries as languages
from annotator.languages.models import Language
from annotator.permissions import Permission
from annotator.rights import actions, holds, mails, previewing, queries, rules
from annotator.rights.forms import ExtendForm, HoldForm, UndoForm, WithdrawForm
from annotator.rights.models import Withdrawal
from annotator.web.access import ask_again_unless_fresh, current_actor, current_person, requires
from annotator.web.extensions import db_session, settings
from annotator.web.pages import commit, done, refused, see_other, status, warn
from annotator.web.wording import words

blueprint = Blueprint("rights", __name__, url_prefix="/rights")

# Cards on the page of the queue, the first promised first: each has two forms.
MOST_CARDS = 100
# Which field of a form a refusal stands beside.
_FIELD_OF = {
    "hold_until": "until",
    "authority_missing": "authority",
    "reason_missing": "reason",
    "reason_too_long": "reason",
}


@blueprint.get("/")
@requires(Permission.ANNOTATION_WITHDRAW)
def index() -> str:
    """Everything that can be taken back, and where each request stands."""
    session, person = db_session(), current_person()
    counted = queries.own_of(person.id).with_only_columns(Annotation.language_id, func.count())
    by_language = sorted(
        ((session.get_one(Language, id_), n) for id_, n in session.execute(counted.group_by(Annotation.language_id))),
        key=lambda row: row[0].code,
    )
    withdrawals, now = queries.withdrawals_of(session, person.id), clock.now()
    return render_template(
        "rights/index.html",
        by_language=by_language,
        edits=session.scalar(queries.edits_of(person.id).with_only_columns(func.count())),
        withdrawals=withdrawals,
        events=queries.events_of(session, [one.id for one in withdrawals]),
        undoable={one.id for one in withdrawals if one.cause == "withdrawn" and rules.can_be_undone(one, now)},
        form=UndoForm(),
        languages={one.language_id: session.get(Language, one.language_id) for one in withdrawals if one.language_id},
    )


@blueprint.route("/withdraw", methods=["GET", "POST"])
@requires(Permission.ANNOTATION_WITHDRAW)
def withdraw() -> str | AnyResponse:
    """What taking back one text, a language or everything does; and the button that does it."""
    session, person = db_session(), current_person()
    annotation, language = _scope(person.id)
    if annotation is None and language is None:
        again = ask_again_unless_fresh(rules.FRESH)
        if again is not None:
            return again
    form = WithdrawForm()
    if form.validate_on_submit():
        try:
            made = actions.withdraw(
                session,
                actor=current_actor(),
                person=person,
                annotation=annotation,
                language=language,
                policy=settings().rights,
            )
            mails.confirmed(session, person, made)
            commit()
        except DomainError as error:
            refused(form, error)
        else:
            done(_("Taken back. It is hidden now, and the next release is made without it."))
            return see_other("rights.index")
    return render_template(
        "rights/withdraw.html",
        form=form,
        annotation=annotation,
        language=language,
        preview=previewing.preview(session, person, annotation=annotation, language=language, policy=settings().rights),
        policy=settings().rights,
    )


@blueprint.post("/withdrawals/<public_id>/undo")
@requires(Permission.ANNOTATION_WITHDRAW)
def undo(public_id: str) -> AnyResponse:
    """Put back what a withdrawal hid."""
    form = UndoForm()
    if form.validate_on_submit():
        try:
            actions.undo(db_session(), actor=current_actor(), withdrawal=queries.by_public_id(db_session(), public_id))
            commit()
        except DomainError as error:
            db_session().rollback()
            warn(words(error))
        else:
            done(_("Undone. Your texts are back as they were."))
    return see_other("rights.index")


@blueprint.get("/figures")
def figures() -> str:
    """How many requests there are, how long they take, and what is overdue: for everybody to see."""
    now = clock.now()
    return render_template(
        "rights/figures.html",
        figures=queries.figures(db_session(), now, small=settings().rights.small_count),
        policy=settings().rights,
        now=now,
    )


@blueprint.get("/queue")
@requires(Permission.RIGHTS_DECIDE)
def queue() -> str:
    """Every withdrawal that is not finished, and the holds: no names, and no texts."""
    return _queue()


@blueprint.get("/withdrawals/<public_id>/<any(extend, hold):how>")
@requires(Permission.RIGHTS_DECIDE)
def again(public_id: str, how: str) -> AnyResponse:  # noqa: ARG001  # all forms stand on one page
    """The address of a form that was sent, opened once more."""
    return see_other("rights.queue")


@blueprint.post("/withdrawals/<public_id>/extend")
@requires(Permission.RIGHTS_DECIDE)
def extend(public_id: str) -> str | AnyResponse:
    """Promise a later day, with a reason."""
    session = db_session()
    withdrawal = queries.by_public_id(session, public_id)
    form = _extend_form(withdrawal)
    if form.validate_on_submit():
        try:
            actions.extend(
                session, actor=current_actor(), withdrawal=withdrawal, reason=form.reason.data, policy=settings().rights
            )
            mails.extended(session, withdrawal, form.reason.data)
            commit()
        except DomainError as error:
            if error.code not in _FIELD_OF:
                return _too_late(error)
            refused(form, error, _FIELD_OF[error.code])
        else:
            done(_("Extended."))
            return see_other("rights.queue")
    return status(_queue(extending=form), 422)


@blueprint.post("/withdrawals/<public_id>/hold")
@requires(Permission.RIGHTS_DECIDE)
def hold(public_id: str) -> str | AnyResponse:
    """Ask that erasing waits, in the name of an authority."""
    session = db_session()
    withdrawal = queries.by_public_id(session, public_id)
    form = _hold_form(withdrawal)
    if form.validate_on_submit():
        try:
            holds.ask(
                session,
                actor=current_actor(),
                withdrawal=withdrawal,
                authority=form.authority.data,
                reason=form.reason.data,
                until=holds.end_of(form.until.data),
                policy=settings().rights,
            )
            commit()
        except DomainError as error:
            if error.code not in _FIELD_OF:
                return _too_late(error)
            refused(form, error, _FIELD_OF[error.code])
        else:
            done(_("Asked for. The hold stands once somebody else confirms it."))
            return see_other("rights.queue")
    return status(_queue(holding=form), 422)


@blueprint.post("/holds/<public_id>/<any(confirm, lift):step>")
@requires(Permission.RIGHTS_DECIDE)
def settle_hold(public_id: str, step: str) -> AnyResponse:
    """Confirm a hold that somebody else asked for, or end one."""
    if UndoForm().validate_on_submit():
        try:
            found = queries.hold_by_public_id(db_session(), public_id)
            (holds.confirm if step == "confirm" else holds.lift)(db_session(), actor=current_actor(), hold=found)
            commit()
        except DomainError as error:
            db_session().rollback()
            warn(words(error))
        else:
            done(_("The hold stands.") if step == "confirm" else _("The hold is lifted."))
    return see_other("rights.queue")


def _too_late(error: DomainError) -> AnyResponse:
    """Say on the page why nothing was done: the form that was sent does not stand there any more."""
    db_session().rollback()
    warn(words(error))
    return see_other("rights.queue")


def _extend_form(withdrawal: Withdrawal) -> ExtendForm:
    """Return the form of one card: many stand on the page, so each has names of its own."""
    return ExtendForm(prefix=f"extend{withdrawal.id}-")


def _hold_form(withdrawal: Withdrawal) -> HoldForm:
    return HoldForm(prefix=f"hold{withdrawal.id}-")


def _queue(*, extending: ExtendForm | None = None, holding: HoldForm | None = None) -> str:
    """Return the page; a form that was refused stands in its card as it was sent."""
    session, now = db_session(), clock.now()
    waiting = queries.unfinished(session)
    standing = queries.holds(session, now)
    cards = []
    for one in waiting[:MOST_CARDS]:
        extend_form, hold_form = _extend_form(one), _hold_form(one)
        cards.append(
            (
                one,
                extending
                if extending is not None and extending.reason.name == extend_form.reason.name
                else extend_form,
                holding if holding is not None and holding.reason.name == hold_form.reason.name else hold_form,
            )
        )
    return render_template(
        "rights/queue.html",
        cards=cards,
        more=len(waiting) - len(cards),
        overdue={one.id for one in waiting if rules.is_overdue(one, now)},
        undoable={one.id for one in waiting if rules.can_be_undone(one, now)},
        held={one.withdrawal_id for one in standing if one.confirmed_at is not None},
        holds=standing,
        policy=settings().rights,
        me=current_actor().name,
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
