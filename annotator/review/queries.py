"""The ambassador's queue, the reviews of an annotation, and what prompts show."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, true
from sqlalchemy.orm import Session, aliased, selectinload

from annotator import clock
from annotator.annotations import queries as annotations
from annotator.annotations.models import Annotation, Revision
from annotator.annotations.rules import Texts, lineage, taken_back, texts_of_prompt
from annotator.languages.models import Language
from annotator.projects.models import Project
from annotator.prompts.models import Prompt, PromptAuthor
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
    """The annotation holds words that their author took back: it waits for mending, or is shown to nobody.

    The withdrawal has marked it, or a narrowing has, for what waits for new words needs no review before it has them.
    One that was made from withdrawn words and is not marked keeps none of them, where it is counted whose its words are.
    """
    made = aliased(Revision)
    counted = exists().where(made.annotation_id == Annotation.id, made.number == 1, made.shares.is_not(None))
    shown = exists().where(
        PromptAuthor.prompt_id == Annotation.prompt_id,
        Revision.annotation_id == PromptAuthor.annotation_id,
        Revision.author_id == PromptAuthor.person_id,
        Revision.withdrawn_at.is_not(None),
    )
    return or_(Annotation.set_aside_kind.is_not(None), and_(shown, ~counted))


def queue(
    session: Session, *, language: Language, reviewer_id: int, limit: int = PAGE, project: Project | None = None
) -> list[Annotation]:
    """Return what waits for this reviewer in a language (of one project): own requests back first, then the oldest.

    Left out are own work, practice work, what builds on a text that was taken back, and revisions that the reviewer
    has decided about already.
    """
    decided = exists().where(Review.revision_id == _newest_own(), Review.reviewer_id == reviewer_id)
    return list(
        session.scalars(
            select(Annotation)
            .where(
                Annotation.language_id == language.id,
                true() if project is None else Annotation.project_id == project.id,
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


def without_prompt(session: Session, *, language: Language, reviewer_id: int) -> int:
    """Return how many texts of others wait for a new prompt, because what they answer was withdrawn."""
    return (
        session.scalar(
            select(func.count(Annotation.id)).where(
                Annotation.language_id == language.id,
                Annotation.set_aside_kind == "prompt",
                Annotation.set_aside_until > clock.now(),
                Annotation.withdrawn_at.is_(None),
                Annotation.author_id != reviewer_id,
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


def texts_shown(session: Session, prompts: Iterable[Prompt]) -> dict[int, Texts | None]:
    """Return what each of these prompts shows, by its id; None where the words were taken back."""
    prompts = list(prompts)
    wanted = [prompt.revision_id for prompt in prompts if prompt.revision_id is not None]
    chosen = select(Revision).where(Revision.id.in_(wanted)).options(selectinload(Revision.annotation))
    revisions = {revision.id: revision for revision in session.scalars(chosen)} if wanted else {}
    annotations.load_lineage(session, revisions.values())
    found: dict[int, Texts | None] = {}
    for prompt in prompts:
        revision = revisions[prompt.revision_id] if prompt.revision_id is not None else None
        hidden = revision is not None and taken_back(revision)
        found[prompt.id] = None if hidden else texts_of_prompt(prompt, revision)
    return found


def another_version_offered(session: Session, prompt: Prompt, revision: Revision) -> bool:
    """Say whether the pool offers another version of the text that a prompt points at: of a chain only one is.

    Later versions show the words of this one's author in this annotation; earlier ones are its ancestors.
    """
    later = select(PromptAuthor.prompt_id).where(
        PromptAuthor.person_id == revision.author_id, PromptAuthor.annotation_id == revision.annotation_id
    )
    earlier = [ancestor.id for ancestor in lineage(revision)]
    other = select(Prompt.id).where(
        or_(Prompt.id.in_(later), Prompt.revision_id.in_(earlier)), Prompt.id != prompt.id, Prompt.state != "closed"
    )
    return session.scalar(other.limit(1)) is not None
