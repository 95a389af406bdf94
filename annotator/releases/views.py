"""Public pages of releases with their downloads, and the page on which a maintainer publishes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, send_from_directory
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from annotator.errors import DomainError
from annotator.permissions import Permission, may
from annotator.projects import queries as projects
from annotator.releases import actions, jobs, papers, queries
from annotator.releases.folder import NAMES
from annotator.releases.forms import REASONS, PublishForm
from annotator.releases.models import Release
from annotator.web.access import current_actor, requires
from annotator.web.extensions import db_session, engine, settings
from annotator.web.pages import done, public_address, refused, see_other

blueprint = Blueprint("releases", __name__)

# Files that a folder holds beside those that its manifest lists.
_BESIDE = ("manifest.json", "SHA256SUMS")


@dataclass(frozen=True)
class Shown:
    """A release as its page shows it: its manifest, and the folder that the files are served from."""

    release: Release
    folder: Path
    manifest: dict[str, Any] | None


@blueprint.get("/releases")
def index() -> str:
    """Every project's published releases."""
    found = queries.listing(db_session())
    return render_template("releases/index.html", releases=found, project=None, may_publish=False)


@blueprint.get("/projects/<slug>/releases")
def of_project(slug: str) -> str:
    """Return a project's published releases."""
    project = projects.by_slug(db_session(), slug)
    may_publish = may(current_actor(), Permission.RELEASE_PUBLISH)
    found = queries.published(db_session(), project)
    return render_template("releases/index.html", releases=found, project=project, may_publish=may_publish)


@blueprint.route("/projects/<slug>/releases/new", methods=["GET", "POST"])
@requires(Permission.RELEASE_PUBLISH)
def new(slug: str) -> str | AnyResponse | tuple[str, int]:
    """Show what a release would hold, and publish it."""
    session, actor = db_session(), current_actor()
    project = projects.by_slug(session, slug)
    form = PublishForm()
    if form.validate_on_submit():
        version = (form.version.data or "").strip()
        session.rollback()  # the steps below open sessions of their own, and must not wait for this one
        try:
            jobs.publish(
                engine(), settings(), actor=actor, slug=slug, version=version, notes=(form.notes.data or "").strip()
            )
        except DomainError as error:
            refused(form, error, "version" if error.code.startswith("release_version") else None)
        else:
            done(_("Version %(version)s is published.", version=version))
            return see_other("releases.show", slug=slug, version=version)
    preview = actions.preview(session, actor=actor, project=project)
    if request.method == "GET":
        form.version.data = preview.version
    page = render_template("releases/new.html", project=project, form=form, preview=preview, reasons=REASONS)
    return (page, 422) if form.errors else page


@blueprint.get("/projects/<slug>/releases/<version>")
def show(slug: str, version: str) -> str:
    """Return one release's page: lanes, licences, files, how to check and to cite it, what changed."""
    shown = _shown(slug, version)
    release = shown.release
    paragraphs = [part.strip() for part in release.notes.split("\n\n") if part.strip()]
    cite = papers.bibtex(
        project=slug,
        title=release.facts["title"],
        version=version,
        year=release.frozen_at.year,
        url=public_address("releases.show", slug=slug, version=version),
    )
    return render_template(
        "releases/show.html", release=release, manifest=shown.manifest, paragraphs=paragraphs, cite=cite,
        licenses=NAMES, gated="gated" in release.manifest_sha256,
    )  # fmt: skip


@blueprint.get("/projects/<slug>/releases/<version>/files/<path:path>")
def file(slug: str, version: str, path: str) -> Response:
    """Return one file of the public folder: only what the manifest lists is served."""
    shown = _shown(slug, version)
    listed = {entry["path"] for entry in shown.manifest["files"]} if shown.manifest else set()
    if path not in listed and not (shown.manifest and path in _BESIDE):
        abort(404)
    return send_from_directory(shown.folder.resolve(), path, as_attachment=True, max_age=0)


def _shown(slug: str, version: str) -> Shown:
    """Return a published release, with its manifest if its files are on this machine."""
    release = queries.published_version(db_session(), projects.by_slug(db_session(), slug), version)
    folder = actions.place_of(settings(), "public", release.project.slug, release.version)
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        manifest = None
    return Shown(release, folder, manifest)
