"""Data rights that hold: withdrawals with a clock, holds, leaving, requests, personal choices, the feed, and erasing.

Words of a revision could never be changed; now they can be taken out, and by nothing else than erasing: the trigger
lets a text become null once ``erased_at`` is set (and its moment become a month), a text get a gap where somebody else's
words were cut out of it, and an author become somebody who has left.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

MOMENT = sa.DateTime(timezone=True)
WORDS = "what stands there is kept as it was written"
# What stands where words were cut out (annotations.shares.GAP).
GAP = "[…]"
TEXTS = ("instruction", "input", "completion")

# Of these columns PostgreSQL's planner takes no samples: they would stay when the words are erased.
NOT_SAMPLED = {
    "annotations": ("ai_assisted", "submission_key"),
    "attempts": ("key",),
    "demographics": ("value",),
    "drafts": (*TEXTS, "ai_assisted"),
    "letters": ("address", "subject", "body", "problem"),
    "people": ("email", "handle", "credit_name", "password_hash"),
    "prompts": TEXTS,
    "reviews": ("note",),
    "revisions": TEXTS,
    "rights_events": ("reason",),
    "rights_requests": ("statement", "place", "contact", "answer", "appeal"),
    "speakers": ("variety",),
    "tokens": ("name",),
}

STATES = ("received", "suspended", "erased", "released", "closed", "undone", "refused")
CAUSES = ("withdrawn", "revoked", "described", "minor")
KINDS = ("described", "copied", "wrong_name", "minor", "other")
STEPS = ("received", "accepted", "refused", "closed")


def _in(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _needed(name: str, *rest: object, **more: object) -> sa.Column[object]:
    return sa.Column(name, *rest, nullable=False, **more)  # type: ignore[arg-type]  # what a column takes


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def upgrade() -> None:
    """Add columns to what is there, then the new tables, then the triggers."""
    op.add_column("people", sa.Column("left_at", MOMENT))
    op.add_column("people", sa.Column("leaving_at", MOMENT))
    op.add_column("languages", sa.Column("protected_at", MOMENT))
    op.add_column("releases", sa.Column("retired_at", MOMENT))
    op.add_column("releases", sa.Column("keyed_at", MOMENT))
    op.add_column("documents", sa.Column("confirmed_at", MOMENT))
    op.add_column("documents", sa.Column("confirmed_by", sa.String(40)))
    op.add_column("documents", sa.Column("wrong_at", MOMENT))
    op.add_column("documents", sa.Column("widens", sa.Boolean()))
    op.add_column("documents", sa.Column("writers", sa.JSON()))
    op.add_column("prompts", sa.Column("withdrawal_id", sa.Integer()))
    op.add_column("prompts", sa.Column("state_before", sa.String(10)))
    op.create_index("ix__prompts__withdrawal_id", "prompts", ["withdrawal_id"])
    op.add_column("revisions", sa.Column("shares", sa.JSON()))
    op.add_column("revisions", sa.Column("erased_at", MOMENT))
    op.add_column("revisions", sa.Column("withdrawal_id", sa.Integer()))
    op.create_index("ix__revisions__withdrawal_id", "revisions", ["withdrawal_id"])
    for name, kind in (
        ("erased_at", MOMENT), ("withdrawal_id", sa.Integer()), ("state_before", sa.String(20)),
        ("set_aside_until", MOMENT), ("set_aside_kind", sa.String(10)),
    ):  # fmt: skip
        op.add_column("annotations", sa.Column(name, kind))
    op.create_index("ix__annotations__withdrawal_id", "annotations", ["withdrawal_id"])
    op.create_index("ix__annotations__set_aside_until", "annotations", ["set_aside_until"])
    with op.batch_alter_table("consent_events") as events:
        events.add_column(sa.Column("shown_id", sa.Integer()))
        events.create_foreign_key("fk__consent_events__shown_id__documents", "documents", ["shown_id"], ["id"])
    with op.batch_alter_table("reviews") as reviews:
        reviews.alter_column("reviewer_id", existing_type=sa.Integer(), nullable=True)
    _withdrawals()
    _rights()
    _consent()
    _outside()
    _triggers()


def _withdrawals() -> None:
    with op.batch_alter_table("withdrawals") as table:
        table.alter_column("person_id", existing_type=sa.Integer(), nullable=True)
        table.drop_constraint("state", type_="check")
        table.create_check_constraint("state", _in("state", STATES))
        table.add_column(sa.Column("cause", sa.String(12), nullable=False, server_default="withdrawn"))
        table.add_column(sa.Column("request_id", sa.Integer()))
        for name in ("undo_until", "due_at", "extended_until", "erased_at", "released_at", "closed_at"):
            table.add_column(sa.Column(name, MOMENT))
        table.create_check_constraint("cause", _in("cause", CAUSES))
    # What was taken back before there was a clock has had its undo window.
    op.execute("UPDATE withdrawals SET undo_until = requested_at, due_at = requested_at")
    with op.batch_alter_table("withdrawals") as table:
        table.alter_column("undo_until", existing_type=MOMENT, nullable=False)
        table.alter_column("due_at", existing_type=MOMENT, nullable=False)
        table.alter_column("cause", existing_type=sa.String(12), server_default=None)
        table.create_index("ix__withdrawals__state_undo_until", ["state", "undo_until"])
    op.execute(
        "UPDATE annotations SET withdrawal_id = (SELECT max(w.id) FROM withdrawals w"
        " WHERE w.person_id = annotations.author_id AND w.requested_at <= annotations.withdrawn_at)"
        " WHERE withdrawn_at IS NOT NULL"
    )
    op.execute(
        "UPDATE revisions SET withdrawal_id = (SELECT max(w.id) FROM withdrawals w"
        " WHERE w.person_id = revisions.author_id AND w.requested_at <= revisions.withdrawn_at)"
        " WHERE withdrawn_at IS NOT NULL"
    )


def _rights() -> None:
    op.create_table(
        "rights_requests",
        sa.Column("id", sa.Integer, primary_key=True),
        _needed("public_id", sa.String(36), unique=True),
        _needed("kind", sa.String(12)),
        _needed("state", sa.String(10)),
        sa.Column("statement", sa.Text),
        sa.Column("place", sa.Text),
        sa.Column("contact", sa.String(320)),
        sa.Column("key_sha256", sa.String(64)),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("people.id"), index=True),
        sa.Column("language_id", sa.Integer, sa.ForeignKey("languages.id")),
        _needed("received_at", MOMENT),
        _needed("due_at", MOMENT),
        sa.Column("extended_until", MOMENT),
        sa.Column("decided_at", MOMENT),
        sa.Column("decided_by", sa.String(40)),
        sa.Column("answer", sa.Text),
        sa.Column("appealed_at", MOMENT),
        sa.Column("appeal", sa.Text),
        sa.CheckConstraint(_in("kind", KINDS), name="kind"),
        sa.CheckConstraint(_in("state", STEPS), name="state"),
    )
    op.create_index("ix__rights_requests__state_due_at", "rights_requests", ["state", "due_at"])
    op.create_table(
        "rights_events",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("withdrawal_id", sa.Integer, sa.ForeignKey("withdrawals.id"), index=True),
        sa.Column("request_id", sa.Integer, sa.ForeignKey("rights_requests.id"), index=True),
        _needed("at", MOMENT),
        _needed("actor", sa.String(40)),
        _needed("step", sa.String(20)),
        sa.Column("reason", sa.Text),
        sa.CheckConstraint("(withdrawal_id IS NULL) <> (request_id IS NULL)", name="one_object"),
    )
    op.create_table(
        "holds",
        sa.Column("id", sa.Integer, primary_key=True),
        _needed("public_id", sa.String(36), unique=True),
        _needed("withdrawal_id", sa.Integer, sa.ForeignKey("withdrawals.id"), index=True),
        _needed("authority", sa.String(200)),
        _needed("reason", sa.Text),
        _needed("asked_at", MOMENT),
        _needed("asked_by", sa.String(40)),
        sa.Column("confirmed_at", MOMENT),
        sa.Column("confirmed_by", sa.String(40)),
        _needed("until", MOMENT),
        sa.Column("lifted_at", MOMENT),
    )
    op.create_table(
        "departures",
        sa.Column("id", sa.Integer, primary_key=True),
        _needed("public_id", sa.String(36), unique=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("people.id"), index=True),
        _needed("manner", sa.String(10)),
        _needed("asked_at", MOMENT),
        _needed("undo_until", MOMENT),
        sa.Column("undone_at", MOMENT),
        sa.Column("done_at", MOMENT),
        sa.Column("withdrawal_id", sa.Integer, sa.ForeignKey("withdrawals.id")),
        sa.Column("code_sha256", sa.String(64)),
        sa.Column("stand_in", sa.String(36)),
        sa.CheckConstraint(_in("manner", ("take", "unnamed", "named")), name="manner"),
    )
    op.create_table(
        "claim_codes",
        sa.Column("id", sa.Integer, primary_key=True),
        _needed("person_id", sa.Integer, sa.ForeignKey("people.id"), index=True),
        _needed("sha256", sa.String(64), unique=True),
        _needed("made_at", MOMENT),
    )
    op.create_table(
        "personal_exports",
        sa.Column("id", sa.Integer, primary_key=True),
        _needed("public_id", sa.String(36), unique=True),
        _needed("person_id", sa.Integer, sa.ForeignKey("people.id"), index=True),
        _needed("state", sa.String(10)),
        _needed("asked_at", MOMENT),
        _needed("done", sa.Integer),
        _needed("total", sa.Integer),
        sa.Column("ready_at", MOMENT),
        sa.Column("expires_at", MOMENT),
        sa.Column("bytes", sa.Integer),
        sa.Column("sha256", sa.String(64)),
        sa.CheckConstraint(_in("state", ("asked", "ready", "expired", "failed")), name="state"),
    )
    op.create_table(
        "lookup_keys",
        sa.Column("key", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("revision_id", sa.Integer, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix__lookup_keys__revision_id", "lookup_keys", ["revision_id"])


def _consent() -> None:
    op.create_table(
        "document_drafts",
        sa.Column("id", sa.Integer, primary_key=True),
        _needed("kind", sa.String(30)),
        _needed("language", sa.String(35)),
        _needed("title", sa.String(200)),
        _needed("body", sa.Text),
        _needed("saved_at", MOMENT),
        _needed("saved_by", sa.String(40)),
        _needed("writers", sa.JSON),
        sa.UniqueConstraint("kind", "language", name="uq__document_drafts__kind_language"),
    )
    op.create_table(
        "personal_choices",
        sa.Column("id", sa.Integer, primary_key=True),
        _needed("person_id", sa.Integer, sa.ForeignKey("people.id")),
        _needed("at", MOMENT),
        _needed("document_id", sa.Integer, sa.ForeignKey("documents.id")),
        _needed("topic", sa.String(30)),
        _needed("level", sa.String(10)),
        _needed("ledger_seq", sa.Integer, sa.ForeignKey("ledger.seq")),
        sa.CheckConstraint(_in("level", ("none", "aggregate", "row", "yes")), name="level"),
    )
    op.create_index("ix__personal_choices__person_id_topic", "personal_choices", ["person_id", "topic"])
    op.create_table(
        "demographics",
        sa.Column("person_id", sa.Integer, sa.ForeignKey("people.id"), primary_key=True, autoincrement=False),
        sa.Column("field", sa.String(30), primary_key=True),
        _needed("value", sa.String(60)),
    )


def _outside() -> None:
    op.create_table(
        "blocked_texts",
        sa.Column("project_id", sa.Integer, sa.ForeignKey("projects.id"), primary_key=True, autoincrement=False),
        sa.Column("key", sa.String(64), primary_key=True),
        _needed("until", MOMENT),
    )
    op.create_table(
        "feed",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        _needed("prev", sa.String(64)),
        _needed("hash", sa.String(64), unique=True),
        _needed("dataset", sa.String(80)),
        _needed("folder", sa.String(10)),
        _needed("op", sa.String(20)),
        _needed("annotation_ids", sa.JSON),
        _needed("purposes_removed", sa.JSON),
        sa.Column("lane", sa.String(15)),
        sa.Column("since_version", sa.String(30)),
        sa.Column("latest_usable_version", sa.String(30)),
        _needed("month", sa.String(7)),
        sa.Column("due_by", sa.String(10)),
    )
    op.create_index("ix__feed__dataset_folder", "feed", ["dataset", "folder"])


def _take_no_samples() -> None:
    """Let the planner forget what it had sampled of people's words (which a column's type, set anew, does), and take no more."""
    for table, columns in NOT_SAMPLED.items():
        kinds = {one["name"]: one["type"] for one in sa.inspect(op.get_bind()).get_columns(table)}
        for name in columns:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {name} TYPE {kinds[name]}")
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {name} SET STATISTICS 0")


def _changed_otherwise() -> str:
    """Return when words are changed otherwise than by erasing, or by cutting others' words out of them."""
    same = "IS NOT DISTINCT FROM" if _on_postgresql() else "IS"
    find = "strpos" if _on_postgresql() else "instr"
    allowed = [f"NEW.{t} {same} OLD.{t} OR NEW.{t} IS NULL AND NEW.erased_at IS NOT NULL" for t in TEXTS]
    gaps = [f"OLD.{t} IS NOT NULL AND {find}(NEW.{t}, '{GAP}') > 0" for t in TEXTS]
    texts = " AND ".join(f"({one} OR coalesce({gap}, false))" for one, gap in zip(allowed, gaps, strict=True))
    emptied = " AND ".join(f"NEW.{t} IS NULL" for t in TEXTS)
    moment = f"(NEW.created_at {same} OLD.created_at OR NEW.erased_at IS NOT NULL)"
    return f"NOT ({texts} AND {moment} AND (NEW.erased_at IS NULL OR {emptied}))"


