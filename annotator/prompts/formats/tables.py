"""Tables as text: comma-separated and tab-separated values."""

import csv
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from annotator.errors import Invalid
from annotator.prompts.columns import Columns
from annotator.prompts.formats.lines import LONGEST_LINE, lines
from annotator.prompts.rows import Problem, Record, Row


class _Cells(Protocol):
    """What csv.reader returns; its class has no public name."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...


def read_csv(stream: BinaryIO, name: str, columns: Columns) -> Iterator[Row]:
    """Comma-separated with quotation marks (RFC 4180); semicolons where the header has them and no comma."""
    start = stream.tell()
    header = stream.readline(LONGEST_LINE)
    stream.seek(start)
    delimiter = ";" if b"," not in header and b";" in header else ","
    yield from _table(stream, name, columns, lambda lines: csv.reader(lines, delimiter=delimiter, strict=True))


def read_tsv(stream: BinaryIO, name: str, columns: Columns) -> Iterator[Row]:
    """Tab-separated; a quotation mark is a letter like any other (IANA text/tab-separated-values)."""
    yield from _table(
        stream, name, columns, lambda lines: csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, quotechar=None)
    )


class _Rows:
    """The rows of a table with the line where each begins, and the place in it (from 1) that is no UTF-8, or 0."""

    def __init__(self, stream: BinaryIO, name: str, parse: Callable[[Iterator[str]], _Cells]) -> None:
        self._name = name
        self._garbled = 0
        self._reader = parse(self._text(stream))

    def _text(self, stream: BinaryIO) -> Iterator[str]:
        for number, line in lines(stream):
            if line is None:
                raise Invalid("file_row_long", file=self._name, line=number, longest=LONGEST_LINE)
            try:
                yield line.decode()
            except UnicodeDecodeError as error:
                self._garbled = error.start + 1  # the reader asks for no line before it needs it, so this is the row's
                yield line.decode(errors="replace")

    def __iter__(self) -> Iterator[tuple[int, list[str], int]]:
        begins = 1
        try:
            for cells in self._reader:
                garbled, self._garbled = self._garbled, 0
                if any(cells):
                    yield begins, cells, garbled
                begins = self._reader.line_num + 1
        except csv.Error as error:
            raise Invalid("file_table_broken", file=self._name, line=begins, reason=str(error)) from error


def _table(stream: BinaryIO, name: str, columns: Columns, parse: Callable[[Iterator[str]], _Cells]) -> Iterator[Row]:
    header: list[str] = []
    for line, cells, garbled in _Rows(stream, name, parse):
        if not header:
            if garbled:
                raise Invalid("file_not_utf8", file=name, line=line)
            header = _header(cells, name, line)
            columns.check_header(header, file=name, line=line)
        elif garbled:
            yield Problem(name, line, "row_not_utf8", {"place": garbled})
        elif len(cells) != len(header):
            yield Problem(name, line, "row_cells", {"found": len(cells), "expected": len(header)})
        else:
            yield Record(name, line, dict(zip(header, cells, strict=True)))


def _header(cells: list[str], name: str, line: int) -> list[str]:
    """Return the names of the columns; a nameless one is called after its place."""
    names = [cell.strip() or f"column_{place}" for place, cell in enumerate(cells, 1)]
    for column in names:
        if names.count(column) > 1:
            raise Invalid("file_column_twice", file=name, line=line, column=column[:40])
    return names
