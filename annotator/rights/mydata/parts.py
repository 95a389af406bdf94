"""What a copy of one's data holds, part by part: small facts from rows, read as they go so that memory stays small.

A text stands with its language. People other than the person are never named: a reviewer is "a reviewer".
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased

from annotator.accounts.models import Person, Role, Token
from annotator.annotations.models import Annotation, Revision
from annotator.assignments.models import Assignment, Draft
from annotator.audit.models import AuditEvent
from annotator.consent.models import ConsentEvent, Demographic, Document, PersonalChoice
from annotator.consent.receipts.rules import Party
from annotator.languages.models import AmbassadorTerm, Language, Speaker
from annotator.languages.shapes import text_in
from annotator.ledger import rules as ledger
from annotator.ledger.models import LedgerEntry, LedgerPayload
from annotator.mail.models import Letter
from annotator.projects.models import Project
from annotator.releases import feed
from annotator.releases.models import FeedEntry, Release, ReleaseRow
from annotator.review.models import Review
from annotator.rights import rules
from annotator.rights.models import Departure, Request, RightsEvent, Withdrawal
from annotator.rights.requests import rules as request_rules

Facts = dict[str, Any]
# Rows that a query brings at a time.
AT_ONCE = 500


@dataclass(frozen=True)
class Source:
    """Whose data is read, from where; ``languages`` by their numbers, ``party`` is who answers for it."""

    session: Session
    person_id: int
    languages: dict[int, Language]
    party: Party

    def code(self, language_id: int | None) -> str | None:
        """Return the code of a language."""
        return self.languages[language_id].code if language_id is not None else None

    def text(self, language_id: int, words: str | None) -> Facts | None:
        """Return a text with its language; None where there is none."""
        found = text_in(self.languages[language_id], words)
        return found.model_dump() if found else None

    def rows(self, query: Select[*tuple[Any, ...]]) -> Iterator[Facts]:
        """Yield the rows of a query of columns, as facts by their names."""
        for row in self.session.execute(query.execution_options(yield_per=AT_ONCE)).mappings():
            yield {name: _plain(value) for name, value in row.items()}


Part = Callable[[Source], Iterator[Facts]]


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def profile(source: Source) -> Iterator[Facts]:
    """Yield what the account says."""
    person = source.session.get_one(Person, source.person_id)
    yield {
        "id": person.public_id,
        "handle": person.handle,
        "email": person.email,
        "email_confirmed_at": _plain(person.email_confirmed_at),
        "credit_name": person.credit_name,
        "adult_confirmed_at": _plain(person.adult_confirmed_at),
        "joined_at": _plain(person.created_at),
        "has_a_password": person.password_hash is not None,
    }


def languages(source: Source) -> Iterator[Facts]:
    """Yield the languages that the person uses, as they said."""
    columns = (Language.code.label("language"), Speaker.reads, Speaker.writes, Speaker.reviews, Speaker.level)
    query = select(*columns, Speaker.variety).join(Language, Language.id == Speaker.language_id)
    yield from source.rows(query.where(Speaker.person_id == source.person_id).order_by(Language.code))


def roles(source: Source) -> Iterator[Facts]:
    """Yield the roles that the person has or had."""
    yield from source.rows(
        select(Role.role, Role.granted_at.label("from"), Role.revoked_at.label("until"))
        .where(Role.person_id == source.person_id)
        .order_by(Role.id)
    )
    terms = (
        select(
            AmbassadorTerm.language_id,
            AmbassadorTerm.starts_at.label("from"),
            AmbassadorTerm.ends_at.label("until"),
            AmbassadorTerm.retired_at.label("ended_early"),
        )
        .where(AmbassadorTerm.person_id == source.person_id)
        .order_by(AmbassadorTerm.id)
    )
    for row in source.rows(terms):
        yield {"role": "ambassador", "language": source.code(row.pop("language_id")), **row}


def drafts(source: Source) -> Iterator[Facts]:
    """Yield what was written and not handed in."""
    query = select(Draft).where(Draft.person_id == source.person_id).order_by(Draft.id)
    for draft in source.session.scalars(query.execution_options(yield_per=AT_ONCE)):
        yield {
            "project": draft.project.slug,
            "language": source.code(draft.language_id),
            "instruction": source.text(draft.language_id, draft.instruction),
            "input": source.text(draft.language_id, draft.input),
            "completion": source.text(draft.language_id, draft.completion),
            "rating_prompt": draft.rating_prompt,
            "rating_completion": draft.rating_completion,
            "ai_assisted": draft.ai_assisted,
            "saved_at": _plain(draft.saved_at),
        }


def skips(source: Source) -> Iterator[Facts]:
    """Yield the prompts that the person passed over, and why."""
    query = (
        select(
            Project.slug.label("project"),
            Language.code.label("language"),
            Assignment.skip_reason.label("reason"),
            Assignment.ended_at.label("at"),
        )
        .join(Project, Project.id == Assignment.project_id)
        .join(Language, Language.id == Assignment.language_id)
        .where(Assignment.person_id == source.person_id, Assignment.state == "skipped")
        .order_by(Assignment.id)
    )
    yield from source.rows(query)


def reviews_given(source: Source) -> Iterator[Facts]:
    """Yield what the person decided as a reviewer."""
    yield from source.rows(_reviews().where(Review.reviewer_id == source.person_id).order_by(Review.id))


def reviews_received(source: Source) -> Iterator[Facts]:
    """Yield what was decided about the person's texts; by whom is not said."""
    yield from source.rows(_reviews().where(Annotation.author_id == source.person_id).order_by(Review.id))


