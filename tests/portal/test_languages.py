"""The list of languages and the page of a language."""

import re

from sqlalchemy.orm import Session

from annotator import clock
from annotator.annotations.models import Annotation
from annotator.languages import actions
from annotator.permissions import OPERATOR
from annotator.releases.models import Release, ReleaseRow
from tests.html import Page
from tests.makers import a_language, a_person
from tests.pages import Visitor
from tests.stories import World, a_contributor, a_project, a_prompt, a_world, an_ambassador


def test_the_list_shows_every_language_by_its_own_name(client: Visitor, session: Session) -> None:
    actions.sync(session, actor=OPERATOR)
    page = client.visit("/languages/")
    assert '<bdi lang="ar-Arab" dir="rtl">العربية</bdi>' in page.source
    assert '<bdi lang="en" dir="ltr">Arabic, Latin script</bdi>' in page.source
    assert '<bdi lang="sr-Cyrl" dir="ltr">српски (ћирилица)</bdi>' in page.source
    assert page.source.count("/languages/yor_Latn") == 1


def test_the_search_works_without_javascript(client: Visitor, session: Session) -> None:
    actions.sync(session, actor=OPERATOR)
    page = client.visit("/languages/?q=Èdè Yò")
    assert "1 language found" in page.text
    assert "/languages/yor_Latn" in page.source
    assert "/languages/ibo_Latn" not in page.source
    nothing = client.visit("/languages/?q=<qqq>")
    assert "No language of that name is here" in nothing.text
    assert "rights@example.org" in nothing.text


def test_languages_with_work_come_first(client: Visitor, session: Session) -> None:
    a_project(session, a_language(session, "yor_Latn", english_name="Yoruba"))
    a_language(session, "ace_Latn", english_name="Acehnese")
    source = client.visit("/languages/").source
    assert source.index("/languages/yor_Latn") < source.index("No project collects in these yet")
    assert source.index("No project collects in these yet") < source.index("/languages/ace_Latn")


def test_another_code_leads_to_the_page(client: Visitor, session: Session) -> None:
    actions.sync(session, actor=OPERATOR)
    for code, canonical in (("yor", "yor_Latn"), ("zh-TW", "zho_Hant"), ("sr-Latn", "srp_Latn")):
        assert client.get(f"/languages/{code}").headers["Location"].endswith(f"/languages/{canonical}")
    assert client.get("/languages/srp").headers["Location"].endswith("/languages/?q=srp")
    assert "Did you mean yor_Latn?" in client.visit("/languages/yoruba", status=404).text


def test_an_empty_language_says_so_and_what_helps(client: Visitor, session: Session) -> None:
    a_language(session, "arb_Latn", english_name="Arabic")
    page = client.visit("/languages/arb_Latn")
    for sentence in (
        "Nobody writes here yet",
        "No project collects in this language yet",
        "No release holds a text in this language yet",
        "none yet; a maintainer appoints them",
        "nobody has told us yet",
    ):
        assert sentence in page.text
    assert "/join?language=arb_Latn" in page.source


def test_the_page_is_in_the_language_s_own_direction(client: Visitor, session: Session) -> None:
    a_language(session, "urd_Arab", english_name="Urdu", autonym="اردو")
    page = client.visit("/languages/urd_Arab")
    assert '<h1><bdi lang="ur-Arab" dir="rtl">اردو</bdi> <span class="quiet">Urdu</span></h1>' in page.source
    assert "Arabic script, from right to left" in page.text


def counts(page: str) -> dict[str, str]:
    """Return the rows of the tables of what waits."""
    return dict(re.findall(r'<th scope="row">([^<]+)</th><td class="count">([^<]+)</td>', page))


def test_what_waits_is_counted(client: Visitor, session: Session) -> None:
    yoruba, igbo = a_language(session, "yor_Latn"), a_language(session, "ibo_Latn")
    project = a_project(session, yoruba, igbo)
    for _ in range(3):
        a_prompt(session, project, yoruba)
    a_prompt(session, project, yoruba, completion="Ẹ kú àárọ̀")
    a_prompt(session, project, yoruba, state="paused")
    a_prompt(session, project, igbo)
    assert counts(client.visit("/languages/yor_Latn").source) == {
        "to answer": "3", "to improve": "1", "to write yourself": "always",
    }  # fmt: skip
    assert counts(client.visit("/languages/ibo_Latn").source)["to answer"] == "1"


