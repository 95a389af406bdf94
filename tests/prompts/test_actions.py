"""Imports, templates, and the overlap."""

import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotator.audit.models import AuditEvent
from annotator.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from annotator.languages import actions as language_actions
from annotator.languages import queries as languages
from annotator.permissions import OPERATOR, VISITOR, Actor
from annotator.projects import actions as projects
from annotator.projects.models import Project
from annotator.prompts import actions, files, importing, queries
from annotator.prompts.columns import Columns, parse_map
from annotator.prompts.models import ImportBatch, Prompt, Source, Template
from annotator.prompts.rows import ImportReport, Problem
from tests.databases import Database
from tests.makers import a_language, a_project


@pytest.fixture
def project(session: Session) -> Project:
    """A project in Yoruba and Arabic, where English is known."""
    a_language(session, "eng_Latn")
    return a_project(session, a_language(session), a_language(session, "arb_Arab"), slug="river", overlap=3)


def bring(session: Session, project: Project, *given: dict[str, object] | Problem, **more: Any) -> ImportReport:  # noqa: ANN401  # what import_prompts takes
    defaults: dict[str, Any] = {
        "source": "Ours",
        "license": "CC0-1.0",
        "language": a_language(session),
        "actor": OPERATOR,
    }
    return actions.import_prompts(session, project=project, **{"rows": given, **defaults, **more})


def prompts(session: Session) -> list[Prompt]:
    session.expire_all()
    return list(session.scalars(select(Prompt).order_by(Prompt.id)))


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.rows, report.added, report.duplicates.count, report.refused.count


def codes(report: ImportReport) -> list[tuple[int, str]]:
    return [(problem.line, problem.code) for problem in report.refused.shown]


def test_rows_become_prompts_that_know_where_they_are_from(session: Session, project: Project) -> None:
    english, arabic = a_language(session, "eng_Latn"), a_language(session, "arb_Arab")
    report = bring(
        session, project,
        {"instruction": " Sum up.\r\n", "input": "كتاب", "completion": "نص", "id": 7, "topic": "x", "language": "arb_Arab"},
        {"instruction": "Kí ni o rí?"},
        license="cc-by-sa-4.0", instruction_language=english,
    )  # fmt: skip
    assert counts(report) == (2, 2, 0, 0)
    assert (report.landed, report.closed_source) == (True, False)
    first, second = prompts(session)
    assert (first.kind, first.instruction, first.input, first.completion) == ("reannotate", "Sum up.", "كتاب", "نص")
    assert (first.language, first.instruction_language, first.input_language) == (arabic, english, arabic)
    assert (first.external_id, first.facts["metadata"], first.facts["line"]) == ("7", {"topic": "x"}, 1)
    assert (second.kind, second.input, second.completion, second.external_id) == ("answer", None, None, None)
    assert (second.language.code, second.input_language, second.answer_link) == ("yor_Latn", None, "completion")
    for prompt in (first, second):
        assert (prompt.free_places, prompt.state, prompt.source_class, prompt.priority) == (3, "open", "sharealike", 0)
        assert 0 <= prompt.shuffle < 2**31
        assert prompt.source is not None
        assert (prompt.source.name, prompt.source.license) == ("Ours", "CC-BY-SA-4.0")
    batch = session.get_one(ImportBatch, report.batch_id)
    assert (batch.added, batch.duplicates, batch.actor) == (2, 0, "operator")
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "prompts.imported")).one()
    assert (event.object_id, event.facts["added"]) == (batch.id, 2)


def test_the_input_may_be_in_a_language_of_its_own(session: Session, project: Project) -> None:
    bring(
        session, project,
        {"instruction": "a", "input": "b", "instruction_language": "eng_Latn", "input_language": "arb_Arab"},
        {"instruction": "c", "input": "d"}, input_language=a_language(session, "eng_Latn"),
    )  # fmt: skip
    found = [(p.language, p.instruction_language, p.input_language) for p in prompts(session)]
    assert [[language.code for language in three if language] for three in found] == [
        ["yor_Latn", "eng_Latn", "arb_Arab"], ["yor_Latn", "yor_Latn", "eng_Latn"],
    ]  # fmt: skip


