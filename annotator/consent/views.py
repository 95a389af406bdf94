"""The pages of consent: the first questions, what stands and its history, and the documents."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from flask import Blueprint, current_app, redirect, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse
from wtforms.fields.choices import SelectChoice

from annotator.consent import actions, forms, queries, rules, scopes, switches
from annotator.consent.forms import ChangeForm, QuestionsForm
from annotator.consent.models import ConsentEvent, Document
from annotator.consent.outlook import KEY, Effects, Outlook
from annotator.consent.receipts import queries as receipt_queries
from annotator.consent.scopes import OwnText, Standing, Touched
from annotator.consent.wordings import queries as wording_queries
from annotator.consent.wordings.forms import KIND_WORDS
from annotator.consent.wordings.html import as_html
from annotator.consent.wordings.rules import direction
from annotator.consent.wordings.views import of_page
from annotator.errors import Conflict, DomainError, NotFound
from annotator.languages.models import Language, Speaker
from annotator.permissions import Permission
from annotator.web import access
from annotator.web.extensions import db_session, settings
from annotator.web.pages import commit, done, refused, see_other, status

blueprint = Blueprint("consent", __name__)

# Where on the form an action's refusal belongs.
_FIELDS = {
    "consent_preset_missing": "preset",
    "consent_rights_missing": "preset",
    "consent_attribution_missing": "attribution",
    "credit_name_missing": "credit_name",
    "credit_name_too_long": "credit_name",
    "consent_adult_missing": "adult",
    "consent_expiry_past": "expires_on",
    "consent_scope_too_early": "scope",
    "consent_text_unknown": "scope",
}


@blueprint.app_template_global()
def document_direction(document: Document) -> str:
    """Return ``rtl`` or ``ltr`` for a document, by the script that its language is usually written in."""
    return direction(document.language)


@dataclass(frozen=True)
class Wording:
    """A text that counts, and beside it the translation that the reader asked for (None: none is there, or it was wrong)."""

    document: Document
    body: Markup
    translation: Document | None = None
    translated: Markup | None = None


def wordings(language: str | None) -> list[Wording]:
    """Return the wordings that are in force, with their HTML, each beside its translation into ``language``."""
    found = []
    for kind in actions.KINDS:
        original = queries.current_document(db_session(), kind)
        other = queries.current_document(db_session(), kind, language or "")
        if other.id == original.id or other.wrong_at is not None:
            found.append(Wording(original, as_html(original.body)))
        else:
            found.append(Wording(original, as_html(original.body), other, as_html(other.body)))
    return found


def _reading() -> dict[str, object]:
    """Return the wordings of a page where consent is given, and in which languages they can be read."""
    shown = wordings(request.values.get("wording"))
    terms = shown[0]
    offered = [d for d in wording_queries.translations(db_session(), terms.document) if d.wrong_at is None]
    beside = terms.translation.language if terms.translation else ""
    return {"documents": shown, "translations": offered, "beside": beside}


def _as_read() -> str:
    """Return the translation that the page had shown when the form was sent.

    Raises Conflict ``terms_newer`` when it had shown another version of the terms: consent is to what was read.
    """
    version = str(queries.current_document(db_session(), queries.TERMS).version)
    if request.form.get("terms") != version:
        raise Conflict("terms_newer")
    return request.form.get("wording", "")


@blueprint.context_processor
def _words() -> dict[str, object]:
    """Give the templates of this room the words for rights, and who is in charge."""
    return {"forms": forms, "kind_words": KIND_WORDS, "controller": settings(), "preset_of": forms.preset_of}


@blueprint.route("/consent/first", methods=["GET", "POST"])
@access.requires(Permission.CONSENT_CHANGE)
def first() -> AnyResponse | str:
    """Ask the three questions, once for each version of the terms."""
    person = access.current_person()
    onward = access.safe_next(request.args.get("next"))
    if request.method == "GET" and queries.standing(db_session(), person.id):
        return redirect(onward, code=303) if onward else see_other("consent.show")
    form = QuestionsForm(data={"credit_name": person.credit_name})
    reading = _reading()
    if person.adult_confirmed_at is not None:
        form.without_age()
    if form.validate_on_submit():
        try:
            event = actions.decide(
                db_session(),
                actor=access.current_actor(),
                **form.answers(),
                **form.of_the_person(),
                wording=_as_read(),
            )
            _outlook().follow(db_session(), [event])
        except DomainError as error:
            refused(form, error, _FIELDS.get(error.code))
        else:
            commit()
            done(_("Thank you. Your choice is saved; you can change it at any time under “My rights”."))
            return redirect(onward, code=303) if onward else see_other("consent.show")
    page = render_template(
        "consent/first.html",
        form=form,
        again=queries.has_decided(db_session(), person.id),
        misled=queries.misled(db_session(), person.id),
        **reading,
    )
    return status(page, 422) if request.method == "POST" else page


@blueprint.route("/consent", methods=["GET", "POST"])
@access.requires(Permission.CONSENT_CHANGE)
def show() -> AnyResponse | str:
    """Show what stands and what was decided when, and change it."""
    person = access.current_person()
    if not queries.has_decided(db_session(), person.id):
        return see_other("consent.first")
    stands = scopes.stands(db_session(), person.id)
    beginnings = _beginnings(person.id)
    form = _change_form(stands, beginnings)
    shown, reading = None, _reading()
    if form.validate_on_submit():
        try:
            shown = _change(form, _as_read())
        except DomainError as error:
            refused(form, error, _FIELDS.get(error.code))
        else:
            if shown is None:
                commit()
                done(_("Your choice is saved."))
                return see_other("consent.show")
    page = render_template(
        "consent/show.html",
        form=form,
        stands=stands,
        beginnings=beginnings,
        shown=shown,
        switches=_switches(stands[0].decisions.attribution),
        receipts=receipt_queries.listed(db_session(), person.id),
        history=scopes.history(db_session(), person.id),
        standing=queries.standing(db_session(), person.id),
        misled=queries.misled(db_session(), person.id),
        **reading,
    )
    return status(page, 422) if request.method == "POST" and form.errors else page


@dataclass(frozen=True)
class Shown:
    """What a change would do, to be seen before it is saved."""

    touched: Touched
    effects: Effects


def _change(form: ChangeForm, wording: str) -> Shown | None:
    """Save the change and return None; or return what it does, which the person must see first: nothing is saved yet."""
    actor, session = access.current_actor(), db_session()
    language, text = _scope(form.scope.data)
    answers = form.answers()
    where = {
        "language": language,
        "annotation_id": text.id if text else None,
        "also_before": form.also_before.data,
        "wording": wording,
    }
    proposed = actions.propose(session, actor=actor, **answers, **where)
    touched = scopes.touched(session, proposed.person_id, proposed)
    (effects,) = _outlook().effects(session, proposed.person_id, [proposed])
    form.widen.choices = forms.offered({line.key: line.key for line in touched.skipped})
    mark = _fingerprint(proposed, touched, effects)
    if (touched.narrowed or touched.skipped or effects.any) and form.seen.data != mark:
        form.seen.data = mark
        return Shown(touched, effects)
    events = [actions.decide(session, actor=actor, **answers, **where, **form.of_the_person())]
    for line in touched.skipped:
        if line.key in (form.widen.data or ()):
            text_id = line.text.id if line.text else None
            each = {**where, "language": line.language, "annotation_id": text_id, "also_before": True}
            events.append(actions.decide(session, actor=actor, **answers, **each))
    _outlook().follow(session, events)
    return None


def _outlook() -> Outlook:
    return cast("Outlook", current_app.extensions[KEY])


def _switches(attribution: str) -> dict[str, Effects]:
    """Return for each grant what leaves if it is switched off; a person without texts sees none of it."""
    proposed = switches.proposals(db_session(), actor=access.current_actor(), attribution=attribution)
    counted = _outlook().effects(db_session(), access.current_person().id, list(proposed.values()))
    return {name: effects for name, effects in zip(proposed, counted, strict=True) if effects.any}


def _fingerprint(proposed: ConsentEvent, touched: Touched, effects: Effects) -> str:
    """Return a mark of what was proposed and of its effects: another proposal must be shown anew."""
    parts = [repr([getattr(proposed, name) for name in ("language_id", "annotation_id", "also_before", "expires_at")])]
    parts += [str(getattr(proposed, name)) for name in rules.SCALES]
    parts += [line.key for line in (*touched.narrowed, *touched.skipped)]
    parts.append(repr(effects))
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def _beginnings(person_id: int) -> dict[str, tuple[Language, str]]:
    """Return how the texts begin that the page speaks of."""
    found, asked = scopes.beginnings(db_session(), person_id), request.args.get("text")
    return {**found, **scopes.beginning(db_session(), person_id, asked)} if asked else found


def _change_form(stands: Sequence[Standing], beginnings: Mapping[str, tuple[Language, str]]) -> ChangeForm:
    """Return the form with the scopes that this person can choose."""
    person = access.current_person()
    spoken = db_session().scalars(
        select(Language).join(Speaker).where(Speaker.person_id == person.id).order_by(Language.english_name)
    )
    languages = {language.code: language for language in spoken}
    languages |= {line.language.code: line.language for line in stands if line.language}
    texts = {line.text.public_id for line in stands if line.text}
    asked = request.args.get("text")
    if asked and scopes.own_text(db_session(), person.id, public_id=asked):
        texts.add(asked)
    form = ChangeForm()
    if person.adult_confirmed_at is not None:
        form.without_age()
    form.scope.choices = [
        SelectChoice(forms.EVERYTHING, _("everything that I write")),
        *(SelectChoice(f"language:{code}", each.name, _marked(each)) for code, each in languages.items()),
        *(_text_choice(text, beginnings.get(text)) for text in sorted(texts)),
    ]
    form.widen.choices = forms.offered({line.key: line.key for line in stands})
    if request.method == "GET":
        form.attribution.data = stands[0].decisions.attribution
        form.credit_name.data = person.credit_name
        form.scope.data = f"text:{asked}" if asked else request.args.get("scope", forms.EVERYTHING)
    return form


def _text_choice(public_id: str, begins: tuple[Language, str] | None) -> SelectChoice:
    """Return the choice of one text, called by its first words: an option can be in one language only, in theirs."""
    if begins is None:
        return SelectChoice(f"text:{public_id}", _("only the text %(id)s", id=public_id[:8]))
    language, words = begins
    return SelectChoice(f"text:{public_id}", f"“{words}”", {"lang": language.bcp47, "dir": language.direction})


def _marked(language: Language) -> dict[str, str]:
    """Return the attributes of a language's own name; an English one needs none."""
    return {"lang": language.bcp47, "dir": language.direction} if language.autonym else {}


def _scope(value: str) -> tuple[Language | None, OwnText | None]:
    """Return what a scope's name in the form means."""
    kind, _colon, name = value.partition(":")
    if kind == "language":
        return db_session().scalars(select(Language).where(Language.code == name)).one(), None
    if kind != "text":
        return None, None
    text = scopes.own_text(db_session(), access.current_person().id, public_id=name)
    if text is None:
        raise NotFound("consent_text_unknown")
    return None, text


@blueprint.get("/documents/<kind>")
def current(kind: str) -> AnyResponse:
    """Lead to the version that is in force."""
    found = queries.current_document(db_session(), kind)
    return see_other("consent.document", kind=kind, version=found.version)


@blueprint.get("/documents/<kind>/<int:version>")
def document(kind: str, version: int) -> str:
    """Show one version of a document; beside a translation, the authoritative text."""
    found = queries.document(db_session(), kind, version, request.args.get("language", ""))
    original = found if found.authoritative else queries.document(db_session(), kind, version, "")
    return render_template(
        "consent/document.html",
        document=found,
        body=as_html(found.body),
        original=original,
        original_body=as_html(original.body),
        versions=queries.versions(db_session(), kind),
        **of_page(found),
    )
