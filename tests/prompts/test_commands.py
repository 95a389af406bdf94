"""`annotator prompts`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotator.prompts import arriving, importing, queries
from annotator.prompts.models import Arrival, ImportBatch, Prompt
from tests.makers import a_language, a_project

Runner = Callable[..., Result]

COMMON = ("--project", "river", "--source", "Ours", "--license", "CC0-1.0")


@pytest.fixture(autouse=True)
def _project(session: Session) -> None:
    a_language(session, "eng_Latn")
    a_project(session, a_language(session), slug="river")


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Prompt)) or 0


def test_files_of_several_kinds_come_in_together(runner: Runner, session: Session) -> None:
    Path("a.jsonl").write_text(
        '{"q": {"text": "One"}, "language": "yor"}\n{"q": {"text": "Two"}, "language": "yor_Latn"}\n'
    )
    Path("b.csv").write_text("q.text,language\nThree,yo-Latn\nOne,yor\n")
    arguments = ("prompts", "import", "a.jsonl", "b.csv", *COMMON, "--map", "instruction=q.text")
    told = runner(*arguments, "--dry-run")
    assert told.stdout == "Dry run, nothing changed. 4 rows: 3 new, 1 duplicates, 0 bad.\n"
    assert count(session) == 0
    assert runner(*arguments).stdout == "Imported. 4 rows: 3 new, 1 duplicates, 0 bad.\n"
    assert runner(*arguments).stdout == "Imported. 4 rows: 0 new, 4 duplicates, 0 bad.\n"
    assert count(session) == 3


def test_bad_rows_are_named_and_nothing_comes_in_unless_they_are_left_out(runner: Runner, session: Session) -> None:
    Path("a.jsonl").write_text('{"prompt": "One"}\n{"prompt": ""}\nnonsense\n' + "{}\n" * 30)
    told = runner("prompts", "import", "a.jsonl", *COMMON, "--language", "yor_Latn", code=1)
    lines = told.stderr.splitlines()
    assert lines[0] == "a.jsonl, line 2: The instruction is missing or empty."
    assert lines[1] == "a.jsonl, line 3: This is not JSON: Expecting value, column 1."
    assert lines[20] == "… and 12 more rows (cannot be used); --json lists all."
    assert lines[21].startswith("Nothing was imported. 33 rows: 1 new, 0 duplicates, 32 bad.")
    assert (told.stdout, count(session)) == ("", 0)
    told = runner("prompts", "import", "a.jsonl", *COMMON, "--language", "yor_Latn", "--json", code=1)
    facts = json.loads(told.stdout)
    assert (facts["landed"], facts["refused"]["count"], len(facts["refused"]["rows"])) == (False, 32, 32)
    assert facts["refused"]["rows"][0] == {
        "file": "a.jsonl", "line": 2, "code": "row_empty", "reason": "The instruction is missing or empty.",
    }  # fmt: skip
    runner("prompts", "import", "a.jsonl", *COMMON, "--language", "yor_Latn", "--skip-bad")
    assert count(session) == 1


def test_sentences_become_prompts_by_a_template(runner: Runner, session: Session) -> None:
    Path("eng.txt").write_text("It rained.\n\nThe sun shone.\n")
    arguments = ("prompts", "import", "eng.txt", *COMMON, "--language", "yor", "--template", "translate-from-english")
    runner(*arguments, "--input-language", "eng", "--dry-run")
    assert queries.templates(session) == []
    runner(*arguments, "--input-language", "eng")
    found = list(session.scalars(select(Prompt).order_by(Prompt.id)))
    assert [prompt.input for prompt in found] == ["It rained.", "The sun shone."]
    assert {prompt.answer_link for prompt in found} == {"translation"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("no.jsonl", *COMMON), "no.jsonl"),
        ((".", *COMMON), "Is a directory"),
        (("b.docx", *COMMON), "b.docx: what it is cannot be told from its name"),
        (("a.jsonl", *COMMON, "--language", "xxx_Qqqq"), "“xxx_Qqqq” is not a language here"),
        (("a.jsonl", *COMMON, "--language", "eng_Latn"), "river does not collect in eng_Latn"),
        (("a.jsonl", *COMMON, "--map", "answer=x"), "There is no field “answer” to map"),
        (("a.jsonl", *COMMON, "--map", "completion=x.0"), "No row has anything at “x.0”"),
        (("a.jsonl", *COMMON, "--template", "no-such"), "There is no template “no-such”. There are: ask-a-question"),
        (("a.jsonl", *COMMON[:-1], "Creative Commons"), "no licence we know"),
        (("a.jsonl", "--project", "sea", *COMMON[2:]), "There is no project “sea”"),
        (("s.txt", *COMMON), "holds bare sentences. Choose a template"),
        (("s.txt", *COMMON, "--language", "yor", "--template", "translate-from-english"), "say which language"),
        (("empty.csv", *COMMON), "empty.csv has no rows"),
        (
            ("head.csv", *COMMON),
            "head.csv, line 1: no column for instruction (instruction, prompt, inputs); there are: a, b",
        ),
    ],
)
def test_refusals_are_one_sentence(runner: Runner, session: Session, arguments: tuple[str, ...], sentence: str) -> None:
    Path("a.jsonl").write_text('{"prompt": "One", "language": "yor_Latn"}\n')
    Path("s.txt").write_text("It rained.\n")
    Path("b.docx").write_text("Words")
    Path("empty.csv").write_text("")
    Path("head.csv").write_text("a,b\n1,2\n")
    told = runner("prompts", "import", *arguments, code=1)
    assert sentence in told.stderr
    assert (told.stderr.count("\n"), told.stdout, count(session)) == (1, "", 0)


def test_warnings_go_beside_the_counts(runner: Runner) -> None:
    Path("a.jsonl").write_text('{"prompt": "One"}\n{"prompt": "one!"}\n')
    told = runner(
        "prompts", "import", "a.jsonl", "--project", "river", "--source", "Book", "--license", "LicenseRef-Book",
        "--language", "yor",
    )  # fmt: skip
    assert "line 2: Differs from another prompt only in case" in told.stderr
    assert "nothing that is made from these prompts can be released" in told.stderr
    assert told.stdout == "Imported. 2 rows: 2 new, 0 duplicates, 0 bad.\n"


def test_templates_are_listed_added_and_brought_in(runner: Runner) -> None:
    assert "sync" in runner("prompts", "templates", "list").stdout
    assert "continue-the-story" in runner("prompts", "templates", "sync").stdout
    assert runner("prompts", "templates", "sync").stdout == "All of them are here.\n"
    add = ("prompts", "templates", "add", "continue-the-story", "--language", "yor_Latn", "--body", "Tẹ̀síwájú.")
    assert runner(*add).stdout == "continue-the-story is at version 2.\n"
    assert json.loads(runner(*add, "--json").stdout)["version"] == 2
    listed = {row["name"]: row for row in json.loads(runner("prompts", "templates", "list", "--json").stdout)}
    assert len(listed) == 5
    assert (listed["continue-the-story"]["language"], listed["continue-the-story"]["body"]) == ("yor_Latn", "Tẹ̀síwájú.")


@pytest.fixture
def _stopped_after_two_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Press Ctrl+C when two parts have come."""
    monkeypatch.setattr(importing, "PART_ROWS", 1)
    add, calls = arriving.Arriving.add, iter(range(100))

    def stop(*arguments: Any) -> None:  # noqa: ANN401  # as of the method
        if next(calls) == 2:
            raise KeyboardInterrupt
        add(*arguments)

    monkeypatch.setattr(arriving.Arriving, "add", stop)


