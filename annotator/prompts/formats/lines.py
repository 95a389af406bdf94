"""Lines of a file, and texts of which each stands on a line."""

from collections.abc import Iterator
from typing import BinaryIO

from annotator.prompts.columns import Columns
from annotator.prompts.rows import Problem, Record, Row

LONGEST_LINE = 2 * 1024 * 1024  # bytes: the most that one row may need of memory


def lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Yield number and bytes of each line; None for one that is too long, which is never held whole."""
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) <= LONGEST_LINE or line.endswith(b"\n"):
            yield number, line
            continue
        while (line := stream.readline(LONGEST_LINE)) and not line.endswith(b"\n"):
            pass
        yield number, None


def decoded(line: bytes | None, name: str, number: int) -> str | Problem:
    """Return a line as text, or why it is none."""
    if line is None:
        return Problem(name, number, "row_long", {"longest": LONGEST_LINE})
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        return Problem(name, number, "row_not_utf8", {"place": error.start + 1})


def read_text(stream: BinaryIO, name: str, _columns: Columns) -> Iterator[Row]:
    """One text a line; empty lines are none."""
    for number, line in lines(stream):
        text = decoded(line, name, number)
        if isinstance(text, Problem):
            yield text
        elif text.strip():
            yield Record(name, number, {"text": text})
