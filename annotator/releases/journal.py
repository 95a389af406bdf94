"""The journal outside the database: what was published, with the ledger's head, one line each and only ever appended."""

from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from annotator import storage
from annotator.projects.models import Project
from annotator.releases import queries
from annotator.releases.models import Release
from annotator.settings import Settings

JOURNAL = "ledger-heads.jsonl"


def after_commit(session: Session, release: Release, settings: Settings) -> None:
    """Write the ledger head outside the database once the transaction has really ended well."""
    line, pending = _line(release), [True]

    def committed(_session: Session) -> None:
        if pending:
            pending.clear()
            storage.append_line(settings.journal / JOURNAL, line)

    def rolled_back(_session: Session) -> None:
        pending.clear()

    event.listen(session, "after_commit", committed, once=True)
    event.listen(session, "after_rollback", rolled_back, once=True)


def catch_up(session: Session, project: Project, settings: Settings) -> None:
    """Write the lines that a crash between commit and journal left out."""
    path = settings.journal / JOURNAL
    known = {(line["project"], line["version"]) for line in storage.lines(path) if line.get("kind") == "release"}
    for release in reversed(queries.published(session, project)):
        if (project.slug, release.version) not in known and "published" in release.facts:
            storage.append_line(path, _line(release))


def _line(release: Release) -> dict[str, Any]:
    published = release.facts["published"]
    return {
        "kind": "release",
        "project": release.project.slug,
        "version": release.version,
        "manifest_sha256": dict(release.manifest_sha256),
        "ledger": {"seq": published["seq"], "head": published["hash"]},
    }
