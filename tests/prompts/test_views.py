"""A maintainer's pages of the pool."""

import io
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.projects.models import Project
from annotator.prompts import importing, queries
from annotator.prompts.models import Prompt, Template
from annotator.web import pages
from tests.html import Page
from tests.makers import a_language, a_maintainer, a_person, a_project
from tests.pages import Visitor

PATH = "/projects/river/prompts/import"


@pytest.fixture
def project(session: Session, client: Visitor) -> Project:
    """A project, and its maintainer signed in."""
    a_language(session, "eng_Latn", english_name="English")
    client.sign_in(a_maintainer(session))
    return a_project(
        session, a_language(session, autonym="Èdè Yorùbá", english_name="Yoruba"), slug="river", title="River"
    )


def upload(client: Visitor, data: str | bytes, name: str = "a.jsonl", *, status: int = 200, **fields: Any) -> Page:  # noqa: ANN401  # form fields
    """Fill in the form as a browser does, send it, and return the page that comes."""
    form = client.visit(PATH).form(PATH)
    typed = {"source": "Ours", "license": "CC0-1.0", "language": "yor_Latn", **fields}
    check = typed.pop("check", None)
    sent: dict[str, Any] = form.filled({name: value for name, value in typed.items() if value is not None})
    sent["file"] = (io.BytesIO(data.encode() if isinstance(data, str) else data), name)
    if check:
        sent["check"] = "yes"
    response = client.post(PATH, data=sent, content_type="multipart/form-data", follow_redirects=True, token=False)
    assert response.status_code == status, response.text
    return Page(response.text, response.status_code, response.request.path)


def prompts(session: Session) -> list[Prompt]:
    return list(session.scalars(select(Prompt).order_by(Prompt.id)))


def test_a_file_is_checked_then_imported(client: Visitor, session: Session, project: Project) -> None:
    data = '{"prompt": "One"}\n{"prompt": "One "}\n{"prompt": "ONE"}\n'
    page = upload(client, data, check=True)
    assert "This would fit; nothing has been changed" in page
    assert "a.jsonl, line 2: The same texts are there already." in page
    assert "a.jsonl, line 3: Differs from another prompt only in case" in page
    assert page.one("input", name="source").get("value") == "Ours"
    assert prompts(session) == []
    page = upload(client, data)
    assert "2 prompts are in the pool now. 1 was there already." in page
    assert page.path == "/projects/river/prompts/"
    assert "Ours" in page
    assert len(prompts(session)) == 2
    assert project.title in page.h1


def test_bad_rows_are_listed_by_line_and_nothing_comes_in(client: Visitor, session: Session, project: Project) -> None:
    data = "prompt,id\nOne,1\n,2\nThree,3,x\n"
    page = upload(client, data, "a.csv", status=422)
    assert "Nothing was imported" in page
    assert "a.csv, line 3: The instruction is missing or empty." in page
    assert "a.csv, line 4: The row has 3 cells where the header has 2." in page
    assert prompts(session) == []
    page = upload(client, data, "a.csv", skip_bad="y")
    assert "1 prompt is in the pool now. 2 rows were left out." in page
    assert [prompt.instruction for prompt in prompts(session)] == ["One"]
    assert project.slug == "river"


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("file", "fields", "sentence"),
    [
        ((b"\xff\xfe\x00", "a.jsonl"), {}, "the text is UTF-16. Save the file as UTF-8."),
        (("", "a.jsonl"), {}, "a.jsonl has no rows"),
        (("x", "C:\\texts\\a.doc"), {}, "a.doc: what it is cannot be told"),
        (("One.", "a.txt"), {}, "holds bare sentences"),
        (('{"prompt": "One"}', "a.jsonl"), {"license": "CC-BY"}, "no licence we know"),
        (('{"prompt": "One"}', "a.jsonl"), {"mapping": "completion"}, "is not FIELD=COLUMN"),
        (('{"prompt": "One"}', "a.jsonl"), {"source": ""}, "Say where the texts come from"),
        (("One.", "a.txt"), {"template": "translate-from-english"}, "say which language the sentences are in"),
    ],
)
def test_a_refusal_keeps_what_was_typed(
    client: Visitor, session: Session, file: tuple[str | bytes, str], fields: dict[str, str], sentence: str
) -> None:
    page = upload(client, *file, status=422, **{"instruction_language": "eng_Latn", **fields})
    assert sentence in page
    assert [one.get("value") for one in page.all("option") if one.get("selected") is not None][-2] == "eng_Latn"
    assert prompts(session) == []