def _reviews() -> Select[*tuple[Any, ...]]:
    columns = (Review.outcome, Review.reasons, Review.note, Review.at)
    return select(Annotation.public_id.label("annotation"), *columns).join(
        Annotation, Annotation.id == Review.annotation_id
    )


def personal_choices(source: Source) -> Iterator[Facts]:
    """Yield what the person said about themselves, and each decision about how far it may be used."""
    said = select(Demographic.field, Demographic.value).where(Demographic.person_id == source.person_id)
    yield from source.rows(said.order_by(Demographic.field))
    decided = (
        select(PersonalChoice.topic, PersonalChoice.level, PersonalChoice.at, Document.kind, Document.version)
        .add_columns(Document.sha256, PersonalChoice.ledger_seq)
        .join(Document, Document.id == PersonalChoice.document_id)
    )
    yield from source.rows(decided.where(PersonalChoice.person_id == source.person_id).order_by(PersonalChoice.id))


def grants(source: Source) -> Iterator[Facts]:
    """Yield every decision about rights in texts, oldest first; a right that is null was not decided then."""
    shown = aliased(Document)
    query = (
        select(
            ConsentEvent.at,
            ConsentEvent.language_id,
            Annotation.public_id.label("annotation"),
            *(
                getattr(ConsentEvent, name)
                for name in ("preset", "publish", "derive", "train", "evaluate", "research", "commercial")
            ),
            *(getattr(ConsentEvent, name) for name in ("attribution", "expires_at", "also_before", "ledger_seq")),
            Document.kind.label("document"),
            Document.version,
            Document.sha256,
            shown.language.label("translation_read"),
            shown.sha256.label("translation_sha256"),
        )
        .join(Document, Document.id == ConsentEvent.document_id)
        .outerjoin(shown, shown.id == ConsentEvent.shown_id)
        .outerjoin(Annotation, Annotation.id == ConsentEvent.annotation_id)
        .where(ConsentEvent.person_id == source.person_id)
        .order_by(ConsentEvent.id)
    )
    for row in source.rows(query):
        row["language"] = source.code(row.pop("language_id"))
        yield row


def proofs(source: Source) -> Iterator[Facts]:
    """Yield the person's entries of the ledger with what they commit to: ``check.py`` checks them without us."""
    query = (
        select(*(getattr(LedgerEntry, name) for name in ledger.FIELDS), LedgerEntry.hash)
        .add_columns(LedgerPayload.salt, LedgerPayload.payload)
        .join(LedgerPayload, LedgerPayload.seq == LedgerEntry.seq)
        .where(LedgerPayload.person_id == source.person_id)
        .order_by(LedgerEntry.seq)
    )
    for row in source.rows(query):
        entry = {name: row[name] for name in (*ledger.FIELDS, "hash")}
        yield {"entry": entry, "salt": row["salt"].hex(), "payload": row["payload"]}


