"""Store a new annotation with its first revision, the end of its reservation, and a line in the audit."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from annotator.annotations.models import Annotation, Revision
from annotator.assignments.models import Assignment
from annotator.audit import actions as audit
from annotator.database import new_public_id, table_of
from annotator.errors import Conflict
from annotator.permissions import Actor
from annotator.ready import Together

# What is null in everything new, and set later by whoever reviews, withdraws, sets aside or erases.
_LATER = {
    "id", "annotation_id", "accepted_at", "withdrawn_at", "withdrawal_id", "erased_at", "state_before",
    "set_aside_until", "set_aside_kind", "shares",
}  # fmt: skip
_ANNOTATION = tuple(column.name for column in table_of(Annotation).columns if column.name not in _LATER)
_REVISION = tuple(column.name for column in table_of(Revision).columns if column.name not in _LATER)
_NOT_YET = {
    "prompt_id": None, "assignment_id": None, "submission_key": None, "state": "in_review", "already_good": False,
    "rating_prompt": None, "rating_completion": None,
}  # fmt: skip
_FIRST = {
    "number": 1, "role": "author", "parent_id": None, "link": None, "edit_distance": None, "edit_needed": False,
    "instruction": None, "input": None, "completion": None,
}  # fmt: skip


def store(
    session: Session, *, actor: Actor, at: datetime, annotation: Mapping[str, object], revision: Mapping[str, object]
) -> Annotation:
    """Write the columns of both, given ``at`` a moment, and return the annotation.

    What is left out has the value of something new.

    Raises Conflict ``submission_key_used`` when the author has sent something else under the same key.
    """
    columns = {**_NOT_YET, "public_id": new_public_id(), **annotation, "created_at": at, "submitted_at": at}
    words = {
        **_FIRST,
        **revision,
        "author_id": annotation["author_id"],
        "created_at": at,
    }
    writes = _ORIGINAL if columns["assignment_id"] is None else _OF_A_PROMPT
    facts = {"practice": columns["practice"], "kind": columns["kind"]}
    session.flush()  # a conflict there would be another one
    try:
        stored: Annotation = writes.run(
            session,
            {
                **{f"the_{name}": columns[name] for name in _ANNOTATION},
                **{f"first_{name}": words[name] for name in _REVISION},
                **audit.said(actor, at, **facts),
            },
        )
    except IntegrityError as error:
        if "submission_key" in str(error.orig):
            raise Conflict("submission_key_used") from error
        raise
    return stored


def _writes(*, of_a_prompt: bool) -> Together:
    def annotation(dialect: Any) -> Any:  # noqa: ANN401  # one of SQLAlchemy's two modules, and its insert
        return dialect.insert(table_of(Annotation)).values({name: bindparam(f"the_{name}") for name in _ANNOTATION})

    def then(_dialect: object, new_id: ColumnElement[int]) -> list[Any]:
        words: dict[str, Any] = {name: bindparam(f"first_{name}") for name in _REVISION}
        revision = table_of(Revision).insert().inline().values(annotation_id=new_id, **words)
        noted = audit.line(new_id, action="annotation.submitted", object_kind="annotation")
        if not of_a_prompt:
            return [revision, noted]
        reservations = table_of(Assignment)
        ended = (
            reservations.update()
            .where(reservations.c.id == bindparam("the_assignment_id"))
            .values(state="submitted", ended_at=bindparam("the_created_at"))
        )
        return [revision, ended, noted]

    return Together(Annotation, annotation, then)


_ORIGINAL, _OF_A_PROMPT = _writes(of_a_prompt=False), _writes(of_a_prompt=True)
