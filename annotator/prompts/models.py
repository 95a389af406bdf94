"""Prompts: work that is offered, where it came from, and how it came in."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from annotator.database import Base
from annotator.languages.models import Language


class Source(Base):
    """Where texts came from, under which licence; every row made from them carries it on."""

    __tablename__ = "sources"
    __table_args__ = (UniqueConstraint("project_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str] = mapped_column(String(120))
    license: Mapped[str] = mapped_column(String(60))


class Template(Base):
    """A wording that turns a sentence into a prompt; a changed body is a new version.

    ``body`` has ``{text}`` where the sentence goes, or is an instruction over the sentence as input.
    """

    __tablename__ = "templates"
    __table_args__ = (UniqueConstraint("name", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    version: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    language_id: Mapped[int] = mapped_column(ForeignKey("languages.id"))
    answer_link: Mapped[str] = mapped_column(String(20))

    language: Mapped[Language] = relationship()


class ImportBatch(Base):
    """One import: ``arriving`` while its rows wait unseen (``Arrival``), ``landed`` once all of them are offered.

    ``landed_seq`` numbers a project's imports in the order in which they were shown, which is not that of their ids.
    ``seen_seq`` is the last that had landed when this one began: what landed after it is looked at again before this
    one lands. ``fingerprint`` is of the files and the choices: who brings the same takes the import up (null: nobody
    can, as of a dry run). ``runner`` names the process at work, so that of two only the later one goes on. ``rows``
    have been read so far; ``options`` are what was chosen.
    """

    __tablename__ = "import_batches"
    __table_args__ = (
        UniqueConstraint("project_id", "landed_seq"),
        Index(
            "uq__import_batches__arriving",
            "project_id",
            "fingerprint",
            unique=True,
            sqlite_where=text("state = 'arriving'"),
            postgresql_where=text("state = 'arriving'"),
        ),
        CheckConstraint("state IN ('arriving', 'landed', 'given_up')", name="state"),
        CheckConstraint("(state = 'landed') = (landed_seq IS NOT NULL)", name="landed_seq"),
        CheckConstraint("state <> 'landed' OR source_id IS NOT NULL", name="source"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("sources.id"))
    actor: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default="arriving")
    landed_seq: Mapped[int | None]
    seen_seq: Mapped[int] = mapped_column(default=0)
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    runner: Mapped[str | None] = mapped_column(String(32))
    touched_at: Mapped[datetime]
    rows: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    duplicates: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    alike: Mapped[int] = mapped_column(default=0)


class Arrival(Base):
    """A row of an import that has come, and that nobody sees before the last one has: a prompt to be.

    ``number`` counts the rows that are kept, from 1. No foreign keys: the prompt's are checked when it becomes one,
    and an import of a million rows would pay for them twice.
    """

    __tablename__ = "arrivals"
    __table_args__ = (
        Index(None, "batch_id", "likeness"),
        Index(None, "batch_id", "language_id", "external_id"),
        {"sqlite_with_rowid": False},
    )

    batch_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    language_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    instruction: Mapped[str] = mapped_column(Text)
    input: Mapped[str | None] = mapped_column(Text)
    completion: Mapped[str | None] = mapped_column(Text)
    instruction_language_id: Mapped[int]
    input_language_id: Mapped[int | None]
    external_id: Mapped[str | None] = mapped_column(String(200))
    shuffle: Mapped[int]
    text_hash: Mapped[str] = mapped_column(String(64))
    likeness: Mapped[int] = mapped_column(BigInteger)
    facts: Mapped[dict[str, Any]]


class ImportPart(Base):
    """What a part of an unfinished import said about its rows, for the report of who takes it up: ``[sort, file, line, code, facts]`` each."""

    __tablename__ = "import_parts"

    batch_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rows: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    problems: Mapped[list[Any]] = mapped_column(JSON)


class Prompt(Base):
    """A piece of work: to answer (``completion`` null) or to re-annotate.

    Its texts are its own, or it points at a revision and copies no text (``revision_id``), so that erasing the
    revision erases the prompt's words. ``language_id`` is the language of the completion. ``source_class`` is
    the class of its licences along the lineage (consent.rules). ``free_places`` is how many more people may
    take it; ``shuffle`` mixes authors and sources, and lets people start at different places. ``text_hash`` is the
    same for the same texts; ``reopened`` is when (microseconds since 1970) it was last put before everybody again; ``likeness`` also where case and punctuation differ (of own texts only).
    ``withdrawal_id`` closed it, because words in it were taken back, and ``state_before`` is what an undo restores.
    """

    __tablename__ = "prompts"
    __table_args__ = (
        UniqueConstraint("project_id", "language_id", "text_hash"),
        UniqueConstraint("revision_id", "kind"),
        UniqueConstraint("source_id", "language_id", "external_id", "template_id", name="uq__prompts__external_id"),
        Index(
            "ix__prompts__open",
            "project_id",
            "language_id",
            "kind",
            "source_class",
            "priority",
            "shuffle",
            "id",
            sqlite_where=text("state = 'open' AND free_places > 0"),
            postgresql_where=text("state = 'open' AND free_places > 0"),
        ),
        Index(
            "ix__prompts__reopened",
            "project_id",
            "language_id",
            "kind",
            "source_class",
            "reopened",
            "id",
            sqlite_where=text("state = 'open' AND free_places > 0 AND reopened IS NOT NULL"),
            postgresql_where=text("state = 'open' AND free_places > 0 AND reopened IS NOT NULL"),
        ),
        Index(None, "project_id", "likeness"),
        Index(None, "withdrawal_id"),
        CheckConstraint("kind IN ('answer', 'reannotate')", name="kind"),
        CheckConstraint("state IN ('open', 'paused', 'closed')", name="state"),
        CheckConstraint("free_places >= 0", name="free_places"),
        CheckConstraint("(revision_id IS NULL) <> (instruction IS NULL)", name="text_or_revision"),
        CheckConstraint("kind <> 'reannotate' OR revision_id IS NOT NULL OR completion IS NOT NULL", name="completion"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    language_id: Mapped[int] = mapped_column(ForeignKey("languages.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    instruction: Mapped[str | None] = mapped_column(Text)
    input: Mapped[str | None] = mapped_column(Text)
    completion: Mapped[str | None] = mapped_column(Text)
    instruction_language_id: Mapped[int | None] = mapped_column(ForeignKey("languages.id"))
    input_language_id: Mapped[int | None] = mapped_column(ForeignKey("languages.id"))
    revision_id: Mapped[int | None] = mapped_column(
        ForeignKey("revisions.id", name="fk__prompts__revision_id__revisions", use_alter=True)
    )
    source_id: Mapped[int | None] = mapped_column(ForeignKey("sources.id"))
    external_id: Mapped[str | None] = mapped_column(String(200))
    template_id: Mapped[int | None] = mapped_column(ForeignKey("templates.id"))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("import_batches.id"), index=True)
    answer_link: Mapped[str] = mapped_column(String(20))
    source_class: Mapped[str] = mapped_column(String(14))
    state: Mapped[str] = mapped_column(String(10), default="open")
    priority: Mapped[int] = mapped_column(default=0)
    shuffle: Mapped[int]
    free_places: Mapped[int]
    reopened: Mapped[int | None] = mapped_column(BigInteger)
    text_hash: Mapped[str] = mapped_column(String(64))
    likeness: Mapped[int | None] = mapped_column(BigInteger)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    skips_judged_at: Mapped[datetime | None]
    withdrawal_id: Mapped[int | None]
    state_before: Mapped[str | None] = mapped_column(String(10))

    language: Mapped[Language] = relationship(foreign_keys=[language_id])
    instruction_language: Mapped[Language | None] = relationship(foreign_keys=[instruction_language_id])
    input_language: Mapped[Language | None] = relationship(foreign_keys=[input_language_id])
    source: Mapped[Source | None] = relationship()
    template: Mapped[Template | None] = relationship()


class BlockedText(Base):
    """A text that was taken back may not come in again until then: a keyed hash, with no link to any person."""

    __tablename__ = "blocked_texts"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    until: Mapped[datetime]


class PromptAuthor(Base):
    """Somebody whose words a pooled prompt shows, with the facts of that text which its rights depend on.

    Lineage never changes, so these facts of higher rooms can stand here: a claim leaves out one's own words, and
    asks whether these authors still grant what the work needs, without reading annotations.
    """

    __tablename__ = "prompt_authors"

    prompt_id: Mapped[int] = mapped_column(ForeignKey("prompts.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    annotation_id: Mapped[int] = mapped_column(ForeignKey("annotations.id"), primary_key=True)
    language_id: Mapped[int] = mapped_column(ForeignKey("languages.id"))
    given_at: Mapped[datetime]
