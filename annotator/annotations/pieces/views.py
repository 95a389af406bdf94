"""A piece of work and what its page shows; where to go from it."""

from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from annotator import clock
from annotator.annotations import forms
from annotator.annotations.forms import WorkForm
from annotator.annotations.models import Annotation
from annotator.annotations.rules import FIELDS, Texts, asks_link
from annotator.assignments import actions as assignments
from annotator.assignments import queries as assignment_queries
from annotator.assignments.models import Assignment, Draft
from annotator.assignments.rules import UNDO
from annotator.consent import queries as consent
from annotator.consent.rules import is_practice
from annotator.errors import DomainError
from annotator.languages.models import Language
from annotator.projects.models import Project
from annotator.web.access import current_actor, current_person
from annotator.web.addresses import row_number
from annotator.web.extensions import db_session
from annotator.web.pages import commit, done, wants_fragment, warn


@dataclass(frozen=True)
class Piece:
    """A piece of work as its page knows it: a reserved prompt, or (without one) something of one's own."""

    project: Project
    language: Language
    assignment: Assignment | None
    starting: Texts

    @property
    def kind(self) -> str:
        """What is to be done: original, answer or reannotate."""
        return self.assignment.prompt.kind if self.assignment else "original"

    @property
    def where(self) -> dict[str, Any]:
        """The parts of every address here."""
        return {"slug": self.project.slug, "code": self.language.code}

    @property
    def address(self) -> str:
        """Its page."""
        if self.assignment is None:
            return url_for("annotations.write", **self.where)
        return url_for("annotations.work", assignment_id=self.assignment.id, **self.where)

    def draft(self) -> Draft | None:
        """Return what is saved of it."""
        if self.assignment is not None:
            return assignment_queries.draft_of(db_session(), self.assignment)
        return assignment_queries.original_draft(
            db_session(), person_id=current_actor().person_id or 0, project=self.project, language=self.language
        )


def onward(address: str) -> AnyResponse:
    """Lead to an address: a person by a redirect, our script by telling it."""
    return jsonify(next=address) if wants_fragment() else redirect(address, code=303)


def go_on(
    project: Project, language: Language, *, kinds: list[str] | None = None, skipped: int | None = None
) -> AnyResponse:
    """Claim, commit, and lead to the work or to the page that says why there is none."""
    where: dict[str, Any] = {"slug": project.slug, "code": language.code, "skipped": skipped}
    try:
        result = assignments.claim(db_session(), actor=current_actor(), project=project, language=language, kinds=kinds)
    except DomainError as error:
        if error.code != "consent_needed":
            raise
        db_session().rollback()
        back = url_for("annotations.start", slug=project.slug, code=language.code)
        return onward(url_for("consent.first", next=back))
    commit()
    if result.assignment is not None:
        return onward(url_for("annotations.work", assignment_id=result.assignment.id, **where))
    until = result.retry_at.isoformat() if result.retry_at else None
    return onward(url_for("annotations.empty", reason=result.reason, until=until, waiting=result.waiting, **where))


def page(piece: Piece, form: WorkForm, status: int = 200) -> AnyResponse:
    """Show the form: as it was sent, else with the draft, else with the text to improve."""
    draft = piece.draft()
    if request.method == "GET":
        if draft is not None:
            form.fill_from_draft(draft)
        elif piece.kind == "reannotate":
            form.fill_from_texts(piece.starting)
    form.sign(current_person().public_id)
    person_id = current_actor().person_id or 0
    found = consent.decisions_for(db_session(), person_id, language_id=piece.language.id, at=clock.now())
    body = render_template(
        "annotations/annotate.html",
        piece=piece,
        form=form,
        draft=draft,
        practice=is_practice(found.rights),
        asks_link=piece.assignment is not None
        and piece.kind == "answer"
        and asks_link(piece.assignment.prompt.answer_link),
        skip_reasons=forms.skip_words(),
        skipped=just_skipped(),
    )
    return Response(body, status=status)


def thank(annotation: Annotation) -> None:
    """Say that the work has arrived; and, never blocking, that it looks like another language."""
    if annotation.practice:
        done(_("Kept as practice work: only you can see it."))
    else:
        done(_("Thank you. It is on its way to review."))
    check = annotation.revisions[-1].language_check
    if check.get("verdict") == "suspicious":
        warn(
            _(
                "You wrote in %(language)s; to a machine this looks like another language. If it is right, do nothing: "
                "people decide. If not, you can still change it under “My words”.",
                language=annotation.language.english,
            )
        )


def just_skipped() -> Assignment | None:
    """Return what the person has skipped just now and can still take back: the address names it."""
    number = request.args.get("skipped", type=row_number)
    found = db_session().get(Assignment, number) if number is not None else None
    if found is None or found.person_id != current_actor().person_id or found.state != "skipped":
        return None
    return found if found.ended_at is not None and found.ended_at > clock.now() - UNDO else None


def show_words(title: str, sentence: str, values: dict[str, str], *, status: int) -> AnyResponse:
    """Show texts that can go nowhere just now, to be copied."""
    texts = [values[name] for name in FIELDS if values[name]]
    body = render_template("annotations/words.html", title=title, sentence=sentence, texts=texts)
    return Response(body, status=status)
