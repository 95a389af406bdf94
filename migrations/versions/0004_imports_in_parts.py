"""Imports in parts: rows that wait unseen, how far an import has come, and the order in which imports were shown."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ARRIVING = sa.text("state = 'arriving'")
COUNTS = ("rows", "refused", "alike")


def _where(condition: sa.TextClause) -> dict[str, Any]:
    return {"sqlite_where": condition, "postgresql_where": condition}


def upgrade() -> None:
    """Add the tables; imports so far have landed, in the order of their ids."""
    op.create_table(
        "arrivals",
        sa.Column("batch_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("language_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("input", sa.Text()),
        sa.Column("completion", sa.Text()),
        sa.Column("instruction_language_id", sa.Integer(), nullable=False),
        sa.Column("input_language_id", sa.Integer()),
        sa.Column("external_id", sa.String(200)),
        sa.Column("shuffle", sa.Integer(), nullable=False),
        sa.Column("text_hash", sa.String(64), nullable=False),
        sa.Column("likeness", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "number", name="pk__arrivals"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix__arrivals__batch_id_likeness", "arrivals", ["batch_id", "likeness"])
    op.create_index(
        "ix__arrivals__batch_id_language_id_external_id", "arrivals", ["batch_id", "language_id", "external_id"]
    )
    op.create_table(
        "import_parts",
        sa.Column("batch_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rows", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "rows", name="pk__import_parts"),
    )

    with op.batch_alter_table("import_batches") as batches:
        batches.add_column(sa.Column("state", sa.String(10), nullable=False, server_default="landed"))
        batches.add_column(sa.Column("landed_seq", sa.Integer()))
        batches.add_column(sa.Column("seen_seq", sa.Integer(), nullable=False, server_default="0"))
        batches.add_column(sa.Column("fingerprint", sa.String(64)))
        batches.add_column(sa.Column("options", sa.JSON(), nullable=False, server_default="{}"))
        batches.add_column(sa.Column("runner", sa.String(32)))
        batches.add_column(sa.Column("touched_at", sa.DateTime(timezone=True)))
        for name in COUNTS:
            batches.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        batches.alter_column("source_id", existing_type=sa.Integer(), nullable=True)
    op.execute("UPDATE import_batches SET landed_seq = id, touched_at = at, rows = added + duplicates")
    with op.batch_alter_table("import_batches") as batches:
        batches.alter_column("touched_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batches.alter_column("state", existing_type=sa.String(10), server_default=None)
        batches.alter_column("options", existing_type=sa.JSON(), server_default=None)
        for name in ("seen_seq", *COUNTS):
            batches.alter_column(name, existing_type=sa.Integer(), server_default=None)
        batches.create_unique_constraint("uq__import_batches__project_id_landed_seq", ["project_id", "landed_seq"])
        batches.create_check_constraint("state", "state IN ('arriving', 'landed', 'given_up')")
        batches.create_check_constraint("landed_seq", "(state = 'landed') = (landed_seq IS NOT NULL)")
        batches.create_check_constraint("source", "state <> 'landed' OR source_id IS NOT NULL")
    op.create_index(
        "uq__import_batches__arriving", "import_batches", ["project_id", "fingerprint"], unique=True,
        **_where(ARRIVING),
    )  # fmt: skip


def downgrade() -> None:
    """Take them away, with the imports that have not landed."""
    op.execute("DELETE FROM import_batches WHERE state <> 'landed'")
    op.drop_index("uq__import_batches__arriving", "import_batches")
    with op.batch_alter_table("import_batches") as batches:
        for name in ("source", "landed_seq", "state"):
            batches.drop_constraint(op.f(f"ck__import_batches__{name}"), type_="check")
        batches.drop_constraint(op.f("uq__import_batches__project_id_landed_seq"), type_="unique")
        batches.alter_column("source_id", existing_type=sa.Integer(), nullable=False)
        for name in (*COUNTS, "touched_at", "runner", "options", "fingerprint", "seen_seq", "landed_seq", "state"):
            batches.drop_column(name)
    op.drop_table("import_parts")
    op.drop_table("arrivals")
