"""What must hold in the tables at every moment, whoever did what at the same time: read by plain SQL, not by the models.

Each promise is a query for the rows that break it.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, text

PROMISES: Mapping[str, str] = {
    "a person and a prompt have one assignment": """
        SELECT person_id, prompt_id, count(*) FROM assignments GROUP BY person_id, prompt_id HAVING count(*) > 1
    """,
    "places are distinct": """
        SELECT prompt_id, place, count(*) FROM assignments WHERE place IS NOT NULL
        GROUP BY prompt_id, place HAVING count(*) > 1
    """,
    "places are numbered from 0 to overlap - 1": """
        SELECT assignments.id, place, overlap FROM assignments
        JOIN prompts ON prompts.id = prompt_id JOIN projects ON projects.id = prompts.project_id
        WHERE place NOT BETWEEN 0 AND overlap - 1
    """,
    "no more places are held than the overlap, and the others are counted as free": """
        SELECT prompts.id, free_places, overlap, held FROM prompts JOIN projects ON projects.id = prompts.project_id
        LEFT JOIN (SELECT prompt_id, count(place) AS held FROM assignments GROUP BY prompt_id) places
            ON places.prompt_id = prompts.id
        WHERE coalesce(held, 0) > overlap OR free_places <> overlap - coalesce(held, 0)
    """,
    "what is over and not handed in holds no place": """
        SELECT id, state, place FROM assignments WHERE place IS NOT NULL AND state NOT IN ('assigned', 'draft', 'submitted')
    """,
    "an annotation that stands holds a place, practice work and what is taken back or declined none": """
        SELECT annotations.id, annotations.state, practice, place FROM annotations
        JOIN assignments ON assignments.id = assignment_id
        WHERE (place IS NOT NULL) <> (annotations.state NOT IN ('withdrawn', 'declined') AND NOT practice)
    """,
    "what is handed in has one annotation, and nothing else has any": """
        SELECT assignments.id, assignments.state, count(annotations.id) FROM assignments
        LEFT JOIN annotations ON annotations.assignment_id = assignments.id
        GROUP BY assignments.id, assignments.state
        HAVING count(annotations.id) <> CASE assignments.state WHEN 'submitted' THEN 1 ELSE 0 END
    """,
    "an annotation is of its assignment's prompt, by its person": """
        SELECT annotations.id FROM annotations JOIN assignments ON assignments.id = assignment_id
        WHERE annotations.prompt_id <> assignments.prompt_id OR author_id <> person_id
    """,
    "an annotation has its revisions, numbered from 1": """
        SELECT annotations.id, count(revisions.id) FROM annotations
        LEFT JOIN revisions ON annotation_id = annotations.id GROUP BY annotations.id
        HAVING count(revisions.id) = 0 OR min(number) <> 1 OR max(number) <> count(revisions.id)
    """,
    "what was handed in or given back has no draft": """
        SELECT drafts.id, assignments.state FROM drafts JOIN assignments ON assignments.id = assignment_id
        WHERE assignments.state IN ('submitted', 'released')
    """,
    "a draft and its assignment are one person's": """
        SELECT drafts.id FROM drafts JOIN assignments ON assignments.id = assignment_id
        WHERE drafts.person_id <> assignments.person_id
    """,
    "begun work says so, and work that says so is begun": """
        SELECT assignments.id, assignments.state FROM assignments LEFT JOIN drafts ON assignment_id = assignments.id
        WHERE (assignments.state = 'draft' AND drafts.id IS NULL)
            OR (assignments.state = 'assigned' AND drafts.id IS NOT NULL)
    """,
    "an assignment is in its prompt's project and language": """
        SELECT assignments.id FROM assignments JOIN prompts ON prompts.id = prompt_id
        WHERE assignments.project_id <> prompts.project_id OR assignments.language_id <> prompts.language_id
    """,
    "nobody works on their own words": """
        SELECT assignments.id FROM assignments
        JOIN prompt_authors ON prompt_authors.prompt_id = assignments.prompt_id
        WHERE prompt_authors.person_id = assignments.person_id
    """,
    "nobody works from words that were taken back": """
        SELECT assignments.id FROM assignments
        JOIN prompt_authors ON prompt_authors.prompt_id = assignments.prompt_id
        JOIN annotations ON annotations.id = prompt_authors.annotation_id
        WHERE annotations.withdrawn_at IS NOT NULL AND annotations.author_id = prompt_authors.person_id
            AND assignments.state IN ('assigned', 'draft')
    """,
    "a submission that was sent twice is one annotation": """
        SELECT author_id, submission_key, count(*) FROM annotations WHERE submission_key IS NOT NULL
        GROUP BY author_id, submission_key HAVING count(*) > 1
    """,
}


# One question for all of them, since it is asked after every act.
_NUMBERS = (f"(SELECT count(*) FROM ({query}) AS those)" for query in PROMISES.values())  # noqa: S608  # our own
_HOW_MANY = text(f"SELECT {', '.join(_NUMBERS)}")


def broken(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    """Return the promises that do not hold, each with a few of the rows that break it."""
    numbers = connection.execute(_HOW_MANY).one()
    return {
        promise: [tuple(row) for row in connection.execute(text(PROMISES[promise])).fetchmany(5)]
        for promise, number in zip(PROMISES, numbers, strict=True)
        if number
    }
