"""The papers beside the data: LICENSE, notices, CITATION.cff, CONTRIBUTORS.md, CHANGELOG.md."""

from typing import Any

import yaml

from annotator.consent.rules import LICENSES, Lane
from annotator.releases.folder import NAMES, Folder, license_address

_DEEDS = {
    "CC-BY-4.0": "You may share and adapt the texts, also commercially, if you give credit and say what you changed.",
    "CC-BY-SA-4.0": "You may share and adapt the texts, also commercially, if you give credit, say what you changed, "
    "and share what you make from them under the same licence.",
    "CC-BY-NC-4.0": "You may share and adapt the texts, but not commercially, if you give credit and say what you "
    "changed.",
}


def license_file(folder: Folder) -> str:
    """Return LICENSE: which lane stands under which licence."""
    lines = [f"{folder.title}, version {folder.version}", ""]
    lines += ["Every row names its own licence in the column `license`; it is the licence of the lane it lies in:", ""]
    for lane in folder.lanes:
        license_id = LICENSES[lane]
        lines.append(f"  data/{lane.value}/  {license_id}  ({NAMES[license_id]})")
    lines += [
        "",
        "Give credit as `attribution_text` says, where it says something, and name this dataset.",
        "Where a row has `source_licenses`, its texts go back to sources under these licences: keep their notices.",
        "Notices of all of them lie in LICENSES/. The other tables, the papers and the arrangement of the data are",
        f"under {LICENSES[folder.lanes[0]]}; verify.py and apply_withdrawals.py are under",
        "Apache-2.0.",
        "",
    ]
    return "\n".join(lines)


def license_notice(folder: Folder, license_id: str) -> str:
    """Return the notice of one licence; our own terms in full."""
    if license_id == LICENSES[Lane.GATED]:
        terms = folder.gated_terms
        body = terms.body if terms else ""
        version = f"{terms.kind} version {terms.version}, SHA-256 {terms.sha256}" if terms else ""
        return f"SPDX-License-Identifier: {license_id}\n{NAMES[license_id]} ({version})\n\n{body.strip()}\n"
    lines = [f"SPDX-License-Identifier: {license_id}", NAMES.get(license_id, license_id), ""]
    if license_id in _DEEDS:
        lines += [_DEEDS[license_id], ""]
    else:
        lines += ["A source of texts in this release is under this licence; its credit and notices stay.", ""]
        names = sorted(name for name, licenses in folder.census.sources.items() if license_id in licenses)
        lines += [f"Source: {name}" for name in names] + ([""] if names else [])
    lines += [f"The licence itself: {license_address(license_id)}", ""]
    return "\n".join(lines)


def citation(folder: Folder) -> str:
    """Return CITATION.cff: the project first, then everybody who is credited."""
    facts: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it, and follow its list of withdrawn texts.",
        "title": folder.title,
        "type": "dataset",
        "version": folder.version,
        "date-released": folder.frozen_at.date(),
    }
    if folder.kind == "public":
        licenses = [LICENSES[lane] for lane in folder.lanes if folder.census.lanes[lane.value]]
        facts["license"] = licenses if len(licenses) > 1 else (licenses or [LICENSES[folder.lanes[0]]])[0]
    else:
        facts["license-url"] = f"{folder.page}"
    people = [
        {"name": line["credit_name"]} if line["attribution_mode"] == "named" else {"alias": line["credit_name"]}
        for line in _credited(folder)
    ]
    facts["authors"] = [{"name": f"The contributors of {folder.title}"}, *people]
    facts["url"] = folder.page
    facts["keywords"] = ["instruction tuning", "participatory data", "data rights"]
    facts["abstract"] = folder.description or f"Texts that volunteers wrote for {folder.title}."
    return yaml.safe_dump(facts, sort_keys=False, allow_unicode=True, width=1000)


def bibtex(*, project: str, title: str, version: str, year: int, url: str) -> str:
    """Return the entry for a bibliography."""
    key = f"{project}_{version}".replace("-", "_").replace(".", "_")
    return "\n".join(
        [
            f"@misc{{{key},",
            f"  title = {{{title}}},",
            f"  author = {{{{The contributors of {title}}}}},",
            f"  year = {{{year}}},",
            f"  version = {{{version}}},",
            f"  url = {{{url}}}",
            "}",
        ]
    )


def _credited(folder: Folder) -> list[dict[str, Any]]:
    lines = [dict(line) for line in folder.contributors if line.get("contributor_id")]
    return sorted(lines, key=lambda line: (str(line["credit_name"]).casefold(), str(line["contributor_id"])))


def contributors(folder: Folder) -> str:
    """Return CONTRIBUTORS.md: the names of those who wished to be named, and the number of the others."""
    lines = ["# Contributors", "", f"{folder.title}, version {folder.version}. By name; thank you.", ""]
    credited = _credited(folder)
    lines += [f"- {_escaped(line['credit_name'])}" for line in credited] or ["Nobody is credited by name."]
    others = folder.facts["by_mode"]["none"]
    if others is None:
        lines += ["", "A few more people wrote texts and are not named."]
    elif others:
        lines += ["", f"{others} more people wrote texts and are not named."]
    return "\n".join([*lines, ""])


def _escaped(name: str) -> str:
    """Return a name as it stands in Markdown: a person may be called _x_ or <b>."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]<>()#+-.!|~" else sign for sign in name)


def changelog(folder: Folder) -> str:
    """Return CHANGELOG.md: every published version, newest first; months and days are nobody's business."""
    lines = ["# Changes", ""]
    for one in folder.versions:
        lines += [f"## {one.version}", ""]
        if one.notes.strip():
            lines += [one.notes.strip(), ""]
        lines += [f"{one.added} rows added, {one.removed} removed, {one.changed} changed.", ""]
    lines += ["What to do about rows that were removed or changed stands in `withdrawn`.", ""]
    return "\n".join(lines)
