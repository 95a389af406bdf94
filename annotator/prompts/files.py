"""Read the files of an import row by row, in constant memory: JSON Lines, JSON, CSV, TSV, Parquet and plain text.

What concerns one row is a Problem in the stream; what makes the whole file unusable is raised as Invalid, naming
file and line.
"""

import codecs
import csv
import json
import re
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import BinaryIO, NoReturn, Protocol

from annotator.errors import Invalid
from annotator.prompts.columns import Columns
from annotator.prompts.parquet import read_parquet
from annotator.prompts.rows import Problem, Record, Row

LONGEST_LINE = 2 * 1024 * 1024  # bytes: the most that one row may need of memory
_CHUNK = 64 * 1024
_WHITE_SPACE = re.compile(r"[ \t\r\n]*")
_LONGEST_WORD = 16  # letters: JSON's longest word or escape, which the end of the buffer may have cut

_OTHER_ENCODINGS = {codecs.BOM_UTF32_LE: "UTF-32", codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}
_ARCHIVES = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\x28\xb5\x2f\xfd": "zstd", b"\xfd7zXZ": "xz"}


def read(stream: BinaryIO, name: str, columns: Columns) -> Iterator[Row]:
    """Yield the rows of a file that can be sought in; the end of its name says what it is.

    Raises Invalid, at the first row or later, for a file that cannot be used as a whole.
    """
    suffix = PurePath(name).suffix.lower()
    reader = _READERS.get(suffix)
    if reader is None:
        raise Invalid("file_kind_unknown", file=name, known=tuple(_READERS))
    if suffix == ".txt" and not columns.with_template:
        raise Invalid("file_text_needs_template", file=name)
    if suffix != ".parquet":
        _check_beginning(stream, name)
    empty = True
    for row in reader(stream, name, columns):
        empty = False
        yield row
    if empty:
        raise Invalid("file_empty", file=name)


def _check_beginning(stream: BinaryIO, name: str) -> None:
    """Raise Invalid for what is no UTF-8 text; pass over a byte order mark."""
    beginning = stream.read(6)
    for mark, encoding in _OTHER_ENCODINGS.items():
        if beginning.startswith(mark):
            raise Invalid("file_other_encoding", file=name, encoding=encoding)
    for mark, archive in _ARCHIVES.items():
        if beginning.startswith(mark):
            raise Invalid("file_archive", file=name, archive=archive)
    stream.seek(len(codecs.BOM_UTF8) if beginning.startswith(codecs.BOM_UTF8) else 0)


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
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


def _read_text(stream: BinaryIO, name: str, _columns: Columns) -> Iterator[Row]:
    """One text a line; empty lines are none."""
    for number, line in _lines(stream):
        text = _decoded(line, name, number)
        if isinstance(text, Problem):
            yield text
        elif text.strip():
            yield Record(name, number, {"text": text})


def _read_json(stream: BinaryIO, name: str, columns: Columns) -> Iterator[Row]:
    """A list of objects, or one object a line, whatever the file is called: the first character tells."""
    start = stream.tell()
    first = b""
    while not first and (part := stream.read(_CHUNK)):
        first = part.lstrip()[:1]
    stream.seek(start)
    yield from _read_json_list(stream, name) if first == b"[" else _read_json_lines(stream, name, columns)


def _read_json_lines(stream: BinaryIO, name: str, _columns: Columns) -> Iterator[Row]:
    first = True
    for number, line in _lines(stream):
        text = _decoded(line, name, number)
        if isinstance(text, Problem):
            yield text
        elif text.strip():
            row = _parsed(text, name, number)
            if first and isinstance(row, Problem) and text.strip() == "{":
                raise Invalid("file_json_shape", file=name, line=number)  # one object, spread over the file
            yield row
            first = False


def _parsed(text: str, name: str, number: int) -> Row:
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        return Problem(name, number, "row_not_json", {"reason": _reason(error)})
    if not isinstance(value, dict):
        return Problem(name, number, "row_not_object")
    return Record(name, number, value)


def _read_json_list(stream: BinaryIO, name: str) -> Iterator[Row]:
    """Decode one element after the other from a buffer that never holds much more than one."""
    text = _Text(stream, name)
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    text.take_letter()  # the bracket
    if text.next_letter() == "]":
        return
    while True:
        if not text.next_letter():
            text.refuse("file_json_unfinished")
        number = text.line
        value = text.element(decoder)
        yield Record(name, number, value) if isinstance(value, dict) else Problem(name, number, "row_not_object")
        after = text.next_letter()
        if after not in {",", "]"}:
            text.refuse("file_json_unfinished" if not after else "file_json_broken")
        text.take_letter()
        if after == "]":
            break
    if text.next_letter():
        text.refuse("file_json_broken")


