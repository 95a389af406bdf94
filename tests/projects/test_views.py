"""The pages of projects."""

import pytest
from sqlalchemy.orm import Session

from annotator.projects import queries
from tests.makers import a_language, a_maintainer, a_person, a_project
from tests.pages import Visitor


def test_the_list_says_what_is_open(client: Visitor, session: Session) -> None:
    assert "No project yet" in client.visit("/projects/")
    a_project(session, a_language(session), title="River words", description="Why rivers matter")
    a_project(session, a_language(session), title="Old words", state="closed")
    page = client.visit("/projects/")
    assert "River words" in page
    assert "Why rivers matter" in page
    assert "closed" in page
    assert "New project" not in page


def test_a_maintainer_opens_a_project(client: Visitor, session: Session) -> None:
    a_language(session, english_name="Yoruba", autonym="Èdè Yorùbá")
    a_language(session, "amh_Ethi", english_name="Amharic")
    client.sign_in(a_maintainer(session))
    assert "New project" in client.visit("/projects/")
    form = client.visit("/projects/new").form("/projects/new")
    page = client.send(
        form, title="River words", slug="river", languages="yor_Latn, amharic\n", answer="3", original="0",
        lanes=["open", "gated"], reviews="2", overlap="4", release_unreviewed="y",
    )  # fmt: skip
    assert page.h1 == "River words"
    project = queries.by_slug(session, "river")
    assert [language.code for language in project.languages] == ["amh_Ethi", "yor_Latn"]
    assert (project.mix, project.lanes, project.overlap) == ({"answer": 3, "reannotate": 1}, ["open", "gated"], 4)
    assert (project.reviews, project.release_unreviewed, project.reannotate_contributions) == (2, True, False)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"slug": "Bad Slug"}, "cannot stand in an address"),
        ({"slug": "taken"}, "There is a project at “taken” already"),
        ({"languages": "Klingon"}, "is not a language here"),
        ({"languages": ""}, "Name at least one language"),
        ({"title": ""}, "Say in a few words"),
        ({"original": "0", "answer": "0", "reannotate": "0"}, "must offer some kind of work"),
        ({"lanes": []}, "need at least one lane"),
        ({"overlap": "0"}, "A whole number from 1"),
        ({"reviews": "many"}, "Not a valid integer"),
        ({"daily_cap": "0"}, "A whole number from 1"),
        ({"total_cap": "-3"}, "A whole number from 1"),
    ],
)
def test_bad_input_is_refused_and_nothing_typed_is_lost(
    client: Visitor, session: Session, changes: dict[str, object], sentence: str
) -> None:
    a_project(session, a_language(session), slug="taken")
    client.sign_in(a_maintainer(session))
    typed = {"title": "River", "slug": "river", "languages": "yor_Latn", "description": "Two\nlines", **changes}
    page = client.send(client.visit("/projects/new").form("/projects/new"), status=422, follow=True, **typed)  # type: ignore[arg-type]  # fields only
    assert sentence in page
    assert page.one("textarea", name="description").raw_text.strip() == "Two\nlines"
    assert [project.slug for project in queries.listing(session)] == ["taken"]


def test_settings_show_what_stands_and_change_it(client: Visitor, session: Session) -> None:
    project = a_project(session, a_language(session), slug="river", mix={"answer": 2}, lanes=["open"])
    client.sign_in(a_maintainer(session))
    form = client.visit("/projects/river/settings").form("/projects/river/settings")
    page = client.send(form, title="Streams", reviews="3")
    assert "Saved." in page
    assert (project.title, project.reviews, project.mix, project.lanes) == ("Streams", 3, {"answer": 2}, ["open"])
    page = client.send(page.form("/projects/river/settings"), status=422, title="x" * 200)
    assert project.title == "Streams"


def test_caps_are_set_and_emptied_on_the_settings_page(client: Visitor, session: Session) -> None:
    project = a_project(session, a_language(session), slug="river")
    client.sign_in(a_maintainer(session))
    page = client.visit("/projects/river/settings")
    assert "Leave both empty for no limit." in page
    page = client.send(page.form("/projects/river/settings"), daily_cap="20", total_cap="500")
    assert (project.daily_cap, project.total_cap) == (20, 500)
    assert page.one("input", name="daily_cap").get("value") == "20"
    client.send(page.form("/projects/river/settings"), daily_cap="", total_cap="500")
    assert (project.daily_cap, project.total_cap) == (None, 500)


def test_a_maintainer_pauses_closes_and_opens_again(client: Visitor, session: Session) -> None:
    project = a_project(session, a_language(session), slug="river")
    client.sign_in(a_maintainer(session))
    for act, state in (("pause", "paused"), ("close", "closed"), ("resume", "open")):
        client.post("/projects/river/state", data={"act": act}, follow_redirects=True)
        assert project.state == state
    assert client.post("/projects/river/state", data={"act": "burn"}).status_code == 404


def test_a_maintainer_adds_languages(client: Visitor, session: Session) -> None:
    project = a_project(session, a_language(session), slug="river")
    a_language(session, "arb_Arab", english_name="Arabic")
    client.sign_in(a_maintainer(session))
    form = client.visit("/projects/river/settings").form("/projects/river/languages")
    page = client.send(form, languages="arb_Arab")
    assert [language.code for language in project.languages] == ["arb_Arab", "yor_Latn"]
    page = client.send(page.form("/projects/river/languages"), status=422, languages="Klingon")
    assert "is not a language here" in page
    assert page.one("textarea", name="languages").text == "Klingon"


@pytest.mark.parametrize("path", ["/projects/new", "/projects/river/settings", "/projects/river/prompts/"])
def test_only_maintainers_manage(client: Visitor, session: Session, path: str) -> None:
    a_project(session, a_language(session), slug="river")
    assert client.get(path).status_code == 303
    client.sign_in(a_person(session))
    client.visit(path, status=403)


def test_an_unknown_project_is_not_found(client: Visitor) -> None:
    assert "There is no project “nowhere”" in client.visit("/projects/nowhere", status=404)