def test_the_same_words_are_counted_and_not_added_again(session: Session, project: Project) -> None:
    report = bring(
        session, project,
        {"instruction": "Kí ni o rí?"}, {"instruction": unicodedata.normalize("NFD", "Kí  ni\to rí? ")},
        {"instruction": "Kí ni o rí?", "input": "Ọjà"}, {"instruction": "Kí ni o rí?", "language": "arb_Arab"},
    )  # fmt: skip
    assert counts(report) == (4, 3, 1, 0)
    assert [problem.line for problem in report.duplicates.shown] == [2]
    again = bring(session, project, {"instruction": "Kí ni o rí?"}, {"instruction": "Titun"}, source="Another")
    assert counts(again) == (2, 1, 1, 0)
    other = a_project(session, a_language(session))
    assert counts(bring(session, other, {"instruction": "Kí ni o rí?"})) == (1, 1, 0, 0)


def test_duplicates_are_found_over_batches(session: Session, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "PART_ROWS", 2)
    said: list[int] = []
    rows = [{"instruction": f"Prompt {number % 5}", "id": number % 5} for number in range(12)]
    report = bring(session, project, *rows, progress=said.append)
    assert counts(report) == (12, 5, 7, 0)
    assert said == [0, 2, 4, 6, 8, 10, 12]
    assert len(prompts(session)) == 5


def test_a_looser_likeness_warns(session: Session, project: Project) -> None:
    report = bring(session, project, {"instruction": "Name three rivers."}, {"instruction": "name three RIVERS!"})
    assert counts(report) == (2, 2, 0, 0)
    assert [(problem.line, problem.code) for problem in report.alike.shown] == [(2, "row_alike")]
    again = bring(session, project, {"instruction": "Name three rivers?"}, {"instruction": "Name three rivers."})
    assert ([problem.line for problem in again.alike.shown], again.duplicates.count) == ([1], 1)


def test_the_same_id_with_another_text_is_a_bad_row(session: Session, project: Project) -> None:
    bring(session, project, {"instruction": "a", "id": "1"})
    report = bring(
        session, project,
        {"instruction": "b", "id": "1"}, {"instruction": "c", "id": 2}, {"instruction": "d", "id": "2"},
        {"instruction": "a", "id": "1"}, {"instruction": "e", "id": "1", "language": "arb_Arab"},
    )  # fmt: skip
    assert codes(report) == [(1, "row_external_id_taken"), (3, "row_external_id_taken")]
    assert counts(report) == (5, 2, 1, 2)
    assert counts(bring(session, project, {"instruction": "b", "id": "1"}, source="Another")) == (1, 1, 0, 0)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"instruction": "  "}, "row_empty"),
        ({"completion": "b"}, "row_empty"),
        ({"instruction": ["a"]}, "row_not_text"),
        ({"instruction": "a", "completion": {"x": 1}}, "row_not_text"),
        ({"instruction": "a", "id": 1.5}, "row_not_text"),
        ({"instruction": "a", "language": 3}, "row_not_text"),
        ({"instruction": "a", "id": "x" * 201}, "row_id_long"),
        ({"instruction": "x" * 100_001}, "row_text_long"),
        ({"instruction": "a\0b"}, "row_unstorable"),
        ({"instruction": "a", "note": {"deep": ["\ud800"]}}, "row_unstorable"),
        ({"instruction": "a", "language": "xxx_Qqqq"}, "language_unknown"),
        ({"instruction": "a", "language": "eng_Latn"}, "row_language_not_in_project"),
        (Problem("x", 2, "row_not_json"), "row_not_json"),
    ],
)
@pytest.mark.parametrize("skip_bad", [False, True])
def test_a_bad_row_is_named_and_nothing_is_imported_unless_it_may_be_left_out(
    session: Session, project: Project, row: dict[str, object], code: str, *, skip_bad: bool
) -> None:
    report = bring(session, project, {"instruction": "good"}, row, {"instruction": "too"}, skip_bad=skip_bad)
    assert codes(report) == [(2, code)]
    assert counts(report) == (3, 2, 0, 1)
    assert report.landed is skip_bad
    assert len(prompts(session)) == (2 if skip_bad else 0)
    assert session.scalar(select(func.count()).select_from(Source)) == (1 if skip_bad else 0)
    assert session.scalar(select(func.count()).select_from(ImportBatch)) == (1 if skip_bad else 0)


