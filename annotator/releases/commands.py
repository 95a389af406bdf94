"""`annotator releases`: preview, publish, list, verify and compare; and check the feed of withdrawals."""

import dataclasses
from pathlib import Path
from typing import Any

import click

from annotator.permissions import OPERATOR
from annotator.projects import queries as projects
from annotator.releases import actions, jobs, programs, queries, usable, verify
from annotator.releases import feed as feeds
from annotator.releases.compare import compare
from annotator.releases.forms import REASONS
from annotator.releases.models import Release
from annotator.settings import load
from annotator.web.commandline import engine_scope, refuse, report, session_scope

_FOLDER = click.Path(path_type=Path)  # whether it is there is told in our own words
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON value.")


@click.group("releases")
def group() -> None:
    """Releases of a project's dataset."""


@group.command("preview")
@click.argument("slug")
@_json
def preview(slug: str, *, as_json: bool) -> None:
    """Show what a release of SLUG would hold now, what is out and why, and which number fits."""
    with session_scope() as session:
        found = actions.preview(session, actor=OPERATOR, project=projects.by_slug(session, slug))
    if as_json:
        report(vars(found))
        return
    click.echo(f"{slug} {found.version} ({_since(found)}): {found.rows} rows")
    for lane, languages in found.lanes.items():
        click.echo(f"  {lane}: {sum(languages.values())} rows in {len(languages)} languages")
    for name in ("added", "removed", "changed"):
        counts = getattr(found, name)
        if any(counts.values()):
            click.echo(f"  {name}: " + ", ".join(f"{n} {folder}" for folder, n in counts.items() if n))
    for reason, count in found.out.items():
        click.echo(f"  out: {count} · {REASONS[reason]}")


def _since(found: actions.Preview) -> str:
    return "first release" if found.previous_version is None else f"{found.kind}, after {found.previous_version}"


@group.command("publish")
@click.argument("slug")
@click.argument("version")
@click.option("--notes", type=click.Path(path_type=Path), help="A file that says what changed, as Markdown.")
@click.option("--dry-run", is_flag=True, help="Freeze, build and verify, then forget all of it.")
@_json
def publish(slug: str, version: str, notes: Path | None, *, dry_run: bool, as_json: bool) -> None:
    """Publish VERSION of SLUG: frozen, built, checked, and then written once."""
    settings = load()
    told = _read(notes) if notes else ""
    if dry_run:
        facts = _try(slug, version, told)
    else:
        with session_scope() as session:
            projects.by_slug(session, slug)  # a slip of the pen is told before any work
        with engine_scope() as engine:
            release_id = jobs.publish(engine, settings, actor=OPERATOR, slug=slug, version=version, notes=told)
        with session_scope() as session:
            facts = _facts(session.get_one(Release, release_id))
    if as_json:
        report(facts)
    elif dry_run:
        click.echo(f"{slug} {version} would be published; nothing was written.")
    else:
        for kind, digest in facts["manifest_sha256"].items():
            click.echo(f"{actions.place_of(settings, kind, slug, version)}  manifest SHA-256 {digest}")


def _read(notes: Path) -> str:
    """Return the notes, or say why not."""
    try:
        return notes.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        refuse(f"{notes} is no text file in UTF-8 that can be read: name the file that says what changed, or leave "
               "--notes out.")  # fmt: skip


def _try(slug: str, version: str, notes: str) -> dict[str, Any]:
    """Do everything but publish, and roll back."""
    settings = load()
    with session_scope() as session:
        project = projects.by_slug(session, slug)
        release = actions.freeze(
            session, actor=OPERATOR, project=project, version=version, notes=notes, settings=settings
        )
        with actions.build(session, release, settings=settings) as built:
            digests = {kind: digest for kind, (_made, _place, digest) in built.folders.items()}
        facts = {**_facts(release), "dry_run": True, "manifest_sha256": digests}
        session.rollback()
    return facts


def _facts(release: Release) -> dict[str, Any]:
    return {
        "project": release.project.slug,
        "version": release.version,
        "state": release.state,
        "frozen_at": release.frozen_at.isoformat(timespec="seconds"),
        "retired_at": release.retired_at.isoformat(timespec="seconds") if release.retired_at else None,
        "manifest_sha256": dict(release.manifest_sha256),
        "diff": {folder: told["counts"] for folder, told in release.facts["diff"].items()},
    }