@pytest.mark.usefixtures("_stopped_after_two_parts")
def test_who_interrupts_an_import_hears_that_it_can_be_taken_up(runner: Runner, session: Session) -> None:
    Path("a.jsonl").write_text('{"prompt": "One"}\n{"prompt": "Two"}\n{"prompt": "Three"}\n')
    arguments = ("prompts", "import", "a.jsonl", *COMMON, "--language", "yor_Latn", "--json")
    told = runner(*arguments, code=1)
    assert "the same command goes on from here" in told.stderr
    assert count(session) == 0
    [row] = json.loads(runner("prompts", "imports", "list", "--project", "river", "--json").stdout)
    assert (row["files"], row["source"], row["rows"]) == (["a.jsonl"], "Ours", 2)
    facts = json.loads(runner(*arguments).stdout)
    assert (facts["landed"], facts["rows"], facts["added"], facts["taken_up"]) == (True, 3, 3, 2)


@pytest.mark.usefixtures("_stopped_after_two_parts")
def test_an_import_is_given_up_by_its_number(runner: Runner, session: Session) -> None:
    Path("a.jsonl").write_text('{"prompt": "One"}\n{"prompt": "Two"}\n{"prompt": "Three"}\n')
    runner("prompts", "import", "a.jsonl", *COMMON, "--language", "yor_Latn", code=1)
    give_up = ("prompts", "imports", "give-up", "--project", "river")
    assert "This project has no import number 99." in runner(*give_up, "99", code=1).stderr
    assert runner(*give_up, "1").stdout == "Given up. 2 rows were taken away.\n"
    assert session.scalar(select(func.count()).select_from(Arrival)) == 0
    assert runner("prompts", "imports", "list").stdout == "None.\n"
    told = runner("prompts", "import", "a.jsonl", *COMMON, "--language", "yor_Latn")
    assert (told.stderr, told.stdout) == ("", "Imported. 3 rows: 3 new, 0 duplicates, 0 bad.\n")
    landed = session.scalars(select(ImportBatch)).one()
    assert "has ended already" in runner(*give_up, str(landed.id), code=1).stderr