def test_a_row_needs_a_language(session: Session, project: Project) -> None:
    report = bring(session, project, {"instruction": "a"}, {"instruction": "a", "language": "yor_Latn"}, language=None)
    assert codes(report) == [(1, "row_language_missing")]


def test_the_report_keeps_the_first_problems_and_counts_all(session: Session, project: Project) -> None:
    rows: list[dict[str, object]] = [{"input": str(number)} for number in range(30)]
    report = bring(session, project, *rows, shown=4)
    assert (report.refused.count, len(report.refused.shown)) == (30, 4)
    assert len(bring(session, project, *rows, shown=None).refused.shown) == 30


def test_a_dry_run_says_the_same_and_changes_nothing(session: Session, project: Project) -> None:
    bring(session, project, {"instruction": "a"})
    rows: list[dict[str, object]] = [{"instruction": "a"}, {"instruction": "b"}, {"instruction": "B"}]
    dry = bring(session, project, *rows, dry_run=True, source="New")
    assert (counts(dry), dry.alike.count, dry.landed) == ((3, 2, 1, 0), 1, False)
    assert [prompt.instruction for prompt in prompts(session)] == ["a"]
    assert [source.name for source in queries.sources(session, project)] == ["Ours"]
    assert counts(bring(session, project, *rows, source="New")) == counts(dry)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"license": "CC-BY"}, "license_unknown"),
        ({"license": "CC-BY-4.0"}, "source_license_differs"),
        ({"source": "  "}, "source_name_invalid"),
        ({"source": "x" * 121}, "source_name_invalid"),
        ({"columns": Columns(parse_map(["completion=answers.0"]))}, "map_path_never_found"),
    ],
)
def test_an_import_that_cannot_stand_is_refused_whole(
    session: Session, project: Project, more: dict[str, Any], code: str
) -> None:
    bring(session, project, {"instruction": "a"})
    with pytest.raises(DomainError) as refusal:
        bring(session, project, {"instruction": "b"}, **more)
    assert refusal.value.code == code
    assert [prompt.instruction for prompt in prompts(session)] == ["a"]
    assert len(queries.batches(session, project)) == 1


def test_the_language_must_be_one_of_the_project(session: Session, project: Project) -> None:
    with pytest.raises(Invalid) as refusal:
        bring(session, project, {"instruction": "b"}, language=a_language(session, "eng_Latn"))
    assert refusal.value.code == "import_language_not_in_project"


def test_a_closed_source_comes_in_with_a_warning(session: Session, project: Project) -> None:
    report = bring(session, project, {"instruction": "a"}, license="LicenseRef-Book")
    assert (report.landed, report.closed_source) == (True, True)
    assert prompts(session)[0].source_class == "closed"


@pytest.mark.parametrize("actor", [VISITOR, Actor(person_id=1), Actor(person_id=1, ambassador_of=frozenset({1}))])
def test_only_maintainers_and_the_operator_bring_prompts_in(session: Session, project: Project, actor: Actor) -> None:
    with pytest.raises(Forbidden):
        bring(session, project, {"instruction": "a"}, actor=actor)
    with pytest.raises(Forbidden):
        actions.add_template(session, actor=actor, name="x", body="Do it.", language=a_language(session))
    with pytest.raises(Forbidden):
        actions.raise_overlap(session, actor=actor, project=project, overlap=5)
    assert prompts(session) == []


def test_templates_have_versions(session: Session) -> None:
    yoruba, english = a_language(session), a_language(session, "eng_Latn")

    def add(body: str, **more: Any) -> Template:  # noqa: ANN401  # what add_template takes
        return actions.add_template(
            session, actor=OPERATOR, name="headline", **{"body": body, "language": english, **more}
        )

    first = add("Write a headline.")
    assert (first.version, first.answer_link) == (1, "completion")
    assert add(" Write a headline.\n") is first
    second = add("Write a short headline.")
    assert (second.version, add("Write a short headline.")) == (2, second)
    assert add("Write a headline.").version == 3
    assert add("Write a headline.", answer_link="paraphrase").version == 4
    assert add("Write a headline.", answer_link="paraphrase", language=yoruba).version == 5
    assert [(one.name, one.version) for one in queries.templates(session)] == [("headline", 5)]
    with pytest.raises(NotFound) as refusal:
        queries.the_template(session, "heading")
    assert "headline" in refusal.value.facts["known"]  # type: ignore[operator]  # a set of names


