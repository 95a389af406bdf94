"""What becomes of every column that may speak of a person, when they leave and when a text is erased: one table.

A test reads the tables of the database and fails for a column that is not here. ``leaving.carrying_out`` follows
``PEOPLE``; ``erasing.words`` does what ``WORDS`` says.
"""

from enum import StrEnum


class Fate(StrEnum):
    """What is done to the rows that point at somebody who leaves."""

    DELETE = "the row is deleted"
    FORGET = "the row stays and points at nobody"
    MOVE = "the row stays where texts stay, and points at their stand-in; else it is deleted"
    AUTHOR = "the text has been erased and points at the one nobody, or it stays and points at its stand-in"


# Every foreign key to people.id.
PEOPLE: dict[str, Fate] = {
    "ambassador_terms.person_id": Fate.DELETE,
    "annotations.author_id": Fate.AUTHOR,
    "assignments.person_id": Fate.MOVE,  # of texts that stay; all others are deleted
    "claim_codes.person_id": Fate.DELETE,  # a stand-in's are made when it is
    "consent_events.person_id": Fate.MOVE,  # what the texts that stay may be used for
    "cursors.person_id": Fate.DELETE,
    "demographics.person_id": Fate.DELETE,
    "departures.person_id": Fate.FORGET,
    "drafts.person_id": Fate.DELETE,
    "ledger_keys.person_id": Fate.DELETE,
    "ledger_payloads.person_id": Fate.DELETE,
    "letters.person_id": Fate.DELETE,
    "personal_choices.person_id": Fate.DELETE,
    "personal_exports.person_id": Fate.DELETE,
    "prompt_authors.person_id": Fate.MOVE,
    "reviews.reviewer_id": Fate.FORGET,  # the decision counts; notes go with "take"
    "revisions.author_id": Fate.AUTHOR,
    "rights_requests.person_id": Fate.FORGET,  # and what they wrote is erased
    "roles.person_id": Fate.DELETE,
    "speakers.person_id": Fate.DELETE,
    "tokens.person_id": Fate.DELETE,
    "withdrawals.person_id": Fate.FORGET,
}

ERASED = "erased with the text, or with the person"
ROW = "gone with its row, when the person leaves"
CODE = "a code, a state or a number of ours"
OURS = "written by those who run the platform, about no contributor"
POOL = "imported, and no contributor's words"
IDS = "random ids and hashes that lead to nobody"
ACTOR = "person:NUMBER of somebody who may be gone; no name, and the number leads nowhere then"
CREDIT = "names and ids of people are cut out"

