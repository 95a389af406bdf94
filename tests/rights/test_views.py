"""The pages that take texts back."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotator.mail.models import Letter
from annotator.rights.models import Withdrawal
from tests.pages import Visitor
from tests.stories import World, a_contributor, a_world, an_ambassador


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session, reannotate_contributions=True)


def test_one_text(client: Visitor, world: World) -> None:
    author, other = (a_contributor(world.session, world.language) for _ in range(2))
    annotation = world.writes(author)
    world.decides(an_ambassador(world.session, world.language), annotation)
    world.submits(other, world.claims(other), completion="Better.", rating_prompt=3, rating_completion=3)
    client.sign_in(author)
    assert "/rights/withdraw?annotation=" in client.visit(f"/mine/{annotation.public_id}").source
    page = client.visit(f"/rights/withdraw?annotation={annotation.public_id}").source
    assert "stay out of the next release with it: 1." in page
    sent = client.post(f"/rights/withdraw?annotation={annotation.public_id}")
    assert sent.status_code == 303
    assert annotation.state == "withdrawn"
    assert "taken back" in client.visit("/mine/").source
    client.visit("/rights/")
    letter = world.session.scalars(select(Letter).where(Letter.person_id == author.id)).one()
    assert world.session.scalars(select(Withdrawal.public_id)).one() in letter.body


def test_a_language_and_everything(client: Visitor, world: World) -> None:
    author = a_contributor(world.session, world.language)
    annotation = world.writes(author)
    client.sign_in(author)
    assert "language=yor_Latn" in client.visit("/rights/").source
    client.visit("/rights/withdraw?language=yor_Latn")
    client.visit("/rights/withdraw")
    assert client.post("/rights/withdraw").status_code == 303
    assert annotation.state == "withdrawn"
    assert "nothing left to take back" in client.visit("/rights/withdraw").source


def test_anothers_text_is_not_there(client: Visitor, world: World) -> None:
    annotation = world.writes(a_contributor(world.session, world.language))
    client.sign_in(a_contributor(world.session, world.language))
    path = f"/rights/withdraw?annotation={annotation.public_id}"
    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404
    assert annotation.state == "in_review"


def test_looking_changes_nothing(client: Visitor, world: World) -> None:
    author = a_contributor(world.session, world.language)
    annotation = world.writes(author)
    client.sign_in(author)
    client.visit(f"/rights/withdraw?annotation={annotation.public_id}")
    assert annotation.state == "in_review"
