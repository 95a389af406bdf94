"""Write manifest.json and SHA256SUMS, the last files of a folder."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from annotator import __version__, storage
from annotator.consent.rules import LICENSES
from annotator.releases.folder import Folder
from annotator.releases.tables import FORMAT

COUNTS = ("added", "removed", "changed")


def write(folder: Folder, place: Path, counts: Mapping[str, int | None]) -> str:
    """Write manifest.json and then SHA256SUMS, which covers it too; return the manifest's SHA-256."""
    files = []
    for path in sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()):
        full = place / path
        files.append(
            {"path": path, "sha256": storage.sha256_of(full), "bytes": full.stat().st_size, "rows": counts.get(path)}
        )
    census = folder.census
    content = as_json(
        {
            "schema": FORMAT,
            "folder": folder.kind,
            "project": folder.project,
            "title": folder.title,
            "version": folder.version,
            "previous_version": folder.previous_version,
            "frozen_at": folder.stamp,
            "lanes": {
                lane.value: {"license": LICENSES[lane], "rows": census.lanes[lane.value]} for lane in folder.lanes
            },
            "files": files,
            "counts": {
                "languages": folder.facts["languages"],
                "contributors_by_mode": folder.facts["by_mode"],
                "excluded_by_reason": folder.facts["excluded"],
                "suppressed": census.suppressed,
            },
            "selection": folder.facts["selection"],
            "consent_documents": [
                {"kind": word.kind, "version": word.version, "language": word.language, "sha256": word.sha256}
                for word in folder.wordings
            ],
            "ledger": dict(folder.ledger),
            "withdrawals": {
                "since_previous": sum(one["since_release"] == folder.version for one in folder.withdrawn),
                "total": len(folder.withdrawn),
                "feed_url": folder.feed,
                "feed_seq": folder.feed_head["seq"],
                "feed_head": folder.feed_head["head"],
            },
            "builder": {"program_version": __version__, "settings_sha256": _settings_sha256(folder)},
            "diff": {name: len(folder.changes[name]) for name in COUNTS},
        }
    )
    storage.write(place / "manifest.json", content)
    digest = hashlib.sha256(content.encode()).hexdigest()
    sums = [*((one["path"], one["sha256"]) for one in files), ("manifest.json", digest)]
    storage.write(place / "SHA256SUMS", "".join(f"{sha256}  {path}\n" for path, sha256 in sorted(sums)))
    return digest


def _settings_sha256(folder: Folder) -> str:
    said = {"public_url": folder.facts["public_url"], "selection": folder.facts["selection"]}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def as_json(value: Mapping[str, Any]) -> str:
    """Return JSON as the files of a release have it."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
