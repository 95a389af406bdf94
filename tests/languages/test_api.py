"""Languages over HTTP."""

from sqlalchemy.orm import Session

from tests.makers import a_language
from tests.pages import Visitor
from tests.script import Script


def test_anybody_may_list_and_search_languages(client: Visitor, session: Session) -> None:
    a_language(session, "yor_Latn", english_name="Yoruba", autonym="Èdè Yorùbá")
    a_language(session, "arb_Arab", english_name="Arabic")
    script = Script(client)
    assert [one["code"] for one in script.get("/languages", status=200).json["languages"]] == ["arb_Arab", "yor_Latn"]
    found = script.get("/languages?query=yoruba", status=200).json["languages"]
    assert found == [
        {
            "code": "yor_Latn", "lang": "yo-Latn", "dir": "ltr", "name": "Èdè Yorùbá", "name_lang": "yo-Latn",
            "name_dir": "ltr", "english_name": "Yoruba", "iso639_3": "yor", "script": "Latn", "variety": None,
        }
    ]  # fmt: skip
    assert script.get("/languages?query=nonsense", status=200).json["languages"] == []
