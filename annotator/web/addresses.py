"""What an address may hold: a number in it is one that a row can have."""

from flask import Flask
from werkzeug.routing import IntegerConverter


class RowNumber(IntegerConverter):
    """A number of at most nine digits. A longer one is no row's, and both databases refuse to look for it."""

    regex = r"\d{1,9}"


def init_app(app: Flask) -> None:
    """Take it for every ``<int:…>``; call this before the rooms are hung up."""
    app.url_map.converters["int"] = RowNumber
