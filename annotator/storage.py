"""Files that outlive a request: folders that are written once, lines that are only ever appended."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

FOLDER_MODE = 0o755
FILE_MODE = 0o644


@contextmanager
def folder_beside(target: Path) -> Iterator[Path]:
    """Give an empty folder on the same disk as ``target``; it is gone at the end unless it was renamed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    made = new_folder_beside(target)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def new_folder_beside(target: Path) -> Path:
    """Return a new empty folder on the same disk as ``target``; its name begins with a dot."""
    target.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    made.chmod(FOLDER_MODE)
    return made


def put_in_place(made: Path, target: Path) -> None:
    """Rename a finished folder to its place, files safely on disk first.

    Raises FileExistsError when something is there: a folder is written once.
    """
    if target.exists():
        raise FileExistsError(target)
    for path in [*made.rglob("*"), made]:
        path.chmod(FOLDER_MODE if path.is_dir() else FILE_MODE)
        _sync(path)
    made.rename(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError):  # some file systems cannot sync a folder
            os.fsync(handle)
    finally:
        os.close(handle)


def write(path: Path, content: str) -> None:
    """Write a text in UTF-8 with Unix line ends, making the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode())


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def append_line(path: Path, facts: Mapping[str, Any]) -> None:
    """Append one line of JSON to a journal, and wait until it is on disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(facts, sort_keys=True, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a journal; none when there is no such file. A line that a crash cut short is passed over."""
    if not path.exists():
        return
    with path.open(encoding="utf-8") as file:
        for line in file:
            with suppress(ValueError):
                yield json.loads(line)
