"""The numbers under which published words are found, for whoever erases the words."""

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.orm import Session

from annotator.database import chunks
from annotator.rights.models import LookupKey


def forget(session: Session, revision_ids: Sequence[int]) -> None:
    """Delete the keys of these revisions."""
    for few in chunks(revision_ids):
        session.execute(delete(LookupKey).where(LookupKey.revision_id.in_(few)))
