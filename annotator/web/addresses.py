"""What an address may hold: a number in it is one that a row can have."""

from flask import Flask
from werkzeug.routing import IntegerConverter

MOST_DIGITS = 9  # fits the databases' integers


class RowNumber(IntegerConverter):
    """A number of few digits. A longer one is no row's, and both databases refuse to look for it."""

    regex = rf"\d{{1,{MOST_DIGITS}}}"


def row_number(value: str) -> int:
    """Return the number that a query string names; raise ValueError for one that no row can have."""
    if len(value) > MOST_DIGITS:
        raise ValueError(value)
    return int(value)


def init_app(app: Flask) -> None:
    """Take it for every ``<int:…>``; call this before the rooms are hung up."""
    app.url_map.converters["int"] = RowNumber
