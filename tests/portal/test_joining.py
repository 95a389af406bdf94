"""From the front door to consent: joining with and without JavaScript, and one's own page."""

import re
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator import clock
from annotator.accounts import queries as accounts
from annotator.accounts.models import Person
from annotator.app import create_app
from annotator.consent.actions import load_seed_documents
from annotator.languages import queries as languages
from annotator.languages.models import Language
from annotator.mail.models import Letter
from annotator.permissions import OPERATOR
from annotator.settings import Settings
from tests.html import Form, Page
from tests.makers import a_language, a_person
from tests.pages import Visitor

PASSWORD = "seven green bicycles"  # a test's own


@pytest.fixture(autouse=True)
def _languages(session: Session) -> None:
    a_language(session, "yor_Latn", english_name="Yoruba", autonym="Èdè Yorùbá")
    a_language(session, "urd_Arab", english_name="Urdu", autonym="اردو")
    a_language(session, "ita_Latn", english_name="Italian", autonym="italiano")
    load_seed_documents(session, OPERATOR)
    session.commit()


def add(client: Visitor, page: Page, code: str) -> Page:
    """Press the button that adds a language, as a browser without JavaScript does."""
    form = page.form("/join") if page.path == "/join" else page.form("/me", button="Save")
    return client.send(_with_button(form, "add"), add=code)


def _with_button(form: Form, name: str) -> Form:
    """Return the form with one of its buttons among its fields."""
    return Form(form.action, form.method, form.fields, form.names | {name})


def filled_in(client: Visitor) -> Page:
    """Return the join page with one language on it and everything typed."""
    found = client.visit("/join?q=yoruba")
    return add(client, found, "yor_Latn")


def letters_link(session: Session) -> str:
    letter = session.scalars(select(Letter).order_by(Letter.id.desc())).first()
    assert letter
    found = re.search(r"http://\S+", letter.body)
    assert found
    parts = urlsplit(found[0])
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def test_joining_without_javascript_ends_at_consent(client: Visitor, session: Session) -> None:
    found = client.visit("/join?q=yor%C3%B9ba")
    offered = [button.get("value") for button in found.all("button", name="add")]
    assert offered == ["yor_Latn"]
    page = client.send(
        _with_button(found.form("/join"), "add"),
        add="yor_Latn",
        email="ade@example.org",
        handle="Àdé",
        password=PASSWORD,
    )
    assert page.one("input", id="email").get("value") == "ade@example.org", "adding a language keeps what was typed"
    assert page.one("input", id="password").get("value") == PASSWORD
    page = client.send(page.form("/join"), status=422)
    assert "Say how well you know this language." in page.text
    page = client.send(
        page.form("/join"), {"level-yor_Latn": "native", "reviews-yor_Latn": "1", "variety-yor_Latn": "Èkìtì"}
    )
    assert "a letter is on its way to ade@example.org" in page.text

    welcome = client.visit(letters_link(session))
    arrived = client.send(welcome.form(button="Go on"))
    assert arrived.path == "/consent/first"
    person = accounts.by_email(session, "ade@example.org")
    assert person
    assert (person.handle, person.email_confirmed_at is not None) == ("àdé", True)
    assert person.password_hash is not None, "the letter was read in the browser that joined"
    (spoken,) = languages.spoken_by(session, person.id)
    assert (spoken.language.code, spoken.reads, spoken.writes, spoken.reviews) == ("yor_Latn", True, True, True)
    assert (spoken.level, spoken.variety) == ("native", "Èkìtì")


def test_a_letter_read_elsewhere_drops_the_password(client: Visitor, session: Session) -> None:
    page = filled_in(client)
    client.send(
        page.form("/join"), {"level-yor_Latn": "native"}, email="ade@example.org", handle="ade", password=PASSWORD
    )
    elsewhere = client.application.test_client()
    assert isinstance(elsewhere, Visitor)
    elsewhere.session_of_the_test = session
    arrived = elsewhere.send(elsewhere.visit(letters_link(session)).form(button="Go on"))
    assert "the password typed there does not count" in arrived.text
    person = accounts.by_email(session, "ade@example.org")
    assert person
    assert person.password_hash is None


