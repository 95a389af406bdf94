"""Read Parquet row by row."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import BinaryIO

from annotator.errors import Invalid
from annotator.prompts.columns import Columns
from annotator.prompts.rows import Problem, Record, Row

_ROWS_AT_ONCE = 500


def read_parquet(stream: BinaryIO, name: str, columns: Columns) -> Iterator[Row]:
    """Yield the rows of a Parquet file; their number counts from 1."""
    import pyarrow as pa  # noqa: PLC0415  # slow to import, and only this format needs it
    import pyarrow.parquet as pq  # noqa: PLC0415

    number = 0
    try:
        file = pq.ParquetFile(stream, pre_buffer=False)
        columns.check_header(file.schema_arrow.names, file=name, line=1)
        for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE):
            for values in batch.to_pylist():
                number += 1
                try:
                    yield Record(name, number, {column: _plain(value) for column, value in values.items()})
                except TypeError as error:
                    yield Problem(name, number, "row_value_kind", {"kind": str(error)})
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise Invalid("file_parquet_broken", file=name, line=number + 1) from error


def _plain(value: object) -> object:
    """Return a value as JSON can hold it; raise TypeError with the kind for one that it cannot."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, dict):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, (Decimal, timedelta)):
        return str(value)
    raise TypeError(type(value).__name__)
