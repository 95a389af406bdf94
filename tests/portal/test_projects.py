"""The public page of a project."""

from sqlalchemy.orm import Session

from annotator import clock
from annotator.prompts.models import Source
from annotator.releases.models import Release
from tests.makers import a_language, a_maintainer, a_person, a_project, speaks
from tests.pages import Visitor


def test_everybody_sees_what_is_collected_and_by_which_rules(client: Visitor, session: Session) -> None:
    yoruba = a_language(session, autonym="Èdè Yorùbá", english_name="Yoruba")
    arabic = a_language(session, "arb_Arab", autonym="العربية", english_name="Arabic")
    project = a_project(
        session, yoruba, arabic, slug="river", title="River words", description="Why rivers matter",
        mix={"original": 1, "answer": 1}, overlap=3, reviews=2, lanes=["open", "sharealike"],
        reannotate_contributions=True,
    )  # fmt: skip
    session.add(Source(project_id=project.id, name="NTREX-128", license="CC-BY-SA-4.0"))
    session.add(Source(project_id=project.id, name="A closed book", license="CC-BY-ND-4.0"))
    page = client.visit("/projects/river")
    assert page.h1 == "River words"
    for words in (
        "Why rivers matter", "Write a question or task of your own", "Up to 3 people work on the same prompt",
        "2 reviewers must accept a text", "offered to others for improvement", "Only reviewed and accepted texts",
        "Open: everybody may use it", "ShareAlike: as open", "NTREX-128", "can stand in the ShareAlike lane only",
        "A closed book", "cannot be released", "Nothing has been released yet",
    ):  # fmt: skip
        assert words in page, words
    for words in ("Rate a question", "Non-commercial:", "nobody has reviewed", "Settings"):
        assert words not in page, words
    names = {name.text: (name.get("lang"), name.get("dir")) for name in page.all("bdi") if name.get("lang")}
    assert names["العربية"] == ("ar-Arab", "rtl")
    assert names["Èdè Yorùbá"] == ("yo-Latn", "ltr")


def test_joining_a_project_that_releases_unreviewed_rows_says_so(client: Visitor, session: Session) -> None:
    a_project(session, a_language(session), slug="river", release_unreviewed=True)
    assert "texts that nobody has reviewed yet" in client.visit("/projects/river")


def test_who_writes_one_of_its_languages_starts_there(client: Visitor, session: Session) -> None:
    yoruba, arabic = a_language(session), a_language(session, "arb_Arab")
    project = a_project(session, yoruba, arabic, slug="river")
    assert "Join" in client.visit("/projects/river")
    person = a_person(session)
    speaks(session, person, yoruba)
    client.sign_in(person)
    page = client.visit("/projects/river")
    starts = [link.get("href") for link in page.all("a") if (link.get("href") or "").endswith("/work")]
    assert starts == ["/projects/river/yor_Latn/work"]
    project.state = "paused"
    page = client.visit("/projects/river")
    assert "is paused" in page
    assert "/projects/river/yor_Latn/work" not in [link.get("href") for link in page.all("a")]


def test_published_releases_are_listed_newest_first(client: Visitor, session: Session) -> None:
    project = a_project(session, a_language(session), slug="river")
    for version, state in (("1.0.0", "published"), ("2.0.0", "published"), ("3.0.0", "frozen")):
        session.add(
            Release(
                project_id=project.id, version=version, state=state, frozen_at=clock.now(), frozen_by="operator",
                published_at=clock.now() if state == "published" else None, ledger_seq=0, ledger_head="0" * 64,
            )
        )  # fmt: skip
        session.flush()
    text = client.visit("/projects/river").text
    assert text.index("2.0.0 latest") < text.index("1.0.0")
    assert "3.0.0" not in text


def test_a_maintainer_finds_prompts_and_settings(client: Visitor, session: Session) -> None:
    a_project(session, a_language(session), slug="river")
    client.sign_in(a_maintainer(session))
    page = client.visit("/projects/river")
    assert page.link("Prompts") == "/projects/river/prompts/"
    assert page.link("Settings") == "/projects/river/settings"
