"""Projects over HTTP."""

from sqlalchemy.orm import Session

from tests.pages import Visitor
from tests.script import Script
from tests.stories import a_language, a_project


def test_anybody_may_see_projects(client: Visitor, session: Session) -> None:
    yoruba, arabic = a_language(session), a_language(session, "arb_Arab", "Arabic")
    open_one = a_project(session, yoruba, arabic, title="River", mix={"answer": 2, "original": 0})
    paused = a_project(session, yoruba, title="Forest")
    paused.state = "paused"
    script = Script(client)
    listed = script.get("/projects", status=200).json["projects"]
    assert [one["slug"] for one in listed] == [open_one.slug, paused.slug]
    shown = script.get(f"/projects/{open_one.slug}", status=200).json
    assert shown == listed[0]
    assert (shown["kinds"], shown["state"], shown["overlap"]) == (["answer"], "open", 1)
    assert shown["languages"][0] == {"code": "arb_Arab", "lang": "ar-Arab", "dir": "rtl"}
    assert "key" not in shown


def test_a_project_that_is_not_there(client: Visitor) -> None:
    assert Script(client).get("/projects/nowhere", status=404).json["code"] == "project_unknown"