class _Text:
    """A window of decoded text over a stream, which knows the line that it stands on."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._buffer = ""
        self._at = 0
        self.line = 1
        self.next_letter()

    def _fill(self) -> bool:
        """Drop what has been read and add a part; False at the end."""
        part = self._stream.read(_CHUNK)
        self._buffer, self._at = self._buffer[self._at :], 0
        try:
            self._buffer += self._decoder.decode(part, final=not part)
        except UnicodeDecodeError as error:
            line = self.line + self._buffer.count("\n") + error.object[: error.start].count(b"\n")
            raise Invalid("file_not_utf8", file=self._name, line=line) from error
        return bool(part)

    def _go_to(self, place: int) -> None:
        self.line += self._buffer.count("\n", self._at, place)
        self._at = place

    def take_letter(self) -> None:
        """Pass over one letter."""
        self._go_to(self._at + 1)

    def next_letter(self) -> str:
        """Pass over white space; return the next letter without taking it, empty at the end."""
        while True:
            self._go_to(_WHITE_SPACE.match(self._buffer, self._at).end())  # type: ignore[union-attr]  # always matches
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._fill():
                return ""

    def element(self, decoder: json.JSONDecoder) -> object:
        """Decode and take the element that begins here, reading on while it may only be cut off."""
        while True:
            try:
                value, end = decoder.raw_decode(self._buffer, self._at)
            except (ValueError, RecursionError) as error:
                place = getattr(error, "pos", self._at)
                cut_off = place >= len(self._buffer) - _LONGEST_WORD or "Unterminated string" in str(error)
                if len(self._buffer) - self._at > LONGEST_LINE:
                    self.refuse("file_row_long", longest=LONGEST_LINE)
                if isinstance(error, json.JSONDecodeError) and cut_off and self._fill():
                    continue
                self._go_to(place)
                self.refuse("file_json_broken", reason=_reason(error))
            else:
                self._go_to(end)
                return value

    def refuse(self, code: str, **facts: object) -> NoReturn:
        """Raise Invalid for the place that has been reached."""
        raise Invalid(code, **{"file": self._name, "line": self.line, "reason": "", **facts})


def _no_constant(word: str) -> NoReturn:
    """JSON has no NaN and no Infinity; PostgreSQL would refuse them later."""
    message = f"{word} is no JSON"
    raise ValueError(message)


def _reason(error: Exception) -> str:
    """Return in a few words what the parser disliked, and at which column."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}, column {error.colno}"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)[:80]


def _decoded(line: bytes | None, name: str, number: int) -> str | Problem:
    if line is None:
        return Problem(name, number, "row_long", {"longest": LONGEST_LINE})
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        return Problem(name, number, "row_not_utf8", {"place": error.start + 1})


class _Cells(Protocol):
    """What csv.reader returns; its class has no public name."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...


def _read_csv(stream: BinaryIO, name: str, columns: Columns) -> Iterator[Row]:
    """Comma-separated with quotation marks (RFC 4180); semicolons where the header has them and no comma."""
    start = stream.tell()
    header = stream.readline(LONGEST_LINE)
    stream.seek(start)
    delimiter = ";" if b"," not in header and b";" in header else ","
    yield from _table(stream, name, columns, lambda lines: csv.reader(lines, delimiter=delimiter, strict=True))


def _read_tsv(stream: BinaryIO, name: str, columns: Columns) -> Iterator[Row]:
    """Tab-separated; a quotation mark is a letter like any other (IANA text/tab-separated-values)."""
    yield from _table(
        stream, name, columns, lambda lines: csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, quotechar=None)
    )


def _table(
    stream: BinaryIO, name: str, columns: Columns, parse: Callable[[Iterator[str]], _Cells]
) -> Iterator[Row]:
    garbled: set[int] = set()

    def lines() -> Iterator[str]:
        for number, line in _lines(stream):
            if line is None:
                raise Invalid("file_row_long", file=name, line=number, longest=LONGEST_LINE)
            try:
                yield line.decode()
            except UnicodeDecodeError:
                garbled.add(number)
                yield line.decode(errors="replace")

    reader = parse(lines())
    header: list[str] = []
    begins = 1
    try:
        for cells in reader:
            number, begins = begins, reader.line_num + 1
            bad = any(line in garbled for line in range(number, begins))
            garbled.clear()
            if not header:
                if bad:
                    raise Invalid("file_not_utf8", file=name, line=number)
                header = _header(cells, name, number) if any(cells) else []
                if header:
                    columns.check_header(header, file=name, line=number)
            elif bad:
                yield Problem(name, number, "row_not_utf8", {"place": 1})
            elif len(cells) != len(header):
                if cells:
                    yield Problem(name, number, "row_cells", {"found": len(cells), "expected": len(header)})
            elif any(cells):
                yield Record(name, number, dict(zip(header, cells, strict=True)))
    except csv.Error as error:
        raise Invalid("file_table_broken", file=name, line=begins, reason=str(error)) from error


def _header(cells: list[str], name: str, line: int) -> list[str]:
    """Return the names of the columns; a nameless one is called after its place."""
    names = [cell.strip() or f"column_{place}" for place, cell in enumerate(cells, 1)]
    for column in names:
        if names.count(column) > 1:
            raise Invalid("file_column_twice", file=name, line=line, column=column[:40])
    return names


_READERS: dict[str, Callable[[BinaryIO, str, Columns], Iterator[Row]]] = {
    ".jsonl": _read_json,
    ".ndjson": _read_json,
    ".json": _read_json,
    ".csv": _read_csv,
    ".tsv": _read_tsv,
    ".parquet": read_parquet,
    ".txt": _read_text,
}
