"""The first schema: every table of the main job, and the triggers that keep what must never change.

Constraint names come from the naming convention of ``annotator.database``. Two tables point at each other (a prompt at
a revision that is offered again, a revision's annotation at its prompt): SQLite takes the forward reference as it
stands, PostgreSQL gets that one key at the end.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)

# table: columns whose UPDATE is refused (none named: every UPDATE). DELETE is refused everywhere here.
GUARDED: dict[str, tuple[str, ...]] = {
    "ledger": (),
    "audit": (),
    "documents": ("kind", "version", "language", "body", "sha256", "authoritative", "effective_from"),
    "revisions": (
        "annotation_id", "number", "author_id", "role", "parent_id", "link", "instruction", "input", "completion",
        "created_at",
    ),
}  # fmt: skip

TABLES = (
    "people", "roles", "attempts", "languages", "speakers", "ambassador_terms", "ledger", "ledger_payloads",
    "ledger_keys", "audit", "letters", "documents", "projects", "project_languages", "sources", "templates",
    "import_batches", "prompts", "assignments", "drafts", "annotations", "revisions", "prompt_authors",
    "consent_events", "reviews", "withdrawals", "releases", "release_rows", "row_changes",
)  # fmt: skip


def upgrade() -> None:
    """Make the tables, room by room from the bottom, then the triggers."""
    _accounts()
    _languages()
    _ledger_audit_mail()
    _projects_and_documents()
    _prompts()
    _assignments()
    _annotations()
    _consent()
    _review_and_rights()
    _releases()
    if _on_postgresql():
        op.create_foreign_key("fk__prompts__revision_id__revisions", "prompts", "revisions", ["revision_id"], ["id"])
    _triggers()


def downgrade() -> None:
    """Drop everything."""
    if _on_postgresql():
        op.drop_constraint("fk__prompts__revision_id__revisions", "prompts", type_="foreignkey")
    for table in reversed(TABLES):
        op.drop_table(table)
    if _on_postgresql():
        op.execute("DROP FUNCTION annotator_refuse()")


def needed(name: str, *rest: Any, **more: Any) -> sa.Column[Any]:  # noqa: ANN401  # what a column takes
    """Return a column that is never null."""
    return sa.Column(name, *rest, nullable=False, **more)


def where(condition: str) -> dict[str, Any]:
    """Return the arguments of an index over those rows only, for both databases."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _accounts() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.Integer, primary_key=True),
        needed("public_id", sa.String(36), unique=True),
        needed("email", sa.String(320), unique=True),
        needed("handle", sa.String(40), unique=True),
        sa.Column("credit_name", sa.String(120)),
        sa.Column("password_hash", sa.String(200)),
        needed("stamp", sa.String(40)),
        sa.Column("email_confirmed_at", MOMENT),
        sa.Column("adult_confirmed_at", MOMENT),
        needed("created_at", MOMENT),
    )
    op.create_table(
        "roles",
        sa.Column("id", sa.Integer, primary_key=True),
        needed("person_id", sa.Integer, sa.ForeignKey("people.id")),
        needed("role", sa.String(20)),
        needed("granted_at", MOMENT),
        needed("granted_by", sa.String(40)),
        sa.Column("revoked_at", MOMENT),
    )
    op.create_index("uq__roles__standing", "roles", ["person_id", "role"], unique=True, **where("revoked_at IS NULL"))
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer, primary_key=True),
        needed("key", sa.String(100)),
        needed("at", MOMENT),
    )
    op.create_index("ix__attempts__key_at", "attempts", ["key", "at"])