def _triggers() -> None:
    """Keep the feed; of revisions keep what lineage needs, and let words go by erasing only."""
    if _on_postgresql():
        op.execute("DROP TRIGGER revisions__kept ON revisions")
        _take_no_samples()  # a type cannot be set while a trigger names the column
        op.execute(
            "CREATE TRIGGER revisions__kept BEFORE UPDATE OF annotation_id, number, role, parent_id"
            " ON revisions FOR EACH ROW EXECUTE FUNCTION annotator_refuse()"
        )
        op.execute(
            f"""
            CREATE FUNCTION annotator_only_erase() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF {_changed_otherwise()} THEN
                    RAISE EXCEPTION 'UPDATE of revisions is refused: {WORDS}'
                        USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                RETURN NEW;
            END $$
            """
        )
        op.execute(
            "CREATE TRIGGER revisions__words BEFORE UPDATE OF instruction, input, completion, created_at ON revisions"
            " FOR EACH ROW EXECUTE FUNCTION annotator_only_erase()"
        )
        op.execute(
            f"""
            CREATE FUNCTION annotator_only_who_left() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF (SELECT left_at FROM people WHERE id = NEW.author_id) IS NULL THEN
                    RAISE EXCEPTION 'UPDATE of revisions is refused: {WORDS}'
                        USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                RETURN NEW;
            END $$
            """  # noqa: S608  # our own words
        )
        op.execute(
            "CREATE TRIGGER revisions__author BEFORE UPDATE OF author_id ON revisions"
            " FOR EACH ROW EXECUTE FUNCTION annotator_only_who_left()"
        )
        refuse = "EXECUTE FUNCTION annotator_refuse()"
        op.execute(f"CREATE TRIGGER feed__kept BEFORE UPDATE ON feed FOR EACH ROW {refuse}")
        op.execute(f"CREATE TRIGGER feed__stays BEFORE DELETE ON feed FOR EACH ROW {refuse}")
        op.execute(f"CREATE TRIGGER feed__whole BEFORE TRUNCATE ON feed FOR EACH STATEMENT {refuse}")
        return
    refuse = f"BEGIN SELECT RAISE(ABORT, 'UPDATE of revisions is refused: {WORDS}'); END"
    op.execute("DROP TRIGGER revisions__kept")
    op.execute(
        f"CREATE TRIGGER revisions__kept BEFORE UPDATE OF annotation_id, number, role, parent_id ON revisions {refuse}"
    )
    op.execute(
        "CREATE TRIGGER revisions__words BEFORE UPDATE OF instruction, input, completion, created_at ON revisions"
        f" WHEN {_changed_otherwise()} {refuse}"
    )
    op.execute(
        "CREATE TRIGGER revisions__author BEFORE UPDATE OF author_id ON revisions"  # noqa: S608  # our own words
        f" WHEN (SELECT left_at FROM people WHERE id = NEW.author_id) IS NULL {refuse}"
    )
    for name, event in (("kept", "UPDATE"), ("stays", "DELETE")):
        op.execute(
            f"CREATE TRIGGER feed__{name} BEFORE {event} ON feed"
            f" BEGIN SELECT RAISE(ABORT, '{event} of feed is refused: {WORDS}'); END"
        )


