"""A cursor for each person and shelf of the pool, and an index of prompts that were reopened."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

REOPENED = sa.text("state = 'open' AND free_places > 0 AND reopened IS NOT NULL")


def upgrade() -> None:
    """Add the table, the column and its index. A plain ADD COLUMN keeps SQLite's triggers where they are."""
    op.add_column("prompts", sa.Column("reopened", sa.BigInteger()))
    op.create_index(
        "ix__prompts__reopened",
        "prompts",
        ["project_id", "language_id", "kind", "source_class", "reopened", "id"],
        sqlite_where=REOPENED,
        postgresql_where=REOPENED,
    )
    op.create_table(
        "cursors",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("language_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("source_class", sa.String(14), nullable=False),
        sa.Column("priority", sa.Integer()),
        sa.Column("wrapped", sa.Boolean(), nullable=False),
        sa.Column("shuffle", sa.Integer(), nullable=False),
        sa.Column("prompt_id", sa.Integer(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "project_id", "language_id", "kind", "source_class", name="pk__cursors"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk__cursors__person_id__people"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk__cursors__project_id__projects"),
        sa.ForeignKeyConstraint(["language_id"], ["languages.id"], name="fk__cursors__language_id__languages"),
    )


def downgrade() -> None:
    """Take them away; SQLite drops a column without making the table anew."""
    op.drop_table("cursors")
    op.drop_index("ix__prompts__reopened", "prompts")
    op.execute("ALTER TABLE prompts DROP COLUMN reopened")
