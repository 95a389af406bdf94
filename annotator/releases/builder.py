"""Write one folder of a frozen release: data, tables, papers, manifest, sums. The same frozen rows give the same bytes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import storage
from annotator.annotations.models import Annotation
from annotator.consent.models import Document
from annotator.consent.rules import PUBLIC_LANES, Lane
from annotator.database import AT_ONCE, chunks
from annotator.errors import Conflict
from annotator.releases import apply_withdrawals, card, ids, manifest, papers, rows, verify
from annotator.releases.census import Census
from annotator.releases.folder import Folder, Version, Wording
from annotator.releases.models import Release, ReleaseRow, RowChange
from annotator.releases.queries import folder_of
from annotator.releases.rules import K
from annotator.releases.tables import (
    ANNOTATIONS,
    FORMAT,
    SPLITS,
    TABLES,
    Column,
    arrow_schema,
    feed_schema,
    json_schema,
)

# Rows in one file: Parquet files of some hundred megabytes at most.
ROWS_A_FILE = 200_000


def build(session: Session, release: Release, kind: str, place: Path) -> str:
    """Write the ``kind`` (public or gated) of folder of a frozen release into the empty folder ``place``.

    Returns the SHA-256 of its manifest. Raises Conflict ``release_outdated`` when a frozen row cannot be made
    again as it was frozen.
    """
    census = Census(release.facts["selection"].get("small_count", K))
    kept: list[dict[str, Any]] = []
    lanes = PUBLIC_LANES if kind == "public" else (Lane.GATED,)
    counts: dict[str, int | None] = {}
    for lane in lanes:
        for split, order in _order(session, release, lane).items():
            counts |= _write_lane(
                session, release, place, lane=lane, split=split, order=order, census=census, kept=kept
            )
    folder = _gather(session, release, kind, census, kept)
    tables = {
        "reviews": sorted(kept, key=lambda line: (line["annotation_id"], line["review_id"])),
        "contributors": folder.contributors,
        "rights_profiles": census.rights_profiles(release.facts["profiles"]),
        "withdrawn": folder.withdrawn,
    }
    for name, lines in tables.items():
        counts |= _write_shards(
            place / name, "train", columns=TABLES[name], lines=[lines], sizes=census.bytes, key=(name, "train")
        )
    _write_papers(folder, place)
    return manifest.write(folder, place, {_below(place, path): n for path, n in counts.items()})


def _order(session: Session, release: Release, lane: Lane) -> dict[str, list[int]]:
    """Return the annotations of a lane by split, in the order of their public ids.

    Sorted here and not by the database, whose order of letters is its own.
    """
    found: dict[str, list[tuple[str, int]]] = {split: [] for split in SPLITS}
    chosen = (
        select(ReleaseRow.split, Annotation.public_id, ReleaseRow.annotation_id)
        .join(Annotation, Annotation.id == ReleaseRow.annotation_id)
        .where(ReleaseRow.release_id == release.id, ReleaseRow.lane == lane.value)
    )
    for split, public_id, annotation_id in session.execute(chosen.execution_options(yield_per=AT_ONCE)):
        found[split].append((public_id, annotation_id))
    return {split: [annotation_id for _, annotation_id in sorted(pairs)] for split, pairs in found.items()}


def _write_lane(
    session: Session,
    release: Release,
    place: Path,
    *,
    lane: Lane,
    split: str,
    order: Sequence[int],
    census: Census,
    kept: list[dict[str, Any]],
) -> dict[str, int | None]:
    """Write the files of one lane and split, counting as the rows go by; ``kept`` gathers their reviews."""

    def tables() -> Iterator[list[dict[str, Any]]]:
        for few in chunks(order, rows.AT_ONCE):
            frozen = {
                row.annotation_id: row
                for row in session.scalars(
                    select(ReleaseRow).where(ReleaseRow.release_id == release.id, ReleaseRow.annotation_id.in_(few))
                )
            }
            ordered = [frozen[annotation_id] for annotation_id in few]
            made = list(rows.with_texts(session, [_columns(row) for row in ordered]))
            for row, columns in zip(ordered, made, strict=True):
                if ids.row_sha256(columns) != row.row_sha256:
                    raise Conflict("release_outdated", version=release.version)
                census.add(row.facts, lane=lane.value, license_id=row.license, split=split)
                kept.extend({"annotation_id": columns["annotation_id"], **review} for review in row.facts["reviews"])
                session.expunge(row)
            yield made

    return _write_shards(
        place / "data" / lane.value,
        split,
        columns=ANNOTATIONS,
        lines=tables(),
        sizes=census.bytes,
        key=(lane.value, split),
        total=len(order),
    )


def _columns(row: ReleaseRow) -> dict[str, Any]:
    return {
        **row.facts,
        "license": row.license,
        "split": row.split,
        "root_id": row.root_id,
        "release_added": row.release_added,
    }


def _write_shards(
    place: Path,
    split: str,
    *,
    columns: Sequence[Column],
    lines: Iterable[Sequence[Mapping[str, Any]]],
    sizes: "dict[tuple[str, str], int]",
    key: tuple[str, str],
    total: int = 0,
) -> dict[str, int | None]:
    """Write lists of lines into as many files as are needed, at least one, and return the rows of each file.

    ``total`` is how many lines there will be; ``sizes[key]`` grows by their size in memory.
    """
    import pyarrow as pa  # noqa: PLC0415  # slow to import
    import pyarrow.parquet as pq  # noqa: PLC0415

    place.mkdir(parents=True, exist_ok=True)
    schema = arrow_schema(columns)
    n_files = max(1, -(-total // ROWS_A_FILE))
    names = [place / f"{split}-{number:05d}-of-{n_files:05d}.parquet" for number in range(n_files)]
    written = dict.fromkeys(names, 0)
    stream = iter(lines)
    names_of = [column.name for column in columns]
    for name in names:
        with pq.ParquetWriter(name, schema, compression="zstd", version="2.6") as writer:
            while written[name] < ROWS_A_FILE and (few := next(stream, None)) is not None:
                table = pa.Table.from_pylist([{one: line.get(one) for one in names_of} for line in few], schema=schema)
                writer.write_table(table)
                written[name] += table.num_rows
                sizes[key] += table.nbytes
    return {str(name): count for name, count in written.items()}


def _below(place: Path, path: str) -> str:
    return Path(path).relative_to(place).as_posix()


def _gather(session: Session, release: Release, kind: str, census: Census, kept: list[dict[str, Any]]) -> Folder:
    """Return the facts that the papers and the manifest are made from."""
    facts = dict(release.facts)
    documents = {
        row.id: row
        for row in session.scalars(select(Document).where(Document.id.in_({*census.documents, *_gated(facts)})))
    }
    wordings = {id_: Wording(d.kind, d.version, d.language, d.sha256, d.body) for id_, d in documents.items()}
    terms = {id_: {"version": word.version, "sha256": word.sha256} for id_, word in wordings.items()}
    facts["by_mode"] = census.by_mode(facts["credits"])
    about = facts.get("demographics", {}).get(kind, {"facts": {}, "suppressed": 0})
    census.suppressed += about["suppressed"]
    contributors = census.contributors(facts["credits"], terms, f"{facts['public_url']}/rights", about["facts"])
    facts["languages"] = census.languages_shown(facts["selection"].get("protected_languages", ()))
    previous = release.previous if release.previous and kind in release.previous.manifest_sha256 else None
    withdrawn = _withdrawn(session, release, kind)
    gated = wordings.get(facts.get("gated_terms", 0)) if kind == "gated" else None
    shown = [word for id_, word in wordings.items() if id_ in census.documents or word is gated]
    return Folder(
        kind=kind,
        project=release.project.slug,
        title=facts["title"],
        description=facts["description"],
        version=release.version,
        previous_version=previous.version if previous else None,
        frozen_at=release.frozen_at,
        ledger={"seq": release.ledger_seq, "head": release.ledger_head},
        facts=facts,
        census=census,
        changes=_changes(session, release, kind, previous=previous),
        versions=_versions(release, kind),
        wordings=sorted(shown, key=lambda word: (word.kind, word.version, word.language)),
        gated_terms=gated,
        withdrawn=withdrawn,
        contributors=contributors,
        lines={
            "reviews": len(kept),
            "contributors": len(contributors),
            "rights_profiles": len(census.profiles),
            "withdrawn": len(withdrawn),
        },
    )


def _gated(facts: Mapping[str, Any]) -> set[int]:
    return {facts["gated_terms"]} if facts.get("gated_terms") else set()


_COUNTS = ("added", "removed", "changed")


def _chain(release: Release) -> Iterator[Release]:
    """Yield the release and those that it follows, newest first."""
    current: Release | None = release
    while current is not None:
        yield current
        current = current.previous


def _versions(release: Release, kind: str) -> list[Version]:
    """Return this version and those before it that had this kind of folder, newest first."""
    return [
        Version(one.version, one.notes, **{name: one.facts["diff"][kind]["counts"][name] for name in _COUNTS})
        for one in _chain(release)
        if one is release or kind in one.manifest_sha256
    ]


def _withdrawn(session: Session, release: Release, kind: str) -> list[dict[str, Any]]:
    """Return the cumulative table: everything that this kind of folder said until and with this release."""
    versions = {one.id: one.version for one in _chain(release)}
    changes = session.scalars(
        select(RowChange)
        .where(RowChange.project_id == release.project_id, RowChange.folder == kind)
        .order_by(RowChange.id)
    )
    said = [change for change in changes if change.release_id in versions]
    return [
        {
            "seq": number,
            "annotation_id": change.annotation_public_id,
            "op": change.op,
            "lane": change.lane,
            "effective_month": change.effective_month,
            "since_release": versions[change.release_id],
            "batch_id": change.batch_id,
        }
        for number, change in enumerate(said, start=1)
    ]


def _changes(session: Session, release: Release, kind: str, *, previous: Release | None) -> dict[str, Any]:
    """Return diff.json's lists: ids that were added, and those removed or changed with a neutral code."""
    coded = release.facts["diff"][kind]

    def held(one: Release) -> set[str]:
        chosen = (
            select(Annotation.public_id, ReleaseRow.lane)
            .join(Annotation, Annotation.id == ReleaseRow.annotation_id)
            .where(ReleaseRow.release_id == one.id)
        )
        return {public_id for public_id, lane in session.execute(chosen) if folder_of(lane) == kind}

    return {
        "added": sorted(held(release) - (held(previous) if previous else set())),
        "removed": [{"annotation_id": one, "code": code} for one, code in sorted(coded["removed"].items())],
        "changed": [{"annotation_id": one, "code": code} for one, code in sorted(coded["changed"].items())],
    }


def _write_papers(folder: Folder, place: Path) -> None:
    texts = {
        "README.md": card.readme(folder),
        "LICENSE": papers.license_file(folder),
        "CITATION.cff": papers.citation(folder),
        "CONTRIBUTORS.md": papers.contributors(folder),
        "CHANGELOG.md": papers.changelog(folder),
        "diff.json": manifest.as_json(
            {
                "schema": FORMAT,
                "project": folder.project,
                "version": folder.version,
                "previous_version": folder.previous_version,
                **folder.changes,
            }
        ),
    }
    texts |= {f"LICENSES/{one}.txt": papers.license_notice(folder, one) for one in folder.licenses()}
    texts |= {
        f"schema/{name}.schema.json": manifest.as_json(json_schema(name, columns)) for name, columns in TABLES.items()
    }
    texts["schema/feed.schema.json"] = manifest.as_json(feed_schema())
    for name, content in texts.items():
        storage.write(place / name, content)
    (place / "verify.py").write_bytes(verify.own_bytes())
    (place / "apply_withdrawals.py").write_bytes(Path(apply_withdrawals.__file__).read_bytes())
