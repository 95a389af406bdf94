"""Compare two release folders row by row."""

import hashlib
import json
from pathlib import Path
from typing import Any

from annotator.errors import Invalid
from annotator.releases.tables import ANNOTATIONS

_COLUMNS = tuple(column.name for column in ANNOTATIONS if column.name != "release_added")


def compare(old: Path, new: Path) -> dict[str, Any]:
    """Return the ids that were added and removed, and those that changed with the names of the columns.

    Raises Invalid ``release_folder_unreadable``.
    """
    before, after = _rows(old), _rows(new)
    changed = []
    for annotation_id in sorted(before.keys() & after.keys()):
        differs = [
            name
            for name, one, other in zip(_COLUMNS, before[annotation_id], after[annotation_id], strict=True)
            if one != other
        ]
        if differs:
            changed.append({"annotation_id": annotation_id, "columns": differs})
    return {
        "old": old.name,
        "new": new.name,
        "added": sorted(after.keys() - before.keys()),
        "removed": sorted(before.keys() - after.keys()),
        "changed": changed,
    }


def _rows(folder: Path) -> dict[str, list[bytes]]:
    """Return a short hash of each column of each row."""
    import pyarrow as pa  # noqa: PLC0415  # slow to import
    import pyarrow.parquet as pq  # noqa: PLC0415

    files = sorted((folder / "data").glob("*/*.parquet"))
    if not files:
        raise Invalid("release_folder_unreadable", folder=str(folder))
    rows: dict[str, list[bytes]] = {}
    try:
        for path in files:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(batch_size=2000):
                    for row in batch.to_pylist():
                        rows[row["annotation_id"]] = [_short(row.get(name)) for name in _COLUMNS]
    except (pa.ArrowException, OSError, KeyError) as error:
        raise Invalid("release_folder_unreadable", folder=str(folder)) from error
    return rows


def _short(value: object) -> bytes:
    return hashlib.blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=8).digest()