def _languages() -> None:
    op.create_table(
        "languages",
        sa.Column("id", sa.Integer, primary_key=True),
        needed("code", sa.String(60), unique=True),
        needed("iso639_3", sa.String(3), index=True),
        needed("script", sa.String(4)),
        sa.Column("variety", sa.String(50)),
        needed("english_name", sa.String(120)),
        sa.Column("autonym", sa.String(120)),
        needed("added_at", MOMENT),
    )
    op.create_table(
        "speakers",
        sa.Column("person_id", sa.Integer, sa.ForeignKey("people.id"), primary_key=True),
        sa.Column("language_id", sa.Integer, sa.ForeignKey("languages.id"), primary_key=True, index=True),
        needed("reads", sa.Boolean),
        needed("writes", sa.Boolean),
        needed("reviews", sa.Boolean),
        needed("level", sa.String(20)),
        sa.Column("variety", sa.String(80)),
    )
    op.create_table(
        "ambassador_terms",
        sa.Column("id", sa.Integer, primary_key=True),
        needed("person_id", sa.Integer, sa.ForeignKey("people.id"), index=True),
        needed("language_id", sa.Integer, sa.ForeignKey("languages.id")),
        needed("starts_at", MOMENT),
        needed("ends_at", MOMENT),
        sa.Column("retired_at", MOMENT),
        needed("appointed_by", sa.String(40)),
        sa.UniqueConstraint("person_id", "language_id", "starts_at"),
    )
    op.create_index("ix__ambassador_terms__language_id_ends_at", "ambassador_terms", ["language_id", "ends_at"])


def _ledger_audit_mail() -> None:
    op.create_table(
        "ledger",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        needed("prev", sa.String(64)),
        needed("time", sa.String(32)),
        needed("type", sa.String(64)),
        sa.Column("subject_ref", sa.String(64)),
        sa.Column("document_sha256", sa.String(64)),
        needed("commitment", sa.String(64)),
        needed("hash", sa.String(64), unique=True),
    )
    op.create_table(
        "ledger_payloads",
        sa.Column("seq", sa.Integer, sa.ForeignKey("ledger.seq"), primary_key=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("people.id"), index=True),
        needed("salt", sa.LargeBinary(16)),
        needed("payload", sa.JSON),
    )
    op.create_table(
        "ledger_keys",
        sa.Column("person_id", sa.Integer, sa.ForeignKey("people.id"), primary_key=True),
        needed("key", sa.LargeBinary(32)),
        needed("made_at", MOMENT),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True),
        needed("at", MOMENT),
        needed("actor", sa.String(40)),
        needed("action", sa.String(60)),
        needed("object_kind", sa.String(40)),
        sa.Column("object_id", sa.Integer),
        needed("facts", sa.JSON),
    )
    op.create_index("ix__audit__object_kind_object_id", "audit", ["object_kind", "object_id"])
    op.create_table(
        "letters",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("people.id"), index=True),
        needed("address", sa.String(320)),
        needed("subject", sa.String(200)),
        needed("body", sa.Text),
        needed("language", sa.String(35)),
        needed("written_at", MOMENT),
        needed("next_try_at", MOMENT),
        needed("tries", sa.Integer),
        sa.Column("sent_at", MOMENT),
        sa.Column("problem", sa.String(300)),
    )
    op.create_index("ix__letters__sent_at_next_try_at", "letters", ["sent_at", "next_try_at"])


def _projects_and_documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", sa.Integer, primary_key=True),
        needed("kind", sa.String(30)),
        needed("version", sa.Integer),
        needed("language", sa.String(35)),
        needed("title", sa.String(200)),
        needed("body", sa.Text),
        needed("sha256", sa.String(64)),
        needed("authoritative", sa.Boolean),
        needed("effective_from", MOMENT),
        sa.UniqueConstraint("kind", "version", "language"),
    )
    op.create_table(
        "projects",
        sa.Column("id", sa.Integer, primary_key=True),
        needed("slug", sa.String(60), unique=True),
        needed("title", sa.String(120)),
        needed("description", sa.Text),
        needed("state", sa.String(10)),
        needed("mix", sa.JSON),
        needed("overlap", sa.Integer),
        needed("reviews", sa.Integer),
        needed("release_unreviewed", sa.Boolean),
        needed("reannotate_contributions", sa.Boolean),
        needed("lanes", sa.JSON),
        needed("key", sa.LargeBinary(32)),
        needed("created_at", MOMENT),
        sa.CheckConstraint("overlap >= 1", name="overlap"),
        sa.CheckConstraint("reviews >= 1", name="reviews"),
        sa.CheckConstraint("state IN ('open', 'paused', 'closed')", name="state"),
    )
    op.create_table(
        "project_languages",
        sa.Column("project_id", sa.Integer, sa.ForeignKey("projects.id"), primary_key=True),
        sa.Column("language_id", sa.Integer, sa.ForeignKey("languages.id"), primary_key=True, index=True),
    )