def test_whether_an_address_has_an_account_does_not_show(client: Visitor, session: Session) -> None:
    a_person(session, email="ade@example.org", handle="ade", email_confirmed_at=clock.now())
    answers = []
    for email, handle in (("ade@example.org", "someone_new"), ("new@example.org", "another_new")):
        browser = client.application.test_client()
        assert isinstance(browser, Visitor)
        browser.session_of_the_test = session
        page = browser.send(filled_in(browser).form("/join"), {"level-yor_Latn": "native"}, email=email, handle=handle)
        with browser.session_transaction() as cookie:
            keys = {name: len(str(value)) for name, value in cookie.items()}
        answers.append((page.source.replace(email, ""), keys))
    assert answers[0] == answers[1]
    bodies = {letter.address: letter.body for letter in session.scalars(select(Letter))}
    assert "has an account already" in bodies["ade@example.org"]
    assert "confirm your address" in bodies["new@example.org"]
    assert accounts.by_handle(session, "someone_new") is None
    assert languages.spoken_by(session, accounts.by_handle(session, "ade").id) == []  # type: ignore[union-attr]  # made above


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"email": "not an address"}, "is not an e-mail address"),
        ({"handle": "x"}, "cannot be a handle"),
        ({"handle": "Taken"}, "Somebody else is called taken here"),
        ({"password": "short"}, "at least 10 characters"),
        ({"email": ""}, "Type your e-mail address"),
    ],
)
def test_a_slip_keeps_everything_else(
    client: Visitor, session: Session, changes: dict[str, str], sentence: str
) -> None:
    a_person(session, handle="taken")
    typed = {"email": "ade@example.org", "handle": "ade", "password": PASSWORD, "level-yor_Latn": "good", **changes}
    page = client.send(filled_in(client).form("/join"), typed, status=422)
    assert sentence in page.text
    for name, value in typed.items():
        if not name.startswith("level"):
            assert page.one("input", name=name).get("value") == value
    assert page.one("option", selected="", value="good")


def test_nobody_joins_without_a_language(client: Visitor) -> None:
    page = client.send(client.visit("/join").form("/join"), status=422, email="a@example.org", handle="ade")
    assert "Choose at least one language" in page.text


@pytest.mark.parametrize("missing", ["controller_name", "controller_contact", "controller_jurisdiction"])
def test_sign_up_is_closed_until_somebody_answers_for_the_data(
    settings: Settings, session: Session, missing: str
) -> None:
    app = create_app(settings.model_copy(update={missing: ""}))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    sent = {"email": "a@example.org", "handle": "ade", "language": "yor_Latn", "level-yor_Latn": "native"}
    for answer in (app.test_client().get("/join"), app.test_client().post("/join", data=sent)):
        assert "Nobody can join yet" in answer.text
        assert "ANNOTATOR_CONTROLLER_NAME" in answer.text
    assert session.scalars(select(Person)).all() == []


def test_languages_are_offered_in_any_of_their_names(client: Visitor) -> None:
    for query, code in (("urdu", "urd_Arab"), ("اردو", "urd_Arab"), ("ita", "ita_Latn"), ("ede yoruba", "yor_Latn")):
        part = Page(client.get("/join/languages", query_string={"q": query}).text)
        assert [button.get("value") for button in part.all("button")] == [code], query
    assert "None found" in client.get("/join/languages?q=zzzz").text


def test_what_is_chosen_is_not_offered_again(client: Visitor) -> None:
    part = client.get("/join/languages?q=yoruba&language=yor_Latn").text
    assert "yor_Latn" not in part


def test_the_browsers_languages_are_offered_first(client: Visitor) -> None:
    page = client.visit("/join", headers={"Accept-Language": "it-IT,it;q=0.9,ur;q=0.5"})
    assert [button.get("value") for button in page.all("button", name="add")] == ["ita_Latn", "urd_Arab"]


def test_a_language_is_taken_off_again(client: Visitor) -> None:
    page = add(client, filled_in(client), "urd_Arab")
    codes = [field.get("value") for field in page.all("input", name="language")]
    assert codes == ["yor_Latn", "urd_Arab"]
    page = client.send(_with_button(page.form("/join"), "remove"), remove="yor_Latn")
    assert [field.get("value") for field in page.all("input", name="language")] == ["urd_Arab"]


def test_unknown_and_repeated_languages_are_left_out(client: Visitor) -> None:
    page = client.visit("/join?language=xxx_Latn&language=yor_Latn&language=yor_Latn")
    assert [field.get("value") for field in page.all("input", name="language")] == ["yor_Latn"]
    assert client.get("/join/languages/xxx_Latn").status_code == 404  # not found


def test_ones_own_page_changes_handle_and_languages(client: Visitor, session: Session) -> None:
    person = a_person(session, handle="ade")
    client.sign_in(person)
    page = add(client, client.visit("/me"), "yor_Latn")
    page = client.send(page.form("/me", button="Save"), {"level-yor_Latn": "native"}, handle="Adé_W")
    assert "Your page is saved." in page.text
    assert page.one("input", id="handle").get("value") == "adé_w"
    page = add(client, page, "urd_Arab")
    page = client.send(_with_button(page.form("/me", button="Save"), "remove"), remove="yor_Latn")
    client.send(page.form("/me", button="Save"), {"level-urd_Arab": "good", "writes-urd_Arab": None})
    (spoken,) = languages.spoken_by(session, person.id)
    assert (spoken.language.code, spoken.reads, spoken.writes) == ("urd_Arab", True, False)


def test_home_shows_only_what_is_there(client: Visitor, session: Session) -> None:
    page = client.visit("/")
    assert page.link("Join") == "/join"
    headings = [heading.text for heading in page.all("h2")]
    assert "Projects" not in headings
    assert "Latest releases" not in headings
    assert session.scalars(select(Language)).first() is not None
