"""The columns of every table of a release, once: Arrow schemas, JSON schemas and the card's features come from here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT = "annotator-release/2"
SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Column:
    """A column: its type (string, int32, float64, bool, strings, or a list of records) and what it says."""

    name: str
    kind: str
    meaning: str
    record: tuple["Column", ...] = ()


def _c(name: str, kind: str, meaning: str, record: Sequence[Column] = ()) -> Column:
    return Column(name, kind, meaning, tuple(record))


_AUTHOR = (
    _c("contributor_id", "string", "who, in `contributors`"),
    _c("role", "string", "author, editor or reviewer"),
    _c("share_prompt", "float64", "share of the prompt's surviving words; null where nobody counted"),
    _c("share_completion", "float64", "share of the completion's surviving words; null where nobody counted"),
    _c("mode", "string", "named or handle: how this text credits them"),
)
_TERMS = (
    _c("version", "string", "version of the document"),
    _c("sha256", "string", "SHA-256 of its wording"),
    _c("month", "string", "month of the first text in this release that was given under it"),
)

ANNOTATIONS = (
    _c("annotation_id", "string", "random UUIDv4, never issued again"),
    _c("task_type", "string", "original, answer or reannotate"),
    _c("language", "string", "language of the completion: ISO 639-3, script, variety"),
    _c("language_bcp47", "string", "the same as BCP 47 tag"),
    _c("variety", "string", "free name of the variety, or null"),
    _c("prompt", "string", "instruction, an empty line, input; NFC"),
    _c("completion", "string", "NFC"),
    _c("instruction", "string", "first part of the prompt"),
    _c("input", "string", "second part of the prompt, or null"),
    _c("instruction_language", "string", "language of the instruction"),
    _c("input_language", "string", "language of the input, or null"),
    _c("parent_id", "string", "the annotation that this one was made from, in this folder or in `withdrawn`; or null"),
    _c("parent_state", "string", "in_release, removed, not_in_release, imported, or none"),
    _c("root_id", "string", "the same for everything that goes back to one text; shares one split"),
    _c("link", "string", "how this text was made from its parent: edit, translation, paraphrase, completion; or null"),
    _c("revision", "int32", "number of the revision"),
    _c("source", "string", "where the prompt or starting text came from; null: written here"),
    _c("source_id", "string", "its id there"),
    _c("source_licenses", "strings", "licences of the sources along the lineage (SPDX)"),
    _c("template", "string", "the template that made the prompt, or null"),
    _c("template_version", "string", "its version"),
    _c("split", "string", "train, validation or test"),
    _c("review_status", "string", "accepted, accepted_with_edits, peer_accepted or unreviewed"),
    _c("n_reviews", "int32", "number of reviews"),
    _c("quality", "float64", "null until computed"),
    _c("rating_prompt", "float64", "1 to 5: a re-annotator's rating of the starting prompt"),
    _c("rating_completion", "float64", "1 to 5: a re-annotator's rating of the starting completion"),
    _c("edit_distance", "int32", "of a re-annotation from its starting text, in grapheme clusters"),
    _c("ai_assisted", "string", "no, yes, or not asked"),
    _c("guideline_version", "string", "null until guidelines have versions"),
    _c("created_month", "string", "YYYY-MM"),
    _c("contributor_id", "string", "the annotation's author, or null when not credited"),
    _c("attribution_mode", "string", "named, handle or none"),
    _c("attribution_text", "string", "the credit, ready to print; or null"),
    _c("authors", "records", "everybody credited whose words the row holds, by first appearance", _AUTHOR),
    _c("authors_uncredited", "int32", "number of the others"),
    _c("terms_sha256", "string", "SHA-256 of the terms under which the text was given"),
    _c("license", "string", "SPDX id or LicenseRef"),
    _c("rights_profile_id", "string", "the row's rights, in `rights_profiles`"),
    _c("purposes", "strings", "what the row may be used for"),
    _c("release_added", "string", "version in which the row first appeared"),
)
REVIEWS = (
    _c("review_id", "string", "random or keyed UUID"),
    _c("annotation_id", "string", "the annotation that it is about"),
    _c("kind", "string", "outcome (a reviewer's decision) or rating (of a text confirmed as already good)"),
    _c("outcome", "string", "accepted, accepted_with_edits, changes_requested or declined"),
    _c("reasons", "strings", "codes"),
    _c("rating_name", "string", "prompt or completion"),
    _c("rating", "float64", "1 to 5"),
    _c("reviewer_id", "string", "who, in `contributors`; null when not credited"),
    _c("created_month", "string", "YYYY-MM"),
)
CONTRIBUTORS = (
    _c("contributor_id", "string", "keyed hash; null on the line that counts a language's uncredited contributors"),
    _c("attribution_mode", "string", "named, handle or none"),
    _c("credit_name", "string", "the name to print"),
    _c("credit_url", "string", "null until people can give one"),
    _c("orcid", "string", "null until people can give one"),
    _c("license_presets", "strings", "what they chose for texts in this release: open, noncommercial, gated or custom"),
    _c("licenses", "strings", "licences of the rows that hold their words"),
    _c("terms", "records", "terms under which they gave them", _TERMS),
    _c("rights_contact", "string", "where to reach the withdrawal form"),
    _c("languages", "strings", "languages of these rows"),
    _c("n_rows", "int32", "number of rows; null where it is below the limit for small counts"),
    _c("n_contributors", "int32", "1, or the number of uncredited people; null where below the limit"),
    _c("first_month", "string", "YYYY-MM"),
    _c("last_month", "string", "YYYY-MM"),
    _c("age_range", "string", "only where they let it stand here and enough others share all that is shown; else null"),
    _c("gender", "string", "likewise"),
    _c("country", "string", "likewise"),
)
RIGHTS_PROFILES = (
    _c("rights_profile_id", "string", "sha256(JCS({vector, lane, license})), first 12 digits"),
    _c("publish", "string", "gated or open"),
    _c("derive", "bool", "may be edited and re-annotated"),
    _c("train", "bool", "may train models"),
    _c("evaluate", "bool", "may evaluate models"),
    _c("research", "bool", "may serve other research"),
    _c("commercial", "bool", "all of it also commercially"),
    _c("license", "string", "SPDX id or LicenseRef"),
    _c("lane", "string", "open, sharealike, noncommercial or gated"),
    _c("odrl", "string", "the same as an ODRL offer (JSON)"),
    _c("n_rows", "int32", "rows with this profile; null where below the limit for small counts"),
)
WITHDRAWN = (
    _c("seq", "int32", "order; the last entry of an id counts"),
    _c("annotation_id", "string", "an id that a release of this folder's kind held"),
    _c("op", "string", "remove, restrict, redact_attribution or correct"),
    _c("lane", "string", "of a restriction: where the row may still stand; null: nowhere"),
    _c("effective_month", "string", "YYYY-MM"),
    _c("since_release", "string", "first version that follows it"),
    _c("batch_id", "string", "entries that were said together"),
)

TABLES: Mapping[str, tuple[Column, ...]] = {
    "annotations": ANNOTATIONS,
    "reviews": REVIEWS,
    "contributors": CONTRIBUTORS,
    "rights_profiles": RIGHTS_PROFILES,
    "withdrawn": WITHDRAWN,
}
SIDE_TABLES = ("reviews", "contributors", "rights_profiles", "withdrawn")


def arrow_schema(columns: Sequence[Column]) -> "pa.Schema":
    """Return the explicit Arrow schema: a column without any value would otherwise load as type null."""
    import pyarrow as pa  # noqa: PLC0415  # slow to import

    return pa.schema([pa.field(column.name, _arrow_type(column)) for column in columns])


def _arrow_type(column: Column) -> "pa.DataType":
    import pyarrow as pa  # noqa: PLC0415  # slow to import

    if column.kind == "records":
        return pa.list_(pa.struct([pa.field(part.name, _arrow_type(part)) for part in column.record]))
    if column.kind == "strings":
        return pa.list_(pa.string())
    return {"string": pa.string(), "int32": pa.int32(), "float64": pa.float64(), "bool": pa.bool_()}[column.kind]


def card_features(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Return the features as the YAML of a dataset card writes them."""
    result: list[dict[str, Any]] = []
    for column in columns:
        if column.kind == "records":
            result.append({"name": column.name, "list": card_features(column.record)})
        elif column.kind == "strings":
            result.append({"name": column.name, "list": "string"})
        else:
            result.append({"name": column.name, "dtype": column.kind})
    return result


