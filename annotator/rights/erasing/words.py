"""Erase the words of a withdrawal; what stays is a hollow tombstone, so that lineage and ids hold (rights-model §2.6)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from annotator import clock
from annotator.annotations import shares
from annotator.annotations.models import Annotation, Revision
from annotator.annotations.rules import FIELDS, texts_of
from annotator.assignments.models import Assignment, Draft
from annotator.consent.models import ConsentEvent
from annotator.database import chunks, table_of
from annotator.errors import Conflict
from annotator.ledger import actions as ledger
from annotator.ledger.models import LedgerPayload
from annotator.projects.models import Project
from annotator.prompts import blocking
from annotator.prompts.models import PromptAuthor
from annotator.prompts.rules import Texts
from annotator.review.models import Review
from annotator.rights import carrying, queries, rules
from annotator.rights.erasing import gaps, scrubbing, standins, traces
from annotator.rights.lookup import keys
from annotator.rights.models import Withdrawal
from annotator.settings import Settings

# Of a minor's text nothing is left that could tell when it was written.
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def erase(session: Session, withdrawal: Withdrawal, *, settings: Settings) -> int:
    """Take every word of a withdrawal out of the tables, in the caller's transaction; return how many revisions it was.

    Done once: a second call changes nothing. Notes it, too (``carrying.erased``). What the disk still holds goes with ``scrubbing.scrub_due`` after the
    commit. Raises Conflict ``undo_open`` while it can be undone or was undone, ``on_hold`` while a hold stands.
    """
    ledger.queue_up(session)
    session.refresh(withdrawal, with_for_update=True)
    if withdrawal.erased_at is not None:
        return 0
    now = clock.now()
    if not rules.is_definite(withdrawal, now):
        raise Conflict("undo_open")
    if session.scalar(select(Withdrawal.id).where(Withdrawal.id == withdrawal.id, queries.held(now))) is not None:
        raise Conflict("on_hold")
    scrubbing.mark(settings)
    _block(session, withdrawal, now + settings.rights.block)
    count = _erase(session, withdrawal, now)
    carrying.erased(session, withdrawal)
    return count


def _block(session: Session, withdrawal: Withdrawal, until: datetime) -> None:
    """Let the same texts not come in again by an import for a while; an original's prompt not even with another answer."""
    found: dict[int, list[Texts]] = {}
    for one in session.scalars(select(Annotation).where(Annotation.withdrawal_id == withdrawal.id)):
        for revision in one.revisions:
            words = texts_of(revision)
            if revision.role != "author" or not words.instruction:
                continue
            texts = found.setdefault(one.project_id, [])
            texts.append(Texts(words.instruction, words.input, words.completion))
            if one.kind == "original":
                texts.append(Texts(words.instruction, words.input))
    for project_id, texts in found.items():
        blocking.block(session, session.get_one(Project, project_id), texts, until)


def _erase(session: Session, withdrawal: Withdrawal, now: datetime) -> int:
    owned = list(session.scalars(select(Annotation.id).where(Annotation.withdrawal_id == withdrawal.id)))
    # A reviewer's edit of a text is mostly its author's words, so it goes with the text.
    found = set(session.scalars(select(Revision.id).where(Revision.withdrawal_id == withdrawal.id)))
    for few in chunks(owned):
        found.update(session.scalars(select(Revision.id).where(Revision.annotation_id.in_(few))))
    revisions = sorted(found)
    gaps.cut_out(session, revisions)
    nobody = standins.nobody(session)
    authors = traces.authors_of(session, owned, revisions)
    _empty_work(session, withdrawal, owned, nobody.id)
    _empty_revisions(session, withdrawal, revisions, nobody.id, now)
    keys.forget(session, revisions)
    _empty_annotations(session, withdrawal, owned, nobody.id, now)
    _empty_reviews(session, withdrawal, owned, revisions)
    traces.forget_letters(session, authors | traces.readers_of(session, owned), until=withdrawal.requested_at)
    traces.redact_rows(session, owned, nobody.id)
    _empty_ledger(session, withdrawal, owned)
    return len(revisions)


def _empty_revisions(
    session: Session, withdrawal: Withdrawal, ids: Sequence[int], nobody_id: int, now: datetime
) -> None:
    """Leave parent, number, role and the fields that were set, nothing of what they said."""
    for few in chunks(ids):
        rows = session.execute(
            select(Revision.id, Revision.created_at, *_texts()).where(
                Revision.id.in_(few), Revision.erased_at.is_(None)
            )
        ).all()
        emptied: dict[str, Any] = {
            **dict.fromkeys(FIELDS),
            "edit_distance": None,
            "language_check": {},
            "erased_at": now,
        }
        revisions = table_of(Revision)
        statement = revisions.update().where(revisions.c.id == bindparam("the_id"))
        _each(
            session,
            statement.values(**emptied, shares=bindparam("sets"), created_at=bindparam("month")),
            [
                {
                    "the_id": row.id,
                    "sets": shares.hollow([name for name in FIELDS if getattr(row, name) is not None]),
                    "month": _month_of(row.created_at, withdrawal),
                }
                for row in rows
            ],
        )
        taken = update(Revision).where(Revision.id.in_(few), Revision.withdrawal_id == withdrawal.id)
        session.execute(taken.values(author_id=nobody_id))
    session.expire_all()