def _prompts() -> None:
    op.create_table(
        "sources",
        sa.Column("id", sa.Integer, primary_key=True),
        needed("project_id", sa.Integer, sa.ForeignKey("projects.id")),
        needed("name", sa.String(120)),
        needed("license", sa.String(60)),
        sa.UniqueConstraint("project_id", "name"),
    )
    op.create_table(
        "templates",
        sa.Column("id", sa.Integer, primary_key=True),
        needed("name", sa.String(60)),
        needed("version", sa.Integer),
        needed("body", sa.Text),
        needed("language_id", sa.Integer, sa.ForeignKey("languages.id")),
        needed("answer_link", sa.String(20)),
        sa.UniqueConstraint("name", "version"),
    )
    op.create_table(
        "import_batches",
        sa.Column("id", sa.Integer, primary_key=True),
        needed("project_id", sa.Integer, sa.ForeignKey("projects.id"), index=True),
        needed("source_id", sa.Integer, sa.ForeignKey("sources.id")),
        needed("actor", sa.String(40)),
        needed("at", MOMENT),
        needed("added", sa.Integer),
        needed("duplicates", sa.Integer),
    )
    op.create_table(
        "prompts",
        sa.Column("id", sa.Integer, primary_key=True),
        needed("project_id", sa.Integer, sa.ForeignKey("projects.id")),
        needed("language_id", sa.Integer, sa.ForeignKey("languages.id"), index=True),
        needed("kind", sa.String(12)),
        sa.Column("instruction", sa.Text),
        sa.Column("input", sa.Text),
        sa.Column("completion", sa.Text),
        sa.Column("instruction_language_id", sa.Integer, sa.ForeignKey("languages.id")),
        sa.Column("input_language_id", sa.Integer, sa.ForeignKey("languages.id")),
        sa.Column(
            "revision_id",
            sa.Integer,
            sa.ForeignKey("revisions.id", name="fk__prompts__revision_id__revisions", use_alter=True),
        ),
        sa.Column("source_id", sa.Integer, sa.ForeignKey("sources.id")),
        sa.Column("external_id", sa.String(200)),
        sa.Column("template_id", sa.Integer, sa.ForeignKey("templates.id")),
        sa.Column("batch_id", sa.Integer, sa.ForeignKey("import_batches.id"), index=True),
        needed("answer_link", sa.String(20)),
        needed("source_class", sa.String(14)),
        needed("state", sa.String(10)),
        needed("priority", sa.Integer),
        needed("shuffle", sa.Integer),
        needed("free_places", sa.Integer),
        needed("text_hash", sa.String(64)),
        sa.Column("likeness", sa.BigInteger),
        needed("facts", sa.JSON),
        needed("created_at", MOMENT),
        sa.UniqueConstraint("source_id", "language_id", "external_id", "template_id", name="uq__prompts__external_id"),
        sa.UniqueConstraint("revision_id", "kind"),
        sa.UniqueConstraint("project_id", "language_id", "text_hash"),
        sa.CheckConstraint(
            "kind <> 'reannotate' OR revision_id IS NOT NULL OR completion IS NOT NULL",
            name="completion",
        ),
        sa.CheckConstraint("free_places >= 0", name="free_places"),
        sa.CheckConstraint("kind IN ('answer', 'reannotate')", name="kind"),
        sa.CheckConstraint("state IN ('open', 'paused', 'closed')", name="state"),
        sa.CheckConstraint("(revision_id IS NULL) <> (instruction IS NULL)", name="text_or_revision"),
    )
    op.create_index(
        "ix__prompts__open",
        "prompts",
        ["project_id", "language_id", "kind", "source_class", "priority", "shuffle", "id"],
        **where("state = 'open' AND free_places > 0"),
    )
    op.create_index("ix__prompts__project_id_likeness", "prompts", ["project_id", "likeness"])