def withdrawals(source: Source) -> Iterator[Facts]:
    """Yield what was taken back, with each step."""
    query = select(Withdrawal).where(Withdrawal.person_id == source.person_id).order_by(Withdrawal.id)
    for one in source.session.scalars(query.execution_options(yield_per=AT_ONCE)):
        text = source.session.get(Annotation, one.annotation_id) if one.annotation_id is not None else None
        yield {
            "number": one.public_id,
            "scope": one.scope,
            "language": source.code(one.language_id),
            "annotation": text.public_id if text else None,
            "cause": one.cause,
            "state": one.state,
            "texts": one.n_texts,
            "undo_until": _plain(one.undo_until),
            "due_at": _plain(one.extended_until or one.due_at),
            "ledger_seq": one.ledger_seq,
            "steps": _steps(source, RightsEvent.withdrawal_id == one.id),
        }
    left = select(Departure.manner, Departure.asked_at, Departure.undo_until, Departure.undone_at, Departure.done_at)
    for row in source.rows(left.where(Departure.person_id == source.person_id).order_by(Departure.id)):
        yield {"scope": "account", **row}


def requests(source: Source) -> Iterator[Facts]:
    """Yield what the person asked us about texts."""
    query = select(Request).where(Request.person_id == source.person_id).order_by(Request.id)
    for one in source.session.scalars(query):
        yield {
            "number": one.public_id,
            "kind": one.kind,
            "state": one.state,
            "statement": one.statement,
            "place": one.place,
            "contact": one.contact,
            "answer": one.answer,
            "appeal": one.appeal,
            "due_at": _plain(request_rules.promised(one)),
            "steps": _steps(source, RightsEvent.request_id == one.id),
        }


def _steps(source: Source, about: Any) -> list[Facts]:  # noqa: ANN401  # a condition, which SQLAlchemy types by its value
    query = select(RightsEvent.step, RightsEvent.at, RightsEvent.reason).where(about).order_by(RightsEvent.id)
    return [
        {
            "step": row["step"],
            "at": row["at"],
            "reason": rules.reason_for_the_person(row["step"], row["reason"]),
        }
        for row in source.rows(query)
    ]


def tokens(source: Source) -> Iterator[Facts]:
    """Yield what scripts sign in with; a token itself is not kept."""
    columns = (Token.name, Token.scopes, Token.created_at, Token.expires_at, Token.revoked_at)
    yield from source.rows(select(*columns).where(Token.person_id == source.person_id).order_by(Token.id))


def letters(source: Source) -> Iterator[Facts]:
    """Yield the letters to the person; what a letter said is not kept once it was sent."""
    columns = (Letter.address, Letter.subject, Letter.written_at, Letter.sent_at)
    yield from source.rows(select(*columns).where(Letter.person_id == source.person_id).order_by(Letter.id))


def releases(source: Source) -> Iterator[Facts]:
    """Yield each row of each release with words of the person, also of gated ones."""
    query = (
        select(
            Annotation.public_id.label("annotation"),
            Project.slug.label("project"),
            Release.version,
            ReleaseRow.lane,
            ReleaseRow.license,
            Release.published_at,
            Release.retired_at,
        )
        .join(Release, Release.id == ReleaseRow.release_id)
        .join(Project, Project.id == Release.project_id)
        .join(Annotation, Annotation.id == ReleaseRow.annotation_id)
        .join(Revision, Revision.id == ReleaseRow.revision_id)
        .where(
            Release.state == "published",
            or_(Annotation.author_id == source.person_id, Revision.author_id == source.person_id),
        )
        .order_by(Release.id, ReleaseRow.annotation_id)
    )
    yield from source.rows(query)


def told(source: Source) -> Iterator[Facts]:
    """Yield the entries of the public feed about the person's texts: what everybody who has a copy was told to do."""
    mine = set(source.session.scalars(select(Annotation.public_id).where(Annotation.author_id == source.person_id)))
    query = select(FeedEntry).order_by(FeedEntry.seq).execution_options(yield_per=100)
    for entry in source.session.scalars(query):
        about = sorted(mine.intersection(entry.annotation_ids))
        if about:
            yield {**feed.members(entry), "annotation_ids": about}


def activity(source: Source) -> Iterator[Facts]:
    """Yield what the log of daily work says that the person did, or that was done to their account."""
    about = (AuditEvent.object_kind == "person") & (AuditEvent.object_id == source.person_id)
    columns = (AuditEvent.at, AuditEvent.action, AuditEvent.object_kind, AuditEvent.actor)
    query = select(*columns).where((AuditEvent.actor == f"person:{source.person_id}") | about).order_by(AuditEvent.id)
    for row in source.rows(query):
        row["by"] = "you" if row.pop("actor") == f"person:{source.person_id}" else "somebody else"
        yield row
