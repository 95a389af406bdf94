"""What was taken back does not come in again by an import, until its time is over; and nobody can tell what is kept."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.permissions import OPERATOR
from annotator.projects.models import Project
from annotator.prompts import actions, blocking, importing, jobs
from annotator.prompts.models import BlockedText, Prompt
from annotator.prompts.rows import ImportReport
from annotator.prompts.rules import Texts
from annotator.settings import Settings
from tests.databases import Database
from tests.makers import a_language, a_project

TAKEN_BACK = Texts("Ta ló wà níbẹ̀?", None, "Èmi ni.")


@pytest.fixture
def project(session: Session) -> Project:
    made = a_project(session, a_language(session), slug="river")
    session.commit()
    return made


def bring(session: Session, project: Project, *rows: Mapping[str, object], skip_bad: bool = True) -> ImportReport:
    return actions.import_prompts(
        session, actor=OPERATOR, project=project, rows=rows, source="songs", license="CC0-1.0",
        language=project.languages[0], skip_bad=skip_bad,
    )  # fmt: skip


def test_a_blocked_text_is_a_bad_row_with_one_sentence(session: Session, project: Project) -> None:
    assert blocking.block(session, project, [TAKEN_BACK], clock.now() + timedelta(days=90)) == 1
    report = bring(
        session, project,
        {"instruction": "  Ta   ló wà\nníbẹ̀? ", "completion": "Èmi ni."},
        {"instruction": "Ta ló wà níbẹ̀?", "completion": "Èmi kọ́."},
    )  # fmt: skip
    assert (report.added, [problem.code for problem in report.refused.shown]) == (1, ["row_blocked"])
    assert not bring(
        session, project, {"instruction": TAKEN_BACK.instruction, "completion": "Èmi ni."}, skip_bad=False
    ).landed


def test_a_prompt_can_be_blocked_whatever_its_answer(session: Session, project: Project) -> None:
    blocking.block(session, project, [TAKEN_BACK._replace(completion=None)], clock.now() + timedelta(days=90))
    assert bring(session, project, {"instruction": TAKEN_BACK.instruction}).added == 0


def test_another_project_is_not_bound_by_it_and_the_keys_differ(session: Session, project: Project) -> None:
    other = a_project(session, project.languages[0], slug="sea")
    until = clock.now() + timedelta(days=90)
    blocking.block(session, project, [TAKEN_BACK], until)
    assert bring(session, other, {"instruction": TAKEN_BACK.instruction, "completion": "Èmi ni."}).added == 1
    blocking.block(session, other, [TAKEN_BACK], until)
    keys = set(session.scalars(select(BlockedText.key)))
    assert len(keys) == 2
    assert TAKEN_BACK.fingerprint not in keys


def test_it_ends_and_is_forgotten_and_the_longer_time_counts(
    session: Session, project: Project, settings: Settings, database: Database
) -> None:
    now = clock.now()
    blocking.block(session, project, [TAKEN_BACK], now + timedelta(days=90))
    blocking.block(session, project, [TAKEN_BACK], now + timedelta(days=1))
    session.commit()
    with time_machine.travel(now + timedelta(days=2)):
        assert bring(session, project, {"instruction": TAKEN_BACK.instruction, "completion": "Èmi ni."}).added == 0
        session.commit()
        jobs.forget_blocked(database.engine, settings)
        assert session.scalar(select(func.count()).select_from(BlockedText)) == 1
        session.commit()
    with time_machine.travel(now + timedelta(days=91)):
        assert bring(session, project, {"instruction": TAKEN_BACK.instruction, "completion": "Èmi ni."}).added == 1
        session.commit()
        jobs.forget_blocked(database.engine, settings)
        assert session.scalar(select(func.count()).select_from(BlockedText)) == 0


def test_what_is_taken_back_while_an_import_waits_does_not_land(
    session: Session, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = importing.Import._show  # noqa: SLF001  # the moment between the last part and the landing

    def meanwhile(self: importing.Import, batch: object) -> None:
        blocking.block(session, project, [TAKEN_BACK], clock.now() + timedelta(days=90))
        show(self, batch)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(importing.Import, "_show", meanwhile)
    report = bring(
        session, project, {"instruction": "Other?"}, {"instruction": TAKEN_BACK.instruction, "completion": "Èmi ni."}
    )
    assert (report.added, report.refused.count, report.landed) == (1, 1, True)
    assert list(session.scalars(select(Prompt.instruction))) == ["Other?"]


def test_without_blocked_texts_a_part_asks_one_question_more(session: Session, project: Project) -> None:
    """An import of many rows must not pay for a table that is empty."""
    said: list[str] = []

    @event.listens_for(session.get_bind(), "before_cursor_execute")
    def _note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "blocked_texts" in statement:
            said.append(statement)

    bring(session, project, *({"instruction": f"Question {n}?"} for n in range(50)))
    event.remove(session.get_bind(), "before_cursor_execute", _note)
    assert len(said) == 2, "once for the one part, once before landing"
