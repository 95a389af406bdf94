"""README.md: the card that `datasets` reads and that people read (release-format §3.6)."""

from typing import Any

import yaml

from annotator.consent.rules import LICENSES, Lane
from annotator.releases import papers
from annotator.releases.folder import NAMES, Folder, license_address
from annotator.releases.tables import ANNOTATIONS, SIDE_TABLES, SPLITS, TABLES, card_features

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_PURPOSES = {
    Lane.OPEN: "training, evaluation, research, also commercially",
    Lane.SHAREALIKE: "the same, if what you make from it is shared alike",
    Lane.NONCOMMERCIAL: "training, evaluation, research, not commercially",
    Lane.GATED: "what each row names, after you accepted the terms",
}


def readme(folder: Folder) -> str:
    """Return the card."""
    head = yaml.safe_dump(front_matter(folder), sort_keys=False, allow_unicode=True, width=1000)
    return f"---\n{head}---\n\n{_body(folder)}"


def front_matter(folder: Folder) -> dict[str, Any]:
    """Return the YAML part; a config is listed only when it has rows, and a split likewise."""
    lane = folder.first_lane or folder.lanes[0]
    facts: dict[str, Any] = {"pretty_name": folder.title, **_license(lane)}
    tags = sorted(set(folder.census.tags.values()))
    if tags:
        facts["language"] = sorted({tag.split("-")[0] for tag in tags})
        facts["language_bcp47"] = tags
        facts["multilinguality"] = ["multilingual" if len(tags) > 1 else "monolingual"]
    facts |= {
        "annotations_creators": ["crowdsourced"],
        "language_creators": ["crowdsourced"],
        "source_datasets": ["original"],
        "size_categories": [next((name for limit, name in _SIZES if folder.n_rows < limit), "n>1M")],
        "task_categories": ["text-generation"],
        "tags": ["instruction-tuning", "participatory", "data-rights"],
    }
    if folder.kind == "gated":
        facts |= {
            "extra_gated_heading": "These texts were given to people who accept their terms",
            "extra_gated_prompt": "Please read LICENSES/LicenseRef-Annotator-Gated-1.0.txt. You follow the list of "
            "withdrawn texts, pass these terms on, and use each text only for the purposes that its row names.",
            "extra_gated_fields": {
                "Name": "text",
                "What you will use it for": "text",
                "I accept the terms": "checkbox",
            },
            "extra_gated_button_content": "Accept",
        }
    configs = _configs(folder)
    if configs:
        facts["configs"] = [
            {"config_name": name, "data_files": [{"split": split, "path": path} for split, path, _n, _b in files]}
            for name, _table, files in configs
        ]
        facts["dataset_info"] = [_info(name, table, files) for name, table, files in configs]
    return facts


def _license(lane: Lane) -> dict[str, str]:
    license_id = LICENSES[lane]
    if lane is Lane.GATED:
        return {
            "license": "other",
            "license_name": license_id.lower().replace("licenseref-", ""),
            "license_link": f"LICENSES/{license_id}.txt",
        }
    return {"license": license_id.lower(), "license_link": license_address(license_id)}


_File = tuple[str, str, int, int]


def _configs(folder: Folder) -> list[tuple[str, str, list[_File]]]:
    """Return name, table and files (split, path, rows, bytes) of each config with rows.

    The first lane is called ``default`` and by its own name, so that code that names a lane goes on working when
    a wider one gets its first rows.
    """
    result = []
    for lane in folder.lanes:
        files = [
            (split, f"data/{lane.value}/{split}-*.parquet", rows, folder.census.bytes[lane.value, split])
            for split in SPLITS
            if (rows := folder.census.splits[lane.value, split])
        ]
        if files:
            if lane is folder.first_lane:
                result.append(("default", "annotations", files))
            result.append((lane.value, "annotations", files))
    for table in SIDE_TABLES:
        if folder.lines[table]:
            size = folder.census.bytes[table, "train"]
            result.append((table, table, [("train", f"{table}/train-*.parquet", folder.lines[table], size)]))
    return result