# Every column of letters, bytes or JSON: what becomes of what it may say about a person.
WORDS: dict[str, str] = {
    **dict.fromkeys(
        (
            "annotations.ai_assisted", "annotations.submission_key", "revisions.completion", "revisions.input",
            "revisions.instruction", "revisions.language_check", "revisions.shares", "reviews.note",
            "ledger_payloads.payload", "ledger_payloads.salt", "rights_requests.answer", "rights_requests.appeal",
            "rights_requests.contact", "rights_requests.key_sha256", "rights_requests.place",
            "rights_requests.statement", "rights_events.reason",
        ),
        ERASED,
    ),
    **dict.fromkeys(
        (
            "people.credit_name", "people.email", "people.handle", "people.password_hash", "people.public_id",
            "people.stamp", "attempts.key", "cursors.fingerprint", "cursors.kind", "cursors.source_class",
            "claim_codes.sha256", "demographics.field", "demographics.value", "drafts.ai_assisted",
            "drafts.completion", "drafts.input", "drafts.instruction", "ledger_keys.key", "letters.address",
            "letters.body", "letters.language", "letters.problem", "letters.subject", "personal_choices.level",
            "personal_choices.topic", "personal_exports.public_id", "personal_exports.sha256",
            "personal_exports.state", "speakers.level", "speakers.variety", "tokens.name", "tokens.scopes",
            "tokens.sha256", "roles.role",
        ),
        ROW,
    ),
    **dict.fromkeys(
        (
            "annotations.kind", "annotations.set_aside_kind", "annotations.state", "annotations.state_before",
            "assignments.skip_reason", "assignments.state", "audit.action", "audit.facts", "audit.object_kind",
            "consent_events.attribution", "consent_events.preset", "consent_events.publish", "departures.manner",
            "feed.dataset", "feed.due_by", "feed.folder", "feed.lane", "feed.latest_usable_version", "feed.month",
            "feed.op", "feed.purposes_removed", "feed.since_version", "prompts.answer_link", "prompts.kind",
            "prompts.source_class", "prompts.state", "prompts.state_before", "release_rows.lane",
            "release_rows.license", "release_rows.release_added", "release_rows.split", "releases.state",
            "releases.version", "reviews.outcome", "reviews.reasons", "revisions.link", "revisions.role",
            "rights_events.step", "rights_requests.kind", "rights_requests.state", "row_changes.effective_month",
            "row_changes.folder", "row_changes.lane", "row_changes.op", "withdrawals.cause", "withdrawals.scope",
            "withdrawals.state", "import_batches.state", "ledger.time", "ledger.type",
        ),
        CODE,
    ),
    **dict.fromkeys(
        (
            "document_drafts.body", "document_drafts.kind", "document_drafts.language", "document_drafts.title",
            "documents.body", "documents.kind", "documents.language", "documents.sha256", "documents.title",
            "holds.authority", "holds.reason", "languages.autonym", "languages.code", "languages.english_name",
            "languages.iso639_3", "languages.script", "languages.variety", "projects.description", "projects.key",
            "projects.lanes", "projects.mix", "projects.slug", "projects.state", "projects.title", "releases.notes",
            "sources.license", "sources.name", "templates.answer_link", "templates.body", "templates.name",
        ),
        OURS,
    ),
    **dict.fromkeys(
        (
            "arrivals.completion", "arrivals.external_id", "arrivals.facts", "arrivals.input", "arrivals.instruction",
            "arrivals.kind", "arrivals.text_hash", "import_batches.fingerprint", "import_batches.options",
            "import_batches.runner", "import_parts.problems", "prompts.completion", "prompts.external_id",
            "prompts.facts", "prompts.input", "prompts.instruction", "prompts.text_hash",
        ),
        POOL,
    ),
    **dict.fromkeys(
        (
            "annotations.public_id", "blocked_texts.key", "departures.code_sha256", "departures.public_id",
            "departures.stand_in", "feed.annotation_ids", "feed.hash", "feed.prev", "holds.public_id",
            "ledger.commitment", "ledger.document_sha256", "ledger.hash", "ledger.prev", "ledger.subject_ref",
            "release_rows.root_id", "release_rows.row_sha256", "releases.ledger_head", "releases.manifest_sha256",
            "reviews.public_id", "rights_requests.public_id", "row_changes.annotation_public_id",
            "row_changes.batch_id", "withdrawals.public_id",
        ),
        IDS,
    ),
    **dict.fromkeys(
        (
            "ambassador_terms.appointed_by", "audit.actor", "document_drafts.saved_by", "document_drafts.writers",
            "documents.confirmed_by", "documents.writers", "holds.asked_by", "holds.confirmed_by",
            "import_batches.actor", "releases.frozen_by", "rights_events.actor", "rights_requests.decided_by",
            "roles.granted_by", "withdrawals.requested_by",
        ),
        ACTOR,
    ),
    **dict.fromkeys(("release_rows.facts", "releases.facts"), CREDIT),
}  # fmt: skip

# What is written anew, or vacuumed, after erasing: what passes people's words or names, and prompts that may be blanked.
TOUCHED: tuple[str, ...] = tuple(
    sorted(
        {"prompts"}
        | {name.split(".", 1)[0] for name in PEOPLE}
        | {name.split(".", 1)[0] for name, why in WORDS.items() if why in {ERASED, ROW, CREDIT}}
    )
)
