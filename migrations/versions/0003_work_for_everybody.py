"""Tokens, caps, submission keys, and reservations that know their language, so that no question scans the pool."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

LIVE = sa.text("state IN ('assigned', 'draft')")
SKIPPED = sa.text("state = 'skipped'")
KEYED = sa.text("submission_key IS NOT NULL")


def _where(condition: sa.TextClause) -> dict[str, Any]:
    return {"sqlite_where": condition, "postgresql_where": condition}


def upgrade() -> None:
    """Add tables and columns; reservations take project and language from their prompts."""
    op.create_table(
        "tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk__tokens"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk__tokens__person_id__people"),
        sa.UniqueConstraint("sha256", name="uq__tokens__sha256"),
    )
    op.create_index("ix__tokens__person_id", "tokens", ["person_id"])

    with op.batch_alter_table("projects") as projects:
        projects.add_column(sa.Column("daily_cap", sa.Integer()))
        projects.add_column(sa.Column("total_cap", sa.Integer()))
        projects.create_check_constraint("daily_cap", "daily_cap >= 1")
        projects.create_check_constraint("total_cap", "total_cap >= 1")

    op.add_column("prompts", sa.Column("skips_judged_at", sa.DateTime(timezone=True)))

    op.drop_index("ix__annotations__author_id_created_at", "annotations")
    op.create_index(
        "ix__annotations__author_id_project_id_language_id_created_at",
        "annotations",
        ["author_id", "project_id", "language_id", "created_at"],
    )
    op.add_column("annotations", sa.Column("submission_key", sa.String(80)))
    op.create_index(
        "uq__annotations__submission_key", "annotations", ["author_id", "submission_key"], unique=True, **_where(KEYED)
    )

    op.add_column("assignments", sa.Column("ended_at", sa.DateTime(timezone=True)))
    op.add_column("assignments", sa.Column("project_id", sa.Integer()))
    op.add_column("assignments", sa.Column("language_id", sa.Integer()))
    op.execute(
        "UPDATE assignments SET"
        " project_id = (SELECT project_id FROM prompts WHERE prompts.id = assignments.prompt_id),"
        " language_id = (SELECT language_id FROM prompts WHERE prompts.id = assignments.prompt_id)"
    )
    with op.batch_alter_table("assignments") as assignments:
        assignments.alter_column("project_id", existing_type=sa.Integer(), nullable=False)
        assignments.alter_column("language_id", existing_type=sa.Integer(), nullable=False)
        assignments.create_foreign_key("fk__assignments__project_id__projects", "projects", ["project_id"], ["id"])
        assignments.create_foreign_key("fk__assignments__language_id__languages", "languages", ["language_id"], ["id"])
    # Cursors are hints: everybody starts a new round.
    op.execute("DELETE FROM cursors")
    with op.batch_alter_table("cursors") as cursors:
        cursors.add_column(sa.Column("seen_id", sa.Integer(), nullable=False))
        cursors.alter_column("batch_id", existing_type=sa.Integer(), new_column_name="landed_seq")
    op.create_index("ix__assignments__held", "assignments", ["person_id", "project_id", "language_id"], **_where(LIVE))
    op.create_index(
        "ix__assignments__reserved", "assignments", ["project_id", "language_id", "lease_until"], **_where(LIVE)
    )
    op.create_index("ix__assignments__skipped", "assignments", ["prompt_id", "skip_reason"], **_where(SKIPPED))


def downgrade() -> None:
    """Take them away."""
    with op.batch_alter_table("cursors") as cursors:
        cursors.drop_column("seen_id")
        cursors.alter_column("landed_seq", existing_type=sa.Integer(), new_column_name="batch_id")
    for name in ("skipped", "reserved", "held"):
        op.drop_index(f"ix__assignments__{name}", "assignments")
    with op.batch_alter_table("assignments") as assignments:
        assignments.drop_constraint("fk__assignments__project_id__projects", type_="foreignkey")
        assignments.drop_constraint("fk__assignments__language_id__languages", type_="foreignkey")
        assignments.drop_column("language_id")
        assignments.drop_column("project_id")
        assignments.drop_column("ended_at")
    op.drop_index("uq__annotations__submission_key", "annotations")
    op.drop_index("ix__annotations__author_id_project_id_language_id_created_at", "annotations")
    op.create_index("ix__annotations__author_id_created_at", "annotations", ["author_id", "created_at"])
    op.execute("ALTER TABLE annotations DROP COLUMN submission_key")
    op.execute("ALTER TABLE prompts DROP COLUMN skips_judged_at")
    with op.batch_alter_table("projects") as projects:
        projects.drop_constraint(op.f("ck__projects__daily_cap"), type_="check")
        projects.drop_constraint(op.f("ck__projects__total_cap"), type_="check")
        projects.drop_column("total_cap")
        projects.drop_column("daily_cap")
    op.drop_index("ix__tokens__person_id", "tokens")
    op.drop_table("tokens")