def _info(name: str, table: str, files: list[_File]) -> dict[str, Any]:
    size = sum(one[3] for one in files)
    return {
        "config_name": name,
        "features": card_features(TABLES[table]),
        "splits": [{"name": split, "num_bytes": bytes_, "num_examples": rows} for split, _p, rows, bytes_ in files],
        "download_size": size,
        "dataset_size": size,
    }


def _body(folder: Folder) -> str:
    census = folder.census
    lanes = [
        f"| `{lane.value}` | {NAMES[LICENSES[lane]]} (`{LICENSES[lane]}`) | {census.lanes[lane.value]} "
        f"| {_PURPOSES[lane]} |"
        for lane in folder.lanes
    ]
    languages = [
        f"| `{code}` | `{census.tags[code]}` | {'a few' if n is None else n} |"
        for code, n in folder.facts["languages"].items()
    ]
    fields = [f"| `{column.name}` | {column.kind} | {column.meaning} |" for column in ANNOTATIONS]
    sources = [f"- {name} ({', '.join(sorted(of))})" for name, of in sorted(census.sources.items())]
    duty = (
        "Following this list, and passing it on, is a duty under the terms of this folder."
        if folder.kind == "gated"
        else "The public licences do not oblige you to follow this list; the people who wrote these texts ask you to."
    )
    unreviewed = (
        "Rows that nobody reviewed are in this release; `review_status` marks them."
        if folder.facts["selection"]["release_unreviewed"]
        else "Every row was accepted in a review."
    )
    return "\n".join(
        [
            f"# {folder.title}, version {folder.version}",
            "",
            folder.description or "Prompts and completions that volunteers wrote and improved.",
            "",
            "## Data rights",
            "",
            "Every row carries the rights that its authors gave. Each row is in exactly one lane, and no lane's licence",
            "allows more than the row's authors and sources do.",
            "",
            "| lane | licence | rows | for |",
            "|---|---|---|---|",
            *lanes,
            "",
            f"Who wrote a text can take it back at any time: {folder.rights_page}. What was taken back, narrowed or",
            "corrected stands in the table `withdrawn`: the last entry of an id counts; `remove` means delete the row,",
            "`restrict` says where it may still stand (null: nowhere), `redact_attribution` means delete the credit.",
            f"New entries are announced at {folder.feed}; `python apply_withdrawals.py FILE...` follows them in your",
            f"copy. {duty}",
            "",
            "A copy that was taken under a public licence stays licensed, and a model that was trained stays trained:",
            "no list can undo that. What it can do is keep every later version, and every honest user, up to date.",
            "",
            "Check this folder with `python verify.py`, which needs Python and pyarrow. Its manifest's SHA-256 stands on",
            f"{folder.page} and is committed to in the ledger of the platform.",
            "",
            "## Languages",
            "",
            "| language | BCP 47 | rows |",
            "|---|---|---|",
            *languages,
            "",
            "## Fields",
            "",
            "| column | type | meaning |",
            "|---|---|---|",
            *fields,
            "",
            "The other tables are described in `schema/`.",
            "",
            "## Creation",
            "",
            "Volunteers wrote prompts and completions, or rated and improved given ones; ambassadors of each language",
            f"reviewed them. {unreviewed}",
            *(["", "Sources of given prompts and texts:", "", *sources] if sources else []),
            "",
            "## People",
            "",
            "See CONTRIBUTORS.md for those who wished to be credited.",
            f"{census.suppressed} small counts and facts that too few people share are left out of the tables, so that",
            "nobody can be told from them.",
            "",
            "## Considerations",
            "",
            "Texts are what their authors wrote: opinions, errors and varieties of a language are theirs. Rows without",
            "the right to train stand only in `test`, rows without the right to evaluate only in `train`; everything",
            "that goes back to one text stands in one split.",
            "",
            "## Changes",
            "",
            "See CHANGELOG.md and diff.json.",
            "",
            "## Citation",
            "",
            "```bibtex",
            papers.bibtex(
                project=folder.project,
                title=folder.title,
                version=folder.version,
                year=folder.frozen_at.year,
                url=folder.page,
            ),
            "```",
            "",
        ]
    )
