"""The numbers under which published words are found, for whoever erases the words."""

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.orm import Session

from annotator.rights.models import LookupKey

_AT_ONCE = 500


def forget(session: Session, revision_ids: Sequence[int]) -> None:
    """Delete the keys of these revisions."""
    for begin in range(0, len(revision_ids), _AT_ONCE):
        few = revision_ids[begin : begin + _AT_ONCE]
        session.execute(delete(LookupKey).where(LookupKey.revision_id.in_(few)))