def json_schema(name: str, columns: Sequence[Column]) -> dict[str, Any]:
    """Return a JSON Schema of one row."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name,
        "type": "object",
        "additionalProperties": False,
        "required": [column.name for column in columns],
        "properties": {column.name: _json_type(column) for column in columns},
    }


def _json_type(column: Column) -> dict[str, Any]:
    if column.kind == "records":
        item = {
            "type": "object",
            "additionalProperties": False,
            "required": [part.name for part in column.record],
            "properties": {part.name: _json_type(part) for part in column.record},
        }
        return {"type": ["array", "null"], "items": item, "description": column.meaning}
    if column.kind == "strings":
        return {"type": ["array", "null"], "items": {"type": "string"}, "description": column.meaning}
    kind = {"string": "string", "int32": "integer", "float64": "number", "bool": "boolean"}[column.kind]
    return {"type": [kind, "null"], "description": column.meaning}


def feed_schema() -> dict[str, Any]:
    """Return a JSON Schema of a page of the feed, as `feed_url` answers."""
    text, number = {"type": "string"}, {"type": "integer", "minimum": 0}
    digest = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    maybe = {"type": ["string", "null"]}
    entry = {
        "seq": number,
        "prev_hash": digest,
        "hash": {**digest, "description": "SHA-256 of the RFC 8785 form of all other members"},
        "dataset": text,
        "folder": {"enum": ["public", "gated"]},
        "op": {"enum": ["remove", "restrict", "redact_attribution", "correct", "version"]},
        "annotation_ids": {"type": "array", "items": text},
        "purposes_removed": {"type": "array", "items": text},
        "lane": {**maybe, "description": "of a restriction: where rows may still stand; null: nowhere"},
        "since_version": {**maybe, "description": "the first version that follows the entry, if there is one"},
        "latest_usable_version": {**maybe, "description": "the version to use from then on, if there is one"},
        "month": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"},
        "due_by": {**maybe, "description": "the day by which copies should have followed"},
    }
    page = {
        "latest_usable_version": {
            "type": "object",
            "additionalProperties": {"type": "object", "additionalProperties": maybe},
        },
        "head": _closed({"seq": number, "hash": digest}),
        "entries": {"type": "array", "items": _closed(entry)},
        "next": {"type": ["integer", "null"], "description": "ask for what comes after this number"},
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "feed", **_closed(page)}


def _closed(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": dict(properties),
    }