def test_our_own_templates_come_in_once_and_a_changed_one_stays(session: Session) -> None:
    english = a_language(session, "eng_Latn")
    mine = actions.add_template(session, actor=OPERATOR, name="write-a-headline", body="Mine.", language=english)
    added = actions.sync_templates(session, actor=OPERATOR)
    assert len(added) == 4
    assert actions.sync_templates(session, actor=OPERATOR) == []
    assert queries.the_template(session, "write-a-headline") is mine
    with pytest.raises(NotFound):
        actions.template_named(session, actor=OPERATOR, name="no-such")


def test_a_template_is_remembered_with_its_version_on_each_prompt(session: Session, project: Project) -> None:
    english = a_language(session, "eng_Latn")
    template = actions.template_named(session, actor=OPERATOR, name="rewrite-more-simply")
    bring(session, project, {"text": "Òjò rọ̀.", "id": 1}, {"sentence": "Oòrùn ràn."}, template=template)
    first, second = prompts(session)
    assert (first.instruction, first.input, first.completion) == (template.body, "Òjò rọ̀.", None)
    assert (first.instruction_language, first.input_language, first.language.code) == (
        english,
        first.language,
        "yor_Latn",
    )
    assert (first.template, first.answer_link, first.kind) == (template, "paraphrase", "answer")
    assert second.input == "Oòrùn ràn."
    other = actions.add_template(session, actor=OPERATOR, name="explain", body="Explain “{text}”.", language=english)
    report = bring(session, project, {"text": "Òjò rọ̀.", "id": 1}, template=other)
    assert counts(report) == (1, 1, 0, 0)
    third = prompts(session)[2]
    assert (third.instruction, third.input, third.input_language) == ("Explain “Òjò rọ̀.”.", None, None)
    assert codes(bring(session, project, {"instruction": "Do it."}, template=other)) == [(1, "row_empty")]


def test_a_translation_says_what_language_its_sentences_are_in(session: Session, project: Project) -> None:
    template = actions.template_named(session, actor=OPERATOR, name="translate-from-english")
    with pytest.raises(Invalid) as refusal:
        bring(session, project, {"text": "It rained."}, template=template)
    assert refusal.value.code == "import_translation_from_what"
    bring(session, project, {"text": "It rained."}, template=template, input_language=a_language(session, "eng_Latn"))
    (prompt,) = prompts(session)
    assert prompt.input_language is not None
    assert (prompt.input_language.code, prompt.language.code, prompt.answer_link) == (
        "eng_Latn",
        "yor_Latn",
        "translation",
    )


def test_raising_the_overlap_opens_places_of_every_prompt_of_the_project(session: Session, project: Project) -> None:
    other = a_project(session, a_language(session))
    bring(session, project, {"instruction": "a"}, {"instruction": "b"})
    bring(session, other, {"instruction": "a"})
    prompts(session)[0].free_places = 1  # two people hold places
    actions.raise_overlap(session, actor=OPERATOR, project=project, overlap=5)
    assert [prompt.free_places for prompt in prompts(session)] == [3, 5, 1]
    assert project.overlap == 5
    actions.raise_overlap(session, actor=OPERATOR, project=project, overlap=5)
    with pytest.raises(Conflict) as refusal:
        actions.raise_overlap(session, actor=OPERATOR, project=project, overlap=4)
    assert refusal.value.code == "overlap_not_lowered"
    assert [prompt.free_places for prompt in prompts(session)] == [3, 5, 1]


def test_pools_count_open_prompts(session: Session, project: Project) -> None:
    bring(session, project, {"instruction": "a"}, {"instruction": "b"}, {"instruction": "b", "completion": "c"})
    prompts(session)[0].state = "closed"
    session.flush()
    found = [(pool.language.code, pool.answer, pool.reannotate) for pool in queries.pools(session, project)]
    assert found == [("arb_Arab", 0, 0), ("yor_Latn", 1, 1)]