def _assignments() -> None:
    op.create_table(
        "assignments",
        sa.Column("id", sa.Integer, primary_key=True),
        needed("prompt_id", sa.Integer, sa.ForeignKey("prompts.id")),
        needed("person_id", sa.Integer, sa.ForeignKey("people.id")),
        sa.Column("place", sa.Integer),
        needed("state", sa.String(10)),
        needed("assigned_at", MOMENT),
        needed("lease_until", MOMENT),
        sa.Column("skip_reason", sa.String(30)),
        sa.UniqueConstraint("prompt_id", "place"),
        sa.UniqueConstraint("person_id", "prompt_id"),
        sa.CheckConstraint(
            "state IN ('assigned', 'draft', 'submitted', 'skipped', 'released', 'expired')",
            name="state",
        ),
    )
    op.create_index("ix__assignments__live", "assignments", ["lease_until"], **where("state IN ('assigned', 'draft')"))
    op.create_table(
        "drafts",
        sa.Column("id", sa.Integer, primary_key=True),
        needed("person_id", sa.Integer, sa.ForeignKey("people.id")),
        needed("project_id", sa.Integer, sa.ForeignKey("projects.id")),
        needed("language_id", sa.Integer, sa.ForeignKey("languages.id")),
        sa.Column("assignment_id", sa.Integer, sa.ForeignKey("assignments.id"), unique=True),
        needed("instruction", sa.Text),
        needed("input", sa.Text),
        needed("completion", sa.Text),
        sa.Column("rating_prompt", sa.Integer),
        sa.Column("rating_completion", sa.Integer),
        sa.Column("ai_assisted", sa.String(200)),
        needed("version", sa.Integer),
        needed("saved_at", MOMENT),
    )
    op.create_index(
        "uq__drafts__original",
        "drafts",
        ["person_id", "project_id", "language_id"],
        unique=True,
        **where("assignment_id IS NULL"),
    )


def _annotations() -> None:
    op.create_table(
        "annotations",
        sa.Column("id", sa.Integer, primary_key=True),
        needed("public_id", sa.String(36), unique=True),
        needed("project_id", sa.Integer, sa.ForeignKey("projects.id")),
        needed("language_id", sa.Integer, sa.ForeignKey("languages.id")),
        needed("author_id", sa.Integer, sa.ForeignKey("people.id")),
        needed("kind", sa.String(12)),
        sa.Column("prompt_id", sa.Integer, sa.ForeignKey("prompts.id"), index=True),
        sa.Column("assignment_id", sa.Integer, sa.ForeignKey("assignments.id"), unique=True),
        needed("state", sa.String(20)),
        needed("practice", sa.Boolean),
        needed("already_good", sa.Boolean),
        sa.Column("rating_prompt", sa.Integer),
        sa.Column("rating_completion", sa.Integer),
        needed("ai_assisted", sa.String(200)),
        needed("document_id", sa.Integer, sa.ForeignKey("documents.id")),
        needed("created_at", MOMENT),
        needed("submitted_at", MOMENT),
        sa.Column("withdrawn_at", MOMENT),
        sa.CheckConstraint("kind IN ('original', 'answer', 'reannotate')", name="kind"),
        sa.CheckConstraint("(kind = 'original') = (prompt_id IS NULL)", name="prompt"),
        sa.CheckConstraint("rating_completion BETWEEN 1 AND 5", name="rating_completion"),
        sa.CheckConstraint("rating_prompt BETWEEN 1 AND 5", name="rating_prompt"),
        sa.CheckConstraint(
            "state IN ('in_review', 'changes_requested', 'accepted', 'accepted_with_edits', 'declined', 'withdrawn')",
            name="state",
        ),
    )
    op.create_index("ix__annotations__author_id_created_at", "annotations", ["author_id", "created_at"])
    op.create_index(
        "ix__annotations__language_id_state_submitted_at",
        "annotations",
        ["language_id", "state", "submitted_at"],
    )
    op.create_index("ix__annotations__project_id_state", "annotations", ["project_id", "state"])
    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer, primary_key=True),
        needed("annotation_id", sa.Integer, sa.ForeignKey("annotations.id")),
        needed("number", sa.Integer),
        needed("author_id", sa.Integer, sa.ForeignKey("people.id"), index=True),
        needed("role", sa.String(10)),
        sa.Column("parent_id", sa.Integer, sa.ForeignKey("revisions.id"), index=True),
        sa.Column("link", sa.String(12)),
        sa.Column("instruction", sa.Text),
        sa.Column("input", sa.Text),
        sa.Column("completion", sa.Text),
        sa.Column("edit_distance", sa.Integer),
        needed("language_check", sa.JSON),
        needed("edit_needed", sa.Boolean),
        needed("created_at", MOMENT),
        sa.Column("accepted_at", MOMENT),
        sa.Column("withdrawn_at", MOMENT),
        sa.UniqueConstraint("annotation_id", "number"),
        sa.CheckConstraint("link IN ('edit', 'translation', 'paraphrase', 'completion')", name="link"),
        sa.CheckConstraint("role IN ('author', 'reviewer')", name="role"),
    )
    op.create_table(
        "prompt_authors",
        sa.Column("prompt_id", sa.Integer, sa.ForeignKey("prompts.id"), primary_key=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("people.id"), primary_key=True, index=True),
        sa.Column("annotation_id", sa.Integer, sa.ForeignKey("annotations.id"), primary_key=True),
        needed("language_id", sa.Integer, sa.ForeignKey("languages.id")),
        needed("given_at", MOMENT),
    )


