"""JSON: a list of objects, or one object a line."""

import codecs
import json
import re
from collections.abc import Iterator
from typing import BinaryIO, NoReturn

from annotator.errors import Invalid
from annotator.prompts.columns import Columns
from annotator.prompts.formats.lines import LONGEST_LINE, decoded, lines
from annotator.prompts.rows import Problem, Record, Row

_CHUNK = 64 * 1024
_WHITE_SPACE = re.compile(r"[ \t\r\n]*")
_LONGEST_WORD = 16  # letters: JSON's longest word or escape, which the end of the buffer may have cut


def read_json(stream: BinaryIO, name: str, columns: Columns) -> Iterator[Row]:
    """A list of objects, or one object a line, whatever the file is called: the first character tells."""
    start = stream.tell()
    first = b""
    while not first and (part := stream.read(_CHUNK)):
        first = part.lstrip()[:1]
    stream.seek(start)
    yield from _read_json_list(stream, name) if first == b"[" else _read_json_lines(stream, name, columns)


def _read_json_lines(stream: BinaryIO, name: str, _columns: Columns) -> Iterator[Row]:
    first = True
    for number, line in lines(stream):
        text = decoded(line, name, number)
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
        value = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        return Problem(name, number, "row_not_json", {"reason": _reason(error)})
    if not isinstance(value, dict):
        return Problem(name, number, "row_not_object")
    return Record(name, number, value)


def _read_json_list(stream: BinaryIO, name: str) -> Iterator[Row]:
    """Decode one element after the other from a buffer that never holds much more than one."""
    text = _Text(stream, name)
    text.take_letter()  # the bracket
    if text.next_letter() == "]":
        return
    while True:
        if not text.next_letter():
            text.refuse("file_json_unfinished")
        number = text.line
        value = text.element(_DECODER)
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
                ahead = getattr(error, "pos", self._at) - self._at
                cut_off = self._at + ahead >= len(self._buffer) - _LONGEST_WORD or "Unterminated string" in str(error)
                if len(self._buffer) - self._at > LONGEST_LINE:
                    self.refuse("file_row_long", longest=LONGEST_LINE)
                if isinstance(error, json.JSONDecodeError) and cut_off and self._fill():
                    continue
                self._go_to(self._at + ahead)
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


_DECODER = json.JSONDecoder(parse_constant=_no_constant)  # once: json.loads would make one for each line


def _reason(error: Exception) -> str:
    """Return in a few words what the parser disliked, and at which column."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}, column {error.colno}"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)[:80]
