"""The programs that lie in each release, and those of older formats: known by their sums, so that nobody else's is trusted."""

import hashlib
import importlib.util
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from annotator.releases import apply_withdrawals, verify

OWN = {"verify.py": Path(verify.__file__), "apply_withdrawals.py": Path(apply_withdrawals.__file__)}

# Programs of earlier versions: SHA-256 -> the name of the file and the format that it is for. A line is added when a
# program changes after a version of the platform went out with it.
OLDER = {
    "58207909dc465566366842e5230076e59433eb1eddc43aaa8bd39075ea23d180": ("verify.py", "annotator-release/1"),
}


def is_ours(name: str, path: Path) -> bool:
    """Say whether a program in a folder is the one that this program brings, or an earlier one of it."""
    if not path.is_file():
        return False
    content = path.read_bytes()
    return content == OWN[name].read_bytes() or OLDER.get(_sum(content), ("", ""))[0] == name


def verify_folder(
    folder: Path, previous: Path | None, manifest_sha256: str | None, feed: Path | None
) -> dict[str, Any]:
    """Check a folder by the checker of its own format: today's, or an earlier one of ours that lies in it.

    An earlier one is run only when its sum is among ours: whoever changed a folder could have changed it too.
    """
    copy = folder / "verify.py"
    content = copy.read_bytes() if copy.is_file() else b""
    known = OLDER.get(_sum(content))
    if known is None or known[0] != "verify.py" or known[1] == verify.FORMAT:
        return verify.verify(folder, previous, manifest_sha256, feed)
    found: dict[str, Any] = _loaded(content).verify(folder, previous, manifest_sha256)
    return found


def _loaded(content: bytes) -> ModuleType:
    """Return an earlier checker as a module, from the bytes that were looked at."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "earlier_verify.py"
        path.write_bytes(content)
        spec = importlib.util.spec_from_file_location("earlier_verify", path)
        if spec is None or spec.loader is None:  # a file that ends in .py has both
            raise AssertionError
        module = importlib.util.module_from_spec(spec)
        writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        try:
            spec.loader.exec_module(module)
        finally:
            sys.dont_write_bytecode = writes
    return module


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
