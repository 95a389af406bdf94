"""Put a built folder in its place: what is there already is kept when it is ours and the same, and never overwritten."""

import json
import shutil
from pathlib import Path

from sqlalchemy.orm import Session

from annotator import storage
from annotator.errors import Conflict
from annotator.ledger.models import LedgerEntry
from annotator.releases import journal, verify
from annotator.settings import Settings


def put_in_place(session: Session, made: Path, target: Path, digest: str, settings: Settings) -> None:
    """Rename a built folder to its place.

    A folder that is there already is kept when it is the same; it is replaced only when it is what a crash of this
    very installation left: its ledger head is in our chain, and neither database nor journal knows it as published.
    """
    if target.exists():
        manifest = target / "manifest.json"
        if manifest.is_file() and storage.sha256_of(manifest) == digest and verify.verify(target)["ok"]:
            return
        if not _left_by_a_crash(session, target, settings):
            raise Conflict("release_folder_exists", folder=str(target))
        shutil.rmtree(target)
    storage.put_in_place(made, target)


def _left_by_a_crash(session: Session, target: Path, settings: Settings) -> bool:
    try:
        manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
        seq, head, project, version = (
            manifest["ledger"]["seq"], manifest["ledger"]["head"], manifest["project"], manifest["version"]
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError):
        return False
    entry = session.get(LedgerEntry, seq) if isinstance(seq, int) else None
    if entry is None or entry.hash != head:
        return False
    known = (line for line in storage.lines(settings.journal / journal.JOURNAL) if line.get("kind") == "release")
    return not any((line["project"], line["version"]) == (project, version) for line in known)