def downgrade() -> None:
    """Take away what was added. What people took back stays hidden; what was erased stays erased."""
    old = "annotation_id, number, author_id, role, parent_id, link, instruction, input, completion, created_at"
    if _on_postgresql():
        for name in ("kept", "words", "author"):
            op.execute(f"DROP TRIGGER revisions__{name} ON revisions")
        op.execute("DROP FUNCTION annotator_only_erase()")
        op.execute("DROP FUNCTION annotator_only_who_left()")
        op.execute(
            f"CREATE TRIGGER revisions__kept BEFORE UPDATE OF {old} ON revisions"
            " FOR EACH ROW EXECUTE FUNCTION annotator_refuse()"
        )
    else:
        for name in ("kept", "words", "author"):
            op.execute(f"DROP TRIGGER revisions__{name}")
        op.execute(
            f"CREATE TRIGGER revisions__kept BEFORE UPDATE OF {old} ON revisions"
            f" BEGIN SELECT RAISE(ABORT, 'UPDATE of revisions is refused: {WORDS}'); END"
        )
    for table in (
        "feed", "blocked_texts", "demographics", "personal_choices", "document_drafts", "personal_exports", "lookup_keys",
        "claim_codes", "departures", "holds", "rights_events",
    ):  # fmt: skip
        op.drop_table(table)
    op.execute("DELETE FROM withdrawals WHERE person_id IS NULL OR state = 'undone'")
    op.execute("UPDATE withdrawals SET state = 'suspended' WHERE state <> 'received'")
    with op.batch_alter_table("withdrawals") as withdrawals:
        withdrawals.drop_index("ix__withdrawals__state_undo_until")
        for name in ("state", "cause"):
            withdrawals.drop_constraint(name, type_="check")
        for name in (
            "cause", "request_id", "undo_until", "due_at", "extended_until", "erased_at", "released_at",
            "closed_at",
        ):  # fmt: skip
            withdrawals.drop_column(name)
        withdrawals.create_check_constraint("state", _in("state", ("received", "suspended")))
        withdrawals.alter_column("person_id", existing_type=sa.Integer(), nullable=False)
    op.drop_table("rights_requests")
    op.execute("DELETE FROM reviews WHERE reviewer_id IS NULL")
    with op.batch_alter_table("reviews") as reviews:
        reviews.alter_column("reviewer_id", existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("consent_events") as events:
        events.drop_constraint("fk__consent_events__shown_id__documents", type_="foreignkey")
        events.drop_column("shown_id")
    op.drop_index("ix__annotations__set_aside_until", "annotations")
    op.drop_index("ix__annotations__withdrawal_id", "annotations")
    for name in ("set_aside_kind", "set_aside_until", "state_before", "withdrawal_id", "erased_at"):
        op.drop_column("annotations", name)
    op.drop_index("ix__prompts__withdrawal_id", "prompts")
    op.drop_column("prompts", "state_before")
    op.drop_column("prompts", "withdrawal_id")
    op.drop_index("ix__revisions__withdrawal_id", "revisions")
    for name in ("withdrawal_id", "erased_at", "shares"):
        op.drop_column("revisions", name)
    for name in ("writers", "widens", "wrong_at", "confirmed_by", "confirmed_at"):
        op.drop_column("documents", name)
    op.drop_column("releases", "keyed_at")
    op.drop_column("releases", "retired_at")
    op.drop_column("languages", "protected_at")
    op.drop_column("people", "leaving_at")
    op.drop_column("people", "left_at")
