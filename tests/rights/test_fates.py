"""The table of fates knows every column that may speak of a person: a new one without a fate fails here."""

from sqlalchemy import JSON, LargeBinary, String

from annotator import models as _models  # noqa: F401  # importing them fills the metadata
from annotator.database import Base
from annotator.rights.erasing.policy import PEOPLE, WORDS


def test_every_pointer_at_a_person_has_a_fate() -> None:
    pointers = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table.name == "people" for key in column.foreign_keys)
    }
    assert pointers == set(PEOPLE)


def test_every_column_that_can_hold_words_says_what_becomes_of_them() -> None:
    words = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, (String, JSON, LargeBinary))
    }
    assert words == set(WORDS)
