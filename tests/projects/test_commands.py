"""`annotator projects`."""

import json
from collections.abc import Callable

import pytest
from click.testing import Result
from sqlalchemy.orm import Session

from annotator.projects import queries
from tests.makers import a_language, a_project

Runner = Callable[..., Result]


def test_create_list_pause_resume_close(runner: Runner, session: Session) -> None:
    a_language(session)
    a_language(session, "arb_Arab")
    assert "annotator projects create" in runner("projects", "list").stdout
    made = runner(
        "projects", "create", "river", "--title", "River words", "--languages", "yor_Latn, arb_Arab", "--overlap", "2",
        "--reviews", "3", "--mix", "answer=3", "--mix", "original", "--lanes", "open,gated", "--release-unreviewed",
        "--reannotate-contributions",
    )  # fmt: skip
    assert made.stdout == "Made river: River words (2 languages).\n"
    project = queries.by_slug(session, "river")
    assert (project.overlap, project.reviews, project.mix) == (2, 3, {"original": 1, "answer": 3})
    assert (project.lanes, project.release_unreviewed, project.reannotate_contributions) == (
        ["open", "gated"],
        True,
        True,
    )
    for command, state in (("pause", "paused"), ("resume", "open"), ("close", "closed")):
        assert runner("projects", command, "river").stdout == f"river is {state}.\n"
    assert runner("projects", "list").stdout == "river  closed  2 languages  River words\n"
    (facts,) = json.loads(runner("projects", "list", "--json").stdout)
    assert facts["languages"] == ["arb_Arab", "yor_Latn"]
    assert "key" not in facts


def test_caps_and_other_settings_are_changed(runner: Runner, session: Session) -> None:
    a_language(session)
    runner("projects", "create", "river", "--title", "T", "--languages", "yor_Latn", "--daily-cap", "20")
    assert runner("projects", "change", "river", "--total-cap", "500", "--mix", "answer").stdout == "Changed river.\n"
    (facts,) = json.loads(runner("projects", "list", "--json").stdout)
    assert (facts["daily_cap"], facts["total_cap"], facts["mix"]) == (20, 500, {"answer": 1})
    told = runner(
        "projects", "change", "river", "--daily-cap", "0", "--release-unreviewed", "--lanes", "open", "--json"
    )
    facts = json.loads(told.stdout)
    assert (facts["daily_cap"], facts["total_cap"], facts["title"]) == (None, 500, "T")
    assert (facts["release_unreviewed"], facts["lanes"], facts["reviews"]) == (True, ["open"], 1)
    assert not json.loads(runner("projects", "change", "river", "--no-release-unreviewed", "--json").stdout)[
        "release_unreviewed"
    ]


def test_add_languages(runner: Runner, session: Session) -> None:
    a_project(session, a_language(session), slug="river")
    a_language(session, "arb_Arab")
    assert runner("projects", "add-languages", "river", "arb_Arab,yor_Latn").stdout == "river: added arb_Arab.\n"
    assert runner("projects", "add-languages", "river", "arb_Arab").stdout == "river collects in all of them already.\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("create", "Bad Slug", "--title", "T", "--languages", "yor_Latn"), "cannot stand in an address"),
        (("create", "river", "--title", "T", "--languages", "yor_Latn"), "There is a project at “river” already"),
        (("create", "hill", "--title", "T", "--languages", "xxx_Qqqq"), "xxx_Qqqq"),
        (("create", "hill", "--title", "T", "--languages", ","), "at least one language"),
        (("create", "hill", "--title", "T", "--languages", "yor_Latn", "--mix", "sing"), "no kind of work “sing”"),
        (("create", "hill", "--title", "T", "--languages", "yor_Latn", "--overlap", "0"), "from 1 to"),
        (("change", "river", "--daily-cap", "-1"), "from 1 to 1000000"),
        (("change", "river", "--mix", "answer=0"), "must offer some kind of work"),
        (("pause", "nowhere"), "There is no project “nowhere”"),
    ],
)
def test_refusals_are_one_sentence(runner: Runner, session: Session, arguments: tuple[str, ...], sentence: str) -> None:
    a_project(session, a_language(session), slug="river")
    told = runner("projects", *arguments, code=1)
    assert sentence in told.stderr
    assert told.stderr.count("\n") == 1
    assert [project.slug for project in queries.listing(session)] == ["river"]
