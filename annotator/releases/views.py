"""Public pages of releases with their downloads, and the page on which a maintainer publishes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, send_from_directory
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from annotator.errors import DomainError
from annotator.languages import queries as languages
from annotator.languages.rules import shown_count
from annotator.permissions import Permission, may
from annotator.projects import queries as projects
from annotator.releases import actions, feed, jobs, papers, queries, retiring, usable
from annotator.releases.folder import NAMES
from annotator.releases.forms import REASONS, PublishForm
from annotator.releases.models import Release
from annotator.web.access import current_actor, requires, wants_json
from annotator.web.errors import problem
from annotator.web.extensions import db_session, engine, settings
from annotator.web.pages import done, public_address, refused, see_other

blueprint = Blueprint("releases", __name__)

# Files that a folder holds beside those that its manifest lists.
_BESIDE = ("manifest.json", "SHA256SUMS")
GONE = 410


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


@blueprint.get("/releases/withdrawn")
def withdrawn() -> str:
    """Say how many rows were taken back, month by month, and how a copy follows; ids are in the feed."""
    session = db_session()
    return render_template(
        "releases/withdrawn.html", months=feed.by_month(session), versions=usable.latest_usable(session),
        address=public_address("releases_api.withdrawals"),
    )  # fmt: skip


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
    gone = retiring.withdrawn_rows(db_session(), release) if release.retired_at else 0
    return render_template(
        "releases/show.html", kept=retiring.KEPT, gone=gone, usable=_usable(release), release=release, manifest=shown.manifest, paragraphs=paragraphs, cite=cite,
        licenses=NAMES, gated="gated" in release.manifest_sha256, languages=_counted(shown.manifest),
    )  # fmt: skip


@blueprint.get("/projects/<slug>/releases/<version>/files/<path:path>")
def file(slug: str, version: str, path: str) -> Response:
    """Return one file of the public folder: only what the manifest lists is served; of a retired version hardly any."""
    shown = _shown(slug, version)
    if shown.release.retired_at is not None and path not in retiring.KEPT:
        return _gone(shown.release)
    listed = {entry["path"] for entry in shown.manifest["files"]} if shown.manifest else set()
    if path not in listed and not (shown.manifest and path in _BESIDE):
        abort(404)
    return send_from_directory(shown.folder.resolve(), path, as_attachment=True, max_age=0)


def _usable(release: Release) -> str | None:
    """Return the version of the public folder to use, if there is one."""
    return usable.latest_usable(db_session()).get(release.project.slug, {}).get("public")


def _gone(release: Release) -> Response:
    """Say that a file is gone for good, and which version to use."""
    slug, version = release.project.slug, _usable(release)
    sentence = (
        _("Texts of version %(old)s were taken back, so its files are gone. Please use version %(new)s.",
          old=release.version, new=version)
        if version
        else _("Texts of version %(old)s were taken back, so its files are gone. A version without them is on its way.",
               old=release.version)
    )  # fmt: skip
    if wants_json():
        address = public_address("releases.show", slug=slug, version=version) if version else None
        return problem(GONE, "release_retired", sentence, latest_usable_version=version, use=address)
    page = render_template("releases/gone.html", release=release, sentence=sentence, usable=version)
    return Response(page, status=GONE)


def _counted(manifest: dict[str, Any] | None) -> dict[str, int | None]:
    """Return how many rows there are in each language; None for few in one that is protected now."""
    if manifest is None:
        return {}
    found = {one.code: one for one in languages.all_languages(db_session())}
    return {
        code: None
        if n is None
        else shown_count(n, protected=code in found and found[code].protected, small=settings().small_count)
        for code, n in manifest["counts"]["languages"].items()
    }


def _shown(slug: str, version: str) -> Shown:
    """Return a published release, with its manifest if its files are on this machine."""
    release = queries.published_version(db_session(), projects.by_slug(db_session(), slug), version)
    folder = actions.place_of(settings(), "public", release.project.slug, release.version)
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        manifest = None
    return Shown(release, folder, manifest)