def _each(session: Session, statement: Any, rows: list[dict[str, Any]]) -> None:  # noqa: ANN401  # an update
    """Run a statement once for each row, in one go."""
    if rows:
        session.flush()
        session.connection().execute(statement, rows)


def _texts() -> list[Any]:
    return [getattr(Revision, name) for name in FIELDS]


def _empty_annotations(
    session: Session, withdrawal: Withdrawal, ids: Sequence[int], nobody_id: int, now: datetime
) -> None:
    for few in chunks(ids):
        reserved = select(Annotation.assignment_id).where(Annotation.id.in_(few), Annotation.assignment_id.is_not(None))
        assigned = list(session.scalars(reserved))
        given = session.execute(select(Annotation.id, Annotation.created_at).where(Annotation.id.in_(few))).all()
        table = table_of(Annotation)
        statement = table.update().where(table.c.id == bindparam("the_id"))
        _each(
            session,
            statement.values(
                author_id=nobody_id, assignment_id=None, submission_key=None, ai_assisted="not asked",
                rating_prompt=None, rating_completion=None, already_good=False, created_at=bindparam("month"),
                submitted_at=bindparam("month"), erased_at=now, state_before=None, set_aside_until=None,
                set_aside_kind=None,
            ),
            [{"the_id": id_, "month": _month_of(created_at, withdrawal)} for id_, created_at in given],
        )  # fmt: skip
        session.execute(delete(Draft).where(Draft.assignment_id.in_(assigned)))
        session.execute(delete(Assignment).where(Assignment.id.in_(assigned)))
    session.expire_all()


def _empty_work(session: Session, withdrawal: Withdrawal, ids: Sequence[int], nobody_id: int) -> None:
    """Forget what others had begun from these words, and whose words the closed prompts showed."""
    for few in chunks(ids):
        prompts = select(PromptAuthor.prompt_id).where(PromptAuthor.annotation_id.in_(few))
        begun = select(Assignment.id).where(Assignment.prompt_id.in_(prompts))
        session.execute(delete(Draft).where(Draft.assignment_id.in_(begun)))
        kept: set[tuple[int, int]] = set()
        named = select(PromptAuthor).where(PromptAuthor.annotation_id.in_(few))
        for row in session.execute(named.with_only_columns(*PromptAuthor.__table__.columns)).all():
            key = (
                PromptAuthor.prompt_id == row.prompt_id,
                PromptAuthor.annotation_id == row.annotation_id,
                PromptAuthor.person_id == row.person_id,
            )
            # The prompt must still be known as built on what was taken back: one row for each text is enough.
            place = (row.prompt_id, row.annotation_id)
            if place in kept:
                session.execute(delete(PromptAuthor).where(*key))
                continue
            kept.add(place)
            month = _month_of(row.given_at, withdrawal)
            session.execute(update(PromptAuthor).where(*key).values(person_id=nobody_id, given_at=month))
    session.expire_all()


def _empty_reviews(
    session: Session, withdrawal: Withdrawal, annotations: Sequence[int], revisions: Sequence[int]
) -> None:
    """Take the notes out of the decisions about these texts, and out of those by whoever takes everything back."""
    for column, ids in (
        (Review.annotation_id, annotations), (Review.revision_id, revisions), (Review.edited_revision_id, revisions),
    ):  # fmt: skip
        for few in chunks(ids):
            session.execute(update(Review).where(column.in_(few)).values(note=None))
    if withdrawal.person_id is None or withdrawal.scope not in {"everything", "language"}:
        return
    own = update(Review).where(Review.reviewer_id == withdrawal.person_id)
    if withdrawal.language_id is not None:
        there = select(Annotation.id).where(Annotation.language_id == withdrawal.language_id)
        own = own.where(Review.annotation_id.in_(there))
    session.execute(own.values(note=None))


def _empty_ledger(session: Session, withdrawal: Withdrawal, ids: Sequence[int]) -> None:
    """Forget what the entries about these texts committed to; the chain reads "committed, erased"."""
    entries = {withdrawal.ledger_seq}
    for few in chunks(ids):
        about = ConsentEvent.annotation_id.in_(few)
        entries.update(session.scalars(select(ConsentEvent.ledger_seq).where(about)))
        session.execute(delete(ConsentEvent).where(about))
    for few in chunks(sorted(entries)):
        session.execute(delete(LedgerPayload).where(LedgerPayload.seq.in_(few)))
    session.expire_all()


def _month_of(moment: datetime, withdrawal: Withdrawal) -> datetime:
    if withdrawal.cause == "minor":
        return LONG_AGO
    return moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