def _consent() -> None:
    op.create_table(
        "consent_events",
        sa.Column("id", sa.Integer, primary_key=True),
        needed("person_id", sa.Integer, sa.ForeignKey("people.id")),
        needed("at", MOMENT),
        needed("document_id", sa.Integer, sa.ForeignKey("documents.id")),
        sa.Column("language_id", sa.Integer, sa.ForeignKey("languages.id")),
        sa.Column("annotation_id", sa.Integer, sa.ForeignKey("annotations.id"), index=True),
        needed("preset", sa.String(20)),
        sa.Column("publish", sa.String(10)),
        sa.Column("derive", sa.Boolean),
        sa.Column("train", sa.Boolean),
        sa.Column("evaluate", sa.Boolean),
        sa.Column("research", sa.Boolean),
        sa.Column("commercial", sa.Boolean),
        sa.Column("attribution", sa.String(10)),
        sa.Column("expires_at", MOMENT),
        needed("also_before", sa.Boolean),
        needed("ledger_seq", sa.Integer, sa.ForeignKey("ledger.seq")),
        sa.CheckConstraint("attribution IN ('none', 'handle', 'named')", name="attribution"),
        sa.CheckConstraint("language_id IS NULL OR annotation_id IS NULL", name="one_scope"),
        sa.CheckConstraint("publish IN ('no', 'gated', 'open')", name="publish"),
    )
    op.create_index("ix__consent_events__person_id_at", "consent_events", ["person_id", "at"])


def _review_and_rights() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", sa.Integer, primary_key=True),
        needed("public_id", sa.String(36), unique=True),
        needed("annotation_id", sa.Integer, sa.ForeignKey("annotations.id")),
        needed("revision_id", sa.Integer, sa.ForeignKey("revisions.id")),
        needed("reviewer_id", sa.Integer, sa.ForeignKey("people.id"), index=True),
        needed("outcome", sa.String(20)),
        needed("reasons", sa.JSON),
        sa.Column("note", sa.Text),
        sa.Column("edited_revision_id", sa.Integer, sa.ForeignKey("revisions.id")),
        needed("at", MOMENT),
        sa.UniqueConstraint("revision_id", "reviewer_id"),
        sa.CheckConstraint(
            "outcome IN ('accepted', 'accepted_with_edits', 'changes_requested', 'declined')",
            name="outcome",
        ),
    )
    op.create_index("ix__reviews__annotation_id_at", "reviews", ["annotation_id", "at"])
    op.create_table(
        "withdrawals",
        sa.Column("id", sa.Integer, primary_key=True),
        needed("public_id", sa.String(36), unique=True),
        needed("person_id", sa.Integer, sa.ForeignKey("people.id"), index=True),
        needed("scope", sa.String(12)),
        sa.Column("language_id", sa.Integer, sa.ForeignKey("languages.id")),
        sa.Column("annotation_id", sa.Integer, sa.ForeignKey("annotations.id")),
        needed("state", sa.String(12)),
        needed("n_texts", sa.Integer),
        needed("requested_at", MOMENT),
        needed("requested_by", sa.String(40)),
        needed("ledger_seq", sa.Integer, sa.ForeignKey("ledger.seq")),
        sa.CheckConstraint("scope IN ('text', 'language', 'everything')", name="scope"),
        sa.CheckConstraint("state IN ('received', 'suspended')", name="state"),
    )