def test_work_that_a_project_does_not_ask_for_is_not_shown(client: Visitor, session: Session) -> None:
    yoruba = a_language(session, "yor_Latn")
    a_prompt(session, a_project(session, yoruba, mix={"answer": 1}), yoruba)
    assert counts(client.visit("/languages/yor_Latn").source) == {"to answer": "1"}


def test_people_reviews_and_ambassadors(client: Visitor, session: Session) -> None:
    world = a_world(session)
    path = f"/languages/{world.language.code}"
    writer = a_contributor(session, world.language)
    before = client.visit(path)
    assert "1 person writes here" in before.text
    assert "Nothing waits for a reviewer" in before.text
    ambassador = an_ambassador(session, world.language)
    world.writes(writer)
    world.writes(a_contributor(session, world.language, preset="practice"), "Mine?", "Only mine.")
    after = client.visit(path)
    assert "3 people write here" in after.text
    assert ambassador.handle in after.text
    assert writer.handle not in after.text, "who writes is not shown, unless they are ambassadors"
    assert "text waits for a reviewer" in after.text
    assert '<p class="big">1</p>' in after.source, "practice work waits for nobody"


def a_release(session: Session, world: World, version: str, *annotations: Annotation, state: str = "published") -> None:
    """Put down a release of these annotations."""
    release = Release(
        project_id=world.project.id, version=version, state=state, frozen_at=clock.now(), frozen_by="operator",
        published_at=clock.now() if state == "published" else None, ledger_seq=0, ledger_head="0" * 64,
    )  # fmt: skip
    session.add(release)
    session.flush()
    for annotation in annotations:
        session.add(
            ReleaseRow(
                release_id=release.id,
                annotation_id=annotation.id,
                revision_id=annotation.revisions[0].id,
                lane="open",
                license="CC-BY-4.0",
                split="train",
                root_id=annotation.public_id,
                row_sha256="0" * 64,
                release_added=version,
                facts={},
            )
        )
    session.flush()


def test_the_latest_release_of_a_project_counts_its_texts_and_people(client: Visitor, session: Session) -> None:
    world = a_world(session)
    path = f"/languages/{world.language.code}"
    first, second = (a_contributor(session, world.language) for _ in range(2))
    texts = [world.writes(first, "One?"), world.writes(first, "Two?"), world.writes(second, "Three?")]
    a_release(session, world, "1.0.0", texts[0])
    assert "1 text by 1 person" in client.visit(path).text
    a_release(session, world, "1.1.0", *texts)
    a_release(session, world, "1.2.0", texts[0], state="frozen")
    page = client.visit(path).text
    assert "1.1.0" in page
    assert "3 texts by 2 people" in page
    assert "1.0.0" not in page
    assert "1.2.0" not in page
    other = a_language(session, "ibo_Latn")
    assert "No release holds a text" in client.visit(f"/languages/{other.code}").text


def offers(page: Page) -> dict[str, str | None]:
    """Return the links that stand out above everything, by their words, but for signing in."""
    bar = next(element for element in page.all("div") if element.get("class") == "cluster")
    return {link.text: link.get("href") for link in bar.all("a") if link.text != "Sign in"}


def test_what_a_person_is_offered_depends_on_who_they_are(client: Visitor, session: Session) -> None:
    yoruba = a_language(session, "yor_Latn")
    project = a_project(session, yoruba)
    path = "/languages/yor_Latn"
    start = f"/projects/{project.slug}/yor_Latn/work"
    assert offers(client.visit(path)) == {"Join": "/join?language=yor_Latn"}
    client.sign_in(a_person(session))
    assert offers(client.visit(path)) == {"Add it to your languages": "/me?q=yor_Latn"}
    client.sign_in(a_contributor(session, yoruba, preset=None))
    assert offers(client.visit(path)) == {"Start": start}
    client.sign_in(an_ambassador(session, yoruba, preset=None))
    assert offers(client.visit(path)) == {
        "Start": start, "Review": "/desk/yor_Latn", "Change its names": "/languages/yor_Latn/names",
    }  # fmt: skip
