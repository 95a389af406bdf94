"""Read the files of an import row by row, in constant memory: JSON Lines, JSON, CSV, TSV, Parquet and plain text.

What concerns one row is a Problem in the stream; what makes the whole file unusable is raised as Invalid, naming
file and line.
"""

import codecs
import hashlib
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import BinaryIO

from annotator.errors import Invalid
from annotator.prompts.columns import Columns
from annotator.prompts.formats.lines import read_text
from annotator.prompts.formats.objects import read_json
from annotator.prompts.formats.parquet import read_parquet
from annotator.prompts.formats.tables import read_csv, read_tsv
from annotator.prompts.rows import Row

_CHUNK = 1024 * 1024
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


def digest(stream: BinaryIO) -> str:
    """Return the SHA-256 of a file, and go back to its beginning."""
    told = hashlib.sha256()
    while part := stream.read(_CHUNK):
        told.update(part)
    stream.seek(0)
    return told.hexdigest()


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


_READERS: dict[str, Callable[[BinaryIO, str, Columns], Iterator[Row]]] = {
    ".jsonl": read_json,
    ".ndjson": read_json,
    ".json": read_json,
    ".csv": read_csv,
    ".tsv": read_tsv,
    ".parquet": read_parquet,
    ".txt": read_text,
}