@pytest.mark.usefixtures("project")
def test_a_template_of_ours_makes_prompts_of_sentences(client: Visitor, session: Session) -> None:
    upload(client, "It rained.\nIt snowed.\n", "a.txt", template="translate-from-english", input_language="eng_Latn")
    found = prompts(session)
    assert [(prompt.input, prompt.answer_link) for prompt in found] == [
        ("It rained.", "translation"), ("It snowed.", "translation"),
    ]  # fmt: skip
    page = client.visit("/projects/river/prompts/")
    assert session.scalars(select(Template.name).where(Template.name == "translate-from-english")).one() in page


@pytest.mark.usefixtures("project")
def test_an_upload_needs_the_form_s_own_token_and_a_maintainer(client: Visitor, session: Session) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = True
    data = {"source": "Ours", "license": "CC0-1.0", "language": "yor_Latn"}
    refused = client.post(
        PATH,
        data={**data, "file": (io.BytesIO(b'{"prompt": "One"}'), "a.jsonl")},
        content_type="multipart/form-data",
        token=False,
    )
    assert refused.status_code == 422
    assert prompts(session) == []
    client.sign_in(a_person(session))
    assert client.get(PATH).status_code == 403


@pytest.mark.usefixtures("project")
def test_a_file_may_be_larger_than_other_forms_up_to_a_limit_of_its_own(
    client: Visitor, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.application.config["MAX_CONTENT_LENGTH"] = 1_000
    rows = "".join(f'{{"prompt": "Number {number}"}}\n' for number in range(200))
    upload(client, rows)
    assert len(prompts(session)) == 200
    monkeypatch.setattr("annotator.prompts.views.MOST_BYTES", 2_000)
    sent = {"file": (io.BytesIO(rows.encode()), "a.jsonl")}
    assert client.post(PATH, data=sent, content_type="multipart/form-data").status_code == 413


def test_an_upload_that_was_interrupted_is_shown_taken_up_and_given_up(
    client: Visitor, session: Session, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "PART_ROWS", 2)
    data = "".join(f'{{"prompt": "Number {number}"}}\n' for number in range(5))

    def breaks_off(left: Iterator[int]) -> None:
        if next(left, None) is None:
            message = "the machine stops"
            raise RuntimeError(message)
        pages.commit()

    def interrupted(source: str) -> None:
        with monkeypatch.context() as patch:
            patch.setattr("annotator.prompts.views.commit", partial(breaks_off, iter(range(2))))
            with pytest.raises(RuntimeError):
                upload(client, data, source=source)

    interrupted("Ours")
    page = client.visit("/projects/river/prompts/")
    assert "Nobody sees their rows yet." in page
    assert "2 rows are in" in page
    assert "a.jsonl" in page
    assert "coming in" in page
    assert prompts(session) == []
    page = upload(client, data)
    assert "5 prompts are in the pool now. The import went on where it was interrupted: 2 rows were in." in page
    assert len(prompts(session)) == 5
    assert "Nobody sees their rows yet." not in page

    interrupted("Theirs")
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
        page = client.visit("/projects/river/prompts/")
        assert "stopped" in page
        batch = queries.unfinished(session, project)[0]
        page = client.send(page.form(f"/projects/river/prompts/imports/{batch.id}/give-up"))
        assert "Given up." in page
        assert "Nobody sees their rows yet." not in page
        assert client.post(f"/projects/river/prompts/imports/{batch.id}/give-up").status_code == 303
        assert "there is nothing left to give up" in client.visit("/projects/river/prompts/")
        assert client.post("/projects/river/prompts/imports/99/give-up").status_code == 404
    client.sign_in(a_person(session))
    assert client.post(f"/projects/river/prompts/imports/{batch.id}/give-up").status_code == 403


def test_the_overlap_is_raised_and_not_lowered(client: Visitor, session: Session, project: Project) -> None:
    upload(client, '{"prompt": "One"}')
    page = client.visit("/projects/river/prompts/")
    page = client.send(page.form("/projects/river/prompts/overlap"), overlap="3")
    assert "Saved." in page
    assert (project.overlap, prompts(session)[0].free_places) == (3, 3)
    page = client.send(page.form("/projects/river/prompts/overlap"), status=422, overlap="2")
    assert "Choose more, not fewer" in page
    page = client.send(page.form("/projects/river/prompts/overlap"), status=422, overlap="")
    assert project.overlap == 3
