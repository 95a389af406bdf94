"""More prompts for the demo, from a folder of published texts: English instructions, and templates over sentences."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from annotator.demo.people import ENGLISH
from annotator.languages import queries as languages
from annotator.permissions import OPERATOR
from annotator.projects import actions as projects
from annotator.prompts import actions as prompts
from annotator.prompts import files
from annotator.prompts.columns import Columns

if TYPE_CHECKING:
    from annotator.projects.models import Project
    from annotator.prompts.rows import ImportReport

# File, name of the source, and licence, as the folder's README states them.
ENGLISH_FILES = (
    ("seed_tasks.jsonl", "self-instruct seed tasks", "Apache-2.0"),
    ("user_oriented_instructions.jsonl", "self-instruct user-oriented instructions", "Apache-2.0"),
)
# Only the English files' completions lie in a list of instances; the first is the one that fits the instruction.
ENGLISH_MAP = {"input": "instances.0.input", "completion": "instances.0.output"}
SENTENCES, SENTENCES_LICENSE = "NTREX-128", "CC-BY-SA-4.0"

# Templates that the program brings along. The n-th sentence of every file goes to the n-th of these, in turn.
TEMPLATES = (
    "ask-a-question",
    "rewrite-more-simply",
    "write-a-headline",
    "continue-the-story",
    "translate-from-english",
)
FROM_ENGLISH = "translate-from-english"
# English sentences that a contributor of the story works on, by line (in texts: "eng:1"); the first template's turn.
A_FEW = (1, 6, 11)


class FolderError(Exception):
    """The folder is not laid out as the demo needs it; the message says what is missing."""


def check(folder: Path) -> None:
    """Raise FolderError unless the folder has what ``load`` reads."""
    wanted = [folder / "ntrex" / "eng.txt", *(folder / "prompts" / name for name, _, _ in ENGLISH_FILES)]
    for path in wanted:
        if not path.is_file():
            message = f"{path} is missing: --data takes a folder with prompts/*.jsonl and ntrex/*.txt."
            raise FolderError(message)


def add_languages(session: Session, project: "Project", folder: Path) -> None:
    """Let the project collect in every language that the folder has sentences in."""
    found = [languages.resolve(session, path.stem) for path in _sentence_files(folder)]
    projects.add_languages(session, actor=OPERATOR, project=project, languages=found)


def load_a_few(session: Session, project: "Project", folder: Path) -> None:
    """Bring some English sentences in before all others, under the first template: a contributor works on them."""
    wanted = {f"eng:{number}" for number in A_FEW}
    rows = (row for row in _sentences(session, folder, "eng", 0) if row["external_id"] in wanted)
    _landed(_import_sentences(session, project, 0, rows))


def load(session: Session, project: "Project", folder: Path, progress: Callable[[int], None]) -> int:
    """Bring everything else in, and return how many prompts were added; ``progress`` hears the rows so far."""
    added = 0
    for name, source, license_id in ENGLISH_FILES:
        columns = Columns(ENGLISH_MAP)
        with (folder / "prompts" / name).open("rb") as stream:
            report = prompts.import_prompts(
                session, actor=OPERATOR, project=project, source=source, license=license_id, columns=columns,
                rows=files.read(stream, name, columns), language=languages.by_code(session, ENGLISH),
            )  # fmt: skip
        added += _landed(report)
        progress(added)
    for turn in range(len(TEMPLATES)):
        before = added

        def so_far(rows: int, before: int = before) -> None:
            progress(before + rows)

        rows = (row for path in _sentence_files(folder) for row in _sentences(session, folder, path.stem, turn))
        added += _landed(_import_sentences(session, project, turn, rows, so_far))
    return added


def _import_sentences(
    session: Session,
    project: "Project",
    turn: int,
    rows: Iterable[dict[str, object]],
    progress: Callable[[int], None] | None = None,
) -> "ImportReport":
    return prompts.import_prompts(
        session,
        actor=OPERATOR,
        project=project,
        source=SENTENCES,
        license=SENTENCES_LICENSE,
        template=prompts.template_named(session, actor=OPERATOR, name=TEMPLATES[turn]),
        columns=Columns(with_template=True),
        input_language=languages.by_code(session, ENGLISH) if TEMPLATES[turn] == FROM_ENGLISH else None,
        rows=rows,
        progress=progress,
    )


def _sentence_files(folder: Path) -> list[Path]:
    return sorted((folder / "ntrex").glob("*.txt"))


def _sentences(session: Session, folder: Path, stem: str, turn: int) -> Iterator[dict[str, object]]:
    """Yield the sentences that are the template's turn, as rows that know their language and line.

    What is there to be translated is the English sentence of the same line.
    """
    translate = TEMPLATES[turn] == FROM_ENGLISH
    code = languages.resolve(session, stem).code
    if translate and code == ENGLISH:
        return
    text = (folder / "ntrex" / f"{'eng' if translate else stem}.txt").read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), start=1):
        if (number - 1) % len(TEMPLATES) == turn and line.strip():
            yield {"text": line, "language": code, "external_id": f"{stem}:{number}"}


def _landed(report: "ImportReport") -> int:
    if not report.landed:
        first = report.refused.shown[0]
        message = f"{first.file}, line {first.line}: the row cannot be imported ({first.code})."
        raise FolderError(message)
    return report.added
