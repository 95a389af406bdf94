"""More prompts for the demo, from a folder of published texts: English instructions, and templates over sentences."""

from collections.abc import Callable, Iterator
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
    from annotator.prompts.models import Template
    from annotator.prompts.rows import ImportReport

# File, name of the source, and licence, as the folder's README states them.
ENGLISH_FILES = (
    ("seed_tasks.jsonl", "self-instruct seed tasks", "Apache-2.0"),
    ("user_oriented_instructions.jsonl", "self-instruct user-oriented instructions", "Apache-2.0"),
)
# Only the English files' completions lie in a list of instances; the first is the one that fits the instruction.
ENGLISH_MAP = {"input": "instances.0.input", "completion": "instances.0.output"}
SENTENCES, SENTENCES_LICENSE = "NTREX-128", "CC-BY-SA-4.0"

# Name, body, and what an answer is to the sentence. The n-th sentence of every file goes to the n-th of these, in turn.
TEMPLATES = (
    ("ask-a-question", "Write one question that this sentence answers, in the language of the sentence.", "completion"),
    ("say-it-simply", "Say the same in simpler words, in the language of the sentence.", "paraphrase"),
    ("write-a-headline", "Write a headline for a story that holds this sentence, in its language.", "completion"),
    ("write-what-follows", "Write the sentence that could come next, in the same language.", "completion"),
)
# English sentences that a contributor of the story works on, by line (in texts: "eng:1"); the first template's turn.
A_FEW = (1, 5, 9)


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


def load_a_few(session: Session, project: "Project", folder: Path, numbers: tuple[int, ...]) -> None:
    """Bring some English sentences in before all others, under the first template: a contributor works on them."""
    wanted = {f"eng:{number}" for number in numbers}
    template = _template(session, 0)
    rows = (row for row in _sentences(session, folder / "ntrex" / "eng.txt", 0) if row["external_id"] in wanted)
    _landed(
        prompts.import_prompts(
            session, actor=OPERATOR, project=project, source=SENTENCES, license=SENTENCES_LICENSE, template=template,
            rows=rows, columns=Columns(with_template=True),
        )
    )  # fmt: skip


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

        report = prompts.import_prompts(
            session, actor=OPERATOR, project=project, source=SENTENCES, license=SENTENCES_LICENSE,
            template=_template(session, turn), columns=Columns(with_template=True), progress=so_far,
            rows=(row for path in _sentence_files(folder) for row in _sentences(session, path, turn)),
        )  # fmt: skip
        added += _landed(report)
    return added


def _template(session: Session, turn: int) -> "Template":
    name, body, link = TEMPLATES[turn]
    english = languages.by_code(session, ENGLISH)
    return prompts.add_template(session, actor=OPERATOR, name=name, body=body, language=english, answer_link=link)


def _sentence_files(folder: Path) -> list[Path]:
    return sorted((folder / "ntrex").glob("*.txt"))


def _sentences(session: Session, path: Path, turn: int) -> Iterator[dict[str, object]]:
    """Yield the sentences of a file that are the template's turn, as rows that know their language and line."""
    code = languages.resolve(session, path.stem).code
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        if number % len(TEMPLATES) == turn and line.strip():
            yield {"text": line, "language": code, "external_id": f"{path.stem}:{number + 1}"}


def _landed(report: "ImportReport") -> int:
    if not report.landed:
        first = report.refused.shown[0]
        message = f"{first.file}, line {first.line}: the row cannot be imported ({first.code})."
        raise FolderError(message)
    return report.added
