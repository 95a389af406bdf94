"""The ambassador's queue, and the reviews of an annotation."""

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy.orm import Session, aliased, selectinload

from annotator.annotations.models import Annotation, Revision
from annotator.languages.models import Language
from annotator.prompts.models import PromptAuthor
from annotator.review.models import Review

PAGE = 30


def _newest_own() -> ColumnElement[int]:
    """The id of an annotation's newest revision by its author."""
    newest = aliased(Revision)
    return (
        select(func.max(newest.id))
        .where(newest.annotation_id == Annotation.id, newest.role == "author")
        .correlate(Annotation)
        .scalar_subquery()
    )


def _mine_before(reviewer_id: int) -> ColumnElement[bool]:
    """The reviewer asked for changes of this annotation before: the same person sees it first."""
    return exists().where(
        Review.annotation_id == Annotation.id,
        Review.reviewer_id == reviewer_id,
        Review.outcome == "changes_requested",
    )


def _builds_on_what_was_taken_back() -> ColumnElement[bool]:
    """The annotation was made from words that their author took back: it goes out never, and is shown to nobody."""
    return exists().where(
        PromptAuthor.prompt_id == Annotation.prompt_id,
        Revision.annotation_id == PromptAuthor.annotation_id,
        Revision.author_id == PromptAuthor.person_id,
        Revision.withdrawn_at.is_not(None),
    )


def queue(session: Session, *, language: Language, reviewer_id: int, limit: int = PAGE) -> list[Annotation]:
    """Return what waits for this reviewer in a language: own requests that came back first, then the oldest.

    Left out are own work, practice work, what builds on a text that was taken back, and revisions that the reviewer
    has decided about already.
    """
    decided = exists().where(Review.revision_id == _newest_own(), Review.reviewer_id == reviewer_id)
    return list(
        session.scalars(
            select(Annotation)
            .where(
                Annotation.language_id == language.id,
                Annotation.state == "in_review",
                Annotation.practice.is_(False),
                Annotation.author_id != reviewer_id,
                ~decided,
                ~_builds_on_what_was_taken_back(),
            )
            .options(selectinload(Annotation.revisions), selectinload(Annotation.prompt))
            .order_by(case((_mine_before(reviewer_id), 0), else_=1), Annotation.submitted_at, Annotation.id)
            .limit(limit)
        )
    )


def waiting(session: Session, *, language: Language) -> int:
    """Return how many annotations of a language are in review."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Annotation)
            .where(
                Annotation.language_id == language.id,
                Annotation.state == "in_review",
                Annotation.practice.is_(False),
                ~_builds_on_what_was_taken_back(),
            )
        )
        or 0
    )


def reviews_of(session: Session, annotation: Annotation) -> list[Review]:
    """Return the reviews of an annotation, oldest first."""
    return list(
        session.scalars(select(Review).where(Review.annotation_id == annotation.id).order_by(Review.at, Review.id))
    )


def acceptances(session: Session, revision: Revision) -> int:
    """Return how many reviewers have accepted a revision, with or without edits."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Review)
            .where(Review.revision_id == revision.id, Review.outcome.in_(("accepted", "accepted_with_edits")))
        )
        or 0
    )
