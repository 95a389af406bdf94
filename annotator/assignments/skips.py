"""Prompts that people would rather not do: found by the reasons that several people gave, for an ambassador to look at.

One person's skip says something about that person; reasons of several say something about the prompt (decision 0080).
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, or_, select
from sqlalchemy.orm import Session

from annotator.assignments.models import Assignment
from annotator.assignments.rules import SkipReason
from annotator.projects.models import Project
from annotator.prompts.models import Prompt

PAGE = 20

# A person skips a prompt once, so each of these numbers is one of people: two who gave different reasons, two who gave
# a serious one, or three who do not just say that they cannot answer.
DIFFERENT_REASONS = 2
PEOPLE_WITH_ONE_SERIOUS_REASON = 2
PEOPLE_WITH_ONE_REASON = 3
SEVERAL = min(DIFFERENT_REASONS, PEOPLE_WITH_ONE_SERIOUS_REASON, PEOPLE_WITH_ONE_REASON)

SERIOUS = (SkipReason.OFFENSIVE, SkipReason.PERSONAL_DATA)
ABOUT_ONESELF = SkipReason.DO_NOT_KNOW


@dataclass(frozen=True)
class SkippedPrompt:
    """A prompt, and how many people skipped it for which reason, the most frequent first."""

    prompt: Prompt
    reasons: dict[SkipReason, int]

    @property
    def people(self) -> int:
        """How many people skipped it."""
        return sum(self.reasons.values())


def prompts_skipped(
    session: Session, language_ids: Collection[int], *, limit: int = PAGE, after: int = 0
) -> list[SkippedPrompt]:
    """Return open prompts in these languages that people skip, by id, those beyond ``after``; at most ``limit``.

    Only skips since somebody last judged the prompt count.
    """
    chosen = _waiting(_by_several(language_ids, after))
    return _loaded(session, chosen.order_by(Assignment.prompt_id).limit(limit))


def prompts_closed(
    session: Session, language_ids: Collection[int], *, limit: int = PAGE, after: int = 0
) -> list[SkippedPrompt]:
    """Return prompts in these languages that people skipped, that were judged, and that are closed; paged the same."""
    chosen = _by_several(language_ids, after).where(Prompt.state == "closed", Prompt.skips_judged_at.is_not(None))
    return _loaded(session, chosen.order_by(Assignment.prompt_id).limit(limit))


def how_many(session: Session, language_ids: Collection[int]) -> dict[int, int]:
    """Return how many open prompts people skip, for each of these languages that has any."""
    chosen = _waiting(_by_several(language_ids)).add_columns(func.min(Prompt.language_id).label("language_id"))
    prompts = chosen.subquery()
    counted = select(prompts.c.language_id, func.count()).group_by(prompts.c.language_id)
    return {language_id: number for language_id, number in session.execute(counted)}  # noqa: C416  # mypy knows no rows in dict()


def reasons_of(session: Session, prompt: Prompt) -> dict[SkipReason, int]:
    """Return how many people skipped a prompt for which reason, since it was last judged."""
    found = session.execute(_skips().where(Assignment.prompt_id == prompt.id, _new())).one_or_none()
    return {} if found is None else _reasons(found)


# Written out, for a database must know that the index of skips answers.
_SKIPPED = Assignment.state == literal_column("'skipped'")


def _skips() -> Select[Any]:
    """Skipped prompts, each with the number of people for each reason."""
    numbers: list[Any] = [func.count().filter(Assignment.skip_reason == reason.value) for reason in SkipReason]
    skips: Select[Any] = select(Assignment.prompt_id, *numbers)
    return skips.join(Prompt, Prompt.id == Assignment.prompt_id).where(_SKIPPED).group_by(Assignment.prompt_id)


def _by_several(language_ids: Collection[int], after: int = 0) -> Select[Any]:
    """Prompts in these languages that several people skipped, whenever that was.

    The index of skips alone tells which those are, and most prompts that are skipped at all are so once.
    """
    several = (
        select(Assignment.prompt_id)
        .where(_SKIPPED, Assignment.prompt_id > after)
        .group_by(Assignment.prompt_id)
        .having(func.count() >= SEVERAL)
        .cte("skipped_by_several")
    )
    return (
        _skips().join(several, several.c.prompt_id == Assignment.prompt_id).where(Prompt.language_id.in_(language_ids))
    )


def _new() -> ColumnElement[bool]:
    """The skip is newer than the last judgement; what was skipped before moments were noted counts by its claim."""
    return or_(
        Prompt.skips_judged_at.is_(None),
        func.coalesce(Assignment.ended_at, Assignment.assigned_at) > Prompt.skips_judged_at,
    )


def _waiting(skips: Select[Any]) -> Select[Any]:
    """Those that are offered, and that enough people skipped since they were judged."""
    serious = func.count().filter(Assignment.skip_reason.in_(SERIOUS))
    about_it = func.count().filter(Assignment.skip_reason != ABOUT_ONESELF.value)
    different = func.count(Assignment.skip_reason.distinct())
    return (
        skips.join(Project, Project.id == Prompt.project_id)
        .where(Prompt.state == "open", Project.state != "closed", _new())
        .having(
            or_(
                different >= DIFFERENT_REASONS,
                serious >= PEOPLE_WITH_ONE_SERIOUS_REASON,
                about_it >= PEOPLE_WITH_ONE_REASON,
            )
        )
    )


def _reasons(row: Any) -> dict[SkipReason, int]:  # noqa: ANN401  # a row of ``_skips``
    numbers = {reason: number for reason, number in zip(SkipReason, row[1:], strict=True) if number}
    return dict(sorted(numbers.items(), key=lambda one: -one[1]))


def _loaded(session: Session, chosen: Select[Any]) -> list[SkippedPrompt]:
    rows = session.execute(chosen).all()
    prompts = {p.id: p for p in session.scalars(select(Prompt).where(Prompt.id.in_([row[0] for row in rows])))}
    return [SkippedPrompt(prompts[row[0]], _reasons(row)) for row in rows]
