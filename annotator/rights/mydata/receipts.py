"""The receipts of a person, as the room of consent makes them, each with its proof."""

from collections.abc import Iterator

from annotator.consent.receipts import queries
from annotator.rights.mydata.parts import Facts, Source


def receipts(source: Source) -> Iterator[Facts]:
    """Yield every receipt, newest first."""
    for line in queries.listed(source.session, source.person_id):
        yield queries.receipt(source.session, source.person_id, line.seq, source.party)
        source.session.expunge_all()