def _releases() -> None:
    op.create_table(
        "releases",
        sa.Column("id", sa.Integer, primary_key=True),
        needed("project_id", sa.Integer, sa.ForeignKey("projects.id")),
        needed("version", sa.String(30)),
        needed("state", sa.String(10)),
        sa.Column("previous_id", sa.Integer, sa.ForeignKey("releases.id")),
        needed("notes", sa.Text),
        needed("frozen_at", MOMENT),
        needed("frozen_by", sa.String(40)),
        sa.Column("published_at", MOMENT),
        needed("ledger_seq", sa.Integer),
        needed("ledger_head", sa.String(64)),
        needed("facts", sa.JSON),
        needed("manifest_sha256", sa.JSON),
        sa.UniqueConstraint("project_id", "version"),
        sa.CheckConstraint("state IN ('frozen', 'published', 'abandoned')", name="state"),
    )
    op.create_table(
        "release_rows",
        sa.Column("release_id", sa.Integer, sa.ForeignKey("releases.id"), primary_key=True),
        sa.Column("annotation_id", sa.Integer, sa.ForeignKey("annotations.id"), primary_key=True),
        needed("revision_id", sa.Integer, sa.ForeignKey("revisions.id")),
        needed("lane", sa.String(15)),
        needed("license", sa.String(60)),
        needed("split", sa.String(10)),
        needed("root_id", sa.String(36), index=True),
        needed("row_sha256", sa.String(64)),
        needed("release_added", sa.String(30)),
        needed("facts", sa.JSON),
    )
    op.create_index("ix__release_rows__annotation_id", "release_rows", ["annotation_id"])
    op.create_index("ix__release_rows__release_id_lane", "release_rows", ["release_id", "lane"])
    op.create_table(
        "row_changes",
        sa.Column("id", sa.Integer, primary_key=True),
        needed("project_id", sa.Integer, sa.ForeignKey("projects.id")),
        needed("folder", sa.String(10)),
        needed("annotation_public_id", sa.String(36), index=True),
        needed("op", sa.String(20)),
        sa.Column("lane", sa.String(15)),
        needed("effective_month", sa.String(7)),
        needed("release_id", sa.Integer, sa.ForeignKey("releases.id")),
        needed("batch_id", sa.String(36)),
        sa.CheckConstraint("folder IN ('public', 'gated')", name="folder"),
        sa.CheckConstraint("op IN ('remove', 'restrict', 'redact_attribution', 'correct')", name="op"),
    )
    op.create_index("ix__row_changes__project_id_folder", "row_changes", ["project_id", "folder"])


def _triggers() -> None:
    """Refuse to change what is kept for ever, also to whoever writes SQL by hand."""
    if _on_postgresql():
        op.execute(
            """
            CREATE FUNCTION annotator_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION '% of % is refused: what stands there is kept as it was written', TG_OP, TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation';
            END $$
            """
        )
    for table, columns in GUARDED.items():
        of_columns = f"OF {', '.join(columns)} " if columns else ""
        if _on_postgresql():
            refuse = "EXECUTE FUNCTION annotator_refuse()"
            op.execute(f"CREATE TRIGGER {table}__kept BEFORE UPDATE {of_columns}ON {table} FOR EACH ROW {refuse}")
            op.execute(f"CREATE TRIGGER {table}__stays BEFORE DELETE ON {table} FOR EACH ROW {refuse}")
            op.execute(f"CREATE TRIGGER {table}__whole BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}")
        else:
            for name, event in (("kept", f"UPDATE {of_columns}"), ("stays", "DELETE ")):
                words = f"{event.split()[0]} of {table} is refused: what stands there is kept as it was written"
                op.execute(
                    f"CREATE TRIGGER {table}__{name} BEFORE {event}ON {table} BEGIN SELECT RAISE(ABORT, '{words}'); END"
                )
