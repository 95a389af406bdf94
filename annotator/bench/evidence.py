"""What the database says after a run: whether all is there that was acknowledged, nothing twice, and all of it checked."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text

DUPLICATES = {
    "more than one annotation of a reservation": """
        select coalesce(sum(n - 1), 0) from
            (select count(*) as n from annotations where assignment_id is not null group by assignment_id) as found
    """,
    "more than one annotation of a prompt by a person": """
        select coalesce(sum(n - 1), 0) from (
            select count(*) as n from annotations where prompt_id is not null group by author_id, prompt_id
        ) as found
    """,
    "more annotations of a prompt than people may work on it": """
        select coalesce(sum(n - overlap), 0) from (
            select count(*) as n, projects.overlap from annotations
            join projects on projects.id = annotations.project_id
            where prompt_id is not null group by prompt_id, projects.overlap
        ) as found where n > overlap
    """,
    "more than one reservation of a place": """
        select coalesce(sum(n - 1), 0) from
            (select count(*) as n from assignments where place is not null group by prompt_id, place) as found
    """,
    "prompts whose free places are not those that are left": """
        select count(*) from (
            select prompts.id from prompts
            join projects on projects.id = prompts.project_id
            left join assignments on assignments.prompt_id = prompts.id and assignments.place is not null
            group by prompts.id, prompts.free_places, projects.overlap
            having prompts.free_places + count(assignments.id) <> projects.overlap
        ) as found
    """,
}
# Everything that was handed in has these, or the run was not one with everything on.
MISSING = {
    "annotations without an event of the audit": """
        select count(*) from annotations where assignment_id is not null and not exists (
            select 1 from audit
            where object_kind = 'annotation' and object_id = annotations.id and action = 'annotation.submitted'
        )
    """,
    "reservations without an event of the audit": """
        select count(*) from assignments where not exists (
            select 1 from audit
            where object_kind = 'assignment' and object_id = assignments.id and action = 'assignment.claimed'
        )
    """,
    "annotations whose language was not checked": """
        select count(*) from annotations where assignment_id is not null and not exists (
            select 1 from revisions
            where annotation_id = annotations.id and language_check ->> 'verdict' is not null
        )
    """,
    "annotations by people without consent": """
        select count(*) from annotations
        where not exists (select 1 from consent_events where person_id = annotations.author_id)
    """,
}
KEPT = "select submission_key, assignment_id from annotations where submission_key is not null"


@dataclass(frozen=True)
class Evidence:
    """What was found: how many of each sort, only where there are any."""

    lost: int
    duplicates: dict[str, int]
    missing: dict[str, int]
    annotations: int


def gather(connection: Connection, acknowledged: Mapping[str, int]) -> Evidence:
    """Look, with nobody at work; ``acknowledged`` are the submissions that clients were told are kept: key, assignment."""
    kept: dict[str, int] = {key: number for key, number in connection.execute(text(KEPT))}  # noqa: C416  # rows, not tuples
    return Evidence(
        lost=sum(kept.get(key) != assignment_id for key, assignment_id in acknowledged.items()),
        duplicates=_some(connection, DUPLICATES),
        missing=_some(connection, MISSING),
        annotations=len(kept),
    )


def _some(connection: Connection, questions: Mapping[str, str]) -> dict[str, int]:
    found = {name: int(connection.scalar(text(question)) or 0) for name, question in questions.items()}
    return {name: count for name, count in found.items() if count}