SHORT = st.text("aA b.", max_size=3)
ROWS = st.lists(
    st.fixed_dictionaries(
        {"instruction": SHORT},
        optional={
            "completion": SHORT,
            "input": SHORT,
            "id": st.integers(1, 4),
            "language": st.sampled_from(["yor_Latn", "arb_Arab", "?"]),
        },
    ),
    max_size=12,
)


@settings(max_examples=60)
@given(rows=ROWS, batch=st.integers(1, 4))
def test_importing_twice_adds_nothing(database: Database, rows: list[dict[str, object]], batch: int) -> None:
    with Session(database.engine.execution_options(writes=True)) as session, pytest.MonkeyPatch.context() as patch:
        patch.setattr(importing, "PART_ROWS", batch)
        where = a_project(session, a_language(session), a_language(session, "arb_Arab"))
        first = bring(session, where, *rows, skip_bad=True)
        there = {(p.language_id, p.text_hash) for p in prompts(session)}
        assert (first.rows, first.added) == (len(rows), len(there))
        second = bring(session, where, *rows, skip_bad=True)
        assert (second.added, second.refused.count <= first.refused.count) == (0, True)
        assert second.duplicates.count + second.refused.count == second.rows
        assert len(prompts(session)) == len(there)
        session.rollback()


def test_the_real_english_prompts(session: Session, real_data: Path) -> None:
    english = a_language(session, "eng_Latn")
    where = projects.create(session, actor=OPERATOR, slug="real", title="Real", languages=[english])
    columns = Columns(parse_map(["input=instances.0.input", "completion=instances.0.output", "external_id=id"]))
    for name, expected in (("seed_tasks.jsonl", 175), ("user_oriented_instructions.jsonl", 252)):
        for added in (expected, 0):
            with (real_data / "prompts" / name).open("rb") as stream:
                report = bring(
                    session, where, language=english, license="Apache-2.0", source=name, columns=columns, shown=None,
                    rows=files.read(stream, name, columns),
                )  # fmt: skip
            assert (report.added + report.duplicates.count, report.refused.shown) == (expected, [])
            assert (report.added > 0) is (added > 0)
    assert {prompt.kind for prompt in prompts(session)} == {"reannotate"}


def test_the_real_sentences_of_every_language(session: Session, real_data: Path) -> None:
    language_actions.sync(session, actor=OPERATOR)
    paths = sorted((real_data / "ntrex").glob("*.txt"))
    found = {path: languages.resolve(session, path.stem) for path in paths}
    where = projects.create(session, actor=OPERATOR, slug="real", title="Real", languages=list(found.values()))
    template = actions.template_named(session, actor=OPERATOR, name="write-a-headline")
    repeated = {}
    for path, language in found.items():
        columns = Columns(with_template=True)
        with path.open("rb") as stream:
            report = bring(
                session, where, language=language, license="CC-BY-SA-4.0", source="NTREX-128", template=template,
                columns=columns, rows=files.read(stream, path.name, columns),
            )  # fmt: skip
        assert (report.refused.shown, report.added + report.duplicates.count) == ([], report.rows)
        repeated[path.name] = report.duplicates.count
    assert {name for name, count in repeated.items() if count} == {"ckb-Arab.txt", "srp-Cyrl.txt"}
    assert len({prompt.language_id for prompt in prompts(session)}) >= 110


@pytest.mark.parametrize("shown", [None, 2])
def test_bad_rows_come_by_file_and_line(session: Session, project: Project, shown: int | None) -> None:
    bring(session, project, {"instruction": "a", "id": "1"})
    # Lines 1 and 3 are refused by the pool, which is asked later than the rows themselves are looked at.
    taken: dict[str, object] = {"instruction": "b", "id": "1"}
    empty: dict[str, object] = {"instruction": " "}
    report = bring(session, project, taken, empty, taken, *[empty] * 30, shown=shown)
    expected = [(1, "row_external_id_taken"), (2, "row_empty"), (3, "row_external_id_taken")]
    assert codes(report)[:3] == expected[:shown]
    assert [line for line, _code in codes(report)] == list(range(1, 34))[:shown]
    assert report.refused.count == 33