@group.command("list")
@_json
def listing(*, as_json: bool) -> None:
    """List published releases."""
    with session_scope() as session:
        found = [_facts(release) for release in queries.listing(session)]
    if as_json:
        report(found)
        return
    for one in found:
        click.echo(
            f"{one['project']} {one['version']}  {one['frozen_at']}  {' '.join(one['manifest_sha256'].values())}"
            + ("  retired" if one["retired_at"] else "")
        )


@group.command("feed")
@_json
def check_feed(*, as_json: bool) -> None:
    """Follow the feed of withdrawals from its first entry, and check it against the heads in published releases."""
    with session_scope() as session:
        verdict = feeds.verify(session)
        versions = usable.latest_usable(session)
    if as_json:
        report({**dataclasses.asdict(verdict), "ok": verdict.reason is None, "latest_usable_version": versions})
    if verdict.reason is not None:
        refuse(f"The feed does not hold at entry {verdict.broken_at} ({verdict.reason}): somebody has changed it. "
               "Compare it with a copy that others have followed, or with your backup.")  # fmt: skip
    if as_json:
        return
    click.echo(f"The feed holds: {verdict.entries} entries, head {verdict.head.hash}.")
    for slug, folders in versions.items():
        click.echo(f"  {slug}: " + ", ".join(f"{folder} {version or 'none'}" for folder, version in folders.items()))


def _release_folder(folder: Path) -> None:
    """Refuse what is no release folder, in one sentence."""
    if not folder.is_dir():
        refuse(f"{folder} is not a folder: name the folder of a release, as `annotator releases publish` printed it.")
    if not verify.is_release(folder):
        refuse(f"{folder} {verify.NO_RELEASE}.")


def _sha256(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not verify.SHA256.match(value.lower()):
        message = f"{value!r} is not a SHA-256: 64 digits from 0 to 9 and a to f."
        raise click.BadParameter(message)
    return value


@group.command("verify")
@click.argument("folder", type=_FOLDER)
@click.option("--previous", type=_FOLDER, help="An earlier release, to compare with.")
@click.option("--manifest-sha256", metavar="HEX", callback=_sha256, help="The SHA-256 on the release's page.")
@click.option("--feed", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="The feed as you saved it.")
@_json
def verify_folder(
    folder: Path, previous: Path | None, manifest_sha256: str | None, feed: Path | None, *, as_json: bool
) -> None:
    """Check FOLDER: every file as it was, and every promise kept."""
    for named in (folder, previous):
        if named is not None:
            _release_folder(named)
    result = programs.verify_folder(folder, previous, manifest_sha256, feed)
    for name in programs.OWN:
        if name != "verify.py" and not (folder / name).exists():
            continue  # of an earlier format; where it is needed, the checks above miss it
        same = programs.is_ours(name, folder / name)
        detail = "" if same else f"{name} in the folder is not the one that this program brings"
        result["checks"].append({"name": name, "ok": same, "detail": detail})
        result["ok"] = result["ok"] and same
    if as_json:
        report({name: result[name] for name in ("ok", "release", "checks")})
    wrong = [check for check in result["checks"] if not check["ok"]]
    if wrong:
        refuse(f"{folder} does not keep its promises: " + "; ".join(f"{c['name']}: {c['detail']}" for c in wrong))
    if not as_json:
        click.echo(f"{result['release']}: every promise holds ({len(result['checks'])} checks).")


@group.command("diff")
@click.argument("old", type=_FOLDER)
@click.argument("new", type=_FOLDER)
@_json
def show_diff(old: Path, new: Path, *, as_json: bool) -> None:
    """Compare the rows of two release folders."""
    for named in (old, new):
        _release_folder(named)
    found = compare(old, new)
    if as_json:
        report(found)
        return
    for annotation_id in found["added"]:
        click.echo(f"+ {annotation_id}")
    for annotation_id in found["removed"]:
        click.echo(f"- {annotation_id}")
    for one in found["changed"]:
        click.echo(f"~ {one['annotation_id']}  {', '.join(one['columns'])}")
    click.echo(f"{len(found['added'])} added, {len(found['removed'])} removed, {len(found['changed'])} changed")
